"""Boards of what TensorFlow Model Analysis computed: its objects, its folders, several models, several outputs."""

import copy

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fairkit
from fairkit.errors import FairkitError
from fairkit.quiet import tfma
from fairkit.view import board

CONFIG = """
model_specs { label_key: "label" prediction_key: "score" }
slicing_specs {}
slicing_specs { feature_keys: ["color"] }
metrics_specs { metrics { class_name: "ExampleCount" }
  metrics { class_name: "FairnessIndicators" module: "fairness_indicators.fairness_indicators_metrics"
    config: '{"thresholds": [0.3, 0.5]}' }
  metrics { class_name: "AUCPrecisionRecall" } metrics { class_name: "BinaryCrossEntropy" }
  metrics { class_name: "MatthewsCorrelationCoefficient" config: '{"thresholds": [0.5]}' }
  metrics { class_name: "ConfusionMatrixPlot" } }
"""


@pytest.fixture(scope="module")
def results(binary_task):
    """Two `EvalResult`s: what TFMA computed, and the same with intervals around a correlation that is negative."""
    pytest.importorskip("fairness_indicators")
    from google.protobuf import text_format
    from tensorflow_model_analysis.proto import config_pb2

    examples, scores = binary_task(n=300)
    config = text_format.Parse(CONFIG, config_pb2.EvalConfig())
    blue = examples.groups["color"].match("color", "blue")
    rows = pd.DataFrame({"label": examples.labels, "color": np.where(blue, "blue", "orange"),
                         "score": scores.clip(0.01, 0.99)})
    result = tfma.analyze_raw_data(rows, config)
    negative = copy.deepcopy(result.slicing_metrics)
    for _, outputs in negative:
        outputs[""][""]["matthews_correlation_coefficient"] = {
            "boundedValue": {"value": -0.3, "lowerBound": -0.55, "upperBound": -0.1}}
    return [result, result._replace(slicing_metrics=negative)]


def tfmas(result, name, slice_=()):
    return result.get_metrics_for_slice(slice_)[name]["doubleValue"]


@pytest.mark.browser
def test_every_number_that_tfma_has_is_on_the_board(results, open_page, read_tables, shown):
    page = open_page(board(results[0]).html)
    [(header, rows)] = read_tables(page)
    assert header[1] == "false_positive_rate @0.5"
    value = tfmas(results[0], "fairness_indicators_metrics/false_positive_rate@0.5", (("color", "blue"),))
    assert rows["color:blue"][0] == shown(value)
    offered = page.locator("fairness-metric-and-slice-selector .metric-name").all_inner_texts()
    names = {name.rpartition("/")[2].partition("@")[0] for name in results[0].get_metric_names()}
    assert {"binary_crossentropy", "auc_precision_recall", "matthews_correlation_coefficient", "recall"} <= names
    assert names <= {*offered}
    page.get_by_text("binary_crossentropy", exact=True).click()
    page.locator(".table-head-row", has_text="binary_crossentropy").wait_for()
    _, (_, losses) = read_tables(page)
    assert losses["Overall"][0] == shown(tfmas(results[0], "binary_crossentropy"))
    assert "with intervals" not in page.locator("header").inner_text()


@pytest.mark.browser
def test_values_below_0_have_their_bars_and_intervals_in_the_chart(results, open_page, read_tables):
    page = open_page(board(*results, metric="matthews_correlation_coefficient").html)
    [(_, rows)] = read_tables(page)
    assert rows["Overall"][1] == "-0.3 (-0.55, -0.1)"
    bars = [{name: float(bar.get_attribute(name)) for name in ("y", "height")}
            for bar in page.locator("svg#bar-chart rect").all()]
    ends = [float(line.get_attribute(y)) for line in page.locator("svg#bar-chart #bars line").all()
            for y in ("y1", "y2")]
    assert min(bar["height"] for bar in bars) > 0 and len(bars) == 6
    assert min(ends) >= 10 and max(ends) <= 340


