"""TFMA run by fairkit on predictions: metrics by name, intervals, Beam options, configurations as they are."""

import math
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss

import fairkit
from fairkit.evaluation.pipelines import pipeline_options
from fairkit.evaluation.tfma.config import eval_config
from fairkit.evaluation.tfma.engine import evaluate_config_with_tfma, tfma_values
from fairkit.evaluation.tfma.metrics import config_protos
from fairkit.evaluation.tfma.result import load_tfma

pytest.importorskip("fairness_indicators")
N = 300
CONFIG = """
model_specs { label_key: "is_toxic" prediction_key: "score" example_weight_key: "how_often" }
slicing_specs { }
slicing_specs { feature_keys: "gender" feature_values { key: "religion" value: "muslim" } }
metrics_specs {
  metrics { class_name: "FairnessIndicators" config: '"thresholds": [0.25, 0.5], "name": "fair"' }
  metrics { class_name: "Precision" config: '{"thresholds": [0.3, 0.6], "name": "exactness"}' }
  metrics { class_name: "Recall" }
  metrics { class_name: "MeanLabel" }
  metrics { class_name: "ConfusionMatrixPlot" }
}
metrics_specs { metrics { class_name: "ExampleCount" } example_weights { unweighted: true } }
"""


@pytest.fixture(scope="module")
def binary():
    rng = np.random.default_rng(11)
    religions = [None, "christian", ["christian", "muslim"], "muslim"]
    examples = fairkit.Examples(labels=rng.integers(0, 2, N), weights=rng.exponential(2, N), groups={
        "gender": rng.choice(["female", "male"], N), "religion": [religions[i] for i in rng.integers(0, 4, N)]})
    return fairkit.predict(rng.integers(1, 1000, N) / 1000, examples)


@pytest.fixture(scope="module")
def asked(binary, tmp_path_factory):
    """(values, folder) of a run with further metrics and jackknife intervals."""
    folder = tmp_path_factory.mktemp("asked") / "evaluation"
    metrics = ["MeanAbsoluteError", "BinaryCrossentropy", "AUC", config_protos().MetricConfig(
        class_name="MeanSquaredError"), {"class_name": "AUC", "config": {"curve": "PR", "name": "area_pr"}},
        "CalibrationPlot"]
    return tfma_values(binary, ["gender"], [0.25, 0.5], metrics=metrics, intervals="jackknife", folder=folder), folder


def rows_of(predictions, gender):
    return np.array([cell == gender for cell in predictions.groups["gender"].to_list()]) if gender else slice(None)


@pytest.mark.parametrize("gender", [None, "female", "male"])
def test_metrics_by_name_are_what_their_definitions_give(asked, binary, gender):
    key, rows = (("gender", gender),) if gender else (), rows_of(binary, gender)
    labels, scores, weights = binary.labels[rows], binary.scores[rows], binary.weights[rows]
    error = np.abs(labels - scores)
    expected = {"mean_absolute_error": np.average(error, weights=weights),
                "mean_squared_error": np.average(error ** 2, weights=weights),
                "binary_crossentropy": log_loss(labels, scores, sample_weight=weights),
                "area_pr": average_precision_score(labels, scores, sample_weight=weights)}
    tolerance = {"binary_crossentropy": 0.05, "area_pr": 0.02}  # Keras cuts scores at 1e-7; TFMA interpolates
    for metric, value in expected.items():
        assert asked[0][key, None, metric, None][0] == pytest.approx(value, abs=tolerance.get(metric, 1e-9)), metric


def test_intervals_are_tfmas_own(asked):
    from fairkit.quiet import tfma

    values, folder = asked
    loaded = tfma.load_eval_result(str(folder)).get_metrics_for_slice((("gender", "male"),))
    male = (("gender", "male"),)
    for metric, threshold, name in [("recall", 0.25, "fairness_indicators_metrics/recall@0.25"),
                                    ("f1_score", 0.5, "fairness_indicators_metrics/f1_score@0.50"),
                                    ("calibration", None, "calibration"),
                                    ("mean_absolute_error", None, "mean_absolute_error")]:
        value, lower, upper = values[male, None, metric, threshold]
        bounded = loaded[name]["boundedValue"]
        assert (value, lower, upper) == (bounded["value"], bounded["lowerBound"], bounded["upperBound"])
        assert lower < value < upper
    assert math.isnan(values[male, None, "example_count", None][1])


