"""check: the verdict follows the worst of the intervals."""

import numpy as np
import pytest

import fairkit
from fairkit import Examples, FairkitError
from fairkit.evaluation.checking import check
from fairkit.evaluation.gap_tables import gap_table


def evaluated(shares, sizes, classes=None):
    """Negatives of groups a, b, ... of which shares are flagged at .5."""
    groups = np.repeat(list("abcdef")[:len(sizes)], sizes)
    scores = np.concatenate([np.where(np.arange(n) < round(share * n), 0.9, 0.1)
                             for share, n in zip(shares, sizes, strict=True)])
    examples = Examples(labels=np.zeros(len(groups), int), groups={"g": groups})
    return fairkit.evaluate(scores, examples, ["g"], [0.5, 0.7])


REFERENCE = {"g": "a"}


@pytest.mark.parametrize("shares, sizes, verdict", [
    ([0.1, 0.1, 0.1], [20_000, 20_000, 20_000], "pass"),
    ([0.1, 0.1, 0.2], [20_000, 20_000, 20_000], "fail"),
    ([0.2, 0.2, 0.1], [20_000, 20_000, 20_000], "fail"),          # a gap on the other side
    ([0.1, 0.1, 0.1], [20_000, 20_000, 50], "not enough data"),
    ([0.1, 0.2, 0.1], [20_000, 20_000, 50], "fail"),              # wins over not enough data
    ([0.1, 0.13, 0.1], [400, 400, 20_000], "not enough data"),    # above the limit, but only by its value
])
def test_verdicts(shares, sizes, verdict):
    found = check(evaluated(shares, sizes), {"false_positive_rate": 0.02}, reference=REFERENCE, threshold=0.5)
    assert found.verdict == verdict and found.passed == (verdict == "pass") == bool(found)
    assert str(found).startswith(f"{verdict}: ")
    for row in found.frame.itertuples():
        worst = max(abs(row.lower), abs(row.upper))
        assert (row.verdict == "pass") == (worst < 0.02)
        assert (row.verdict == "fail") == (row.lower > 0.02 or row.upper < -0.02)


def test_the_rows_are_the_gaps():
    evaluation = evaluated([0.1, 0.2, 0.1], [300, 300, 300])
    frame = check(evaluation, {"false_positive_rate": 0.05, "accuracy": 0.1, "recall": 0.2}, REFERENCE).frame
    gaps = gap_table(evaluation, "false_positive_rate", reference=REFERENCE)
    rows = frame[frame["metric"] == "false_positive_rate"]
    assert rows[["slice", "threshold", "gap", "lower", "upper"]].values.tolist() == gaps[
        ["slice", "threshold", "gap", "lower", "upper"]].values.tolist()
    assert frame.groupby("metric")["limit"].first().to_dict() == {"false_positive_rate": 0.05, "accuracy": 0.1,
                                                                 "recall": 0.2}
    undefined = frame[frame["metric"] == "recall"]
    assert (undefined["verdict"] == "not enough data").all()
    assert (undefined["note"] == "undefined: no positives in this slice").all()


def test_the_log_names_what_failed_first():
    lines = str(check(evaluated([0.1, 0.2, 0.1], [20_000, 20_000, 50]), {"false_positive_rate": 0.02}, REFERENCE,
                      threshold=0.5)).splitlines()
    assert lines[0] == "fail: 1 gap above its limit, 1 gap too uncertain to tell"
    assert "fail" in lines[2] and "false_positive_rate at 0.5, g:b - g:a" in lines[2] and "+0.100 [" in lines[2]
    assert lines[2].endswith("0.02") and "not enough data" in lines[3]
    passed = check(evaluated([0.1, 0.1], [20_000, 20_000]), {"false_positive_rate": 0.02}, REFERENCE, threshold=0.5)
    assert str(passed) == "pass: 1 gap within its limits"


