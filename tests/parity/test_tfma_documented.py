"""The configurations that TFMA's guides document give TFMA's own results here, or a refusal whose way out is walked.

The guides are get_started, setup, metrics and model_validations of TFMA 0.52. TFMA runs beside on the same examples.
"""

import functools

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import fairkit
from fairkit.evaluation.tfma.request import read_config

pytestmark = pytest.mark.once

pytest.importorskip("fairness_indicators")

N = 160
RNG = np.random.default_rng(2)
LABELS = RNG.integers(0, 2, N)
SCORES = (RNG.integers(1, 1000, N) / 1000 + 0.6 * LABELS) / 1.6
WORSE = (SCORES + RNG.random(N)) / 2
WEIGHTS = RNG.integers(1, 4, N).astype(float)
AGE, COUNTRY, CITY = RNG.choice([20, 40], N), RNG.choice(["us", "jp"], N), RNG.choice(["a", "b"], N)
CLASSES = RNG.dirichlet(np.ones(4), N)
TRUTH = RNG.integers(0, 4, N)
QUERY, GAIN = np.arange(N) // 8, RNG.integers(0, 5, N)
GROUPS = {"age": AGE, "country": COUNTRY, "city": CITY, "doc_id": QUERY, "gain": GAIN}

SLICES = 'slicing_specs {} slicing_specs { feature_keys: ["age"] }'
ALL_SLICES = SLICES + """
slicing_specs { feature_keys: ["country", "city"] }
slicing_specs { feature_values { key: "country" value: "us" } }
slicing_specs { feature_keys: ["country"] feature_values { key: "age" value: "20" } }"""
CROSSED = """cross_slicing_specs { baseline_spec {} slicing_specs { feature_keys: ["country"] } }
cross_slicing_specs { baseline_spec { feature_values { key: "country" value: "us" } }
  slicing_specs { feature_values { key: "country" value: "jp" } } }"""
WEIGHED = 'model_specs { label_key: "label" example_weight_key: "weight" }'
PLAIN = 'model_specs { signature_name: "serving_default" label_key: "label" }'
COUNTED = """metrics_specs { metrics { class_name: "ExampleCount" } metrics { class_name: "BinaryAccuracy" }
  metrics { class_name: "MeanLabel" } metrics { class_name: "MeanPrediction" } metrics { class_name: "Calibration" }
  metrics { class_name: "FairnessIndicators" config: '"thresholds": [0.25, 0.5, 0.75]' } }"""


def named(*names, options=()):
    options = dict(options)
    return " ".join(f"""metrics {{ class_name: "{name}" config: '{options.get(name, "")}' }}""" for name in names)


def several(*parts):
    return f"metrics_specs {{ {' '.join(parts)} }}"


PER_CLASS = "binarize { class_ids { values: [0, 1, 2, 3] } }"
MACRO = " ".join(f"class_weights {{ key: {k} value: 1.0 }}" for k in range(4))

