import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError
from fairkit.counts.fine_scores import score_buckets
from fairkit.remediation.group_thresholds import GroupThresholds
from fairkit.remediation.group_thresholds_adjusting import moved
from fairkit.remediation.group_thresholds_counts import ScoreCounts, at_each_threshold, at_thresholds
from fairkit.remediation.group_thresholds_fitting import fit_group_thresholds

CELL = st.sampled_from(["a", "b", "b", "a", None, ("a", "b")])
ROW = st.tuples(CELL, st.booleans(), st.integers(0, 8), st.sampled_from([0.5, 1.0, 2.0]))
RATES = {"false_positive_rate": (False, lambda p, d: d), "true_positive_rate": (True, lambda p, d: d),
         "positive_rate": (None, lambda p, d: d), "false_negative_rate": (True, lambda p, d: ~d)}


def biased(n=4000, seed=0, weighted=False):
    """Scores that are .2 higher for one group; some examples with no value and some with two."""
    rng = np.random.default_rng(seed)
    labels, color = rng.integers(0, 2, n), rng.choice(["blue", "orange"], n).astype(object)
    scores = np.clip(0.3 + 0.3 * labels + 0.2 * (color == "orange") + rng.normal(0, 0.15, n), 0, 1)
    for row in range(0, n, 40):
        color[row] = None if row % 80 else ("blue", "orange")
    weights = rng.choice([0.5, 1, 3], n) if weighted else None
    return scores, Examples(labels=labels, groups={"color": color}, weights=weights)


def by_hand(rows, rate):
    """For each part (group, or None for the rest) its thresholds as (rate, wrong weight), found row by row."""
    of, value = RATES[rate]
    cells, *columns = zip(*rows)
    labels, scores, weights = map(np.array, columns)
    found = {}
    for part in ("a", "b", None):
        inside = np.array([cell == part for cell in cells]) if part else \
            np.array([cell is None or isinstance(cell, tuple) for cell in cells])
        known = inside & ((labels == of) if of is not None else True)
        whose = inside if part or known.any() else np.ones(len(rows), bool)
        found[part] = []
        for threshold in [-1, *range(9)]:
            decided = scores > threshold
            among = whose & ((labels == of) if of is not None else True)
            if among.any():
                share = np.average(value(labels, decided)[among], weights=weights[among])
                wrong = weights[inside & (decided != labels)].sum()
                found[part].append((share, wrong))
        if not inside.any():
            found.pop(part)
    return found


@given(st.lists(ROW, min_size=2, max_size=25), st.sampled_from(sorted(RATES)), st.sampled_from([0, 0.05, 0.2]),
       st.sampled_from([None, None, 0.3, 0.5]))
def test_no_other_thresholds_are_cheaper(rows, rate, tolerance, level):
    parts = by_hand(rows, rate)
    assume(parts.get("a") and parts.get("b"))
    cells, labels, scores, weights = zip(*rows)
    examples = Examples(labels=np.array(labels, int), groups={"g": list(cells)}, weights=list(weights))
    predictions = fairkit.predict((np.array(scores) + 0.5) / 10, examples)
    fitted = fit_group_thresholds(predictions, "g", rate, tolerance, level=level, min_examples=1)
    decided = fitted.decide(predictions.scores, list(cells))
    wrong = sum(np.array(weights)[decided != np.array(labels)])
    best = None
    for choice in itertools.product(*parts.values()):
        shares = [share for share, _ in choice]
        if level is None:
            fits = max(shares) - min(shares) <= 2 * tolerance + 1e-9
        else:
            fits = all(abs(share - level) <= max(tolerance, min(abs(s - level) for s, _ in part)) + 1e-9
                       for share, part in zip(shares, parts.values()))
        if fits:
            cost = sum(cost for _, cost in choice)
            best = cost if best is None else min(best, cost)
    assert wrong == pytest.approx(best)
    assert fitted.accuracy == pytest.approx(1 - wrong / sum(weights))
    table = fitted.achieved.set_index("kind")
    assert table.loc["overall", "examples"] == len(rows)
    if level is None:
        assert (abs(table.loc[["group"], "rate"] - fitted.level) <= tolerance + 1e-9).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_what_was_achieved_is_what_the_decisions_give(weighted):
    scores, examples = biased(weighted=weighted)
    validation = fairkit.evaluate(scores, examples, ["color"], [0.5])
    fitted = fit_group_thresholds(validation, "color", level=0.2)
    after = fairkit.evaluate(fitted.adjusted(validation.predictions), slices=[{"color": None}], thresholds=[0.5])
    only = fairkit.evaluate(fitted.adjusted(fairkit.predict(scores, examples)).take(
        examples.groups["color"].match("color", fairkit.only("blue"))), thresholds=[0.5])
    table = fitted.achieved.set_index("group")
    assert only.value("false_positive_rate", threshold=0.5) == pytest.approx(table.loc["blue", "rate"])
    row = only.frame[only.frame.metric == "false_positive_rate"].iloc[0]
    assert (row.lower, row.upper) == pytest.approx((table.loc["blue", "lower"], table.loc["blue", "upper"]))
    assert after.value("accuracy") == pytest.approx(fitted.accuracy)
    assert after.value("false_positive_rate", threshold=0.5) == pytest.approx(table.loc["overall", "rate"])
    one = fairkit.evaluate(scores, examples, thresholds=[fitted.one_threshold["threshold"]])
    assert one.frame[one.frame.metric == "false_positive_rate"]["value"].iloc[0] == pytest.approx(
        table.loc["overall", "one_threshold_rate"])
    assert fitted.one_threshold["highest"] - fitted.one_threshold["lowest"] > 0.25
    assert abs(table.loc["blue", "rate"] - table.loc["orange", "rate"]) <= 0.02


