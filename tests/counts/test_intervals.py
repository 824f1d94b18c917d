"""Intervals against statsmodels, against formulas worked by hand, and their coverage by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from fairkit.counts.intervals import calibration, estimate, linear, mean_score, share, wilson
from fairkit.counts.paired import Joint
from fairkit.counts.rates import RATES, Counts, Rate
from fairkit.evaluation.gaps import gap

FPR, F1 = RATES["false_positive_rate"], RATES["f1_score"]
MOMENTS = st.lists(st.floats(0.1, 9), max_size=12)


def moments(*sides):
    """n, sum and sum of squares of each list of weights."""
    return np.array([[len(w), sum(w), sum(x * x for x in w)] for w in sides])


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
    """Hits that weigh less than the rest: the size (sum w)^2 / sum w^2, under which the variance is the larger one."""
    w = np.array([4.0, 1, 4, 1, 4, 1, 1, 1, 1, 1])
    hit = np.array([1, 1, 0, 0, 0, 1, 1, 1, 1, 0], bool)
    fp, tn = moments(w[hit], w[~hit])
    value, lower, upper, numerator, denominator = estimate(FPR, Counts(fp=fp, tn=tn, tp=np.zeros(3), fn=np.zeros(3)))
    assert (value, numerator, denominator) == pytest.approx((9 / 19, 9, 19))
    assert (lower, upper) == pytest.approx(wilson(9 / 19, w.sum() ** 2 / (w**2).sum()))


def test_effective_size_where_the_hits_weigh_more():
    """The linearised variance, sum of w^2 (y - share)^2 over (sum w)^2, where that is larger."""
    w = np.array([3.0] * 4 + [1.0] * 40)
    y = np.arange(44) < 4
    value = 12 / 52
    variance = (w**2 * (y - value) ** 2).sum() / 52**2
    assert variance > value * (1 - value) * (w**2).sum() / 52**2
    found = share(moments(w[~y], w[y]))
    assert found[:3] == pytest.approx((value, *wilson(value, value * (1 - value) / variance)))


def test_one_heavy_hit_gets_poissons_lower_bound():
    w = [10.0] + [1.0] * 29
    value, lower, upper, *_ = share(moments(w[1:], w[:1]))
    assert lower == pytest.approx(value * -np.log(0.95))  # the 5 % quantile of the exponential distribution
    assert (1 - value, 1 - upper, 1 - lower) == pytest.approx([float(x) for x in share(moments(w[:1], w[1:]))[:3]])


@given(st.integers(0, 40), st.integers(0, 20), st.integers(0, 20))
def test_f1_is_wilsons_interval_of_the_jaccard_index(tp, fp, fn):
    counts = Counts(*(np.array([x, x, x], float) for x in (tp, fp, 7, fn)))
    value, lower, upper, _, denominator = estimate(F1, counts)
    if tp + fp + fn == 0:
        assert np.isnan([value, lower, upper]).all() and denominator == 0
        return
    index = tp / (tp + fp + fn)
    low, high = (2 * x / (1 + x) for x in wilson(index, tp + fp + fn))
    assert value == pytest.approx(2 * index / (1 + index))
    for bound, expected, few in ((lower, low, tp), (1 - upper, 1 - high, fp + fn)):
        assert bound == pytest.approx(expected, abs=1e-9) if few == 0 or few > 4 else bound <= expected + 1e-9


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS, st.sampled_from([*RATES, "cost"]), st.floats(0.01, 100))
def test_bounds_hold_the_value_stay_inside_and_know_no_unit(tp, fp, tn, fn, name, unit):
    rate = RATES.get(name, Rate(lambda c: 3 * c.fn + c.fp, lambda c: 3 * c.fn + 5 * c.fp + c.tp + c.tn, None, "", ""))
    sides = moments(tp, fp, tn, fn)
    value, lower, upper, _, denominator = estimate(rate, Counts(*sides))
    if denominator == 0:
        assert np.isnan([value, lower, upper]).all()
        return
    assert 0 <= lower <= value <= upper <= 1
    scaled = estimate(rate, Counts(*(sides * [1, unit, unit**2])))
    assert [float(x) for x in scaled[:3]] == pytest.approx([float(value), float(lower), float(upper)], abs=1e-9)


def test_estimates_of_many_are_those_of_each():
    rng = np.random.default_rng(0)
    tables = [np.array([[moments(rng.exponential(size=rng.integers(1, 9)))[0] for _ in range(3)] for _ in range(2)])
              for _ in range(4)]
    for rate in (FPR, F1):
        together = np.stack(estimate(rate, Counts(*tables)))
        for i in range(2):
            for j in range(3):
                alone = estimate(rate, Counts(*(table[i, j] for table in tables)))
                np.testing.assert_allclose(together[:, i, j], alone, atol=1e-12)


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


def _flags(neither, second, first, both):
    """The joint table of negatives flagged by neither, only the second model, only the first, both."""
    table = np.zeros((1, 2, 2, 2, 3))
    table[0, 0] = np.reshape([neither, second, first, both], (2, 2, 1))
    return Joint(table)


def test_correlation_of_paired_rates_is_phi_with_newcombes_correction():
    """Newcombe 1998, method 10: (ad - bc - n / 2) / sqrt of the margins' product, where ad > bc."""
    a, b, c, d = 120, 20, 10, 50
    margins = np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    assert _flags(a, b, c, d).correlation(FPR)[0] == pytest.approx((a * d - b * c - 100) / margins)
    assert _flags(b, a, d, c).correlation(FPR)[0] == pytest.approx((b * c - a * d) / margins)
    assert _flags(28, 1, 1, 0).correlation(FPR)[0] == pytest.approx(-1 / 29)
    assert _flags(15, 0, 0, 15).correlation(FPR)[0] == pytest.approx(1 - 1 / 15)  # agreeing on all is not certain
    assert _flags(20, 3, 3, 1).correlation(FPR)[0] == 0


