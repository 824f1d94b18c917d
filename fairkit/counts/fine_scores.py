"""Fine score buckets: what is left of the scores when the rows are gone, enough for an area under the ROC curve."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.sparse_sums import MOMENTS, summed

__all__ = ["FineScores", "bucket_scores", "fine_scores", "score_buckets"]

LIMIT = 1 << 19
"""Buckets that are held at most for one class; above it they are made wider, one bit at a time."""

_CHUNK = 1 << 19


@dataclass(frozen=True)
class FineScores:
    """Examples by atom, class, label and score bucket.

    A bucket is the float32 bits of min(s, 1 - s) with the side that s lies on, so that scores near 1 are told apart as
    finely as those near 0. Where more than LIMIT of them occur, the lowest bits are dropped: how many depends on the
    examples alone, not on how these were split into chunks.

    Attributes:
        keys: (m, 4) integers: bucket (ascending with the score), positions of class and atom, label.
        moments: (m, 3): n, sum of weights, sum of squared weights.
        dropped: bits dropped from each bucket.
    """

    keys: np.ndarray
    moments: np.ndarray
    dropped: int = 0

    def coarser(self, dropped):
        """The same with so many bits dropped."""
        keys = self.keys.copy()
        keys[:, 0] >>= dropped - self.dropped
        return FineScores(*summed(keys, self.moments), dropped)

    def limited(self, limit=LIMIT):
        """The same with as many bits dropped as it takes to hold at most `limit` buckets of any class."""
        fine = self
        while len(fine.keys) > limit and np.bincount(fine.keys[:, 1]).max() > limit:
            fine = fine.coarser(fine.dropped + 1)
        return fine


def score_buckets(scores):
    """The buckets of scores in [0, 1], (n,) int64, ascending with the score.

    Example:
        >>> import numpy as np
        >>> low, middle, high = score_buckets(np.array([0.25, 0.5, 0.75]))
        >>> bool(low < middle < high), bool(middle - low == high - middle)
        (True, True)
    """
    scores = np.asarray(scores, np.float64)
    upper = scores > 0.5
    bits = np.where(upper, 1 - scores, scores).astype(np.float32).view(np.int32).astype(np.int64)
    half = int(np.float32(0.5).view(np.int32))
    return np.where(upper, 2 * half - bits, bits)


def bucket_scores(buckets):
    """The scores at the lower ends of fine buckets without dropped bits, the inverse of `score_buckets`.

    Example:
        >>> import numpy as np
        >>> from fairkit.counts.fine_scores import bucket_scores, score_buckets
        >>> bucket_scores(score_buckets(np.array([0.0, 0.25, 0.75, 1.0]))).tolist()
        [0.0, 0.25, 0.75, 1.0]
    """
    half = int(np.float32(0.5).view(np.int32))
    upper = buckets > half
    low = np.where(upper, 2 * half - buckets, buckets).astype(np.int32).view(np.float32).astype(np.float64)
    return np.where(upper, 1 - low, low)


def fine_scores(codes, labels, scores, weights, classes):
    """`FineScores` of examples; the arguments are those of `count`."""
    fine = FineScores(np.zeros((0, 4), np.int64), np.zeros((0, MOMENTS)))
    for start in range(0, len(labels), _CHUNK):
        rows = slice(start, start + _CHUNK)
        w = np.ones(len(labels[rows])) if weights is None else weights[rows]
        moments = np.column_stack([np.ones(len(w)), w, w**2])
        keys, sums = [fine.keys], [fine.moments]
        for position, class_id in enumerate(classes):
            score = scores[rows] if class_id is None else scores[rows, class_id]
            positive = labels[rows] == (1 if class_id is None else class_id)
            keys.append(np.column_stack([score_buckets(score) >> fine.dropped, np.full(len(w), position), codes[rows],
                                         positive]).astype(np.int64))
            sums.append(moments)
        fine = FineScores(*summed(np.concatenate(keys), np.concatenate(sums)), fine.dropped).limited()
    return fine
