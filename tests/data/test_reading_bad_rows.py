"""Rows that cannot be read: named with row and column, or set aside and counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.quiet import tf

CSV = b"""text,y,w,n,age
a,0,1,i1,30
b,1
c,,2,i3,31
d,1,x,i4,32
e\xff,1,1,i5,33
f,1,-1,i6,34
g,0,1,i1,35
h,1,nan,i8,36
i,1,2.5,,37
j,1,3,i10,many
k,1,4,i11,38
"""
ASKED = {"label": "y", "weight": "w", "id": "n"}
WRONG = [("row 3", "another number of cells"), ("row 6", "no text in UTF-8"), ("row 4", "empty cells"),
         ("row 5", "no number: 'x'"), ("row 9", "no number: 'nan'"), ("row 7", "out of range: '-1'"),
         ("row 10", "id in column 'n' is missing"), ("row 8", "not distinct: 'i1' as in row 2"),
         ("row 11", "age' is no number, as most are: 'many'")]


def test_bad_rows_of_csv_are_set_aside_and_counted(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(CSV + b"".join(b"l%d,0,1,j%d,40\n" % (i, i) for i in range(20)))
    schema = {"schema": {"age": int}}
    examples = fairkit.data.read(path, ["text", "age"], **ASKED, **schema, bad_rows="set aside")
    assert examples.inputs["text"].tolist()[:2] == ["a", "k"] and examples.inputs["age"].tolist()[:3] == [30, 38, 40]
    assert examples.ids.tolist()[:3] == ["i1", "i11", "j0"] and examples.weights.tolist()[:2] == [1, 4]
    set_aside = examples.set_aside
    assert len(set_aside) == len(set_aside.rows) == 9
    for (row, wrong), found in zip(sorted(WRONG), sorted(set_aside.rows, key=lambda bad: bad.place.split(" of ")[0])):
        assert found.place.startswith(f"{row} of") and wrong in found.wrong, found
    assert str(set_aside).startswith("9 rows set aside: row 3 of") and str(set_aside).endswith("...")
    lines = CSV.splitlines()
    for left in range(1, len(WRONG)):  # with fewer and fewer of them, each stops the reading with its row
        bad = {int(row.split()[1]) - 1 for row, _ in WRONG[:left]}
        path.write_bytes(b"\n".join(b"q,1,1,q%d,1" % i if i in bad else line for i, line in enumerate(lines)))
        with pytest.raises(fairkit.FairkitError, match="row "):
            fairkit.data.read(path, ["text", "age"], **ASKED, **schema)


def test_a_source_of_bad_rows_alone(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("y\n\n,\n")
    with pytest.raises(fairkit.FairkitError, match="no rows.*1 row set aside"):
        fairkit.data.read(path, label="y", bad_rows="set aside")
    with pytest.raises(fairkit.FairkitError, match="no good rows.*1 row set aside"):
        fairkit.data.read(pd.DataFrame({"y": [None]}), label="y", bad_rows="set aside")


@settings(max_examples=30, deadline=None)
@given(kinds=st.lists(st.sampled_from(["good", "short", "no label", "bytes"]), min_size=1, max_size=400))
def test_row_numbers_are_those_of_the_file(kinds, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "any.csv"
    cells = {"good": b"%d,1", "short": b"%d", "no label": b"%d,", "bytes": b"%d\xff,1"}
    path.write_bytes(b"n,y\n" + b"".join(cells[kind] % i + b"\n" for i, kind in enumerate(kinds)))
    good = [i for i, kind in enumerate(kinds) if kind == "good"]
    if not good:
        return
    examples = fairkit.data.read(path, "n", label="y", bad_rows="set aside")
    assert [int(text) for text in examples.inputs] == good
    assert sorted(int(bad.place.split()[1]) for bad in examples.set_aside.rows) == [
        i + 2 for i, kind in enumerate(kinds) if kind != "good"]


def test_bad_rows_far_down_a_file(tmp_path):
    """Beyond Arrow's blocks, and in a row that is longer than a block."""
    path = tmp_path / "long.csv"
    rows = [f"{'x' * 300},1" for _ in range(20_000)]
    rows[9_000], rows[15_000], rows[19_000] = f"{'y' * 3_000_000},1", "short", "x,"
    path.write_text("text,y\n" + "\n".join(rows) + "\n")
    examples = fairkit.data.read(path, "text", label="y", bad_rows="set aside")
    assert [bad.place.split()[1] for bad in examples.set_aside.rows] == ["15002", "19002"]
    assert len(examples) == 19_998 and len(examples.inputs[9_000]) == 3_000_000
    with pytest.raises(fairkit.FairkitError, match="1 cells, row 15002"):
        fairkit.data.read(path, "text", label="y")


def test_bad_lines_of_json(tmp_path):
    path = tmp_path / "bad.jsonl"
    lines = ['{"t": "a", "y": 0}', '{"t": "b", "y":', '{"t": 3, "y": 1}', '{"t": null, "y": 1}', "[1]", '{"y": 0}',
             '{"t": "c", "y": NaN}', '{"t": "\\ud800", "y": 1}', '{"t": "d", "t": "e", "y": 1}', '{"t": "z", "y": 1}']
    path.write_text("\n".join(lines))
    examples = fairkit.data.read(path, "t", label="y", bad_rows="set aside")
    assert examples.inputs.tolist() == ["a", "z"] and examples.labels.tolist() == [0, 1]
    rows = {int(bad.place.split()[1]): bad.wrong for bad in examples.set_aside.rows}
    assert sorted(rows) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert "no JSON" in rows[2] and "column 't' holds a whole number" in rows[3] and "missing" in rows[4]
    assert "a list" in rows[5] and "missing" in rows[6] and "NaN" in rows[7] and "surrogate" in rows[8]
    assert "twice" in rows[9]
    with pytest.raises(fairkit.FairkitError, match="no JSON.*row 2 of"):
        fairkit.data.read(path, "t", label="y")


