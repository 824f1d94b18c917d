"""Frames as inputs: what a column of any type becomes, and what is refused."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fairkit import FairkitError
from fairkit.tables import is_frame, table_columns

COLUMNS = {
    "whole": (pd.Series([1, 2, 3]), [1, 2, 3], "i"),
    "missing": (pd.Series([1, None, 3]), [1, np.nan, 3], "f"),
    "nullable": (pd.Series([1, None, 3], dtype="Int64"), [1, np.nan, 3], "f"),
    "nullable whole": (pd.Series([1, 2, 3], dtype="Int64"), [1, 2, 3], "i"),
    "arrow": (pd.Series([1, None, 3], dtype="int64[pyarrow]"), [1, np.nan, 3], "f"),
    "truth": (pd.Series([True, False, True]), [1, 0, 1], "u"),
    "nullable truth": (pd.Series([True, None, False], dtype="boolean"), [1, np.nan, 0], "f"),
    "texts": (pd.Series(["a", None, " b"]), ["a", "", " b"], "O"),
    "arrow texts": (pd.Series(["a", None, "b"], dtype="string[pyarrow]"), ["a", "", "b"], "O"),
    "mixed": (pd.Series(["a", 3, np.nan]), ["a", "3", ""], "O"),
    "nothing": (pd.Series([None] * 3, dtype=object), ["", "", ""], "O"),
    "categorical": (pd.Series(["x", None, "y"], dtype="category"), ["x", "", "y"], "O"),
    "categorical numbers": (pd.Series([2, None, 1], dtype="category"), [2, np.nan, 1], "f"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_becomes_numbers_or_texts(name):
    column, expected, kind = COLUMNS[name]
    column.index = [5, 5, -1]
    made = table_columns(pd.DataFrame({name: column}))[name]
    assert made.dtype.kind == kind
    assert all(a == b or (a != a and b != b) for a, b in zip(made.tolist(), expected, strict=True))


def test_other_tables():
    assert table_columns(pa.table({"x": [1, None]}))["x"].tolist()[0] == 1
    assert is_frame(pa.table({"x": [1]})) and not is_frame(np.eye(2)) and not is_frame({"columns": 1})


@pytest.mark.parametrize("frame, says", [
    (pd.DataFrame({"": [1]}), "no proper name"), (pd.DataFrame([[1, 2]], columns=["a", "a"]), "several columns 'a'"),
    (pd.DataFrame({"t": pd.to_datetime(["2020-01-01"])}), "cannot be fed to a model. Expected: numbers or texts"),
    (pd.DataFrame({"t": [[1, 2]]}), "a number or a text in each cell"),
])
def test_what_is_refused(frame, says):
    with pytest.raises(FairkitError, match=says):
        table_columns(frame)
