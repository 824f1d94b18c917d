"""A Clarify analysis_config.json: what it asks for, and what of it fairkit does not do.

The schema is that of the public documentation of SageMaker Clarify ("Analysis Configuration Files").
"""

from dataclasses import dataclass

from fairkit.bias.definitions import POST_TRAINING, PRE_TRAINING, chosen_metrics
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["TYPES", "ClarifyConfig", "parsed"]

TYPES = ("text/csv", "application/jsonlines", "application/json", "application/x-parquet")
_METHODS = {"pre_training_bias": PRE_TRAINING, "post_training_bias": POST_TRAINING}
_ELSEWHERE = {"shap": "SHAP values", "asymmetric_shapley_value": "SHAP values", "pdp": "partial dependence plots"}
_REFUSED = {"predicted_label_dataset_uri": "predictions in a file of their own are named by --predictions",
            "facet_dataset_uri": "facets must be columns of the data set",
            "time_series_data_config": "time series are not analysed for bias"}
_SERVICE = ("endpoint_name", "model_name", "initial_instance_count", "instance_type", "endpoint_name_prefix",
            "accelerator_type", "custom_attributes", "target_model", "accept_type")
_KNOWN = {"version", "dataset_type", "dataset_uri", "headers", "label", "predicted_label", "features",
          "predicted_label_headers", "joinsource_name_or_index", "excluded_columns", "probability_threshold",
          "label_values_or_threshold", "facet", "group_variable", "facet_headers", "methods", "predictor"}
_PREDICTOR = {"label", "probability", "label_headers", "content_type", "content_template"}


@dataclass(frozen=True)
class ClarifyConfig:
    """What a configuration asks for.

    Attributes:
        kind: one of `TYPES`.
        headers: names of the columns, or None.
        label, predicted_label, features: where these stand: names, positions, or paths into JSON records.
        positive: values (a list) or a threshold (a number).
        facets: list of (name or position, values, threshold or None).
        group: name or position, or None.
        excluded: columns that a model is not fed; joined: the column of row identifiers, or None.
        metrics: short names.
        threshold: of probabilities.
        predictor: dict of what is said of a model's input and output.
        notes: what was asked for and is not done, in words.
    """

    kind: str
    headers: list | None
    label: object
    predicted_label: object
    features: str | None
    positive: object
    facets: list
    group: object
    excluded: list
    joined: object
    metrics: tuple
    threshold: float
    predictor: dict
    notes: tuple


def parsed(config):
    """The `ClarifyConfig` of the object in an analysis_config.json.

    Raises:
        FairkitError: where it asks for no bias analysis, or for one that needs what fairkit has not.
    """
    if not isinstance(config, dict):
        raise FairkitError("an analysis_config.json holds no object", '{"dataset_type": ..., "methods": ...}',
                           type(config).__name__)
    for name, why in _REFUSED.items():
        if name in config:
            raise FairkitError(f"{name} is not supported: {why}", f"no {name}", quote(config[name]))
    kind = str(config.get("dataset_type", "text/csv")).replace("application/parquet", TYPES[-1])
    if kind not in TYPES:
        raise FairkitError(f"dataset_type {quote(kind)} is not supported", nearest(kind, TYPES), quote(kind))
    metrics, notes = _methods(config.get("methods"))
    facets = config.get("facet")
    facets = facets if isinstance(facets, list) else [] if facets is None else [facets]
    for name in ("label", "label_values_or_threshold"):
        if config.get(name) is None:
            raise FairkitError(f"the configuration has no {name}", f"{name}, which bias is measured by", "none")
    if not facets or not all(isinstance(one, dict) and "name_or_index" in one for one in facets):
        raise FairkitError("the configuration names no facet", '"facet": [{"name_or_index": ...}]', quote(facets))
    predictor, more = _predictor(config.get("predictor"))
    notes += more + [f"{name}: not known to fairkit, not looked at" for name in config
                     if name not in _KNOWN and name not in _REFUSED]
    if "dataset_uri" in config:
        notes.append("dataset_uri: the data set is the one named by --data")
    return ClarifyConfig(kind, config.get("headers"), config["label"], config.get("predicted_label"),
                         config.get("features"), config["label_values_or_threshold"],
                         [(one["name_or_index"], one.get("value_or_threshold")) for one in facets],
                         config.get("group_variable"), list(config.get("excluded_columns") or []),
                         config.get("joinsource_name_or_index"), metrics,
                         float(config.get("probability_threshold", 0.5)), predictor, tuple(notes))


def _methods(methods):
    """(short names of the metrics, notes)."""
    if not isinstance(methods, dict) or not set(methods) & set(_METHODS):
        raise FairkitError("the configuration asks for no bias metrics", 'pre_training_bias or post_training_bias in '
                           '"methods"', "none" if not methods else ", ".join(map(str, methods)))
    metrics, notes = [], []
    for name, options in methods.items():
        if name in _METHODS:
            wanted = (options or {}).get("methods", "all")
            metrics += _METHODS[name] if wanted in ("all", ["all"]) else chosen_metrics(wanted)
        elif name == "report":
            notes.append("report: no notebook or PDF is made; -o writes analysis.json")
        else:
            notes.append(f"{name}: {_ELSEWHERE.get(name, 'this method')} are not part of a bias report, left out"
                         if name in _ELSEWHERE else f"{name}: no method that fairkit has, left out")
    return chosen_metrics(metrics), notes


def _predictor(predictor):
    predictor = predictor or {}
    notes = [f"predictor.{name}: fairkit calls no service; the model is the one named by --model"
             for name in predictor if name in ("endpoint_name", "model_name")]
    unknown = [name for name in predictor if name not in _PREDICTOR and name not in _SERVICE]
    if unknown:
        notes += [f"predictor.{name}: not supported, not looked at" for name in unknown]
    return {name: value for name, value in predictor.items() if name in _PREDICTOR}, notes
