"""The scores of a slice as a table, of which curves, calibration and rates at any threshold are read."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.counts.fine_scores import bucket_scores
from fairkit.counts.rates import Counts
from fairkit.counts.slices import atoms_in
from fairkit.counts.sparse_sums import MOMENTS
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.areas import one_against_rest
from fairkit.evaluation.specs import cut_groups

__all__ = ["ScoreTable", "score_tables"]


@dataclass(frozen=True)
class ScoreTable:
    """Examples of one slice by distinct score.

    Attributes:
        scores: (d,) distinct, ascending.
        negatives, positives: (d, 3): n, sum of weights, sum of squared weights.
        exact: whether the scores are those of the rows; else they are the lower ends of fine score buckets.
    """

    scores: np.ndarray
    negatives: np.ndarray
    positives: np.ndarray
    exact: bool = True

    def counts(self, thresholds):
        """`Counts`, arrays (thresholds, 3), where a score above the threshold is a positive prediction."""
        place = np.searchsorted(self.scores, thresholds, side="right")
        sides = {}
        for table, above, below in ((self.positives, "tp", "fn"), (self.negatives, "fp", "tn")):
            # Added up from either end, and never subtracted: no rounding remainders where nothing is.
            up, down = np.cumsum(table, axis=0), np.cumsum(table[::-1], axis=0)[::-1]
            none = np.zeros((1, MOMENTS))
            sides[below], sides[above] = np.concatenate([none, up])[place], np.concatenate([down, none])[place]
        return Counts(**sides)

    @property
    def sizes(self):
        """(sum of weights of the negatives, of the positives)."""
        return float(self.negatives[:, 1].sum()), float(self.positives[:, 1].sum())


def score_tables(evaluation, keys, class_id=None):
    """dict of slice key -> `ScoreTable`: from the predictions where the evaluation holds them, else from its buckets.

    Raises:
        FairkitError: for an evaluation that holds neither.
    """
    predictions, cells = evaluation.predictions, evaluation.cells
    if predictions is not None:
        groups, _ = cut_groups(predictions.groups, evaluation.bins)
        atoms, atom = atoms_of({name: groups[name] for name in cells.atoms.features}, len(predictions))
        raw, positive = one_against_rest(predictions, class_id)
        w = np.ones(len(predictions)) if predictions.weights is None else predictions.weights
        score, moments = np.asarray(raw, np.float64), np.column_stack([np.ones(len(w)), w, w**2])
    elif cells.fine is not None:
        here = cells.fine.keys[:, 1] == cells.classes.index(class_id)
        bucket, _, atom, positive = cells.fine.keys[here].T
        atoms, score, moments = cells.atoms, bucket_scores(bucket << cells.fine.dropped), cells.fine.moments[here]
        positive = positive.astype(bool)
    else:
        raise FairkitError("this evaluation holds neither scores nor score buckets, so it has no curves",
                           "an evaluation made by fairkit.evaluate, or loaded with its predictions", quote(evaluation))
    distinct, place = np.unique(score, return_inverse=True)
    return {key: _table(distinct, place, positive, moments, atoms_in(atoms, key)[atom], predictions is not None)
            for key in keys}


def _table(distinct, place, positive, moments, inside, exact):
    sides = []
    for side in (inside & ~positive, inside & positive):
        sides.append(np.column_stack([np.bincount(place[side], moments[side, k], len(distinct))
                                      for k in range(MOMENTS)]))
    there = (sides[0][:, 0] > 0) | (sides[1][:, 0] > 0)
    return ScoreTable(distinct[there], sides[0][there], sides[1][there], exact)
