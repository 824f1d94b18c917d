"""TFMA's files on disk: an evaluation written so that `tfma.load_eval_result` reads it, and read back."""

import contextlib
import functools
import math
import os
import re
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.tfma.config import (
    counts_weights,
    eval_config,
    indicators_of,
    slices_of,
    taken_at,
    thresholds_of,
)
from fairkit.evaluation.tfma.names import ACCURACY_NAMES, PREFIX, metric_key, parse_metric_key
from fairkit.group_values import name_of
from fairkit.storage import check_writable, replaced_folder

__all__ = ["ERROR", "cross_values_of", "files_of", "is_pair", "left_out_of", "loaded", "models_in", "not_numbers_in",
           "of_output", "put_files", "read", "result_folder", "tfma_place", "values_of", "write", "write_as_asked"]

_CONFIG = "eval_config.json"
_METRICS, _PLOTS, _ATTRIBUTIONS = (f"{kind}-00000-of-00001.tfrecord" for kind in ("metrics", "plots", "attributions"))
_VALIDATIONS = "validations.tfrecord"
_DIFFERENCE = "_diff"  # how TFMA ends the name of a metric's difference from the baseline model
ERROR = "__ERROR__"
"""TFMA's name for what stands in place of the metrics of a slice that is left out."""
_NAN = float("nan")
_BEGINNINGS = ("eval_config", "metrics", "plots", "attributions", "validations")
_OF_TFMA = re.compile(r"eval_config\.json|(metrics|plots|attributions|validations)(-\d+-of-\d+)?\.(tfrecord|parquet)")


def write(rows, folder, thresholds, slices):
    """Writes values with their intervals as a TFMA result.

    Args:
        rows: an iterable of (slice key, class or None, metric, threshold or None, value, lower, upper). A slice key
            is a tuple of (feature, value text) pairs sorted by feature, () for the whole data. A value that is None
            or NaN is written as NaN; an interval of which either end is None or NaN is left out.
        folder: where to write; a TFMA result that is there already is replaced once the new one is complete.
        thresholds: the thresholds of the evaluation.
        slices: its slice specs, tuples of feature names.

    Raises:
        FairkitError: if the folder is there and holds anything else than a TFMA result.

    Example:
        >>> import fairkit
        >>> import tempfile
        >>> from fairkit.evaluation.tfma import format as tfma_format
        >>> with tempfile.TemporaryDirectory() as parent:
        ...     row = ((("color", "blue"),), None, "recall", 0.5, 0.25, 0.1, 0.4)
        ...     tfma_format.write([row], parent + "/evaluation", thresholds=[0.5], slices=[("color",)])
        ...     values, slices, thresholds = tfma_format.read(parent + "/evaluation")
        >>> values
        {((('color', 'blue'),), None, 'recall', 0.5): (0.25, 0.1, 0.4)}
    """
    rows = list(rows)
    classes = sorted({row[1] for row in rows if row[1] is not None}) or None
    weighted = any(row[2] == "weighted_example_count" for row in rows)
    config = eval_config(slices, thresholds, classes, weight="weight" if weighted else None)
    _write(folder, config, _metrics(rows, thresholds, weighted))


def write_as_asked(sliced, folder, config, validation=None):
    """Writes metrics under TFMA's own names, as TFMA writes what it runs by a config.

    Args:
        sliced: as `tfma.sliced.counted_metrics` gives it.
        folder: as for `write`.
        config: the `EvalConfig`, completed.
        validation: a `ValidationResult`; None where the config sets no thresholds on values.
    """
    _write(folder, config, _metrics_as_named(sliced), validation)


def _write(folder, config, messages, validation=None):
    from google.protobuf import json_format

    from fairkit.quiet import silence, tf, tfma

    with silence():
        from tensorflow_model_analysis.proto import config_pb2, validation_result_pb2

    run = config_pb2.EvalRun(eval_config=config, version=tfma.__version__, data_location="<user provided data>",
                             file_format="<unknown>", model_locations={"": "<unknown>"})
    if validation is None:
        validation = validation_result_pb2.ValidationResult(missing_thresholds=True)
    records = {_METRICS: messages, _PLOTS: [], _ATTRIBUTIONS: [], _VALIDATIONS: [validation]}
    with result_folder(folder) as new:
        (new / _CONFIG).write_text(json_format.MessageToJson(run), encoding="utf-8")
        for name, messages in records.items():
            with tf.io.TFRecordWriter(str(new / name)) as writer:
                for message in messages:
                    writer.write(message.SerializeToString())


