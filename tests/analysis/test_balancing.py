"""balance: every group gets its size, nothing else changes, and the same seed means the same examples."""

import hashlib
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError
from fairkit.analysis import balance

VALUES = ["blue", "orange", "red", None]
COLUMNS = st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from([1, 2, None]), st.integers(0, 2)), min_size=1,
                   max_size=60)
SIZES = st.one_of(st.integers(0, 40), st.floats(0, 3))


def examples_of(rows):
    color, digit, label = (list(column) for column in zip(*rows))
    return Examples(labels=label, groups={"color": color, "digit": digit}, inputs=np.arange(len(rows)) * 10,
                    weights=np.arange(len(rows)) + 0.5)


def frame_of(examples):
    """One row an example, with the row of the examples it was taken from."""
    return pd.DataFrame({"row": examples.inputs // 10, "label": examples.labels, "weight": examples.weights,
                         **{name: pd.Series(column.to_list(), dtype=object)
                            for name, column in examples.groups.items()}})


def rounded(size, present):
    return size if isinstance(size, int) else math.floor(size * present + 0.5)


def check_taken(before, after):
    """What holds whatever was asked: rows stay whole, those kept come first in order, copies are spread evenly."""
    rows = after.inputs // 10
    pd.testing.assert_frame_equal(frame_of(after), frame_of(before).iloc[rows].reset_index(drop=True))
    kept = len(np.unique(rows))
    assert np.all(np.diff(rows[:kept]) > 0) and np.all(np.diff(rows[kept:]) >= 0)
    expected = np.arange(len(after)) if kept < len(after) else before.ids[rows]
    assert np.array_equal(after.ids, expected)


