"""Is there any gap among several slices: one test of all of them, disjoint or overlapping.

Sources: Pearson's chi-square; its exact conditional distribution (multivariate hypergeometric) where counts are small;
the maximum of the standardised gaps (max-T) where slices overlap.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc

from fairkit.counts.atom_sets import AtomSets
from fairkit.counts.rates import OUTCOMES
from fairkit.counts.significance import sums_of, two_valued

__all__ = ["DRAWS", "Homogeneity", "homogeneity"]

DRAWS = 9_999
_SMALLEST_EXPECTED, _WEIGHTED = 5, 10   # effective numbers; weights make the tails of small ones heavier
_LARGEST_HYPERGEOMETRIC = 10**9  # NumPy's limit
_MOST_DRAWN = 10_000_000  # draws x groups


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
    inside: `AtomSets`: the groups in each slice; hits: (groups,) sums of numerators; hit_members: their numbers, or
    None where the rate knows more than hits and misses; variance: of one example of unit weight, or None for p (1 - p);
    heaviness: as that of `Sums`; weights: ((2, groups), (2, groups)) sums of weights and of squared weights of hits and
    of misses, or None where all weights are 1.
    """

    sizes: np.ndarray
    squares: np.ndarray
    members: np.ndarray
    inside: AtomSets
    hits: np.ndarray
    hit_members: np.ndarray | None
    variance: float | None
    heaviness: float
    weights: tuple | None = None


