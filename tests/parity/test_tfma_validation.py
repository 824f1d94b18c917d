"""Thresholds, pairs of slices, small slices and plots of a TFMA config: what either engine gives is TFMA's own."""

import json

import numpy as np
import pytest

import fairkit
from fairkit.evaluation.tfma.result import load_tfma

pytest.importorskip("fairness_indicators")
N = 400
CONFIG = """
model_specs { label_key: "label" prediction_key: "score" }
slicing_specs { }
slicing_specs { feature_keys: "color" }
slicing_specs { feature_keys: "color" feature_values { key: "size" value: "1" } }
cross_slicing_specs { baseline_spec { } slicing_specs { feature_keys: "color" } }
cross_slicing_specs { baseline_spec { feature_values { key: "color" value: "blue" } } }
metrics_specs {
  metrics { class_name: "ExampleCount" threshold { value_threshold { lower_bound { value: 30 } } } }
  metrics { class_name: "AUC" threshold { value_threshold { lower_bound { value: 0.7 } } }
    cross_slice_thresholds { threshold { value_threshold { upper_bound { value: 0.02 } } }
      cross_slicing_specs { baseline_spec { } slicing_specs { feature_keys: "color" } } } }
  metrics { class_name: "FPR" config: '"thresholds": [0.5], "name": "wrongly_flagged"'
    per_slice_thresholds { slicing_specs { feature_keys: "color" }
      threshold { value_threshold { lower_bound { value: 0.0 } upper_bound { value: 0.36 } } } } }
  metrics { class_name: "BinaryAccuracy" per_slice_thresholds {
      slicing_specs { feature_values { key: "color" value: "green" } }
      threshold { value_threshold { lower_bound { value: 0.5 } } } } }
  metrics { class_name: "FairnessIndicators" config: '"thresholds": [0.25, 0.5]' }
  metrics { class_name: "MeanPrediction" }
  thresholds { key: "auc" value { value_threshold { lower_bound { value: 0.5 } } } }
}
"""
ALONE = CONFIG.partition("cross_slicing_specs")[0] + CONFIG[CONFIG.index("metrics_specs"):].replace(
    """cross_slice_thresholds { threshold { value_threshold { upper_bound { value: 0.02 } } }
      cross_slicing_specs { baseline_spec { } slicing_specs { feature_keys: "color" } } }""", "")
SMALL = ALONE + "options { min_slice_size { value: 70 } }"


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(8)
    labels = rng.integers(0, 2, N)
    examples = fairkit.Examples(labels=labels, groups={
        "color": rng.choice(["blue", "orange", "red"], N, p=[0.5, 0.35, 0.15]), "size": rng.integers(1, 3, N)})
    return fairkit.predict((rng.integers(0, 1000, N) / 1000 + 0.4 * labels) / 1.4, examples)


@pytest.fixture(scope="module")
def both(predictions):
    """dict of config -> (the counts engine's evaluation, TFMA's)."""
    return {config: (fairkit.evaluate(predictions, config=config),
                     fairkit.evaluate(predictions, config=config, engine="tfma")) for config in (ALONE, SMALL, CONFIG)}


def plain(result):
    """A `ValidationResult` without the order of its parts; values to 4 digits, for TFMA's AUC is interpolated."""
    def failure(one):
        value = round(one.metric_value.double_value.value, 3) if one.HasField("metric_value") else None
        return str(one.metric_key), str(one.metric_threshold), value, one.message

    def key(message):
        return [(one.column, (one.bytes_value or str(one.int64_value).encode()).decode())
                for one in message.single_slice_keys]

    parts = sorted((key(p.slice_key), key(p.cross_slice_key.baseline_slice_key),
                    key(p.cross_slice_key.comparison_slice_key), sorted(map(failure, p.failures), key=str))
                   for p in result.metric_validations_per_slice)
    return (result.validation_ok, result.missing_thresholds, parts, sorted(map(str, result.missing_slices)),
            sorted(map(str, result.missing_cross_slices)),
            sorted(map(str, result.validation_details.slicing_details)))


