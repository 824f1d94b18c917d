"""What an evaluation or TFMA's files hold, as TFMA keeps it: slice keys, pairs of them, and `MetricKey`s."""

import math

import numpy as np

from fairkit.counts.rates import FAIRNESS_INDICATORS
from fairkit.errors import FairkitError
from fairkit.evaluation.tfma.config import slicing_specs_of
from fairkit.evaluation.tfma.format import ERROR
from fairkit.evaluation.tfma.metrics import INDICATORS, counted, options_of, thresholds_in
from fairkit.evaluation.tfma.names import PREFIX, metric_key

__all__ = ["applies", "asked_keys", "config_with_defaults", "counted_metrics", "cross_pairs", "metrics_in"]


def config_with_defaults(config):
    """A copy of an `EvalConfig` as TFMA itself completes one for one model."""
    from fairkit.quiet import silence, tfma  # noqa: F401 - TFMA first, without its chatter

    with silence():
        from tensorflow_model_analysis.utils import config_util

        return config_util.update_eval_config_with_defaults(config)


def applies(slicing_spec, key):
    """Whether a `SlicingSpec` is one of the slice of a key, as TFMA decides it."""
    from tensorflow_model_analysis.slicer import slicer_lib

    return slicer_lib.SingleSliceSpec(spec=slicing_spec).is_slice_applicable(key)


def cross_pairs(config, keys):
    """The pairs of slices that an `EvalConfig` compares: a list of (baseline key, comparison key).

    Args:
        config: an `EvalConfig`.
        keys: of the slices that there are.

    Raises:
        FairkitError: for a cross slicing spec that names no two of them.
    """
    pairs = {}
    for spec in config.cross_slicing_specs:
        baselines = [key for key in keys if applies(spec.baseline_spec, key)]
        others = [key for key in keys if (any(applies(one, key) for one in spec.slicing_specs) if spec.slicing_specs
                                          else not applies(spec.baseline_spec, key))]
        if not baselines or not others:
            raise FairkitError("a cross slicing spec names no two slices that are shown",
                               "a baseline_spec and slicing_specs that apply to some example each",
                               " ".join(str(spec).split()))
        pairs |= dict.fromkeys((a, b) for a in baselines for b in others)
    return list(pairs)


def counted_metrics(evaluation, config, crossed):
    """What an `Evaluation` counted, under the names that TFMA gives it with this config.

    Args:
        evaluation: an `Evaluation` that was asked for by the config.
        config: the `EvalConfig`, completed by `config_with_defaults`.
        crossed: dict of (baseline key, comparison key) -> {(class, metric, threshold): (gap, lower, upper)}.

    Returns:
        dict of slice key, or of (baseline key, comparison key) -> {`MetricKey`: list of (value, lower, upper)}, one
        but where a metric has several thresholds; a slice that is left out has {ERROR: the reason}.
    """
    frame = evaluation.frame
    values = {}
    for key, class_id, metric, threshold, *numbers in zip(
            evaluation.row_keys, *(frame[c] for c in ("class", "metric", "threshold", "value", "lower", "upper")),
            strict=True):
        place = class_id, metric, None if np.isnan(threshold) else threshold
        values.setdefault(key, {})[place] = tuple(numbers)
    places = _places(config, evaluation.classes)
    sliced = {key: _named(places, found) for key, found in values.items() if key in {*asked_keys(config, values)}}
    least = config.options.min_slice_size.value
    for key in evaluation.left_out_keys:
        sliced[key] = {ERROR: "Example count for this slice key is lower than the minimum required value: "
                              f"{least}. No data is aggregated for this slice."}
    return {**sliced, **{pair: _named(places, found) for pair, found in crossed.items()}}


def asked_keys(config, keys):
    """The keys of the slices that an `EvalConfig` asks for; fairkit has overall besides."""
    return [key for key in keys if any(applies(spec, key) for spec in slicing_specs_of(config))]


def metrics_in(messages):
    """The same form of TFMA's `MetricsForSlice` messages, without the reason why a slice is left out."""
    from tensorflow_model_analysis.metrics import metric_types
    from tensorflow_model_analysis.slicer import slicer_lib

    sliced = {}
    for message in messages:
        key = slicer_lib.deserialize_cross_slice_key(message.cross_slice_key) \
            if message.HasField("cross_slice_key") else slicer_lib.deserialize_slice_key(message.slice_key)
        found = {}
        for entry in message.metric_keys_and_values:
            numbers = _numbers(entry)
            if numbers:
                found[metric_types.MetricKey.from_proto(entry.key)] = numbers
        sliced[key] = found
    return sliced


def _numbers(entry):
    kind = entry.value.WhichOneof("type")
    if kind == "double_value":
        ends = (getattr(entry.confidence_interval, end) for end in ("lower_bound", "upper_bound"))
        return [(entry.value.double_value.value, *(
            end.double_value.value if end.WhichOneof("type") == "double_value" else math.nan for end in ends))]
    if kind == "bounded_value":
        value = entry.value.bounded_value
        return [(value.value.value, value.lower_bound.value, value.upper_bound.value)]
    return []


def _places(config, classes):
    """[(`MetricKey`, places in an evaluation)] of all metrics of a config; a place is (class, metric, threshold)."""
    from tensorflow_model_analysis.metrics import metric_specs, metric_types

    found = []
    for key, metric, instance in metric_specs.keys_and_metrics_from_specs(config, config.metrics_specs):
        class_id = key.sub_key.class_id if key.sub_key else options_of(metric).get("class_id")
        if class_id is not None and not key.sub_key:
            key = key._replace(sub_key=metric_types.SubKey(class_id=class_id))
        names, _, odd = counted(metric)
        if odd is not None:
            continue
        thresholds = thresholds_in(metric)
        if metric.class_name == INDICATORS:
            found += [(key._replace(name=metric_key(name, t, thresholds).replace(PREFIX, f"{instance.name}/", 1)),
                       [(class_id, name, float(t))]) for t in thresholds for name in FAIRNESS_INDICATORS]
            continue
        [name] = names
        if name == "example_count" and key.example_weighted:
            name = "weighted_example_count"  # TFMA's example count is a sum of weights unless they are switched off
        of_class = class_id if classes is not None and name not in ("accuracy", "example_count",
                                                                   "weighted_example_count") else None
        found.append((key, [(of_class, name, t) for t in (map(float, thresholds) if thresholds else [None])]))
    return found


def _named(places, values):
    found = {}
    for key, wanted in places:
        if all(place in values for place in wanted):
            found[key] = [_as_tfma(place[1], values[place]) for place in wanted]
    return found


def _as_tfma(metric, numbers):
    """TFMA gives 0 for an area or an accuracy of nothing, where fairkit says that it is undefined."""
    return (0.0, math.nan, math.nan) if metric in ("auc", "accuracy") and math.isnan(numbers[0]) else numbers
