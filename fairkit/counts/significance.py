"""Score tests of gaps between rates, and Holm's adjustment of their p-values.

Sources: the pooled-variance z test (Pearson's chi-square for two disjoint groups); Holm 1979 (Scandinavian Journal of
Statistics 6:65).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from fairkit.counts.rates import OUTCOMES

__all__ = ["Sums", "holm", "score_test", "sums_of", "two_valued"]


@dataclass(frozen=True)
class Sums:
    """What a rate needs from counts of any shape (...): it is `top` / `over`.

    Attributes:
        top, over: (...) sums of weights in the numerator and in the denominator.
        members, squares: (...) number of examples that the rate looks at, and the sum of their squared weights.
        by_outcome, squares_by_outcome: (..., 4) sums of weights and of squared weights of these by OUTCOMES.
        influence: function of a rate p (...) that gives z = top - p over of each of OUTCOMES, (..., 4).
    """

    top: np.ndarray
    over: np.ndarray
    members: np.ndarray
    squares: np.ndarray
    by_outcome: np.ndarray
    squares_by_outcome: np.ndarray
    influence: object

    def pooled(self):
        """(rate, variance) of one example of unit weight, if all of the last axis share one rate: (...) each.

        The variance is p (1 - p) for a share, and that of the linearised rate for others; more by `heaviness`.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = self.top.sum(-1) / self.over.sum(-1)
            weights = self.by_outcome.sum(-2)
            variance = (weights * self.influence(rate) ** 2).sum(-1) / weights.sum(-1)
        return rate, np.where(variance < 1e-14, 0.0, variance * self.heaviness())

    def heaviness(self):
        """(...): how much more variable the rate is because the rarer outcome carries heavier weights; 1 if not."""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = self.influence(self.top.sum(-1) / self.over.sum(-1)) ** 2
            weights, squares = self.by_outcome.sum(-2), self.squares_by_outcome.sum(-2)
            ratio = (squares * z).sum(-1) / (weights * z).sum(-1) * weights.sum(-1) / squares.sum(-1)
        return np.fmax(ratio, 1.0)


def sums_of(rate, counts):
    """The `Sums` of a rate from `Counts` of shape (..., 3)."""
    top, over = (np.asarray(x, float) for x in rate.indicators())
    looked_at = ((top != 0) | (over != 0)).astype(float)
    table = np.stack([getattr(counts, name) for name in OUTCOMES], axis=-2)
    weights, squares = table[..., 1] * looked_at, table[..., 2] * looked_at
    return Sums(weights @ top, weights @ over, table[..., 0] @ looked_at, squares.sum(-1), weights, squares,
                lambda p: looked_at * (top - np.asarray(p)[..., None] * over))


def two_valued(rate):
    """Whether a rate knows only two kinds of examples, hits and misses: (hit, miss), or None if it knows more.

    Each is (places among OUTCOMES, (4,) booleans; how often one counts in the numerator; in the denominator). Such a
    rate is an increasing function of the share of hits: a plain rate is that share, F1 is 2 q / (1 + q).
    """
    top, over = (np.asarray(x, float) for x in rate.indicators())
    kinds = sorted({(t, o) for t, o in zip(top, over, strict=True) if t or o}, key=lambda kind: kind[0])
    if len(kinds) != 2 or kinds[0][1] <= 0 or kinds[1][1] <= 0:
        return None
    kinds.sort(key=lambda kind: kind[0] / kind[1])
    miss, hit = (((top == t) & (over == o), t, o) for t, o in kinds)
    return hit, miss


def score_test(rate, parts, coefficients):
    """Tests that a gap, sum(c_i r_i) over disjoint parts, is 0 because all parts share one rate.

    Args:
        rate: `Rate`.
        parts: `Counts` of the parts, (..., parts, 3).
        coefficients: (..., parts).

    Returns:
        (z, p_value), two-sided, of shape (...). NaN where a coefficient is missing or all are 0; z is 0 where all
        examples are hits or none is. For two disjoint groups without weights z^2 is Pearson's chi-square.

    Example: 15 of 100 against 5 of 100.
        >>> from fairkit.counts.rates import RATES, Counts
        >>> none = np.zeros((2, 3))
        >>> flagged, passed = (np.repeat([[a], [b]], 3, axis=1) for a, b in ((15, 5), (85, 95)))
        >>> z, p = score_test(RATES["false_positive_rate"], Counts(none, flagged, passed, none), [1, -1])
        >>> round(float(z), 4), round(float(p), 4)
        (2.357, 0.0184)
    """
    sums, c = sums_of(rate, parts), np.asarray(coefficients, float)
    _, variance = sums.pooled()
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(c == 0, 0.0, c * sums.top / sums.over).sum(-1)
        spread = np.where(c == 0, 0.0, (c / sums.over) ** 2 * sums.squares).sum(-1)
        z = np.where(variance > 0, gap / np.sqrt(variance * spread), 0.0)
    z = np.where((c == 0).all(-1) | np.isnan(gap), np.nan, z)
    return z, 2 * ndtr(-np.abs(z))


def holm(p_values):
    """Holm's adjustment of one family of p-values, (n,); NaN stays NaN and does not count.

    Example:
        >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
        [0.03, 0.06, nan, 0.06]
    """
    p = np.asarray(p_values, float)
    adjusted, known = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return adjusted
