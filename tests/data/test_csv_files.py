"""Reading CSV: against Python's csv module, and every mistake with its message."""

import bz2
import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.formats.csv_quotes import long_cells

HATEXPLAIN = Path(__file__).parents[3] / "shared" / "data" / "hatexplain.csv"

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=20)
NAME = st.text("abcxyzé ,\"'", min_size=1, max_size=5).map(str.strip).filter(bool)


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "posts.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path
    return write


@given(rows=st.lists(st.tuples(TEXT, st.sampled_from("01"), st.lists(NAME, max_size=3),
                                st.just(0.0) | st.floats(1e-100, 1e9)), min_size=1))
@settings(max_examples=60, deadline=None)
def test_what_the_csv_module_writes_is_what_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["a text", "label", "group", "weight"])
        writer.writerows([text, label, "|".join(groups), repr(weight)] for text, label, groups, weight in rows)
    read = fairkit.data.read(path, "a text", label="label", groups="group", separator="|", weight="weight")
    assert read.inputs.tolist() == [row[0] for row in rows]
    assert read.labels.tolist() == [int(row[1]) for row in rows]
    cells = [tuple(sorted(set(row[2]))) for row in rows]
    assert read.groups["group"].to_list() == [None if not c else c[0] if len(c) == 1 else c for c in cells]
    assert read.weights.tolist() == [row[3] for row in rows]


