"""Comparisons against counting by hand, scikit-learn's scores, and the bootstrap."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import fairkit
from fairkit import Examples, FairkitError


def make(seed=0, n=4000, noise=0.15):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    orange = rng.random(n) < 0.5
    digit = rng.integers(0, 3, n)
    base = rng.normal(0.35 + 0.3 * labels, 0.15)
    before = np.clip(base + 0.15 * orange, 0, 1)
    after = np.clip(base + 0.02 * orange + rng.normal(0, noise, n), 0, 1)
    groups = {"color": np.where(orange, "orange", "blue"), "digit": digit}
    return Examples(labels=labels, groups=groups), before, after, orange


@pytest.fixture(scope="module")
def compared():
    examples, before, after, orange = make()
    first = fairkit.evaluate(before, examples, ["color", ("digit", "color")], [0.4, 0.6])
    second = fairkit.evaluate(after, examples, first.slices, first.thresholds)
    return examples, before, after, orange, fairkit.compare(first, second, reference={"color": "blue"})


def test_matched_thresholds_have_the_nearest_overall_rate(compared):
    examples, before, after, _, comparison = compared
    negatives = examples.labels == 0
    for match in comparison.matches:
        assert match.rate_before == pytest.approx(np.mean(before[negatives] > match.before))
        assert match.rate_after == pytest.approx(np.mean(after[negatives] > match.after))
        if match.kind == "matched":
            distance = [abs(np.mean(after[negatives] > t) - match.rate_before) for t in np.unique(after)]
            best = np.unique(after)[np.isclose(distance, min(distance), atol=1e-12)].max()
            assert match.after == best
    matched = [(m.before, m.after) for m in comparison.matches if m.kind == "matched"]
    assert comparison.threshold_pairs == {None: matched}


def test_rates_and_gaps_before_and_after(compared):
    examples, before, after, orange, comparison = compared
    negatives = examples.labels == 0
    row = comparison.rows("matched", 0.6, slice="color:orange").iloc[0]
    rates = {(name, side): np.mean(scores[negatives & mask] > row[f"threshold_{name}"])
             for name, scores in (("before", before), ("after", after))
             for side, mask in (("o", orange), ("b", ~orange))}
    assert row["before"] == pytest.approx(rates["before", "o"])
    assert row["change"] == pytest.approx(rates["after", "o"] - rates["before", "o"])
    assert row["gap_before"] == pytest.approx(rates["before", "o"] - rates["before", "b"])
    assert row["gap_after"] == pytest.approx(rates["after", "o"] - rates["after", "b"])
    assert row["gap_change"] == pytest.approx(row["gap_after"] - row["gap_before"])
    assert comparison.rows("matched", 0.6, slice="Overall")["gap_before"].isna().all()


def test_changes_have_the_bootstraps_intervals(compared):
    examples, before, after, orange, comparison = compared
    rng = np.random.default_rng(1)
    negatives = np.flatnonzero(examples.labels == 0)
    row = comparison.rows("unchanged", 0.6, slice="color:orange").iloc[0]
    draws = []
    for _ in range(2000):
        rows = rng.choice(negatives, len(negatives))
        a, b, o = before[rows] > 0.6, after[rows] > 0.6, orange[rows]
        draws.append([b[o].mean() - a[o].mean(), (b[o].mean() - b[~o].mean()) - (a[o].mean() - a[~o].mean())])
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    width = high - low
    assert (row["change_lower"], row["change_upper"]) == pytest.approx((low[0], high[0]), abs=0.08 * width[0])
    assert (row["gap_change_lower"], row["gap_change_upper"]) == pytest.approx((low[1], high[1]), abs=0.08 * width[1])


def test_quality(compared):
    examples, before, after, _, comparison = compared
    quality = comparison.quality.set_index("metric")
    assert quality.loc["auc", "before"] == pytest.approx(roc_auc_score(examples.labels, before))
    assert quality.loc["auc", "change"] == pytest.approx(
        roc_auc_score(examples.labels, after) - roc_auc_score(examples.labels, before))
    assert quality.loc["accuracy", "after"] == pytest.approx(np.mean((after > 0.5) == examples.labels))
    for row in quality.itertuples():
        assert row.lower < row.change < row.upper
    assert comparison.quality["class"].tolist() == [None, None]


def test_verdicts_follow_their_intervals(compared):
    *_, comparison = compared
    frame = comparison.frame
    for row in frame.itertuples():
        assert row.verdict == ("improved" if row.change_upper < 0 else "worse" if row.change_lower > 0
                               else "no evidence")
        if row.reference is None:
            assert row.gap_verdict is None
        elif row.gap_verdict != "no evidence":
            assert (abs(row.gap_after) < abs(row.gap_before)) == (row.gap_verdict == "smaller")
            assert not row.gap_change_lower <= 0 <= row.gap_change_upper
    assert comparison.rows("unchanged", 0.6, slice="color:orange")["gap_verdict"].tolist() == ["smaller"]
    assert {"improved", "worse", "no evidence"} == set(frame["verdict"])


def test_verdicts_of_rates_where_higher_is_better_or_nothing_is(compared):
    *_, lower = compared
    first, second = lower.before, lower.after
    higher, neither = (fairkit.compare(first, second, metric=metric, reference={"color": "blue"})
                       for metric in ("true_negative_rate", "positive_rate"))
    unchanged = [c.rows("unchanged")["verdict"].tolist() for c in (lower, higher)]
    assert unchanged[0] == unchanged[1]  # one is 1 minus the other
    assert set(neither.frame["verdict"]) == {"no direction"} and neither.got_worse.empty
    assert neither.rows("unchanged", 0.6, slice="color:orange")["gap_verdict"].tolist() == ["smaller"]


def test_a_gap_that_turned_over_is_not_smaller():
    examples, before, _, orange = make()
    base = before - 0.15 * orange
    first, second = (fairkit.evaluate(np.clip(s, 0, 1), examples, ["color"], [0.6])
                     for s in (base + 0.1 * orange, base + 0.1 * ~orange))
    row = fairkit.compare(first, second, reference={"color": "blue"}).rows("unchanged", slice="color:orange").iloc[0]
    assert row["gap_before"] > 0 > row["gap_after"] and row["gap_change_upper"] < 0
    assert row["gap_verdict"] == "reversed"


def test_undefined_rows_say_so():
    rows = [("a", 0, 0.9), ("a", 0, 0.1), ("b", 1, 0.9)] * 20
    examples = Examples(labels=[row[1] for row in rows], groups={"g": [row[0] for row in rows]})
    evaluation = fairkit.evaluate([row[2] for row in rows], examples, ["g"], [0.5], min_examples=50)
    rows = fairkit.compare(evaluation, evaluation).rows("unchanged").set_index("slice")
    assert rows.loc["g:b", ["verdict", "gap_verdict"]].tolist() == ["undefined", "undefined"]
    assert rows.loc["g:b", "note"] == "undefined: no negatives in this slice"
    assert rows.loc["g:a", "note"] == "too few negatives: 40, at least 50 asked for"


def test_how_often_equal_gaps_are_called_smaller_or_larger():
    """Two models that are exchangeable, on the same examples: the words are wrong in at most 5 %."""
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(150):
        examples = Examples(labels=[0] * 400, groups={"g": ["a", "b"] * 200})
        scores = np.clip(rng.normal(0.4, 0.2, 400) + np.tile([0.15, 0], 200), 0, 1)
        pair = [np.clip(scores + rng.normal(0, 0.1, 400), 0, 1) for _ in range(2)]
        first, second = (fairkit.evaluate(s, examples, ["g"], [0.6]) for s in pair)
        comparison = fairkit.compare(first, second, reference={"g": "b"}, thresholds={0.6: 0.6})
        wrong += comparison.rows("given", slice="g:a")["gap_verdict"].iloc[0] != "no evidence"
    assert wrong / 150 <= 0.1


def test_what_got_worse_is_listed(compared):
    *_, comparison = compared
    worse = comparison.got_worse
    assert (worse["change_lower"] > 0).all()
    assert set(worse["metric"]) <= {"false_positive_rate", "false_negative_rate"}
    # The noise that `after` adds costs blue examples at equal overall rate.
    assert "color:blue" in worse[worse["thresholds"] == "matched"]["slice"].tolist()


def test_levelling_down_is_named(compared):
    *_, comparison = compared
    found = comparison.levelling_down
    both = found[(found["thresholds"] == "matched") & (found["slice"] == "color:orange")]
    assert (both["better_served"] == "color:blue").all() and len(both) >= 1
    assert both["share_of_closing"].between(0, 1).all()


def test_no_levelling_down_where_the_other_group_only_pays_at_equal_overall_rate():
    examples, before, _, orange = make()
    after = np.clip(before - 0.15 * orange, 0, 1)
    first, second = (fairkit.evaluate(s, examples, ["color"], [0.6]) for s in (before, after))
    comparison = fairkit.compare(first, second, reference={"color": "blue"})
    assert comparison.rows("matched", slice="color:blue")["change"].iloc[0] > 0
    assert comparison.levelling_down.empty


def shifted(examples, before, **by):
    """Evaluations of scores and of scores to which `by[color]` is added."""
    color = np.array(examples.groups["color"].to_list())
    after = before + sum(amount * (color == name) for name, amount in by.items())
    return [fairkit.evaluate(np.clip(s, 0, 1), examples, ["color"], [0.6]) for s in (before, after)]


def test_levelling_down_at_the_unchanged_threshold():
    examples, before, _, _ = make()
    evaluations = shifted(examples, before, blue=0.15)
    for options, served in (({"reference": {"color": "blue"}}, "color:blue"), ({}, "color:blue"),
                            ({"reference": {"color": "blue"}, "thresholds": {0.6: 0.6}}, "color:blue")):
        found = fairkit.compare(*evaluations, **options).levelling_down
        found = found[found["thresholds"] != "matched"]
        assert served in found["better_served"].tolist()
        row = found[found["better_served"] == served].iloc[0]
        assert row["why"] == "its false_positive_rate got worse at the unchanged threshold"
        if options:  # orange did not move: the whole closing came from blue
            assert row["share_of_closing"] == pytest.approx(1)
    improved = shifted(examples, before, orange=-0.1)
    assert fairkit.compare(*improved, thresholds={0.6: 0.6}).levelling_down.empty


def test_a_gap_that_did_not_change_is_no_levelling_down():
    """The gap is .05 before and after; reached in two ways it differs from itself in the last digit."""
    examples = Examples(labels=[0] * 200, groups={"g": ["a"] * 100 + ["b"] * 100})
    flagged = (np.arange(100) < 11, np.arange(100) < 6), (np.arange(100) < 41, np.arange(100) < 36)
    first, second = (fairkit.evaluate(np.concatenate(both).astype(float), examples, ["g"], [0.5]) for both in flagged)
    comparison = fairkit.compare(first, second, reference={"g": "b"}, thresholds={0.5: 0.5})
    row = comparison.rows("given", slice="g:a").iloc[0]
    assert 0 < abs(row["gap_before"]) - abs(row["gap_after"]) < 1e-15 and row["gap_change"] == 0
    assert comparison.rows("given", slice="g:b")["verdict"].tolist() == ["worse"]
    assert comparison.levelling_down.empty


def test_levelling_down_of_a_rate_without_an_opposite():
    examples, before, _, _ = make()
    comparison = fairkit.compare(*shifted(examples, before, orange=-0.15), metric="f1_score",
                                 reference={"color": "blue"})
    row = comparison.rows("unchanged", slice="color:orange").iloc[0]
    assert row["gap_before"] > 0.05 and row["verdict"] == "worse"  # orange was served better
    found = comparison.levelling_down
    assert found[["thresholds", "better_served"]].values.tolist() == [["unchanged", "color:orange"]]
    assert found["share_of_closing"].tolist() == pytest.approx([1])


def test_rows_are_paired_by_id_and_not_by_order(compared):
    examples, before, after, _, comparison = compared
    order = np.random.default_rng(5).permutation(len(before))
    first = fairkit.evaluate(before, examples, comparison.before.slices, [0.4, 0.6])
    second = fairkit.evaluate(after[order], examples.take(order), first.slices, [0.4, 0.6])
    shuffled = fairkit.compare(first, second, reference={"color": "blue"})
    assert shuffled.paired
    numbers = [c for c in comparison.frame if comparison.frame[c].dtype == float]
    np.testing.assert_allclose(shuffled.frame[numbers], comparison.frame[numbers], atol=1e-12)


def test_different_examples_are_not_paired(compared):
    examples, before, after, _, comparison = compared
    first = fairkit.evaluate(before, examples, comparison.before.slices, [0.6])
    half = np.arange(2000)
    second = fairkit.evaluate(after[half], examples.take(half), first.slices, [0.6])
    unpaired = fairkit.compare(first, second, reference={"color": "blue"})
    assert not unpaired.paired and "different examples" in unpaired.warnings[0]
    wide, narrow = (c.rows("unchanged", 0.6, slice="color:orange").iloc[0] for c in (unpaired, comparison))
    assert wide["change_upper"] - wide["change_lower"] > narrow["change_upper"] - narrow["change_lower"]


def test_given_thresholds():
    examples, before, after, _ = make(n=400)
    first, second = (fairkit.evaluate(s, examples, ["color"], [0.6]) for s in (before, after))
    comparison = fairkit.compare(first, second, thresholds={0.5: 0.45})
    assert comparison.frame["thresholds"].unique().tolist() == ["given"]
    row = comparison.rows("given", slice="Overall").iloc[0]
    assert row["after"] == pytest.approx(np.mean(after[examples.labels == 0] > 0.45))


def test_a_match_that_is_far_apart_is_warned_about():
    examples, before, _, _ = make(n=400)
    first = fairkit.evaluate(before, examples, ["color"], [0.6])
    second = fairkit.evaluate((before > 0.5).astype(float), examples, ["color"], [0.6])
    assert any("differ by more than 0.005" in w for w in fairkit.compare(first, second).warnings)


def test_the_text_shows_slices_gaps_and_quality(compared):
    *_, comparison = compared
    text = str(comparison)
    row = comparison.rows("matched", 0.6, slice="color:orange").iloc[0]
    for part in ("color:orange", f"{row['gap_before']:+.3f}", f"{row['gap_after']:+.3f}", "accuracy:", "auc:"):
        assert part in text


def test_bad_comparisons_are_named(compared):
    comparison = compared[-1]
    examples, before, after, _ = make(n=200)
    binary = fairkit.evaluate(before, examples, ["color"], [0.5])
    softmax = fairkit.evaluate(np.stack([1 - after, after], 1), examples, ["color"], [0.5])
    with pytest.raises(FairkitError, match="judge different classes"):
        fairkit.compare(binary, softmax)
    with pytest.raises(FairkitError, match="no rate 'fpr'"):
        fairkit.compare(binary, binary, metric="fpr")
    with pytest.raises(FairkitError, match="no group column 'color'"):
        other = fairkit.evaluate(after, Examples(labels=examples.labels, groups={}), [], [0.5])
        fairkit.compare(comparison.before, other)
    binary.predictions = None
    with pytest.raises(FairkitError, match="the evaluation before holds no predictions"):
        fairkit.compare(binary, binary)


@pytest.mark.parametrize("change, says", [
    (lambda e: Examples(labels=e.labels, groups=e.groups, ids=np.arange(len(e)) + 5), "ids in common"),
    (lambda e: Examples(labels=1 - e.labels, groups=e.groups), "labels differ"),
    (lambda e: Examples(labels=e.labels, groups=e.groups, weights=np.ones(len(e))), "the weights differ"),
    (lambda e: Examples(labels=e.labels, groups={"color": e.groups["color"].to_list()[::-1]}), "groups color differ"),
])
def test_why_changes_are_not_paired(change, says):
    rng = np.random.default_rng(0)
    examples = Examples(labels=rng.integers(0, 2, 50), groups={"color": rng.choice(["blue", "orange"], 50)})
    scores = rng.random(50)
    one, other = (fairkit.evaluate(scores, e, ["color"], [0.5]) for e in (examples, change(examples)))
    comparison = fairkit.compare(one, other)
    assert not comparison.paired and any(says in warning for warning in comparison.warnings)


@pytest.mark.parametrize("values", [3, 40, 300])
def test_counts_of_a_comparison_are_those_of_the_evaluations(values):
    """Whatever the number of atoms, and with it the type of their codes."""
    rng = np.random.default_rng(values)
    n = 3 * values + 500
    examples = Examples(labels=rng.integers(0, 2, n), weights=rng.random(n) + 0.5,
                        groups={"g": np.arange(n) % values, "h": rng.integers(0, 2, n)})
    first, second = (fairkit.evaluate(rng.random(n), examples, ["g", "h"], [0.5]) for _ in range(2))
    comparison = fairkit.compare(first, second, "false_positive_rate")
    assert comparison.paired
    rows = comparison.frame[comparison.frame.thresholds == "unchanged"].set_index("slice")
    for evaluation, side in ((first, "before"), (second, "after")):
        own = evaluation.frame[evaluation.frame.metric == "false_positive_rate"].set_index("slice")
        assert len(own) == len(rows) == values + 3
        np.testing.assert_allclose(rows[side], own.value[rows.index])
    np.testing.assert_allclose(rows.denominator, first.frame[first.frame.metric == "false_positive_rate"].set_index(
        "slice").denominator[rows.index])


def judged(ids, order=None):
    """An evaluation of six examples, the same ones under whatever ids."""
    labels, groups, scores = np.array([0, 0, 1, 1, 0, 1]), np.array(list("ababab")), np.arange(6) / 10
    order = np.arange(6) if order is None else order
    examples = fairkit.Examples(labels=labels[order], groups={"g": groups[order]}, ids=ids)
    return fairkit.evaluate(scores[order], examples, ["g"], [0.25])


TURNED = np.array([3, 1, 5, 0, 2, 4])


@pytest.mark.parametrize("ids", [
    np.array([1, 2, 3, 4, 5, 60], np.int8), np.array([1, 2, 3, 4, 5, 60], np.uint64), [1.0, 2.0, 3.0, 4.0, 5.0, 60.0],
    ["1", "2", "3", "4", "5", "60"], [b"1", b"2", b"3", b"4", b"5", b"60"], pd.array([1, 2, 3, 4, 5, 60], "Int64"),
    pd.Series([1, "2", 3.0, b"4", np.int16(5), np.str_("60")], dtype=object),
    pd.Series([*"12345", "60"], dtype="string"),
    pd.Categorical(["1", "2", "3", "4", "5", "60"]),
], ids=lambda ids: f"{type(ids).__name__} of {type(next(iter(ids))).__name__}")
@pytest.mark.parametrize("others", [[1, 2, 3, 4, 5, 60], ["1", "2", "3", "4", "5", "60"]], ids=["numbers", "texts"])
def test_ids_pair_by_name_whatever_holds_them(ids, others):
    one = fairkit.compare(judged(ids), judged(np.array(others)[TURNED], TURNED))
    two = fairkit.compare(judged(np.array(others)[TURNED], TURNED), judged(ids))
    for comparison in (one, two):
        assert comparison.paired and not comparison.warnings
        assert (comparison.rows("unchanged")["change"].dropna() == 0).all()


@pytest.mark.parametrize(("ids", "others", "says"), [
    ([1, 2, 3, 4, 5, 6], ["01", "02", "03", "04", "05", "06"],
     r"0 ids in common.*whole numbers in the first and texts in the second"),
    ([1, 2, 3, 4, 5, 6], ["1", "2", "3", "4", "5", "seven"], "5 ids in common.*whole numbers .* and texts"),
    (pd.Series([1, "1", 2, 3, 4, 5], dtype=object), [1, 2, 3, 4, 5, 6],
     "0 ids in common.*int and str in the first and whole numbers in the second"),
    (list("abcdef"), list("abcdeg"), r"5 ids in common, which count as if they were others\)\."),
])
def test_ids_that_do_not_pair_say_why(ids, others, says):
    comparison = fairkit.compare(judged(ids), judged(others))
    assert not comparison.paired
    assert re.search(says, comparison.warnings[0])


def test_ids_of_the_same_name_with_other_labels_are_told(tmp_path):
    comparison = fairkit.compare(judged([1, 2, 3, 4, 5, 6]), judged(["2", "1", "3", "4", "6", "5"]))
    assert "the ids are the same, but 2 labels differ" in comparison.warnings[0]