BINARY = {
    "a single model": WEIGHED + SLICES + several(named("AUC", "ConfusionMatrixPlot")),
    "every kind of slice": PLAIN + ALL_SLICES + several(named("ExampleCount", "AUC")),
    "binary classification": PLAIN + SLICES + several(named(
        "ExampleCount", "BinaryCrossentropy", "BinaryAccuracy", "AUC", "AUCPrecisionRecall", "Precision", "Recall",
        "MeanLabel", "MeanPrediction", "Calibration", "ConfusionMatrixPlot", "CalibrationPlot")),
    "regression": PLAIN + several(named(
        "ExampleCount", "MeanSquaredError", "Accuracy", "MeanLabel", "MeanPrediction", "Calibration",
        "CalibrationPlot", options={"CalibrationPlot": '"left": 0, "right": 10'})),
    "confusion matrices": WEIGHED + SLICES + several(named(
        "ConfusionMatrixAtThresholds", "FairnessIndicators", "AUC", options={
            "ConfusionMatrixAtThresholds": '"thresholds": [0.3, 0.8]', "FairnessIndicators": '"thresholds": [0.3, 0.8]',
            "AUC": '"name": "area", "num_thresholds": 100'})),
    "Fairness Indicators": WEIGHED + ALL_SLICES + COUNTED,
    "cross slices": WEIGHED + ALL_SLICES + CROSSED + COUNTED,
    "queries": PLAIN + several('query_key: "doc_id"', named(
        "NDCG", "MinLabelPosition", options={"NDCG": '"gain_key": "gain", "top_k_list": [1, 2]'})),
    "small slices": PLAIN + ALL_SLICES + several(named("ExampleCount", "AUC"))
    + "options { min_slice_size { value: 45 } include_default_metrics { value: true } }",
    "unweighted beside a weight": WEIGHED + several("example_weights { unweighted: true }", named("AUC")),
}
MULTICLASS = {
    "multi-class": PLAIN + several(named("ExampleCount", "SparseCategoricalCrossentropy", "SparseCategoricalAccuracy")
                                   + """metrics { class_name: "Precision" config: '"top_k": 1' }
                                   metrics { class_name: "Precision" config: '"top_k": 3' }
                                   metrics { class_name: "Recall" config: '"top_k": 1' }
                                   metrics { class_name: "Recall" config: '"top_k": 3' }"""
                                   + named("MultiClassConfusionMatrixPlot")),
    "binarized": PLAIN + SLICES + several(PER_CLASS, named("AUC", "FairnessIndicators", options={
        "FairnessIndicators": '"thresholds": [0.25]'})),
    "binarized by top_k": PLAIN + several("binarize { top_k_list { values: [1, 3] } }", named("Precision", "Recall")),
    "micro average": PLAIN + several("aggregate { micro_average: true }", named("AUC")),
    "micro average of the top": PLAIN + several("aggregate { micro_average: true top_k_list { values: [1, 3] } }",
                                                named("Precision")),
    "macro average": PLAIN + several(f"aggregate {{ macro_average: true {MACRO} }}", named("AUC")),
    "weighted macro average": PLAIN + several(f"aggregate {{ weighted_macro_average: true {MACRO} }}", named("AUC")),
    "macro average of the top": PLAIN + several("aggregate { macro_average: true top_k_list { values: [1, 3] } }",
                                                named("Precision")),
    "both": PLAIN + several(PER_CLASS, f"aggregate {{ macro_average: true {MACRO} }}", named("AUC")),
}
DOCUMENTED = {**BINARY, **MULTICLASS}


def predictions_of(config, scores=None):
    multiclass = config in MULTICLASS.values()
    given = scores if scores is not None else CLASSES if multiclass else SCORES
    return fairkit.Predictions(TRUTH if multiclass else LABELS, given, GROUPS, WEIGHTS)


def by_tfma(config, folder, **predictions):
    """TFMA's own run; `predictions` are columns of scores by the names that the config has for them."""
    from fairkit.quiet import tfma

    parsed = read_config(config).config
    multiclass = config in MULTICLASS.values()
    if not predictions:
        parsed.model_specs[0].prediction_key = "prediction"
        predictions = {"prediction": CLASSES if multiclass else SCORES}
    rows = pd.DataFrame({"label": TRUTH if multiclass else LABELS, "weight": WEIGHTS, **GROUPS,
                         **{name: list(scores) for name, scores in predictions.items()}})
    for metric in (metric for spec in parsed.metrics_specs for metric in spec.metrics):
        if metric.class_name == "FairnessIndicators":
            metric.module = "fairness_indicators.fairness_indicators_metrics"
    tfma.analyze_raw_data(rows, parsed, output_path=str(folder))
    return folder


def numbers_in(folder, model=""):
    """dict of place -> number: all that TFMA's loader has of metrics and plots."""
    from fairkit.quiet import tfma

    found = {}

    def walk(part, path):
        if isinstance(part, dict):
            part = part.items()
        elif isinstance(part, (list, tuple)):
            part = enumerate(part)
        else:
            found[path] = float(part) if isinstance(part, (int, float)) or part in ("NaN", "Infinity") else part
            return
        for name, inner in part:
            walk(inner, (*path, name))

    for key, value in tfma.load_eval_result(str(folder), model_name=model).slicing_metrics:
        walk(value, ("metrics", key))
    for key, value in tfma.load_eval_result(str(folder), model_name=model).plots:
        walk(value, ("plots", key))
    return found


