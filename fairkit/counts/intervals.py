"""Intervals: Wilson for a rate, MOVER for what is linear in rates (differences, gaps, changes).

Sources: Wilson 1927; Newcombe 1998 (Statistics in Medicine 17:873 and 17:2635); Zou and Donner 2008 (MOVER).
"""

import numpy as np

__all__ = ["Z95", "estimate", "linear", "wilson"]

Z95 = 1.959963984540054


def wilson(share, size, z=Z95):
    """The Wilson interval of a share.

    Args:
        share: observed shares, in [0, 1].
        size: number of examples; with weights the effective number, (sum w)^2 / sum w^2.
        z: the normal quantile.

    Returns:
        (lower, upper), inside [0, 1]; NaN where the size is 0.

    Example:
        >>> lower, upper = wilson(0.1, 100)
        >>> round(float(lower), 4), round(float(upper), 4)
        (0.0552, 0.1744)
    """
    share, size = np.asarray(share, float), np.asarray(size, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        center = (share + z * z / (2 * size)) / (1 + z * z / size)
        half = z * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
        lower, upper = np.clip(center - half, 0, 1), np.clip(center + half, 0, 1)
    # Exactly at the border where the share is: rounding must not leave the estimate outside its interval.
    return np.where(share == 0, 0.0, np.minimum(lower, share)) + 0 * center, \
        np.where(share == 1, 1.0, np.maximum(upper, share)) + 0 * center


def estimate(rate, counts, z=Z95):
    """A rate with its interval from counts.

    Returns:
        (value, lower, upper, numerator, denominator): arrays of the counts' shape without the last axis; numerator and
        denominator are sums of weights. Value and bounds are NaN where the denominator is 0.
    """
    top, bottom = rate.numerator(counts), rate.over(counts)
    numerator, denominator, squares = top[..., 1], bottom[..., 1], bottom[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominator > 0, np.clip(numerator / denominator, 0, 1), np.nan)
        size = np.where(squares > 0, denominator**2 / squares, 0)
    lower, upper = wilson(value, size, z)
    return value, lower, upper, numerator, denominator


def linear(coefficients, values, lowers, uppers, correlations=None):
    """The interval of sum(c_i x_i), from intervals of the x_i, by MOVER.

    Args:
        coefficients, values, lowers, uppers: (..., k) each, or (..., k, 2) for k independent pairs of estimates that
            are correlated within the pair.
        correlations: (..., k) correlations of the two estimates of each pair; None for independent estimates.

    Returns:
        (value, lower, upper), each of shape (...).

    Example: two disjoint groups (Newcombe's method 10), 10 of 100 against 5 of 100.
        >>> low, high = wilson([0.1, 0.05], 100)
        >>> [round(float(x), 4) for x in linear([1, -1], [0.1, 0.05], low, high)]
        [0.05, -0.0263, 0.1296]
    """
    c, x = np.asarray(coefficients, float), np.asarray(values, float)
    down = np.abs(c) * np.where(c > 0, x - lowers, uppers - x)
    up = np.abs(c) * np.where(c > 0, uppers - x, x - lowers)
    down, up = (np.where(c == 0, 0.0, side) for side in (down, up))
    value = np.where(c == 0, 0.0, c * x)
    if correlations is None:
        return value.sum(-1), value.sum(-1) - np.sqrt((down**2).sum(-1)), value.sum(-1) + np.sqrt((up**2).sum(-1))
    signed = np.asarray(correlations, float) * np.sign(c[..., 0] * c[..., 1])
    value = value.sum((-2, -1))
    below, above = (np.sqrt(np.maximum((side**2).sum(-1) + 2 * signed * side[..., 0] * side[..., 1], 0).sum(-1))
                    for side in (down, up))
    return value, value - below, value + above