def test_several_classes():
    rng = np.random.default_rng(0)
    examples = Examples(labels=rng.integers(0, 3, 600), groups={"g": rng.choice(["a", "b"], 600)})
    evaluation = fairkit.evaluate(rng.dirichlet([1, 1, 1], 600), examples, ["g"], [0.5])
    frame = check(evaluation, {"recall": 0.3, "accuracy": 0.3}, REFERENCE, class_id=[0, 2]).frame
    assert frame["class"].tolist() == [0, 2, None]
    assert "recall at 0.5 of class 2, g:b - g:a" in str(check(evaluation, {"recall": 0.01}, REFERENCE, class_id=2))


@pytest.mark.parametrize("arguments, says", [
    ({"limits": {"false_positive_rat": 0.1}}, "'false_positive_rate' (the nearest)"),
    ({"limits": {"recall": 0}}, "the limit of 'recall' is no gap. Expected: a number above 0 and at most 1"),
    ({"limits": {"recall": 1.5}}, "Received: 1.5"),
    ({"limits": {"recall": True}}, "Received: True"),
    ({"limits": {"recall": "small"}}, "Received: 'small'"),
    ({"limits": {"recall": float("nan")}}, "Received: nan"),
    ({"limits": {}}, "limits name metrics"),
    ({"limits": ["recall"]}, "limits name metrics"),
    ({"limits": {"recall": 0.1}, "threshold": 0.4}, "no such threshold"),
    ({"limits": {"recall": 0.1}, "class_id": 3}, "no such class"),
    ({"limits": {"recall": 0.1}, "reference": {"g": "z"}}, "no example has g = 'z'"),
])
def test_bad_questions_are_named(arguments, says):
    with pytest.raises(FairkitError) as error:
        check(evaluated([0.1, 0.2], [30, 30]), **arguments)
    assert says in str(error.value)


def test_a_slice_that_is_its_whole_reference_passes_nothing():
    examples = fairkit.Examples(labels=[0] * 200, groups={"g": ["a"] * 200})
    found = fairkit.evaluate([0.2, 0.8] * 100, examples, ["g"], [0.5]).check({"false_positive_rate": 0.02})
    assert found.verdict == "not enough data"
    assert found.frame["note"].tolist() == ["the slice is the whole of its reference"]


