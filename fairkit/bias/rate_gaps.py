"""The metrics that are differences or ratios of shares: CI, DPL, DPPL, DI, RD, SD, DAR, DRR, AD.

Sources: Wilson 1927; Newcombe 1998 (Statistics in Medicine 17:873); of the ratio see `fairkit.counts.ratios`.
"""

import numpy as np

from fairkit.bias.found import Found, difference
from fairkit.counts.intervals import estimate, share
from fairkit.counts.rates import ACCURACY, OUTCOMES, RATES, Counts
from fairkit.counts.ratios import mover_ratio

__all__ = ["GAPS", "class_imbalance", "disparate_impact", "label_gap", "rate_gap"]

# The rate, and whether it is facet a minus facet d. A negative prediction that is right is one that is no false
# omission, which turns the sign.
GAPS = {"DPPL": (RATES["positive_rate"], True), "RD": (RATES["recall"], True),
        "SD": (RATES["specificity"], False), "DAR": (RATES["precision"], True),
        "DRR": (RATES["false_omission_rate"], True), "AD": (ACCURACY, True)}
"""Differences of rates: short name -> (`Rate`, True for facet a minus facet d, False for d minus a)."""

_NEWCOMBE = "Newcombe"
_SIDES = ("facet a", "facet d")


def class_imbalance(sides):
    """CI: 1 - 2 times the share of facet d, with Wilson's interval."""
    value, lower, upper, _, _ = share(np.moveaxis(sides.sizes, 0, -2))
    note = _absent(sides.sizes[..., 1], "examples")
    known = note == ""
    return Found(*(np.where(known, 1 - 2 * x, np.nan) for x in (value, upper, lower)), note, "Wilson")


def label_gap(sides):
    """DPL: the share of positive labels of facet a minus that of facet d."""
    negatives, positives = np.moveaxis(sides.labelled, -2, 0)
    none = np.zeros_like(positives)
    return rate_gap(RATES["positive_rate"], Counts(tp=positives, fp=none, tn=negatives, fn=none), True, "examples")


def rate_gap(rate, counts, a_minus_d, among=None):
    """The difference of a rate between the sides.

    Args:
        rate: `Rate`.
        counts: `Counts` of (facet a, facet d): (2, ..., 3).
        a_minus_d: the direction.
        among: what an empty denominator lacks, in words.
    """
    value, lower, upper, _, over = estimate(rate, counts)
    a, d = ((value[side], lower[side], upper[side]) for side in (0, 1))
    value, lower, upper = difference(a, d) if a_minus_d else difference(d, a)
    return Found(value, np.clip(lower, -1, 1), np.clip(upper, -1, 1), _absent(over, among or rate.among), _NEWCOMBE)


def disparate_impact(sides):
    """DI: the share of positive predictions of facet d over that of facet a."""
    *shares, _, over = estimate(RATES["positive_rate"], sides.predicted)
    found = mover_ratio([0, 1], [1, 0], *(np.moveaxis(x, 0, -1) for x in shares))  # of facet d over facet a
    note = _absent(over, "examples")
    neither = (note == "") & np.isnan(found[0])
    note[neither] = "undefined: no example is predicted positive"
    note[np.isinf(found[0])] = "infinite: nobody in facet a is predicted positive"
    return Found(*found, note, "Donner and Zou")


def outcomes(counts):
    """(..., 4, 3): the moments of `Counts` by OUTCOMES."""
    return np.stack([getattr(counts, name) for name in OUTCOMES], -2)


def _absent(over, among):
    """Notes, (...): which side of (2, ...) denominators has none."""
    note = np.full(over.shape[1:], "", object)
    for side in (1, 0):
        note[~(over[side] > 0)] = f"undefined: no {among} in {_SIDES[side]}"
    return note
