"""A small, seeded version of scripts/benchmarks/bias_coverage.py, which fails where intervals cover too little."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fairkit.bias.definitions import DISTANCES

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "bias_coverage.py"
BAR = .93


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("bias_coverage_simulation", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def least(draws):
    return BAR - 3 * np.sqrt(BAR * (1 - BAR) / draws)


@pytest.mark.parametrize("population", ["even", "uneven", "rare", "rare, uneven"])
@pytest.mark.parametrize(("n", "weights", "draws"), [(30, "none", 1000), (100, "none", 1000), (60, "exponential", 500)])
def test_intervals_hold_the_truth(simulation, population, n, weights, draws):
    found = simulation.simulate(n, weights, population, draws)
    found["GE"] = found["GE"][0], found["GE"][1] * min(draws, 500) / draws
    short = {name: cover for name, (cover, given) in found.items() if given * draws >= 200
             and cover < least(given * draws)}
    assert short == {} and sum(given > .5 for _, given in found.values()) >= 12


@pytest.mark.parametrize("weights", ["none", "exponential"])
def test_disparity_over_strata(simulation, weights):
    for n in (30, 100):
        cover, given = simulation.strata(n, weights, 400)
        assert given > .9 and cover > least(400 * given)


@pytest.mark.parametrize("population", ["even", "uneven", "rare, uneven"])
def test_upper_limits_and_tests(simulation, population):
    for n in (30, 100):
        found = simulation.limits(n, "none", population, 200)
        assert set(found) == set(DISTANCES) and min(cover for cover, _ in found.values()) > least(200)
        rejected = found["TVD"][1]
        if population == "even":
            assert rejected < .05 + 3 * np.sqrt(.05 * .95 / 200) + .01
        elif n == 100:
            assert rejected > .5   # a test that never rejects would be no test


def test_the_simulation_tells_an_interval_that_does_not_cover(simulation):
    """Wald's interval of a difference at 30 examples with a rare outcome."""
    rng = np.random.default_rng(0)
    p = rng.binomial(30, .05, 2000) / 30
    half = 1.96 * np.sqrt(p * (1 - p) / 30)
    cover, _ = simulation.held(SimpleNamespace(lower=p - half, upper=p + half), .05)
    assert cover < least(2000)