def test_a_softmax_on_two_worker_processes(tmp_path):
    rng = np.random.default_rng(12)
    scores = rng.multinomial(1000, rng.dirichlet(np.ones(4)), N) / 1000
    examples = fairkit.Examples(labels=rng.integers(0, 4, N), groups={"color": rng.choice(["blue", "orange"], N)})
    predictions = fairkit.predict(scores, examples)
    values = tfma_values(predictions, ["color"], [0.25], [1, 3],
                         metrics=["LogCoshError", "SparseCategoricalCrossentropy"],
                         beam=["--direct_num_workers=2", "--direct_running_mode=multi_processing"])
    frame = fairkit.evaluate(predictions, slices=["color"], thresholds=[0.25], classes=[1, 3]).frame
    frame = frame[frame["slice"] == "color:blue"]
    for class_id, metric, threshold, value in frame[["class", "metric", "threshold", "value"]].itertuples(index=False):
        place = (("color", "blue"),), class_id, metric, None if math.isnan(threshold) else threshold
        assert values[place][0] == pytest.approx(value, abs=1e-4 if metric == "auc" else 1e-9, nan_ok=True), place
    one = np.log(np.cosh((predictions.labels == 3) - scores[:, 3]))
    assert values[(), 3, "log_cosh_error", None][0] == pytest.approx(one.mean(), abs=1e-6)  # float32 in Keras
    assert values[(), None, "sparse_categorical_crossentropy", None][0] == pytest.approx(log_loss(
        predictions.labels, np.clip(scores, 1e-7, 1)), abs=1e-5)


@pytest.fixture(scope="module")
def as_it_is(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("as it is")
    return evaluate_config_with_tfma(binary, CONFIG, folder=folder / "evaluation"), folder


def test_a_config_runs_as_it_is(as_it_is, binary):
    evaluation, _ = as_it_is
    counted = fairkit.evaluate(binary, slices=evaluation.slices, thresholds=[0.25, 0.3, 0.5, 0.6])
    assert evaluation.slices == [(), {"gender": None, "religion": "muslim"}]
    assert evaluation.thresholds == [0.25, 0.3, 0.5, 0.6] and evaluation.classes is None
    assert set(evaluation.frame["slice"]) == {"Overall", "gender_X_religion:female_X_muslim",
                                              "gender_X_religion:male_X_muslim"}
    for name in set(evaluation.frame["slice"]):
        for metric, theirs, threshold in [("precision", "exactness", 0.3), ("precision", "exactness", 0.6),
                                          ("precision", "precision", 0.25), ("recall", "recall", 0.5),
                                          ("false_omission_rate", "false_omission_rate", 0.5),
                                          ("mean_label", "mean_label", None), ("example_count", "example_count", None)]:
            assert evaluation.value(theirs, name, threshold) == pytest.approx(
                counted.value(metric, name, threshold), abs=1e-9), (name, metric)
    assert set(evaluation.frame.columns) == set(counted.frame.columns)


def test_plots_are_kept_in_the_files(as_it_is, tmp_path):
    from fairkit.quiet import tfma

    evaluation, folder = as_it_is
    evaluation.save(tmp_path)
    assert list(tfma.load_plots(str(tmp_path)))
    for place in (tmp_path, folder / "evaluation", folder):
        assert load_tfma(place).frame.equals(evaluation.frame)


def test_a_config_of_plots_alone_leaves_them_in_the_files(binary, tmp_path):
    from fairkit.quiet import tfma

    config = 'metrics_specs { metrics { class_name: "CalibrationPlot" } }'
    evaluation = evaluate_config_with_tfma(binary, config, folder=tmp_path / "evaluation")
    assert len(evaluation.frame) == 0 and list(tfma.load_plots(str(tmp_path / "evaluation")))


@pytest.mark.parametrize("options, match", [
    ({"metrics": ["MeanAbsolutError"]}, r"TFMA has no metric 'MeanAbsolutError'.*'MeanAbsoluteError' .the nearest."),
    ({"metrics": [{"class_name": "AUC", "config": {"curve": "PR"}}]}, "two metrics have the name 'auc'"),
    ({"metrics": [{"class_name": "F1Score", "config": {"bogus": 1}}]}, "does not take this config.*bogus"),
    ({"metrics": [{"class": "AUC"}]}, "a metric is named by its class"),
    ({"metrics": [{"class_name": "Mine", "module": "nowhere.to.be.found"}]}, "no metric 'Mine' in 'nowhere"),
    ({"metrics": [7]}, "asked for by name.*7"),
    ({"intervals": "bootstrap"}, "'poisson_bootstrap' .the nearest."),
    ({"beam": ["--direct_num_wrkers=2"]}, r"no pipeline option --direct_num_wrkers.*'direct_num_workers'"),
    ({"beam": ["--direct_num_workers=two"]}, "invalid int value: 'two'"),
    ({"beam": [2]}, "no Beam pipeline option.*2"),
    ({"slices": ["colour"]}, "no group column 'colour'.*'gender'"),
    ({"metrics": [{"class_name": "Bleu"}]}, "TFMA cannot evaluate this"),
    ({"metrics": ["MeanAbsoluteError"], "beam": ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]},
     "MeanAbsoluteError counts a part of the data twice"),
])
def test_bad_requests_are_refused_in_one_line(binary, options, match):
    with pytest.raises(fairkit.FairkitError, match=match) as caught:
        tfma_values(binary, **{"slices": ["gender"], "thresholds": [0.5], **options})
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700