def test_bad_records_and_frames(tmp_path):
    path = tmp_path / "bad.tfrecord"
    good = {"y": tf.train.Feature(int64_list=tf.train.Int64List(value=[1]))}
    odd = {"y": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"1"]))}
    with tf.io.TFRecordWriter(str(path)) as writer:
        for feature in (good, odd, {}, good):
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
    examples = fairkit.data.read(path, label="y", bad_rows="set aside")
    assert len(examples) == 2 and [bad.place.split(" of ")[0] for bad in examples.set_aside.rows] == ["row 1", "row 2"]
    with pytest.raises(fairkit.FairkitError, match="row 1 of"):
        fairkit.data.read(path, label="y")
    frame = pd.DataFrame({"y": [1, 0, 1], "v": [[1, 2], [3], None], "t": ["a", None, "b"]})
    examples = fairkit.data.read(frame, ["v", "t"], label="y", bad_rows="set aside")
    np.testing.assert_array_equal(examples.inputs["v"], [[1, 2]])
    assert examples.inputs["t"].tolist() == ["a"] and len(examples.set_aside) == 2
    with pytest.raises(fairkit.FairkitError, match="several kinds.*int in row 0, str in row 1"):
        fairkit.data.read(pd.DataFrame({"y": [1, "1"]}), label="y")


def test_a_column_of_mostly_numbers_is_not_guessed(tmp_path):
    path = tmp_path / "ages.csv"
    path.write_text("age,y\n" + "30,1\n" * 19 + "n/a,0\n")
    with pytest.raises(fairkit.FairkitError, match="no number, as most are.*schema={'age': str}.*'n/a' in row 21"):
        fairkit.data.read(path, ["age"], label="y")
    assert fairkit.data.read(path, ["age"], label="y", schema={"age": str}).inputs["age"][19] == "n/a"
    aside = fairkit.data.read(path, ["age"], label="y", bad_rows="set aside")
    assert aside.inputs["age"].tolist() == [30] * 19 and len(aside.set_aside) == 1
    path.write_text("word,y\n" + "30,1\n" * 8 + "n/a,0\n" * 2)
    assert fairkit.data.read(path, ["word"], label="y").inputs["word"][9] == "n/a"
    path.write_text("age,y\n30.5,1\n")
    with pytest.raises(fairkit.FairkitError, match="whole numbers"):
        fairkit.data.read(path, ["age"], label="y", schema={"age": int})


def test_only_two_ways():
    with pytest.raises(fairkit.FairkitError, match="'set aside' \\(the nearest\\)"):
        fairkit.data.read(pd.DataFrame({"y": [1]}), label="y", bad_rows="set-aside")


def test_ids_that_differ_only_in_a_last_nul():
    frame = pd.DataFrame({"y": [0, 1], "n": ["a", "a\0"]})
    assert fairkit.data.read(frame, label="y", id="n").ids.tolist() == ["a", "a\0"]


def test_images_that_are_not_there_are_bad_rows(tmp_path):
    from PIL import Image

    Image.fromarray(np.zeros((2, 2, 3), np.uint8)).save(tmp_path / "a.png")
    path = tmp_path / "images.csv"
    path.write_text("file,y\na.png,1\nb.png,0\n")
    with pytest.raises(fairkit.FairkitError, match="row 3"):
        fairkit.data.read(path, "file", label="y", images=True)
    examples = fairkit.data.read(path, "file", label="y", images=(4, 4, 1), bad_rows="set aside")
    assert np.asarray(examples.inputs).shape == (1, 4, 4, 1) and len(examples.set_aside) == 1


def test_a_schema_is_honoured_for_a_single_input_too_or_refused(tmp_path):
    (tmp_path / "people.csv").write_text("age,y\n1.5,0\n2,1\n")
    frame = pd.read_csv(tmp_path / "people.csv")
    for kind, expected in ((float, [1.5, 2.0]), (str, ["1.5", "2"]), (None, ["1.5", "2"])):
        schema = None if kind is None else {"age": kind}
        assert fairkit.data.read(tmp_path / "people.csv", "age", label="y", schema=schema).inputs.tolist() == expected
    with pytest.raises(fairkit.FairkitError, match="'age' does not hold whole numbers.*schema={'age': float}"):
        fairkit.data.read(tmp_path / "people.csv", "age", label="y", schema={"age": int})
    with pytest.raises(fairkit.FairkitError, match="schema names 'ages', which is not an input.*'age' .the nearest"):
        fairkit.data.read(tmp_path / "people.csv", "age", label="y", schema={"ages": float})
    with pytest.raises(fairkit.FairkitError, match="does not give types.*int, float or str"):
        fairkit.data.read(tmp_path / "people.csv", "age", label="y", schema={"age": "float"})
    with pytest.raises(fairkit.FairkitError, match="the columns here have types of their own"):
        fairkit.data.read(frame, "age", label="y", schema={"age": float})
