"""TFMA's own pipeline on predictions: the reference that the counts engine is held against."""

import contextlib
import logging
import tempfile
import warnings

import numpy as np

from fairkit.errors import FairkitError
from fairkit.evaluation.tfma_config import eval_config
from fairkit.evaluation.tfma_format import read, replaced_folder
from fairkit.evaluation.tfma_names import printed_alike

__all__ = ["evaluate_with_tfma"]

_INSTALL = 'pip install --no-deps "fairness-indicators>=0.52,<0.53"'


def evaluate_with_tfma(predictions, slices, thresholds, classes, folder=None):
    """Evaluates predictions with TensorFlow Model Analysis on Apache Beam, in this process.

    Scores and weights enter in float64, so that a score counts as positive where it exceeds the threshold in float64.
    An example that holds several values of a slice feature counts in the slice of each, one that holds none in no
    slice of that feature. AUC is TFMA's: exact only as far as its 10,000 thresholds tell the scores apart.

    Args:
        predictions: `fairkit.Predictions`.
        slices: slice specs, tuples of feature names; the whole data, (), is always measured.
        thresholds: thresholds in [0, 1].
        classes: the classes of a softmax that are each measured against the rest; None for all of them. Without
            meaning for binary scores.
        folder: where TFMA's own result files are left for `tfma.load_eval_result`; None keeps none.

    Returns:
        A dict of (slice key, class or None, metric, threshold or None) -> value, NaN where it is undefined. The
        metrics are the ten Fairness Indicators rates, "auc", "accuracy" (binary at .5; top-1 of a softmax, under
        class None), "example_count" and, where there are weights, "weighted_example_count".

    Raises:
        FairkitError: if fairness-indicators is not installed, if there is no example, if a slice feature is no group
            column, or if TFMA would give two thresholds one name.
    """
    _require_fairness_indicators()
    features = sorted({name for spec in slices for name in spec})
    _check(predictions, features, thresholds)
    label, prediction, weight = (_free_name(name, features) for name in ("label", "prediction", "weight"))
    weight = None if predictions.weights is None else weight
    if predictions.classes is None:
        classes = None
    elif classes is None:
        classes = range(predictions.classes)
    config = eval_config(slices, thresholds, classes, weight, label, prediction)
    batch = _record_batch(predictions, features, label, prediction, weight)
    with tempfile.TemporaryDirectory() if folder is None else replaced_folder(folder) as target:
        _run(batch, config, str(target))
        values, _, _ = read(target)
    return {key: value for key, (value, _, _) in values.items()}


def _run(batch, config, folder):
    from fairkit.quiet import tfma

    with _quiet_run():
        import apache_beam as beam
        from apache_beam.options.pipeline_options import PipelineOptions
        from apache_beam.runners.portability.fn_api_runner import FnApiRunner

        # The runner and no options by name: Beam's default would look for a Prism binary to download.
        with beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])) as pipeline:
            _ = (pipeline | "Predictions" >> beam.Create([batch])
                 | "Evaluate" >> tfma.ExtractEvaluateAndWriteResults(eval_config=config, output_path=folder))


@contextlib.contextmanager
def _quiet_run():
    """Keeps the log messages and warnings of TFMA, Beam and TensorFlow off the terminal; errors are raised as ever."""
    from fairkit.quiet import silence

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with silence(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _record_batch(predictions, features, label, prediction, weight):
    """The predictions as an Arrow record batch: every column holds lists, as TFMA expects."""
    import pyarrow as pa

    scores = predictions.scores.reshape(len(predictions), -1)
    columns = {label: predictions.labels.astype(np.int64).reshape(-1, 1), prediction: scores.astype(np.float64)}
    if weight is not None:
        columns[weight] = predictions.weights.astype(np.float64).reshape(-1, 1)
    arrays = {name: pa.ListArray.from_arrays(np.arange(0, rows.size + 1, rows.shape[1], np.int32), rows.ravel())
              for name, rows in columns.items()}
    for name in features:
        column = predictions.groups[name]
        cells = [[str(value).encode("utf-8", "backslashreplace") for value in cell] for cell in column.cells]
        arrays[name] = pa.array(cells, pa.list_(pa.binary())).take(pa.array(np.asarray(column.codes, np.int64)))
    return pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays))


def _require_fairness_indicators():
    from fairkit.quiet import silence

    try:
        with silence():
            from fairness_indicators import fairness_indicators_metrics  # noqa: F401
    except ImportError as error:
        raise FairkitError("engine='tfma' needs the package fairness-indicators", _INSTALL, str(error)) from error


def _check(predictions, features, thresholds):
    if len(predictions) == 0:
        raise FairkitError("there are no predictions to evaluate", "at least one", 0)
    for name in features:
        if name not in predictions.groups:
            raise FairkitError(f"no group column {name!r}", sorted(predictions.groups), repr(name))
    alike = printed_alike(thresholds)
    if alike:
        raise FairkitError("TFMA prints thresholds alike, so that one would overwrite the other",
                           "thresholds that differ within TFMA's digits, or engine='counts'", alike)


def _free_name(name, taken):
    while name in taken:
        name += "_"
    return name
