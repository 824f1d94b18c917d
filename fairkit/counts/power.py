"""How large a gap has to be for the score test to show it.

Source: the usual normal approximation of the power of a two-sided test of proportions with pooled variance under the
null (Fleiss, Statistical Methods for Rates and Proportions, chapter on sample size).
"""

import numpy as np
from scipy.special import ndtr

from fairkit.counts.intervals import Z95

__all__ = ["detectable_shift", "power_of_shift"]


def power_of_shift(base, shift, sizes, effective, coefficients, moved, z=Z95):
    """The chance that the score test at 5 % shows a gap, where some of the disjoint parts have another share.

    Args:
        base: (...) the share of hits in the parts that are not moved.
        shift: (...) what is added to it in the others.
        sizes, effective: (..., parts) sums of weights, and effective numbers of examples.
        coefficients: (..., parts): the gap is sum(c_i share_i).
        moved: (..., parts) booleans.
        z: the normal quantile of the test.

    Returns:
        (...) in [0, 1].

    Example: 20 % against 10 % in two groups of 199, as tables of sample sizes have it.
        >>> n = np.array([199, 199])
        >>> round(float(power_of_shift(0.1, 0.1, n, n, np.array([1, -1]), np.array([True, False]))), 2)
        0.8
    """
    c = np.asarray(coefficients, float)
    shares = np.asarray(base, float)[..., None] + np.asarray(shift, float)[..., None] * moved
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(c == 0, 0.0, c**2 / effective)
        gap = np.abs(np.where(c == 0, 0.0, c * shares).sum(-1))
        pooled = (sizes * shares).sum(-1) / np.sum(sizes, axis=-1)
        needed = z * np.sqrt(pooled * (1 - pooled) * weight.sum(-1))
        spread = np.sqrt((weight * shares * (1 - shares)).sum(-1))
        return np.where(spread > 0, ndtr((gap - needed) / spread), (gap > needed) & (gap > 0))


def detectable_shift(base, direction, sizes, effective, coefficients, moved, power=0.8, z=Z95):
    """The smallest shift of the moved parts that the test shows with the given power.

    Args:
        base, sizes, effective, coefficients, moved, z: as for `power_of_shift`.
        direction: 1 for upward shifts, -1 for downward ones.
        power: the chance that is asked for, above .05 and below 1.

    Returns:
        (...) shifts with the sign of `direction`; NaN where no share in [0, 1] is far enough away.
    """
    base = np.asarray(base, float)
    most = np.where(direction > 0, 1 - base, base)
    low, high = np.zeros_like(base), most.copy()
    for _ in range(50):
        middle = (low + high) / 2
        enough = power_of_shift(base, direction * middle, sizes, effective, coefficients, moved, z) >= power
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    reached = power_of_shift(base, direction * most, sizes, effective, coefficients, moved, z) >= power
    return np.where(reached & (most > 0), direction * high, np.nan)
