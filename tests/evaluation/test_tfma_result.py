"""An evaluation that is loaded from TFMA's files alone: values and intervals, and no word on what needs counts."""

import math

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.evaluation.tfma import format as tfma_format
from fairkit.evaluation.tfma.result import TfmaEvaluation, load_tfma, with_values

NAN = math.nan
BLUE = (("color", "blue"),)


@pytest.fixture(scope="module")
def counted():
    rng = np.random.default_rng(2)
    scores = rng.dirichlet(np.ones(3), 200)
    religions = [None, "a", ["a", "b"], "b"]
    examples = fairkit.Examples(labels=rng.integers(0, 3, 200), weights=rng.exponential(1, 200), groups={
        "color": rng.choice(["blue", "orange"], 200), "religion": [religions[i] for i in rng.integers(0, 4, 200)]})
    return fairkit.evaluate(scores, examples, slices=["color", ("color", "religion")], thresholds=[0.25, 0.5],
                            classes=[0, 2])


@pytest.fixture(scope="module")
def saved(counted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    counted.save(folder)
    return folder


def sorted_rows(frame):
    columns = ["slice", "class", "metric", "threshold", "value", "lower", "upper", "examples"]
    return frame[columns].sort_values(columns[:4], na_position="first").reset_index(drop=True)


def test_a_saved_evaluation_comes_back_as_values_and_intervals(counted, saved):
    loaded = load_tfma(saved)
    assert isinstance(loaded, TfmaEvaluation)
    ours, theirs = sorted_rows(counted.frame), sorted_rows(loaded.frame)
    bounded = ours[["lower", "upper"]].notna().all(axis=1)  # a half interval is none in TFMA's files
    ours.loc[~bounded, ["lower", "upper"]] = NAN
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=0, check_dtype=False)
    assert loaded.slices == [(), "color", ("color", "religion")]
    assert (loaded.thresholds, loaded.classes) == ([0.25, 0.5], [0, 2])
    for place in [("auc", "color:blue", None, 2), ("recall", "Overall", 0.5, 0), ("accuracy", "color:orange")]:
        assert loaded.value(*place) == counted.value(*place)


def test_rows_of_a_metric_are_those_of_the_evaluation(counted, saved):
    loaded = load_tfma(saved)
    for asked in [{"by": ("religion", "color"), "threshold": 0.5, "class_id": 2}, {"slice": "Overall"}]:
        ours, theirs = (sorted_rows(e.rows("recall", **asked).assign(metric="recall")) for e in (counted, loaded))
        assert len(ours) == 4  # two colours by two religions; two classes at two thresholds
        pd.testing.assert_frame_equal(ours.drop(columns=["lower", "upper"]), theirs.drop(columns=["lower", "upper"]),
                                      rtol=0, atol=0, check_dtype=False)
    with pytest.raises(fairkit.FairkitError, match="no slices by these features"):
        loaded.rows("recall", by="religion")


def test_tfmas_data_frames_hold_classes_weights_and_intervals(counted, saved):
    from tensorflow_model_analysis.experimental import dataframe

    from fairkit.quiet import tfma

    frame = dataframe.metrics_as_dataframes(tfma.load_metrics(str(saved))).double_value
    assert len(frame) == len(counted.frame)
    keys, values, slices = frame["metric_keys"], frame["metric_values"]["double_value"], frame["slices"]
    at = (keys["name"] == "fairness_indicators_metrics/f1_score@0.25") & (keys["class_id"] == 2) \
        & (slices["color"] == b"blue") & slices["religion"].isna()
    assert values[at].tolist() == [counted.value("f1_score", "color:blue", 0.25, 2)]
    assert keys["example_weighted"].astype(bool).tolist() == (keys["name"] != "example_count").tolist()
    pivot = dataframe.auto_pivot(frame)
    assert len(pivot) == counted.frame["slice"].nunique()
    result = tfma.load_eval_result(str(saved))
    row = counted.frame[(counted.frame["slice"] == "color:blue") & (counted.frame["metric"] == "auc")
                        & (counted.frame["class"] == 2)].iloc[0]
    assert result.get_metrics_for_slice(BLUE, class_id=2)["auc"]["boundedValue"] == {
        "value": row["value"], "lowerBound": row["lower"], "upperBound": row["upper"]}


