"""Choosing from hand-made tables, the front against brute force, and intervals over seeds against scipy."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from fairkit import FairkitError
from fairkit.remediation.sweeps.choice import choose
from fairkit.remediation.sweeps.plan import CONTROL, Candidate, planned
from fairkit.remediation.sweeps.table import front_of, mean_over_seeds, table_of

SHARES = st.integers(0, 8).map(lambda k: k / 8)   # few values, so that ties are common


@st.composite
def tables(draw):
    """(candidates, table) of the control and some candidates with whatever gaps and changes."""
    number = draw(st.integers(0, 5))
    candidates = [Candidate(CONTROL, {}, None, CONTROL, 0)]
    for k in range(number):
        options = {"sensitive": {"a": 1}, "loss_weight": draw(SHARES)} if draw(st.booleans()) else {"reweight": "a"}
        candidates.append(Candidate(f"c{k}", options, draw(st.sampled_from([None, {"by": "a"}])), f"c{k}", k + 1))
    rows = []
    for candidate in candidates:
        gap, change = draw(SHARES), 0.0 if candidate.name == CONTROL else draw(SHARES) - 0.5
        more, less = (0.0, 0.0) if candidate.name == CONTROL else (draw(SHARES), draw(SHARES))
        rows.append({"candidate": candidate.name, "seeds": 3, "failed": draw(st.sampled_from([0, 0, 0, 1])),
                     "gap": gap, "gap_lower": gap - more, "gap_upper": gap + more, "auc": 0.8 + change,
                     "auc_change": change, "auc_change_lower": change - less, "auc_change_upper": change + less})
    return candidates, pd.DataFrame(rows)


@given(tables(), SHARES, SHARES, st.booleans())
def test_the_mildest_that_meets_both_limits_is_chosen(made, max_gap, max_loss, intervals):
    candidates, table = made
    choice = choose(table, candidates, max_gap, max_loss, intervals=intervals)
    rows = table.set_index("candidate")
    gap, change = (rows["gap_upper"], rows["auc_change_lower"]) if intervals else (rows["gap"], rows["auc_change"])
    judged = [c for c in candidates if not rows["failed"][c.name]]
    meets = [c for c in judged if gap[c.name] <= max_gap + 1e-9 and change[c.name] >= -max_loss - 1e-9]
    assert set(choice.not_judged) == {c.name for c in candidates} - {c.name for c in judged}
    assert bool(choice) == bool(meets)
    if meets:
        def mildness(c):
            return (c.name != CONTROL, c.group_thresholds is not None, c.penalty, -rows["auc_change"][c.name],
                    c.position)

        assert choice.name == choice.nearest == min(meets, key=mildness).name
        assert choice.gap_excess == choice.quality_excess == 0
    elif judged:
        excess = {c.name: max(gap[c.name] - max_gap, -change[c.name] - max_loss, 0) for c in judged}
        assert choice.name is None and excess[choice.nearest] == pytest.approx(min(excess.values()))
        assert max(choice.gap_excess, choice.quality_excess) == pytest.approx(excess[choice.nearest])
        assert choice.row["candidate"] == choice.nearest
    else:
        assert choice.nearest is None and choice.row is None
    assert str(choice)


def test_a_choice_says_what_it_found():
    candidates = planned({"reweight": {"reweight": "a"}}, [1, 2], {"sensitive": {"a": "x"}})
    values = {"control": (0.3, 0.0), "loss_weight=1": (0.12, -0.01), "loss_weight=2": (0.05, -0.03),
              "reweight": (0.2, -0.001)}
    table = pd.DataFrame([{"candidate": name, "seeds": 3, "failed": 0, "gap": gap, "gap_lower": gap - 0.02,
                           "gap_upper": gap + 0.02, "auc_change": change, "auc_change_lower": change - 0.01,
                           "auc_change_upper": change + 0.01} for name, (gap, change) in values.items()])
    assert choose(table, candidates, 0.35).name == "control"
    assert choose(table, candidates, 0.25).name == "reweight"     # no penalty: milder than any loss weight
    assert choose(table, candidates, 0.15).name == "loss_weight=1"
    assert choose(table, candidates, max_quality_loss=0.5).name == "control"
    chosen = choose(table, candidates, 0.15, 0.02)
    assert str(chosen).splitlines() == [
        "chosen: loss_weight=1, the mildest candidate that has a gap of at most 0.15 and a loss of AUC of at most "
        "0.02, with its interval", "  gap 0.1200 [0.1000, 0.1400]", "  change of AUC -0.0100 [-0.0200, +0.0000]"]
    none = choose(table, candidates, 0.08, 0.02)
    assert not none and none.nearest == "loss_weight=2"
    assert str(none).splitlines() == [
        "none: no candidate has a gap of at most 0.08 and a loss of AUC of at most 0.02, with its interval; "
        "the nearest is loss_weight=2", "  gap 0.0500 [0.0300, 0.0700]",
        "  change of AUC -0.0300 [-0.0400, -0.0200], 0.0200 beyond the limit"]


@pytest.mark.parametrize(("limits", "message"), [
    ({}, "nothing limits the choice"), ({"max_gap": 1.5}, "max_gap is no limit"),
    ({"max_gap": "small"}, "max_gap is no limit"), ({"max_quality_loss": float("nan")}, "max_quality_loss is no limit"),
    ({"max_gap": 0.1, "quality": "aoc"}, "no quality 'aoc'. Expected: 'auc' (the nearest)"),
    ({"max_gap": 0.1}, "one seed gives no interval")])
def test_limits_that_are_none_are_refused(limits, message):
    table = pd.DataFrame([{"candidate": CONTROL, "seeds": 1, "failed": 0, "gap": 0.1, "gap_upper": np.nan,
                           "auc_change": 0.0, "auc_change_lower": np.nan}])
    with pytest.raises(FairkitError) as refused:
        choose(table, planned(None, [], {}), **limits)
    assert message in str(refused.value)


@given(st.lists(st.tuples(SHARES | st.just(float("nan")), SHARES), max_size=8))
def test_the_front_is_what_brute_force_finds(points):
    table = pd.DataFrame([{"candidate": str(k), "gap": gap, "auc": auc} for k, (gap, auc) in enumerate(points)],
                         columns=["candidate", "gap", "auc"])
    known = [(gap, auc, str(k)) for k, (gap, auc) in enumerate(points) if gap == gap]
    best = {name for gap, auc, name in known
            if not any(g <= gap and a >= auc and (g, a) != (gap, auc) for g, a, _ in known)}
    front = front_of(table)
    assert set(front["candidate"]) == best and front["gap"].is_monotonic_increasing


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=9))
def test_intervals_over_seeds_are_students(values):
    mean, lower, upper = mean_over_seeds(values)
    assert mean == pytest.approx(np.mean(values))
    spread = scipy.stats.sem(values)
    if spread > 1e-12:
        expected = scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), spread)
        assert (lower, upper) == pytest.approx(expected)


def test_changes_are_paired_by_seed():
    rows = pd.DataFrame([{"candidate": name, "seed": seed, "gap": gap, "gap_unchanged": gap, "auc": auc,
                          "accuracy": auc, "error": error}
                         for name, seed, gap, auc, error in [
                             ("control", 0, 0.3, 0.80, ""), ("control", 1, 0.5, 0.70, ""),
                             ("control", 2, 0.4, 0.75, ""), ("b", 1, 0.25, 0.69, ""), ("b", 0, 0.05, 0.79, ""),
                             ("b", 2, np.nan, np.nan, "it broke")]])
    candidates = [Candidate("control", {}), Candidate("b", {})]
    row = table_of(candidates, rows).set_index("candidate").loc["b"]
    assert (row["seeds"], row["failed"], row["note"]) == (2, 1, "seed 2: it broke")
    assert row["gap"] == pytest.approx(0.15) and row["gap_lower"] == 0   # -1.1, but no size is below 0
    assert [row[f"auc_change{end}"] for end in ("", "_lower", "_upper")] == pytest.approx([-0.01, -0.01, -0.01])
    assert row["gap_change"] == pytest.approx(-0.25)
