"""Gaps: how far a slice's rate lies from another's, whatever the two have in common."""

import numpy as np

from fairkit.counts.intervals import estimate, linear

__all__ = ["coefficients", "gap", "parts_of"]


def parts_of(slices, references):
    """Disjoint parts of pairs of atom sets, (pairs, 3, atoms): only in the slice, in both, only in the reference."""
    slices, references = np.asarray(slices, bool), np.asarray(references, bool)
    return np.stack([slices & ~references, slices & references, ~slices & references], axis=1)


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
        parts: `Counts` of the three parts of `parts_of`: arrays (pairs, 3, ..., 3).

    Returns:
        (value, lower, upper), arrays (pairs, ...), within [-1, 1], NaN where either side has no denominator.
    """
    share, lower, upper, _, sizes = (np.moveaxis(x, 1, -1) for x in estimate(rate, parts))
    value, low, high = linear(coefficients(sizes), share, lower, upper)
    return value, np.clip(low, -1, 1), np.clip(high, -1, 1)
