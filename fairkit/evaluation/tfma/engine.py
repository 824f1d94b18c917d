"""TFMA's own pipeline on predictions: the reference that the counts engine is held against."""

import contextlib
import tempfile
from dataclasses import replace

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.pipelines import pipeline_options
from fairkit.evaluation.tfma.config import eval_config, named_in
from fairkit.evaluation.tfma.fields import BY_MODEL
from fairkit.evaluation.tfma.format import read, result_folder
from fairkit.evaluation.tfma.metrics import INDICATORS, INDICATORS_MODULE, counted, metric_name
from fairkit.evaluation.tfma.names import printed_alike
from fairkit.evaluation.tfma.request import FLIPS, read_config
from fairkit.evaluation.tfma.result import load_tfma
from fairkit.evaluation.tfma.running import require_indicators, run

__all__ = ["check_thresholds", "checked_config", "evaluate_config_with_tfma", "features_of",
           "placed_result", "tfma_values"]


def tfma_values(predictions, slices, thresholds, classes=None, metrics=(), intervals=None, beam=None, folder=None):
    """Evaluates predictions with TensorFlow Model Analysis on Apache Beam.

    Scores and weights enter in float64, so that a score counts as positive where it exceeds the threshold in float64.
    An example that holds several values of a slice feature counts in the slice of each, one that holds none in no
    slice of that feature. AUC is TFMA's: exact only as far as its 10,000 thresholds tell the scores apart.

    Args:
        predictions: `fairkit.Predictions`.
        slices: slice specs: features, tuples of features, dicts of feature -> value, values, or None for every value;
            the whole data, (), is always measured.
        thresholds: thresholds in [0, 1].
        classes: the classes of a softmax that are each measured against the rest; None for all of them. Without
            meaning for binary scores.
        metrics: further metrics of TFMA or tf_keras.metrics: names ("MeanAbsoluteError"), dicts with class_name and
            config, or TFMA's `MetricConfig`s and `MetricsSpec`s.
        intervals: None, "jackknife" (20 parts) or "poisson_bootstrap" (20 replicates): TFMA's own, by Student's t and
            not clipped to [0, 1].
        beam: Beam pipeline options, a list such as ["--direct_num_workers=2",
            "--direct_running_mode=multi_processing"], or a `PipelineOptions`; None runs in this process.
        folder: where TFMA's own result files are left for `tfma.load_eval_result`; None keeps none. Workers on other
            machines need one that they can write to.

    Returns:
        A dict of (slice key, class or None, metric, threshold or None) -> (value, lower, upper), NaN where it is
        undefined or without interval. The metrics are the ten Fairness Indicators rates, "f1_score" and
        "specificity", "auc", "mean_label", "mean_prediction", "calibration", "accuracy" (binary at .5; top-1 of a
        softmax, under class None), "example_count", where there are weights "weighted_example_count", and those asked
        for that are numbers, under TFMA's names.

    Raises:
        FairkitError: if fairness-indicators is not installed, if there is no example, if a slice feature is no group
            column, if TFMA would give two thresholds one name, has no such metric, or cannot evaluate this.
    """
    require_indicators()
    check_thresholds(thresholds)
    options = pipeline_options(beam)
    if predictions.classes is None:
        classes = None
    elif classes is None:
        classes = range(predictions.classes)
    features = features_of(slices)
    label, prediction, weight = (_free_name(name, features) for name in ("label", "prediction", "weight"))
    weight = None if predictions.weights is None else weight
    config = eval_config(slices, thresholds, classes, weight, label, prediction, metrics, intervals,
                         scalars=intervals is not None)  # TFMA's loader drops the intervals of arrays
    batch = _record_batch(predictions, features, label, prediction, weight)
    with placed_result(folder) as target:
        run(_source(batch), config, target, options)
        return read(target)[0]


def evaluate_config_with_tfma(predictions, config, beam=None, folder=None):
    """Runs a TFMA configuration as it is on predictions.

    The predictions take the names that the config has for label, prediction and weight; every group column is a
    feature. Weights count only if the config names a feature for them, as in TFMA.

    Args:
        predictions: `fairkit.Predictions`.
        config: an `EvalConfig` in any form that `tfma.request.read_config` takes.
        beam, folder: as in `tfma_values`.

    Returns:
        `TfmaEvaluation`.

    Raises:
        FairkitError: for a config that TFMA cannot run on the predictions of one model.
    """
    request = checked_config(config, predicted=True)
    label, prediction = request.label or "label", request.prediction or "prediction"
    model = request.config.model_specs[0]
    model.label_key, model.prediction_key = label, prediction
    if request.weight and predictions.weights is None:
        raise FairkitError(f"the config weighs the examples by {quote(request.weight)}", "predictions with weights",
                           "weights=None")
    features = {*features_of(request.slices), *(set(predictions.groups) - {label, prediction, request.weight})}
    batch = _record_batch(predictions, sorted(features), label, prediction, request.weight)
    with placed_result(folder) as target:
        run(_source(batch), request.config, target, beam)
        return load_tfma(target)


