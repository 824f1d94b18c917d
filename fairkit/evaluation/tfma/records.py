"""TFMA's own pipeline on a model and TFRecords: it reads the examples, scores them, and measures."""

import contextlib
import glob
import itertools
import os
import tempfile
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.pipelines import pipeline_options
from fairkit.evaluation.specs import checked_classes, checked_thresholds
from fairkit.evaluation.tfma.config import eval_config
from fairkit.evaluation.tfma.engine import check_thresholds, checked_config, features_of, result_folder
from fairkit.evaluation.tfma.request import spec_of
from fairkit.evaluation.tfma.result import load_tfma
from fairkit.evaluation.tfma.running import require_indicators, run

__all__ = ["evaluate_records_with_tfma"]

_PEEK = 1000


def evaluate_records_with_tfma(model, records, slices=(), thresholds=None, classes=None, label="label", weight=None,
                               metrics=(), intervals=None, config=None, beam=None, folder=None):
    """Evaluates a model with TensorFlow Model Analysis on tf.Examples in TFRecord files.

    The features bear the names of the model's inputs: a string, or the numbers of an image in row-major order. Scores
    and weights are float32 in the model and the files; they are compared and added up in float64.

    Args:
        model: a Keras model, a .keras file, or a SavedModel folder. The first two are exported to a temporary
            SavedModel, for TFMA evaluates nothing else.
        records: the path of a TFRecord file (.gz for a compressed one), or a glob of several.
        slices: slice specs on features of the examples, as for `fairkit.evaluate`, or TFMA's `SlicingSpec`s.
        thresholds: numbers in [0, 1]; .1, .2, ... .9 by default.
        classes: class ids of a softmax that are each judged against the rest; None for all of them.
        label: the feature that holds the label: 0 and 1, or a class id.
        weight: the feature that holds the example's weight; None counts every example once.
        metrics, intervals, beam, folder: as in `tfma.engine.tfma_values`.
        config: an `EvalConfig` that is run as it is, in any form that `tfma.request.read_config` takes, in place of
            slices, thresholds, classes, label, weight, metrics and intervals.

    Returns:
        `TfmaEvaluation`.

    Raises:
        FairkitError: for a model or records that are not there or do not fit each other, a feature that no example
            has, or a config, metric or Beam option that TFMA does not take.
    """
    options = pipeline_options(beam)
    files = _files(records)
    with _saved_model(model) as saved:
        inputs, outputs = _signature(saved)
        features, all_seen = _features_in(files)
        if config is None:
            slices = [spec_of(spec) if hasattr(spec, "feature_keys") else spec
                      for spec in ([slices] if isinstance(slices, (str, dict)) else slices)]
            thresholds = checked_thresholds(thresholds)
            check_thresholds(thresholds)
            require_indicators()
            config = eval_config(slices, thresholds, _classes(classes, outputs), weight, label, None, metrics,
                                 intervals, scalars=intervals is not None)
        else:
            request = checked_config(config)
            config, slices, label, weight = request.config, request.slices, request.label, request.weight
        needed = [*inputs, *filter(None, (label, weight)), *(features_of(slices) if all_seen else ())]
        for name in needed:
            _require_feature(name, features)
        with result_folder(folder) as target:
            run(_source(records), config, target, options, saved)
            evaluation = load_tfma(target)
    measured = {name for key, *_ in evaluation.values for name, _ in key}
    for name in features_of(slices):
        if name not in measured:
            _require_feature(name, features)
    return evaluation


def _source(records):
    from tfx_bsl.public import tfxio

    from fairkit.quiet import tfma

    return tfxio.TFExampleRecord(file_pattern=str(records), raw_record_column_name=tfma.ARROW_INPUT_COLUMN,
                                 telemetry_descriptors=["fairkit"]).BeamSource()


@contextlib.contextmanager
def _saved_model(model):
    """The SavedModel folder of a model; a temporary one for what is none."""
    from fairkit.models import export, load

    if isinstance(model, (str, Path)):
        if os.path.isdir(model):
            yield str(model)
            return
        model = load(model)
    with tempfile.TemporaryDirectory() as parent:
        export(model, Path(parent) / "saved_model")
        yield str(Path(parent) / "saved_model")


def _signature(saved):
    """The names of a SavedModel's inputs, and how many classes it tells apart (None for a binary score)."""
    from tensorflow.core.protobuf import saved_model_pb2

    path = Path(saved) / "saved_model.pb"
    if not path.is_file():
        raise FairkitError("the folder holds no SavedModel", "a folder with saved_model.pb, or a .keras file",
                           quote(saved))
    try:
        graphs = saved_model_pb2.SavedModel.FromString(path.read_bytes()).meta_graphs
    except Exception as error:
        raise FairkitError("the SavedModel cannot be read", "a folder written by an export",
                           f"{quote(saved)} ({error})") from None
    signatures = {name: signature for graph in graphs for name, signature in graph.signature_def.items()}
    if "serving_default" not in signatures:
        raise FairkitError("the SavedModel has no signature 'serving_default'", "a model exported for serving",
                           sorted(signatures))
    outputs = signatures["serving_default"].outputs
    if len(outputs) != 1:
        raise FairkitError("the model has several outputs", "one output", sorted(outputs))
    shape = [axis.size for axis in next(iter(outputs.values())).tensor_shape.dim]
    return sorted(signatures["serving_default"].inputs), None if len(shape) < 2 or shape[-1] == 1 else shape[-1]


def _classes(classes, outputs):
    known = outputs is None or outputs > 0
    if not known and classes is None:
        raise FairkitError("the model does not say how many classes it has", "classes=[...]", "classes=None")
    if not known:
        return list(classes)
    found = checked_classes(classes, outputs)
    return None if outputs is None else found


def _files(records):
    files = sorted(glob.glob(str(records)))
    if not files:
        parent = os.path.dirname(str(records)) or "."
        beside = sorted(os.listdir(parent)) if os.path.isdir(parent) else []
        raise FairkitError(f"there are no records {str(records)!r}",
                           "a TFRecord file, or a glob; there: " + nearest(os.path.basename(records), beside),
                           "no such file")
    return files


def _features_in(files):
    """The names of the features in the first examples, and whether these are all examples."""
    from fairkit.quiet import tf

    kind = "GZIP" if files[0].endswith(".gz") else ""
    names, seen = set(), 0
    try:
        for record in itertools.islice(tf.data.TFRecordDataset(files, compression_type=kind), _PEEK + 1):
            names.update(tf.train.Example.FromString(record.numpy()).features.feature)
            seen += 1
    except Exception as error:
        raise FairkitError("the records cannot be read", "TFRecord files of tf.Examples",
                           f"{quote(files[0])} ({' '.join(str(error).split())[:200]})") from None
    if not seen:
        raise FairkitError("there are no records to evaluate on", "at least one tf.Example", quote(files[0]))
    return names, seen <= _PEEK


def _require_feature(name, features):
    if name not in features:
        raise FairkitError(f"the records have no feature {quote(name)}", nearest(name, sorted(features)), quote(name))
