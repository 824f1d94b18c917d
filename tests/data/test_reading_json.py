"""JSON Lines and arrays: the same rows whichever way a block is read, numbered by lines."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.data.reading import json_arrays, json_lines
from fairkit.data.reading.bad_rows import BadRows

GOOD = b'{"t": "a", "y": 0, "x": 1, "v": [1, 2], "z": "other"}'
LINES = [
    GOOD, GOOD, GOOD, GOOD, b"", b"  \t", b'{"t": "b", "y": 1}', b'  {"y": 1, "t": "c"}  \r', b"{}",
    GOOD + GOOD, b'{"t": "a",', b' "y": 1}', b'{"t": "d", "y": 1, "z": 1, "z": 2}', b'{"t": "d", "t": "e", "y": 1}',
    b'{"t": "\xff", "y": 1}', b'{"t": "f", "y": 1, "z": "\xff"}', b'{"t": "\\ud800", "y": 1}',
    b'{"t": "g", "y": 1, "z": "\\ud800"}', b'{"t": 3, "y": 1}', b'{"t": "h", "y": true}', b'{"x": 2.5, "y": 1}',
    b'{"x": 9007199254740993}', b'{"x": 1e300}', b'{"x": 99999999999999999999}', b'{"x": NaN}', b'{"z": NaN, "t": "n"}',
    b'{"v": []}', b'{"v": [0.5]}', b'{"v": 4}', b'{"v": [[1]]}', b'{"v": ["a"]}', b'{"v": [null]}', b"[1]", b"7",
    b'{"t": {"u": 1}}', b'{"z": {"u": 1, "u": 2}, "t": "i"}', b'{"\\u0074": "j", "y": 0}', b'{"t": "tab\there"}',
    b'{"x": -0}', b'{"x": 01}', b'{"t": "k", "y": 1},', b'{"t": "l"} // no', b'{"z": {}}\r', b'{"z": [{"t": "in"}]}',
]


def read_all(path, way, monkeypatch, first, block):
    monkeypatch.setattr(json_lines, "_FIRST", first)
    monkeypatch.setattr(json_lines, "_BLOCK", block)
    bad = BadRows(way)
    source = json_lines.JsonLines([(path, None)])
    rows = []
    for table, _, number in source.chunks(["t", "y", "x", "v"], bad):
        numbers = number if isinstance(number, np.ndarray) else np.arange(number, number + len(table))
        rows += [(n, repr(row)) for n, row in zip(numbers.tolist(), map(plain, table.to_pylist()), strict=True)]
    return rows, [(one.place, one.wrong) for one in bad.set_aside.rows]


def plain(row):
    """Whole numbers and lists as they are where a column has become one of numbers or of lists."""
    floats = lambda cell: [floats(part) for part in cell] if isinstance(cell, list) else (  # noqa: E731
        float(cell) if type(cell) is int and abs(cell) <= 2**53 else cell)
    row["v"] = row["v"] if row["v"] is None or isinstance(row["v"], list) else [row["v"]]
    return {name: floats(cell) for name, cell in row.items()}


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), max_size=40), end=st.sampled_from([b"", b"\n"]))
def test_arrow_and_python_read_the_same_rows(lines, end, tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "any.jsonl"
    path.write_bytes(b"\n".join([GOOD] * 3 + lines) + end)
    with pytest.MonkeyPatch.context() as patch:
        rows, bad = read_all(path, "set aside", patch, 1 << 20, 1 << 20)   # in Python alone
        assert read_all(path, "set aside", patch, 60, 60) == (rows, bad)   # most blocks are one line
        assert read_all(path, "set aside", patch, 60, 300) == (rows, bad)
    lines = [GOOD] * 3 + lines
    told = {int(place.split()[1]) for place, _ in bad}
    blank = {number for number, line in enumerate(lines, 1) if not line.strip()}
    assert {number for number, _ in rows} | told | blank == set(range(1, len(lines) + 1))
    assert len(rows) + len(told) + len(blank) == len(lines)


def test_two_objects_on_a_line_are_no_row(tmp_path, monkeypatch):
    """They were two rows for Arrow, after which good lines were passed over."""
    monkeypatch.setattr(json_lines, "_FIRST", 1 << 10)
    path = tmp_path / "pairs.jsonl"
    lines = [json.dumps({"n": i, "y": 1}) for i in range(1, 3001)]
    lines[99] += lines[99]
    lines[199], lines[299], lines[2499] = "", '{"n": "x", "y": 1}', "{"
    path.write_text("\n".join(lines))
    examples = fairkit.data.read(path, "n", label="y", bad_rows="set aside")
    assert examples.inputs.tolist() == [i for i in range(1, 3001) if i not in (100, 200, 300, 2500)]
    assert [int(bad.place.split()[1]) for bad in examples.set_aside.rows] == [100, 300, 2500]
    with pytest.raises(fairkit.FairkitError, match="Extra data.*row 100 of"):
        fairkit.data.read(path, "n", label="y")


def test_the_kind_of_a_column_is_that_of_most_rows(tmp_path):
    path = tmp_path / "odd.jsonl"
    path.write_text('{"t": 3, "y": 1}\n' + '{"t": "a", "y": 1}\n' * 50)
    with pytest.raises(fairkit.FairkitError, match="holds a whole number where other rows hold a text.*3, row 1 of"):
        fairkit.data.read(path, "t", label="y")
    assert len(fairkit.data.read(path, "t", label="y", bad_rows="set aside")) == 50


@pytest.mark.parametrize(("line", "message"), [
    ('{"t": ' + "[" * 100_000 + "]" * 100_000 + "}", "recursion"),
    ('{"t": "\\ud800", "y": 1}', "half a surrogate pair"),
    ('{"t": "a", "y": 99999999999999999999}', "a whole number that 64 bits do not hold"),
    ('{"t": ["a", ["b"]], "y": 1}', "column 't'"),
])
@pytest.mark.parametrize("place", [0, 20])
def test_odd_values_are_bad_rows(tmp_path, line, message, place):
    path = tmp_path / "odd.jsonl"
    lines = ['{"t": "a", "y": 1}'] * 20
    lines.insert(place, line)
    path.write_text("\n".join(lines))
    examples = fairkit.data.read(path, "t", label="y", bad_rows="set aside")
    (bad,) = examples.set_aside.rows
    assert len(examples) == 20 and bad.place.startswith(f"row {place + 1} of") and message in bad.wrong
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.read(path, "t", label="y")


def test_whole_numbers_that_floats_do_not_hold(tmp_path):
    path = tmp_path / "large.jsonl"
    path.write_text('{"y": 1, "n": 9007199254740993}\n{"y": 1, "n": 2}\n{"y": 0, "n": 0.5}\n')
    with pytest.raises(fairkit.FairkitError, match="holds a number where other rows hold a large whole number.*row 3"):
        fairkit.data.read(path, label="y", groups="n")
    examples = fairkit.data.read(path, label="y", groups="n", bad_rows="set aside")
    assert examples.groups["n"].to_list() == [9007199254740993, 2]


def test_files_of_different_kinds(tmp_path):
    (tmp_path / "part-1.jsonl").write_text('{"y": 1}\n{"y": 0}\n')
    (tmp_path / "part-2.jsonl").write_text('{"y": "1"}\n')
    with pytest.raises(fairkit.FairkitError, match="column 'y' holds a text where .* whole number.*row 1 of.*part-2"):
        fairkit.data.read(tmp_path, label="y")


FRAME = pd.DataFrame({"t": [f"post {i}, é 😂 ]}}{{" for i in range(5000)], "y": np.arange(5000) % 2,
                      "g": [["a"], [], ["a", "b"], None] * 1250, "x": [0.5, 2] * 2500})


@pytest.mark.parametrize("options", [{}, {"indent": 2}, {"force_ascii": False}])
def test_arrays_of_objects(tmp_path, options, monkeypatch):
    monkeypatch.setattr(json_arrays, "_BLOCK", 999)
    path = tmp_path / "posts.json"
    FRAME.to_json(path, orient="records", **options)
    examples = fairkit.data.read(path, ["t", "x"], label="y", groups="g")
    assert examples.inputs["t"].tolist() == FRAME.t.tolist() and examples.labels.tolist() == FRAME.y.tolist()
    assert examples.inputs["x"].tolist() == FRAME.x.tolist()
    assert examples.groups["g"].to_list()[:4] == ["a", None, ("a", "b"), None]


def test_bad_elements_and_arrays(tmp_path):
    path = tmp_path / "posts.json"
    path.write_text(json.dumps([{"y": 1}, 7, {"y": "x"}, {"y": 0}]))
    examples = fairkit.data.read(path, label="y", bad_rows="set aside")
    assert examples.labels.tolist() == [1, 0]
    assert [int(bad.place.split()[1]) for bad in examples.set_aside.rows] == [2, 3]
    for text, message in (('[{"y": 1}, {"y": 0}', "an end behind row 2"), ('[{"y": 1} {"y": 0}]', "'{' behind row 1"),
                          ('[{"y": 1}, {"y": }]', "no JSON.*row 2 of"), ('[{"y": 1}] ]', "more than a JSON array"),
                          ("[]", "something else than objects"), ("[[1], [2]]", "something else than objects"),
                          ('[{"y": ' + "[" * 100_000 + "]" * 100_000 + "}]", "nested too deep")):
        path.write_text(text)
        with pytest.raises(fairkit.FairkitError, match=message):
            fairkit.data.read(path, label="y", bad_rows="set aside")
    path.write_text('[1]\n{"y": 1}\n{"y": 0}\n')   # lines, the first of which is bad
    assert len(fairkit.data.read(path, label="y", bad_rows="set aside")) == 2


def test_a_byte_order_mark(tmp_path):
    path = tmp_path / "marked.json"
    for text in ('{"y": 1}\n{"y": 0}\n', '[{"y": 1}, {"y": 0}]'):
        path.write_text(text, encoding="utf-8-sig")
        assert fairkit.data.read(path, label="y").labels.tolist() == [1, 0]