def checked_config(config, predicted=False):
    """The `TfmaRequest` of a config whose metrics all exist.

    Its `config` is a copy with one model, in which the indicators bear the module from which other processes load them.

    Args:
        predicted: whether it is run on predictions rather than on a model and records.

    Raises:
        FairkitError: for a metric that does not exist or takes other options, several models, or what else TFMA does
            not run here.
    """
    request = read_config(config)
    request.require_run(_without_model(request.config) if predicted else ())
    copy = type(request.config)()
    copy.CopyFrom(request.config)
    if not copy.model_specs:
        copy.model_specs.add()
    metrics = [metric for spec in copy.metrics_specs for metric in spec.metrics]
    indicators = [metric for metric in metrics if metric.class_name == INDICATORS]
    if indicators:
        require_indicators()
    for metric in indicators:
        metric.module = metric.module or INDICATORS_MODULE
        _, thresholds, odd = counted(metric)
        if odd is not None:
            raise FairkitError(f"TFMA's {INDICATORS} does not take this config", "thresholds in [0, 1]", odd)
        check_thresholds(thresholds)
    for metric in metrics:
        metric_name(metric)
    return replace(request, config=copy)


def _without_model(config):
    """What needs the model or features of its records, and cannot be had of predictions."""
    for spec in config.metrics_specs:
        for metric in spec.metrics:
            if "Flip" in metric.class_name:
                yield metric.class_name, FLIPS
    if config.model_specs and config.model_specs[0].preprocessing_function_names:
        yield "model_specs.preprocessing_function_names", BY_MODEL


def check_thresholds(thresholds):
    """Raises `FairkitError` if TFMA would give two thresholds one name."""
    alike = printed_alike(thresholds)
    if alike:
        raise FairkitError("TFMA prints thresholds alike, so that one would overwrite the other",
                           "thresholds that differ within TFMA's digits, or engine='counts' on "
                           "fairkit.Examples", alike)


def features_of(slices):
    """The features of slice specs, each once, in the order of their names."""
    return sorted({name for spec in slices for name in named_in(spec)})


@contextlib.contextmanager
def placed_result(folder):
    """A new folder for TFMA's files: a temporary one, or one that takes the name `folder` once it is complete."""
    with tempfile.TemporaryDirectory() if folder is None else result_folder(folder) as target:
        yield str(target)


def _source(batch):
    import apache_beam as beam

    return beam.Create([batch])


def _record_batch(predictions, features, label, prediction, weight):
    """The predictions as an Arrow record batch: every column holds lists, as TFMA expects."""
    import pyarrow as pa

    if len(predictions) == 0:
        raise FairkitError("there are no predictions to evaluate", "at least one", 0)
    scores = predictions.scores.reshape(len(predictions), -1)
    columns = {label: predictions.labels.astype(np.int64).reshape(-1, 1), prediction: scores.astype(np.float64)}
    if weight is not None:
        columns[weight] = predictions.weights.astype(np.float64).reshape(-1, 1)
    arrays = {name: pa.ListArray.from_arrays(np.arange(0, rows.size + 1, rows.shape[1], np.int32), rows.ravel())
              for name, rows in columns.items()}
    for name in features:
        if name not in predictions.groups:
            raise FairkitError(f"no group column {quote(name)}", nearest(name, sorted(predictions.groups)), quote(name))
        column = predictions.groups[name]
        cells = [[str(value) for value in cell] for cell in column.cells]
        if all(_is_whole(text) for cell in cells for text in cell):
            # TFMA takes a value such as "1" in a SlicingSpec for a number, and finds it among numbers only.
            cells = pa.array([[int(text) for text in cell] for cell in cells], pa.list_(pa.int64()))
        else:
            cells = pa.array([[text.encode("utf-8", "backslashreplace") for text in cell] for cell in cells],
                             pa.list_(pa.binary()))
        arrays[name] = cells.take(pa.array(np.asarray(column.codes, np.int64)))
    return pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays))


def _is_whole(text):
    """Whether a text is how Python writes an integer of 64 bits."""
    try:
        return str(int(text)) == text and -2**63 <= int(text) < 2**63
    except ValueError:
        return False


def _free_name(name, taken):
    while name in taken:
        name += "_"
    return name
