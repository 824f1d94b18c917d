"""Check that all gaps and values of a run are within their limits, for use in a build.

Judged by 95 % intervals: one passes where its whole interval is within the limit, and fails where all of it is outside.
Exit status: 0 pass, 1 fail, 3 not enough data, 2 bad input, 4 anything unexpected.
"""

from fairkit.cli.arguments import numbers, slice_named
from fairkit.errors import FairkitError, quote

EXAMPLE = """example:
  fairkit check runs/after --max-gap false_positive_rate=0.02 --reference color=blue
  fairkit check runs/after --max-gap false_positive_rate=0.05 --max-gap recall=0.1 --threshold 0.5 --classes 8
  fairkit check runs/after --min auc=0.9 --max false_positive_rate=0.05 --threshold 0.5"""

HAS_VERDICT = True   # the exit status says it, whoever reads the output
STATUS = {"pass": 0, "fail": 1, "not enough data": 3}


def add_arguments(parser):
    parser.add_argument("run", metavar="RUN", help="a run folder, or one that TFMA wrote (values only)")
    parser.add_argument("--max-gap", action="append", metavar="RATE=GAP",
                        help="the largest gap accepted of a rate; may be given several times")
    parser.add_argument("--min", action="append", metavar="METRIC=VALUE",
                        help="the least value accepted of each slice, overall included; may be given several times")
    parser.add_argument("--max", action="append", metavar="METRIC=VALUE",
                        help="the largest value accepted of each slice; may be given several times")
    parser.add_argument("--reference", nargs="+", metavar="COLUMN=V",
                        help="the slice that gaps are taken against (default: overall)")
    parser.add_argument("--threshold", metavar="T", help="one of the run's thresholds (default: all of them)")
    parser.add_argument("--classes", nargs="+", type=int, metavar="C", help="class ids (default: all of the run's)")
    parser.add_argument("--model", metavar="NAME", help="the model, of a folder that TFMA wrote of several")


def run(arguments):
    """Prints the outcome and returns the exit status."""
    from fairkit.evaluation import load_evaluation

    given = {"limits": limits_of(arguments.max_gap, "--max-gap"), "at_least": limits_of(arguments.min, "--min"),
             "at_most": limits_of(arguments.max, "--max")}
    if all(limits is None for limits in given.values()):
        raise FairkitError("there is nothing to check", "--max-gap RATE=GAP, --min METRIC=VALUE or --max METRIC=VALUE",
                           "none of them")
    reference = slice_named(arguments.reference, "--reference")
    if reference is not None and given["limits"] is None:
        raise FairkitError("--reference is given, and no gap is asked for", "--max-gap RATE=GAP, or no --reference",
                           f"--reference {' '.join(arguments.reference)}")
    threshold = None if arguments.threshold is None else numbers([arguments.threshold], "the threshold")[0]
    found = load_evaluation(arguments.run, model=arguments.model).check(
        **given, reference=reference, threshold=threshold, class_id=arguments.classes)
    print(found)
    return STATUS[found.verdict]


def limits_of(texts, option="--max-gap"):
    """["false_positive_rate=0.02"] as {"false_positive_rate": 0.02}; None as it is."""
    if texts is None:
        return None
    limits = {}
    for text in texts:
        metric, equals, limit = (part.strip() for part in text.partition("="))
        if not equals or not metric or not limit:
            kind = "a rate and a gap" if option == "--max-gap" else "a metric and a value"
            raise FairkitError(f"{option} is not given by {kind}", "such as false_positive_rate=0.02", quote(text))
        if metric in limits:
            raise FairkitError(f"{option} names {quote(metric)} twice", "each metric once", quote(text))
        limits[metric] = numbers([limit], f"the limit of {quote(metric)}")[0]
    return limits