def assert_same(found, expected):
    assert found.keys() == expected.keys() and found
    for place, value in expected.items():
        assert found[place] == (pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True)
                                if isinstance(value, float) else value), place


@functools.cache
def by_fairkits_engine(config):
    return fairkit.evaluate(predictions_of(config), config=config, engine="tfma")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_documented_configuration_gives_tfmas_own_result(name, tmp_path):
    config = DOCUMENTED[name]
    evaluation = by_fairkits_engine(config)
    evaluation.save(tmp_path / "ours")
    assert_same(numbers_in(tmp_path / "ours"), numbers_in(by_tfma(config, tmp_path / "theirs")))
    assert fairkit.load_evaluation(tmp_path / "theirs").values.keys() == evaluation.values.keys()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_counts_engine_gives_it_or_leads_to_the_engine_that_does(name):
    config = DOCUMENTED[name]
    if (request := read_config(config)).not_counted:
        with pytest.raises(fairkit.FairkitError) as error:
            fairkit.evaluate(predictions_of(config), config=config)
        assert all(part in str(error.value) for part in request.not_counted)
        assert "engine='tfma'" in str(error.value)   # which the test above runs
        return
    counted = fairkit.evaluate(predictions_of(config), config=config)
    theirs = by_fairkits_engine(config)
    found = counted.frame.set_index(["slice", "class", "metric", "threshold"])["value"]
    expected = theirs.frame.set_index(["slice", "class", "metric", "threshold"])["value"]
    names = set(read_config(config).metrics)
    if "weighted_example_count" in names:
        names -= {"example_count"}   # TFMA counts weights alone
    asked = [place for place in expected.index if place[2] in names]
    assert {place[2] for place in asked} == names and sorted(counted.left_out) == sorted(theirs.left_out)
    assert set(found.index.get_level_values(0)) == set(expected.index.get_level_values(0))
    for place in asked:   # TFMA interpolates AUC
        assert found[place] == pytest.approx(expected[place], abs=2e-3 if place[2] == "auc" else 1e-9, nan_ok=True)
    if theirs.cross_slices is not None:
        columns = ["baseline", "comparison", "metric", "threshold"]
        ours = counted.cross_slices.set_index(columns)["gap"]
        for place, gap in theirs.cross_slices.set_index(columns)["gap"].items():
            assert place not in ours.index or ours[place] == pytest.approx(gap, abs=2e-3, nan_ok=True)
        assert len(ours)


VALIDATED = WEIGHED + SLICES + """metrics_specs {
  thresholds { key: "auc" value { value_threshold { lower_bound { value: 0.7 } } %(change)s } }
  metrics { class_name: "ExampleCount" threshold { value_threshold { lower_bound { value: 100 } } } }
  metrics { class_name: "AUC" }
  metrics { class_name: "FairnessIndicators" config: '"thresholds": [0.5]' }
  metrics { class_name: "ConfusionMatrixPlot" }
  per_slice_thresholds { key: "auc" value { thresholds { slicing_specs { feature_keys: "age" }
    threshold { value_threshold { lower_bound { value: 0.5 } upper_bound { value: 0.85 } } %(change)s } } } } }"""
WITHOUT_PLOT = VALIDATED.replace('metrics { class_name: "ConfusionMatrixPlot" }', "")
CHANGE = "change_threshold { direction: HIGHER_IS_BETTER absolute { value: -1e-10 } }"
TWO = 'model_specs { name: "%s" label_key: "label" example_weight_key: "weight" prediction_key: "%s" %s }'
TWO_MODELS = TWO % ("candidate", "new", "") + TWO % ("baseline", "old", "is_baseline: true")


def failures(validation):
    """TFMA's failures, as (slice, metric)."""
    return {(tuple((key.column, key.bytes_value.decode() or str(key.int64_value))
                   for key in part.slice_key.single_slice_keys), failure.metric_key.name)
            for part in validation.metric_validations_per_slice for failure in part.failures}