def read(folder):
    """Reads a TFMA result folder, whoever wrote it.

    Returns:
        (values, slices, thresholds): values is as `values_of` gives it; slices the slice specs; thresholds those of
        the rates.

    Raises:
        FairkitError: if the folder holds no TFMA result, or one of several models or outputs.
    """
    result = loaded(folder)
    values = values_of(result)
    if not values:
        raise FairkitError("the TFMA result holds no number", "at least one metric that is a number",
                           quote(str(folder)))
    thresholds = thresholds_of(result.config) or sorted({key[3] for key in values if key[3] is not None})
    return values, slices_of(result.config), thresholds


def loaded(folder, model=None, output=None):
    """The `EvalResult` of a TFMA result folder.

    Args:
        folder: with TFMA's files.
        model: the name of one model of several.
        output: the name of one output of several.

    Raises:
        FairkitError: if the folder holds no result that TFMA can read, or the model or output has to be named.
    """
    from fairkit.quiet import tfma

    folder = Path(folder)
    if not (folder / _CONFIG).is_file() or not any(folder.glob("metrics*")):
        raise FairkitError("there is no TFMA result in this folder", f"{_CONFIG} and {_METRICS}", quote(str(folder)))
    models = models_in(folder)
    if model is None and len(models) > 1:
        raise FairkitError("the TFMA result is of several models", f"model= one of {models}", "no model")
    if model is not None and model not in models:
        raise FairkitError(f"the TFMA result has no model {quote(model)}", nearest(model, models) if any(models) else
                           "no model=, for its one model has no name", quote(model))
    result = _read(folder, lambda: tfma.load_eval_result(str(folder), model_name=model or None))
    if not (result.slicing_metrics or result.plots):
        raise FairkitError("the TFMA result holds no metric", "at least one metric or plot", quote(str(folder)))
    return of_output(result, output)


def models_in(folder):
    """The names of the models in a TFMA result folder: the baseline first, then as its config has them.

    What belongs to no model in particular, such as a count of examples, counts for none; a single model without a name
    is [""].

    Raises:
        FairkitError: if TFMA cannot read the files.
    """
    from fairkit.quiet import silence, tfma

    with silence():
        from tensorflow_model_analysis.writers import eval_config_writer
    config = _read(folder, lambda: eval_config_writer.load_eval_run(str(folder)))[0]
    places = {spec.name: (not spec.is_baseline, i) for i, spec in enumerate(config.model_specs)}
    found = _read(folder, lambda: {
        entry.key.model_name
        for messages, entries in ((tfma.load_metrics(str(folder)), "metric_keys_and_values"),
                                  (tfma.load_plots(str(folder)), "plot_keys_and_values"))
        for message in messages for entry in getattr(message, entries)})
    named = sorted(found - {""}, key=lambda name: (*places.get(name, (True, len(places))), name))
    return named or [""]


def of_output(result, output=None):
    """An `EvalResult` with the metrics of one output only.

    Args:
        result: an `EvalResult`.
        output: its name; None where there is one only.

    Raises:
        FairkitError: for an output that is not there, or several outputs of which none is named.
    """
    outputs = list(dict.fromkeys(name for _, metrics in result.slicing_metrics for name in metrics or {}))
    if output is not None and output not in outputs:
        raise FairkitError(f"the TFMA result has no output {quote(output)}", nearest(output, outputs), quote(output))
    if output is None and len(outputs) > 1:
        raise FairkitError("the TFMA result is of several outputs", f"output= one of {outputs}", "no output")
    if output is None:
        return result
    return result._replace(slicing_metrics=[
        (key, {name: part for name, part in (metrics or {}).items() if name == output})
        for key, metrics in result.slicing_metrics])


def _read(folder, reading):
    """What `reading` reads from a folder of TFMA's files, quietly; its errors in one line."""
    from fairkit.quiet import silence

    try:
        with silence():
            return reading()
    except Exception as error:
        raise FairkitError("the TFMA result cannot be read", "files that tfma.load_eval_result reads",
                           f"{str(folder)!r} ({type(error).__name__}: {' '.join(str(error).split())})") from error


def values_of(result):
    """The numbers in an `EvalResult`.

    A rate that TFMA gives as an array over thresholds is taken apart. An aggregate over classes bears its kind behind
    its name, as in "auc (macro_average)"; so does a metric of the top k classes, as in "precision (topK:2)". What is
    no number (plots, confusion matrices) and differences between two slices are left out. TFMA writes 0 for an AUC
    without positives or negatives and for an accuracy without weight; where its other metrics show that, the value is
    NaN here.

    Returns:
        A dict of (slice key, class or None, metric, threshold or None) -> (value, lower, upper), the ends NaN where
        there is no interval.

    Raises:
        FairkitError: if it is of several outputs (see `of_output`).
    """
    values = {}
    place = _placing(result)
    for key, outputs in result.slicing_metrics:
        if outputs and not is_pair(key):
            slice_key = _key(key)
            values.update(((slice_key, *at), numbers) for at, numbers in _numbers_in(outputs, place))
    return values | dict.fromkeys(_undefined(values), (_NAN, _NAN, _NAN))


