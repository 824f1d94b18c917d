"""Accuracy of two models by slice, against scikit-learn, Newcombe's formula worked by hand, and the bootstrap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

import fairkit
from fairkit import Examples, FairkitError
from fairkit.counts.intervals import Z95

REFERENCE = {"color": "blue"}


def softmax(labels, orange, seed, hard, classes=4):
    scores = np.random.default_rng(seed).normal(0, 1, (len(labels), classes))
    scores[np.arange(len(labels)), labels] += 1.6 - hard * orange
    scores = np.exp(scores)
    return scores / scores.sum(1, keepdims=True)


def data(n=1500, classes=4, weighted=False):
    rng = np.random.default_rng(3)
    labels, orange = rng.integers(0, classes, n), rng.random(n) < 0.4
    groups = {"color": np.where(orange, "orange", "blue"), "digit": labels}
    return Examples(labels=labels, groups=groups, weights=rng.random(n) + 0.5 if weighted else None), labels, orange


@pytest.fixture(scope="module", params=[False, True], ids=["unweighted", "weighted"])
def top1(request):
    examples, labels, orange = data(weighted=request.param)
    scores = softmax(labels, orange, 1, 1.0), softmax(labels, orange, 2, 0.1)
    before, after = (fairkit.evaluate(s, examples, ["color", "digit"], [0.5]) for s in scores)
    right = [s.argmax(1) == labels for s in scores]
    return examples, orange, right, fairkit.compare(before, after, "accuracy", REFERENCE)


def test_accuracy_of_each_slice_is_that_of_scikit_learn(top1):
    examples, orange, right, comparison = top1
    labels, weights = examples.labels, examples.weights
    for name, mask in (("Overall", labels >= 0), ("color:orange", orange), ("digit:3", labels == 3)):
        row = comparison.rows(slice=name).iloc[0]
        own = None if weights is None else weights[mask]
        expected = [accuracy_score(np.ones(mask.sum()), hit[mask], sample_weight=own) for hit in right]
        assert (row["before"], row["after"], row["change"]) == pytest.approx((*expected, expected[1] - expected[0]))
        assert row["denominator"] == pytest.approx(mask.sum() if weights is None else weights[mask].sum())
    gap = comparison.rows(slice="color:orange").iloc[0]
    other = comparison.rows(slice="color:blue").iloc[0]
    assert gap["gap_before"] == pytest.approx(gap["before"] - other["before"])
    assert gap["gap_change"] == pytest.approx(gap["change"] - other["change"])


def test_accuracy_of_several_classes_has_no_threshold(top1):
    *_, comparison = top1
    assert comparison.frame["threshold_before"].isna().all() and comparison.frame["threshold_after"].isna().all()
    assert set(comparison.frame["thresholds"]) == {"unchanged"} and comparison.frame["class"].isna().all()
    assert len(comparison.rows()) == len(comparison.rows("unchanged")) == len(comparison.before.keys)
    assert comparison.match().before is None and comparison.threshold_pairs == {}
    with pytest.raises(FairkitError, match="at no threshold"):
        fairkit.compare(comparison.before, comparison.after, "accuracy", thresholds={0.5: 0.5})


def test_overall_is_what_quality_says(top1):
    *_, comparison = top1
    row = comparison.rows(slice="Overall").iloc[0]
    quality = comparison.quality.iloc[0]
    assert row[["before", "after", "change", "change_lower", "change_upper"]].astype(float).tolist() == pytest.approx(
        quality[["before", "after", "change", "lower", "upper"]].astype(float).tolist(), abs=1e-12)


def newcombe(first, second):
    """Method 10 of Newcombe (1998, Statistics in Medicine 17:2635) for second - first, hits on the same examples."""
    n = len(first)
    e, f, g, h = (np.sum(x & y) for x, y in ((first, second), (first, ~second), (~first, second), (~first, ~second)))
    wilson = []
    for p in (first.mean(), second.mean()):
        middle, half = p + Z95**2 / (2 * n), Z95 * np.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n))
        wilson.append((p, (middle - half) / (1 + Z95**2 / n), (middle + half) / (1 + Z95**2 / n)))
    top = float(e) * h - float(f) * g
    top = max(top - n / 2, 0) if top > 0 else top
    phi = top / np.sqrt(float(e + f) * (g + h) * (e + g) * (f + h))
    (p, low, high), (q, low_q, high_q) = wilson
    down = np.sqrt((q - low_q)**2 - 2 * phi * (q - low_q) * (high - p) + (high - p)**2)
    up = np.sqrt((high_q - q)**2 - 2 * phi * (high_q - q) * (p - low) + (p - low)**2)
    return q - p - down, q - p + up


@pytest.mark.parametrize("binary", [True, False])
def test_intervals_of_changes_are_newcombes(binary):
    examples, labels, orange = data(n=300, classes=2)
    scores = softmax(labels, orange, 1, 1.0, 2), softmax(labels, orange, 2, 0.1, 2)
    right = [s.argmax(1) == labels for s in scores]
    evaluations = [fairkit.evaluate(s[:, 1] if binary else s, examples, ["color"], [0.5]) for s in scores]
    comparison = fairkit.compare(*evaluations, "accuracy", REFERENCE)
    for name, mask in (("Overall", labels >= 0), ("color:orange", orange), ("color:blue", ~orange)):
        row = comparison.rows("unchanged", slice=name).iloc[0]
        assert (row["change_lower"], row["change_upper"]) == pytest.approx(newcombe(*(hit[mask] for hit in right)))


def test_the_change_of_a_gap_has_the_bootstraps_interval():
    examples, labels, orange = data(n=3000)
    scores = softmax(labels, orange, 1, 1.0), softmax(labels, orange, 2, 0.1)
    first, second = (s.argmax(1) == labels for s in scores)
    row = fairkit.compare(*(fairkit.evaluate(s, examples, ["color"]) for s in scores), "accuracy", REFERENCE).rows(
        slice="color:orange").iloc[0]
    rng, draws = np.random.default_rng(1), []
    for _ in range(2000):
        rows = rng.integers(0, len(labels), len(labels))
        moved, o = second[rows].astype(float) - first[rows], orange[rows]
        draws.append(moved[o].mean() - moved[~o].mean())
    low, high = np.percentile(draws, [2.5, 97.5])
    assert (row["gap_change_lower"], row["gap_change_upper"]) == pytest.approx((low, high), abs=0.08 * (high - low))
    assert row["gap_verdict"] == "smaller"


def test_binary_accuracy_is_compared_at_thresholds():
    examples, labels, orange = data(classes=2)
    scores = [softmax(labels, orange, seed, hard, 2)[:, 1] for seed, hard in ((1, 1.0), (2, 0.1))]
    before, after = (fairkit.evaluate(s, examples, ["color"], [0.3, 0.7]) for s in scores)
    comparison = fairkit.compare(before, after, "accuracy", REFERENCE)
    for kind in ("unchanged", "matched"):
        for threshold in (0.3, 0.7):
            match = comparison.match(threshold, thresholds=kind)
            row = comparison.rows(kind, threshold, slice="color:orange").iloc[0]
            hits = [(s > at) == labels for s, at in zip(scores, (match.before, match.after), strict=True)]
            assert (row["before"], row["after"]) == pytest.approx([h[orange].mean() for h in hits])
            assert (match.rate_before, match.rate_after) == pytest.approx([h.mean() for h in hits])
            if kind == "matched":  # equally many are predicted positive: equal accuracy would not name one threshold
                assert np.sum(scores[0] > threshold) == np.sum(scores[1] > match.after)
    given_ = fairkit.compare(before, after, "accuracy", thresholds={0.3: 0.9})
    assert given_.rows(slice="Overall")["after"].tolist() == pytest.approx([accuracy_score(labels, scores[1] > 0.9)])
    assert "The overall positive rate is" in given_.warnings[0]


def test_accuracy_among_negatives_is_the_true_negative_rate():
    rng = np.random.default_rng(0)
    examples = Examples(labels=[0] * 200, groups={"color": rng.choice(["blue", "orange"], 200)},
                        weights=rng.random(200))
    both = [fairkit.evaluate(rng.random(200), examples, ["color"], [0.5]) for _ in range(2)]
    one, other = (fairkit.compare(*both, metric, REFERENCE).frame for metric in ("accuracy", "true_negative_rate"))
    unchanged = one["thresholds"] == "unchanged"
    numbers = [column for column in one if one[column].dtype == float]
    np.testing.assert_allclose(one.loc[unchanged, numbers], other.loc[unchanged, numbers], atol=1e-12)
    assert one.loc[unchanged, "verdict"].tolist() == other.loc[unchanged, "verdict"].tolist()


def test_other_examples_are_compared_unpaired(top1):
    examples, orange, _, comparison = top1
    half = np.arange(700)
    scores = softmax(examples.labels, orange, 2, 0.1)[half]
    less = fairkit.evaluate(scores, examples.take(half), ["color", "digit"], [0.5])
    unpaired = fairkit.compare(comparison.before, less, "accuracy", REFERENCE)
    assert not unpaired.paired and "not paired" in unpaired.warnings[0]
    row = unpaired.rows(slice="color:orange").iloc[0]
    assert row["before"] == comparison.rows(slice="color:orange").iloc[0]["before"]
    assert row["after"] == less.value("accuracy", "color:orange")


def test_chunks_are_refused_in_words(top1):
    *_, comparison = top1
    predictions = comparison.before.predictions
    chunks = fairkit.evaluate([predictions.take(rows) for rows in (np.arange(100), np.arange(100, 200))],
                              slices=["color"], thresholds=[0.5])
    with pytest.raises(FairkitError, match="the evaluation before holds no predictions"):
        fairkit.compare(chunks, comparison.after, "accuracy")


def test_auc_is_refused_with_the_way_out(top1):
    *_, comparison = top1
    with pytest.raises(FairkitError, match="compare 'accuracy'"):
        fairkit.compare(comparison.before, comparison.after, "auc")


def test_best_and_worst_of_accuracy_before_and_after(top1):
    *_, comparison = top1
    row = comparison.best_and_worst().set_index("slices").loc["color"]
    for side, evaluation in (("before", comparison.before), ("after", comparison.after)):
        alone = evaluation.best_and_worst("accuracy").set_index("slices").loc["color"]
        assert row[f"worst_{side}"] == alone["worst"]
        assert row[f"worst_error_{side}"] == pytest.approx(alone["worst_error"])


def test_levelling_down_in_accuracy():
    n = 400
    examples = Examples(labels=[0] * 2 * n, groups={"color": ["blue"] * n + ["orange"] * n})
    right = [[1] * 380 + [0] * 20 + [1] * 300 + [0] * 100, [1] * 320 + [0] * 80 + [1] * 300 + [0] * 100]
    both = [fairkit.evaluate(np.stack([hit, 1 - np.array(hit)], 1).astype(float), examples, ["color"]) for hit in right]
    found = fairkit.compare(*both, "accuracy", REFERENCE).levelling_down
    assert found[["better_served", "why"]].values.tolist() == [["color:blue", "its accuracy got worse"]]
    assert found["share_of_closing"].tolist() == pytest.approx([1])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_verdict_contradicts_its_interval(drawn):
    n, classes = drawn.draw(st.integers(2, 60)), drawn.draw(st.sampled_from([None, 2, 3]))
    rng = np.random.default_rng(drawn.draw(st.integers(0, 2**32 - 1)))
    skill, weighted, paired = (drawn.draw(x) for x in (st.floats(0, 1), st.booleans(), st.booleans()))
    labels = rng.integers(0, classes or 2, n)
    weights = rng.exponential(1, n) + 1e-3 if weighted else None
    several = [rng.choice(["blue", "orange", "red"], rng.integers(0, 3), replace=False).tolist() for _ in range(n)]
    examples = Examples(labels=labels, groups={"g": several, "h": rng.integers(0, 2, n)}, weights=weights)
    both = []
    for easy, judged in ((0, np.arange(n)), (skill, np.arange(n if paired else n - 1))):
        scores, known = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], (n, classes or 2)), rng.random(n) < easy
        scores[known] = np.eye(classes or 2)[labels[known]]
        scores = scores[judged, 1] if classes is None else scores[judged]
        both.append(fairkit.evaluate(scores, examples.take(judged), ["g", ("g", "h")], [0.4]))
    comparison = fairkit.compare(*both, "accuracy")
    assert comparison.paired == paired
    for row in comparison.frame.itertuples():
        if np.isnan(row.change):
            assert row.verdict == "undefined" and row.note.startswith("undefined: no examples")
            continue
        assert row.change == pytest.approx(row.after - row.before) and 0 <= row.before <= 1
        assert -1 <= row.change_lower <= row.change + 1e-12 and row.change - 1e-12 <= row.change_upper <= 1
        assert row.verdict == ("improved" if row.change_lower > 0 else "worse" if row.change_upper < 0
                               else "no evidence")
        if row.gap_verdict in ("smaller", "larger"):
            assert (abs(row.gap_after) < abs(row.gap_before)) == (row.gap_verdict == "smaller")
            assert not row.gap_change_lower <= 0 <= row.gap_change_upper
        elif row.gap_verdict == "reversed":
            assert row.gap_before * row.gap_after < 0
    worse = comparison.got_worse
    assert len(worse) == (comparison.frame["verdict"] == "worse").sum() and (worse["change_upper"] < 0).all()
    if paired:
        turned = fairkit.compare(*both[::-1], "accuracy").rows("unchanged")
        np.testing.assert_allclose(turned["change"], -comparison.rows("unchanged")["change"], atol=1e-12)
