"""Scores moved so that the thresholds of all groups fall on one."""

import numpy as np

__all__ = ["COMMON", "moved", "with_moved_class"]

COMMON = 0.5
"""The threshold of adjusted scores: the one at which `fairkit.evaluate` takes the accuracy of binary scores."""


def moved(scores, thresholds):
    """Scores in [0, 1] moved so that one exceeds COMMON just where it exceeded its threshold.

    Below the threshold and above it the scores are stretched or squeezed linearly: 0 stays 0, 1 stays 1, and the
    threshold becomes COMMON. Within a group the order stays; scores that differ in the last digits may become equal.

    Args:
        scores, thresholds: (n,) float64 in [0, 1].

    Returns:
        (n,) float64.

    Example:
        >>> import numpy as np
        >>> moved(np.array([0.1, 0.2, 0.6, 1.0]), np.full(4, 0.2)).tolist()
        [0.25, 0.5, 0.75, 1.0]
    """
    above = scores > thresholds
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low = np.where(thresholds > 0, scores / thresholds * COMMON, COMMON)
        high = COMMON + (scores - thresholds) / (1 - thresholds) * (1 - COMMON)
    # Rounding must not take a score to the other side.
    return np.where(above, np.clip(high, np.nextafter(COMMON, 1), 1), np.minimum(low, COMMON))


def with_moved_class(scores, class_id, changed):
    """Scores (n, k) with one class's changed to (n,), and the others' multiplied so that the sum stays what it was."""
    old, result = scores[:, class_id], scores.copy()
    others = scores.sum(axis=1) - old
    wanted = np.maximum(others + old - changed, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        result *= np.where(others > 0, wanted / others, 1)[:, None]
    alone = others <= 0  # nothing to multiply: the rest goes to the other classes alike
    result[alone] = (wanted[alone] / max(scores.shape[1] - 1, 1))[:, None]
    result[:, class_id] = changed
    return np.clip(result, 0, 1)
