"""Detectable shifts against statsmodels and against the score test itself, by simulation."""

import numpy as np
import pytest
from statsmodels.stats.proportion import power_proportions_2indep

from fairkit.counts.power import detectable_shift, power_of_shift
from fairkit.counts.rates import RATES, Counts
from fairkit.counts.significance import score_test
from fairkit.evaluation.gaps import coefficients

FPR = RATES["false_positive_rate"]


@pytest.mark.parametrize("base, shift, n, other", [(0.1, 0.1, 150, 300), (0.5, -0.2, 80, 80), (0.02, 0.05, 400, 900)])
def test_power_is_statsmodels(base, shift, n, other):
    sizes = np.array([n, other])
    own = power_of_shift(base, shift, sizes, sizes, np.array([1, -1]), np.array([True, False]))
    one_sided = power_proportions_2indep(shift, base, n, ratio=other / n, alpha=0.025,
                                         alternative="larger" if shift > 0 else "smaller", return_results=False)
    assert own == pytest.approx(one_sided, abs=0.005)


@pytest.mark.parametrize("kept", [[1, 0, 1], [0, 1, 1], [1, 1, 1]], ids=["disjoint", "nested", "overlapping"])
@pytest.mark.parametrize("n", [30, 300])
@pytest.mark.parametrize("base, direction", [(0.1, 1), (0.5, 1), (0.5, -1)])
def test_the_score_test_has_the_power_that_is_said(kept, n, base, direction):
    rng = np.random.default_rng(n)
    sizes = np.array([n, n, 3 * n]) * np.array(kept)
    moved, c = np.array([True, True, False]) & (sizes > 0), coefficients(sizes)
    shift = detectable_shift(base, direction, sizes, sizes, c, moved)
    k = rng.binomial(sizes, base + shift * moved, (8000, 3)).astype(float)
    none = np.zeros((8000, 3, 3))
    parts = Counts(tp=none, fp=np.stack([k] * 3, -1), tn=np.stack([sizes - k] * 3, -1), fn=none)
    _, p_value = score_test(FPR, parts, np.broadcast_to(c, (8000, 3)))
    assert np.mean(p_value < 0.05) == pytest.approx(0.8, abs=0.03)


def test_no_shift_is_large_enough():
    sizes, moved = np.array([2, 50]), np.array([True, False])
    assert np.isnan(detectable_shift(0.6, 1, sizes, sizes, np.array([1, -1]), moved))
    assert np.isnan(detectable_shift(0.0, -1, sizes * 100, sizes * 100, np.array([1, -1]), moved))
    assert detectable_shift(0.0, 1, sizes * 100, sizes * 100, np.array([1, -1]), moved) > 0
