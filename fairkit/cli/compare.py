"""Compare two runs: each slice's rate and gap before and after, what it cost, what got worse.

Thresholds are compared unchanged and at equal overall rates; intervals are paired where the examples are the same.
"""

from fairkit.cli.arguments import slice_named

EXAMPLE = """example:
  fairkit compare runs/before runs/after --metric false_positive_rate --reference color=blue -o runs/compared"""


def add_arguments(parser):
    parser.add_argument("before", metavar="BEFORE", help="a run folder")
    parser.add_argument("after", metavar="AFTER", help="a run folder")
    parser.add_argument("--metric", default="false_positive_rate", metavar="RATE", help="default: false_positive_rate")
    parser.add_argument("--reference", nargs="+", metavar="COLUMN=V",
                        help="the slice that gaps are taken against (default: overall)")
    parser.add_argument("-o", "--output", metavar="FOLDER",
                        help="write report.html, comparison.csv and got_worse.csv there")


def run(arguments):
    from fairkit.cli.run_folder import load_run, run_output
    from fairkit.evaluation import compare
    from fairkit.view.comparison_text import most_slices

    folder = run_output(arguments.output, arguments.before, arguments.after)
    runs = [load_run(path) for path in (arguments.before, arguments.after)]
    comparison = compare(*(evaluation for _, evaluation in runs), metric=arguments.metric,
                         reference=slice_named(arguments.reference, "--reference"))
    if folder is not None:
        write_comparison(comparison, folder, arguments, [about for about, _ in runs])
    print(comparison)
    if folder is None and len(comparison.before.keys) - 1 > most_slices(comparison):
        print("all slices, in comparison.csv and report.html: -o FOLDER")
    if folder is not None:
        print(f"written to {folder}")


def write_comparison(comparison, folder, arguments, abouts):
    """Writes run.json, report.html, comparison.csv and got_worse.csv, all or nothing."""
    from fairkit.cli.report import names_of
    from fairkit.cli.run_folder import REPORT
    from fairkit.folders import new_folder
    from fairkit.formats.result_csv import save_csv
    from fairkit.view import make_report

    about = {"command": "compare", "asked": {
        "before": arguments.before, "after": arguments.after, "metric": comparison.metric,
        "reference": comparison.reference}, "warnings": comparison.warnings}
    with new_folder(folder, about) as new:
        make_report(comparison, names=names_of([arguments.before, arguments.after]), about=abouts).save(new / REPORT)
        for name, frame in (("comparison", comparison.frame), ("got_worse", comparison.got_worse)):
            save_csv(frame, new / f"{name}.csv")
