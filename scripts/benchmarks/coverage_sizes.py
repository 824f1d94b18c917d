"""How often `any_gap` finds a gap where there is none: the size of the test at 5 %.

Groups share one rate; slices are disjoint or overlap, equal or very uneven. The p-values are those of
`fairkit.counts.homogeneity.homogeneity`, with fewer simulated draws than fairkit takes, which changes no size.
"""

import numpy as np
from coverage_draws import WEIGHTS

from fairkit.counts.homogeneity import homogeneity
from fairkit.counts.rates import RATES, Counts

__all__ = ["GROUPS", "LIMIT", "rejected", "too_often"]

RATE, LEVEL, LIMIT, SIMULATED = RATES["false_positive_rate"], 0.05, 0.06, 499


def _disjoint(sizes):
    return sizes, np.eye(len(sizes), dtype=bool)


def _neighbours(sizes):
    """Each slice shares a third of the smaller one with the next."""
    between = np.maximum(np.minimum(sizes[:-1], sizes[1:]) // 3, 1)
    slices = np.zeros((len(sizes), len(sizes) + len(between)), bool)
    slices[np.arange(len(sizes)), np.arange(len(sizes))] = True
    for place in range(len(between)):
        slices[place:place + 2, len(sizes) + place] = True
    return np.concatenate([sizes, between]), slices


def _uneven(n):
    return np.maximum((n * np.geomspace(0.2, 20, 20)).astype(int), 2)


def _every_combination(n):
    """Three features' slices, all seven combinations of them equally large."""
    return np.full(7, n), np.array([[bool(atom + 1 >> slice_ & 1) for atom in range(7)] for slice_ in range(3)])


GROUPS = {
    "5 slices of n": lambda n: _disjoint(np.full(5, n)),
    "20 slices of n": lambda n: _disjoint(np.full(20, n)),
    "20 slices of n / 5 to 20 n": lambda n: _disjoint(_uneven(n)),
    "3 slices that overlap": _every_combination,
    "20 slices of n / 5 to 20 n that overlap": lambda n: _neighbours(_uneven(n)),
}


def rejected(groups, n, p, weights, draws, seed=0):
    """The share of samples without any gap for which the test's p-value is at most 5 %."""
    rng, (sizes, slices) = np.random.default_rng([seed, n, int(1000 * p)]), GROUPS[groups](n)
    codes, make, found = np.repeat(np.arange(len(sizes)), sizes), WEIGHTS[weights], 0
    for draw in range(draws):
        hit = rng.random(len(codes)) < p
        w = np.ones(len(codes)) if make is None else make(rng, len(codes))
        fp, tn = (np.stack([np.bincount(codes[of], power[of], len(sizes)) for power in (np.ones(len(w)), w, w * w)], -1)
                  for of in (hit, ~hit))
        none = np.zeros_like(fp)
        test = homogeneity(RATE, Counts(tp=none, fp=fp, tn=tn, fn=none), slices, seed=draw, draws=SIMULATED)
        found += test.p_value <= LEVEL
    return found / draws


def too_often(found):
    """What rejects more than the limit, by more than three standard errors: [(groups, weights, n, p, share)]."""
    return [(*place, share) for place, (share, draws) in found.items()
            if share > LIMIT + 3 * np.sqrt(LIMIT * (1 - LIMIT) / draws)]
