"""Intervals against statsmodels, and their coverage by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from fairkit.counts.intervals import estimate, linear, wilson
from fairkit.counts.paired import Joint
from fairkit.counts.rates import RATES, Counts
from fairkit.evaluation.gaps import gap

FPR = RATES["false_positive_rate"]


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson(k, more):
    n = k + more
    lower, upper = wilson(k / n, n)
    assert (lower, upper) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)
    assert 0 <= lower <= k / n <= upper <= 1


def test_wilson_of_nothing_is_missing():
    assert np.isnan(wilson(np.nan, 0)).all()


@given(st.integers(0, 30), st.integers(1, 30), st.integers(0, 30), st.integers(1, 30))
def test_difference_of_disjoint_groups_is_newcombes(k1, m1, k2, m2):
    n1, n2 = k1 + m1, k2 + m2
    values = np.array([k1 / n1, k2 / n2])
    value, lower, upper = linear([1, -1], values, *wilson(values, np.array([n1, n2])))
    expected = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff")
    assert (lower, upper) == pytest.approx(expected, abs=1e-9)
    assert value == pytest.approx(k1 / n1 - k2 / n2)


def test_effective_size_with_weights():
    w = np.array([1.0, 2.0, 4.0])
    counts = Counts(fp=np.array([1, 2.0, 4.0]), tn=np.array([2, 5.0, 17.0]), tp=np.zeros(3), fn=np.zeros(3))
    value, lower, upper, numerator, denominator = estimate(FPR, counts)
    assert (value, numerator, denominator) == pytest.approx((2 / 7, 2, 7))
    assert (lower, upper) == pytest.approx(wilson(2 / 7, w.sum() ** 2 / (w**2).sum()))


def _cells(k, n):
    """Counts of k false positives among n negatives, without weights."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    none = np.zeros((*np.shape(k), 3))
    return Counts(fp=np.stack([k] * 3, -1), tn=np.stack([n - k] * 3, -1), tp=none, fn=none)


@pytest.mark.parametrize("n", [30, 100, 1000])
@pytest.mark.parametrize("p", [0.02, 0.1, 0.5])
def test_gaps_cover_what_they_claim(n, p):
    rng = np.random.default_rng(n)
    draws = 4000
    only, both, other = (rng.binomial(size, p, draws) for size in (n, n // 2, 3 * n))
    sizes = np.broadcast_to([n, n // 2, 3 * n], (draws, 3))
    for kept in ([1, 1, 1], [1, 0, 1], [0, 1, 1]):  # partial overlap, disjoint, a slice of its reference
        parts = _cells(np.stack([only, both, other], 1) * kept, sizes * kept)
        _, lower, upper = gap(FPR, parts)
        assert np.mean((lower <= 0) & (upper >= 0)) >= 0.93


@pytest.mark.parametrize("n", [30, 100, 1000])
@pytest.mark.parametrize("p, move", [(0.1, 0.05), (0.5, 0.2), (0.3, 0.02)])
def test_paired_changes_cover_what_they_claim(n, p, move):
    """Two models that agree on most examples: a share `move` of them is flagged by only one of the two."""
    rng = np.random.default_rng(n)
    shares = [1 - p - move, move, move / 2, p - move / 2]  # neither, second only, first only, both
    draws = rng.multinomial(n, shares, 4000).astype(float)
    table = np.zeros((4000, 2, 2, 2, 3))
    table[:, 0] = draws.reshape(-1, 2, 2, 1)
    joint = Joint(table)
    before, after = estimate(FPR, joint.first), estimate(FPR, joint.second)
    terms = [np.stack(pair, -1)[:, None] for pair in zip(after[:3], before[:3], strict=True)]
    _, lower, upper = linear([1, -1], *terms, joint.correlation(FPR)[:, None])
    assert np.mean((lower <= move / 2) & (upper >= move / 2)) >= 0.93
    unpaired = linear([1, -1], *(term[:, 0] for term in terms))
    assert np.mean(upper - lower) < np.mean(unpaired[2] - unpaired[1])


def test_correlation_of_paired_rates_is_phi():
    rng = np.random.default_rng(0)
    draws = rng.multinomial(200, [0.6, 0.1, 0.05, 0.25]).astype(float)
    table = np.zeros((1, 2, 2, 2, 3))
    table[0, 0] = draws.reshape(2, 2, 1)
    neither, second, first, both = draws
    rows = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [int(neither), int(second), int(first), int(both)], axis=0)
    assert Joint(table).correlation(FPR)[0] == pytest.approx(np.corrcoef(rows.T)[0, 1])
