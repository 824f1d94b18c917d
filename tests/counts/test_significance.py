"""Score tests against scipy and statsmodels, their size by simulation, Holm against statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from fairkit.counts.rates import RATES, Counts, Rate
from fairkit.counts.significance import holm, score_test, sums_of, two_valued
from fairkit.evaluation.gaps import coefficients

FPR, F1 = RATES["false_positive_rate"], RATES["f1_score"]


def counts(hits, misses):
    """`Counts` of moments (..., 3) of false positives and true negatives."""
    none = np.zeros_like(hits)
    return Counts(tp=none, fp=hits, tn=misses, fn=none)


def unweighted(k, n):
    k, n = np.asarray(k, float), np.asarray(n, float)
    return counts(np.stack([k] * 3, -1), np.stack([n - k] * 3, -1))


GROUP = st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(sum)


@given(GROUP, GROUP)
def test_two_disjoint_groups_get_pearsons_chi_square(first, second):
    table = np.array([first, second])
    z, p_value = score_test(FPR, unweighted(table[:, 0], table.sum(1)), [1, -1])
    if (table.sum(0) == 0).any():  # all are hits or none is: nothing speaks for a gap
        assert (z, p_value) == (0, 1)
        return
    expected = chi2_contingency(table, correction=False)
    assert (z**2, p_value) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)
    z_of_statsmodels, p_of_statsmodels = proportions_ztest(table[:, 0], table.sum(1))
    assert (z, p_value) == pytest.approx((z_of_statsmodels, p_of_statsmodels), abs=1e-9)


@given(GROUP, GROUP, GROUP)
def test_a_slice_of_its_reference_is_tested_against_the_rest(only, both, other):
    k, n = np.array([only[0], both[0], other[0]]), np.array([sum(only), sum(both), sum(other)])
    inside, disjoint = unweighted([0, *k[1:]], [0, *n[1:]]), unweighted(k[1:], n[1:])
    np.testing.assert_allclose(score_test(FPR, inside, coefficients([0, *n[1:]])), score_test(FPR, disjoint, [1, -1]),
                               atol=1e-9)
    assert np.isnan(score_test(FPR, unweighted([0, k[1], 0], [0, n[1], 0]), coefficients([0, n[1], 0]))).all()
    assert np.isnan(score_test(FPR, unweighted([0, 0, k[2]], [0, 0, n[2]]), coefficients([0, 0, n[2]]))).all()


@pytest.mark.parametrize("heavy_hits", [False, True])
@pytest.mark.parametrize("n", [300, 1000])
def test_size_with_weights_and_partial_overlap(n, heavy_hits):
    rng = np.random.default_rng(n)
    part = rng.choice(3, n, p=[0.3, 0.2, 0.5])
    refused = 0
    for _ in range(1500):
        hit = rng.random(n) < 0.2
        weights = rng.exponential(1, n) * np.where(hit & heavy_hits, 4, 1)
        moments = [np.stack([np.bincount(part[side], w[side], 3) for w in (weights**0, weights, weights**2)], -1)
                   for side in (hit, ~hit)]
        both = counts(*moments)
        refused += score_test(FPR, both, coefficients(sums_of(FPR, both).over))[1] < 0.05
    assert refused / 1500 < 0.07


def test_the_z_of_f1_is_standard_normal_without_a_gap():
    rng = np.random.default_rng(0)
    draws = rng.multinomial(400, [0.3, 0.1, 0.1, 0.5], (4000, 2)).astype(float)
    tp, fp, fn, tn = (np.repeat(draws[..., k, None], 3, axis=-1) for k in range(4))
    z, p_value = score_test(F1, Counts(tp=tp, fp=fp, tn=tn, fn=fn), [1, -1])
    assert z.std() == pytest.approx(1, abs=0.04) and z.mean() == pytest.approx(0, abs=0.05)
    assert np.mean(p_value < 0.05) == pytest.approx(0.05, abs=0.012)


def test_which_rates_know_hits_and_misses_only():
    (hit, *_), (miss, *_) = two_valued(FPR)
    assert hit.tolist() == [False, True, False, False] and miss.tolist() == [False, False, True, False]
    (hit, top, over), (miss, *_) = two_valued(F1)
    assert hit.tolist() == [True, False, False, False] and (top, over) == (2, 2)
    assert miss.tolist() == [False, True, False, True]
    assert two_valued(Rate(lambda c: c.fp * 0.5 + c.fn, lambda c: c.all, "lower", "examples", "cost")) is None


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm(p_values):
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(expected)
    with_missing = holm([np.nan, *p_values, np.nan])
    assert with_missing[1:-1] == pytest.approx(expected) and np.isnan(with_missing[[0, -1]]).all()


def test_holm_of_nothing():
    assert np.isnan(holm([np.nan, np.nan])).all() and len(holm([])) == 0
