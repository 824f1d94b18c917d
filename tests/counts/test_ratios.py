"""The closed form of a ratio's interval against halving the interval of the difference, by which it is defined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit.counts.intervals import linear, wilson
from fairkit.counts.ratios import mover_ratio

part = st.tuples(st.integers(0, 40), st.integers(0, 40))


def halved(own, reference, shares, lower, upper, side):
    """Where a bound of (1 - t) slice - t reference turns from positive, as R = t / (1 - t)."""
    start, end = 0.0, 1.0
    value = (own @ shares) / (reference @ shares)
    start, end = (0.0, value / (1 + value)) if side == 1 else (value / (1 + value), 1.0)
    for _ in range(60):
        t = (start + end) / 2
        if linear((1 - t) * own - t * reference, shares, lower, upper)[side] > 0:
            start = t
        else:
            end = t
    return start / (1 - start) if start < 1 else np.inf


@given(only=part, both=part, other=part)
def test_overlapping_groups(only, both, other):
    hits, misses = np.array([only, both, other], float).T
    sizes = hits + misses
    if not (sizes[:2].sum() and sizes[1:].sum()):
        return
    shares = np.divide(hits, sizes, out=np.zeros(3), where=sizes > 0)
    lower, upper = (np.nan_to_num(x) for x in wilson(shares, sizes))
    own = np.array([sizes[0], sizes[1], 0]) / sizes[:2].sum()
    reference = np.array([0, sizes[1], sizes[2]]) / sizes[1:].sum()
    value, low, high = map(float, mover_ratio(own, reference, shares, lower, upper))
    if hits[1:].sum() == 0:
        assert np.isnan(value) or np.isinf(value)
        return
    assert value == pytest.approx((own @ shares) / (reference @ shares))
    assert low <= value * (1 + 1e-12) and value <= high * (1 + 1e-12)
    for found, side in ((low, 1), (high, 2)):
        expected = halved(own, reference, shares, lower, upper, side)
        assert found / (1 + found) == pytest.approx(expected / (1 + expected), abs=1e-9) if expected < 1e12 else \
            found > 1e11


def test_what_has_no_denominator():
    shares = np.array([[0.2, 0.0], [0.0, 0.0], [0.2, np.nan], [0.0, 0.3]])
    value, lower, upper = mover_ratio([1, 0], [0, 1], shares, *wilson(shares, [[50, 40]] * 3 + [[50, 0]]))
    assert value[0] == np.inf and 0 < lower[0] < np.inf and upper[0] == np.inf
    assert np.isnan([value[1], lower[1], upper[1], value[2], lower[2], upper[2]]).all()
    assert value[3] == 0


def test_a_whole_over_itself_is_one():
    assert [float(x) for x in mover_ratio([1.0], [1.0], [0.3], [0.2], [0.4])] == pytest.approx([1, 1, 1])
