"""Best and worst served, against the rows of the frames that they are picked from."""

import numpy as np
import pytest

import fairkit
from fairkit import Examples, FairkitError
from fairkit.evaluation.gap_tests import any_gap
from fairkit.evaluation.served import best_and_worst, best_and_worst_compared


def make(shift, n=1500, **options):
    rng = np.random.default_rng(0)
    color, digit, labels = rng.choice(["blue", "green", "orange"], n), rng.integers(0, 4, n), rng.integers(0, 2, n)
    scores = np.clip(rng.normal(0.3 + 0.3 * labels, 0.2) + shift * (color == "orange"), 0, 1)
    examples = Examples(labels=labels, groups={"color": color, "digit": digit})
    return fairkit.evaluate(scores, examples, ["color", ("color", "digit")], [0.4, 0.6], **options)


@pytest.fixture(scope="module")
def before():
    return make(0.2)


@pytest.mark.parametrize("metric, error", [("false_positive_rate", lambda v: v), ("recall", lambda v: 1 - v),
                                           ("accuracy", lambda v: 1 - v)])
def test_the_two_ends(before, metric, error):
    table, frame = best_and_worst(before, metric), before.frame
    for row in table.itertuples():
        at = frame["threshold"].isna() if np.isnan(row.threshold) else frame["threshold"] == row.threshold
        crossed = frame["slice"].str.contains("_X_", regex=False) == ("_X_" in row.slices)
        rows = frame[(frame["metric"] == metric) & at & crossed & (frame["slice"] != "Overall")].set_index("slice")
        errors = error(rows["value"])
        assert (row.best_error, row.worst_error) == pytest.approx((errors.min(), errors.max()))
        assert (errors[row.best], errors[row.worst]) == pytest.approx((errors.min(), errors.max()))
        assert row.difference == pytest.approx(errors.max() - errors.min())
        assert row.relative_difference == pytest.approx(1 - errors.min() / errors.max())
        assert row.ratio == pytest.approx(errors.max() / errors.min())
        assert row.compared == len(rows) and row.left_out == 0
    tested = any_gap(before, metric)
    assert table["p_value"].tolist() == tested["p_value"].tolist()
    assert not any(column.endswith(("lower", "upper")) for column in table)


def test_undefined_and_thin_slices_are_counted_and_left_out():
    rows = [("a", 0, 0.9)] * 20 + [("a", 0, 0.1)] * 30 + [("b", 0, 0.1)] * 50 + [("c", 0, 0.9)] * 3 + [("d", 1, 0.9)]
    examples = Examples(labels=[row[1] for row in rows], groups={"g": [row[0] for row in rows]})
    evaluation = fairkit.evaluate([row[2] for row in rows], examples, ["g"], [0.5], min_examples=30)
    row = best_and_worst(evaluation, "false_positive_rate").iloc[0]
    assert (row["best"], row["worst"], row["compared"], row["left_out"]) == ("g:b", "g:a", 2, 2)
    assert np.isnan(row["ratio"]) and row["note"] == "no ratio: the best error is 0"
    assert row["relative_difference"] == 1
    row = best_and_worst(evaluation, "recall").iloc[0]
    assert row["best"] is None and np.isnan(row["difference"])
    assert row["note"] == "undefined: no slice has enough positives"


def test_before_and_after(before):
    after = make(0.02)
    comparison = fairkit.compare(before, after)
    table = comparison.best_and_worst()
    assert table.equals(best_and_worst_compared(comparison))
    unchanged = table[table["thresholds"] == "unchanged"].set_index(["threshold_before", "slices"])
    for side, evaluation in (("before", before), ("after", after)):
        for row in best_and_worst(evaluation, "false_positive_rate").itertuples():
            found = unchanged.loc[row.threshold, row.slices]
            for name in ("best", "worst", "best_error", "worst_error", "difference", "ratio", "p_value", "compared"):
                assert found[f"{name}_{side}"] == getattr(row, name)
    assert (table["difference_change"] - (table["difference_after"] - table["difference_before"])).abs().max() < 1e-12
    matched = comparison.best_and_worst(threshold=0.6)
    assert matched["thresholds"].tolist() == ["unchanged"] * 2 + ["matched"] * 2
    with pytest.raises(FairkitError, match="no such threshold or class"):
        comparison.best_and_worst(threshold=0.5)


def test_rates_without_a_direction_are_refused(before):
    with pytest.raises(FairkitError, match="'positive_rate' is neither good nor bad in itself"):
        best_and_worst(before, "positive_rate")
    with pytest.raises(FairkitError, match="neither good nor bad"):
        fairkit.compare(before, before, metric="positive_rate").best_and_worst()


def test_one_slice_with_enough_examples_is_compared_with_none():
    examples = fairkit.Examples(labels=[0] * 102, groups={"g": ["a"] * 100 + ["b"] * 2})
    row = fairkit.evaluate([0.2, 0.8] * 51, examples, ["g"], [0.5]).best_and_worst("false_positive_rate").iloc[0]
    assert (row["compared"], row["left_out"]) == (1, 1) and np.isnan(row["difference"])
    assert row["note"] == "nothing to compare: the only slice with enough negatives"
