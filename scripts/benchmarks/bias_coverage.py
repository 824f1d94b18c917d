"""How often the intervals of the bias metrics hold the truth.

Data are drawn many times from populations whose truth is known, by the functions that make fairkit's reports. For the
distances (KL, JS, LP, TVD, KS) it is the one-sided upper limit that is judged, and how often the test at 5 % rejects
where both facets share one distribution.

    python scripts/benchmarks/bias_coverage.py             # the tables of docs/bias.md, in some minutes
    python scripts/benchmarks/bias_coverage.py --quick
"""

import argparse
from types import SimpleNamespace

import numpy as np

from fairkit.bias import disparity, distances, entropy, outcome_ratios, rate_gaps
from fairkit.bias.definitions import DISTANCES
from fairkit.bias.flip_test import paired_difference
from fairkit.bias.sides import Classes, Sides
from fairkit.counts.atom_sets import AtomSets
from fairkit.counts.rates import Counts

SIZES = (30, 100, 1000)  # of facet d; facet a is three times as large
WEIGHTS = ("none", "exponential", "1, and 10 for a fifth")
POPULATIONS = {"even": ((.5, .7, .3), (.5, .7, .3)), "uneven": ((.6, .8, .3), (.4, .6, .2)),
               "rare": ((.1, .6, .1), (.1, .6, .1)), "rare, uneven": ((.2, .7, .1), (.08, .5, .05))}
"""Facet a and facet d: share of positive labels, share of positives and of negatives that are predicted positive."""


def outcome_shares(population):
    """tp, fp, tn, fn of one side."""
    positive, hit, false = population
    return np.array([positive * hit, (1 - positive) * false, (1 - positive) * (1 - false), positive * (1 - hit)])


def moments(rng, shares, n, weights, draws):
    """(draws, outcomes, 3): n, sums of weights and of squared weights of n rows."""
    if weights == "none":
        return np.repeat(rng.multinomial(n, shares, draws)[..., None].astype(float), 3, -1)
    kind = rng.choice(len(shares), (draws, n), p=shares)
    w = rng.exponential(size=(draws, n)) if weights == "exponential" else \
        np.where(rng.random((draws, n)) < .2, 10.0, 1.0)
    return np.stack([np.stack([((kind == k) * power).sum(1) for power in (np.ones_like(w), w, w**2)], -1)
                     for k in range(len(shares))], 1)


def sides_of(a, d):
    """What the metrics need of (draws, 4, 3) moments of both facets: each draw is a facet value."""
    table = np.stack([a, d])[:, :, None]  # one threshold
    counts = Counts(*(table[..., k, :] for k in range(4)))
    labels = np.stack([(a[:, 1] + a[:, 2], a[:, 0] + a[:, 3]), (d[:, 1] + d[:, 2], d[:, 0] + d[:, 3])])
    labels = np.moveaxis(labels, 1, 2)
    return SimpleNamespace(predicted=counts, labelled=labels, sizes=labels.sum(-2), texts=[""] * len(a), kinds=None)


def counted(sides):
    """dict of short name -> `Found`."""
    found = {"CI": rate_gaps.class_imbalance(sides), "DPL": rate_gaps.label_gap(sides),
             "DI": rate_gaps.disparate_impact(sides), "DCA": outcome_ratios.conditional_acceptance(sides),
             "DCR": outcome_ratios.conditional_rejection(sides), "TE": outcome_ratios.treatment_equality(sides)}
    for short, (rate, a_minus_d) in rate_gaps.GAPS.items():
        found[short] = rate_gaps.rate_gap(rate, sides.predicted, a_minus_d)
    return found


def held(found, truth):
    """(share that holds the truth of those with an interval, share with an interval)."""
    lower, upper = (np.ravel(x) for x in (found.lower, found.upper))
    given = ~(np.isnan(lower) | np.isnan(upper))
    inside = (lower <= truth + 1e-12) & (truth - 1e-12 <= upper)
    return inside[given].mean() if given.any() else np.nan, given.mean()


def simulate(n, weights, population, draws, seed=0):
    """dict of short name -> (coverage, share with an interval) of the metrics of two facets."""
    rng = np.random.default_rng([seed, n, WEIGHTS.index(weights), list(POPULATIONS).index(population)])
    shares = [outcome_shares(side) for side in POPULATIONS[population]]
    sides = sides_of(*(moments(rng, one, size, weights, draws) for one, size in zip(shares, (3 * n, n))))
    exact = counted(sides_of(*(np.repeat(one[None, :, None] * size, 3, -1) for one, size in zip(shares, (3, 1)))))
    total = moments(rng, [.75, .25], 4 * n, weights, draws)
    sides.sizes = np.moveaxis(total, 1, 0)
    found = {short: held(one, float(np.ravel(exact[short].value)[0])) for short, one in counted(sides).items()}
    found["GE"] = _entropy(rng, shares, n, weights, draws)
    found["FT"] = _flips(rng, n, draws) if weights == "none" else (np.nan, 0.0)
    return found


