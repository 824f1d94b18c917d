"""Two models on the same examples: the joint table of their decisions."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.atom_sets import union_sums
from fairkit.counts.rates import OUTCOMES, Counts

__all__ = ["Joint", "join"]


@dataclass(frozen=True)
class Joint:
    """table[..., label, above_a, above_b] -> (n, sum w, sum w^2), for atoms or unions of them."""

    table: np.ndarray

    def over(self, rows):
        """The joint table of unions of the rows of the first axis; `rows` as `union_sums` takes them."""
        return Joint(union_sums(rows, self.table))

    @property
    def first(self):
        """`Counts` of the first model: arrays (..., 3)."""
        return _counts(self.table[..., 0, :] + self.table[..., 1, :])

    @property
    def second(self):
        """`Counts` of the second model: arrays (..., 3)."""
        return _counts(self.table[..., 0, :, :] + self.table[..., 1, :, :])

    def correlation(self, rate):
        """How the two models' estimates of a rate correlate in each row, from the linearised rate of each: (...).

        A positive correlation is lowered by Newcombe's continuity correction (1998, Statistics in Medicine 17:2635,
        method 10), as if half an example (an effective one, with weights) agreed less: two models that agree on every
        example of a small sample need not agree on all. 0 where one of the two does not vary.
        """
        top, over = rate.indicators()
        sides = self.first, self.second
        first, second = (_influence(counts, rate, top, over) for counts in sides)
        squares = self.table[..., 2]
        # first is (..., label, above_a), second (..., label, above_b)
        both = np.einsum("...lab,...la,...lb->...", squares, first, second)
        both = np.where(both > 0, np.maximum(both - _example(sides, over) ** 2 / 2, 0), both)
        one = np.einsum("...lab,...la->...", squares, first**2)
        two = np.einsum("...lab,...lb->...", squares, second**2)
        spread = np.sqrt(one * two)
        return np.divide(both, spread, out=np.zeros_like(both), where=spread > 0).clip(-1, 1)


def join(codes, rows, positive, above_a, above_b, weights):
    """The joint table of n examples: codes (n,) says which of `rows` rows each is in, the rest are booleans (n,)."""
    index = ((np.asarray(codes).astype(np.int64) * 2 + positive) * 2 + above_a) * 2 + above_b  # codes may be of 8 bits
    size = rows * 8
    n = np.bincount(index, minlength=size).astype(float)
    if weights is None:  # all three are the same: one array is held
        return Joint(np.broadcast_to(n.reshape(rows, 2, 2, 2, 1), (rows, 2, 2, 2, 3)))
    w, w2 = np.bincount(index, weights, size), np.bincount(index, weights**2, size)
    return Joint(np.stack([n, w, w2], axis=-1).reshape(rows, 2, 2, 2, 3))


def _counts(table):
    """(..., label, above, 3) as `Counts`."""
    return Counts(tp=table[..., 1, 1, :], fp=table[..., 0, 1, :], tn=table[..., 0, 0, :], fn=table[..., 1, 0, :])


def _example(sides, over):
    """What one effective example adds to the denominators of both: (...)."""
    sums = sum(getattr(side, name) * times for side in sides
               for name, times in zip(OUTCOMES, over, strict=True) if times)
    weight = np.divide(sums[..., 2], sums[..., 1], out=np.zeros_like(sums[..., 1]), where=sums[..., 1] > 0)
    return over.max() * weight


def _influence(counts, rate, top, over):
    """(..., label, above): the influence of one example of unit weight on the rate, up to a factor a row."""
    numerator, denominator = rate.numerator(counts)[..., 1], rate.over(counts)[..., 1]
    share = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
    by_outcome = top - share[..., None] * over
    tp, fp, tn, fn = (by_outcome[..., OUTCOMES.index(name)] for name in ("tp", "fp", "tn", "fn"))
    return np.stack([np.stack([tn, fp], -1), np.stack([fn, tp], -1)], axis=-2)
