"""Cells: the sparse table of counts that an evaluation is."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.atoms import Atoms
from fairkit.counts.rates import Counts

__all__ = ["Cells", "count"]

_MOMENTS = 3  # n, sum of weights, sum of squared weights


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
    """

    atoms: Atoms
    classes: tuple
    thresholds: np.ndarray
    keys: np.ndarray
    moments: np.ndarray
    confusion_keys: np.ndarray
    confusion_moments: np.ndarray

    def by_atom(self, class_id):
        """`Counts` of one class against the rest: arrays (atoms, thresholds, 3)."""
        rows = self.keys[:, 1] == self.classes.index(class_id)
        shape = (len(self.atoms), 2, len(self.thresholds) + 1)
        flat = np.ravel_multi_index(tuple(self.keys[rows][:, (0, 2, 3)].T), shape)
        table = _sums(flat, self.moments[rows], int(np.prod(shape))).reshape(*shape, _MOMENTS)
        below = np.cumsum(table, axis=2)
        above = below[:, :, -1:] - below
        below, above = below[:, :, :-1], above[:, :, :-1]
        return Counts(tp=above[:, 1], fp=above[:, 0], tn=below[:, 0], fn=below[:, 1])

    def top1_by_atom(self):
        """`Counts` of the top-1 prediction, (atoms, 1, 3): right ones as tp, wrong ones as fp."""
        atom, label, predicted = self.confusion_keys.T
        right = _sums(atom[label == predicted], self.confusion_moments[label == predicted], len(self.atoms))
        wrong = _sums(atom[label != predicted], self.confusion_moments[label != predicted], len(self.atoms))
        none = np.zeros_like(right)
        return Counts(*(table[:, None] for table in (right, wrong, none, none)))

    def totals_by_atom(self):
        """(atoms, 3): n, sum of weights and sum of squared weights of the examples of each atom."""
        rows = self.keys[:, 1] == 0
        return _sums(self.keys[rows, 0], self.moments[rows], len(self.atoms))


def count(atoms, codes, labels, scores, weights, thresholds, classes):
    """Counts examples into cells, in one pass a class.

    Args:
        atoms, codes: as `atoms_of` gives them.
        labels: (n,) integers.
        scores: (n,) float64 for binary scores, (n, k) otherwise.
        weights: (n,) float64, or None.
        thresholds: ascending, distinct.
        classes: the class ids to count against the rest; (None,) for binary scores.
    """
    thresholds = np.asarray(thresholds, np.float64)
    keys, moments = [], []
    for position, class_id in enumerate(classes):
        score = scores if class_id is None else scores[:, class_id]
        positive = labels == (1 if class_id is None else class_id)
        # side="left" counts the thresholds below the score: a score equal to one does not exceed it, as in TFMA.
        bucket = np.searchsorted(thresholds, score, side="left")
        shape = (len(atoms), 2, len(thresholds) + 1)
        found, sums = _occurring((codes, positive.astype(np.int64), bucket), shape, weights)
        keys.append(np.insert(found, 1, position, axis=1))
        moments.append(sums)
    keys, moments = np.concatenate(keys), np.concatenate(moments)
    order = np.lexsort(keys.T[::-1])
    confusion = np.zeros((0, 3), np.int64), np.zeros((0, _MOMENTS))
    if scores.ndim == 2:
        shape = (len(atoms), scores.shape[1], scores.shape[1])
        confusion = _occurring((codes, labels, np.argmax(scores, axis=1)), shape, weights)
    return Cells(atoms, tuple(classes), thresholds, keys[order], moments[order], *confusion)


def _occurring(indices, shape, weights):
    """The distinct index tuples that occur, (m, d), and their moments, (m, 3)."""
    flat = np.ravel_multi_index(indices, shape) if len(indices[0]) else np.zeros(0, np.int64)
    size = int(np.prod(shape))
    if size > 8 * len(flat) + 1024:  # a sparse space: sort rather than spread out
        distinct, flat = np.unique(flat, return_inverse=True)
        size = len(distinct)
    else:
        distinct = None
    n = np.bincount(flat, minlength=size).astype(np.float64)
    w, w2 = (n, n) if weights is None else (np.bincount(flat, weights, size), np.bincount(flat, weights**2, size))
    sums = np.column_stack([n, w, w2])
    occurs = n > 0
    where = np.flatnonzero(occurs) if distinct is None else distinct[occurs]
    return np.column_stack(np.unravel_index(where, shape)), sums[occurs]


def _sums(index, moments, size):
    return np.column_stack([np.bincount(index, moments[:, k], size) for k in range(_MOMENTS)])