def check_even(before, after, by):
    """Within a group that grew, no example is there more than once more often than another."""
    times = np.bincount(after.inputs // 10, minlength=len(before))
    groups = frame_of(before).assign(times=times).groupby(by, dropna=False)["times"]
    assert ((groups.max() - groups.min()) <= 1).all()


@settings(max_examples=150, deadline=None)
@given(rows=COLUMNS, by=st.sampled_from([["color"], ["digit", "color"], ["label", "color"]]),
       to=st.one_of(st.sampled_from(["smallest", "largest"]), SIZES), seed=st.integers(0, 2**70))
def test_groups_get_one_size(rows, by, to, seed):
    before = examples_of(rows)
    sizes = frame_of(before).groupby(by)["row"].count()  # without the rows that lack a value
    without = len(before) - sizes.sum()
    wanted = {group: {"smallest": sizes.min(), "largest": sizes.max()}[to] if isinstance(to, str) else rounded(to, n)
              for group, n in sizes.items()}
    if sizes.empty or not sum(wanted.values()) + without:
        with pytest.raises(FairkitError, match="there is no group|no example is left"):
            balance(before, by, to, seed)
        return
    after = balance(before, by if len(by) > 1 else by[0], to, seed)
    found = frame_of(after).groupby(by)["row"].count()
    assert found.to_dict() == {group: n for group, n in wanted.items() if n}
    assert len(after) == sum(wanted.values()) + without
    check_taken(before, after)
    check_even(before, after, by)


@settings(max_examples=150, deadline=None)
@given(rows=COLUMNS, data=st.data(), seed=st.integers(0, 2**70))
def test_a_dict_names_groups_and_leaves_the_others_alone(rows, data, seed):
    before = examples_of(rows)
    present = Counter((color, digit) for color, digit, _ in rows)
    to = data.draw(st.dictionaries(st.sampled_from(sorted(present, key=str)), SIZES, min_size=1))
    wanted = {group: rounded(to[group], n) if group in to else n for group, n in present.items()}
    if not any(wanted.values()):
        with pytest.raises(FairkitError, match="no example is left"):
            balance(before, ["color", "digit"], to, seed)
        return
    after = balance(before, ["color", "digit"], to, seed)
    assert Counter(zip(after.groups["color"].to_list(), after.groups["digit"].to_list())) == Counter(wanted)
    check_taken(before, after)
    check_even(before, after, ["color", "digit"])


def large(n=3000):
    rng = np.random.default_rng(1)
    return Examples(labels=rng.integers(0, 10, n), groups={"color": rng.choice(["blue", "orange"], n, p=[0.8, 0.2])},
                    inputs=np.arange(n))


def test_the_same_seed_means_the_same_examples_everywhere():
    chosen = balance(Examples(labels=np.arange(2000) % 10, groups={}, inputs=np.arange(2000)), "label",
                     {3: 0.3, 6: 2.5}, seed=7)
    assert hashlib.sha256(chosen.inputs.astype("<i8").tobytes()).hexdigest()[:16] == "1121a9ef7310afd1"
    examples = large()
    one, again, other = (balance(examples, "color", seed=seed).inputs for seed in (3, 3, 4))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_a_smaller_choice_is_part_of_a_larger_one():
    fewer, more = (set(balance(large(), "label", {3: share}, seed=5).inputs.tolist()) for share in (0.3, 0.5))
    assert fewer < more


def test_every_example_is_as_likely_as_another():
    examples = Examples(labels=[0] * 40 + [1] * 10, groups={}, inputs=np.arange(50))
    times = sum(np.bincount(balance(examples, "label", seed=seed).inputs, minlength=50) for seed in range(2000))
    assert times[40:].tolist() == [2000] * 10
    expected = 2000 * 10 / 40
    assert abs(times[:40] - expected).max() < 5 * np.sqrt(2000 * 0.25 * 0.75)  # five standard deviations


def test_ids_stay_with_what_is_kept_and_are_new_where_there_are_copies():
    examples = Examples(labels=[0, 0, 1], groups={}, ids=["a", "b", "c"])
    assert set(balance(examples, "label").ids) < {"a", "b", "c"} and balance(examples, "label").ids[-1] == "c"
    assert balance(examples, "label", "largest").ids.tolist() == [0, 1, 2, 3]
    assert examples.ids.tolist() == ["a", "b", "c"]


def test_inputs_of_any_kind_go_along():
    inputs = {"text": ["a", "b", "c"], "age": np.array([1.0, 2.0, 3.0])}
    grown = balance(Examples(labels=[0, 0, 1], groups={}, inputs=inputs), "label", {1: 3})
    assert grown.inputs["text"].tolist() == ["a", "b", "c", "c", "c"]
    assert grown.inputs["age"].tolist() == [1, 2, 3, 3, 3]


RELIGIONS = [["christian"], ["christian"], ["christian", "muslim"], ["muslim"], [], [], [], ["jewish"]]


def religions():
    return Examples(labels=[0, 1] * 4, groups={"religion": RELIGIONS, "gender": ["f", "m"] * 4})


@pytest.mark.parametrize("to", ["smallest", "largest", 5, 0.5])
def test_groups_that_overlap_are_not_made_alike(to):
    with pytest.raises(FairkitError, match="1 examples with religion = christian . muslim") as error:
        balance(religions(), "religion", to)
    assert "fairkit.only" in str(error.value)


def test_cells_of_several_values_are_named_exactly_or_not_at_all():
    only = fairkit.only
    with pytest.raises(FairkitError, match="such as christian, muslim") as error:
        balance(religions(), "religion", {"christian": 0.5})
    assert "fairkit.only('christian')" in str(error.value)
    counts = Counter(balance(religions(), "religion", {only("christian"): 0.5, only("muslim", "christian"): 2, None: 1,
                                                       "jewish": 4}).groups["religion"].to_list())
    assert counts == {"christian": 1, ("christian", "muslim"): 2, "muslim": 1, None: 1, "jewish": 4}
    assert len(balance(religions(), ["religion", "gender"], {(only(), "f"): 0})) == 6


def test_values_are_named_by_their_text_as_everywhere():
    examples = Examples(labels=[3.0, 3.0, 6.0], groups={})
    assert len(balance(examples, "label", {"3": 1})) == len(balance(examples, "label", {3: 1})) == 2


def test_a_group_column_called_label_is_meant_where_there_is_one():
    examples = Examples(labels=[0, 1, 1, 1], groups={"label": ["a", "a", "b", "b"]})
    assert len(balance(examples, "label")) == 4


@pytest.mark.parametrize("by, to, says", [
    ("colour", "smallest", "no group column 'colour' to balance by. Expected: 'color' (the nearest)"),
    ([], "smallest", "by names no group column"),
    (None, "smallest", "by names no group column"),
    (["color", "color"], "smallest", "by names a column twice"),
    ("color", "smalest", "'smallest' (the nearest)"),
    ("color", None, "the size for every group is none"),
    ("color", True, "the size for every group is none"),
    ("color", [3], "the size for every group is none"),
    ("color", np.array([1, 2]), "the size for every group is none"),
    ("color", -1, "the size for every group is out of range"),
    ("color", float("nan"), "out of range"),
    ("color", 1e308, "out of range"),
    ("color", 0, "no example is left"),
    ("color", 10**400, "too many"),
    ("color", {}, "names no group"),
    ("color", {"ornge": 0.5}, "no example has color = 'ornge'. Expected: 'orange' (the nearest)"),
    ("color", {"orange": -0.5}, "the size for color = orange is out of range"),
    ("color", {"orange": "3"}, "the size for color = orange is none"),
    ("color", {None: 3}, "no example has color = nothing"),
    ("color", {("orange", "blue"): 3}, "several values of 'color' are not named by a list"),
    ("color", {"orange": 3, fairkit.only("orange"): 4}, "names color = orange twice"),
    (["color", "label"], {"orange": 3}, "a tuple of a value of each of color, label"),
    (["color", "label"], {("orange", 1): 3}, "no example has color = orange and label = 1"),
])
def test_mistakes_are_named(by, to, says):
    examples = Examples(labels=[0, 1, 1, 0], groups={"color": ["blue", "blue", "blue", "orange"]})
    with pytest.raises(FairkitError) as error:
        balance(examples, by, to)
    assert says in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("examples, seed, says", [
    ([1, 2], 0, "only examples"), (Examples(labels=[], groups={}), 0, "nothing to balance"),
    (Examples(labels=[0], groups={"label": [None]}), 0, "there is no group in 'label'"),
    (Examples(labels=[0, 0, 1], groups={}), -1, "the seed is none"),
    (Examples(labels=[0, 0, 1], groups={}), 1.5, "the seed is none"),
])
def test_what_cannot_be_balanced_is_refused(examples, seed, says):
    with pytest.raises(FairkitError, match=says):
        balance(examples, "label", seed=seed)


def test_examples_in_several_groups_may_be_kept():
    examples = Examples(labels=[0] * 9, groups={"g": ["a"] * 5 + ["b"] * 2 + [["a", "b"]] + [None]})
    with pytest.raises(FairkitError, match="several='keep'"):
        balance(examples, "g")
    kept = balance(examples, "g", several="keep")
    assert sorted(map(str, kept.groups["g"].to_list())) == ["('a', 'b')", "None", "a", "a", "b", "b"]
    with pytest.raises(FairkitError, match="'keep' \\(the nearest\\)"):
        balance(examples, "g", several="kept")


def census_like(n=400):
    """A frame as people come with: an index of their own, missing cells, blanks in texts."""
    rng = np.random.default_rng(5)
    return pd.DataFrame({"gender": rng.choice([" Male", " Female"], n, p=[.7, .3]), "age": rng.integers(17, 90, n),
                         "loan": rng.choice([" <=50K", " >50K"], n, p=[.8, .2]),
                         "job": rng.choice(["clerk", None], n)}, index=rng.permutation(n) + 1000)


@pytest.mark.parametrize("upsample, downsample", [(1, None), (0.8, None), (None, 0.5), (0.5, 0.8), (1, 1), (0, 0.25)])
def test_shares_of_the_largest_group_are_reached_and_balance(upsample, downsample):
    """The reference library counts cells that are not missing, so that upsampling makes groups smaller."""
    frame = census_like()
    sizes = frame.groupby(["gender", "loan"]).size()
    low = math.floor((upsample or 0) * sizes.max() + 0.5)
    high = sizes.max() if downsample is None else math.floor(downsample * sizes.max() + 0.5)
    taken = balance(frame, ["gender", "loan"], upsample=upsample, downsample=downsample, seed=3)
    assert taken.groupby(["gender", "loan"]).size().to_dict() == sizes.clip(low, high).to_dict()
    examples = Examples(labels=frame["loan"] == " >50K", groups={"gender": frame["gender"]},
                        inputs={"age": frame["age"]})
    same = balance(examples, ["gender", "label"], upsample=upsample, downsample=downsample, seed=3)
    assert same.inputs["age"].tolist() == taken["age"].tolist()


def test_missing_cells_count_and_the_lowest_number_is_kept():
    """The reference library leaves 3 rows of each here, and no row with age 17."""
    frame = pd.DataFrame({"g": ["a"] * 6 + ["b"] * 3, "v": [1, *[None] * 5, 1, 1, 1]})
    assert balance(frame, "g", upsample=1).groupby("g").size().to_dict() == {"a": 6, "b": 6}
    ages = pd.DataFrame({"age": [17, *range(17, 91)]})
    assert balance(ages, {"age": fairkit.bins(30, 60)}, upsample=1)["age"].min() == 17


def test_a_frame_keeps_its_rows_whatever_its_index():
    frame = census_like()
    frame.index = frame.index % 7   # the reference library takes index labels for positions
    fewer = balance(frame, "gender", seed=1)
    counts = Counter(map(tuple, frame.itertuples(name=None)))
    assert all(n <= counts[row] for row, n in Counter(map(tuple, fewer.itertuples(name=None))).items())
    assert fewer.groupby("gender").size().nunique() == 1
    more = balance(frame, "gender", "largest", seed=1)
    assert more.index.tolist() == list(range(len(more))) and more.groupby("gender").size().nunique() == 1
    by_age = balance(frame, {"age": fairkit.bins(40, 60)})
    assert np.bincount(np.digitize(by_age["age"], [40, 60])).tolist() == [min(np.bincount(np.digitize(
        frame["age"], [40, 60])))] * 3


@pytest.mark.parametrize("seed", [0, 1, np.int64(3), 2**40])
def test_any_seed_will_do_and_says_the_same_again(seed):
    """The random_state of the reference library's split crashes for every number but 0, which it takes for none."""
    first, again = (balance(census_like(), ["gender", "loan"], upsample=0.9, seed=seed) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize("options, says", [
    ({"upsample": 1.5}, "upsample is no share"), ({"downsample": True}, "downsample is no share"),
    ({"upsample": 0.8, "downsample": 0.5}, "grow above"),
    ({"upsample": 0.8, "to": "largest"}, "said twice"),
])
def test_shares_that_are_none(options, says):
    with pytest.raises(FairkitError, match=says):
        balance(census_like(), "gender", **options)
