"""Verdicts never contradict their intervals."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairkit.evaluation.verdicts import change_verdicts, gap_verdicts, limit_verdicts

INTERVAL = st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(sorted)
NAN = float("nan")


@given(INTERVAL, st.sampled_from(["lower", "higher", None]))
def test_changes(interval, better):
    lower, value, upper = interval
    verdict = change_verdicts(better, [value], [lower], [upper])[0]
    if better is None:
        assert verdict == "no direction"
    elif lower <= 0 <= upper:
        assert verdict == "no evidence"
    else:
        assert verdict == ("improved" if (value < 0) == (better == "lower") else "worse")


def test_changes_that_are_missing():
    assert change_verdicts("lower", [NAN, 0.1], [NAN, NAN], [NAN, NAN]).tolist() == ["undefined", "no evidence"]
    assert change_verdicts(None, [NAN, 0.1], [NAN, 0.1], [NAN, 0.2]).tolist() == ["undefined", "no direction"]


def test_the_size_of_a_gap():
    def verdict(before, after, margin):
        triples = [(np.array([x]), np.array([x - margin]), np.array([x + margin]))
                   for x in (after - before, after + before, before, after)]
        return gap_verdicts(*triples)[0]

    assert verdict(0.2, 0.05, 0.1) == "smaller" and verdict(-0.2, -0.05, 0.1) == "smaller"
    assert verdict(0.05, 0.2, 0.1) == "larger" and verdict(-0.05, -0.2, 0.1) == "larger"
    assert verdict(0.2, 0.15, 0.1) == "no evidence"
    # Turned over: the change is large, but what is there on the other side may be as large as what was.
    assert verdict(0.2, -0.18, 0.1) == verdict(-0.2, 0.18, 0.1) == "reversed"
    assert verdict(0.2, -0.05, 0.1) == "smaller" and verdict(0.05, -0.2, 0.1) == "larger"
    assert verdict(NAN, 0.1, 0.1) == "undefined"


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0.001, 0.3))
def test_the_size_of_a_gap_never_contradicts_what_is_possible(before, after, margin):
    triples = [(np.array([x]), np.array([x - margin]), np.array([x + margin]))
               for x in (after - before, after + before, before, after)]
    verdict, change = gap_verdicts(*triples)[0], triples[0]
    if verdict == "reversed":
        assert before * after < 0 and min(abs(before), abs(after)) > margin
    elif verdict != "no evidence":
        assert (abs(after) < abs(before)) == (verdict == "smaller")
        assert not change[1][0] <= 0 <= change[2][0]


@given(INTERVAL, st.floats(0.01, 1))
def test_limits(interval, limit):
    lower, _, upper = interval
    verdict = limit_verdicts([limit], [lower], [upper])[0]
    worst, least = max(abs(lower), abs(upper)), 0 if lower <= 0 <= upper else min(abs(lower), abs(upper))
    assert verdict == ("pass" if worst < limit else "fail" if least > limit else "not enough data")


def test_limits_without_an_interval():
    assert limit_verdicts(0.1, [NAN, 0.2], [NAN, NAN]).tolist() == ["not enough data"] * 2
