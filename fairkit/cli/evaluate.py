"""Measure a model, a run or a column of scores by group.

A run is evaluated again from its stored predictions, without the model.
"""

from pathlib import Path

from fairkit.cli.arguments import add_evaluation_arguments, numbers, slices_of, stored_slices
from fairkit.cli.data import add_data_arguments, default_slices, description_of, load_data
from fairkit.cli.train import DEFAULT_THRESHOLDS
from fairkit.errors import FairkitError

EXAMPLE = """example:
  fairkit evaluate runs/before --thresholds 0.3 0.5 -o runs/at_other_thresholds
  fairkit evaluate model.keras --data posts.csv --inputs text --label toxic --groups religion -o runs/mine
  fairkit evaluate --data scored.csv --scores score --label toxic --groups religion gender -o runs/scores"""


def add_arguments(parser):
    parser.add_argument("what", nargs="?", metavar="RUN or MODEL",
                        help="a run folder, a .keras file or a SavedModel folder; nothing with --scores")
    add_data_arguments(parser, required=False)
    parser.add_argument("--scores", metavar="COLUMN or FILE",
                        help="in place of a model: CSV: the column of scores; or a .npy file of an array of scores")
    parser.add_argument("--from-logits", action="store_true", help="the outputs are logits")
    parser.add_argument("--engine", choices=("counts", "tfma"), default="counts",
                        help="count in process, or run TensorFlow Model Analysis")
    add_evaluation_arguments(parser)
    parser.add_argument("-o", "--output", metavar="RUN", help="the run folder to write")


def run(arguments):
    from fairkit.cli.run_folder import check_output, write_run
    from fairkit.evaluation import evaluate
    from fairkit.view.text import evaluation_text

    folder = None if arguments.output is None else check_output(arguments.output)
    predictions, description, asked, model, mark = _predictions(arguments)
    slices = slices_of(arguments.slices) if arguments.slices else asked.get("slices") or \
        default_slices(description, predictions)
    thresholds = numbers(arguments.thresholds or asked.get("thresholds") or DEFAULT_THRESHOLDS, "a threshold")
    classes = arguments.classes or asked.get("classes")
    evaluation = evaluate(predictions, slices=stored_slices(slices), thresholds=thresholds, classes=classes,
                          engine=arguments.engine)
    print(evaluation_text(evaluation))
    if folder is not None:
        write_run(folder, "evaluate", {"what": arguments.what, "scores": arguments.scores, "slices": slices,
                                       "thresholds": thresholds, "classes": classes, "engine": arguments.engine},
                  evaluation, model, data=description, fingerprint=mark,
                  result={"accuracy": evaluation.value("accuracy"), "examples": len(predictions)})
        print(f"written to {folder}")


def _predictions(arguments):
    """(predictions, description of the data, what an older run asked, the model if it is one, fingerprint)."""
    from fairkit.cli.run_folder import RUN, fingerprint, load_run
    from fairkit.models import load
    from fairkit.predictions import predict

    what = arguments.what
    if what is not None and (Path(what) / RUN).is_file():
        if arguments.data is not None:
            raise FairkitError("a run is evaluated on its own test split", "a run without --data, or its model.keras",
                               f"{what} --data {arguments.data}")
        about, evaluation = load_run(what)
        if evaluation.predictions is None:
            raise FairkitError("this run has no predictions", "predictions.parquet in its folder", what)
        return evaluation.predictions, about["data"], about["asked"], None, about["fingerprint"]
    if arguments.data is None:
        raise FairkitError("there is nothing to evaluate on", "a run folder, or --data", what)
    if (what is None) == (arguments.scores is None):
        raise FairkitError("there is not one thing to evaluate", "either a model or --scores COLUMN",
                           f"model {what!r} and --scores {arguments.scores!r}")
    description = description_of(arguments)
    in_a_file = arguments.scores is not None and arguments.scores.endswith(".npy")
    if arguments.scores is not None and not in_a_file:
        description["inputs"] = arguments.scores
    _, examples = load_data(description, split=False)
    if arguments.scores is not None:
        model = _array(arguments.scores) if in_a_file else \
            numbers(examples.inputs, f"a cell of the column {arguments.scores!r}")
    else:
        model = load(what)
    kept = model if hasattr(model, "get_config") else None
    return predict(model, examples, from_logits=arguments.from_logits), description, {}, kept, fingerprint(examples)


def _array(path):
    import numpy as np

    if not Path(path).is_file():
        raise FairkitError("there is no file of scores", "the path of a .npy file", path)
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, OSError):
        raise FairkitError("the file of scores cannot be read", "a .npy file of an array of numbers", path) from None
