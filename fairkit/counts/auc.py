"""The area under the ROC curve, exact, with DeLong's variance.

Source: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837); ties count half.
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Areas", "Auc", "Ranking", "area", "covariance", "ranking"]


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

    def areas(self, sets):
        """The `Areas` of many `AtomSets` at once: the cost grows with their examples, not with sets x examples."""
        owner, score, p, n, p2, n2 = self._entries(sets)
        lengths = np.bincount(owner, minlength=len(sets))
        starts = np.cumsum(lengths) - lengths
        numbers, shares = np.full((len(sets), len(Areas.NUMBERS)), np.nan), np.full((2, len(owner)), np.nan)
        size_class = np.ceil(np.log2(np.maximum(lengths, 1))).astype(int)
        for size in np.unique(size_class):  # sets of like length as rows of a table, filled up with nothing
            rows = np.flatnonzero(size_class == size)
            at = starts[rows, None] + np.arange(max(int(lengths[rows].max()), 1))
            there = np.arange(at.shape[1]) < lengths[rows, None]
            at[~there] = 0
            sides = [np.where(there, x[at] if len(x) else 0.0, 0.0) for x in (p, n, p2, n2)]
            numbers[rows], found = _rows_of_areas(*sides)
            shares[:, at[there]] = [x[there] for x in found]
        return Areas(*numbers.T, owner * self._scores + score, *shares)

    def gaps(self, parts):
        """(`Areas` of the slices of `Parts`, those of their references, (pairs,) variances of the differences).

        As `gap`, for many pairs at once.
        """
        own, other = self.areas(parts.slices), self.areas(parts.references)
        pair, score, _, _, p2, n2 = self._entries(parts.both)
        places = [np.searchsorted(areas.entries, which * self._scores + score)
                  for areas, which in ((own, pair), (other, parts.of[pair]))]
        between = np.zeros(len(parts))
        with np.errstate(divide="ignore", invalid="ignore"):
            for squares, share, total in ((p2, "of_positives", "positives"), (n2, "of_negatives", "negatives")):
                x, y = (getattr(areas, share)[place] - areas.value[which]
                        for areas, place, which in zip((own, other), places, (pair, parts.of[pair]), strict=True))
                sums = np.bincount(pair, squares * x * y, len(parts))
                between += sums / (getattr(own, total) * getattr(other, total)[parts.of])
        return own, other, own.variance + other.variance[parts.of] - 2 * between

    @property
    def _scores(self):
        return int(self.score[-1]) + 1 if len(self.score) else 1

    def _entries(self, sets):
        """By set and distinct score, ascending: set, score, and the four sums of `_by_score`, (m,) each."""
        starts, rows = sets.examples(self.atom)
        owner, score, positive = np.repeat(np.arange(len(sets)), np.diff(starts)), self.score[rows], self.positive[rows]
        new = np.ones(len(rows), bool)
        new[1:] = (owner[1:] != owner[:-1]) | (score[1:] != score[:-1])
        first = np.flatnonzero(new)
        w = np.ones(len(rows)) if self.weights is None else self.weights[rows]
        squares = w if self.squares is None else self.squares[rows]
        sums = [np.add.reduceat(x * side, first) if len(first) else np.zeros(0)
                for x in (w, squares) for side in (positive, ~positive)]
        return owner[first], score[first], *sums

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


@dataclass(frozen=True)
class Areas:
    """The areas of many sets of examples, (sets,) each, as `Auc` has them, with the effective sizes.

    Attributes:
        entries: (m,) set x number of scores + score, ascending.
        of_positives, of_negatives: (m,) as those of `Auc`, at each entry.
    """

    NUMBERS = ("value", "variance", "positives", "negatives", "positive_size", "negative_size", "bound")

    value: np.ndarray
    variance: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray
    positive_size: np.ndarray
    negative_size: np.ndarray
    bound: np.ndarray
    entries: np.ndarray
    of_positives: np.ndarray
    of_negatives: np.ndarray


def _rows_of_areas(p, n, p2, n2):
    """((sets, 7) numbers of `Areas`, the shares of its entries), from tables (sets, scores) as `_area` takes rows."""
    total_p, total_n = p.sum(-1), n.sum(-1)
    known = (total_p > 0) & (total_n > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_positives = (np.cumsum(n, -1) - n / 2) / total_n[:, None]
        of_negatives = (np.cumsum(p[:, ::-1], -1)[:, ::-1] - p / 2) / total_p[:, None]
        value = np.where(known, (p * of_positives).sum(-1) / total_p, np.nan)
        variance = np.zeros(len(p))
        sizes = []
        for squares, total, share in ((p2, total_p, of_positives), (n2, total_n, of_negatives)):
            squares = np.where(known[:, None], squares / total[:, None] ** 2, 0.0)
            whole = squares.sum(-1)
            spread = (squares * np.where(squares > 0, share - value[:, None], 0.0) ** 2).sum(-1)
            variance += np.where((whole > 0) & (whole < 1), spread / (1 - whole), np.nan)
            sizes.append(np.where(whole > 0, 1 / whole, 0.0))
        bound = np.where(known, (p * n).sum(-1) / (2 * total_p * total_n), np.nan)
    return np.stack([value, variance, total_p, total_n, *sizes, bound], -1), (of_positives, of_negatives)


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
