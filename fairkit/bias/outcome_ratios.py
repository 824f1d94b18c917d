"""The metrics that are differences of ratios of counts of one side: DCA, DCR, TE.

Sources: Bonett and Price 2006 (Statistics in Medicine 25:3039), the hybrid Wilson interval of a ratio of paired
proportions, as recommended by Fagerland, Lydersen and Laake 2014 (Statistics in Medicine 33:2850); Wilson 1927;
Zou and Donner 2008 (MOVER) for the difference of two of them.
"""

import numpy as np

from fairkit.bias.found import Found, difference
from fairkit.counts.intervals import Z95, share, wilson

__all__ = ["conditional_acceptance", "conditional_rejection", "paired_ratio", "treatment_equality"]


def conditional_acceptance(sides):
    """DCA: positive labels over positive predictions, of facet a minus that of facet d."""
    counts = sides.predicted
    found = paired_ratio(counts.tp, counts.fn, counts.fp)
    return _difference(found, 0, "positive predictions", "Bonett and Price, MOVER")


def conditional_rejection(sides):
    """DCR: negative labels over negative predictions, of facet d minus that of facet a."""
    counts = sides.predicted
    found = paired_ratio(counts.tn, counts.fp, counts.fn)
    return _difference(found, 1, "negative predictions", "Bonett and Price, MOVER")


def treatment_equality(sides):
    """TE: false negatives over false positives, of facet d minus that of facet a; the odds of Wilson's interval."""
    counts = sides.predicted
    _, lower, upper, _, _ = share(np.stack([counts.fp, counts.fn], -2))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(counts.fp[..., 1] > 0, counts.fn[..., 1] / counts.fp[..., 1],
                         np.where(counts.fn[..., 1] > 0, np.inf, np.nan))
        found = ratio, lower / (1 - lower), upper / (1 - upper)
    return _difference(found, 1, "false positives", "odds of Wilson, MOVER")


def paired_ratio(both, first, second, z=Z95):
    """(both + first) / (both + second), of counts of the same examples, with its interval.

    Args:
        both, first, second: (..., 3): n, sums of weights and of squared weights of examples that are in the top and
            the bottom, only in the top, only in the bottom. With weights they count by their effective number.
        z: the normal quantile.

    Returns:
        (value, lower, upper): infinite where only the bottom is 0, NaN where both are.

    Example: 40 labelled and predicted positive, 20 labelled so only, 10 predicted so only.
        >>> counts = (np.full(3, n) for n in (40, 20, 10))
        >>> [round(float(x), 3) for x in paired_ratio(*counts)]
        [1.2, 0.984, 1.463]
    """
    total = both + first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        heaviness = total[..., 2] / total[..., 1]
        agree, top, bottom = (part[..., 1] / heaviness for part in (both, first, second))
        size, x, y = agree + top + bottom, agree + top, agree + bottom
        value = np.where(y > 0, x / y, np.where(x > 0, np.inf, np.nan))
        spread = np.sqrt((top + bottom + 2) / ((x + 1) * (y + 1)))
        apart = sum(np.sqrt((1 - (part + 1) / (size + 2)) / (part + 1)) for part in (x, y))
        quantile = spread / apart * z
        (x_low, x_high), (y_low, y_high) = (wilson(part / size, size, quantile) for part in (x, y))
        return value, x_low / y_high, x_high / y_low


def _difference(found, first, what, kind):
    """The difference of the sides of three (2, ...) arrays; `first` is the side it is taken from."""
    a_or_d = [tuple(part[side] for part in found) for side in (first, 1 - first)]
    value, lower, upper = difference(*a_or_d)
    note = np.full(value.shape, "", object)
    ratios = found[0]
    sides = (1, "facet d"), (0, "facet a")
    for side, name in sides:
        note[np.isinf(ratios[side])] = f"infinite: no {what} in {name}"
    note[np.isinf(ratios).all(0)] = f"undefined: no {what} in either facet"
    for side, name in sides:  # last: 0 over 0 leaves nothing, whatever the other side is
        note[np.isnan(ratios[side])] = f"undefined: 0 over 0, no {what} in {name}"
    return Found(value, lower, upper, note, kind)
