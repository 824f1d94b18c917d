"""count: from examples to cells, in one pass over the rows."""

import numpy as np

from fairkit.counts.cells import Cells
from fairkit.counts.fine_scores import fine_scores
from fairkit.counts.sparse_sums import MOMENTS, Tally

__all__ = ["count"]

_COMPARED = 32  # up to so many thresholds, comparing with each is quicker than searching among them


def count(atoms, codes, labels, scores, weights, thresholds, classes, fine=False):
    """Counts examples into cells.

    The rows are read in chunks that fit the processor's cache, so that nothing of their length is made.

    Args:
        atoms, codes: as `atoms_of` gives them.
        labels: (n,) integers.
        scores: (n,) numbers for binary scores, (n, k) otherwise; compared with the thresholds as float64.
        weights: (n,) float64, or None.
        thresholds: ascending, distinct.
        classes: the class ids to count against the rest; (None,) for binary scores.
        fine: whether to count fine score buckets as well, for an area under the ROC curve without the rows.

    Example:
        >>> import numpy as np
        >>> from fairkit.counts.atoms import atoms_of
        >>> cells = count(*atoms_of({}, 3), np.array([0, 1, 1]), np.array([0.2, 0.5, 0.9]), None, [0.5], (None,))
        >>> cells.keys.tolist(), cells.moments[:, 0].tolist()  # a score equal to the threshold does not exceed it
        ([[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]], [1.0, 1.0, 1.0])
    """
    thresholds = np.asarray(thresholds, np.float64)
    shape = (len(classes), max(len(atoms), 1), 2, len(thresholds) + 1)
    counts = Tally(shape, MOMENTS if weights is not None else 1)
    sums = Tally(shape[:3], 5 if weights is not None else 3)
    outputs = scores.shape[1] if scores.ndim == 2 else 0
    confusion = Tally((max(len(atoms), 1), outputs, outputs), counts.columns)
    for start in range(0, len(labels), counts.chunk):
        rows = slice(start, start + counts.chunk)
        place, label = codes[rows].astype(np.int64), labels[rows]
        powers = _powers(weights, rows)
        for position, class_id in enumerate(classes):
            score = np.asarray(scores[rows] if class_id is None else scores[rows, class_id], np.float64)
            cell = place + position * len(atoms)
            cell *= 2
            cell += label == (1 if class_id is None else class_id)
            sums.add(cell, None, *_scored(score, powers))
            cell *= len(thresholds) + 1
            cell += _buckets(score, thresholds)
            counts.add(cell, *powers)
        if outputs:
            predicted = np.argmax(scores[rows], axis=1)
            confusion.add((place * outputs + label) * outputs + predicted, *powers)
    keys, moments = counts.result()
    score_keys, score_sums = sums.result()
    found = _in_order(keys[:, (1, 0, 2, 3)], _thrice(moments))
    powers = (1, 2, 3, 4) if weights is not None else (1, 2, 1, 2)  # without weights w s is w^2 s
    scored = _in_order(score_keys[:, (1, 0, 2)], score_sums[:, powers])
    confused, confusions = confusion.result() if outputs else (np.zeros((0, 3), np.int64), np.zeros((0, MOMENTS)))
    buckets = fine_scores(codes, labels, scores, weights, classes) if fine else None
    return Cells(atoms, tuple(classes), thresholds, *found, confused, _thrice(confusions), *scored, buckets)


def _powers(weights, rows):
    """What is summed in each cell: ones, and with weights these and their squares."""
    return (None,) if weights is None else (None, weights[rows], weights[rows] ** 2)


def _scored(score, powers):
    """w s, w s^2 and, with weights, w^2 s, w^2 s^2."""
    if len(powers) == 1:
        return score, score * score
    _, w, w2 = powers
    return w * score, w * score * score, w2 * score, w2 * score * score


def _buckets(score, thresholds):
    if len(thresholds) > _COMPARED:
        # side="left" counts the thresholds below the score: a score equal to one does not exceed it, as in TFMA.
        return np.searchsorted(thresholds, score, side="left")
    exceeded = np.zeros(len(score), np.int8)
    for threshold in thresholds:
        exceeded += (score > threshold).view(np.int8)
    return exceeded


def _thrice(moments):
    """Without weights n, the sum of weights and that of their squares are the same."""
    return moments if moments.shape[1] == MOMENTS else np.repeat(moments, MOMENTS, axis=1)


def _in_order(keys, values):
    order = np.lexsort(keys.T[::-1])
    return np.ascontiguousarray(keys[order]), np.ascontiguousarray(values[order])
