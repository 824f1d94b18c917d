"""Intervals of an area under the ROC curve, and the sizes at which there is none.

Sources: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837); Newcombe 2006 (Statistics in Medicine 25:559).
What they cover by simulation: docs/coverage.md.
"""

import numpy as np

from fairkit.counts.intervals import Z95

__all__ = ["LEAST", "area_interval", "auc_refused", "newcombe_area"]

LEAST = 5
"""An area gets an interval from this (effective) number of positives and of negatives on."""


def area_interval(value, variance, positives, negatives, z=Z95):
    """DeLong's interval on the logit scale, widened to Newcombe's where that reaches further.

    DeLong's alone is right for large samples of any kind, and too narrow for areas near 1 with few positives or uneven
    weights; Newcombe's is right there, and gives an interval where the ranking is perfect.

    Args:
        value: areas.
        variance: DeLong's variances of them; NaN or 0 where that is unknown.
        positives, negatives: effective numbers of examples, (sum w)^2 / sum w^2.
        z: the normal quantile.

    Returns:
        (lower, upper), inside [0, 1]; NaN where `auc_refused`.

    Example:
        >>> lower, upper = area_interval(0.9, 0.002, 20, 30)
        >>> round(float(lower), 3), round(float(upper), 3)
        (0.764, 0.96)
    """
    value, variance = np.asarray(value, float), np.asarray(variance, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = z * np.sqrt(variance) / (value * (1 - value))
        logit = np.log(value / (1 - value))
        known = (variance > 0) & (value > 0) & (value < 1)
        delong = [np.where(known, 1 / (1 + np.exp(sign * half - logit)), np.nan) for sign in (1, -1)]
    refused = auc_refused(positives, negatives)
    return tuple(np.where(refused, np.nan, wider(one, other)) for wider, one, other in
                 zip((np.fmin, np.fmax), delong, newcombe_area(value, positives, negatives, z), strict=True))


def auc_refused(positives, negatives):
    """Where an area gets no interval: with fewer than `LEAST` (effective) positives or negatives."""
    return ~(np.minimum(positives, negatives) >= LEAST * (1 - 1e-9))


def newcombe_area(value, positives, negatives, z=Z95):
    """Newcombe's interval (2006, method 5), the score interval with the variance of Hanley and McNeil: (lower, upper).

    Args:
        value: areas.
        positives, negatives: (effective) numbers of examples; NaN where either is 0.
        z: the normal quantile.
    """
    value, m, n = np.broadcast_arrays(*(np.asarray(x, float) for x in (value, positives, negatives)))
    more, known = (m + n) / 2 - 1, (m > 0) & (n > 0) & ~np.isnan(value)
    inside = np.stack([value, value])
    outside = np.stack([np.zeros_like(value), np.ones_like(value)])
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(34):  # halves [0, 1] to 1e-10
            at = (inside + outside) / 2
            variance = at * (1 - at) * (1 + more * ((1 - at) / (2 - at) + at / (1 + at))) / (m * n)
            holds = (value - at) ** 2 <= z * z * variance
            inside, outside = np.where(holds, at, inside), np.where(holds, outside, at)
    return tuple(np.where(known, bound, np.nan) for bound in outside)
