"""Every field of TFMA's EvalConfig, and what either engine makes of it: honoured, of no effect, or refused by name."""

__all__ = ["BY_HAND", "BY_MODEL", "FIELDS", "HONOURED", "known_fields", "refused"]

HONOURED = "honoured"
BY_MODEL = "evaluate(model, 'data.tfrecord', engine='tfma', config=config), where TFMA calls the model"
_REFUSED = "refused: "
_RUN_BY_TFMA = f"{_REFUSED}engine='tfma', which runs the config as it is"
_TWO_MODELS = (f"{_REFUSED}a config without it for each model, then fairkit.compare(before, after), whose quality has "
               "the change of AUC")
_ONE_OUTPUT = f"{_REFUSED}the config of one output: label_key, prediction_key, example_weight_key, and no output_names"
BY_HAND = "a group column of your own: Examples(..., groups={'minor': age < 18}), and feature_keys: 'minor'"
_BY_HAND = f"{_REFUSED}{BY_HAND}"
_FILES = f"{_REFUSED}the config without it: fairkit reads TFMA's results from its files"
_OWN_INTERVALS = "honoured: the counts engine always gives its own 95 % intervals"
_OF_SCORES = "no effect: the scores are there, or predicted without TFMA"
_FITS = "no effect: scores and labels are never ragged"
_NOT_IN_MODEL = "no effect: the metrics are the config's; Keras 3's exports hold none of their own"

# message.field of the proto -> (the counts engine, engine="tfma")
FIELDS = {
    "EvalConfig.model_specs": (HONOURED, HONOURED),  # of one model: more of them are refused by `read_config`
    "EvalConfig.slicing_specs": (HONOURED, HONOURED),
    "EvalConfig.cross_slicing_specs": (HONOURED, HONOURED),
    "EvalConfig.metrics_specs": (HONOURED, HONOURED),
    "EvalConfig.options": (HONOURED, HONOURED),
    "ModelSpec.name": ("no effect: TFMA names a single model ''",) * 2,
    "ModelSpec.model_type": (_OF_SCORES, HONOURED),
    "ModelSpec.signature_name": (_OF_SCORES, HONOURED),
    "ModelSpec.preprocessing_function_names": (
        f"{_REFUSED}{BY_MODEL}", HONOURED),  # not of predictions: see `tfma.engine`
    "ModelSpec.label_key": (HONOURED, HONOURED),
    "ModelSpec.label_keys": (_ONE_OUTPUT, _ONE_OUTPUT),
    "ModelSpec.prediction_key": (HONOURED, HONOURED),
    "ModelSpec.prediction_keys": (_ONE_OUTPUT, _ONE_OUTPUT),
    "ModelSpec.example_weight_key": (HONOURED, HONOURED),
    "ModelSpec.example_weight_keys": (_ONE_OUTPUT, _ONE_OUTPUT),
    "ModelSpec.is_baseline": (_TWO_MODELS, _TWO_MODELS),
    "ModelSpec.padding_options": (_FITS, HONOURED),
    "ModelSpec.inference_batch_size": (_OF_SCORES, HONOURED),
    "PaddingOptions.label_int_padding": (_FITS, HONOURED),
    "PaddingOptions.label_float_padding": (_FITS, HONOURED),
    "PaddingOptions.prediction_int_padding": (_FITS, HONOURED),
    "PaddingOptions.prediction_float_padding": (_FITS, HONOURED),
    "SlicingSpec.feature_keys": (HONOURED, HONOURED),
    "SlicingSpec.feature_values": (HONOURED, HONOURED),
    "SlicingSpec.slice_keys_sql": (_BY_HAND, _BY_HAND),
    "CrossSlicingSpec.baseline_spec": (HONOURED, HONOURED),
    "CrossSlicingSpec.slicing_specs": (HONOURED, HONOURED),
    "MetricsSpec.metrics": (HONOURED, HONOURED),  # one by one: `tfma.metrics.counted` names what is not counted
    "MetricsSpec.model_names": ("no effect: there is one model",) * 2,
    "MetricsSpec.output_names": (_ONE_OUTPUT, _ONE_OUTPUT),
    "MetricsSpec.output_weights": (_ONE_OUTPUT, _ONE_OUTPUT),
    "MetricsSpec.binarize": (HONOURED, HONOURED),
    "MetricsSpec.aggregate": (HONOURED, HONOURED),  # its fields are not
    "MetricsSpec.example_weights": (HONOURED, HONOURED),
    "MetricsSpec.query_key": (_RUN_BY_TFMA, HONOURED),
    "MetricsSpec.thresholds": (HONOURED, HONOURED),
    "MetricsSpec.per_slice_thresholds": (HONOURED, HONOURED),
    "MetricsSpec.cross_slice_thresholds": (HONOURED, HONOURED),
    "MetricConfig.class_name": (HONOURED, HONOURED),
    "MetricConfig.module": (HONOURED, HONOURED),
    "MetricConfig.config": (HONOURED, HONOURED),
    "MetricConfig.threshold": (HONOURED, HONOURED),
    "MetricConfig.per_slice_thresholds": (HONOURED, HONOURED),
    "MetricConfig.cross_slice_thresholds": (HONOURED, HONOURED),
    "MetricThreshold.value_threshold": (HONOURED, HONOURED),
    "MetricThreshold.change_threshold": (_TWO_MODELS, _TWO_MODELS),
    "GenericValueThreshold.lower_bound": (HONOURED, HONOURED),
    "GenericValueThreshold.upper_bound": (HONOURED, HONOURED),
    "GenericChangeThreshold.absolute": (_TWO_MODELS, _TWO_MODELS),
    "GenericChangeThreshold.relative": (_TWO_MODELS, _TWO_MODELS),
    "GenericChangeThreshold.direction": (_TWO_MODELS, _TWO_MODELS),
    "PerSliceMetricThreshold.slicing_specs": (HONOURED, HONOURED),
    "PerSliceMetricThreshold.threshold": (HONOURED, HONOURED),
    "PerSliceMetricThresholds.thresholds": (HONOURED, HONOURED),
    "CrossSliceMetricThreshold.cross_slicing_specs": (HONOURED, HONOURED),
    "CrossSliceMetricThreshold.threshold": (HONOURED, HONOURED),
    "CrossSliceMetricThresholds.thresholds": (HONOURED, HONOURED),
    "BinarizationOptions.class_ids": (HONOURED, HONOURED),
    "BinarizationOptions.k_list": (_RUN_BY_TFMA, HONOURED),
    "BinarizationOptions.top_k_list": (_RUN_BY_TFMA, HONOURED),
    "RepeatedInt32Value.values": (HONOURED, HONOURED),
    "AggregationOptions.micro_average": (_RUN_BY_TFMA, HONOURED),
    "AggregationOptions.macro_average": (_RUN_BY_TFMA, HONOURED),
    "AggregationOptions.weighted_macro_average": (_RUN_BY_TFMA, HONOURED),
    "AggregationOptions.class_weights": (_RUN_BY_TFMA, HONOURED),
    "AggregationOptions.top_k_list": (_RUN_BY_TFMA, HONOURED),
    "ExampleWeightOptions.weighted": (HONOURED, HONOURED),
    "ExampleWeightOptions.unweighted": (HONOURED, HONOURED),  # beside a weight key: see `read_config`
    "Options.include_default_metrics": (_NOT_IN_MODEL, HONOURED),
    "Options.compute_confidence_intervals": (_OWN_INTERVALS, HONOURED),
    "Options.confidence_intervals": (_OWN_INTERVALS, HONOURED),
    "ConfidenceIntervalOptions.method": (
        "no effect: the counts engine's intervals are those of docs/evaluation.md; TFMA's by engine='tfma'", HONOURED),
    "Options.min_slice_size": (HONOURED, HONOURED),
    "Options.disabled_outputs": (_FILES, _FILES),
    "RepeatedStringValue.values": (_FILES, _FILES),
}


