"""Scores of predictions, larger is better, and what each example adds to them."""

import math
import numbers

import numpy as np

from fairkit.counts.auc import area
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["NAMES", "Score"]

NAMES = ("accuracy", "auc", "log_loss", "brier")
_LEAST = 1e-15   # a probability of 0 would make a log loss infinite


class Score:
    """A score by name, or a function score(labels, scores) -> float, of which larger is better.

    Args:
        score: "accuracy" (at threshold .5, or of the most likely class), "auc" (of binary scores), "log_loss" or
            "brier" (turned round, so that larger is better), or a function. It is called with sample_weight= as well
            where there are weights, as the metrics of scikit-learn are.

    Raises:
        FairkitError: for another name.
    """

    def __init__(self, score):
        if not callable(score) and score not in NAMES:
            raise FairkitError(f"there is no score {quote(score)}",
                               f"{nearest(score, NAMES)}, or a function of labels and "
                               "scores", quote(score))
        self.function = score if callable(score) else None
        self.name = getattr(score, "__name__", "score") if callable(score) else score

    def value(self, labels, scores, weights=None):
        """The score: (n,) labels, (n,) or (n, k) scores, (n,) weights or None."""
        if self.function is None:
            return self.influences(labels, scores, weights)[0]
        value = self.function(labels, scores) if weights is None else \
            self.function(labels, scores, sample_weight=weights)
        if not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise FairkitError(f"the score {quote(self.name)} gives no number", "a finite number", quote(value)[:200])
        return float(value)

    def influences(self, labels, scores, weights=None):
        """(value, (n,) influences) of a score by name.

        The influences of all examples sum to 0; those of a random sample of them, to what the score would change by in
        first order, were they twice as many.
        """
        w = np.ones(len(labels)) if weights is None else weights
        if self.name == "auc":
            return _auc(labels, scores, w)
        each = {"accuracy": _hits, "log_loss": _log_likelihood, "brier": _brier}[self.name](labels, scores)
        value = float(w @ each / w.sum())
        return value, w * (each - value) / w.sum()


def _hits(labels, scores):
    return ((scores > 0.5) == (labels == 1) if scores.ndim == 1 else scores.argmax(axis=1) == labels).astype(float)


def _log_likelihood(labels, scores):
    right = np.where(labels == 1, scores, 1 - scores) if scores.ndim == 1 else scores[np.arange(len(labels)), labels]
    return np.log(right.clip(_LEAST, 1))


def _brier(labels, scores):
    if scores.ndim == 1:
        return -((scores - labels) ** 2)
    return -((scores - np.eye(scores.shape[1])[labels]) ** 2).sum(axis=1)


def _auc(labels, scores, w):
    if scores.ndim > 1:
        raise FairkitError("an AUC is of binary scores", "a model with one output, or another score",
                           f"{scores.shape[1]} outputs")
    positive = labels == 1
    auc = area(positive, scores, w)
    if np.isnan(auc.value):
        raise FairkitError("there is no AUC", "examples with label 0 and with label 1", "one of them only")
    influence = np.empty(len(labels))
    influence[positive] = w[positive] * (auc.of_positives - auc.value) / auc.positives
    influence[~positive] = w[~positive] * (auc.of_negatives - auc.value) / auc.negatives
    return auc.value, influence