@pytest.mark.parametrize("asked", ["gaps", "check", "detectable_gap", "bootstrap", "counts_of"])
def test_what_needs_counts_is_refused_and_says_so(saved, asked):
    with pytest.raises(fairkit.FairkitError, match=f"{asked} needs counts.*engine='counts'"):
        getattr(load_tfma(saved), asked)("recall", threshold=0.5)


def test_it_has_no_more_than_it_has(saved):
    loaded = load_tfma(saved)
    assert not hasattr(loaded, "shape") and loaded.predictions is None
    with pytest.raises(AttributeError, match="no attribute 'gap'"):
        loaded.gap("recall")


def test_it_is_not_compared(saved, counted):
    loaded = load_tfma(saved)
    for pair in [(loaded, counted), (counted, loaded), (loaded, loaded)]:
        with pytest.raises(fairkit.FairkitError, match="needs counts|no predictions"):
            fairkit.compare(*pair, metric="recall")


def test_what_is_not_there_is_named(saved):
    with pytest.raises(fairkit.FairkitError, match="no metric 'recal'.*'recall' .the nearest."):
        load_tfma(saved).value("recal")
    with pytest.raises(fairkit.FairkitError, match="no slice 'color:bleu'.*'color:blue' .the nearest."):
        load_tfma(saved).value("auc", "color:bleu", class_id=2)


def test_undefined_values_say_why(tmp_path):
    rows = [((), None, "example_count", None, 9, None, None), ((), None, "recall", 0.5, NAN, None, None),
            ((), None, "my_own", None, NAN, None, None), (BLUE, None, "recall", 0.5, 1, 0.5, 1.1)]
    tfma_format.write(rows, tmp_path / "evaluation", [0.5], [("color",)])
    frame = load_tfma(tmp_path).frame.set_index(["slice", "metric"])
    assert frame["note"].to_dict() == {("Overall", "example_count"): "", ("Overall", "my_own"): "undefined", (
        "Overall", "recall"): "undefined: no positives in this slice", ("color:blue", "recall"): ""}
    assert frame.loc["color:blue", "recall"][["lower", "upper"]].tolist() == [0.5, 1.1]
    assert math.isnan(frame.loc[("color:blue", "recall"), "examples"])
    assert frame.loc[("Overall", "recall"), "examples"] == 9


def test_it_is_saved_as_it_was(saved, tmp_path):
    load_tfma(saved).save(tmp_path)
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert files == {file.name: file.read_bytes() for file in saved.iterdir()
                     if file.name not in ("cells.npz", "predictions.parquet", "run.json")}


def test_it_has_a_board(saved):
    assert "fairness" in load_tfma(saved)._repr_html_().lower()


def test_an_empty_folder_is_no_result(tmp_path):
    with pytest.raises(fairkit.FairkitError, match="no TFMA result in this folder"):
        load_tfma(tmp_path)


def test_another_engines_values_stand_in_place_of_the_counted_ones(counted):
    keys = counted.row_keys
    values = {(BLUE, 0, "recall", 0.5): (0.125, NAN, NAN), (BLUE, 0, "hinge", None): (0.5, NAN, NAN),
              (BLUE, 0, "example_count", None): (1, NAN, NAN), (BLUE, None, "example_count", None): (1, NAN, NAN)}
    frame, extended = with_values(counted.frame, keys, values)
    changed = (frame["value"][:len(keys)] != counted.frame["value"]) & counted.frame["value"].notna()
    assert changed.sum() == 2 and frame[["lower", "upper"]][:len(keys)].equals(counted.frame[["lower", "upper"]])
    assert extended == [*keys, BLUE] and len(frame) == len(keys) + 1
    last = frame.iloc[-1]
    assert (last["slice"], last["class"], last["metric"], last["value"]) == ("color:blue", 0, "hinge", 0.5)
    assert last["examples"] == frame[frame["slice"] == "color:blue"]["examples"].iloc[0]
    values[BLUE, 0, "recall", 0.5] = (0.125, -0.1, 0.4)
    frame, _ = with_values(counted.frame, keys, values)
    row = frame[(frame["slice"] == "color:blue") & (frame["class"] == 0) & (frame["metric"] == "recall")
                & (frame["threshold"] == 0.5)].iloc[0]
    assert (row["lower"], row["upper"]) == (-0.1, 0.4)
