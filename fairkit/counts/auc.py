"""The area under the ROC curve, exact, with DeLong's variance.

Source: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837); ties count half.
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Auc", "Ranking", "area", "covariance", "ranking"]


@dataclass(frozen=True)
class Auc:
    """An area, and what each entry adds to it and to its variance: an example, or all examples of one score.

    Attributes:
        value: the area; NaN where one label is missing.
        of_positives, of_negatives: (p,), (q,) for each entry with its label the share of the other label that it is
            ranked rightly against, in [0, 1] (DeLong's structural components).
        positive_squares, negative_squares: (p,), (q,) sums of squared weights, where all weights of a label sum to 1.
        positives, negatives: sums of weights.
        bound: half the sum of positives x negatives that share a score, over all positives x negatives: where a score
            stands for a bucket of them, the exact area lies within that.
    """

    value: float
    of_positives: np.ndarray
    of_negatives: np.ndarray
    positive_squares: np.ndarray
    negative_squares: np.ndarray
    positives: float
    negatives: float
    bound: float

    @property
    def sizes(self):
        """The effective numbers of positives and negatives."""
        return tuple(1 / squares.sum() if squares.sum() > 0 else 0.0
                     for squares in (self.positive_squares, self.negative_squares))


def area(positive, scores, weights=None):
    """The area under the ROC curve of n scores, an entry an example.

    Args:
        positive: (n,) booleans.
        scores: (n,).
        weights: (n,), or None.

    Example:
        >>> import numpy as np
        >>> area(np.array([True, False, True, False]), np.array([0.9, 0.1, 0.4, 0.4])).value
        0.875
    """
    order = np.argsort(scores, kind="stable")
    ranked = ranking(np.zeros(len(scores), np.uint8), positive, scores, weights, order)
    auc = ranked.area(np.ones(1, bool))
    place = np.empty(len(scores), np.int64)
    place[order] = ranked.score
    w = np.ones(len(scores)) if weights is None else weights
    squares = [w[side] ** 2 / total**2 if total > 0 else w[side] * 0
               for side, total in ((positive, auc.positives), (~positive, auc.negatives))]
    return replace(auc, of_positives=auc.of_positives[place[positive]], of_negatives=auc.of_negatives[place[~positive]],
                   positive_squares=squares[0], negative_squares=squares[1])


def covariance(a, b):
    """DeLong's covariance of two areas with the same entries; of an area with itself: its variance."""
    positives, negatives = a.of_positives - a.value, a.of_negatives - a.value
    if a is b:
        return _spread(a.positive_squares, positives, positives) + _spread(a.negative_squares, negatives, negatives)
    return _spread(a.positive_squares, positives, b.of_positives - b.value) + \
        _spread(a.negative_squares, negatives, b.of_negatives - b.value)


def _spread(squares, x, y):
    total = squares.sum()
    # 1 / (1 - sum w^2) is n / (n - 1) for equal weights
    return float(squares @ (x * y)) / (1 - total) if 0 < total < 1 else float("nan")


@dataclass(frozen=True)
class Ranking:
    """Examples in ascending order of their scores.

    Attributes:
        score: (m,) integers, ascending: equal for equal scores.
        atom: (m,) integers.
        positive: (m,) booleans.
        weights, squares: (m,) sums of weights and of squared weights; None where each row is one unweighted example.
    """

    score: np.ndarray
    atom: np.ndarray
    positive: np.ndarray
    weights: np.ndarray | None = None
    squares: np.ndarray | None = None

    def area(self, atoms):
        """The `Auc` of the examples in some atoms, an entry a score: `atoms` is (atoms,) booleans."""
        rows = slice(None) if atoms.all() else atoms[self.atom]
        return _area(*self._by_score(rows))

    def gap(self, atoms, others):
        """(area in some atoms, area in others, variance of their difference); the two sets may overlap.

        The variance counts on DeLong's covariance of the two areas over the examples that are in both.
        """
        rows = (atoms | others)[self.atom]
        a, b = (_area(*self._by_score(rows, chosen)) for chosen in (atoms, others))
        _, _, *shared = self._by_score(rows, atoms & others)
        between = 0.0
        for squares, x, y, own in zip(shared, (a.of_positives - a.value, a.of_negatives - a.value),
                                      (b.of_positives - b.value, b.of_negatives - b.value),
                                      ((a.positives, b.positives), (a.negatives, b.negatives)), strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                between += float(squares @ (x * y) / np.prod(own))
        return a, b, covariance(a, a) + covariance(b, b) - 2 * between

    def _by_score(self, rows, chosen=None):
        """Sums by distinct score: w of positives, w of negatives, w^2 of positives, w^2 of negatives, each (d,)."""
        positive, score = self.positive[rows], self.score[rows]
        if not len(score):
            return (np.zeros(0),) * 4
        member = True if chosen is None else chosen[self.atom[rows]]
        sides = (positive & member, ~positive & member)
        starts = np.flatnonzero(np.concatenate([[True], score[1:] != score[:-1]]))
        tied = len(starts) < len(score)
        sums = [side.astype(float) if self.weights is None else side * self.weights[rows] for side in sides]
        sums = [np.add.reduceat(side, starts) for side in sums] if tied else sums
        if self.squares is None:
            return *sums, *sums
        squares = [side * self.squares[rows] for side in sides]
        return *sums, *([np.add.reduceat(side, starts) for side in squares] if tied else squares)


def _area(p, n, p2, n2):
    """The `Auc` of sums by distinct score, ascending."""
    total_p, total_n = float(p.sum()), float(n.sum())
    if total_p <= 0 or total_n <= 0:
        none = np.full(len(p), np.nan)
        return Auc(float("nan"), none, none, p2 * 0, n2 * 0, total_p, total_n, float("nan"))
    of_positives, of_negatives = np.cumsum(n), np.cumsum(p[::-1])[::-1]
    for share, own, total in ((of_positives, n, total_n), (of_negatives, p, total_p)):
        share -= own / 2  # in place: these are as long as the data
        share /= total
    return Auc(float(p @ of_positives) / total_p, of_positives, of_negatives, p2 / total_p**2, n2 / total_n**2,
               total_p, total_n, float(p @ n) / (2 * total_p * total_n))


def ranking(codes, positive, scores, weights=None, order=None):
    """The `Ranking` of n examples: codes (n,) of atoms, positive (n,) booleans, scores (n,), weights (n,) or None."""
    order = np.argsort(scores) if order is None else order
    ranked = scores[order]
    score = np.zeros(len(ranked), np.int64)
    np.cumsum(ranked[1:] != ranked[:-1], out=score[1:])
    w = None if weights is None else weights[order]
    return Ranking(score, codes[order], positive[order], w, None if w is None else w**2)
