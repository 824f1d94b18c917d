"""Thresholds at which a second model has the same overall rate as the first."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.rates import Counts
from fairkit.evaluation.areas import one_against_rest

__all__ = ["TOLERANCE", "Match", "match_threshold", "matched_by", "nearest_threshold", "overall_rate",
           "rates_at_scores"]

TOLERANCE = 0.005
"""Achieved overall rates that differ by more than this get a warning."""


@dataclass(frozen=True)
class Match:
    """Two thresholds and the overall rates that the two models have at them.

    Attributes:
        kind: "matched" (equal overall rate), "unchanged" (the same threshold) or "given" (by the user).
        class_id: the class judged against the rest, or None.
        before, after: the thresholds; None where the class with the highest score is predicted.
        rate_before, rate_after: the overall rates (those that the comparison is about) achieved at them.
    """

    kind: str
    class_id: int | None
    before: float | None
    after: float | None
    rate_before: float
    rate_after: float


def matched_by(metric):
    """The name of the rate that is equal overall at matched thresholds: the metric itself, but for accuracy.

    Accuracy rises with the threshold and falls again, so that thresholds far from each other have the same: where it
    is compared, the share of predicted positives is equal.
    """
    return "positive_rate" if metric == "accuracy" else metric


def match_threshold(rate, target, predictions, class_id):
    """The threshold among the distinct scores whose overall rate is nearest to `target`; on a tie the higher one."""
    return nearest_threshold(*rates_at_scores(rate, predictions, class_id), target)


def nearest_threshold(thresholds, rates, target):
    """The one of ascending thresholds whose rate is nearest to `target`; on a tie the higher one."""
    distance = np.abs(rates - target)
    return float(thresholds[np.flatnonzero(distance <= np.nanmin(distance) + 1e-12)[-1]])


def overall_rate(rate, predictions, class_id, threshold):
    """The rate of all examples at a threshold; at None the accuracy of the class with the highest score."""
    weights = np.ones(len(predictions)) if predictions.weights is None else predictions.weights
    if threshold is None:
        right = predictions.scores.argmax(1) == predictions.labels
        return float(weights[right].sum() / weights.sum()) if weights.sum() > 0 else float("nan")
    scores, positive = one_against_rest(predictions, class_id)
    above = scores > threshold
    counts = Counts(tp=weights[positive & above].sum(), fp=weights[~positive & above].sum(),
                    tn=weights[~positive & ~above].sum(), fn=weights[positive & ~above].sum())
    return float(rate.numerator(counts) / rate.over(counts)) if rate.over(counts) > 0 else float("nan")


def rates_at_scores(rate, predictions, class_id):
    """(thresholds, rates): the overall rate at each distinct score taken as the threshold, ascending."""
    scores, positive = one_against_rest(predictions, class_id)
    weights = np.ones(len(scores)) if predictions.weights is None else predictions.weights
    thresholds, code = np.unique(scores, return_inverse=True)
    below_p, below_n = (np.cumsum(np.bincount(code, weights * side, len(thresholds))) for side in (positive, ~positive))
    # Adding up from one side only leaves no negative remainders.
    counts = Counts(tp=below_p[-1] - below_p, fp=below_n[-1] - below_n, tn=below_n, fn=below_p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return thresholds, rate.numerator(counts) / rate.over(counts)