def cross_values_of(result):
    """The differences between two slices in an `EvalResult`, baseline minus comparison.

    Returns:
        dict of (baseline key, comparison key) -> {(class, metric, threshold): (gap, lower, upper)}.
    """
    place = _placing(result)
    return {tuple(map(_key, pair)): dict(_numbers_in(outputs, place))
            for pair, outputs in result.slicing_metrics if outputs and is_pair(pair)}


def left_out_of(result):
    """The keys of the slices in an `EvalResult` that TFMA left out for their size."""
    return [_key(key) for key, outputs in result.slicing_metrics
            if any(ERROR in metrics for subs in (outputs or {}).values() for metrics in subs.values())]


def not_numbers_in(result):
    """What an `EvalResult` holds beside numbers, by TFMA's names: plots, matrices, texts."""
    names = dict.fromkeys(name for _, outputs in result.plots or () for subs in (outputs or {}).values()
                          for found in subs.values() for name in found)
    place = _placing(result)
    for _, outputs in result.slicing_metrics:
        for subs in (outputs or {}).values():
            names |= dict.fromkeys(
                name for metrics in subs.values() for name, value in metrics.items()
                if name != ERROR and len(_numbers(value)) != len(place(name.rpartition("\n_")[2])[1]))
    return list(names)


def _placing(result):
    indicators, at = indicators_of(result.config), taken_at(result.config)
    kept = {name: name for name in _accuracies(result)}
    if counts_weights(result.config) and not _has(result, "weighted_example_count"):
        kept["example_count"] = "weighted_example_count"   # TFMA names a sum of weights so, too
    return functools.cache(lambda name: (kept[name], [None]) if name in kept else _place(name, indicators, at))


def _has(result, name):
    return any(name in metrics for _, outputs in result.slicing_metrics for subs in (outputs or {}).values()
               for metrics in subs.values())


def _numbers_in(outputs, place):
    """((class, metric, threshold), (value, lower, upper)) of all numbers of a slice."""
    for sub_key, metrics in next(iter(outputs.values())).items():
        of_class = sub_key.startswith("classId:")
        class_id = int(sub_key.removeprefix("classId:")) if of_class else None
        for key_name, value in metrics.items():
            kind, _, name = key_name.rpartition("\n_")  # "macro_average: true\n_auc"
            metric, thresholds = place(name)
            of = ", ".join(filter(None, (kind.removesuffix(": true"), "" if of_class else sub_key)))
            numbers = _numbers(value)
            if len(numbers) == len(thresholds):
                yield from (((class_id, f"{metric} ({of})" if of else metric, threshold), triple)
                            for threshold, triple in zip(thresholds, numbers, strict=True))


def _key(key):
    return tuple(sorted((feature, name_of(value)) for feature, value in key))


def is_pair(key):
    """Whether TFMA's key is of two slices: a pair of tuples of pairs. () and (("a", "b"),) are keys of one slice."""
    return len(key) == 2 and all(isinstance(part, tuple) and all(isinstance(one, tuple) for one in part)
                                 for part in key)


def tfma_place(folder):
    """The folder that holds TFMA's files: the given one, or its subfolder `evaluation`; None if neither does."""
    return next((place for place in (Path(folder), Path(folder) / "evaluation") if (place / _CONFIG).is_file()), None)


def files_of(folder):
    """TFMA's files in a folder, which may hold others: dict of name -> bytes."""
    return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())
            if file.is_file() and _OF_TFMA.fullmatch(file.name)}


def put_files(folder, files):
    """Writes TFMA's files into a folder that is being made.

    Args:
        folder: it is there.
        files: dict of name -> bytes.
    """
    for name, content in files.items():
        (Path(folder) / name).write_bytes(content)
        (Path(folder) / name).chmod(0o600)


@contextlib.contextmanager
def result_folder(folder):
    """A new folder to write a TFMA result into; it takes the name `folder` when the block ends without an error.

    Raises:
        FairkitError: if `folder` is a file, or holds anything else than a TFMA result.
    """
    folder = Path(os.path.abspath(folder))
    if folder.exists():
        foreign = [folder.name] if not folder.is_dir() else \
            sorted(f.name for f in folder.iterdir() if not f.name.startswith(_BEGINNINGS))
        if foreign:
            raise FairkitError(f"{str(folder)!r} is not overwritten, for it is no TFMA result",
                               "a new folder, an empty one, or one with a TFMA result", ", ".join(foreign[:5]))
    check_writable(folder)
    with replaced_folder(folder) as new:
        yield new


