"""TFMA's EvalConfig for what fairkit measures: written beside every result, and run by the TFMA engine."""

import json

from fairkit.evaluation.tfma_names import ACCURACY_NAMES

__all__ = ["eval_config", "slices_of", "thresholds_of"]

_FAIRNESS_INDICATORS = "FairnessIndicators"


def eval_config(slices, thresholds, classes=None, weight=None, label="label", prediction="prediction"):
    """The `EvalConfig` that measures Fairness Indicators, AUC, accuracy and counts.

    Args:
        slices: slice specs, tuples of feature names; the whole data, (), is always measured.
        thresholds: thresholds of the Fairness Indicators, in [0, 1].
        classes: None for a binary score; the classes that are each measured against the rest for a softmax.
        weight, label, prediction: the columns of the data; `weight=None` where every example counts once.

    Returns:
        `tensorflow_model_analysis.proto.config_pb2.EvalConfig`.
    """
    from fairkit.quiet import silence

    with silence():
        from tensorflow_model_analysis.proto import config_pb2

    def metric(class_name, module=None, **config):
        return config_pb2.MetricConfig(class_name=class_name, module=module, config=json.dumps(config))

    def spec(*metrics, weighted=weight is not None):
        weights = config_pb2.ExampleWeightOptions(weighted=weighted, unweighted=not weighted)
        return config_pb2.MetricsSpec(metrics=metrics, example_weights=weights)

    rates = [metric(_FAIRNESS_INDICATORS, "fairness_indicators.fairness_indicators_metrics",
                    thresholds=list(dict.fromkeys(map(float, thresholds)))), metric("AUC", name="auc")]
    counts = [spec(metric("ExampleCount"), weighted=False)]
    if weight is not None:
        counts.append(spec(metric("WeightedExampleCount")))
    if classes is None:
        specs = [*counts, spec(*rates, metric("BinaryAccuracy", name=ACCURACY_NAMES[0]))]
    else:
        # Float64, because Keras would divide in float32.
        top_1 = metric("SparseCategoricalAccuracy", name=ACCURACY_NAMES[0], dtype="float64")
        specs = [*counts, spec(top_1)]
        each = config_pb2.BinarizationOptions(class_ids={"values": [int(c) for c in classes]})
        # The board looks for the counts among the metrics of each class.
        for measured in [spec(*rates), *counts] if len(classes) else []:
            specs.append(config_pb2.MetricsSpec())
            specs[-1].CopyFrom(measured)
            specs[-1].binarize.CopyFrom(each)
    return config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec(label_key=label, prediction_key=prediction, example_weight_key=weight)],
        slicing_specs=[config_pb2.SlicingSpec(feature_keys=list(features))
                       for features in dict.fromkeys([(), *map(tuple, slices)])],
        metrics_specs=specs)


def slices_of(config):
    """The slice specs of an `EvalConfig`; a spec for one value of a feature counts as the feature's own."""
    specs = [tuple(sorted({*spec.feature_keys, *spec.feature_values})) for spec in config.slicing_specs]
    return list(dict.fromkeys(specs)) or [()]


def thresholds_of(config):
    """The thresholds of the Fairness Indicators in an `EvalConfig`, in ascending order; [] if it names none."""
    found = set()
    for spec in config.metrics_specs:
        for metric in spec.metrics:
            if metric.class_name == _FAIRNESS_INDICATORS and metric.config:
                text = metric.config if metric.config.startswith("{") else "{" + metric.config + "}"
                found.update(float(t) for t in json.loads(text).get("thresholds", ()))
    return sorted(found)