def test_rows_fine_cells_and_chunks_give_the_same():
    scores, examples = biased()
    predictions = fairkit.predict(scores, examples)
    chunks = [predictions.take(np.arange(at, at + 1000)) for at in range(0, 4000, 1000)]
    counted = fairkit.evaluate(chunks, slices=["color"])
    assert counted.predictions is None and counted.cells.fine is not None
    expected = fit_group_thresholds(predictions, "color").to_dict()
    for what in (counted, counted.cells, fairkit.evaluate(predictions)):  # the last is sliced by nothing
        assert fit_group_thresholds(what, ["color"]).to_dict() == expected


def test_coarse_cells_know_their_own_thresholds_only():
    scores, examples = biased()
    cells = fairkit.evaluate(scores, examples, ["color"], np.linspace(0, 1, 21)).cells
    fitted = fit_group_thresholds(cells, "color", tolerance=0.05)
    grid = set(np.linspace(0, 1, 21).tolist())
    assert {*fitted.thresholds.values(), fitted.overall} <= grid
    rates = fitted.achieved.set_index("group").loc[["blue", "orange"]]
    assert rates["reached"].all()
    decided = fitted.decide(scores, examples.groups["color"])
    negatives = (examples.labels == 0) & examples.groups["color"].match("color", fairkit.only("orange"))
    assert decided[negatives].mean() == pytest.approx(rates.loc["orange", "rate"])


@pytest.mark.parametrize("dropped", [0, 3, 9, 15, 20])
def test_thresholds_between_fine_buckets_part_the_very_scores(dropped):
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.random(300), [0, 1, 0.5, np.nextafter(0.5, 1)], 1 - rng.random(50) * 1e-15,
                             1 - rng.random(50) * 1e-7, rng.random(50) * 1e-7])
    near = np.minimum(scores, 1 - scores).astype(np.float32)
    above = np.nextafter(near, np.float32(1)).astype(float)
    scores = np.concatenate([scores, above, 1 - above, (near + above) / 2, 1 - (near + above) / 2])
    scores = scores[(scores >= 0) & (scores <= 1)]
    buckets, ones = score_buckets(scores) >> dropped, np.ones((len(scores), 3))
    atoms, positive = np.zeros(len(scores), int), np.ones(len(scores), bool)
    counted = ScoreCounts([("a",)], atoms, positive, buckets, ones, None, dropped)
    thresholds, counts = at_each_threshold(counted, np.array([True]))
    assert (np.diff(thresholds) >= 0).all() and thresholds[-1] == 1
    np.testing.assert_array_equal(counts.tp[:, 0], [(scores > t).sum() for t in thresholds])
    for at in range(0, len(thresholds), 50):
        assert at_thresholds(counted, {("a",): thresholds[at]})["a",].tp[0] == counts.tp[at, 0]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.5, 5e-324])), min_size=1))
def test_moved_scores_are_on_the_side_of_the_decision(pairs):
    scores, thresholds = np.array(pairs).T
    found = moved(scores, thresholds)
    np.testing.assert_array_equal(found > 0.5, scores > thresholds)
    assert ((found >= 0) & (found <= 1)).all()
    together = np.sort(scores)
    assert (np.diff(moved(together, np.full(len(pairs), thresholds[0]))) >= 0).all()