def test_options_that_only_the_guide_has_lead_to_those_that_tfma_has():
    """The guide's regression metrics say min_value and max_value; TFMA 0.52 takes left and right, as run above."""
    from tensorflow_model_analysis import metrics

    config = BINARY["regression"].replace("left", "min_value").replace("right", "max_value")
    with pytest.raises(TypeError, match="min_value"):
        metrics.CalibrationPlot(min_value=0, max_value=10)
    with pytest.raises(fairkit.FairkitError, match="options of that class: num_buckets, left, right, name"):
        fairkit.evaluate(predictions_of(config), config=config, engine="tfma")


@pytest.mark.parametrize("engine", ["counts", "tfma"])
def test_values_are_validated_as_tfma_validates_them(engine, tmp_path):
    from fairkit.quiet import tfma

    config = (VALIDATED if engine == "tfma" else WITHOUT_PLOT) % {"change": ""}
    theirs = tfma.load_validation_result(str(by_tfma(config, tmp_path / "theirs")))
    validation = fairkit.evaluate(predictions_of(config), config=config, engine=engine).validation
    assert validation.ok is theirs.validation_ok is False
    assert failures(validation.result) == failures(theirs) != set()


@pytest.mark.parametrize("better", [True, False], ids=["better", "worse"])
def test_a_candidate_and_its_baseline_lead_to_a_comparison(better, tmp_path):
    """The guide's change threshold: refused, and fairkit.compare gives the changes by which TFMA decides."""
    from fairkit.quiet import tfma

    new, old = (SCORES, WORSE) if better else (WORSE, SCORES)
    changing = WITHOUT_PLOT % {"change": CHANGE}
    two = changing.replace(WEIGHED, TWO_MODELS)
    for engine in ("counts", "tfma"):
        for config in (changing, two):
            with pytest.raises(fairkit.FairkitError, match=r"fairkit\.compare\(before, after\), whose quality has the"):
                fairkit.evaluate(predictions_of(config, new), config=config, engine=engine)
    # Without models, of which it has the scores only, TFMA gives the changes but judges none.
    folder = by_tfma(two.replace(CHANGE, ""), tmp_path / "theirs", new=new, old=old)
    for engine in ("counts", "tfma"):
        each = WITHOUT_PLOT % {"change": ""}
        before, after = (fairkit.evaluate(predictions_of(each, scores), config=each, engine=engine)
                         for scores in (old, new))
        for name, evaluation in (("candidate", after), ("baseline", before)):
            loaded = fairkit.load_evaluation(folder, model=name)
            for slice_ in ("Overall", "age:20", "age:40"):
                assert evaluation.value("auc", slice_) == pytest.approx(loaded.value("auc", slice_), abs=2e-3)
                assert evaluation.value("false_positive_rate", slice_, 0.5) == pytest.approx(
                    loaded.value("false_positive_rate", slice_, 0.5))
        if engine == "tfma":   # values without counts
            with pytest.raises(fairkit.FairkitError, match="what fairkit.evaluate gives|needs counts|engine='counts'"):
                fairkit.compare(before, after)
            continue
        compared = fairkit.compare(before, after, metric="false_positive_rate")
        quality = compared.quality.set_index("metric")["change"]
        changes = dict(tfma.load_eval_result(str(folder), model_name="candidate").slicing_metrics)[()][""][""]
        assert quality["auc"] == pytest.approx(changes["auc_diff"]["doubleValue"], abs=2e-3)
        name = "fairness_indicators_metrics/false_positive_rate@0.5_diff"
        rows = compared.rows("unchanged", 0.5).set_index("slice")["change"]
        assert rows["Overall"] == pytest.approx(changes[name]["doubleValue"])
        with pytest.raises(fairkit.FairkitError, match=r"compare\(before, after\).quality has the change of AUC"):
            fairkit.compare(before, after, metric="auc")
        assert bool(quality["auc"] >= -1e-10) is (changes["auc_diff"]["doubleValue"] >= -1e-10) is better


