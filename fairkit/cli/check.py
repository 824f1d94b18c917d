"""Check that all gaps of a run are below a limit, for use in a build.

A gap passes where its whole 95 % interval is below the limit, and fails where all of it is above.
Exit status: 0 pass, 1 fail, 3 not enough data, 2 bad input, 4 anything unexpected.
"""

from fairkit.cli.arguments import condition, numbers
from fairkit.errors import FairkitError, quote

EXAMPLE = """example:
  fairkit check runs/after --max-gap false_positive_rate=0.02 --reference color=blue
  fairkit check runs/after --max-gap false_positive_rate=0.05 --max-gap recall=0.1 --threshold 0.5 --classes 8"""

STATUS = {"pass": 0, "fail": 1, "not enough data": 3}


def add_arguments(parser):
    parser.add_argument("run", metavar="RUN", help="a run folder")
    parser.add_argument("--max-gap", action="append", required=True, metavar="RATE=GAP",
                        help="the largest gap accepted of a rate; may be given several times")
    parser.add_argument("--reference", nargs="+", metavar="COLUMN=V",
                        help="the slice that gaps are taken against (default: overall)")
    parser.add_argument("--threshold", metavar="T", help="one of the run's thresholds (default: all of them)")
    parser.add_argument("--classes", nargs="+", type=int, metavar="C", help="class ids (default: all of the run's)")


def run(arguments):
    """Prints the outcome and returns the exit status."""
    from fairkit.evaluation import load_evaluation
    from fairkit.evaluation.checking import check

    threshold = None if arguments.threshold is None else numbers([arguments.threshold], "the threshold")[0]
    found = check(load_evaluation(arguments.run), limits_of(arguments.max_gap),
                  reference=condition(arguments.reference, "--reference"), threshold=threshold,
                  class_id=arguments.classes)
    print(found)
    return STATUS[found.verdict]


def limits_of(texts):
    """["false_positive_rate=0.02"] as {"false_positive_rate": 0.02}."""
    limits = {}
    for text in texts:
        metric, equals, limit = (part.strip() for part in text.partition("="))
        if not equals or not metric or not limit:
            raise FairkitError("--max-gap is not given by a rate and a gap", "such as false_positive_rate=0.02",
                               quote(text))
        if metric in limits:
            raise FairkitError(f"--max-gap names {quote(metric)} twice", "each rate once", quote(text))
        limits[metric] = numbers([limit], f"the limit of {quote(metric)}")[0]
    return limits
