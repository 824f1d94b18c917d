"""Ratios, p-values and notes of the table of gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from statsmodels.stats.multitest import multipletests

import fairkit
from fairkit import Examples
from fairkit.counts.intervals import wilson
from fairkit.counts.rates import RATES, Counts
from fairkit.evaluation.gap_tables import gap_table
from fairkit.evaluation.gaps import gap, ratio

FPR = RATES["false_positive_rate"]


def cells(k, n):
    k, n = np.asarray(k, float), np.asarray(n, float)
    none = np.zeros((*k.shape, 3))
    return Counts(tp=none, fp=np.stack([k] * 3, -1), tn=np.stack([n - k] * 3, -1), fn=none)


def evaluated(n=600, weighted=False, seed=0, **options):
    rng = np.random.default_rng(seed)
    color, several = rng.choice(["blue", "green", "orange"], n), [list(rng.permutation(list("xyz"))[:k])
                                                                  for k in rng.integers(0, 3, n)]
    labels = rng.integers(0, 2, n)
    scores = np.clip(rng.normal(0.3 + 0.3 * labels + 0.15 * (color == "orange"), 0.2), 0, 1)
    examples = Examples(labels=labels, groups={"color": color, "letter": several},
                        weights=rng.uniform(0.5, 2, n) if weighted else None)
    return fairkit.evaluate(scores, examples, ["color", "letter", ("color", "letter")], [0.3, 0.5], **options)


SIZES = st.integers(0, 30)


@given(st.lists(st.tuples(SIZES, SIZES), min_size=3, max_size=3))
def test_the_ratio_is_1_where_the_gap_is_0(parts):
    hits, misses = np.array(parts).T
    counts = cells(hits[None], (hits + misses)[None])
    value, lower, upper = (float(x[0]) for x in ratio(FPR, counts))
    difference, low, high = (float(x[0]) for x in gap(FPR, counts))
    if np.isnan(value):
        assert np.isnan(lower) and np.isnan(upper)
        assert np.isnan(difference) or hits[1] + hits[2] == 0
        return
    assert 0 <= lower <= value + 1e-9 and value - 1e-9 <= upper < np.inf
    assert (value > 1 + 1e-9) == (difference > 1e-9)
    for bound, of_gap in ((lower, low), (upper, high)):
        if abs(of_gap) > 1e-6:  # the two intervals exclude no gap together
            assert np.sign(bound - 1) == np.sign(of_gap)


@given(st.integers(0, 30), st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
def test_ratio_of_disjoint_slices_is_donner_and_zous(k1, m1, k2, m2):
    n1, n2 = k1 + m1, k2 + m2
    p1, p2 = k1 / n1, k2 / n2
    (l1, l2), (u1, u2) = wilson([p1, p2], [n1, n2])
    product = p1 * p2
    low = (product - np.sqrt(max(product**2 - l1 * u2 * (2 * p1 - l1) * (2 * p2 - u2), 0))) / (u2 * (2 * p2 - u2))
    high = (product + np.sqrt(max(product**2 - u1 * l2 * (2 * p1 - u1) * (2 * p2 - l2), 0))) / (l2 * (2 * p2 - l2))
    _, lower, upper = ratio(FPR, cells([[k1, 0, k2]], [[n1, 0, n2]]))
    assert (lower[0], upper[0]) == pytest.approx((low, high), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("kept", [[1, 0, 1], [0, 1, 1], [1, 1, 1]], ids=["disjoint", "nested", "overlapping"])
@pytest.mark.parametrize("n", [30, 100, 1000])
@pytest.mark.parametrize("shares", [(0.02, 0.02), (0.1, 0.05), (0.5, 0.2)])
def test_ratios_cover_what_they_claim(kept, n, shares):
    rng = np.random.default_rng(n)
    sizes, p = np.array([n, n, 3 * n]) * kept, np.array([shares[0], shares[0], shares[1]])
    drawn = rng.binomial(sizes, p, (3000, 3))
    value, lower, upper = ratio(FPR, cells(drawn, np.broadcast_to(sizes, (3000, 3))))
    truth = ((sizes * p)[:2].sum() / sizes[:2].sum()) / ((sizes * p)[1:].sum() / sizes[1:].sum())
    known = ~np.isnan(value)
    assert np.mean(((lower <= truth) & (upper >= truth))[known]) >= 0.93


def test_p_values_and_holm_by_feature():
    evaluation = evaluated()
    table = gap_table(evaluation, "false_positive_rate", reference={"color": "blue"})
    frame = evaluation.frame[evaluation.frame["metric"] == "false_positive_rate"].set_index(["slice", "threshold"])
    for row in table[table["slice"].isin(["color:orange", "color:green"])].itertuples():
        sides = [frame.loc[name, row.threshold] for name in (row.slice, row.reference)]
        counted = [[side["numerator"], side["denominator"] - side["numerator"]] for side in sides]
        assert row.p_value == pytest.approx(chi2_contingency(counted, correction=False).pvalue)
        assert row.ratio == pytest.approx(sides[0]["value"] / sides[1]["value"])
    crossed = table["slice"].str.contains("_X_", regex=False)
    for threshold in (0.3, 0.5):
        for family in (crossed, ~crossed):
            rows = table[family & (table["threshold"] == threshold)]
            assert len(rows) > 1
            assert rows["p_adjusted"].tolist() == pytest.approx(multipletests(rows["p_value"], method="holm")[1])


@pytest.mark.parametrize("metric", ["false_positive_rate", "f1_score", "accuracy", "positive_rate"])
def test_weights_and_all_kinds_of_rates(metric):
    table = gap_table(evaluated(weighted=True), metric)
    assert (table["gap"] - (table["value"] - table["reference_value"])).abs().max() < 1e-12
    assert (table["ratio"] - table["value"] / table["reference_value"]).abs().max() < 1e-12
    assert table["p_value"].between(0, 1).all() and (table["p_adjusted"] >= table["p_value"]).all()
    # Test and interval are made differently, but far from the border they agree.
    assert (table["p_value"][(table["lower"] > 0.01) | (table["upper"] < -0.01)] < 0.1).all()
    assert table.dtypes[["threshold", "ratio", "p_value", "p_adjusted"]].eq(float).all()


def test_what_is_missing_or_thin_has_its_reason():
    rows = [("a", 0, 0.9)] * 40 + [("a", 0, 0.1)] * 40 + [("b", 0, 0.1)] * 12 + [("c", 1, 0.9)] * 5
    examples = Examples(labels=[row[1] for row in rows], groups={"g": [row[0] for row in rows]})
    evaluation = fairkit.evaluate([row[2] for row in rows], examples, ["g"], [0.5], min_examples=30)
    notes = gap_table(evaluation, "false_positive_rate", reference={"g": "a"}).set_index("slice")["note"]
    assert notes["g:b"] == "too few negatives: 12, at least 30 asked for"
    assert notes["g:c"] == "undefined: no negatives in this slice"
    table = gap_table(evaluation, "false_positive_rate", reference={"g": "b"}).set_index("slice")
    assert table.loc["g:a", "note"] == ("too few negatives in the reference: 12, at least 30 asked for; "
                                        "no ratio: the reference's value is 0")
    assert table.loc["g:a", "gap"] == 0.5 and np.isnan(table.loc["g:a", "ratio"])
    whole = fairkit.evaluate([0.9] * 40, Examples(labels=[0] * 40, groups={"g": ["a"] * 40}), ["g"], [0.5])
    row = gap_table(whole, "false_positive_rate").iloc[0]
    assert (row["gap"], row["lower"], row["upper"], row["ratio"]) == (0, 0, 0, 1) and np.isnan(row["p_value"])
    assert row["note"] == "no test: slice and reference hold the same negatives"