def test_eval_results_and_dicts_of_them_have_names(results):
    both = tfma.make_eval_results(
        [result._replace(model_location=f"models/{name}") for result, name in zip(results, ("old", "new"))],
        tfma.MODEL_CENTRIC_MODE)
    for made in (board(both), board({"old": results[0], "new": results[1]}), board(*results, names=["old", "new"])):
        assert repr(made).splitlines()[1].split() == ["slice", "old", "new"]
    assert repr(board(*results)).splitlines()[1].split() == ["slice", "before", "after"]
    one_model = tfma.make_eval_results(
        [result._replace(data_location=f"data/{day}.csv") for result, day in zip(results, ("monday", "friday"))],
        tfma.DATA_CENTRIC_MODE)
    assert "monday.csv" in repr(board(one_model))


def test_folders_of_tfma_and_of_fairkit(binary_task, tmp_path):
    examples, scores = binary_task()
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.5])
    for name in ("theirs", "run"):
        evaluation.save(tmp_path / name)
    (tmp_path / "theirs" / "cells.npz").unlink()
    made = repr(board(tmp_path / "theirs", str(tmp_path / "run")))
    assert made.splitlines()[1].split() == ["slice", "theirs", "run"]
    value = f"{evaluation.value('false_positive_rate', 'color:orange', threshold=0.5):.3f} ["
    assert made.splitlines()[-1].count(value) == 2
    loaded = tfma.load_eval_result(str(tmp_path / "theirs"))
    assert repr(board(loaded)).splitlines()[-1].startswith("color:orange  " + value)


def test_one_output_of_several_is_named(results):
    heads = results[0]._replace(slicing_metrics=[
        (key, {"toxic": metrics[""], "spam": metrics[""]}) for key, metrics in results[0].slicing_metrics])
    with pytest.raises(FairkitError, match=r"output= one of \['toxic', 'spam'\]"):
        board(heads)
    with pytest.raises(FairkitError, match=r"no output 'spa'.*'spam' \(the nearest\)"):
        board(heads, output="spa")
    assert repr(board(heads, output="spam")) == repr(board(results[0]))


def test_each_model_of_a_folder_with_several(binary_task, tmp_path):
    from google.protobuf import json_format, text_format
    from tensorflow_model_analysis.proto import config_pb2, metrics_for_slice_pb2

    from fairkit.quiet import tf

    config = text_format.Parse(CONFIG, config_pb2.EvalConfig())
    config.model_specs[0].name = "new"
    config.model_specs.add(name="old", is_baseline=True)
    run = config_pb2.EvalRun(eval_config=config, version=tfma.__version__, model_locations={"old": "", "new": ""})
    (tmp_path / "eval_config.json").write_text(json_format.MessageToJson(run))
    message = metrics_for_slice_pb2.MetricsForSlice()
    message.slice_key.SetInParent()
    for model, value in (("old", 0.5), ("new", 0.25)):
        entry = message.metric_keys_and_values.add()
        entry.key.name, entry.key.model_name = "fairness_indicators_metrics/false_positive_rate@0.5", model
        entry.value.double_value.value = value
    with tf.io.TFRecordWriter(str(tmp_path / "metrics-00000-of-00001.tfrecord")) as writer:
        writer.write(message.SerializeToString())
    assert repr(board(tmp_path)).splitlines()[1:] == ["slice    old    new", "Overall  0.500  0.250"]