@pytest.mark.parametrize("config", [ALONE, SMALL, CONFIG], ids=["slices", "min_slice_size", "cross slices"])
def test_the_validation_is_tfmas_own(both, config, tmp_path):
    from fairkit.quiet import tfma

    counted, by_tfma = both[config]
    by_tfma.save(tmp_path / "theirs")
    theirs = tfma.load_validation_result(str(tmp_path / "theirs"))
    assert plain(by_tfma.validation.result) == plain(theirs)
    assert plain(counted.validation.result) == plain(theirs)
    counted.save(tmp_path / "ours")
    assert plain(tfma.load_validation_result(str(tmp_path / "ours"))) == plain(theirs)
    for evaluation in (counted, by_tfma):
        validation = evaluation.validation
        assert validation.ok is bool(validation) is False and not validation.failures["ok"].any()
        told = sum(len(part.failures) for part in theirs.metric_validations_per_slice) + len(theirs.missing_slices)
        assert len(validation.failures) == told
        assert json.loads(validation.to_json())["ok"] is False
    ours, others = (e.validation.frame.sort_values(["slice", "baseline", "metric", "requirement", "note"])
                    for e in (counted, by_tfma))
    columns = ["slice", "baseline", "metric", "requirement", "ok"]
    assert ours[columns].astype(str).values.tolist() == others[columns].astype(str).values.tolist()


def test_verdicts_by_interval_stand_beside_tfmas(both):
    counted, _ = both[ALONE]
    frame = counted.validation.frame
    found = frame[(frame["metric"] == "wrongly_flagged")].set_index("slice")
    checked = counted.check(at_most={"false_positive_rate": 0.36}, threshold=0.5).frame.set_index("slice")
    for name in ("color:blue", "color:orange", "color:red"):
        assert found["verdict"][name] == checked["verdict"][name]
        assert found["ok"][name] == (checked["value"][name] <= 0.36)
    assert "green" in frame[frame["note"] == "no example is in such a slice"]["slice"].iloc[0]
    text = str(counted.validation)
    assert text.startswith("validation failed: ") and "wrongly_flagged, color:" in text


def test_thresholds_that_hold(predictions):
    config = ('metrics_specs { metrics { class_name: "AUC" '
              'threshold { value_threshold { lower_bound { value: 0.5 } } } } '
              'metrics { class_name: "ExampleCount" threshold { value_threshold { lower_bound { value: 400 } } } } }')
    for engine in ("counts", "tfma"):
        validation = fairkit.evaluate(predictions, config=config, engine=engine).validation
        assert validation and validation.ok and len(validation.failures) == 0
    assert fairkit.evaluate(predictions, config=config).validation.verdict == "pass"
    assert fairkit.evaluate(predictions, slices=["color"]).validation is None
    assert fairkit.evaluate(predictions, config='metrics_specs { metrics { class_name: "AUC" } }').validation is None


def test_pairs_of_slices_are_gaps(both):
    counted, by_tfma = both[CONFIG]
    ours = counted.cross_slices.set_index(["baseline", "comparison"])
    blue = [pair for pair in ours.index.unique() if pair[0] == "color:blue"]
    assert ("Overall", "color:red") in ours.index and len(blue) >= 4
    theirs = {}
    for row in by_tfma.cross_slices.itertuples():
        theirs[row.baseline, row.comparison, row.metric.replace("wrongly_flagged", "false_positive_rate"),
               row.threshold if row.threshold == row.threshold else None] = row.gap
    compared = 0
    for row in counted.cross_slices.itertuples():
        at = row.baseline, row.comparison, row.metric, row.threshold if row.threshold == row.threshold else None
        if at in theirs:
            assert row.gap == pytest.approx(theirs[at], abs=1e-3 if row.metric == "auc" else 1e-9), at
            compared += 1
    assert compared > 100
    gaps = counted.gaps("false_positive_rate", threshold=0.5, reference={"color": "red"}).set_index("slice")
    row = counted.cross_slices.query("baseline == 'color:blue' and comparison == 'color:red' and threshold == 0.5 "
                                     "and metric == 'false_positive_rate'").iloc[0]
    assert (row["gap"], row["lower"], row["upper"]) == tuple(gaps.loc["color:blue", ["gap", "lower", "upper"]])


