"""Columns of every kind are the same groups, and encoded ones are not copied."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit.groups import GroupColumn, encode_groups

CELLS = ["blue", None, "orange", "blue", "green", None]
KINDS = {
    "list": CELLS,
    "objects": np.array(CELLS, object),
    "series": pd.Series(CELLS),
    "pandas strings": pd.Series(CELLS, dtype="string"),
    "categorical series": pd.Series(CELLS, dtype="category"),
    "categorical": pd.Categorical(CELLS),
    "arrow strings": pa.array(CELLS),
    "arrow large strings": pa.array(CELLS, pa.large_string()),
    "arrow dictionary": pa.array(CELLS).dictionary_encode(),
    "arrow chunks": pa.chunked_array([pa.array(part).dictionary_encode() for part in (CELLS[:2], CELLS[2:])]),
    "pandas arrow strings": pd.Series(CELLS, dtype=pd.ArrowDtype(pa.string())),
    "pandas arrow dictionary": pd.Series(pd.arrays.ArrowExtensionArray(pa.array(CELLS).dictionary_encode())),
    "lists": [[c] if c else [] for c in CELLS],
    "arrow lists": pa.array([[c] if c else None for c in CELLS]),
    "bytes": [c.encode() if c else None for c in CELLS],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_column_is_the_same_groups(kind):
    column = GroupColumn.encode("color", KINDS[kind])
    assert column.to_list() == CELLS
    assert column.values == ["blue", "green", "orange"]


def test_numbers_and_booleans_keep_their_type():
    assert GroupColumn.encode("age", np.array([3, 1, 3])).values == [1, 3]
    assert GroupColumn.encode("age", np.array([2.5, np.nan])).to_list() == [2.5, None]
    assert GroupColumn.encode("old", np.array([True, False])).values == [False, True]
    assert GroupColumn.encode("age", pa.array([4, None, 4])).to_list() == [4.0, None, 4.0]


@given(st.lists(st.one_of(st.none(), st.lists(st.one_of(st.none(), st.sampled_from("abc")), max_size=4)), max_size=20))
def test_arrow_lists_are_encoded_as_python_ones(cells):
    arrow = GroupColumn.encode("g", pa.array(cells, pa.list_(pa.string())))
    assert arrow.to_list() == GroupColumn.encode("g", cells).to_list()
    sliced = GroupColumn.encode("g", pa.array([["x"], *cells], pa.list_(pa.string()))[1:])
    assert sliced.to_list() == arrow.to_list()


def test_encoded_columns_keep_their_codes_in_a_copy_of_the_same_type():
    codes = np.array([0, 1, 0], np.int8)
    column = pd.Series(pd.Categorical.from_codes(codes, ["a", "b"]))
    arrow = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(["a", "b"]))
    for encoded, held in ((GroupColumn.encode("g", column).codes, column.cat.codes.to_numpy()),
                          (GroupColumn.encode("g", arrow).codes, arrow.indices.to_numpy())):
        assert encoded.tolist() == [0, 1, 0] and encoded.dtype == np.int8 and not encoded.flags.writeable
        assert not np.shares_memory(encoded, held)   # whoever holds the column may write into it


def test_categories_that_are_the_same_group_are_one():
    column = GroupColumn.encode("g", pd.Categorical.from_codes([0, 1, 2, -1], ["1", 1, 2]))
    assert column.to_list() == ["1", "1", 2, None]


@pytest.mark.parametrize("column", [pd.array([20, None, 30], "Int64"), pd.Series([20, None, 30]),
                                    pd.Series([20, None, 30], dtype="Int64"), pa.array([20, None, 30])])
def test_integers_stay_integers_where_one_is_missing(column):
    cells = GroupColumn.encode("age", column).to_list()
    assert cells == [20, None, 30] and all(isinstance(cell, int) for cell in cells if cell is not None)


def test_an_arrow_table_is_a_table_of_groups():
    groups = encode_groups(pa.table({"color": CELLS, "age": [1, 2, 3, 4, 5, None]}), 6)
    assert groups["color"].to_list() == CELLS and groups["age"].values == [1, 2, 3, 4, 5]