@pytest.mark.parametrize("text, match", [
    ("metrics_specs { metrics { class_name: 'FairnesIndicators' } }", "no metric 'FairnesIndicators'.*(the nearest)"),
    ('model_specs { name: "a" } model_specs { name: "b" }', "several models.*'a', 'b'"),
    ('slicing_specs { feature_keys: "nation" } metrics_specs { metrics { class_name: "AUC" } }', "no group column"),
    ('metrics_specs { metrics { class_name: "FairnessIndicators" config: \'"thresholds": ["a"]\' } }',
     "does not take this config.*'a'"),
    ('model_specs { label_keys { key: "a" value: "b" } }', "config of one output.*model_specs.label_keys"),
])
def test_bad_configs_are_refused(binary, text, match):
    with pytest.raises(fairkit.FairkitError, match=match):
        evaluate_config_with_tfma(binary, text)


def test_a_config_that_weighs_needs_weights():
    predictions = fairkit.predict([0.2, 0.8], fairkit.Examples(labels=[0, 1], groups={}))
    with pytest.raises(fairkit.FairkitError, match="weighs the examples by 'how_often'"):
        evaluate_config_with_tfma(predictions, CONFIG.replace("slicing_specs", "#"))


def test_options_may_be_beams_own():
    from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions

    own = PipelineOptions(["--direct_num_workers=3"])
    assert pipeline_options(own) is own
    assert pipeline_options("--direct_num_workers=3").view_as(DirectOptions).direct_num_workers == 3
    assert pipeline_options(["--runner=FlinkRunner", "--only_flink_knows=1"])


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory):
    """What the engine leaves in a folder, and what it returns, for one small run: (folder, values)."""
    examples = fairkit.Examples(labels=[0, 0, 1, 1], groups={"label": ["é:_X_", "é:_X_", 'b"', None]})
    predictions = fairkit.predict([0.2, 0.8, 0.9, 0.1], examples)
    folder = tmp_path_factory.mktemp("engine") / "evaluation"
    return folder, tfma_values(predictions, [("label",)], [0.5], folder=folder)


def test_the_engine_leaves_files_that_tfma_loads(left_behind):
    from fairkit.quiet import tfma

    folder, values = left_behind
    result = tfma.load_eval_result(str(folder))
    assert set(result.get_slice_names()) == {(), (("label", 'b"'),), (("label", "é:_X_"),)}
    assert result.get_metrics_for_slice((("label", "é:_X_"),))["fairness_indicators_metrics/false_positive_rate@0.5"] \
        == {"doubleValue": 0.5}
    assert values[(("label", "é:_X_"),), None, "false_positive_rate", 0.5][0] == 0.5
    assert values[(("label", 'b"'),), None, "f1_score", 0.5][0] == 1


def test_the_engine_calls_undefined_what_tfma_calls_0(left_behind):
    _, values = left_behind
    assert np.isnan(values[(("label", "é:_X_"),), None, "auc", None][0])
    assert values[(), None, "auc", None][0] == 0.5


def test_thresholds_that_tfma_prints_alike_are_refused():
    examples = fairkit.Examples(labels=[0, 1], groups={})
    with pytest.raises(fairkit.FairkitError, match="1e-05, 2e-05"):
        fairkit.evaluate([0.2, 0.8], examples, thresholds=[1e-5, 2e-5, 0.5], engine="tfma")


def test_without_fairness_indicators_the_way_to_install_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fairness_indicators", None)
    examples = fairkit.Examples(labels=[0, 1], groups={})
    with pytest.raises(fairkit.FairkitError, match=r'pip install --no-deps "fairness-indicators>=0\.52,<0\.53"'):
        fairkit.evaluate([0.2, 0.8], examples, thresholds=[0.5], engine="tfma")


def test_a_run_writes_nothing_to_the_terminal():
    code = ("import fairkit; examples = fairkit.Examples(labels=[0, 1], groups={'color': ['blue', 'orange']});"
            "fairkit.evaluate([.2, .8], examples, slices=['color'], thresholds=[.5], engine='tfma')")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_metric_that_is_measured_already_is_asked_for_in_vain():
    names = [metric.class_name for spec in eval_config([], [0.5], metrics=["AUC", "MeanLabel"]).metrics_specs
             for metric in spec.metrics]
    assert names.count("AUC") == names.count("MeanLabel") == 1
