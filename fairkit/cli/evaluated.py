"""What `fairkit evaluate` evaluates: a run, a model, or scores in a file."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from fairkit.cli.arguments import trust
from fairkit.cli.data import default_slices, description_of, load_data
from fairkit.errors import FairkitError, quote, visible

__all__ = ["Evaluated", "evaluated_things"]

_FILES = (".parquet", ".tfrecord", ".tfrecords", ".tfrecord.gz")


@dataclass
class Evaluated:
    """What is evaluated, and what a run remembers of it.

    Attributes:
        what, examples, columns: for `fairkit.evaluate`: columns are label and weight of TFRecords,
            and the output of their model.
        description: of the data, plain values.
        asked: what an older run asked.
        model: the Keras model, where there is one to keep.
        fingerprint: of the data.
    """

    what: object
    examples: object = None
    columns: dict = field(default_factory=dict)
    description: dict = field(default_factory=dict)
    asked: dict = field(default_factory=dict)
    model: object = None
    fingerprint: dict | None = None

    def default_slices(self):
        """The group columns, each by itself, where nothing else is asked."""
        if hasattr(self.what, "files"):  # chunks in files
            return self.what.groups
        return [] if isinstance(self.examples, str) else default_slices(self.description, self.what)


def evaluated_things(arguments):
    """`Evaluated` of the command's arguments."""
    from fairkit.cli.run_folder import is_run

    if arguments.model_output is not None and (arguments.what is None or is_run(arguments.what)):
        raise FairkitError("--model-output names an output of a model", "a .keras file or SavedModel with --data",
                           f"{arguments.what or 'no model'} --model-output {arguments.model_output}")
    if arguments.what is not None and is_run(arguments.what):
        return _of_run(arguments)
    if arguments.data is None:
        raise FairkitError("there is nothing to evaluate on", "a run folder, or --data", arguments.what)
    if _is_files(arguments.data) and arguments.inputs is None:
        return _of_files(arguments)
    return _of_examples(arguments)


def _is_files(data):
    return Path(data).is_dir() or str(data).rstrip("*").endswith(_FILES)


def _of_run(arguments):
    from fairkit.cli.run_folder import load_run

    if arguments.data is not None:
        raise FairkitError("a run is evaluated on its own test split", "a run without --data, or its model.keras",
                           f"{arguments.what} --data {arguments.data}")
    about, evaluation = load_run(arguments.what)
    if evaluation.predictions is None:
        raise FairkitError("this run has no predictions", "predictions.parquet in its folder", arguments.what)
    return Evaluated(evaluation.predictions, description=about["data"], asked=about["asked"],
                     fingerprint=about["fingerprint"])


def _of_files(arguments):
    """Predictions in Parquet or TFRecord files; or a model with TFRecords, which TFMA reads."""
    from fairkit.evaluation import read_predictions

    columns = {"label": arguments.label, "weight": arguments.weight}
    if arguments.what is not None:
        if arguments.engine != "tfma" or arguments.data.rstrip("*").endswith(".parquet"):
            raise FairkitError("a model is evaluated on TFRecords by TFMA only", "--data FILE.tfrecord --engine tfma",
                               f"{arguments.what} --data {arguments.data} --engine {arguments.engine}")
        columns["output"] = arguments.model_output
        return Evaluated(arguments.what, arguments.data, columns, {"data": arguments.data, **columns})
    given = {"label": arguments.label, "scores": arguments.scores, "groups": arguments.groups,
             "weight": arguments.weight, "id": arguments.id, "separator": arguments.separator}
    given = {name: value for name, value in given.items() if value is not None}
    return Evaluated(read_predictions(arguments.data, **given), description={"data": arguments.data, **given})


def _of_examples(arguments):
    from fairkit.cli.run_folder import fingerprint
    from fairkit.predictions import predict

    if (arguments.what is None) == (arguments.scores is None):
        raise FairkitError("there is not one thing to evaluate", "either a model or --scores COLUMN",
                           f"model {quote(arguments.what)} and --scores {quote(arguments.scores)}")
    description = description_of(arguments)
    in_a_file = arguments.scores is not None and arguments.scores.endswith(".npy")
    if arguments.scores is not None and not in_a_file:
        description["inputs"] = arguments.scores
    as_numbers = {} if arguments.scores is None or in_a_file else _as_numbers(arguments)
    _, examples = load_data(description | as_numbers, split=False)
    if arguments.scores is not None:
        model = _array(arguments.scores) if in_a_file else examples.inputs
    else:
        from fairkit.models import load  # TensorFlow, which scores do not need
        from fairkit.models.inputs import in_order

        trust(arguments)
        if Path(arguments.what).is_dir():
            print(f"fairkit: {visible(arguments.what)} is a SavedModel: a program, which can read and write files. "
                  "Evaluate only those whose makers you trust.", file=sys.stderr)
        model = load(arguments.what)
        examples = in_order(model, examples)
    kept = model if hasattr(model, "get_config") else None
    predictions = predict(model, examples, from_logits=arguments.from_logits, output=arguments.model_output)
    return Evaluated(predictions, description=description, model=kept,
                     fingerprint=fingerprint(examples))


def _as_numbers(arguments):
    """The scores of a CSV file are read as numbers: as texts they would take ten times the memory."""
    from fairkit.data.reading.sources import open_source

    source = open_source(arguments.data, delimiter=arguments.delimiter, encoding=arguments.encoding or "utf-8")
    return {"schema": {arguments.scores: float}} if source.untyped else {}


def _array(path):
    import numpy as np

    if not Path(path).is_file():
        raise FairkitError("there is no file of scores", "the path of a .npy file", path)
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, OSError):
        raise FairkitError("the file of scores cannot be read", "a .npy file of an array of numbers", path) from None
