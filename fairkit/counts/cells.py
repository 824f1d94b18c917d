"""Cells: the sparse table of counts that an evaluation is."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.atoms import Atoms
from fairkit.counts.fine_scores import FineScores
from fairkit.counts.rates import Counts
from fairkit.counts.sparse_sums import MOMENTS

__all__ = ["Cells"]


@dataclass(frozen=True)
class Cells:
    """Counts by atom, class, label and score bucket; only those that occur are stored.

    Attributes:
        atoms: `Atoms`.
        classes: class ids, each against the rest; (None,) for binary scores.
        thresholds: (t,) ascending. An example's bucket is the number of thresholds that its score exceeds.
        keys: (m, 4) integers: positions of atom and class, label, bucket; sorted, each once.
        moments: (m, 3): n, sum of weights, sum of squared weights.
        confusion_keys: (k, 3) integers: atom, label, predicted class; empty for binary scores.
        confusion_moments: (k, 3).
        score_keys: (j, 3) integers: atom, class, label.
        score_sums: (j, 4): sums of w s, w s^2, w^2 s, w^2 s^2 of weights w and scores s.
        fine: `FineScores`, of which an area under the ROC curve can be had; None where it comes from the rows.
    """

    atoms: Atoms
    classes: tuple
    thresholds: np.ndarray
    keys: np.ndarray
    moments: np.ndarray
    confusion_keys: np.ndarray
    confusion_moments: np.ndarray
    score_keys: np.ndarray
    score_sums: np.ndarray
    fine: FineScores | None = None

    def __post_init__(self):
        for array in (self.thresholds, self.keys, self.moments, self.confusion_keys, self.confusion_moments,
                      self.score_keys, self.score_sums):
            array.flags.writeable = False   # everything is counted from them

    def by_atom(self, class_id):
        """`Counts` of one class against the rest: arrays (atoms, thresholds, 3)."""
        rows = self.keys[:, 1] == self.classes.index(class_id)
        shape = (len(self.atoms), 2, len(self.thresholds) + 1)
        flat = np.ravel_multi_index(tuple(self.keys[rows][:, (0, 2, 3)].T), shape)
        table = _sums(flat, self.moments[rows], int(np.prod(shape))).reshape(*shape, MOMENTS)
        # Adding up from either end, and never subtracting, leaves no rounding remainders in empty cells.
        below = np.cumsum(table, axis=2)[:, :, :-1]
        above = np.cumsum(table[:, :, ::-1], axis=2)[:, :, -2::-1]
        return Counts(tp=above[:, 1], fp=above[:, 0], tn=below[:, 0], fn=below[:, 1])

    def top1_by_atom(self):
        """`Counts` of the top-1 prediction, (atoms, 1, 3): right ones as tp, wrong ones as fp."""
        atom, label, predicted = self.confusion_keys.T
        right = _sums(atom[label == predicted], self.confusion_moments[label == predicted], len(self.atoms))
        wrong = _sums(atom[label != predicted], self.confusion_moments[label != predicted], len(self.atoms))
        none = np.zeros_like(right)
        return Counts(*(table[:, None] for table in (right, wrong, none, none)))

    def confusion_by_atom(self, outputs):
        """(atoms, labels, predicted classes, 3) of a model with so many outputs."""
        shape = (len(self.atoms), outputs, outputs)
        flat = np.ravel_multi_index(tuple(self.confusion_keys.T), shape)
        return _sums(flat, self.confusion_moments, int(np.prod(shape))).reshape(*shape, MOMENTS)

    def totals_by_atom(self):
        """(atoms, 3): n, sum of weights and sum of squared weights of the examples of each atom."""
        return self.labels_by_atom(self.classes[0]).sum(axis=1)

    def labels_by_atom(self, class_id):
        """(atoms, 2, 3): n, sum of weights and of squared weights of the negatives and positives of each atom."""
        rows = self.keys[:, 1] == self.classes.index(class_id)
        flat = self.keys[rows, 0] * 2 + self.keys[rows, 2]
        return _sums(flat, self.moments[rows], len(self.atoms) * 2).reshape(-1, 2, MOMENTS)

    def scores_by_atom(self, class_id):
        """(atoms, 2, 4): `score_sums` of the negatives and positives of each atom."""
        rows = self.score_keys[:, 1] == self.classes.index(class_id)
        flat = self.score_keys[rows, 0] * 2 + self.score_keys[rows, 2]
        return _sums(flat, self.score_sums[rows], len(self.atoms) * 2).reshape(-1, 2, 4)


def _sums(index, values, size):
    return np.column_stack([np.bincount(index, column, size) for column in values.T])