def test_several_none_and_unknown_have_the_overall_threshold_and_their_share_is_printed():
    scores, examples = biased()
    fitted = fit_group_thresholds(fairkit.predict(scores, examples), "color")
    at = (fitted.overall + 1e-6, fitted.overall - 1e-6)
    for cell in (None, ("blue", "orange"), "red", "several values"):
        assert fitted.decide(at, [cell, cell]).tolist() == [1, 0]
    assert fitted.thresholds["blue"] < fitted.overall < fitted.thresholds["orange"]
    assert fitted.in_no_group == pytest.approx(100 / 4000)
    text = str(fitted)
    assert "2.5% of the examples that have several values or none" in text and "unlawful" in text
    assert fitted.achieved["kind"].tolist() == ["group", "group", "several values", "no value", "overall"]


def test_small_groups_have_the_overall_threshold_or_say_what_they_cannot_reach():
    scores, examples = biased()
    color = np.array(examples.groups["color"].to_list(), object)
    few = np.flatnonzero(examples.labels == 0)[1:8]
    color[few] = "red"
    examples = Examples(labels=examples.labels, groups={"color": color})
    predictions = fairkit.predict(scores, examples)
    fitted = fit_group_thresholds(predictions, "color", level=0.2)
    row = fitted.achieved.set_index("group").loc["red"]
    assert row["kind"] == "too few" and row["note"] == "too few negatives: 7, at least 30 asked for"
    assert row["threshold"] == fitted.overall and "red" not in fitted.thresholds
    tried = fit_group_thresholds(predictions, "color", level=0.2, min_examples=5)
    row = tried.achieved.set_index("group").loc["red"]
    assert row["reached"] is False and row["rate"] == pytest.approx(1 / 7) and "not reached" in str(tried)
    assert row["lower"] < 0.05 and row["upper"] > 0.4


def test_crosses_are_named_by_tuples():
    scores, examples = biased()
    sex = np.where(np.arange(4000) % 3, "f", "m")
    both = Examples(labels=examples.labels, groups={**examples.groups, "sex": sex})
    fitted = fit_group_thresholds(fairkit.predict(scores, both), ["sex", "color"])
    assert sorted(fitted.thresholds) == [("f", "blue"), ("f", "orange"), ("m", "blue"), ("m", "orange")]
    low, high = fitted.thresholds["m", "blue"], fitted.thresholds["m", "orange"]
    cells = {"color": ["blue", "orange", None], "sex": ["m", "m", "m"]}
    assert fitted.decide([low + 1e-9, high - 1e-9, fitted.overall + 1e-9], cells).tolist() == [1, 0, 1]
    again = GroupThresholds.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert again.thresholds == fitted.thresholds and str(again) == str(fitted)


def test_one_class_of_several_against_the_rest():
    rng = np.random.default_rng(0)
    labels, color = rng.integers(0, 3, 3000), rng.choice(["blue", "orange"], 3000)
    logits = rng.normal(0, 1, (3000, 3)) + 2 * np.eye(3)[labels]
    logits[:, 2] += color == "orange"
    examples = Examples(labels=labels, groups={"color": color})
    before = fairkit.evaluate(logits, examples, ["color"], [0.5], classes=[2], from_logits=True)
    fitted = fit_group_thresholds(before, "color")  # the only class that is judged
    assert fitted.class_id == 2 and fitted.thresholds["orange"] > fitted.thresholds["blue"]
    adjusted = fitted.adjusted(before.predictions)
    decided = fitted.decide(before.predictions.scores, color)
    np.testing.assert_array_equal(adjusted.scores[:, 2] > 0.5, decided)
    np.testing.assert_allclose(adjusted.scores.sum(axis=1), 1)
    ratio = adjusted.scores[:, 0] / adjusted.scores[:, 1]
    np.testing.assert_allclose(ratio, before.predictions.scores[:, 0] / before.predictions.scores[:, 1])
    after = fairkit.evaluate(adjusted, slices=["color"], thresholds=[0.5], classes=[2])
    gap = after.gaps("false_positive_rate", threshold=0.5, reference={"color": "blue"})
    assert abs(gap["gap"].iloc[0]) <= 0.02
    with pytest.raises(FairkitError, match="which class the thresholds are for"):
        fit_group_thresholds(before.predictions, "color")
    with pytest.raises(FairkitError, match="not of the kind"):
        fitted.decide([0.5], ["blue"])


def test_before_and_after_are_compared_in_pairs():
    scores, examples = biased()
    before = fairkit.evaluate(scores, examples, ["color"], [0.55])
    level = before.value("false_positive_rate", threshold=0.55)
    fitted = fit_group_thresholds(before, "color", level=level)
    after = fairkit.evaluate(fitted.adjusted(before.predictions), slices=["color"], thresholds=[fitted.common])
    compared = fairkit.compare(before, after, thresholds={0.55: fitted.common}, reference={"color": "blue"})
    row = compared.rows("given", slice="color:orange").iloc[0]
    assert compared.paired and row["gap_before"] > 0.25 and abs(row["gap_after"]) < 0.03
    assert row["gap_verdict"] == "smaller"