@pytest.mark.skipif(not HATEXPLAIN.exists(), reason="../shared/data/hatexplain.csv is absent")
def test_a_real_file():
    with open(HATEXPLAIN, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    by_negative = fairkit.data.read(HATEXPLAIN, "comment", label="label", negative="normal", groups=["Religion"])
    by_positive = fairkit.data.read(str(HATEXPLAIN), "comment", label="label", positive=["offensive", "hatespeech"])
    assert by_negative.inputs.tolist() == [row["comment"] for row in rows]
    assert by_negative.labels.tolist() == [int(row["label"] != "normal") for row in rows]
    assert by_negative.groups["Religion"].to_list() == [row["Religion"] for row in rows]
    np.testing.assert_array_equal(by_positive.labels, by_negative.labels)


def test_quotes_line_breaks_emojis_a_byte_order_mark_and_blank_lines(file):
    path = file('\ufefftext,label\n"a, ""b""\nc 😂",1\n\n,0\nNA,0\n')
    examples = fairkit.data.read(path, "text", label="label")
    assert examples.inputs.tolist() == ['a, "b"\nc 😂', "", "NA"]
    assert examples.labels.tolist() == [1, 0, 0]


def test_quotes_in_the_middle_of_a_cell_are_part_of_it(file):
    path = file('text,label\na 5" pipe,1\n"he said ""no""",0\n')
    assert fairkit.data.read(path, "text", label="label").inputs.tolist() == ['a 5" pipe', 'he said "no"']


def test_a_very_long_text(file):
    long = "word " * 2_000_000
    examples = fairkit.data.read(file(f'text,label\n"{long}",1\nshort,0\n'), "text", label="label")
    assert examples.inputs.tolist() == [long, "short"]


def test_groups_are_texts_and_empty_cells_nothing(file):
    path = file("label,age,faith\n1,08,hindu | jewish\n0,8,\n0,8.0,| hindu|\n")
    groups = fairkit.data.read(path, label="label", groups=["age", "faith"], separator="|").groups
    assert groups["age"].to_list() == ["08", "8", "8"]   # whole floats as pandas writes them
    assert groups["faith"].to_list() == [("hindu", "jewish"), None, "hindu"]
    whole = fairkit.data.read(path, label="label", groups="faith").groups["faith"]
    assert whole.to_list() == ["hindu | jewish", None, "| hindu|"]


def test_a_group_column_that_is_empty_throughout(file):
    assert fairkit.data.read(file("l,g\n1,\n0,\n"), label="l", groups="g").groups["g"].to_list() == [None, None]


def test_several_inputs_are_arrays_by_name(file):
    examples = fairkit.data.read(file("age,pay,job,y\n30,1.5,cook,1\n41,2,,0\n"), ["age", "pay", "job"], label="y")
    assert {name: (array.dtype.kind, array.tolist()) for name, array in examples.inputs.items()} == {
        "age": ("i", [30, 41]), "pay": ("f", [1.5, 2.0]), "job": ("O", ["cook", ""])}


def test_no_inputs_and_ids(file):
    examples = fairkit.data.read(file("y,n\n1,a7\n0,a8\n"), label="y", id="n")
    assert examples.inputs is None and examples.ids.tolist() == ["a7", "a8"]


@pytest.mark.parametrize(("how", "labels"), [
    ({"positive": "b"}, [0, 1, 0]), ({"positive": ["a", "b"]}, [1, 1, 0]), ({"negative": "c"}, [1, 1, 0]),
    ({"negative": ("a", "b")}, [0, 0, 1]),
])
def test_values_that_count(file, how, labels):
    assert fairkit.data.read(file("y\na\nb\nc\n"), label="y", **how).labels.tolist() == labels


@pytest.mark.parametrize(("positive", "labels"), [
    (">=0.5", [0, 1, 1]), ("> .5", [0, 0, 1]), (">1e-3", [1, 1, 1]), (1.0, [0, 0, 1]),
])
def test_a_threshold_or_a_number(file, positive, labels):
    assert fairkit.data.read(file("y\n0.1\n0.5\n1.0\n"), label="y", positive=positive).labels.tolist() == labels


@pytest.mark.parametrize(("content", "arguments", "message"), [
    ("", {}, "posts.csv' is empty"),
    ("y,g\n", {}, "no rows"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "posts.csv' is of no kind|no CSV file"),
    ("y,g\n1,2\n".encode("utf-16"), {}, "no CSV file.*encoding="),
    (b"y,g\n1,a\n0,\xff\n", {"groups": "g"}, "column 'g' is no text in UTF-8.*row 3"),
    ("y,g\n1,a\n0\n", {}, "Expected: 2 cells.*1 cells, row 3"),
    ("y,g\n1,a\n0,b,c\n", {}, "Expected: 2 cells.*3 cells, row 3"),
    ('y,g\n0,"b"\n1,"a\n0,b\n', {}, "quote in row 3 that is never closed"),
    ('y,g\n0,"b' + "\n1,a" * 99_999, {}, "quote in row 2 that is never closed"),
    ("y,faith\n1,a\n", {"groups": "fait"}, "no column 'fait'. Expected: 'faith' \\(the nearest\\)"),
    ("y,y\n1,1\n", {}, "several columns 'y'"),
    ("y\n1\n2\n", {}, "not 0 and 1.*positive=.*Received: '1', '2'"),
    ("y\n0.0\n1.5\n", {}, "not 0 and 1"),
    ("y\nyes\nno\n", {}, "not 0 and 1.*'no', 'yes'"),
    ("y,g\n1,a\n,b\n", {}, "label column 'y' has empty cells.*row 3"),
    ("y\nrude\nfine\n", {"positive": "rud"}, "no label in column 'y' is 'rud'.*'rude' \\(the nearest\\)"),
    ("y\nrude\nfine\n", {"negative": ["fine", "ok"]}, "is 'ok'"),
    ("y\nrude\nfine\n", {"positive": []}, "empty list"),
    ("y\nrude\nfine\n", {"positive": "rude", "negative": "fine"}, "both"),
    ("y\n0.1\nhigh\n", {"positive": ">=0.5"}, "no number.*'high' in row 3"),
    ("y\n0.1\nnan\n", {"positive": ">=0.5"}, "'nan' in row 3"),
    ("y,w\n1,1\n0,x\n", {"weight": "w"}, "weight in column 'w' is no number.*'x' in row 3"),
    ("y,w\n1,1\n0,\n", {"weight": "w"}, "weight in column 'w' is missing.*row 3"),
    ("y,w\n1,1\n0,-1\n", {"weight": "w"}, "weight.*-1"),
    ("y,n\n1,a\n0,a\n", {"id": "n"}, "ids in column 'n' are not distinct.*'a' as in row 2 in row 3"),
    ("y,n\n1,a\n0,\n", {"id": "n"}, "id in column 'n' is missing.*row 3"),
    ("y,g\n1,a\n", {"groups": {"g": 1}}, "groups names no column"),
    ("y,g\n1,a\n", {"groups": "g", "separator": ""}, "separator"),
])
def test_what_is_wrong_is_said(file, content, arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message) as caught:
        fairkit.data.read(file(content), **{"label": "y"} | arguments)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    for path, received in ((tmp_path / "none.csv", "no such file"), (tmp_path, "an empty folder"), (7, "int")):
        with pytest.raises(fairkit.FairkitError, match=received):
            fairkit.data.read(path, label="y")


@pytest.mark.parametrize(("encoding", "ending"), [("utf-8", ""), ("utf-8", ".gz"), ("utf-16", ""),
                                                  ("cp1252", ".bz2")])
def test_line_breaks_within_quotes_at_the_end_of_a_block_are_kept(tmp_path, encoding, ending):
    """pyarrow loses a line feed between a block that ends on a carriage return and the next one."""
    packed = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress}[ending]
    block = 1 << 20
    for before in (1, 2, 3, 4):   # characters from the block's end to the cell's line break
        for broken in ("\r\n", "\r\r\n", "\r", "\n\r", "é\r\n\r\n"):
            text = "é" + "z" * (block - len('text,label,g\r\n"') - before - 2) + broken * 3 + "B"
            content = f'text,label,g\r\n"{text}",1,a\r\n"x\r\ny",0,"b\r\n"\r\n'.encode(encoding)
            path = tmp_path / f"long.csv{ending}"
            path.write_bytes(packed(content))
            examples = fairkit.data.read(path, "text", label="label", groups="g", encoding=encoding)
            with long_cells(1 << 23):
                expected = list(csv.reader(io.StringIO(content.decode(encoding), newline="")))[1:]
            assert examples.inputs.tolist() == [row[0] for row in expected]
            assert examples.groups["g"].to_list() == [row[2] for row in expected]


def test_a_block_of_carriage_returns_and_many_rows_with_line_breaks(tmp_path):
    path = tmp_path / "breaks.csv"
    rows = [["\r\n" * n + "é" * (n % 7), str(n % 2)] for n in range(1500)] + [["\r" * (3 << 20) + "\n", "1"]]
    with open(path, "w", newline="", encoding="latin-1") as out:
        csv.writer(out).writerows([["text", "y"], *rows])
    with open(path, newline="", encoding="latin-1") as lines, long_cells(1 << 23):
        expected = [row[0] for row in csv.reader(lines)][1:]
    examples = fairkit.data.read(path, "text", label="y", encoding="latin-1")
    assert examples.inputs.tolist() == expected == [row[0] for row in rows]