def refused(config, engine):
    """What of an `EvalConfig` an engine refuses because of its field.

    Args:
        config: an `EvalConfig`.
        engine: "counts" or "tfma".

    Returns:
        dict of the field's path, such as "slicing_specs.slice_keys_sql", -> the way out; the outermost field names
        what is in it.
    """
    return dict(_refused(config, "", ("counts", "tfma").index(engine)))


def known_fields(descriptor):
    """The names, as in FIELDS, of all fields that can occur in a message, with those of the messages inside it."""
    found, waiting, seen = set(), [descriptor], set()
    while waiting:
        message = waiting.pop()
        if message.full_name in seen or message.full_name.startswith("google."):
            continue
        seen.add(message.full_name)
        for field in message.fields:
            found.add(f"{message.name}.{field.name}")
            inner = field.message_type
            if inner is not None and inner.GetOptions().map_entry:
                inner = inner.fields_by_name["value"].message_type
            if inner is not None:
                waiting.append(inner)
    return found


def _refused(message, path, engine):
    for field, value in message.ListFields():
        verdict = FIELDS[f"{message.DESCRIPTOR.name}.{field.name}"][engine]
        here = f"{path}.{field.name}".lstrip(".")
        if verdict.startswith(_REFUSED):
            yield here, verdict.removeprefix(_REFUSED)
            continue
        if field.message_type is None or field.message_type.full_name.startswith("google."):
            continue
        if field.message_type.GetOptions().map_entry:
            inside = value.values() if field.message_type.fields_by_name["value"].message_type is not None else []
        else:
            inside = value if hasattr(value, "append") else [value]
        for one in inside:
            yield from _refused(one, here, engine)
