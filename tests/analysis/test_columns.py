"""The overview of a file's columns: what pandas says of them, whatever the chunks."""

import datetime
import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairkit import FairkitError
from fairkit.analysis.columns import overview

TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ä", "12", "-3", "1.5", "1e3"]))
NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, -7.0, float("nan")]))
WHOLE = st.one_of(st.none(), st.integers(-5, 5))
ROWS = st.lists(st.tuples(TEXTS, NUMBERS, WHOLE), min_size=1, max_size=40)


def chunks(columns, cuts, kinds):
    table = pa.table({name: pa.array(column, kind) for (name, column), kind in zip(columns.items(), kinds)})
    ends = sorted({0, len(table), *(cut % (len(table) + 1) for cut in cuts)})
    return [table.slice(start, stop - start) for start, stop in pairwise(ends)]


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 40), max_size=4), binary=st.booleans(), cap=st.integers(1, 8))
def test_it_says_what_pandas_says(rows, cuts, binary, cap):
    text, number, whole = zip(*rows)
    tables = chunks({"text": text, "number": number, "whole": whole}, cuts,
                    [pa.string(), pa.float64(), pa.int64()])
    if binary:  # as CSV files and TFRecords give their texts
        tables = [table.set_column(0, "text", table["text"].cast(pa.binary())) for table in tables]
    found = overview(tables, cap=cap, shown=100)
    assert found.rows == len(rows)
    for column, cells in zip(found.columns, (text, number, whole)):
        there = pd.Series([cell for cell in cells if cell is not None and cell == cell and cell != ""], dtype=object)
        counts = there.value_counts().to_dict()
        assert column.missing == len(rows) - len(there)
        assert column.distinct == (len(counts) if len(counts) <= cap else None)
        if column.distinct is not None:
            assert dict(column.values) == counts
            assert [n for _, n in column.values] == sorted(counts.values(), reverse=True)
    text = [cell for cell in text if cell]
    written = pd.to_numeric(pd.Series(text, dtype=object), errors="coerce")
    column = found.columns[0]
    if not text:
        assert column.kind == "nothing" and column.low is None
    elif written.isna().any():
        assert column.kind == "texts" and column.low is None
        assert column.mean_length == pytest.approx(np.mean([len(cell) for cell in text]))
    else:
        whole_texts = all(cell.lstrip("-").isdigit() for cell in text)
        assert column.kind == ("whole numbers" if whole_texts else "numbers")
        assert (column.low, column.high) == (written.min(), written.max())
    for column, cells, kind in zip(found.columns[1:], (number, whole), ("numbers", "whole numbers")):
        there = [cell for cell in cells if cell is not None and cell == cell]
        assert column.kind == (kind if there else "nothing")
        assert (column.low, column.high) == ((min(there), max(there)) if there else (None, None))


def kinds_of(**columns):
    return {column.name: column for column in overview([pa.table(columns)]).columns}


def test_kinds():
    found = kinds_of(
        flag=pa.array([True, None]), day=pa.array([datetime.date(2020, 1, 2), datetime.date(2019, 3, 4)]),
        raw=pa.array([b"\xff\xfe", b"a"]), lists=pa.array([["a", "b"], []]), fixed=pa.array([[1, 2]] * 2,
                                                                                        pa.list_(pa.int8(), 2)),
        struct=pa.array([{"a": 1}, None]), none=pa.nulls(2), coded=pa.array(["a", "b"]).dictionary_encode(),
        image=pa.array([list(range(50))] * 2), nested=pa.array([[[1]], [[2]]]),
        tensor=pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((2, 2, 2))),
        duration=pa.array([datetime.timedelta(1)] * 2), view=pa.array(["a", "b"], pa.string_view()))
    assert {name: column.kind for name, column in found.items()} == {
        "flag": "true or false", "day": "times", "raw": "bytes", "lists": "lists", "fixed": "lists",
        "struct": "struct<a: int64>", "none": "nothing", "coded": "texts", "image": "lists", "nested": "lists",
        "tensor": found["tensor"].kind, "duration": "duration[us]", "view": "texts"}
    assert found["day"].low == datetime.date(2019, 3, 4) and found["flag"].values == [(True, 1)]
    assert found["lists"].values == [(("a", "b"), 1)] and found["lists"].missing == 1
    assert found["image"].distinct is None and found["image"].mean_length == 50
    assert found["struct"].missing == 1 and found["struct"].distinct is None


def test_a_column_may_change_its_kind():
    found = overview([pa.table({"a": [1, 2]}), pa.table({"a": pa.nulls(1)}), pa.table({"a": ["x"]})]).columns[0]
    assert found.kind == "of several kinds" and found.distinct is None and found.low is None and found.missing == 1
    found = overview([pa.table({"a": ["1", "2"]}), pa.table({"a": ["3.5"]}), pa.table({"a": ["x"]})]).columns[0]
    assert found.kind == "texts" and found.distinct == 4 and found.low is None
    found = overview([pa.table({"a": [1]}), pa.table({"a": [2.5]})]).columns[0]
    assert found.kind == "numbers" and found.high == 2.5


def test_memory_has_a_bound():
    texts = [f"{k:06}" + "x" * 3000 for k in range(600)]
    found = overview([pa.table({"text": texts[start:start + 50]}) for start in range(0, 600, 50)])
    assert found.columns[0].distinct is None and found.columns[0].mean_length == 3006


def test_candidates_and_json():
    table = pa.table({"label": ["0", "1"] * 30, "constant": ["a"] * 60, "id": list(range(60)),
                      "nan": [float("nan")] * 60})
    found = overview([table])
    assert found.candidates == ["label"]
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["rows"] == 60 and plain["candidates"] == ["label"]
    assert plain["columns"][0]["values"] == [["0", 30], ["1", 30]]


def test_tables_of_other_columns_are_refused():
    with pytest.raises(FairkitError, match="different columns"):
        overview([pa.table({"a": [1]}), pa.table({"b": [1]})])


def test_no_table_no_column():
    assert overview([]).columns == [] and overview([]).rows == 0
