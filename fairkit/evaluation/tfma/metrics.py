"""TFMA's metrics by name: which of them there are, how one is asked for, and which of them fairkit counts itself."""

import importlib
import inspect
import json
import math
from collections.abc import Mapping

from fairkit.arguments import is_number
from fairkit.counts.rates import FAIRNESS_INDICATORS
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["INDICATORS", "INDICATORS_MODULE", "asked_metric", "config_protos", "counted", "is_of_all_classes",
           "metric_config", "metric_name", "options_of", "thresholds_in"]

INDICATORS, INDICATORS_MODULE = "FairnessIndicators", "fairness_indicators.fairness_indicators_metrics"
_INDICATORS_THRESHOLDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

# TFMA's classes for what fairkit counts: at thresholds (.5 where none are given), and without.
_AT_THRESHOLDS = {
    "F1Score": "f1_score", "FNR": "false_negative_rate", "FPR": "false_positive_rate",
    "FallOut": "false_positive_rate", "FalseDiscoveryRate": "false_discovery_rate",
    "FalseOmissionRate": "false_omission_rate", "MissRate": "false_negative_rate", "PPV": "precision",
    "Precision": "precision", "PredictedPositiveRate": "positive_rate", "Recall": "recall",
    "Specificity": "specificity", "TNR": "true_negative_rate", "TPR": "true_positive_rate"}
_PLAIN = {
    "AUC": "auc", "BinaryAccuracy": "accuracy", "Calibration": "calibration", "CategoricalAccuracy": "accuracy",
    "ExampleCount": "example_count", "MeanLabel": "mean_label", "MeanPrediction": "mean_prediction",
    "Prevalence": "mean_label", "SparseCategoricalAccuracy": "accuracy",
    "WeightedExampleCount": "weighted_example_count"}
_WITHOUT_EFFECT = {"name", "dtype", "num_thresholds"}
_AS_COUNTED = {"curve": "ROC", "summation_method": "interpolation", "threshold": 0.5}


def config_protos():
    """The module with `EvalConfig` and its parts."""
    from fairkit.quiet import silence, tfma  # noqa: F401 - TFMA first, without its chatter

    with silence():
        from tensorflow_model_analysis.proto import config_pb2

    return config_pb2


def metric_config(class_name, module=None, **options):
    """A `MetricConfig` with options as TFMA reads them, as JSON."""
    return config_protos().MetricConfig(class_name=class_name, module=module, config=json.dumps(options))


def options_of(metric):
    """The options of a `MetricConfig` as a dict.

    Raises:
        FairkitError: if they are no JSON object, with or without its braces.
    """
    text = metric.config.strip()
    if not text:
        return {}
    try:
        options = json.loads(text if text.startswith("{") else "{" + text + "}")
    except ValueError as error:
        raise FairkitError(f"the config of metric {quote(metric.class_name)} is no JSON", '{"thresholds": [0.5]}',
                           f"{quote(metric.config)} ({error})") from None
    if not isinstance(options, dict):
        raise FairkitError(f"the config of metric {quote(metric.class_name)} holds no options", '{"thresholds": [0.5]}',
                           quote(metric.config))
    return options


def thresholds_in(metric):
    """The thresholds at which a `MetricConfig` gives fairkit's rates; None if it is a metric without thresholds."""
    if metric.class_name != INDICATORS and metric.class_name not in _AT_THRESHOLDS:
        return None
    options = options_of(metric)
    if options.get("top_k") is not None:
        return None
    given = options.get("thresholds")
    if given is None:
        return list(_INDICATORS_THRESHOLDS) if metric.class_name == INDICATORS else [0.5]
    return list(given) if isinstance(given, (list, tuple)) else [given]


def counted(metric):
    """What fairkit counts of a `MetricConfig`: (names of fairkit's metrics, thresholds, what it does not count).

    The last is None, or what the counts engine cannot give, in the words of the configuration; then the others are
    empty.
    """
    name, options, thresholds = metric.class_name, options_of(metric), thresholds_in(metric)
    free = {*_WITHOUT_EFFECT, "class_id", *(["thresholds"] if thresholds is not None else [])}
    odd = [f"{option}={quote(value)}" for option, value in options.items()
           if value is not None and option not in free and _AS_COUNTED.get(option) != value]
    if thresholds is not None and not all(_is_threshold(threshold) for threshold in thresholds):
        odd.append(f"thresholds={quote(thresholds)}")
    if name not in {INDICATORS, *_AT_THRESHOLDS, *_PLAIN} or odd:
        return (), (), name + (f" ({', '.join(odd)})" if odd else "")
    if name == INDICATORS:
        return FAIRNESS_INDICATORS, thresholds, None
    return (_AT_THRESHOLDS.get(name) or _PLAIN[name],), thresholds or (), None


