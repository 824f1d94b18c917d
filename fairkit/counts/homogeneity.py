"""Is there any gap among several slices: one test of all of them, disjoint or overlapping.

Sources: Pearson's chi-square; its exact conditional distribution (multivariate hypergeometric) where counts are small;
the maximum of the standardised gaps (max-T) where slices overlap.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from fairkit.counts.rates import OUTCOMES
from fairkit.counts.significance import sums_of, two_valued

__all__ = ["DRAWS", "Homogeneity", "homogeneity"]

DRAWS = 9_999
_SMALLEST_EXPECTED = 5
_LARGEST_HYPERGEOMETRIC = 10**9  # NumPy's limit


@dataclass(frozen=True)
class Homogeneity:
    """The outcome of one test.

    Attributes:
        statistic: chi-square, or the largest standardised gap; NaN where there is nothing to test.
        freedom: degrees of freedom of the chi-square; NaN for the largest gap.
        p_value: in [0, 1].
        method: how it was found.
        compared: the number of slices that have a denominator.
        why: why there is no test, or "".
    """

    statistic: float
    freedom: float
    p_value: float
    method: str
    compared: int
    why: str = ""


@dataclass(frozen=True)
class _Groups:
    """Disjoint sets of examples, and which of the slices each is in.

    sizes, squares: (groups,) sums of weights (of denominators) and of squared weights; members: (groups,) numbers;
    inside: (slices, groups) of 0 and 1; hits: (groups,) sums of numerators; hit_members: their numbers, or None where
    the rate knows more than hits and misses; variance: of one example of unit weight, or None for p (1 - p).
    """

    sizes: np.ndarray
    squares: np.ndarray
    members: np.ndarray
    inside: np.ndarray
    hits: np.ndarray
    hit_members: np.ndarray | None
    variance: float | None


def homogeneity(rate, counts, slices, seed=0, draws=DRAWS):
    """Tests that all slices share one rate.

    Disjoint slices: chi-square. Where an expected count of a cell is under 5, its distribution under the null is
    simulated: the hits are dealt out again to all examples (multivariate hypergeometric, exact without weights; with
    weights the sum of a group's hits is a gamma variable with the mean and variance of a draw without replacement). Overlapping
    slices: the largest standardised difference between a slice and the rest of the union of all, against the same
    simulation. Rates that know more than hits and misses use normal draws of their linearised form.

    Args:
        rate: `Rate`.
        counts: `Counts` by atom, (atoms, 3).
        slices: (slices, atoms) booleans.
        seed, draws: of the simulation.

    Returns:
        `Homogeneity`. A simulated p-value is (1 + draws at least as extreme) / (1 + draws).
    """
    slices = np.asarray(slices, bool)
    over = sums_of(rate, counts).over
    slices = slices[slices.astype(float) @ over > 0] & (over > 0)
    compared = len(slices)
    if compared < 2:
        return _nothing(compared, "fewer than two slices to compare")
    groups = _groups(rate, counts, slices)
    disjoint = bool((groups.inside.sum(0) <= 1).all())
    statistic_of = _chi_square if disjoint else _largest_gap
    statistic = float(statistic_of(groups, groups.hits[None])[0])
    if np.isnan(statistic):
        return _nothing(compared, "all slices hold the same examples")
    freedom = float(compared - 1) if disjoint else np.nan
    if disjoint and (groups.hit_members is None or _expected(groups) >= _SMALLEST_EXPECTED):
        return Homogeneity(statistic, freedom, float(chdtrc(freedom, statistic)), "chi-square", compared)
    dealt = groups.hit_members is not None and groups.members.sum() < _LARGEST_HYPERGEOMETRIC
    p_value = _simulated(groups, statistic, statistic_of, _deal if dealt else _normal, seed, draws)
    name = "chi-square" if disjoint else "largest gap"
    return Homogeneity(statistic, freedom, p_value, f"{name}, {draws} simulated", compared)


def _nothing(compared, why):
    return Homogeneity(np.nan, np.nan, np.nan, "", compared, why)


def _groups(rate, counts, slices):
    """Atoms that are in the same slices, and in at least one, added up."""
    used = slices.any(0)
    patterns, group = np.unique(slices[:, used].T, axis=0, return_inverse=True)
    rows = np.zeros((len(patterns), slices.shape[1]))
    rows[group.reshape(-1), np.flatnonzero(used)] = 1
    united = counts.over(rows)
    sums, inside, kinds = sums_of(rate, united), patterns.T.astype(float), two_valued(rate)
    if kinds is None:
        return _Groups(sums.over, sums.squares, sums.members, inside, sums.top, None, float(sums.pooled()[1]))
    hit, miss = (np.stack([getattr(united, name) for name in OUTCOMES], -1)[..., kind[0]].sum(-1) for kind in kinds)
    n, w, w2 = np.moveaxis(hit + miss, -1, 0)
    return _Groups(w, w2, n, inside, hit[:, 1], hit[:, 0], None)


def _chi_square(groups, hits):
    """(draws,) statistics of hits (draws, groups); weighted examples count by their effective number."""
    effective = groups.sizes**2 / groups.squares
    share = hits / groups.sizes
    pooled = share @ effective / effective.sum()
    variance = pooled * (1 - pooled) if groups.variance is None else np.full(len(hits), groups.variance)
    distance = ((share - pooled[:, None]) ** 2) @ effective
    return np.divide(distance, variance, out=np.zeros_like(distance), where=variance > 1e-14)


def _largest_gap(groups, hits):
    """(draws,) largest |slice - union| over its standard error; NaN if every slice is the union."""
    total, squares = groups.sizes.sum(), groups.squares.sum()
    sizes, own = groups.inside @ groups.sizes, groups.inside @ groups.squares
    spread = own * (1 / sizes - 1 / total) ** 2 + (squares - own) / total**2
    part = sizes < total * (1 - 1e-12)
    if not part.any():
        return np.full(len(hits), np.nan)
    pooled = hits.sum(1) / total
    variance = pooled * (1 - pooled) if groups.variance is None else np.full(len(hits), groups.variance)
    gap = np.abs(hits @ groups.inside[part].T / sizes[part] - pooled[:, None]) / np.sqrt(spread[part])
    return np.where(variance > 1e-14, gap.max(1) / np.sqrt(np.maximum(variance, 1e-14)), 0.0)


def _expected(groups):
    """The smallest expected (effective) number of hits or misses of a group."""
    effective = groups.sizes**2 / groups.squares
    pooled = (groups.hits / groups.sizes) @ effective / effective.sum()
    return float(effective.min() * min(pooled, 1 - pooled))


def _simulated(groups, statistic, statistic_of, draw, seed, draws):
    rng, extreme = np.random.default_rng(seed), 0
    step = max(1, min(draws, 2_000_000 // len(groups.sizes)))
    for start in range(0, draws, step):
        null = statistic_of(groups, draw(groups, rng, min(step, draws - start)))
        extreme += int((null >= statistic * (1 - 1e-9)).sum())
    return (1 + extreme) / (1 + draws)


def _deal(groups, rng, draws):
    """Hits dealt out at random: sums of weights, (draws, groups)."""
    n = groups.members
    number = rng.multivariate_hypergeometric(n.astype(np.int64), int(groups.hit_members.sum()), size=draws,
                                             method="marginals").astype(float)
    mean, spread = groups.sizes / n, np.zeros(len(n))
    several = n > 1
    spread[several] = ((groups.squares - groups.sizes * mean) / np.maximum(n - 1, 1))[several]
    if not (spread > 1e-12 * groups.squares).any():
        return number * mean
    # The sum of the weights of the rarer kind: a gamma variable with the mean and variance of a draw from the group.
    rarer = np.minimum(number, n - number)
    variance = rarer * (1 - rarer / n) * np.maximum(spread, 0)
    drawn = rarer * mean
    vary = variance > 0
    drawn[vary] = rng.gamma(drawn[vary] ** 2 / variance[vary], variance[vary] / drawn[vary])
    drawn = np.minimum(drawn, groups.sizes)
    return np.where(number > n / 2, groups.sizes - drawn, drawn)


def _normal(groups, rng, draws):
    pooled = groups.hits.sum() / groups.sizes.sum()
    variance = pooled * (1 - pooled) if groups.variance is None else groups.variance
    return pooled * groups.sizes + np.sqrt(variance * groups.squares) * rng.standard_normal((draws, len(groups.sizes)))