def flagged(n, share):
    """n negatives, of which a share is above .5; half of the groups each."""
    groups = np.repeat(["a", "b"], n // 2)
    scores = np.concatenate([np.where(np.arange(n // 2) < round(s * n / 2), 0.9, 0.1) for s in share])
    return fairkit.evaluate(scores, Examples(labels=np.zeros(n, int), groups={"g": groups}), ["g"], [0.5])


@pytest.mark.parametrize("n, share, most, verdict", [
    (4000, (0.02, 0.03), 0.05, "pass"), (4000, (0.02, 0.09), 0.05, "fail"),
    (100, (0.02, 0.04), 0.05, "not enough data"), (4000, (0.2, 0.2), 0.05, "fail")])
def test_values_are_judged_by_wilsons_interval(n, share, most, verdict):
    evaluation = flagged(n, share)
    found = evaluation.check(at_most={"false_positive_rate": most})
    assert found.verdict == verdict and len(found.frame) == 3
    z = 1.959963984540054
    for row, s in zip(found.frame.itertuples(), (np.mean(share), *share), strict=True):
        size = n if row.slice == "Overall" else n // 2
        middle, half = (s + z * z / (2 * size)) / (1 + z * z / size), z * np.sqrt(
            s * (1 - s) / size + z * z / (4 * size * size)) / (1 + z * z / size)
        assert (row.lower, row.upper) == pytest.approx((middle - half, middle + half), abs=1e-9)
        expected = "pass" if middle + half <= most else "fail" if middle - half > most else "not enough data"
        assert row.verdict == expected
    mirrored = evaluation.check(at_least={"true_negative_rate": 1 - most})
    assert mirrored.verdict == verdict
    assert mirrored.frame["verdict"].tolist() == found.frame["verdict"].tolist()


def test_values_and_gaps_together():
    evaluation = evaluated([0.1, 0.2, 0.1], [20_000, 20_000, 50])
    found = evaluation.check({"false_positive_rate": 0.02}, {"g": "a"}, threshold=0.5,
                             at_most={"false_positive_rate": 0.15}, at_least={"example_count": 100})
    assert found.verdict == "fail"
    lines = str(found).splitlines()
    assert lines[0] == ("fail: 1 gap above its limit, 2 values outside their limit, 1 gap too uncertain to tell, "
                        "2 values too uncertain to tell, 4 within")
    assert "false_positive_rate at 0.5, g:b" in lines[3] or "false_positive_rate at 0.5, g:b" in lines[4]
    counts = found.frame[found.frame["metric"] == "example_count"].set_index("slice")["verdict"]
    assert counts.to_dict() == {"Overall": "pass", "g:a": "pass", "g:b": "pass", "g:c": "fail"}


def test_undefined_values_are_not_enough_data():
    evaluation = evaluated([0.1, 0.2], [300, 300])  # without positives
    for found in (evaluation.check(at_least={"auc": 0.5}), evaluation.check(at_most={"false_negative_rate": 0.5})):
        assert found.verdict == "not enough data" and set(found.frame["verdict"]) == {"not enough data"}
        assert (found.frame["note"] == "undefined: no positives in this slice").all()
    small = fairkit.evaluate([0.2, 0.8], Examples(labels=[0, 1], groups={}), thresholds=[0.5])
    assert "no interval" in small.check(at_least={"auc": 0.9}).frame["note"][0]


def test_values_of_several_classes():
    rng = np.random.default_rng(0)
    examples = Examples(labels=rng.integers(0, 3, 600), groups={"g": rng.choice(["a", "b"], 600)})
    evaluation = fairkit.evaluate(rng.dirichlet([1, 1, 1], 600), examples, ["g"], [0.3, 0.5])
    found = evaluation.check(at_least={"recall": 0.9, "accuracy": 0.9}, class_id=[0, 2], threshold=0.3)
    of_recall = found.frame[found.frame["metric"] == "recall"]
    assert of_recall["class"].tolist() == [0] * 3 + [2] * 3 and set(of_recall["threshold"]) == {0.3}
    assert found.verdict == "fail" and "recall at 0.3 of class 2, g:a" in str(found)
    assert found.frame["class"].isna().sum() >= 3


@pytest.mark.parametrize("arguments, says", [
    ({}, "limits name metrics"),
    ({"at_least": {}}, "at_least names metrics"),
    ({"at_least": ["auc"]}, "at_least names metrics"),
    ({"at_least": {"au": 0.9}}, "'auc' (the nearest)"),
    ({"at_least": {"auc": 90}}, "at_least of 'auc' is not a value of this metric. Expected: a number from 0 to 1"),
    ({"at_most": {"calibration": float("inf")}}, "Expected: a finite number. Received: inf"),
    ({"at_most": {"recall": True}}, "Received: True"),
    ({"at_most": {"recall": 0.1}, "threshold": 0.4}, "no threshold 0.4"),
    ({"at_most": {"recall": 0.1}, "class_id": 1}, "no class 1"),
    ({"at_most": {"recall": 0.1}, "reference": {"g": "a"}}, "a reference is given, and no gap is asked for"),
])
def test_bad_questions_about_values_are_named(arguments, says):
    with pytest.raises(FairkitError) as error:
        evaluated([0.1, 0.2], [30, 30]).check(**arguments)
    assert says in str(error.value)


def test_values_of_tfmas_files_are_judged_by_its_intervals(tmp_path):
    from fairkit.evaluation.tfma.result import load_tfma

    evaluation = flagged(4000, (0.02, 0.09))
    evaluation.save(tmp_path)
    loaded = load_tfma(tmp_path)
    for most in (0.05, 0.01, 0.2):
        ours, theirs = (e.check(at_most={"false_positive_rate": most}) for e in (evaluation, loaded))
        assert ours.frame[["slice", "verdict"]].values.tolist() == theirs.frame[["slice", "verdict"]].values.tolist()
    with pytest.raises(FairkitError, match="needs counts for limits of gaps.*at_least=, at_most="):
        loaded.check({"false_positive_rate": 0.02})
    with pytest.raises(FairkitError, match="nothing to check"):
        loaded.check()
