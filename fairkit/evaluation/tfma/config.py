"""TFMA's EvalConfig for what fairkit measures: written beside every result, and run by the TFMA engine."""

import itertools
from collections.abc import Mapping

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.tfma.metrics import (
    INDICATORS,
    INDICATORS_MODULE,
    asked_metric,
    config_protos,
    is_of_all_classes,
    metric_config,
    metric_name,
    options_of,
    thresholds_in,
)
from fairkit.evaluation.tfma.names import ACCURACY_NAMES, PREFIX, metric_key, parse_metric_key
from fairkit.group_values import is_nothing, plain_value, values_in
from fairkit.numeric_groups import Bins

__all__ = ["INTERVALS", "counts_weights", "eval_config", "indicators_of", "named_in", "slices_of", "slicing_specs_of",
           "taken_at", "thresholds_of"]

INTERVALS = ("jackknife", "poisson_bootstrap")
"""The ways in which TFMA estimates intervals."""

_RATES_BESIDE = (("F1Score", "f1_score"), ("Specificity", "specificity"))


def eval_config(slices, thresholds, classes=None, weight=None, label="label", prediction="prediction", metrics=(),
                intervals=None, scalars=True):
    """The `EvalConfig` that measures Fairness Indicators, F1, specificity, AUC, accuracy, means and counts.

    Args:
        slices: slice specs: features, tuples of features, or dicts of feature -> value, several values, or None for
            every value; the whole data, (), is always measured.
        thresholds: thresholds of the rates, in [0, 1].
        classes: None for a binary score; the classes that are each measured against the rest for a softmax.
        weight, label, prediction: the columns of the data; `weight=None` where every example counts once.
        metrics: further metrics, as `tfma.metrics.asked_metric` takes them, or whole `MetricsSpec`s. A metric that
            looks at one class is measured for each of `classes`.
        intervals: one of INTERVALS, or None for none.
        scalars: name F1 and specificity at each threshold a metric of its own, under the name of a Fairness Indicator.
            False asks for each as one array over the thresholds, which TFMA computes in one go with the indicators.

    Returns:
        `tensorflow_model_analysis.proto.config_pb2.EvalConfig`.

    Raises:
        FairkitError: for a metric that TFMA does not have, two of one name, or intervals of another kind.
    """
    config_pb2 = config_protos()
    if intervals is not None and intervals not in INTERVALS:
        raise FairkitError(f"TFMA has no intervals {quote(intervals)}", nearest(intervals, INTERVALS), quote(intervals))

    def spec(*metrics, weighted=weight is not None):
        weights = config_pb2.ExampleWeightOptions(weighted=weighted, unweighted=not weighted)
        return config_pb2.MetricsSpec(metrics=metrics, example_weights=weights)

    rates = _rates(list(dict.fromkeys(map(float, thresholds))), scalars)
    counts = [spec(metric_config("ExampleCount"), weighted=False)]
    if weight is not None:
        counts.append(spec(metric_config("WeightedExampleCount")))
    if classes is None:
        specs = [*counts, spec(*rates, metric_config("BinaryAccuracy", name=ACCURACY_NAMES[0]))]
    else:
        # Float64, because Keras would divide in float32.
        top_1 = metric_config("SparseCategoricalAccuracy", name=ACCURACY_NAMES[0], dtype="float64")
        specs = [*counts, spec(top_1)]
        # The board looks for the counts among the metrics of each class.
        specs += _of_each(classes, [spec(*rates), *counts])
    if metrics:
        specs += _further(metrics, specs, spec, classes)
    config = config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec(label_key=label, prediction_key=prediction, example_weight_key=weight)],
        slicing_specs=_slicing_specs(slices), metrics_specs=specs)
    if intervals is not None:
        config.options.compute_confidence_intervals.value = True
        config.options.confidence_intervals.method = getattr(config_pb2.ConfidenceIntervalOptions, intervals.upper())
    return config


def slices_of(config):
    """The slice specs of an `EvalConfig`; a spec for one value of a feature counts as the feature's own."""
    specs = [tuple(sorted({*spec.feature_keys, *spec.feature_values})) for spec in config.slicing_specs]
    return list(dict.fromkeys(specs)) or [()]


def thresholds_of(config):
    """The thresholds at which an `EvalConfig` asks for rates, in ascending order; [] if it names none."""
    return sorted({float(t) for metric in _metrics(config) for t in thresholds_in(metric) or ()})


def indicators_of(config):
    """The Fairness Indicators in an `EvalConfig`: dict of the name that their keys begin with -> thresholds."""
    found = {}
    for metric in _metrics(config):
        if metric.class_name == INDICATORS:
            name = options_of(metric).get("name", PREFIX.rstrip("/"))
            found.setdefault(name, []).extend(map(float, thresholds_in(metric)))
    return found