@pytest.fixture(scope="module")
def compared(binary_task, tmp_path_factory):
    """(folder of a baseline comparison by TFMA itself; fairkit's evaluation of each of its models)."""
    pytest.importorskip("fairness_indicators")
    import apache_beam as beam
    from google.protobuf import text_format
    from tensorflow_model_analysis.proto import config_pb2

    from fairkit.quiet import silence

    examples, scores = binary_task(n=300)
    scores = scores.clip(0.01, 0.99)
    by_model = {"old": scores, "new": 1 - (1 - scores) ** 0.8}
    config = text_format.Parse(CONFIG, config_pb2.EvalConfig())
    config.model_specs[0].name, config.model_specs[0].prediction_key = "new", "new"
    config.model_specs.add(name="old", label_key="label", prediction_key="old", is_baseline=True)
    for name in ("BinaryCrossEntropy", "AUCPrecisionRecall", "MatthewsCorrelationCoefficient"):
        config.metrics_specs[0].metrics.remove(next(m for m in config.metrics_specs[0].metrics if m.class_name == name))
    blue = examples.groups["color"].match("color", "blue")
    rows = pd.DataFrame({"label": examples.labels, "color": np.where(blue, "blue", "orange"), **by_model})
    batch = pa.table({name: [[value] for value in rows[name]] for name in rows}).to_batches()[0]
    folder = str(tmp_path_factory.mktemp("tfma") / "comparison")
    with silence(), beam.Pipeline() as pipeline:
        pipeline | beam.Create([batch]) | tfma.ExtractEvaluateAndWriteResults(eval_config=config, output_path=folder)
    return folder, {name: fairkit.evaluate(score, examples, ["color"], [0.3, 0.5]) for name, score in by_model.items()}


def test_a_baseline_comparison_gives_each_model(compared):
    folder, counted = compared
    for model in ("old", "new"):
        loaded = fairkit.load_evaluation(folder, model=model)
        for place in [("recall", "color:blue", 0.3), ("false_positive_rate", "Overall", 0.5), ("example_count",)]:
            assert loaded.value(*place) == pytest.approx(counted[model].value(*place), abs=1e-12)
    change = loaded.rows("false_positive_rate_diff", threshold=0.3).set_index("slice")["value"]
    for name in ("Overall", "color:blue", "color:orange"):
        assert change[name] == pytest.approx(counted["new"].value("false_positive_rate", name, 0.3)
                                             - counted["old"].value("false_positive_rate", name, 0.3), abs=1e-12)


def test_boards_of_a_baseline_comparison(compared):
    folder, counted = compared
    assert repr(board(folder)).splitlines()[1].split() == ["slice", "old", "new"]
    assert repr(board(folder, model="new")).splitlines()[1].split() == ["slice", "new"]
    loaded = {name: tfma.load_eval_result(folder, model_name=name) for name in ("old", "new")}
    assert repr(board(loaded)) == repr(board(folder))
    assert repr(board({"run": folder})).splitlines()[1].split()[1:] == ["run:", "old", "run:", "new"]
    value = counted["new"].value("false_positive_rate", "color:blue", 0.5)
    assert f"{value:.3f}" in repr(board(folder)).splitlines()[3]
    change = repr(board(folder, model="new", metric="recall_diff", threshold=0.3))
    assert change.startswith("recall diff at threshold 0.3")


@pytest.mark.parametrize(("options", "says"), [
    ({}, r"several models.*model= one of \['old', 'new'\].*no model"),
    ({"model": "knew"}, r"no model 'knew'.*'new' \(the nearest\), 'old'"),
    ({"model": "new", "output": "toxic"}, "no output 'toxic'"),
])
def test_a_model_of_several_is_named(compared, options, says):
    with pytest.raises(FairkitError, match=says):
        fairkit.load_evaluation(compared[0], **options)


def test_a_model_is_named_of_folders_of_tfma_only(compared, tmp_path, binary_task):
    examples, scores = binary_task()
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.5])
    evaluation.save(tmp_path)
    for asked in (lambda: fairkit.load_evaluation(tmp_path, model="new"), lambda: board(tmp_path, model="new"),
                  lambda: board(evaluation, model="new")):
        with pytest.raises(FairkitError, match="model='new'"):
            asked()


@pytest.mark.parametrize(("given", "says"), [
    ([], "holds no number"),
    ([((), {"": {"": {"confusion": {"text": "none"}}}})], "holds no number"),
])
def test_a_result_without_numbers_is_refused(results, given, says):
    with pytest.raises(FairkitError, match=says):
        board(results[0]._replace(slicing_metrics=given))
