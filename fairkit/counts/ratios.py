"""Ratios of sums of independent estimates with their interval, in closed form.

Source: MOVER for a ratio, Donner and Zou 2012 (Statistical Methods in Medical Research 21:347), written so that no
denominator vanishes, and with an estimate that top and bottom share.
"""

import numpy as np

__all__ = ["mover_ratio"]


def mover_ratio(top, bottom, values, lowers, uppers, more=None):
    """sum(top_i x_i) / sum(bottom_i x_i) with its interval, from intervals of independent x_i.

    The interval holds the ratios R for which the interval (MOVER, `fairkit.counts.intervals.linear`) of the difference
    sum((top_i - R bottom_i) x_i) contains 0. It stays in [0, inf].

    Args:
        top, bottom: (..., k) coefficients, none negative, of which at most one x_i has both.
        values, lowers, uppers: (..., k) of the x_i, none negative.
        more: variance beside that of the x_i, times z^2: (of the top, covariance of both, of the bottom), (...) each;
            that of the difference is then of the top - 2 R covariance + R^2 of the bottom more. None for none.

    Returns:
        (value, lower, upper), arrays (...): the value is infinite where only the bottom is 0, and NaN where both are.

    Example: 10 of 100 over 20 of 100.
        >>> from fairkit.counts.intervals import wilson
        >>> lower, upper = wilson([0.1, 0.2], 100)
        >>> [round(float(x), 3) for x in mover_ratio([1, 0], [0, 1], [0.1, 0.2], lower, upper)]
        [0.5, 0.25, 0.999]
    """
    own, reference, x, low, high = np.broadcast_arrays(*(np.asarray(each, float) for each in (
        top, bottom, values, lowers, uppers)))
    down, up = x - low, high - x
    more = [np.zeros(x.shape[:-1])] * 3 if more is None else [np.nan_to_num(each) for each in more]
    above, below = (np.where(c == 0, 0.0, c * x).sum(-1) for c in (own, reference))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(below > 0, above / below, np.where((above > 0) & (below == 0), np.inf, np.nan))
        lower = _root(own, reference, above, below, value, down, up, more, False)
        upper = _root(own, reference, above, below, value, up, down, more, True)
    known = ~(np.isnan(value) | np.isnan(above) | np.isnan(below))
    return value, np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def _root(own, reference, above, below, value, plus, minus, more, is_upper):
    """The ratio at which a bound of the difference is 0.

    Args:
        plus, minus: (..., k) how far the bound lies from x_i whose coefficient is positive, and negative.
    """
    shared = (own > 0) & (reference > 0)
    o2 = np.where((own > 0) & ~shared, (own * plus) ** 2, 0.0).sum(-1)
    t2 = np.where((reference > 0) & ~shared, (reference * minus) ** 2, 0.0).sum(-1)
    p, r = (np.where(shared, c, 0.0).sum(-1) for c in (own, reference))
    # Where the shared estimate has no part in the difference; beyond it, its coefficient is negative.
    turn = np.where(r > 0, p / r, np.inf)
    m0, m1, m2 = more
    wider = np.where(np.isfinite(turn), m0 - 2 * turn * m1 + turn**2 * m2, 0.0)
    gap, spread = above - turn * below, np.sqrt(np.maximum(o2 + turn**2 * t2 + wider, 0))
    beyond = (r > 0) & ((turn < value) & (gap - spread > 0) if not is_upper else (turn < value) | (gap + spread > 0))
    e2 = np.where(shared, np.where(beyond[..., None], minus, plus) ** 2, 0.0).sum(-1)
    a, h, c = below**2 - t2 - r**2 * e2 - m2, above * below - p * r * e2 - m1, above**2 - o2 - p**2 * e2 - m0
    # h^2 - a c, written so that it vanishes exactly where both roots are one
    square = e2 * (above * r - below * p) ** 2 + below**2 * o2 + above**2 * t2 - o2 * t2 - e2 * (t2 * p**2 + o2 * r**2)
    square = np.where((m0 == 0) & (m2 == 0), square, h**2 - a * c)
    root = np.sqrt(np.maximum(square, 0))
    if is_upper:
        return np.where(h < 0, c / (h - root), np.where(a > 0, (h + root) / a, np.inf))
    return np.where((c > 0) | beyond, np.where(h < 0, (h - root) / a, c / (h + root)), 0.0)
