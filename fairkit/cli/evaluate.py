"""Measure a model, a run or a column of scores by group.

A run is evaluated again from its stored predictions, without the model. Scores in Parquet or TFRecord files are read in
chunks, however many there are.
"""

from fairkit.cli.arguments import (
    add_evaluation_arguments,
    add_output_argument,
    add_trust_argument,
    check_cuts,
    cut_slices,
    cuts_of,
    numbers,
    slices_of,
)
from fairkit.cli.data import add_data_arguments
from fairkit.cli.train import DEFAULT_THRESHOLDS
from fairkit.errors import FairkitError

EXAMPLE = """example:
  fairkit evaluate runs/before --thresholds 0.3 0.5 -o runs/at_other_thresholds
  fairkit evaluate runs/before --slices religion gender,religion=muslim age --bins age=18,65
  fairkit evaluate model.keras --data posts.csv --inputs text --label toxic --groups religion -o runs/mine
  fairkit evaluate --data scored.csv --scores score --label toxic --groups religion gender -o runs/scores
  fairkit evaluate --data 'scored/*.parquet' --scores score --label toxic --groups religion --slices religion
  fairkit evaluate model.keras --data posts.tfrecord --label toxic --slices religion --engine tfma"""


def add_arguments(parser):
    parser.add_argument("what", nargs="?", metavar="RUN or MODEL",
                        help="a run folder, a .keras file or a SavedModel folder; nothing with scores")
    add_data_arguments(parser, required=False)
    parser.add_argument("--scores", metavar="COLUMN or FILE",
                        help="in place of a model: the column of scores; or a .npy file of an array of scores")
    parser.add_argument("--from-logits", action="store_true", help="the outputs are logits")
    add_output_argument(parser)
    add_evaluation_arguments(parser)
    group = parser.add_argument_group("more on the evaluation")
    group.add_argument("--bins", nargs="+", metavar="F=E[,E]", help="cut a numeric feature at these numbers, age=18,65")
    group.add_argument("--quantiles", nargs="+", metavar="F=N", help="cut a numeric feature into N equal parts, age=4")
    group.add_argument("--min-examples", type=int, default=30, metavar="N",
                       help="mark rates with fewer examples in the denominator (default: 30)")
    group.add_argument("--metrics", nargs="+", metavar="M", help="show these only; with --engine tfma also TFMA's own")
    group.add_argument("--config", metavar="FILE",
                       help="a TFMA EvalConfig (text or JSON) in place of slices, thresholds, classes and metrics")
    group = parser.add_argument_group("TensorFlow Model Analysis")
    group.add_argument("--engine", choices=("counts", "tfma"), default="counts",
                       help="count in process, or run TensorFlow Model Analysis on Apache Beam")
    group.add_argument("--beam", action="append", metavar="OPTION",
                       help="a Beam pipeline option, as --beam=--direct_num_workers=2; may be given several times")
    group.add_argument("--intervals", choices=("jackknife", "poisson_bootstrap"), help="TFMA's intervals")
    add_trust_argument(parser)
    parser.add_argument("-o", "--output", metavar="RUN", help="the run folder to write")


def run(arguments):
    from fairkit.cli.evaluated import evaluated_things
    from fairkit.cli.run_folder import run_output, write_run
    from fairkit.evaluation import TfmaEvaluation, evaluate
    from fairkit.view.text import evaluation_text, frame_text
    from fairkit.view.validation_text import config_lines

    folder = run_output(arguments.output, arguments.what, arguments.data, arguments.scores, arguments.config)
    things = evaluated_things(arguments)
    asked = _asked(arguments, things)
    evaluation = evaluate(things.what, things.examples, engine=arguments.engine, beam=arguments.beam,
                          intervals=arguments.intervals, **things.columns, **asked.options)
    of_tfma = isinstance(evaluation, TfmaEvaluation)
    if folder is not None:
        plain = {"what": arguments.what, "data": arguments.data, "scores": arguments.scores, "engine": arguments.engine,
                 **asked.plain}
        result = {} if of_tfma else {"accuracy": _accuracy(evaluation), "examples": evaluation.examples}
        write_run(folder, "evaluate", plain, evaluation, things.model, data=things.description,
                  fingerprint=things.fingerprint, result=result)
    print("\n".join([frame_text(evaluation.frame), *config_lines(evaluation)]) if of_tfma else
          evaluation_text(evaluation))
    if folder is not None:
        print(f"written to {folder}")


class _Asked:
    """What to evaluate at: `options` for `evaluate`, and `plain` values for run.json."""

    def __init__(self, options, plain):
        self.options, self.plain = options, plain


def _asked(arguments, things):
    if arguments.config is not None:
        for name in ("slices", "thresholds", "classes", "metrics", "bins", "quantiles"):
            if getattr(arguments, name) is not None:
                raise FairkitError(f"--{name} is given beside --config", "one of the two",
                                   f"--config {arguments.config}")
        return _Asked({"config": arguments.config, "min_examples": arguments.min_examples},
                      {"config": arguments.config})
    before = things.asked
    slices = slices_of(arguments.slices) if arguments.slices else before.get("slices") or things.default_slices()
    cuts = cuts_of(arguments.bins, arguments.quantiles)
    check_cuts(cuts, slices)
    cuts = cuts or before.get("cuts", {})
    thresholds = numbers(arguments.thresholds or before.get("thresholds") or DEFAULT_THRESHOLDS, "a threshold")
    classes = arguments.classes or before.get("classes")
    return _Asked({"slices": cut_slices(slices, cuts), "thresholds": thresholds, "classes": classes,
                   "metrics": arguments.metrics, "min_examples": arguments.min_examples},
                  {"slices": slices, "cuts": cuts, "thresholds": thresholds, "classes": classes})


def _accuracy(evaluation):
    shown = evaluation.frame["metric"] == "accuracy"
    return float(evaluation.frame.loc[shown, "value"].iloc[0]) if shown.any() else None