def test_fairlearn_finds_no_better_accuracy_but_by_chance_decisions():
    postprocessing = pytest.importorskip("fairlearn.postprocessing")
    sklearn = pytest.importorskip("sklearn.base")
    scores, examples = biased(2000, seed=3)
    one = np.array([isinstance(cell, str) for cell in examples.groups["color"].to_list()])
    scores, examples = scores[one], examples.take(one)
    color = np.array(examples.groups["color"].to_list())

    class Scores(sklearn.BaseEstimator):
        def fit(self, x, y):
            return self

        def __sklearn_is_fitted__(self):
            return True

        def predict(self, x):
            return np.asarray(x)[:, 0]

    for rate in ("false_positive_rate", "true_positive_rate"):
        theirs = postprocessing.ThresholdOptimizer(
            estimator=Scores(), constraints=f"{rate}_parity", objective="accuracy_score", prefit=True,
            predict_method="predict", grid_size=2000)
        theirs.fit(scores[:, None], examples.labels, sensitive_features=color)
        chance = theirs._pmf_predict(scores[:, None], sensitive_features=color)[:, 1]
        expected = np.where(examples.labels == 1, chance, 1 - chance).mean()
        exact = fit_group_thresholds(fairkit.predict(scores, examples), "color", rate, tolerance=0)
        near = fit_group_thresholds(fairkit.predict(scores, examples), "color", rate, tolerance=0.005)
        assert exact.accuracy <= expected + 2e-3   # their grid of rates is not the scores
        assert near.accuracy >= expected - 2e-3


def test_they_survive_json():
    scores, examples = biased()
    fitted = fit_group_thresholds(fairkit.predict(scores, examples), "color", level=0.1)
    again = GroupThresholds.from_dict(json.loads(json.dumps(fitted.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.achieved, fitted.achieved)
    assert again.to_dict() == fitted.to_dict() and str(again) == str(fitted)
    for odd, match in (({"format": 99}, "newer fairkit"), ({}, "no group thresholds"), (3, "no group thresholds")):
        with pytest.raises(FairkitError, match=match):
            GroupThresholds.from_dict(odd)


@pytest.mark.parametrize("arguments, match", [
    ({"by": "colour"}, "no slice of this evaluation has the feature 'colour'. Expected: 'color' .the nearest."),
    ({"by": []}, "by names no group column"), ({"by": ["color", "color"]}, "names a column twice"),
    ({"rate": "precision"}, "its denominator changes with the threshold. Expected: 'false_positive_rate' or"),
    ({"rate": "false_positive"}, "no rate 'false_positive'"), ({"tolerance": -1}, "tolerance is out of range"),
    ({"level": 1.5}, "level is out of range"), ({"level": True}, "level is out of range"),
    ({"false_positive_cost": float("inf")}, "false_positive_cost is out of range"),
    ({"class_id": 1}, "no classes to choose from"), ({"min_examples": 2.5}, "min_examples"),
    ({"min_examples": 3000}, "fewer than two groups to make equal. Expected: two groups with 3000 or more negatives. "
                             "Received: blue: "),
])
def test_what_cannot_be_fitted_is_refused(arguments, match):
    scores, examples = biased()
    cells = fairkit.evaluate(scores, examples, ["color"]).cells
    with pytest.raises(FairkitError, match=match):
        fit_group_thresholds(cells, **{"by": "color", **arguments})


def test_what_cannot_be_decided_is_refused():
    scores, examples = biased(400)
    fitted = fit_group_thresholds(fairkit.predict(scores, examples), "color")
    with pytest.raises(FairkitError, match="need the group column 'color'"):
        fitted.decide(scores, {"colour": examples.groups["color"]})
    with pytest.raises(FairkitError, match="another length than the scores"):
        fitted.decide(scores, ["blue"])
    with pytest.raises(FairkitError, match="adjusted in predictions"):
        fitted.adjusted(scores)
    with pytest.raises(FairkitError, match="fitted on counts"):
        fit_group_thresholds(scores, "color")
    ages = Examples(labels=[0, 1] * 200, groups={"age": np.arange(400)})
    binned = fairkit.evaluate(scores, ages, [{"age": fairkit.bins(200)}])
    with pytest.raises(FairkitError, match="'age' was cut into bins"):
        fit_group_thresholds(binned, "age")