def test_outputs_are_evaluated_one_by_one():
    """A config of several outputs is refused; that of one, which the refusal names, gives that one's values."""
    several_outputs = """model_specs { label_keys { key: "tox" value: "label" } label_keys { key: "age" value: "label" }
      prediction_keys { key: "tox" value: "new" } prediction_keys { key: "age" value: "old" } }
      metrics_specs { output_names: ["tox"] metrics { class_name: "AUC" } metrics { class_name: "ExampleCount" } }"""
    one = 'model_specs { label_key: "label" prediction_key: "new" } metrics_specs { metrics { class_name: "AUC" } ' \
          'metrics { class_name: "ExampleCount" } }'
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError, match="the config of one output: label_key, prediction_key"):
            fairkit.evaluate(predictions_of(one), config=several_outputs, engine=engine)
        found = fairkit.evaluate(predictions_of(one), config=one, engine=engine)
        assert found.value("auc") == pytest.approx(roc_auc_score(LABELS, SCORES), abs=2e-3)
        assert found.value("example_count") == N


@pytest.mark.parametrize("method", ["JACKKNIFE", "POISSON_BOOTSTRAP"])
def test_intervals_are_those_that_the_config_names(method, tmp_path):
    """TFMA draws its parts at random: the values agree exactly, and the intervals hold them."""
    config = (WEIGHED + SLICES + several(named("ExampleCount", "BinaryAccuracy")) + "options { "
              f"compute_confidence_intervals {{ value: true }} confidence_intervals {{ method: {method} }} }}")
    evaluation = fairkit.evaluate(predictions_of(config), config=config, engine="tfma")
    theirs = fairkit.load_evaluation(by_tfma(config, tmp_path / "theirs"))
    rows = evaluation.frame[evaluation.frame["metric"] == "accuracy"]
    assert rows["value"].tolist() == pytest.approx(theirs.frame[theirs.frame["metric"] == "accuracy"]["value"].tolist())
    assert (rows["lower"] < rows["value"]).all() and (rows["value"] < rows["upper"]).all() and len(rows) == 3
    counted = fairkit.evaluate(predictions_of(config), config=config)
    assert counted.value("accuracy") == pytest.approx(rows["value"].iloc[0])


def test_disabled_outputs_lead_to_the_config_without_them():
    config = PLAIN + several(named("AUC")) + 'options { disabled_outputs { values: ["eval_config.json"] } }'
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError, match=r"the config without it.*options.disabled_outputs"):
            fairkit.evaluate(predictions_of(config), config=config, engine=engine)
        assert fairkit.evaluate(predictions_of(config), config=config.partition("options")[0], engine=engine).value(
            "auc") > 0.5


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(SavedModel, TFRecords of its examples)."""
    from fairkit.quiet import tf

    class Served(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.float32, name="logit")])
        def serve(self, logit):
            return {"score": tf.sigmoid(logit)}

    folder = tmp_path_factory.mktemp("model")
    module = Served()
    tf.saved_model.save(module, str(folder / "saved"), signatures={"serving_default": module.serve})
    with tf.io.TFRecordWriter(str(folder / "a.tfrecord")) as writer:
        for label, score, weight, age in zip(LABELS, SCORES, WEIGHTS, AGE, strict=True):
            features = {"label": int(label), "age": int(age), "logit": float(np.log(score / (1 - score))),
                        "weight": float(weight)}
            writer.write(tf.train.Example(features=tf.train.Features(feature={
                name: tf.train.Feature(int64_list=tf.train.Int64List(value=[value])) if isinstance(value, int)
                else tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
                for name, value in features.items()})).SerializeToString())
    return folder / "saved", folder / "a.tfrecord"


@pytest.mark.parametrize("config", [
    BINARY["a single model"], WEIGHED.replace("label_key", 'signature_name: "serving_default" label_key') + SLICES
    + several(named("AUC", "ExampleCount"))], ids=["get_started", "signature"])
def test_run_model_analysis_and_evaluate_agree_on_a_model_and_records(exported, config, tmp_path):
    from fairkit.quiet import tfma

    model, records = exported
    parsed = read_config(config).config
    shared = tfma.default_eval_shared_model(eval_saved_model_path=str(model), eval_config=parsed)
    tfma.run_model_analysis(eval_shared_model=shared, eval_config=parsed, data_location=str(records),
                            output_path=str(tmp_path / "theirs"))
    evaluation = fairkit.evaluate(model, records, engine="tfma", config=config)
    evaluation.save(tmp_path / "ours")
    assert_same(numbers_in(tmp_path / "ours"), numbers_in(tmp_path / "theirs"))
