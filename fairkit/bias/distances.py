"""Distances between label distributions: KL, JS, LP, TVD, KS, with a test and an upper limit.

Their fair value 0 is their bound, and what is computed from data always lies above it; a two-sided interval could not
contain it. So a homogeneity test says whether the distributions differ at all, and a one-sided limit how far they may.

Sources: Pearson's chi-square, against its permutation distribution where counts are small; the limit is the 95 %
quantile of the distance between draws from Dirichlet distributions of counts + 1/2 (Jeffreys' prior), which unlike a
bootstrap allows for labels that happened not to occur.
"""

import numpy as np
from scipy.special import chdtrc, rel_entr

from fairkit.bias.found import Found
from fairkit.counts.homogeneity import DRAWS, homogeneity
from fairkit.counts.rates import RATES, Counts

__all__ = ["distances"]

_DRAWS = 2_000
_SMALLEST_EXPECTED = 5
KIND = "one-sided 95 % upper limit (Jeffreys)"


def distances(sides, wanted, seed=0):
    """dict of short name -> `Found`, (values,), of those of KL, JS, LP, TVD and KS that are wanted."""
    table = _by_label(sides)
    weights, squares = table[..., 1], table[..., 2].sum(-1)
    total = weights.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = weights / total[..., None]
        effective = weights * (total / squares)[..., None]
    note = np.full(len(sides.texts), "", object)
    for side, name in ((1, "facet d"), (0, "facet a")):
        note[~(total[side] > 0)] = f"undefined: no examples in {name}"
    known = note == ""
    made = {}  # many small facet values have the same counts, and so the same test
    tests = [_test(table[:, place], sides, seed, made) if ok else (np.nan, "") for place, ok in enumerate(known)]
    p_value, test = np.array([p for p, _ in tests], float), np.array([name for _, name in tests], object)
    values = _all(*shares)
    limits = _limits(effective, wanted, known, seed)
    found = {}
    for short in wanted:
        value = np.where(known, values[short], np.nan)
        upper = np.where(np.isinf(value), np.inf, np.fmax(limits[short], value))
        upper = np.where(np.isnan(value), np.nan, upper)
        said = np.where(np.isinf(value), "infinite: facet a has a label that facet d has not", note).astype(object)
        found[short] = Found(value, np.full(value.shape, np.nan), upper, said, KIND, p_value, test)
    return found


def _by_label(sides):
    """(2, values, labels, 3): the moments of each label on each side."""
    if sides.kinds is None:
        return sides.labelled
    return sides.sums(sides.labels.sum(1), sides.kinds)


def _all(a, d):
    """dict of short name -> (...) of two arrays of distributions, (..., labels)."""
    middle, apart = (a + d) / 2, np.abs(a - d)
    return {"KL": rel_entr(a, d).sum(-1).clip(0), "LP": np.sqrt((apart**2).sum(-1)), "TVD": apart.sum(-1) / 2,
            "KS": apart.max(-1, initial=0),
            "JS": ((rel_entr(a, middle).sum(-1) + rel_entr(d, middle).sum(-1)) / 2).clip(0)}


def _limits(effective, wanted, known, seed):
    """dict of short name -> (values,)."""
    rng = np.random.default_rng([seed, 21])
    limits = {short: np.full(effective.shape[1], np.nan) for short in wanted}
    step = max(1, 2_000_000 // (_DRAWS * 2 * effective.shape[2]))
    for start in range(0, effective.shape[1], step):
        part = slice(start, start + step)
        sizes = effective[:, part]
        prior = np.where((sizes > 0).any(0), sizes + 0.5, 0.0)  # a label that neither side has is no label here
        draws = rng.standard_gamma(np.where(known[part, None], prior, 1.0), (_DRAWS, *prior.shape))
        draws /= draws.sum(-1, keepdims=True)
        found = _all(draws[:, 0], draws[:, 1])
        for short in wanted:
            limits[short][part] = np.quantile(found[short], 0.95, axis=0)
    return limits


def _test(table, sides, seed, made):
    """(p-value, name of the test) that both sides share one distribution: moments (2, labels, 3); kept in `made`."""
    key = table.tobytes()
    if key not in made:
        made[key] = _tested(table, sides, seed)
    return made[key]


def _tested(table, sides, seed):
    if sides.kinds is None:
        none = np.zeros((2, 3))
        counts = Counts(tp=table[:, 1], fp=none, tn=table[:, 0], fn=none)
        found = homogeneity(RATES["positive_rate"], counts, np.eye(2, dtype=bool), seed)
        return found.p_value, found.method.replace("simulated", "permutations")
    table = table[:, table[..., 1].sum(0) > 0]
    if table.shape[1] < 2:
        return 1.0, "chi-square"
    weights = table[..., 1]
    total = weights.sum(-1)
    sizes = total**2 / table[..., 2].sum(-1)
    effective = weights / total[:, None] * sizes[:, None]
    pooled = effective.sum(0) / sizes.sum()
    statistic = _chi_square(effective, sizes)
    if (pooled * sizes.min()).min() >= _SMALLEST_EXPECTED:
        return float(chdtrc(table.shape[1] - 1, statistic)), "chi-square"
    rng = np.random.default_rng([seed, 22])
    counts = np.rint(effective).astype(np.int64)  # exact without weights, where these are the numbers themselves
    drawn = rng.multivariate_hypergeometric(counts.sum(0), int(counts[0].sum()), DRAWS, method="marginals")
    both = np.stack([drawn, counts.sum(0) - drawn], 1).astype(float)
    null = _chi_square(both, both.sum(-1))
    statistic = _chi_square(counts.astype(float), counts.sum(-1))
    return (1 + int((null >= statistic * (1 - 1e-9)).sum())) / (1 + DRAWS), f"chi-square, {DRAWS} permutations"


def _chi_square(counts, sizes):
    """Pearson's statistic of (..., 2, labels) counts."""
    pooled = counts.sum(-2) / np.sum(sizes, -1)[..., None]
    expected = np.asarray(sizes)[..., None] * pooled[..., None, :]
    return np.divide((counts - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0).sum((-1, -2))