def scores_table(rng, draws, n, mean, weights=None):
    """Moments and sums of calibrated scores by label, for `mean_score` and `calibration`."""
    score = rng.beta(2 * mean, 2 * (1 - mean), (draws, n))
    w = np.ones((draws, n)) if weights is None else weights(rng, (draws, n))
    label = rng.random((draws, n)) < score
    sides = [[np.where(label == k, x, 0).sum(1) for x in (np.ones_like(w), w, w * w, w * score, w * score**2,
                                                          w * w * score, w * w * score**2)] for k in (False, True)]
    table = np.moveaxis(np.array(sides), 2, 0)  # (draws, labels, sums)
    return table[..., :3], table[..., 3:]


def test_mean_score_of_labels_is_close_to_wilsons_share():
    """Scores of 0 and 1 vary as much as scores can: the size is the number of examples."""
    one = np.array([100.0, 100, 100])
    value, lower, upper = mean_score(one, [10, 10, 10, 10])
    assert (value, lower, upper) == pytest.approx((0.1, *wilson(0.1, 100)))


def test_mean_score_of_nothing_and_of_equal_scores():
    assert np.isnan(mean_score(np.zeros(3), np.zeros(4))).all()
    value, lower, upper = mean_score([50, 50, 50], [20, 8, 20, 8])
    assert value == pytest.approx(0.4) and 0.3 < lower < 0.4 < upper < 0.5


def test_calibration_without_positives_or_scores():
    one = np.array([[10.0, 10, 10], [0, 0, 0]])
    assert np.isnan(calibration(one, np.array([[3, 1, 3, 1], [0, 0, 0, 0.0]]))).all()
    both = np.array([[10.0, 10, 10], [5, 5, 5]])
    value, lower, upper = calibration(both, np.zeros((2, 4)))
    assert value == lower == 0 < upper < np.inf


@pytest.mark.parametrize("mean", [0.1, 0.5])
@pytest.mark.parametrize("weights", [None, lambda rng, shape: rng.exponential(size=shape)])
def test_scores_cover_what_they_claim(mean, weights):
    sides = scores_table(np.random.default_rng(1), 3000, 100, mean, weights)
    value, lower, upper = mean_score(*(x.sum(1) for x in sides))
    assert ((lower <= value) & (value <= upper) & (lower >= 0) & (upper <= 1)).all()
    assert np.mean((lower <= mean) & (mean <= upper)) >= 0.93
    value, lower, upper = calibration(*sides)
    np.testing.assert_allclose(value, sides[1][..., 0].sum(1) / sides[0][:, 1, 1])
    assert (lower > 0).all() and np.mean((lower <= 1) & (upper >= 1)) >= 0.93
