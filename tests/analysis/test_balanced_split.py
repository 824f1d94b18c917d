"""balanced_split: nothing twice, nothing lost, every bound kept, or a message that says which group is too small."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError
from fairkit.analysis import balanced_split

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 1])), min_size=1, max_size=80)
MOST = st.one_of(st.none(), st.integers(0, 12))


@settings(max_examples=200)
@given(rows=ROWS, test_min=st.integers(0, 6), test_max=MOST, train_min=st.integers(0, 6), train_max=MOST,
       share=st.one_of(st.none(), st.floats(0.01, 0.99)), seed=st.integers(0, 2**40))
def test_parts_are_disjoint_complete_and_within_bounds(rows, test_min, test_max, train_min, train_max, share, seed):
    frame = pd.DataFrame(rows, columns=["g", "y"], index=np.arange(len(rows))[::-1] % 5)
    sizes = frame.groupby(["g", "y"]).size()
    asked = {"test_min": test_min, "test_max": test_max, "train_min": train_min, "train_max": train_max,
             "test_share": share}
    if (test_max is not None and test_max < test_min) or (train_max is not None and train_max < train_min) \
            or sizes.min() < test_min + train_min:
        with pytest.raises(FairkitError):
            balanced_split(frame, ["g", "y"], **asked, seed=seed)
        return
    split = balanced_split(frame, ["g", "y"], **asked, seed=seed)
    rows_of = [split.train_rows, split.test_rows, split.left_out_rows]
    assert sorted(np.concatenate(rows_of).tolist()) == list(range(len(frame)))
    for part, rows_ in zip((split.train, split.test, split.left_out), rows_of):
        pd.testing.assert_frame_equal(part, frame.iloc[rows_])
    for key, n in sizes.items():
        test, train, left = (int(((part["g"] == key[0]) & (part["y"] == key[1])).sum())
                             for part in (split.test, split.train, split.left_out))
        assert test >= test_min and train >= train_min and (left == 0 or train == train_max)
        assert (test_max is None or test <= test_max) and (train_max is None or train <= train_max)
        wanted = np.floor(n * share + 0.5) if share is not None else test_min if test_max is None else test_max
        assert test == min(max(wanted, test_min), np.inf if test_max is None else test_max, n - train_min)
        row = split.frame[split.frame["group"] == f"{key[0]}, {key[1]}"].iloc[0]
        assert (row["n"], row["test"], row["train"], row["left_out"]) == (n, test, train, left)


def test_the_message_names_the_groups_that_are_too_small():
    frame = pd.DataFrame({"gender": ["m"] * 50 + ["f"] * 12, "loan": [0] * 40 + [1] * 10 + [0] * 10 + [1] * 2})
    with pytest.raises(FairkitError) as error:
        balanced_split(frame, ["gender", "loan"], test_min=8, train_min=3)
    assert str(error.value) == ("the minimum cannot be met in 3 of 4 groups. Expected: 11 examples in each (test_min=8 "
                                "+ train_min=3). Received: gender = f and loan = 1: 2; gender = m and loan = 1: 10; "
                                "gender = f and loan = 0: 10")


def test_the_same_seed_gives_the_same_parts_on_every_machine():
    frame = pd.DataFrame({"g": ["a", "b"] * 30})
    first, again, other = (balanced_split(frame, "g", 5, seed=seed).test_rows for seed in (3, 3, 4))
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.tolist() == [4, 8, 10, 17, 19, 36, 39, 41, 47, 58]


def test_every_example_is_as_likely_as_another_even_where_the_data_were_drawn_with_the_same_seed():
    taken = np.zeros(60)
    for seed in range(400):
        taken[balanced_split(pd.DataFrame({"g": [0] * 60}), "g", 20, seed=seed).test_rows] += 1
    assert np.abs(taken / 400 - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 400)
    drawn = np.random.default_rng(0).uniform(size=2000)
    chosen = drawn[balanced_split(pd.DataFrame({"g": [0] * 2000}), "g", 500, seed=0).test_rows]
    assert abs(chosen.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 500)


def test_examples_keep_all_that_belongs_to_them():
    examples = Examples(labels=[0, 1] * 10, groups={"g": ["a"] * 12 + ["b"] * 8}, inputs={"x": np.arange(20)},
                        weights=np.arange(20) + 1, ids=[f"i{k}" for k in range(20)])
    split = balanced_split(examples, ["g", "label"], test_min=2)
    train, test = split
    assert len(train) == 12 and len(test) == 8
    for part, rows in ((train, split.train_rows), (test, split.test_rows)):
        assert part.inputs["x"].tolist() == rows.tolist() and part.ids.tolist() == [f"i{k}" for k in rows]
        assert part.weights.tolist() == (rows + 1).tolist() and part.labels.tolist() == (rows % 2).tolist()


def test_what_is_in_no_one_group_is_for_training():
    examples = Examples(labels=[0] * 12, groups={"g": ["a"] * 5 + ["b"] * 4 + [["a", "b"]] * 2 + [None]})
    with pytest.raises(FairkitError, match="several='keep'"):
        balanced_split(examples, "g", 2)
    split = balanced_split(examples, "g", 2, train_max=2, several="keep")
    assert split.frame.to_dict("list") == {"group": ["a", "b", None], "n": [5, 4, 3], "test": [2, 2, 0],
                                           "train": [2, 2, 3], "left_out": [1, 0, 0]}
    assert {9, 10, 11} <= set(split.train_rows.tolist())


def test_numbers_are_cut_where_that_is_asked_for():
    frame = pd.DataFrame({"age": np.arange(100)})
    split = balanced_split(frame, {"age": fairkit.bins(20, 60)}, test_min=5, test_share=0.5)
    assert split.frame.to_dict("list") == {"group": [">= 60", "[20, 60)", "< 20"], "n": [40, 40, 20],
                                           "test": [20, 20, 10], "train": [20, 20, 10], "left_out": [0, 0, 0]}
    labels = [text.get_text() for text in split.plot().ax.get_yticklabels()]
    assert labels == [">= 60", "[20, 60)", "< 20"] and "left out" in split._repr_html_()


@pytest.mark.parametrize("options, says", [
    ({"by": "h"}, "no column 'h' to split by"), ({"test_min": -1}, "test_min is no number of examples"),
    ({"test_min": 2.5}, "test_min is no number"), ({"test_max": 3}, "test_max is below test_min"),
    ({"train_max": 0}, "train_max is below train_min"), ({"test_share": 1}, "test_share leaves nothing"),
    ({"seed": -1}, "the seed is none"), ({"seed": None}, "the seed is none"), ({"several": "drop"}, "no such way"),
    ({"data": pd.DataFrame({"g": []})}, "nothing to split"), ({"data": [1]}, "only examples and frames"),
])
def test_mistakes_are_named(options, says):
    asked = {"data": pd.DataFrame({"g": ["a"] * 30}), "by": "g", **options}
    with pytest.raises(FairkitError, match=says):
        balanced_split(**asked)
