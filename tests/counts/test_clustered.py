"""Shares of clustered examples: against formulas worked by hand, and by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from fairkit.counts.clustered import clustered_change, clustered_share
from fairkit.counts.intervals import wilson


def test_the_variance_is_that_of_rao_and_scott():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(300), rng.integers(1, 6, 300))
    hit = rng.random(len(clusters)) < rng.beta(0.6, 1.4, 300)[clusters]
    sums, hits = np.bincount(clusters), np.bincount(clusters, hit)
    share = hits.sum() / sums.sum()
    variance = 300 / 299 * ((hits - share * sums) ** 2).sum() / sums.sum() ** 2
    size = share * (1 - share) / variance * (1.959963984540054 / t.ppf(0.975, 299)) ** 2
    value, lower, upper = clustered_share(hit, clusters)
    assert value == pytest.approx(share)
    # The other variance, from the sizes of all clusters, is within a few percent where many clusters are hit.
    assert (lower, upper) == pytest.approx([float(bound) for bound in wilson(share, size)], abs=2e-3)
    independent = [float(bound) for bound in wilson(share, sums.sum())]
    assert upper - lower > 1.2 * (independent[1] - independent[0])


@pytest.mark.parametrize("hit", [0, 1])
def test_where_all_agree_a_cluster_is_one_example(hit):
    clusters = np.repeat(np.arange(40), 3)
    found = clustered_share(np.full(120, hit), clusters)
    assert found == pytest.approx((hit, *(float(bound) for bound in wilson(float(hit), 40))))


def test_weights_that_are_equal_change_nothing_and_0_leaves_out():
    rng = np.random.default_rng(1)
    clusters, hit = rng.integers(0, 20, 100), rng.random(100) < 0.3
    expected = clustered_share(hit, clusters)
    assert clustered_share(hit, clusters, np.full(100, 0.25)) == pytest.approx(expected)
    more = clustered_share(np.append(hit, True), np.append(clusters, 50), np.append(np.ones(100), 0))
    assert more == pytest.approx(expected)
    assert np.isnan(clustered_share([], [])).all() and np.isnan(clustered_change([], [], [])).all()
    assert np.isnan(clustered_share([1], [0], [0.0])).all()


@given(st.integers(0, 10**6), st.integers(1, 30), st.booleans())
@settings(max_examples=60)
def test_bounds_hold_the_value_within_0_and_1(seed, n, weighted):
    rng = np.random.default_rng(seed)
    clusters, weights = rng.integers(0, 8, n), rng.random(n) * 10 if weighted else None
    first, second = rng.random((2, n)) < rng.random((2, 1))
    value, lower, upper = clustered_share(first, clusters, weights)
    assert 0 <= lower <= value + 1e-12 and value <= upper + 1e-12 and upper <= 1
    value, lower, upper = clustered_change(first, second, clusters, weights)
    assert -1 <= lower <= value + 1e-12 and value <= upper + 1e-12 and upper <= 1
    same = clustered_change(first, first, clusters, weights)
    assert same[0] == 0 and same[1] <= 0 <= same[2]


def test_the_paired_interval_is_about_that_of_the_mean_difference_over_clusters():
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(400), 3)
    common = rng.random(400)[clusters]
    first, second = common < 0.5, common < 0.4 + 0.1 * rng.random(1200)
    value, lower, upper = clustered_change(first, second, clusters)
    by_cluster = np.bincount(clusters, second * 1.0 - first) / 3
    assert value == pytest.approx(by_cluster.mean())
    assert (upper - lower) / 2 == pytest.approx(1.96 * by_cluster.std() / 20, rel=0.2)


def drawn(rng, number, share, correlation):
    """Examples in clusters of 1, 2, 3 or 6, whose hits correlate within a cluster (beta-binomial)."""
    clusters = np.repeat(np.arange(number), rng.choice([1, 2, 3, 6], number))
    own = np.full(number, share) if correlation == 0 else rng.beta(
        share * (1 - correlation) / correlation, (1 - share) * (1 - correlation) / correlation, number)
    return rng.random(len(clusters)) < own[clusters], clusters


@pytest.mark.parametrize("number", [30, 200])
@pytest.mark.parametrize("share", [0.03, 0.3])
@pytest.mark.parametrize("correlation", [0, 0.4, 0.8])
def test_it_covers_what_it_says(number, share, correlation):
    rng, times = np.random.default_rng(3), 600
    covered = np.zeros(2)
    for _ in range(times):
        hit, clusters = drawn(rng, number, share, correlation)
        _, lower, upper = clustered_share(hit, clusters)
        simple = wilson(hit.mean(), len(hit))
        covered += lower <= share <= upper, simple[0] <= share <= simple[1]
    assert covered[0] / times > 0.925   # .95 less what 600 draws may be off
    if correlation == 0.8:
        assert covered[1] / times < 0.9   # which is what the clusters are for


def test_a_change_that_is_none_is_covered():
    rng, covered = np.random.default_rng(4), 0
    for _ in range(500):
        clusters = np.repeat(np.arange(80), rng.choice([1, 2, 4], 80))
        own = rng.beta(0.2, 0.8, 80)[clusters]   # both of mean .2, and alike within a cluster
        first, second = (rng.random(len(clusters)) < own for _ in range(2))
        _, lower, upper = clustered_change(first, second, clusters)
        covered += lower <= 0 <= upper
    assert covered / 500 > 0.925