def slicing_specs_of(config):
    """The slicing specs of a config: its own, or that of overall, and those that only its cross slicing specs name."""
    specs = list(config.slicing_specs) or [config_protos().SlicingSpec()]
    for cross in config.cross_slicing_specs:
        specs += [spec for spec in (cross.baseline_spec, *cross.slicing_specs) if spec not in specs]
    return specs


def counts_weights(config):
    """Whether each ExampleCount that a config asks for is a sum of weights, which TFMA calls example_count as well."""
    if not any(spec.example_weight_key for spec in config.model_specs):
        return False
    kinds = {spec.example_weights.unweighted for spec in config.metrics_specs for metric in spec.metrics
             if metric.class_name == "ExampleCount"}
    return kinds == {False}


def taken_at(config):
    """The other rates in an `EvalConfig` whose values bear no threshold in their name: dict of name -> thresholds."""
    return {options_of(metric).get("name") or metric_name(metric): list(map(float, thresholds))
            for metric in _metrics(config)
            if metric.class_name != INDICATORS and (thresholds := thresholds_in(metric)) is not None}


def _metrics(config):
    return [metric for spec in config.metrics_specs for metric in spec.metrics]


def _rates(thresholds, scalars):
    """The metrics of a binary score, or of one class against the rest."""
    found = [metric_config(INDICATORS, INDICATORS_MODULE, thresholds=thresholds), metric_config("AUC", name="auc"),
             metric_config("MeanLabel"), metric_config("MeanPrediction"), metric_config("Calibration")]
    for class_name, name in _RATES_BESIDE:
        if scalars:
            found += [metric_config(class_name, thresholds=[t], name=metric_key(name, t, thresholds))
                      for t in thresholds]
        else:
            found.append(metric_config(class_name, thresholds=thresholds, name=name))
    return found


def _of_each(classes, specs):
    """The specs, for each of the classes against the rest."""
    measured = []
    for spec in specs if len(classes) else []:
        measured.append(type(spec)())
        measured[-1].CopyFrom(spec)
        measured[-1].binarize.class_ids.values.extend(int(class_id) for class_id in classes)
    return measured


def _further(asked, standard, spec, classes):
    """The specs of the metrics that are asked for beside the standard ones."""
    names = {_frame_name(metric): metric.class_name for part in standard for metric in part.metrics}
    whole = [one for one in asked if hasattr(one, "metrics") and hasattr(one, "binarize")]
    single, of_all = [], []
    for one in (one for one in asked if one not in whole):
        metric = asked_metric(one)
        name = _frame_name(metric)
        if isinstance(one, str) and names.get(name) == metric.class_name:
            continue  # it is measured already
        if name in names:
            raise FairkitError(f"two metrics have the name {quote(name)}, so that one would overwrite the other",
                               f'a name of its own: {{"class_name": "{metric.class_name}", "config": '
                               f'{{"name": "my_{name}"}}}}', quote(one))
        names[name] = metric.class_name
        (of_all if classes is None or is_of_all_classes(metric) else single).append(metric)
    return [*([spec(*of_all)] if of_all else []), *(_of_each(classes, [spec(*single)]) if single else []), *whole]


def _frame_name(metric):
    """The name of a metric in fairkit's frame, or how the keys of the indicators begin."""
    return PREFIX if metric.class_name == INDICATORS else parse_metric_key(metric_name(metric))[0]


def named_in(slice_):
    """A slice spec as a dict of feature -> value, values, or None for every value.

    Raises:
        FairkitError: for anything but a feature, a dict, or a tuple of these.
    """
    parts = slice_ if isinstance(slice_, (list, tuple)) else [slice_]
    named = {}
    for part in parts:
        if not isinstance(part, (str, Mapping)):
            raise FairkitError("a slice is a feature, a tuple of features, or a dict of values",
                               "such as 'color', ('color', 'digit') or {'color': 'orange'}", quote(slice_))
        named.update({part: None} if isinstance(part, str) else part)
    return named


def _slicing_specs(slices):
    specs = {}
    for slice_ in [(), *([slices] if isinstance(slices, (str, Mapping)) else slices)]:
        named = named_in(slice_)
        keys = [name for name, values in named.items() if values is None]
        fixed = {name: [_text(name, value) for value in (
            values_in(values))]
            for name, values in named.items() if values is not None}
        for values in itertools.product(*fixed.values()):
            pairs = dict(zip(fixed, values, strict=True))
            specs[tuple(keys), tuple(pairs.items())] = config_protos().SlicingSpec(
                feature_keys=keys, feature_values=pairs)
    return list(specs.values())


def _text(name, value):
    if isinstance(value, Bins) or is_nothing(value):
        raise FairkitError(f"TFMA slices {quote(name)} by the values that it finds", "texts or numbers; for bins "
                           "evaluate(model, examples), with fairkit.Examples in place of records", quote(value))
    return str(plain_value(value))
