"""Which candidates a sweep has, and their arguments as JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit import FairkitError
from fairkit.remediation.sweeps.options import NotPlain, as_recorded, from_plain, to_plain
from fairkit.remediation.sweeps.plan import LOSS_WEIGHTS, checked_seeds, planned

SHARED = {"sensitive": {"color": "orange"}, "nonsensitive": {"color": "blue"}, "loss": "mmd", "epochs": 3}


def test_the_control_is_always_there_and_has_no_penalty():
    control, first, second = planned(None, [2, 0.5, 0], SHARED)
    assert (control.name, control.options, control.penalty) == ("control", {"epochs": 3, "sensitive": None}, 0)
    assert first.name == "loss_weight=0.5" and first.options == {**SHARED, "loss_weight": 0.5}
    assert second.penalty == 2
    assert [c.name for c in planned(None, None, SHARED)] == ["control", *(f"loss_weight={w:g}" for w in LOSS_WEIGHTS)]
    assert [c.name for c in planned({}, [], {})] == ["control"]


def test_a_method_has_min_diff_only_where_it_names_it():
    methods = {"weights": {"reweight": "color"}, "mmd": {"loss_weight": 4.0}, "long": {"epochs": 9},
               "pairs": {"counterfactual_weight": 2.0}, "both": {"balance": "color", "loss": "absolute_correlation"}}
    found = {c.name: c for c in planned(methods, None, {**SHARED, "counterfactuals": "pairs"})}
    assert list(found) == ["control", *methods]    # loss weights are not added where methods are given
    assert found["weights"].options == {"epochs": 3, "sensitive": None, "reweight": "color"}
    assert found["mmd"].options == {**SHARED, "loss_weight": 4.0} and found["mmd"].penalty == 4
    assert found["long"].options == {"epochs": 9, "sensitive": None}
    assert found["pairs"].options == {"epochs": 3, "sensitive": None, "counterfactuals": "pairs",
                                      "counterfactual_weight": 2.0}
    assert found["both"].options == {**SHARED, "loss": "absolute_correlation", "balance": "color"}
    assert found["both"].penalty == 1              # remediate's own default


def test_a_method_may_have_both_penalties_whose_weights_add_up():
    shared = {**SHARED, "counterfactuals": "religion", "counterfactual_loss": "mse"}
    methods = {"both": {"loss_weight": 4.0, "counterfactual_weight": 0.5}, "pairs": {"counterfactual_weight": 3.0}}
    control, weight, both, pairs = planned(methods, [2], shared)
    assert both.options == {**shared, "loss_weight": 4.0, "counterfactual_weight": 0.5} and both.penalty == 4.5
    assert pairs.options["sensitive"] is None and pairs.penalty == 3
    assert weight.options == {**SHARED, "loss_weight": 2.0} and control.penalty == 0
    named = {"counterfactuals": {"a": "religion", "b": "gender"}, "counterfactual_weight": {"a": 3.0}}
    assert planned({"several": named}, None, {})[1].penalty == 4   # 1 where no weight is given
    assert sorted([both, pairs, weight, control], key=lambda c: c.mildness) == [control, weight, pairs, both]


def test_candidates_that_differ_in_their_thresholds_share_a_training():
    methods = {"thresholds": {"group_thresholds": {"by": "color"}}, "other": {"group_thresholds": {"by": "size"}},
               "weights": {"reweight": "color"}, "all": {"reweight": "color", "group_thresholds": {"by": "color"}}}
    assert [c.training for c in planned(methods, None, {})] == ["control", "control", "control", "weights", "weights"]


@pytest.mark.parametrize(("methods", "weights", "shared", "message"), [
    ({"control": {}}, None, {}, "'control', which is the plain training's name"),
    ({"": {}}, None, {}, "a method has no proper name"),
    ({"a": "reweight"}, None, {}, "the method 'a' is not given by arguments"),
    ({"a": {"reweigth": "color"}}, None, {}, "the method 'a' takes no argument 'reweigth'. Expected: 'reweight'"),
    ({"a": {"seed": 1}}, None, {}, "seed is not for the method 'a'"),
    ({"loss_weight=2": {}}, [2], SHARED, "two candidates are called 'loss_weight=2'"),
    ({"a": {"group_thresholds": "color"}}, None, {}, "the group_thresholds of 'a' are not given by arguments"),
    (["reweight"], None, {}, "methods are not given by names"),
    (None, [1], {}, "MinDiff, which needs a sensitive group"),
    (None, [-1], SHARED, "a loss weight is no weight"),
    (None, ["1"], SHARED, "a loss weight is no weight"),
    (None, [1], {**SHARED, "epoch": 3}, "a sweep takes no argument 'epoch'. Expected: 'epochs' (the nearest)"),
    (None, [1], {**SHARED, "callbacks": []}, "callbacks is not for a sweep. Expected: no callbacks"),
])
def test_what_is_no_plan_is_refused(methods, weights, shared, message):
    with pytest.raises(FairkitError) as refused:
        planned(methods, weights, shared)
    assert message in str(refused.value)


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1], [0.5], ["1"], [True], 2**31, "01"])
def test_seeds_are_distinct_whole_numbers(seeds):
    with pytest.raises(FairkitError, match="seed"):
        checked_seeds(seeds)
    assert checked_seeds(range(3)) == [0, 1, 2] and checked_seeds(np.array([4])) == [4] and checked_seeds(7) == [7]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=3)
    | st.builds(fairkit.only, st.sampled_from(["a", "b"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    | st.dictionaries(st.none() | st.integers(0, 9) | st.tuples(st.text(max_size=2), st.integers(0, 9)), inner,
                      max_size=3))


@given(VALUES)
def test_arguments_come_back_from_json(value):
    assert from_plain(json.loads(json.dumps(to_plain(value)))) == value


def test_arrays_bins_and_losses_come_back_too():
    back = from_plain(json.loads(json.dumps(to_plain({
        "a": np.array([1, 2]), "b": np.float32(0.5), "c": fairkit.bins(18, 65), "d": ("x", "y"), "e": {"y", "x"}}))))
    assert back == {"a": [1, 2], "b": 0.5, "c": fairkit.bins(18, 65), "d": ["x", "y"], "e": ["x", "y"]}
    loss = from_plain(to_plain(fairkit.remediation.AbsoluteCorrelationLoss(name="mine")))
    assert isinstance(loss, fairkit.remediation.AbsoluteCorrelationLoss) and loss.name == "mine"


def test_what_json_cannot_hold_is_recorded_by_name():
    def grown(years):
        return years >= 18

    options = {"sensitive": {"age": grown}, "epochs": 2}
    with pytest.raises(NotPlain):
        to_plain(options)
    assert as_recorded(options)["sensitive"]["age"]["$object"].endswith("grown")
    assert as_recorded(options)["epochs"] == 2


def test_the_penalty_is_the_sum_over_all_comparisons():
    two = {"women": {"gender": "female"}, "muslims": {"religion": "muslim"}}
    rates = ["false_positive_rate", "false_negative_rate"]
    methods = {"one": {"sensitive": {"gender": "female"}, "loss_weight": 2.0},
               "pooled": {"sensitive": list(two.values()), "loss_weight": 2.0},
               "two": {"sensitive": two, "loss_weight": 2.0},
               "four": {"sensitive": two, "error_rate": rates, "loss_weight": 0.5},
               "named": {"sensitive": two, "loss_weight": {"women": 3.0}}}
    found = {candidate.name: candidate.penalty for candidate in planned(methods, None, {})}
    assert found == {"control": 0, "one": 2, "pooled": 2, "two": 4, "four": 2, "named": 4}