def _metrics(rows, thresholds, weighted):
    """The `MetricsForSlice` messages, one a slice, in the order in which the slices first occur."""
    from tensorflow_model_analysis.proto import metrics_for_slice_pb2

    messages = {}
    for slice_key, class_id, metric, threshold, value, lower, upper in rows:
        if slice_key not in messages:
            messages[slice_key] = metrics_for_slice_pb2.MetricsForSlice()
            _fill(messages[slice_key].slice_key, slice_key)
        entry = messages[slice_key].metric_keys_and_values.add()
        entry.key.name = metric_key(metric, threshold, thresholds)
        entry.key.example_weighted.value = weighted and metric != "example_count"
        if class_id is not None:
            entry.key.sub_key.class_id.value = int(class_id)
        _set_number(entry, value, lower, upper)
    return list(messages.values())


def _metrics_as_named(sliced):
    from tensorflow_model_analysis.proto import metrics_for_slice_pb2

    messages = []
    for key, metrics in sliced.items():
        message = metrics_for_slice_pb2.MetricsForSlice()
        if is_pair(key):
            _fill(message.cross_slice_key.baseline_slice_key, key[0])
            _fill(message.cross_slice_key.comparison_slice_key, key[1])
        else:
            _fill(message.slice_key, key)
        for name, numbers in metrics.items():
            entry = message.metric_keys_and_values.add()
            if isinstance(numbers, str):  # why the slice is left out
                entry.key.name, entry.value.debug_message = name, numbers
                continue
            entry.key.CopyFrom(name.to_proto())
            if len(numbers) > 1:
                array = entry.value.array_value
                array.data_type, array.shape[:] = array.FLOAT64, [len(numbers)]
                array.float64_values.extend(value for value, _, _ in numbers)
                continue
            _set_number(entry, *numbers[0])
        messages.append(message)
    return messages


def _fill(message, slice_key):
    message.SetInParent()
    for feature, text in slice_key:
        message.single_slice_keys.add(column=feature, bytes_value=str(text).encode("utf-8", "backslashreplace"))


def _set_number(entry, value, lower, upper):
    entry.value.double_value.value = _number(value)
    if math.isfinite(_number(lower)) and math.isfinite(_number(upper)):
        entry.confidence_interval.lower_bound.double_value.value = float(lower)
        entry.confidence_interval.upper_bound.double_value.value = float(upper)


def _accuracies(result):
    """TFMA's names for accuracies that stay as they are, because there are several."""
    found = {name for _, outputs in result.slicing_metrics for subs in (outputs or {}).values()
             for metrics in subs.values() for name in metrics if name in ACCURACY_NAMES}
    return found if len(found) > 1 else set()


def _place(name, indicators, at):
    """The metric, and the threshold of each of its numbers (None for one that has none), of a name that TFMA gives.

    What a model has more than the baseline is a metric of its own: "recall_diff" at the threshold of the recall.
    """
    if name.endswith(_DIFFERENCE):
        metric, thresholds = _place(name.removesuffix(_DIFFERENCE), indicators, at)
        return metric + _DIFFERENCE, thresholds
    for prefix, thresholds in indicators.items():
        if name.startswith(prefix + "/") and "@" in name:
            metric, threshold = parse_metric_key(PREFIX + name[len(prefix) + 1:], thresholds)
            return metric, [threshold]
    if name in at:
        return name, at[name]
    metric, threshold = parse_metric_key(name)
    return metric, [threshold]


def _undefined(values):
    """The keys of quotients by zero for which TFMA writes 0."""
    one_sided = {key[:2] for key, (value, _, _) in values.items()
                 if (key[2] in ("false_positive_rate", "true_positive_rate") and math.isnan(value))
                 or (key[2] == "mean_label" and value in (0, 1))}
    weightless = {key[:2] for key, (value, _, _) in values.items()
                  if key[2] == "weighted_example_count" and value == 0}
    return [key for key, (value, _, _) in values.items() if value == 0
            and ((key[2] == "auc" and key[:2] in one_sided) or (key[2] == "accuracy" and key[:2] in weightless))]


def _number(value):
    return _NAN if value is None else float(value)


def _numbers(value):
    """The (value, lower, upper) of each number in a metric as TFMA loads it: several in an array, none in a text."""
    if "boundedValue" in value:
        bounded = value["boundedValue"]
        return [tuple(float(bounded.get(part, _NAN)) for part in ("value", "lowerBound", "upperBound"))]
    if "doubleValue" in value:
        return [(float(value["doubleValue"]), _NAN, _NAN)]
    array = value.get("arrayValue", {})
    numbers = array.get("float64Values") or array.get("float32Values") or ()
    return [(float(number), _NAN, _NAN) for number in numbers]
