"""Gaps and ratios: how far a slice's rate lies from another's, whatever the two have in common."""

import numpy as np

from fairkit.counts.intervals import estimate, linear
from fairkit.counts.ratios import mover_ratio

__all__ = ["coefficients", "gap", "ratio"]


def coefficients(part_sizes):
    """What a slice's rate minus its reference's is in terms of the parts' rates: (..., 3) from denominators (..., 3).

    (1, 0, -1) for disjoint slices; (0, n_rest / n, -n_rest / n) for a slice of its reference; NaN for an empty side.
    """
    only, both, other = np.moveaxis(np.asarray(part_sizes, float), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([only / (only + both), both / (only + both) - both / (both + other), -other / (both + other)],
                        axis=-1)


def gap(rate, parts):
    """Slice minus reference with its interval.

    Newcombe's for disjoint slices, and the same (MOVER) on the disjoint parts for overlapping ones.

    Args:
        rate: `Rate`.
        parts: `Counts` of `Parts`: arrays (pairs, 3, ..., 3).

    Returns:
        (value, lower, upper), arrays (pairs, ...), within [-1, 1], NaN where either side has no denominator.
    """
    share, lower, upper, _, sizes = (np.moveaxis(x, 1, -1) for x in estimate(rate, parts))
    value, low, high = linear(coefficients(sizes), share, lower, upper)
    return value, np.clip(low, -1, 1), np.clip(high, -1, 1)


def ratio(rate, parts):
    """Slice over reference with its interval.

    The interval holds the ratios R for which the interval (MOVER) of slice - R x reference, on the disjoint parts,
    contains 0. For disjoint slices that is the one of Donner and Zou (2012, Statistical Methods in Medical Research
    21:347); it stays in [0, inf), and it contains 1 just where the interval of `gap` contains 0.

    Args:
        rate, parts: as for `gap`.

    Returns:
        (value, lower, upper), arrays (pairs, ...), NaN where the reference's rate is 0 or either side is missing.
    """
    share, low, high, _, sizes = (np.moveaxis(x, 1, -1) for x in estimate(rate, parts))
    only, both, other = np.moveaxis(sizes, -1, 0)
    none = np.zeros_like(only)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.stack([only / (only + both), both / (only + both), none], -1)
        reference = np.stack([none, both / (both + other), other / (both + other)], -1)
    value, lower, upper = mover_ratio(own, reference, share, low, high)
    known = np.isfinite(value)
    return tuple(np.where(known, x, np.nan) for x in (value, lower, upper))
