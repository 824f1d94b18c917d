"""Columns of Arrow's rarer types, and of different types in several files: read without loss, or refused in words."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairkit

Y = [0, 1, 0]
DAY = datetime.datetime(2020, 1, 1)


def table(cells):
    return pa.table({"y": Y, "g": cells})


@pytest.mark.parametrize(("first", "second", "cells"), [
    (["a", "b"], [None, "c"], ["a", "b", None, "c"]), ([1, 2], [0.5, 1.0], [1, 2, 0.5, 1]),
    (["a", "b"], [["a", "b"], []], ["a", "b", ("a", "b"), None]),
    (pa.array([1, 2], pa.int8()), [2**40, 1], [1, 2, 2**40, 1]),
    (pa.array(["a", "b"]).dictionary_encode(), ["b", "c"], ["a", "b", "b", "c"]),
])
def test_files_whose_types_go_together(tmp_path, first, second, cells):
    for number, part in enumerate((first, second)):
        pq.write_table(pa.table({"y": [0, 1], "g": part}), tmp_path / f"part-{number}.parquet")
    assert fairkit.data.read(tmp_path, label="y", groups="g").groups["g"].to_list() == cells


@pytest.mark.parametrize(("first", "second", "kinds"), [
    ([1, 0], ["a", "b"], ("int64", "string")), ([True, False], [1, 0], ("bool", "int64")),
    ([2**53 + 1, 0], [0.5, 1.0], ("int64", "double")),
    (pa.array([2**63, 0], pa.uint64()), [-1, 0], ("uint64", "int64")),
])
def test_files_whose_types_do_not(tmp_path, first, second, kinds):
    for number, part in enumerate((first, second)):
        pq.write_table(pa.table({"y": [0, 1], "g": part}), tmp_path / f"part-{number}.parquet")
    message = f"column .g. has types.*{kinds[0]} in .*part-0.*{kinds[1]} in .*part-1"
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.read(tmp_path, label="y", groups="g")


@pytest.mark.parametrize("cells", [
    pa.array([[[1]], [[2]], None]), pd.cut(pd.Series([1, 5, 9]), 2), pd.period_range("2020", periods=3, freq="M"),
    pd.to_timedelta([1, 2, 3], "D"), pd.Series([10**30, 1, 2], dtype=object),
])
def test_cells_that_are_neither_groups_nor_ids(cells):
    source = table(cells) if isinstance(cells, pa.Array) else pd.DataFrame({"y": Y, "g": cells})
    for asked in ({"groups": "g"}, {"id": "g"}):
        with pytest.raises(fairkit.FairkitError, match="'g'"):
            fairkit.data.read(source, label="y", **asked)


@pytest.mark.parametrize("cells", [pd.to_datetime([DAY] * 3), [DAY.date()] * 3])
def test_times_are_groups_and_not_ids(cells):
    source = pd.DataFrame({"y": Y, "g": cells})
    assert fairkit.data.read(source, label="y", groups="g").groups["g"].values == ["2020-01-01"]
    with pytest.raises(fairkit.FairkitError, match="'g'"):
        fairkit.data.read(source, label="y", id="g")


@pytest.mark.parametrize("cells", [[True, None, False], [DAY, None, DAY], pa.nulls(3)])
def test_ids_of_other_types(cells):
    with pytest.raises(fairkit.FairkitError, match="holds no ids|id in column 'g' is missing"):
        fairkit.data.read(table(cells), label="y", id="g")


def test_halves_and_views():
    half = pa.table({"y": pa.array([0.0, 1.0, 0.0], pa.float16()), "g": pa.array(["a", "b", "c"], pa.string_view())})
    examples = fairkit.data.read(half, "g", label="y", positive=">0.5", groups="g", id="g")
    assert examples.labels.tolist() == Y and examples.ids.tolist() == ["a", "b", "c"]
    assert examples.inputs.tolist() == ["a", "b", "c"]


def test_missing_lists_of_a_fixed_size(tmp_path):
    pq.write_table(table(pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2))), tmp_path / "a.parquet")
    with pytest.raises(fairkit.FairkitError, match="lists of a fixed size of which some are missing"):
        fairkit.data.read(tmp_path / "a.parquet", "g", label="y")


def test_missing_inputs_are_kept_where_that_is_asked_for(tmp_path):
    (tmp_path / "t.csv").write_text("age,job,y\n17,,1\n,cook,0\n")
    with pytest.raises(fairkit.FairkitError, match="a number in column 'age' is missing"):
        fairkit.data.read(tmp_path / "t.csv", ["age", "job"], label="y")
    kept = fairkit.data.read(tmp_path / "t.csv", ["age", "job"], label="y", missing_inputs="keep")
    assert np.isnan(kept.inputs["age"]).tolist() == [False, True] and list(kept.inputs["job"]) == ["", "cook"]