def asked_metric(asked):
    """The `MetricConfig` of one metric that a user asks for.

    Args:
        asked: the name of a class of TFMA or of tf_keras.metrics ("MeanAbsoluteError"), a dict with `class_name` and,
            as wanted, `config` (a dict of options) and `module`, or a `MetricConfig`.

    Raises:
        FairkitError: for a class that is not there, or options that it does not take.
    """
    if isinstance(asked, str):
        metric = metric_config(asked)
    elif isinstance(asked, Mapping):
        unknown = [key for key in asked if key not in ("class_name", "config", "module")]
        if unknown or "class_name" not in asked:
            raise FairkitError("a metric is named by its class", "a dict with class_name, config and module",
                               quote(dict(asked)))
        metric = _from_dict(asked)
    elif hasattr(asked, "class_name") and hasattr(asked, "config"):
        metric = asked
    else:
        raise FairkitError("a metric is asked for by name", "'MeanAbsoluteError', a dict with class_name and config, "
                           "or TFMA's MetricConfig", quote(asked))
    metric_name(metric)
    return metric


def metric_name(metric):
    """The name under which TFMA gives the values of a `MetricConfig`.

    Raises:
        FairkitError: for a class that is not there, or options that it does not take.
    """
    from tensorflow_model_analysis.metrics import metric_specs

    if not metric.class_name:
        raise FairkitError("a metric has no class_name", "such as 'MeanAbsoluteError'", repr(str(metric)))
    made = _class_of(metric)
    options = options_of(metric)
    try:
        return metric_specs.metric_instance(metric).name
    except Exception as error:
        raise FairkitError(f"TFMA's metric {quote(metric.class_name)} does not take this config",
                           f"options of that class: {', '.join(_parameters(made))}",
                           f"{options} ({' '.join(str(error).split())})") from error


def is_of_all_classes(metric):
    """Whether a metric looks at all classes of a softmax at once, rather than at one class against the rest."""
    name = metric.class_name
    return any(part in name for part in ("Categorical", "MultiClass", "MultiLabel", "TopK", "NDCG", "ExampleCount")) \
        or any(options_of(metric).get(option) is not None for option in ("top_k", "class_id"))


def _from_dict(asked):
    config = asked.get("config", {})
    if isinstance(config, Mapping):
        return metric_config(str(asked["class_name"]), asked.get("module"), **config)
    metric = metric_config(str(asked["class_name"]), asked.get("module"))
    metric.config = str(config)
    return metric


def _class_of(metric):
    """The class of a metric, which is there."""
    from tensorflow_model_analysis.metrics import metric_types
    from tensorflow_model_analysis.utils.keras_lib import tf_keras

    registered = metric_types.registered_metrics()
    if metric.class_name in registered:
        return registered[metric.class_name]
    if metric.module:
        try:
            return getattr(importlib.import_module(metric.module), metric.class_name)
        except (ImportError, AttributeError) as error:
            raise FairkitError(f"there is no metric {quote(metric.class_name)} in {quote(metric.module)}",
                               "the name of a class and of its module", str(error)) from None
    of_keras = [name for name in dir(tf_keras.metrics) if isinstance(getattr(tf_keras.metrics, name), type)]
    if metric.class_name not in of_keras:
        raise FairkitError(f"TFMA has no metric {quote(metric.class_name)}",
                           nearest(metric.class_name, sorted({*registered, *of_keras, INDICATORS})),
                           quote(metric.class_name))
    return getattr(tf_keras.metrics, metric.class_name)


def _parameters(made):
    """The names of what a class takes."""
    return [name for name, parameter in inspect.signature(made).parameters.items()
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)]


def _is_threshold(value):
    return is_number(value) and math.isfinite(value) and 0 <= value <= 1