def homogeneity(rate, counts, slices, seed=0, draws=DRAWS):
    """Tests that all slices share one rate.

    Disjoint slices: chi-square. Where an expected count is under 5 (under 10 with weights), its distribution under
    the null is simulated: the hits are dealt out again to all examples (multivariate hypergeometric, exact without
    weights; with weights a group's share of hits is that of two gamma variables with the means and variances of the
    weights of so many hits and misses: a beta variable where both weigh the same). Overlapping slices: the largest
    standardised difference between a slice and the union of all, against the same simulation. Rates that know more
    than hits and misses: chi-square and normal draws of their linearised form.

    Args:
        rate: `Rate`.
        counts: `Counts` by atom, (atoms, 3).
        slices: `AtomSets`, or (slices, atoms) booleans.
        seed, draws: of the simulation; fewer draws, but at least 999, for more than 1,000 groups.

    Returns:
        `Homogeneity`. A simulated p-value is (1 + draws at least as extreme) / (1 + draws).
    """
    slices = AtomSets.of(slices)
    over = sums_of(rate, counts).over
    slices = slices[slices.sums(over) > 0]
    slices = slices.where(over[slices.members] > 0)
    compared = len(slices)
    if compared < 2:
        return _nothing(compared, "fewer than two slices to compare")
    groups = _groups(rate, counts, slices)
    disjoint = len(groups.inside.members) == len(groups.sizes)  # each group is in one slice at least
    if not disjoint and (groups.inside.sizes == len(groups.sizes)).all():
        return _nothing(compared, "all slices hold the same examples")
    freedom = float(compared - 1) if disjoint else np.nan
    if disjoint and (groups.hit_members is None or _expected(groups) >= (
            _SMALLEST_EXPECTED if groups.weights is None else _WEIGHTED)):
        statistic = float(_chi_square(groups, groups.hits[None], groups.sizes)[0] / groups.heaviness)
        return Homogeneity(statistic, freedom, float(chdtrc(freedom, statistic)), "chi-square", compared)
    draws = min(draws, max(999, _MOST_DRAWN // len(groups.sizes)))
    statistic, p_value = _simulated(groups, _chi_square if disjoint else _largest_gap, seed, draws)
    name = "chi-square" if disjoint else "largest gap"
    return Homogeneity(statistic, freedom, p_value, f"{name}, {draws} simulated", compared)


def _nothing(compared, why):
    return Homogeneity(np.nan, np.nan, np.nan, "", compared, why)


def _groups(rate, counts, slices):
    """Atoms that are in the same slices, and in at least one, added up."""
    alike = {}
    for atom, of_atom in slices.by_atom():
        alike.setdefault(tuple(of_atom), []).append(atom)
    # In the order of the booleans that say of one slice after the other whether it holds the group.
    patterns = sorted(alike, key=lambda pattern: [-place for place in pattern])
    united = counts.over(AtomSets.of([alike[pattern] for pattern in patterns], slices.atoms))
    inside = [[] for _ in range(len(slices))]
    for group, pattern in enumerate(patterns):
        for place in pattern:
            inside[place].append(group)
    inside, sums, kinds = AtomSets.of(inside, len(patterns)), sums_of(rate, united), two_valued(rate)
    if kinds is None:
        return _Groups(sums.over, sums.squares, sums.members, inside, sums.top, None,
                       float(sums.pooled()[1]), 1.0)
    hit, miss = (np.stack([getattr(united, name) for name in OUTCOMES], -1)[..., kind[0]].sum(-1) for kind in kinds)
    n, w, w2 = np.moveaxis(hit + miss, -1, 0)
    weights = None if np.array_equal(n, w) and np.array_equal(w, w2) else (hit[:, 1:].T, miss[:, 1:].T)
    return _Groups(w, w2, n, inside, hit[:, 1], hit[:, 0], None, float(sums.heaviness()), weights)


def _chi_square(groups, hits, sizes):
    """(draws,) statistics of hits and sizes (draws, groups); weighted examples count by their effective number."""
    effective = groups.sizes**2 / groups.squares
    share = _shares(hits, sizes, hits.sum(-1) / sizes.sum(-1))
    pooled = share @ effective / effective.sum()
    distance = ((share - pooled[:, None]) ** 2) @ effective
    return _standardised(groups, pooled, distance)


def _largest_gap(groups, hits, sizes):
    """(draws,) largest |slice - union| over its standard error."""
    total, squares = groups.sizes.sum(), groups.squares.sum()
    part = groups.inside[groups.inside.sizes < len(groups.sizes)]
    own, own_squares = part.sums(groups.sizes), part.sums(groups.squares)
    spread = own_squares * (1 / own - 1 / total) ** 2 + (squares - own_squares) / total**2
    pooled = hits.sum(-1) / sizes.sum(-1)
    gap = _shares(part.sums(hits.T).T, part.sums(sizes.T).T, pooled) - pooled[:, None]
    return np.sqrt(_standardised(groups, pooled, (gap**2 / spread).max(-1)))


def _shares(hits, sizes, pooled):
    """Hits over sizes; the pooled share where examples of weight 0 alone were dealt out."""
    return np.where(sizes > 0, hits / np.where(sizes > 0, sizes, 1), pooled[:, None])


def _standardised(groups, pooled, squared):
    variance = pooled * (1 - pooled) if groups.variance is None else np.full(len(pooled), groups.variance)
    return np.divide(squared, variance, out=np.zeros_like(squared), where=variance > 1e-14)


def _expected(groups):
    """The smallest expected (effective) number of hits or misses of a group."""
    effective = groups.sizes**2 / groups.squares
    pooled = (groups.hits / groups.sizes) @ effective / effective.sum()
    return float(effective.min() * min(pooled, 1 - pooled))


def _simulated(groups, statistic_of, seed, draws):
    """(statistic, p-value) against draws under the null."""
    rng, extreme, draw, standard = np.random.default_rng(seed), 0, _normal, groups
    if groups.hit_members is not None and groups.members.sum() < _LARGEST_HYPERGEOMETRIC:
        # The yardstick must not move with the hits, as sums of their weights do: examples of average weight.
        n = groups.members
        draw, standard = _deal, replace(groups, sizes=n * (groups.sizes.sum() / n.sum()),
                                        squares=n * (groups.squares.sum() / n.sum()))
    statistic = float(statistic_of(standard, groups.hits[None], groups.sizes[None])[0])
    step = max(1, min(draws, 2_000_000 // len(groups.sizes)))
    for start in range(0, draws, step):
        null = statistic_of(standard, *draw(groups, rng, min(step, draws - start)))
        extreme += int((null >= statistic * (1 - 1e-9)).sum())
    return statistic, (1 + extreme) / (1 + draws)


def _deal(groups, rng, draws):
    """Hits dealt out at random: sums of their weights and of all weights, (draws, groups) each.

    A hit keeps the weights that hits have and a miss those that misses have; a group keeps its own sum of weights.
    """
    n, kept = groups.members, groups.hit_members
    number = rng.multivariate_hypergeometric(n.astype(np.int64), int(kept.sum()), size=draws,
                                             method="marginals").astype(float)
    if groups.weights is None:
        return number, n[None]
    kinds = [(of.sum(), *(moment.sum() for moment in moments))
             for of, moments in zip((kept, n - kept), groups.weights, strict=True)]
    hit, miss = (total / max(count, 1) for count, total, _ in kinds)
    # How unequal weights are, of hits among each other and of misses: there may be too few hits to tell by themselves.
    unequal = sum(squares * count**2 / total**2 - count for count, total, squares in kinds if total > 0)
    unequal = max(unequal, 0) / max(n.sum() - 2, 1)
    # A beta variable of n / v examples varies by 1 / (n / v + 1) where the share of n weights varies by v / n, and the
    # number of hits has its part of that already. Raising v until both together vary as the share does makes the test
    # reject too rarely, leaving it too often; half of the rise holds the level (docs/coverage.md).
    unequal = unequal * (1 + n / np.maximum(n - 1 - unequal, n / 4)) / 2
    hits, misses = (_weighed(rng, of, unequal) * mean for of, mean in ((number, hit), (n - number, miss)))
    both = hits + misses
    share = np.divide(hits, both, out=np.zeros_like(both), where=both > 0)
    return share * groups.sizes, groups.sizes[None]


def _weighed(rng, number, variance):
    """Sums of so many weights of mean 1, (draws, groups): gamma variables with the mean and variance of such sums."""
    return rng.standard_gamma(number / variance) * variance if (variance > 1e-12).all() else number


def _normal(groups, rng, draws):
    pooled = groups.hits.sum() / groups.sizes.sum()
    variance = pooled * (1 - pooled) if groups.variance is None else groups.variance
    noise = rng.standard_normal((draws, len(groups.sizes)))
    return pooled * groups.sizes + np.sqrt(variance * groups.squares) * noise, groups.sizes[None]
