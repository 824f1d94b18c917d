import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError


def examples(n=20):
    return Examples(labels=np.arange(n) % 2, inputs=np.arange(n * 3).reshape(n, 3), weights=np.linspace(0, 1, n),
                    groups={"color": ["orange", "blue"] * (n // 2), "digit": np.arange(n) % 5})


def test_take_keeps_rows_together():
    part = examples().take([7, 2])
    assert part.labels.tolist() == [1, 0]
    assert part.inputs.tolist() == [[21, 22, 23], [6, 7, 8]]
    assert part.groups["color"].to_list() == ["blue", "orange"]
    assert part.ids.tolist() == [7, 2]
    assert part.weights.tolist() == pytest.approx([7 / 19, 2 / 19])


def test_take_nothing():
    assert len(examples().take([])) == 0
    assert len(examples().take(np.zeros(20, bool))) == 0


@pytest.mark.parametrize("condition, count", [
    ({"color": "orange"}, 10),
    ({"color": ["orange", "blue"]}, 20),
    ({"color": "orange", "digit": 0}, 2),
    ({"digit": "3"}, 4),
    ({"digit": lambda digit: digit > 2}, 8),
])
def test_where(condition, count):
    assert len(examples().where(condition)) == count


def test_where_on_cells_with_several_values_or_none():
    religion = [["christian"], ["christian", "muslim"], [], None, float("nan"), "muslim", ("muslim", "christian")]
    some = Examples(labels=[0] * 7, groups={"religion": religion})
    assert some.where({"religion": "christian"}).ids.tolist() == [0, 1, 6]
    assert some.where({"religion": fairkit.only("christian")}).ids.tolist() == [0]
    assert some.where({"religion": fairkit.only("christian", "muslim")}).ids.tolist() == [1, 6]
    assert some.groups["religion"].to_list()[2:5] == [None, None, None]
    assert some.groups["religion"].values == ["christian", "muslim"]


@pytest.mark.parametrize("condition, says", [
    ({"colour": "orange"}, "no group column 'colour'. Expected: 'color' (the nearest)"),
    ({"color": "orang"}, "no example has color = 'orang'. Expected: 'orange' (the nearest)"),
    ({}, "a group is named by columns and values"),
])
def test_where_says_what_is_wrong(condition, says):
    with pytest.raises(FairkitError) as error:
        examples().where(condition)
    assert says in str(error.value)


@pytest.mark.parametrize("arguments, says", [
    ({"labels": [0, 1], "groups": {"color": ["blue"]}}, "another length than the labels. Expected: 2 cells"),
    ({"labels": [0, 1], "groups": {}, "inputs": [1.0]}, "inputs have another length"),
    ({"labels": [0, 1], "groups": {}, "weights": [1, -1]}, "Received: -1.0 at position 1"),
    ({"labels": [0, 1], "groups": {}, "weights": [1, np.nan]}, "Received: nan at position 1"),
    ({"labels": [0, 1], "groups": {}, "weights": ["a", "b"]}, "weights are not numbers"),
    ({"labels": [[0, 1]], "groups": {}}, "labels are not one-dimensional"),
    ({"labels": [0, 1], "groups": {"a": [{}, {}]}}, "a cell of group column 'a' is no group"),
    ({"labels": [0, 1], "groups": ["a", "b"]}, "groups are not columns"),
    ({"labels": [0, 1], "groups": {}, "inputs": 5}, "inputs cannot be indexed"),
    ({"labels": [0, 1], "groups": {}, "ids": [3, 3]}, "ids are not distinct"),
])
def test_what_is_given_is_checked(arguments, says):
    with pytest.raises(FairkitError) as error:
        Examples(**arguments)
    assert says in str(error.value)


def test_pandas_and_arrow_columns():
    import pyarrow as pa

    frame = pd.DataFrame({"color": pd.Categorical(["a", None, "b"], categories=["b", "a", "unused"]),
                          "age": [1, 2, 3]})
    some = Examples(labels=frame["age"], groups=frame)
    assert some.groups["color"].to_list() == ["a", None, "b"]
    assert some.groups["color"].values == ["a", "b"]
    arrow = Examples(labels=[0, 1], groups={"color": pa.array(["x", None]).dictionary_encode()})
    assert arrow.groups["color"].to_list() == ["x", None]


@given(st.lists(st.one_of(st.none(), st.sampled_from("abc"), st.lists(st.sampled_from("abc"), max_size=3)),
                min_size=1, max_size=30))
def test_encoding_keeps_every_cell(cells):
    column = Examples(labels=[0] * len(cells), groups={"g": cells}).groups["g"]
    wanted = [set() if c is None else {c} if isinstance(c, str) else set(c) for c in cells]
    assert [set() if c is None else {c} if isinstance(c, str) else set(c) for c in column.to_list()] == wanted


@given(n=st.integers(2, 200), fraction=st.floats(0.05, 0.95), seed=st.integers(0, 5))
def test_split_parts_are_disjoint_and_complete(n, fraction, seed):
    some = Examples(labels=np.arange(n) % 3, groups={"g": np.arange(n) % 2})
    first, second = some.split(fraction, seed=seed, stratify=["label", "g"])
    assert sorted([*first.ids, *second.ids]) == list(range(n))
    assert abs(len(first) - n * fraction) < 1
    again, _ = some.split(fraction, seed=seed, stratify=["label", "g"])
    assert again.ids.tolist() == first.ids.tolist()


def test_split_keeps_the_distribution_of_strata():
    labels = np.array([0] * 900 + [1] * 100)
    first, second = Examples(labels=labels, groups={}).split(0.7, seed=3, stratify="label")
    assert first.labels.sum() == 70 and second.labels.sum() == 30
    with pytest.raises(FairkitError, match="cannot stratify by 'colour'"):
        examples().split(0.5, stratify="colour")


def test_batches_are_shuffled_by_seed_and_complete():
    some = examples()
    once = [x.numpy() for x, _, _ in some.batches(8, seed=1)]
    assert [len(x) for x in once] == [8, 8, 4]
    assert sorted(np.concatenate(once)[:, 0]) == list(range(0, 60, 3))
    again = [x.numpy() for x, _, _ in some.batches(8, seed=1)]
    other = [x.numpy() for x, _, _ in some.batches(8, seed=2)]
    assert np.array_equal(np.concatenate(once), np.concatenate(again))
    assert not np.array_equal(np.concatenate(once), np.concatenate(other))
    data = some.batches(8, seed=1)
    epochs = [np.concatenate([y.numpy() for _, y, _ in data]).tolist() for _ in range(2)]
    assert epochs[0] != epochs[1]


def test_batches_of_texts_dicts_and_lazy_readers():
    class Reader:
        def __len__(self):
            return 5

        def __getitem__(self, index):
            return np.asarray(index, np.float32)[:, None] * 2

    labels = [0, 1, 0, 1, 0]
    texts = Examples(labels=labels, groups={}, inputs=["a", "b", "ü", "d", "e"])
    assert next(iter(texts.batches(5, shuffle=False)))[0].numpy().tolist()[2].decode() == "ü"
    named = Examples(labels=labels, groups={}, inputs={"x": np.arange(5), "y": list("abcde")})
    assert next(iter(named.batches(2, shuffle=False)))[0]["x"].numpy().tolist() == [0, 1]
    lazy = Examples(labels=labels, groups={}, inputs=Reader())
    assert next(iter(lazy.take([3, 1]).batches(2, shuffle=False)))[0].numpy().tolist() == [[6.0], [2.0]]


def test_a_frame_of_inputs_is_a_dict_of_its_columns():
    frame = pd.DataFrame({"age": [17, None], "job": ["cook", None]}, index=[5, 5])
    examples = fairkit.Examples(labels=[0, 1], groups={}, inputs=frame, missing_inputs="keep")
    assert list(examples.inputs) == ["age", "job"] and list(examples.inputs["job"]) == ["cook", ""]
    assert np.isnan(examples.take([1]).inputs["age"]).all()
