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
from fairkit.evaluation.tfma.engine import check_thresholds, checked_config, features_of, placed_result
from fairkit.evaluation.tfma.request import given_spec
from fairkit.evaluation.tfma.result import load_tfma
from fairkit.evaluation.tfma.running import require_indicators, run

__all__ = ["evaluate_records_with_tfma"]

_PEEK = 1000


def evaluate_records_with_tfma(model, records, slices=(), thresholds=None, classes=None, label="label", weight=None,
                               metrics=(), intervals=None, config=None, beam=None, folder=None, output=None):
    """Evaluates a model with TensorFlow Model Analysis on tf.Examples in TFRecord files.

    The features bear the names of the model's inputs: a string, or the numbers of an image in row-major order; a model
    that parses serialized tf.Examples is given these. Scores and weights are float32 in the model and the files; they
    are compared and added up in float64.

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
        output: of a model with several outputs the one that is judged, as for `fairkit.predict`; a config names it as
            prediction_key.

    Returns:
        `TfmaEvaluation`.

    Raises:
        FairkitError: for a model or records that are not there or do not fit each other, a feature that no example
            has, or a config, metric or Beam option that TFMA does not take.
    """
    options = pipeline_options(beam)
    files = _files(records)
    with _saved_model(model, output) as (saved, key):
        signature = _Signature(saved)
        features, all_seen = _features_in(files)
        renamed = signature.renamed(features)
        if config is None:
            slices = [given_spec(spec) if hasattr(spec, "feature_keys") else spec
                      for spec in ([slices] if isinstance(slices, (str, dict)) else slices)]
            thresholds = checked_thresholds(thresholds)
            check_thresholds(thresholds)
            require_indicators()
            key = signature.prediction_key(key)
            config = eval_config(slices, thresholds, _classes(classes, signature.classes(key)), weight, label, key,
                                 metrics, intervals, scalars=intervals is not None)
        else:
            request = checked_config(config)
            config, slices, label, weight = request.config, request.slices, request.label, request.weight
            if output is not None:
                raise FairkitError("output is given beside a config", "model_specs { prediction_key } in the config",
                                   quote(output))
            if not config.model_specs[0].prediction_keys:
                signature.prediction_key(config.model_specs[0].prediction_key or None)
        needed = [*renamed, *filter(None, (label, weight)), *(features_of(slices) if all_seen else ())]
        for name in needed:
            _require_feature(name, features)
        with placed_result(folder) as target:
            run(_source(records, renamed), config, target, options, saved)
            evaluation = load_tfma(target)
    measured = {name for key, *_ in evaluation.values for name, _ in key}
    for name in features_of(slices):
        if name not in measured:
            _require_feature(name, features)
    return evaluation


def _source(records, renamed):
    """Record batches of the examples, with the features in `renamed` under their names in the signature as well."""
    import apache_beam as beam
    from tfx_bsl.public import tfxio

    from fairkit.quiet import tfma

    source = tfxio.TFExampleRecord(file_pattern=str(records), raw_record_column_name=tfma.ARROW_INPUT_COLUMN,
                                   telemetry_descriptors=["fairkit"]).BeamSource()
    others = {feature: name for feature, name in renamed.items() if feature != name}
    return source | "Rename" >> beam.Map(_with_copies, others) if others else source


def _with_copies(batch, renamed):
    """A record batch with columns of further names."""
    import pyarrow as pa

    there = {feature: name for feature, name in renamed.items() if feature in batch.schema.names}
    return pa.RecordBatch.from_arrays([*batch.columns, *(batch.column(feature) for feature in there)],
                                      [*batch.schema.names, *there.values()])


@contextlib.contextmanager
def _saved_model(model, output):
    """(the SavedModel folder of a model, the output in its signature); a temporary folder for what is none."""
    from fairkit.models import export, load
    from fairkit.models.outputs import signature_key

    if isinstance(model, (str, Path)):
        if os.path.isdir(model):
            yield str(model), output
            return
        model = load(model)
    key = signature_key(model, output)
    with tempfile.TemporaryDirectory() as parent:
        export(model, Path(parent) / "saved_model")
        yield str(Path(parent) / "saved_model"), key


class _Signature:
    """What a SavedModel's signature "serving_default" takes and gives."""

    def __init__(self, saved):
        from tensorflow.core.protobuf import saved_model_pb2

        from fairkit.models.signatures import read_inputs

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
        self._outputs, self._inputs = signatures["serving_default"].outputs, signatures["serving_default"].inputs
        _, self._names = read_inputs(saved, sorted(self._inputs))
        self._parses = len(self._inputs) == 1 and any(
            node.op.startswith("ParseExample") for graph in graphs for function in graph.graph_def.library.function
            for node in function.node_def)

    def renamed(self, features):
        """dict of feature -> name in the signature, of the features that the model is fed.

        Raises:
            FairkitError: for a feature that is not there, and one that has a signature's name and is something else.
        """
        from fairkit.models.signatures import plain_name

        if self._parses and not any(name in features for name in self._inputs):
            return {}
        found = {}
        for name, other in self._names.items():
            alike = [feature for feature in features if plain_name(feature) == name]
            # TensorFlow keeps no record of the names that it changes.
            feature = name if name in features or len(alike) != 1 else alike[0]
            _require_feature(feature, features)
            if feature != other and other in features:
                raise FairkitError(f"the records have a feature {quote(other)}, which TensorFlow takes for the input "
                                   f"{quote(name)} of the model", "an input named in ASCII letters, digits and "
                                   "underlines", f"both features, {quote(name)} and {quote(other)}")
            found[feature] = other
        return found

    def prediction_key(self, key):
        """The name of the output that is judged; None where there is only one.

        Raises:
            FairkitError: for several outputs of which none is named, and a name that none has.
        """
        names = sorted(self._outputs)
        if key is None:
            if len(names) > 1:
                raise FairkitError("the model has several outputs", "output= (in a config prediction_key) one of "
                                   f"{', '.join(map(quote, names))}", f"{len(names)} outputs")
            return None
        key = f"output_{key}" if f"output_{key}" in names else str(key)
        if key not in names:
            raise FairkitError(f"the model has no output {quote(key)}", nearest(key, names), quote(key))
        return key if len(names) > 1 else None

    def classes(self, key):
        """How many classes an output tells apart; None for a binary score."""
        output = next(iter(self._outputs.values())) if key is None else self._outputs[key]
        shape = [axis.size for axis in output.tensor_shape.dim]
        return None if len(shape) < 2 or shape[-1] == 1 else shape[-1]


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
