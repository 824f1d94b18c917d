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
    from fairkit.cli.run_folder import check_output, load_run
    from fairkit.evaluation import compare
    from fairkit.view.comparison_text import most_slices

    folder = None if arguments.output is None else check_output(arguments.output)
    runs = [load_run(path) for path in (arguments.before, arguments.after)]
    comparison = compare(*(evaluation for _, evaluation in runs), metric=arguments.metric,
                         reference=slice_named(arguments.reference, "--reference"))
    print(comparison)
    if folder is None and len(comparison.before.keys) - 1 > most_slices(comparison):
        print("all slices, in comparison.csv and report.html: -o FOLDER")
    if folder is not None:
        write_comparison(comparison, folder, arguments, [about for about, _ in runs])
        print(f"written to {folder}")


def write_comparison(comparison, folder, arguments, abouts):
    """Writes run.json, report.html, comparison.csv and got_worse.csv, all or nothing."""
    import json

    from fairkit.cli.report import names_of
    from fairkit.cli.run_folder import REPORT, RUN
    from fairkit.storage import FORMAT, new_file, new_folder
    from fairkit.view import make_report

    with new_folder(folder) as new:
        make_report(comparison, names=names_of([arguments.before, arguments.after]), about=abouts).save(new / REPORT)
        for name, frame in (("comparison", comparison.frame), ("got_worse", comparison.got_worse)):
            with new_file(new / f"{name}.csv") as path:
                frame.to_csv(path, index=False)
        with new_file(new / RUN) as path:
            path.write_text(json.dumps({"format": FORMAT, "command": "compare", "asked": {
                "before": arguments.before, "after": arguments.after, "metric": comparison.metric,
                "reference": comparison.reference}, "warnings": comparison.warnings}, indent=2) + "\n")
