"""What the coverage simulation draws: counts and joint tables, many samples at once."""

import dataclasses

import numpy as np

from fairkit.counts.paired import Joint
from fairkit.counts.rates import Counts
from fairkit.evaluation.pairing import Decisions

__all__ = ["WEIGHTS", "Setting", "counts", "decisions"]

WEIGHTS = {
    "none": None,
    "exponential": lambda rng, shape: rng.exponential(size=shape),
    "lognormal, sigma 1": lambda rng, shape: np.exp(rng.standard_normal(shape)),
    "1, and 10 for a fifth": lambda rng, shape: np.where(rng.random(shape) < 0.2, 10.0, 1.0),
}


@dataclasses.dataclass(frozen=True)
class Setting:
    """n examples in the slice's denominator, a share p, weights by name, the number of draws, random numbers."""

    n: int
    p: float
    weights: str
    draws: int
    rng: np.random.Generator

    def weigh(self, *shape):
        make = WEIGHTS[self.weights]
        return np.ones(shape) if make is None else make(self.rng, shape)

    def outcomes(self, n, shares):
        """Moments of n examples by outcome, (draws, outcomes, 3)."""
        numbers = self.rng.multinomial(n, shares, self.draws)
        if WEIGHTS[self.weights] is None:
            return np.repeat(numbers[..., None], 3, axis=-1).astype(float)
        found = np.zeros((self.draws, len(shares), 3))
        found[..., 0] = numbers
        for start in range(0, self.draws, 2000):
            some = numbers[start:start + 2000]
            outcome = np.arange(n) >= np.cumsum(some, 1)[:, :-1, None]  # examples in the order of their outcomes
            w = self.weigh(len(some), n)
            for k, values in ((1, w), (2, w**2)):
                tail = np.einsum("don,dn->do", outcome, values)
                whole = np.concatenate([values.sum(1, keepdims=True), tail], 1)
                found[start:start + 2000, :, k] = (whole - np.append(tail, np.zeros((len(some), 1)), 1)) * (some > 0)
        return found


def counts(moments):
    """`Counts` of (..., 2, 3) moments of negatives that are predicted negative and positive."""
    none = np.zeros_like(moments[..., 0, :])
    return Counts(tp=none, fp=moments[..., 1, :], tn=moments[..., 0, :], fn=none)


class Drawn:
    """Counts or joint tables (draws, atoms, ...) that `Decisions` takes unions of, as it does of an evaluation's."""

    def __init__(self, table):
        self.table = table

    def over(self, rows):
        """Of one slice, (atoms,), or of one pair's three parts, (1, 3, atoms): (draws, ...)."""
        rows = np.asarray(rows, float)
        sums = np.einsum("...a,da...->d...", rows, self.table) if rows.ndim == 1 else \
            np.einsum("ra,dalxyk->drlxyk", rows[0], self.table)
        return Joint(sums)


class Side(Drawn):
    """One model's counts in a joint table."""

    def __init__(self, table, which):
        super().__init__(table)
        self.which = which

    def over(self, rows):
        return getattr(super().over(rows), self.which)


def decisions(table):
    """The `Decisions` of joint tables (draws, atoms, label, before, after, 3)."""
    return Decisions(Drawn(table), Side(table, "first"), Side(table, "second"))
