import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit.remediation.group_thresholds_optimum import Options, cheapest

GROUP = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), min_size=1, max_size=7)


def options_of(pairs):
    rates, costs = np.array(pairs, float).T
    return Options.of(rates / 12, costs, np.linspace(1, 0, len(pairs)))


def brute(groups, tolerance, level=None):
    """The least cost over every combination of thresholds; None where there is none."""
    totals = [sum(cost for _, cost in chosen) for chosen in itertools.product(*groups)
              if (max(abs(r / 12 - level) for r, _ in chosen) <= tolerance + 1e-9 if level is not None else
                  max(r for r, _ in chosen) / 12 - min(r for r, _ in chosen) / 12 <= 2 * tolerance + 1e-9)]
    return min(totals, default=None)


@given(st.lists(GROUP, min_size=1, max_size=4), st.sampled_from([0, 1 / 24, 1 / 12, 0.1, 0.3]))
def test_no_combination_of_thresholds_is_cheaper(groups, tolerance):
    options = [options_of(pairs) for pairs in groups]
    picks, level = cheapest(options, tolerance)
    best = brute(groups, tolerance)
    if best is None:
        assert picks is None
        return
    assert sum(each.costs[at] for each, at in zip(options, picks)) == best
    assert all(abs(each.rates[at] - level) <= tolerance + 1e-9 for each, at in zip(options, picks))


@given(st.lists(GROUP, min_size=1, max_size=3), st.sampled_from([0, 0.05, 0.2]), st.floats(0, 1))
def test_at_a_level_no_combination_is_cheaper(groups, tolerance, level):
    options = [options_of(pairs) for pairs in groups]
    picks, given_level = cheapest(options, tolerance, level)
    assert given_level == level
    for pairs, each, at in zip(groups, options, picks):
        reachable = [r for r, _ in pairs if abs(r / 12 - level) <= tolerance + 1e-12]
        if reachable:
            assert each.costs[at] == brute([pairs], tolerance, level)
            assert abs(each.rates[at] - level) <= tolerance + 1e-9
        else:
            assert abs(each.rates[at] - level) == pytest.approx(min(abs(r / 12 - level) for r, _ in pairs))


def test_ties_go_to_the_tightest_choice_and_then_the_highest_threshold():
    a = Options.of(np.array([0.1, 0.2, 0.3]), np.array([1.0, 1, 1]), np.array([0.9, 0.8, 0.7]))
    b = Options.of(np.array([0.3, 0.3, np.nan]), np.array([1.0, 1, 0]), np.array([0.4, 0.6, 0.9]))
    picks, level = cheapest([a, b], 0.1)
    assert picks == [2, 0] and level == pytest.approx(0.3) and b.thresholds.tolist() == [0.6]
