"""Detectable gaps: data drawn with just that gap are found out at the power that was asked for."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

import fairkit
from fairkit import Examples, FairkitError
from fairkit.counts.rates import RATES, Counts
from fairkit.counts.significance import score_test
from fairkit.evaluation.detectable import detectable_gap
from fairkit.evaluation.gap_tables import gap_table


def evaluated(flagged, of, weights=None, several=False, outcome=0, **options):
    """An evaluation where flagged[g] of of[g] negatives (or positives) of each group exceed .5."""
    groups = [g for g, n in of.items() for _ in range(n)]
    scores = [0.9 if i < flagged[g] else 0.1 for g, n in of.items() for i in range(n)]
    examples = Examples(labels=[outcome] * len(groups), groups={"g": [tuple(g) for g in groups] if several else groups},
                        weights=weights)
    return fairkit.evaluate(scores, examples, ["g"], [0.5], **options)


@pytest.mark.parametrize("reference, power", [(None, 0.8), ({"g": "b"}, 0.8), ({"g": "b"}, 0.5)])
def test_a_gap_of_that_size_is_shown_with_that_power(reference, power):
    of, base = {"a": 80, "b": 240}, 0.15
    evaluation = evaluated({"a": 12, "b": 36}, of)
    row = detectable_gap(evaluation, "false_positive_rate", reference=reference, power=power).iloc[0]
    assert (row["slice"], row["base"], row["power"]) == ("g:a", base, power)
    scale = 1 if reference else of["b"] / sum(of.values())  # against overall: the gap to the rest, scaled
    rng, shown = np.random.default_rng(1), 0
    for _ in range(150):
        flagged = {"a": rng.binomial(of["a"], base + row["detectable_gap"] / scale), "b": rng.binomial(of["b"], base)}
        drawn = gap_table(evaluated(flagged, of), "false_positive_rate", reference=reference)
        shown += drawn.iloc[0]["p_value"] < 0.05
    assert shown / 150 == pytest.approx(power, abs=0.11)


@pytest.mark.parametrize("reference", [None, {"g": "b"}])
def test_what_was_found_stands_beside_what_could_have_been(reference):
    evaluation = evaluated({"a": 30, "b": 36}, {"a": 80, "b": 240})
    found = detectable_gap(evaluation, "false_positive_rate", reference=reference)
    expected = gap_table(evaluation, "false_positive_rate", reference=reference)
    assert found[["slice", "gap", "lower", "upper"]].equals(expected[["slice", "gap", "lower", "upper"]])
    if reference:
        low, high = confint_proportions_2indep(30, 80, 36, 240, method="newcomb", compare="diff")
        assert (found["lower"][0], found["upper"][0]) == pytest.approx((low, high), abs=1e-9)


def test_direction_of_worse():
    flagged, of = {"a": 60, "b": 140}, {"a": 100, "b": 250}
    for metric, sign in (("false_positive_rate", 1), ("true_negative_rate", -1), ("positive_rate", 1)):
        found = detectable_gap(evaluated(flagged, of), metric, reference={"g": "b"})["detectable_gap"][0]
        assert np.sign(found) == sign


def test_weights_leave_less_to_see():
    flagged, of = {"a": 20, "b": 40}, {"a": 100, "b": 200}
    weights = np.tile([0.1, 3, 1], 100)
    equal, unequal = (detectable_gap(evaluated(flagged, of, w), "false_positive_rate")["detectable_gap"][0]
                      for w in (None, weights))
    assert unequal > 1.2 * equal


def test_f1_loses_that_much_with_that_power():
    rows = [(1, 0.9)] * 180 + [(0, 0.9)] * 60 + [(1, 0.1)] * 60 + [(0, 0.1)] * 200  # tp, fp, fn, tn of each group
    examples = Examples(labels=[row[0] for row in rows] * 2, groups={"g": ["a"] * 500 + ["b"] * 500})
    evaluation = fairkit.evaluate([row[1] for row in rows] * 2, examples, ["g"], [0.5])
    row = detectable_gap(evaluation, "f1_score", reference={"g": "b"}).iloc[0]
    assert row["base"] == pytest.approx(0.75) and row["detectable_gap"] < 0
    lower_f1 = 0.75 + row["detectable_gap"]
    hits = lower_f1 / (2 - lower_f1)  # the share of tp among tp, fp and fn that has this F1
    rng = np.random.default_rng(0)
    tp = rng.binomial(300, [hits, 0.6], (4000, 2)).astype(float)
    fp = rng.binomial((300 - tp).astype(int), 0.5)
    none = np.zeros((4000, 2, 3))
    counts = Counts(*(np.stack([x] * 3, -1) for x in (tp, fp)), none, np.stack([300 - tp - fp] * 3, -1))
    _, p_value = score_test(RATES["f1_score"], counts, np.broadcast_to([1, -1], (4000, 2)))
    assert np.mean(p_value < 0.05) == pytest.approx(0.8, abs=0.03)


def test_slices_that_overlap():
    groups = [["a"]] * 60 + [["a", "b"]] * 40 + [["b"]] * 150
    scores = [0.9, 0.9, 0.1, 0.1, 0.1] * 50
    evaluation = fairkit.evaluate(scores, Examples(labels=[0] * 250, groups={"g": groups}), ["g"], [0.5])
    row = detectable_gap(evaluation, "false_positive_rate", reference={"g": "b"}).iloc[0]
    # The pooled variance of the gap is p (1 - p) sum c^2 / n on the parts; 80 % power takes 2.8 standard errors.
    c, n = np.array([0.6, 0.4 - 40 / 190, -150 / 190]), np.array([60, 40, 150])
    assert row["detectable_gap"] == pytest.approx(2.8 * np.sqrt(0.24 * (c**2 / n).sum()), rel=0.05)


def test_what_cannot_be_shown_says_why():
    table = detectable_gap(evaluated({"a": 1, "b": 30, "c": 0}, {"a": 2, "b": 50, "c": 0}), "false_positive_rate",
                           reference={"g": "b"}).set_index("slice")
    assert np.isnan(table.loc["g:a", "detectable_gap"])
    assert table.loc["g:a", "note"] == "no gap is large enough to be shown (negatives: 2)"
    table = detectable_gap(evaluated({"a": 5}, {"a": 20}), "false_positive_rate")
    assert table["note"].tolist() == ["no test: slice and reference hold the same negatives"]
    assert detectable_gap(evaluated({"a": 5, "b": 9}, {"a": 20, "b": 20}), "recall")["note"].tolist() == [
        "undefined: no positives in this slice"] * 2


@pytest.mark.parametrize("power", [0, 1, 0.05, "high", True])
def test_bad_powers_are_named(power):
    with pytest.raises(FairkitError, match="the power lies outside its range"):
        detectable_gap(evaluated({"a": 5, "b": 9}, {"a": 20, "b": 20}), "recall", power=power)
