"""TFMA's own loader reads what fairkit writes, and fairkit reads what TFMA's loader gives."""

import math
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.counts.slices import slice_name
from fairkit.evaluation.tfma import format as tfma_format
from fairkit.evaluation.tfma.names import metric_key, parse_metric_key
from fairkit.quiet import tf, tfma

NAN = float("nan")
HOSTILE = ["", " ", "a:b", "a_X_b", "Overall", "8", "8.0", "nan", "日本語", "🙂", 'say "no"', "it's", "</script>",
           "a\nb", "a\\b", "x" * 5000]


def key_of(**features):
    return tuple(sorted(features.items()))


def same(found, expected):
    return all(math.isnan(a) and math.isnan(b) if math.isnan(b) else a == b
               for a, b in zip(found, expected, strict=True))


def loaded(folder):
    return {key: outputs[""] for key, outputs in tfma.load_eval_result(str(folder)).slicing_metrics}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two classes, intervals, an undefined value, hostile slice values: (folder, rows)."""
    rows = [((), None, "accuracy", None, 0.75, 0.5, 0.9)]
    for i, text in enumerate(HOSTILE):
        for key in (key_of(color=text), key_of(color=text, digit="8")):
            for class_id in (3, 8):
                rows.append((key, class_id, "false_positive_rate", 0.1, i / 100, i / 200, i / 50))
                rows.append((key, class_id, "false_positive_rate", 0.125, NAN, None, None))
                rows.append((key, class_id, "auc", None, 1 / 3, None, None))
    folder = tmp_path_factory.mktemp("written") / "evaluation"
    tfma_format.write(iter(rows), folder, thresholds=[0.1, 0.125], slices=[(), ("color",), ("color", "digit")])
    return folder, rows


def test_tfma_loads_every_value_with_its_interval(written):
    folder, rows = written
    metrics = loaded(folder)
    assert set(metrics) == {row[0] for row in rows}
    for key, class_id, metric, threshold, value, lower, upper in rows:
        found = metrics[key]["" if class_id is None else f"classId:{class_id}"][metric_key(metric, threshold, [0.125])]
        if lower is None:
            assert found == {"doubleValue": "NaN" if math.isnan(value) else value}
        else:
            assert found == {"boundedValue": {"value": value, "lowerBound": lower, "upperBound": upper}}


def test_tfma_finds_the_class_metrics_by_its_own_query(written):
    folder, _ = written
    metrics = tfma.load_eval_result(str(folder)).get_metrics_for_slice(key_of(color="a:b"), class_id=8)
    name = "fairness_indicators_metrics/false_positive_rate@0.100"
    assert metrics[name]["boundedValue"]["value"] == HOSTILE.index("a:b") / 100


def test_tfma_reads_the_configuration(written):
    folder, _ = written
    config = tfma.load_eval_result(str(folder)).config
    assert [list(spec.feature_keys) for spec in config.slicing_specs] == [[], ["color"], ["color", "digit"]]
    assert list(config.metrics_specs[2].binarize.class_ids.values) == [3, 8]
    assert tfma.load_validation_result(str(folder)).missing_thresholds
    assert list(tfma.load_plots(str(folder))) == list(tfma.load_attributions(str(folder))) == []


def test_tfma_makes_data_frames_of_it(written):
    folder, rows = written
    frame = tfma.dataframe.metrics_as_dataframes(tfma.load_metrics(str(folder))).double_value
    assert len(frame) == len(rows)
    hit = frame[(frame["slices", "color"] == b"a_X_b") & (frame["slices", "digit"] == b"8")
                & (frame["metric_keys", "class_id"] == 3) & (frame["metric_keys", "name"] == "auc")]
    assert hit["metric_values", "double_value"].tolist() == [1 / 3]
    assert len(tfma.dataframe.auto_pivot(frame)) == len({row[0] for row in rows})


def test_read_gives_back_what_was_written(written):
    folder, rows = written
    values, slices, thresholds = tfma_format.read(folder)
    assert slices == [(), ("color",), ("color", "digit")] and thresholds == [0.1, 0.125]
    assert set(values) == {row[:4] for row in rows}
    assert all(same(values[row[:4]], [NAN if x is None else x for x in row[4:]]) for row in rows)


def test_slice_names_are_those_of_tfma(written):
    _, rows = written
    for key in {row[0] for row in rows}:
        assert slice_name(key) == tfma.slicer.stringify_slice_key(key)


def test_what_is_no_row_of_an_evaluation_is_left_out(tmp_path):
    """Values that are no number, pairs of slices, a slice without metrics."""
    from tensorflow_model_analysis.proto import metrics_for_slice_pb2

    tfma_format.write([((), None, "auc", None, 0.25, None, None)], tmp_path, [0.5], [()])
    plain = {"double_value": {"value": 0.5}}
    records = [metrics_for_slice_pb2.MetricsForSlice(slice_key={}, metric_keys_and_values=[
        {"key": {"name": "auc"}, "value": plain},
        {"key": {"name": "auc", "aggregation_type": {"macro_average": True}}, "value": plain},
        {"key": {"name": "auc", "sub_key": {"top_k": {"value": 2}}}, "value": plain},
        {"key": {"name": "text"}, "value": {"bytes_value": b"no number"}}])]
    one = {"single_slice_keys": [{"column": "color", "bytes_value": b"blue"}]}
    records.append(metrics_for_slice_pb2.MetricsForSlice(slice_key=one))
    for baseline in ({}, one):
        records.append(metrics_for_slice_pb2.MetricsForSlice(
            cross_slice_key={"baseline_slice_key": baseline, "comparison_slice_key": one},
            metric_keys_and_values=[{"key": {"name": "auc"}, "value": plain}]))
    with tf.io.TFRecordWriter(str(tmp_path / "metrics-00000-of-00001.tfrecord")) as writer:
        for record in records:
            writer.write(record.SerializeToString())
    values, _, _ = tfma_format.read(tmp_path)
    assert list(values) == [((), None, name, None) for name in ("auc", "auc (macro_average)", "auc (topK:2)")]


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
                       st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=3),
       st.floats(0, 1), st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_any_text_and_number_survives(tmp_path_factory, features, threshold, value):
    folder = tmp_path_factory.mktemp("any") / "evaluation"
    key = key_of(**features)
    tfma_format.write([(key, None, "recall", threshold, value, -1, 2)], folder, [threshold], [tuple(dict(key))])
    assert tfma_format.read(folder)[0] == {(key, None, "recall", threshold): (value, -1.0, 2.0)}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1) | st.integers(0, 1000).map(lambda k: k / 1000), min_size=1, max_size=6, unique=True))
def test_metric_names_can_be_undone(thresholds):
    names = [metric_key("recall", threshold, thresholds) for threshold in thresholds]
    assert [parse_metric_key(name, thresholds) for name in names] == [("recall", t) for t in thresholds]


@pytest.mark.parametrize("thresholds", [[0.5], [0.1, 0.25], [0.123456, 0.5], [0, 1], [1e-5], [0.1 + 0.2]])
def test_metric_names_are_those_of_fairness_indicators(thresholds):
    indicators = pytest.importorskip("fairness_indicators.fairness_indicators_metrics")
    computations = indicators.FairnessIndicators(thresholds=[float(t) for t in thresholds]).computations()
    for threshold in thresholds:
        assert metric_key("recall", threshold, thresholds) in {key.name for key in computations[-1].keys}


def test_a_written_result_is_replaced_and_nobody_else_reads_it(tmp_path):
    folder = tmp_path / "evaluation"
    for value in (0.25, 0.5):
        tfma_format.write([((), None, "auc", None, value, None, None)], folder, [0.5], [()])
    assert tfma_format.read(folder)[0][(), None, "auc", None][0] == 0.5
    assert os.listdir(tmp_path) == ["evaluation"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_failed_write_leaves_the_old_result(tmp_path):
    folder = tmp_path / "evaluation"
    tfma_format.write([((), None, "auc", None, 0.25, None, None)], folder, [0.5], [()])
    with pytest.raises(RuntimeError), tfma_format.replaced_folder(folder):
        raise RuntimeError("stopped")
    assert tfma_format.read(folder)[0][(), None, "auc", None][0] == 0.25
    assert os.listdir(tmp_path) == ["evaluation"]


def test_a_folder_with_other_files_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(fairkit.FairkitError, match=r"no TFMA result.*thesis\.txt"):
        tfma_format.write([((), None, "auc", None, 0.25, None, None)], tmp_path, [0.5], [()])
    assert os.listdir(tmp_path) == ["thesis.txt"]


@pytest.mark.parametrize("name, damage", [("eval_config.json", "{"), ("metrics-00000-of-00001.tfrecord", "no record"),
                                          ("metrics-00000-of-00001.tfrecord", ""), ("eval_config.json", None)])
def test_a_damaged_result_is_refused(tmp_path, name, damage):
    folder = tmp_path / "evaluation"
    tfma_format.write([((), None, "auc", None, 0.25, None, None)], folder, [0.5], [()])
    (folder / name).unlink()
    if damage is not None:
        (folder / name).write_text(damage)
    with pytest.raises(fairkit.FairkitError, match="TFMA result"):
        tfma_format.read(folder)


@pytest.mark.parametrize("numbers, thresholds", [([0.25, NAN], [0.3, 0.7]), ([0.5], [0.3]), ([0.5, 0.5], [0.3])])
def test_an_array_over_thresholds_is_taken_apart(tmp_path, numbers, thresholds):
    """As TFMA writes F1Score(thresholds=[...]); an array of another length is no such thing."""
    from google.protobuf import json_format
    from tensorflow_model_analysis.proto import metrics_for_slice_pb2

    tfma_format.write([((), None, "auc", None, 0.25, None, None)], tmp_path, [0.5], [()])
    config = {"metricsSpecs": [{"metrics": [{"className": "F1Score", "config": f'"thresholds": {thresholds}'}]}]}
    (tmp_path / "eval_config.json").write_text(json_format.json.dumps({"evalConfig": config, "version": "0.52.0"}))
    array = {"data_type": "FLOAT64", "shape": [len(numbers)], "float64_values": numbers}
    record = metrics_for_slice_pb2.MetricsForSlice(slice_key={}, metric_keys_and_values=[
        {"key": {"name": "f1_score"}, "value": {"array_value": array}},
        {"key": {"name": "recall"}, "value": {"double_value": {"value": 1}}}])
    with tf.io.TFRecordWriter(str(tmp_path / "metrics-00000-of-00001.tfrecord")) as writer:
        writer.write(record.SerializeToString())
    values, _, at = tfma_format.read(tmp_path)
    expected = dict(zip(thresholds, numbers, strict=False)) if len(numbers) == len(thresholds) else {}
    found = {key[3]: value for key, (value, _, _) in values.items() if key[2] == "f1_score"}
    assert at == thresholds and found.keys() == expected.keys() and same(found.values(), expected.values())
    assert values[(), None, "recall", None][0] == 1


def test_two_accuracies_keep_their_names(tmp_path):
    rows = [((), None, name, None, value, None, None) for name, value in (("binary_accuracy", 0.5), ("accuracy", 1.0))]
    tfma_format.write(rows[:1], tmp_path / "one", [0.5], [()])
    assert list(tfma_format.read(tmp_path / "one")[0]) == [((), None, "accuracy", None)]
    tfma_format.write(rows, tmp_path / "two", [0.5], [()])
    assert [key[2] for key in tfma_format.read(tmp_path / "two")[0]] == ["binary_accuracy", "accuracy"]
