"""The area under the ROC curve, exact, with DeLong's variance.

Source: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837); ties count half.
"""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.intervals import Z95

__all__ = ["Auc", "area", "auc_interval", "covariance"]


@dataclass(frozen=True)
class Auc:
    """An area, the share of the other label that each example is ranked rightly against, and its sum of weights.

    Attributes:
        value: the area; NaN where one label is missing.
        of_positives, of_negatives: (positives,), (negatives,) shares in [0, 1] (DeLong's structural components).
        positive_weights, negative_weights: the examples' weights, scaled to sum to 1.
        positives, negatives: sums of weights.
    """

    value: float
    of_positives: np.ndarray
    of_negatives: np.ndarray
    positive_weights: np.ndarray
    negative_weights: np.ndarray
    positives: float
    negatives: float


def area(positive, scores, weights=None):
    """The area under the ROC curve of n scores; `positive` is (n,) booleans, weights (n,) or None.

    Example:
        >>> import numpy as np
        >>> area(np.array([True, False, True, False]), np.array([0.9, 0.1, 0.4, 0.4])).value
        0.875
    """
    weights = np.ones(len(scores)) if weights is None else weights
    high, low = scores[positive], scores[~positive]
    wp, wn = weights[positive], weights[~positive]
    total_p, total_n = wp.sum(), wn.sum()
    if total_p <= 0 or total_n <= 0:
        empty = np.zeros(0)
        return Auc(float("nan"), empty, empty, empty, empty, float(total_p), float(total_n))
    of_positives = _share_below(high, low, wn) / total_n
    of_negatives = 1 - _share_below(low, high, wp) / total_p
    wp, wn = wp / total_p, wn / total_n
    return Auc(float(wp @ of_positives), of_positives, of_negatives, wp, wn, float(total_p), float(total_n))


def covariance(a, b):
    """DeLong's covariance of two areas on the same examples; of an area with itself: its variance."""
    parts = []
    for weights, x, y in ((a.positive_weights, a.of_positives - a.value, b.of_positives - b.value),
                          (a.negative_weights, a.of_negatives - a.value, b.of_negatives - b.value)):
        squares = float((weights**2).sum())
        # 1 / (1 - sum w^2) is n / (n - 1) for equal weights
        parts.append(float((weights**2 * x * y).sum()) / (1 - squares) if squares < 1 else float("nan"))
    return sum(parts)


def auc_interval(value, variance, z=Z95):
    """DeLong's interval on the logit scale, so that it stays inside [0, 1]; NaN where the variance is 0 or unknown."""
    value, variance = np.asarray(value, float), np.asarray(variance, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.log(value / (1 - value))
        half = z * np.sqrt(variance) / (value * (1 - value))
        lower, upper = 1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit))
    known = (variance > 0) & (value > 0) & (value < 1)
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def _share_below(of, against, weights):
    """For each of `of`, the weight of `against` below it plus half of that equal to it."""
    order = np.argsort(against, kind="stable")
    cumulative = np.concatenate([[0.0], np.cumsum(weights[order])])
    ranked = against[order]
    return (cumulative[np.searchsorted(ranked, of, "left")] + cumulative[np.searchsorted(ranked, of, "right")]) / 2