def _entropy(rng, shares, n, weights, draws):
    mixed = (3 * shares[0] + shares[1]) / 4
    table = moments(rng, mixed, 4 * n, weights, min(draws, 500))  # each has thousands of draws of its own
    found, exact = (entropy.generalized_entropy(SimpleNamespace(texts=[""], counts=Counts(
        *(part[None, :, k] for k in range(4))))) for part in (table, np.repeat(mixed[None, :, None], 3, -1)))
    return held(found, float(exact.value[0, 0]))


def _flips(rng, n, draws, shares=(.15, .05, .8)):
    up, down, _ = rng.multinomial(n, shares, draws).T
    _, lower, upper = paired_difference(up, down, n)
    return held(SimpleNamespace(lower=lower, upper=upper), shares[0] - shares[1])


def limits(n, weights, population, draws, seed=0):
    """dict of short name -> (coverage of the upper limit, share of tests that reject)."""
    rng = np.random.default_rng([seed, n, WEIGHTS.index(weights), list(POPULATIONS).index(population), 1])
    shares = [outcome_shares(side) for side in POPULATIONS[population]]
    sides = sides_of(*(moments(rng, one, size, weights, draws) for one, size in zip(shares, (3 * n, n))))
    labels = np.array([[one[1] + one[2], one[0] + one[3]] for one in shares])
    exact, found = distances._all(*labels), distances.distances(sides, DISTANCES)
    return {short: (np.mean(found[short].upper >= exact[short] - 1e-12), np.nanmean(found[short].p_value < .05))
            for short in DISTANCES}


def strata(n, weights, draws, kinds=4, seed=0):
    """(coverage, share with an interval) of CDDL over some strata."""
    rng = np.random.default_rng([seed, n, WEIGHTS.index(weights), 2])
    shares = np.array([[.30, .25, .25, .20], [.45, .20, .20, .15], [.20, .40, .15, .25], [.35, .35, .20, .10]])[:kinds]
    shares = shares / shares.sum() / 1.0  # (strata, a0 a1 d0 d1)
    where = _disparities(np.repeat(shares.reshape(1, -1)[..., None], 3, -1), kinds)
    found = _disparities(moments(rng, shares.reshape(-1), 4 * n, weights, draws), kinds)
    return held(SimpleNamespace(lower=found[1], upper=found[2]), where[0][0])


def _disparities(table, kinds):
    """value, lower, upper of (draws, strata x 4, 3)."""
    atoms = np.arange(2 * kinds)
    disfavoured, known = AtomSets.of([atoms[atoms % 2 == 1]], len(atoms)), np.ones(len(atoms), bool)
    values = []
    for row in table.reshape(len(table), kinds * 2, 2, 3):
        found = disparity.disparity_in_labels(Sides([""], disfavoured, known, counts=None, labels=row,
                                                    strata=Classes(atoms // 2, kinds), kinds=None, missing=0,
                                                    codes=atoms))
        values.append((found.value[0], found.lower[0], found.upper[0]))
    return np.array(values).T


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws")
    many = 400 if parser.parse_args().quick else 2000
    print("| metric | weights | " + " | ".join(f"n_d = {n}" for n in SIZES) + " |\n|---|---|" + "---|" * len(SIZES))
    cells = {}
    for weights in WEIGHTS:
        for n in SIZES:
            draws = many if weights == "none" or n < 1000 else many // 4
            for population in POPULATIONS:
                for short, one in simulate(n, weights, population, draws).items():
                    cells.setdefault((short, weights), {}).setdefault(n, []).append(one)
            cells.setdefault(("CDDL", weights), {})[n] = [strata(n, weights, max(draws // 4, 200))]
            for population in POPULATIONS:
                for short, (cover, _) in limits(n, weights, population, max(draws // 4, 200)).items():
                    cells.setdefault((short, weights), {}).setdefault(n, []).append((cover, 1.0))
    for (short, weights), by_size in sorted(cells.items()):
        told = [[cover for cover, given in by_size[n] if given > .1] for n in SIZES]
        if any(told):
            print(f"| {short} | {weights} | " + " | ".join(f"{min(one):.1%}" if one else "none" for one in told) + " |")
    print("\nrejected by the test at 5 % where the label distributions are the same:")
    for weights in WEIGHTS:
        for population in ("even", "rare"):
            shown = [f"n_d = {n}: {limits(n, weights, population, max(many // 4, 200))['TVD'][1]:.1%}" for n in SIZES]
            print(f"{weights}, {population}: {', '.join(shown)}")


if __name__ == "__main__":
    main()
