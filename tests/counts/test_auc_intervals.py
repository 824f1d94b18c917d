"""Intervals of areas against the equations that define them, and against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit.counts.auc import area, covariance
from fairkit.counts.auc_intervals import area_interval, auc_refused, newcombe_area

Z = 1.959963984540054


@given(st.floats(0.01, 0.99), st.integers(1, 300), st.integers(1, 300))
def test_newcombes_bounds_solve_his_equation(value, m, n):
    """The score test with Hanley and McNeil's variance, their n - 1 replaced by (m + n) / 2 - 1, gives z at a bound."""
    lower, upper = newcombe_area(value, m, n)
    assert 0 <= lower <= value <= upper <= 1
    for bound in (lower, upper):
        variance = bound * (1 - bound) / (m * n) * (1 + ((m + n) / 2 - 1) * (
            (1 - bound) / (2 - bound) + bound / (1 + bound)))
        assert abs(value - bound) == pytest.approx(Z * np.sqrt(variance), abs=1e-6)


def test_the_bounds_mirror():
    lower, upper = newcombe_area([0.9, 0.1], [8, 20], [20, 8])
    np.testing.assert_allclose(lower, 1 - upper[::-1])
    np.testing.assert_allclose(area_interval(0.8, 0.003, 9, 30), 1 - np.array(area_interval(0.2, 0.003, 30, 9))[::-1])


def test_delongs_logit_interval_where_it_reaches_further():
    variance, value = 0.01, 0.8  # far more than Hanley and McNeil's at these sizes
    half = Z * np.sqrt(variance) / (value * (1 - value))
    logit = np.log(value / (1 - value))
    expected = 1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit))
    np.testing.assert_allclose(area_interval(value, variance, 200, 300), expected)


def test_newcombes_where_the_ranking_is_perfect():
    lower, upper = area_interval(1.0, 0.0, 10, 20)
    assert upper == 1 and 0.8 < lower < 0.95
    assert lower == pytest.approx(newcombe_area(1.0, 10, 20)[0])


def test_few_of_a_label_get_none():
    sizes = np.array([4.9, 5, 80]), np.array([80, 5, 0])
    assert auc_refused(*sizes).tolist() == [True, False, True]
    assert np.isnan(area_interval(0.8, 0.01, *sizes)[0]).tolist() == [True, False, True]
    assert auc_refused(np.nan, 10)


def test_intervals_cover_with_few_positives_and_uneven_weights():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(1500):
        positive = np.arange(120) < 20
        auc = area(positive, rng.normal(size=120) + 2.326 * positive, np.where(rng.random(120) < 0.2, 10.0, 1.0))
        found.append((auc.value, covariance(auc, auc), *auc.sizes))
    lower, upper = area_interval(*np.transpose(found))
    given_ = ~np.isnan(lower)
    assert given_.mean() > 0.5
    assert np.mean((lower <= 0.95)[given_] & (upper >= 0.95)[given_]) >= 0.93  # normal cdf of 2.326 / sqrt(2)


def test_areas_next_to_the_border_stay_inside():
    lower, upper = area_interval([1 - 1e-9, 1e-9], [1e-3, 1e-3], 8, 8)
    assert ((lower >= 0) & (upper <= 1) & (lower < upper)).all()
