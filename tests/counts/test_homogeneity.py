"""The test of any gap: chi-square against scipy, small counts against enumeration, size and power by simulation."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from fairkit.counts.homogeneity import homogeneity
from fairkit.counts.rates import RATES, Counts, Rate

FPR, F1 = RATES["false_positive_rate"], RATES["f1_score"]
COST = Rate(lambda c: 0.5 * c.fp + c.fn, lambda c: c.all, "lower", "examples", "cost")
THREE_DISJOINT = np.eye(3, dtype=bool)
OVERLAPPING = np.array([[1, 0, 0, 1, 0, 1], [0, 1, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1]], bool)


def unweighted(k, n):
    k, n = np.asarray(k, float), np.asarray(n, float)
    none = np.zeros((len(k), 3))
    return Counts(tp=none, fp=np.stack([k] * 3, -1), tn=np.stack([n - k] * 3, -1), fn=none)


def drawn(rng, rate, atoms, atom, hit, weights):
    """`Counts` of examples; for F1 and the cost hits and misses are spread over their outcomes."""
    half = rng.random(len(hit)) < 0.5
    if rate is FPR:
        sides = {"fp": hit, "tn": ~hit}
    elif rate is F1:
        sides = {"tp": hit, "fp": ~hit & half, "fn": ~hit & ~half}
    else:
        sides = {"fp": hit & half, "fn": hit & ~half, "tn": ~hit}
    moments = {name: np.stack([np.bincount(atom[side], w[side], atoms) for w in (weights**0, weights, weights**2)], -1)
               for name, side in sides.items()}
    return Counts(**{name: moments.get(name, np.zeros((atoms, 3))) for name in ("tp", "fp", "tn", "fn")})


@given(st.lists(st.tuples(st.integers(15, 60), st.integers(15, 60)), min_size=2, max_size=5))
def test_many_examples_in_disjoint_slices_get_the_chi_square_test(rows):
    table = np.array(rows)
    found = homogeneity(FPR, unweighted(table[:, 0], table.sum(1)), np.eye(len(rows), dtype=bool))
    expected = chi2_contingency(table, correction=False)
    assert (found.statistic, found.freedom, found.p_value) == pytest.approx(
        (expected.statistic, expected.dof, expected.pvalue))
    assert found.method == "chi-square" and found.compared == len(rows)


@settings(max_examples=20)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.data())
def test_few_examples_get_the_exact_conditional_distribution(a, b, c, data):
    n = np.array([a, b, c])
    k = np.array([data.draw(st.integers(0, int(size))) for size in n])
    total, hits = n.sum(), k.sum()
    if hits in (0, total):
        assert homogeneity(FPR, unweighted(k, n), THREE_DISJOINT).p_value == 1
        return

    def statistic(k):
        return sum((x - m * hits / total) ** 2 / m for x, m in zip(k, n, strict=True))

    exact = sum(comb(a, x) * comb(b, y) * comb(c, hits - x - y) / comb(int(total), int(hits))
                for x in range(a + 1) for y in range(b + 1)
                if 0 <= hits - x - y <= c and statistic((x, y, hits - x - y)) >= statistic(k) - 1e-9)
    found = homogeneity(FPR, unweighted(k, n), THREE_DISJOINT)
    assert found.p_value == pytest.approx(exact, abs=0.02) and "9999 simulated" in found.method


CASES = [(FPR, 60, 0.1, "none"), (FPR, 300, 0.05, "any"), (FPR, 60, 0.2, "heavy hits"), (F1, 60, 0.3, "none"),
         (F1, 300, 0.3, "any"), (COST, 300, 0.3, "none")]


@pytest.mark.parametrize("slices", [THREE_DISJOINT, OVERLAPPING], ids=["disjoint", "overlapping"])
@pytest.mark.parametrize("rate, n, share, weighted", CASES)
def test_size_and_power(rate, n, share, weighted, slices):
    rng = np.random.default_rng(n)
    atoms, repeats = slices.shape[1], 400
    found = {"no gap": 0, "a gap": 0}
    for repeat in range(repeats):
        atom = rng.integers(0, atoms, n)
        for name, shift in (("no gap", 0), ("a gap", 0.6)):
            hit = rng.random(n) < share + shift * slices[0][atom]
            weights = np.ones(n) if weighted == "none" else rng.uniform(0.2, 2, n)
            weights = weights * np.where(hit & (weighted == "heavy hits"), 3, 1)
            table = drawn(rng, rate, atoms, atom, hit, weights)
            found[name] += homogeneity(rate, table, slices, seed=repeat, draws=199).p_value <= 0.05
    assert found["no gap"] / repeats <= 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5
    assert found["a gap"] / repeats >= 0.6


def test_the_same_seed_gives_the_same_p_value():
    table = unweighted([1, 4, 2, 3, 0, 1], [9, 8, 12, 10, 5, 7])
    first, again, other = (homogeneity(FPR, table, OVERLAPPING, seed=seed) for seed in (0, 0, 1))
    assert (first.statistic, first.p_value) == (again.statistic, again.p_value) and first.p_value != other.p_value
    assert np.isnan(first.freedom) and first.method == "largest gap, 9999 simulated"
    assert other.p_value == pytest.approx(first.p_value, abs=0.02)


def test_atoms_outside_of_all_slices_do_not_count():
    inside = homogeneity(FPR, unweighted([10, 20, 30], [50, 50, 50]), THREE_DISJOINT)
    slices = np.column_stack([THREE_DISJOINT, np.zeros(3, bool)])
    assert homogeneity(FPR, unweighted([10, 20, 30, 900], [50, 50, 50, 1000]), slices) == inside


def test_nothing_to_compare_says_why():
    found = homogeneity(FPR, unweighted([1, 0, 0], [9, 0, 0]), THREE_DISJOINT)
    assert found.compared == 1 and np.isnan(found.p_value) and found.why == "fewer than two slices to compare"
    found = homogeneity(FPR, unweighted([3], [9]), np.ones((2, 1), bool))
    assert np.isnan(found.p_value) and found.why == "all slices hold the same examples"


def test_more_examples_than_numpy_deals_out_are_drawn_normally():
    n = np.array([4e8, 4e8, 4e8, 1e5, 1e5, 1e5])
    assert homogeneity(FPR, unweighted(n * 0.1, n), OVERLAPPING, draws=199).p_value == 1
    assert homogeneity(FPR, unweighted(n * [0.1, 0.1, 0.101, 0.1, 0.1, 0.1], n), OVERLAPPING,
                       draws=199).p_value == pytest.approx(1 / 200)
