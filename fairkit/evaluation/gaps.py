"""Gaps and ratios: how far a slice's rate lies from another's, whatever the two have in common.

Examples are a sample: which of them are in a slice is drawn as well as what becomes of them. Where slice and reference
overlap, their common part is a random share of both, and its variance (by the delta method on the parts' sizes) is
added to that of the parts' rates. For disjoint slices it is 0.
"""

import numpy as np

from fairkit.counts.intervals import Z95, estimate, linear
from fairkit.counts.ratios import mover_ratio
from fairkit.counts.significance import sums_of

__all__ = ["coefficients", "gap", "is_nested", "membership", "ratio", "widened"]


def coefficients(part_sizes):
    """What a slice's rate minus its reference's is in terms of the parts' rates: (..., 3) from denominators (..., 3).

    (1, 0, -1) for disjoint slices; (0, n_rest / n, -n_rest / n) for a slice of its reference; NaN for an empty side.
    """
    only, both, other = np.moveaxis(np.asarray(part_sizes, float), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([only / (only + both), both / (only + both) - both / (both + other), -other / (both + other)],
                        axis=-1)


def membership(rate, parts, share, sizes):
    """How slice and reference move with the sizes of their parts.

    Args:
        rate, parts: as for `gap`.
        share, sizes: (pairs, ..., 3) the parts' rates and denominators.

    Returns:
        (own, reference, variances): (pairs, ..., 3) each: derivatives of the slice's and the reference's rate by the
        size of each part, and the variance of that size, the sum of squared weights.
    """
    only, both, other = np.moveaxis(sizes, -1, 0)
    share = np.where(sizes > 0, share, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mine, theirs = only + both, both + other
        own = (only * share[..., 0] + both * share[..., 1]) / mine
        reference = (both * share[..., 1] + other * share[..., 2]) / theirs
        none = np.zeros_like(own)
        of_own = np.stack([(share[..., 0] - own) / mine, (share[..., 1] - own) / mine, none], -1)
        of_reference = np.stack([none, (share[..., 1] - reference) / theirs, (share[..., 2] - reference) / theirs], -1)
    over = np.asarray(rate.indicators()[1], float)
    return of_own, of_reference, np.moveaxis(sums_of(rate, parts).squares_by_outcome @ over**2, 1, -1)


def widened(value, lower, upper, variance, vanishes, z=Z95):
    """An interval to which an independent source of variance is added.

    Args:
        value, lower, upper: of what the interval is for.
        variance: the source's.
        vanishes: whether the variance is proportional to the square of the value, so that there is none where the true
            value is 0. It is then taken at each bound, as Fieller's intervals do, in place of the value, and whether
            the interval contains 0 does not change.
    """
    down, up = value - lower, upper - value
    with np.errstate(divide="ignore", invalid="ignore"):
        share = z * z * variance / value**2   # of the square of a bound
        share = np.where(np.abs(share - 1) < 1e-9, 1 + 1e-9, share)
        below = (value - np.sqrt(down**2 + share * (value**2 - down**2))) / (1 - share)
        above = (value + np.sqrt(up**2 + share * (value**2 - up**2))) / (1 - share)
        # Where so little is known that there is no bound on the side away from 0, the one of the value's own variance.
        below = np.where(vanishes & (below <= lower), below, value - np.sqrt(down**2 + z * z * variance))
        above = np.where(vanishes & (above >= upper), above, value + np.sqrt(up**2 + z * z * variance))
    still = variance == 0
    return value, np.where(still, lower, below), np.where(still, upper, above)


def is_nested(sizes):
    """Whether slice or reference lies in the other, (pairs, ...), of the parts' sizes (pairs, ..., 3)."""
    return (sizes[..., 0] == 0) | (sizes[..., 2] == 0)


def gap(rate, parts):
    """Slice minus reference with its interval.

    Newcombe's for disjoint slices, and the same (MOVER) on the disjoint parts for overlapping ones, with the variance
    of the parts' sizes.

    Args:
        rate: `Rate`.
        parts: `Counts` of `Parts`: arrays (pairs, 3, ..., 3).

    Returns:
        (value, lower, upper), arrays (pairs, ...), within [-1, 1], NaN where either side has no denominator.
    """
    share, lower, upper, _, sizes = (np.moveaxis(x, 1, -1) for x in estimate(rate, parts))
    own, reference, variances = membership(rate, parts, share, sizes)
    value, low, high = widened(*linear(coefficients(sizes), share, lower, upper),
                               ((own - reference) ** 2 * variances).sum(-1), is_nested(sizes))
    return value, np.clip(low, -1, 1), np.clip(high, -1, 1)


def ratio(rate, parts):
    """Slice over reference with its interval.

    The interval holds the ratios R for which the interval (MOVER) of slice - R x reference, on the disjoint parts,
    contains 0, with the variance of the parts' sizes; where one lies in the other, it is added on the logarithms. For
    disjoint slices that is the one of
    Donner and Zou (2012, Statistical Methods in Medical Research 21:347); it stays in [0, inf), and it contains 1 just
    where the interval of `gap` contains 0.

    Args:
        rate, parts: as for `gap`.

    Returns:
        (value, lower, upper), arrays (pairs, ...), NaN where the reference's rate is 0 or either side is missing.
    """
    share, low, high, _, sizes = (np.moveaxis(x, 1, -1) for x in estimate(rate, parts))
    only, both, other = np.moveaxis(sizes, -1, 0)
    none = np.zeros_like(only)
    of_own, of_reference, variances = membership(rate, parts, share, sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.stack([only / (only + both), both / (only + both), none], -1)
        reference = np.stack([none, both / (both + other), other / (both + other)], -1)
    partly = np.where(is_nested(sizes)[..., None], 0.0, Z95 * Z95 * variances)
    value, lower, upper = mover_ratio(own, reference, share, low, high, [
        (product * partly).sum(-1) for product in (of_own**2, of_own * of_reference, of_reference**2)])
    with np.errstate(divide="ignore", invalid="ignore"):
        top, bottom = (np.where(c > 0, c * share, 0).sum(-1)[..., None] for c in (own, reference))
        variance = ((of_own / top - of_reference / bottom) ** 2 * variances).sum(-1)   # of the logarithm
        logs = widened(*np.log([value, lower, upper]), np.where(is_nested(sizes), np.nan_to_num(variance, posinf=0), 0),
                       True)
    finite = np.isfinite(logs[0])
    lower, upper = (np.where(finite & np.isfinite(log), np.exp(log), bound)
                    for log, bound in zip(logs[1:], (lower, upper), strict=True))
    known = np.isfinite(value)
    return tuple(np.where(known, x, np.nan) for x in (value, lower, upper))