def test_slices_that_are_too_small_are_nowhere(both, predictions, tmp_path):
    from fairkit.quiet import tfma

    counted, by_tfma = both[SMALL]
    sizes = fairkit.evaluate(predictions, config=ALONE)
    small = {row.slice for row in sizes.frame[sizes.frame["metric"] == "example_count"].itertuples() if row.value < 70}
    assert "color:red" in small and len(small) < sizes.frame["slice"].nunique() - 1
    counted.save(tmp_path / "run")
    loaded = fairkit.load_evaluation(tmp_path / "run")
    for evaluation in (counted, by_tfma, loaded, counted.at_thresholds([0.4])):
        assert not small & set(evaluation.frame["slice"])
        assert set(evaluation.left_out) == small
        assert not any(name in repr(evaluation._board()) for name in small)
        assert not any(name in evaluation._board().html for name in small)
    assert {row.slice for row in counted.frame.itertuples()} == {row.slice for row in by_tfma.frame.itertuples()}
    assert not small & set(counted.gaps("false_positive_rate")["slice"])
    with pytest.raises(fairkit.FairkitError, match="no slice of this evaluation can be compared"):
        counted.gaps("false_positive_rate", reference={"color": "red"})
    other = fairkit.evaluate(predictions, slices=counted.slices, thresholds=counted.thresholds)
    compared = fairkit.compare(counted, other, metric="false_positive_rate", reference={"color": "red"}).frame
    assert not small & set(compared["slice"]) and compared["reference"].isna().all()
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert "cells.npz" not in names and "predictions.parquet" not in names
    result = tfma.load_eval_result(str(tmp_path / "run"))
    assert {"__ERROR__"} == {name for key, metrics in result.slicing_metrics if key == (("color", "red"),)
                             for name in metrics[""][""]}
    theirs = load_tfma(tmp_path / "run").frame
    assert counted.value("recall", "color:blue", 0.5) == loaded.value("recall", "color:blue", 0.5)
    assert set(theirs["slice"]) == set(counted.frame["slice"])


def test_a_saved_evaluation_bears_the_names_of_tfma(both, tmp_path):
    from fairkit.quiet import tfma

    counted, by_tfma = both[CONFIG]
    counted.save(tmp_path / "ours")
    by_tfma.save(tmp_path / "theirs")
    ours, theirs = (tfma.load_eval_result(str(tmp_path / name)) for name in ("ours", "theirs"))
    theirs = {str(key).replace("1)", "'1')"): metrics for key, metrics in theirs.slicing_metrics}  # a number to TFMA
    assert {str(key) for key, _ in ours.slicing_metrics} == {*theirs}
    for key, metrics in ours.slicing_metrics:
        other = theirs[str(key)]
        assert set(metrics[""][""]) == set(other[""][""])
    again = fairkit.load_evaluation(tmp_path / "ours")
    assert plain(again.validation.result) == plain(counted.validation.result)
    assert again.cross_slices.equals(counted.cross_slices)
    assert plain(load_tfma(tmp_path / "ours").validation.result) == plain(counted.validation.result)


def test_small_slices_beside_pairs_are_for_the_counts_engine(predictions):
    config = CONFIG + "options { min_slice_size { value: 70 } }"
    with pytest.raises(fairkit.FairkitError, match="cross_slicing_specs beside options.min_slice_size"):
        fairkit.evaluate(predictions, config=config, engine="tfma")
    crossed = fairkit.evaluate(predictions, config=config).cross_slices
    assert "color:red" not in {*crossed["baseline"], *crossed["comparison"]} and "color:blue" in {*crossed["baseline"]}


def test_a_plot_is_named_and_kept(predictions, tmp_path):
    from fairkit.quiet import tfma

    config = 'metrics_specs { metrics { class_name: "CalibrationPlot" } metrics { class_name: "ConfusionMatrixPlot" } }'
    with pytest.raises(fairkit.FairkitError, match=r"engine='tfma', then evaluation.save\(folder\).*CalibrationPlot"):
        fairkit.evaluate(predictions, config=config)
    evaluation = fairkit.evaluate(predictions, config=config, engine="tfma")
    assert len(evaluation.frame) == 0 and len(evaluation.not_shown) == 2
    assert all(name in repr(evaluation) for name in evaluation.not_shown)
    evaluation.save(tmp_path)
    assert list(tfma.load_plots(str(tmp_path)))
    with pytest.raises(fairkit.FairkitError, match="holds no number.*not shown"):
        fairkit.view.board(tmp_path)


def test_slices_that_only_a_pair_names_are_counted_for_it(predictions):
    config = ('slicing_specs { } cross_slicing_specs { baseline_spec { } slicing_specs { %s } } '
              'metrics_specs { metrics { class_name: "AUC" } }')
    pairs = 'feature_keys: "color"'
    by_counts, by_tfma = (fairkit.evaluate(predictions, config=config % pairs, engine=engine)
                          for engine in ("counts", "tfma"))
    assert set(by_counts.frame["slice"]) == set(by_tfma.frame["slice"]) > {"Overall"}
    assert sorted(by_counts.cross_slices["comparison"]) == sorted(by_tfma.cross_slices["comparison"])
    with pytest.raises(fairkit.FairkitError, match="no example has color = 'none'"):
        fairkit.evaluate(predictions, config=config % 'feature_values { key: "color" value: "none" }')
