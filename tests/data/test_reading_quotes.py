import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit.formats.csv_quotes import Quotes

CELLS = st.lists(st.lists(st.text('a"\\,;\n\r ', max_size=6), min_size=2, max_size=3), min_size=1, max_size=6)


def doubtful(data, sizes=(1,)):
    quotes, at, i = Quotes(","), 0, 0
    while at < len(data):
        quotes.add(data[at:at + sizes[i % len(sizes)]])
        at, i = at + sizes[i % len(sizes)], i + 1
    return quotes.doubtful


@given(CELLS, st.lists(st.integers(1, 7), min_size=1))
def test_what_the_csv_module_writes_is_in_no_doubt(rows, sizes):
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    for start in ("", "\ufeff"):
        data = (start + file.getvalue()).encode()
        assert not doubtful(data, [3, *sizes])


@given(st.text('a",\n', max_size=12), st.lists(st.integers(1, 5), min_size=1))
def test_what_pythons_strict_reader_refuses_is_in_doubt(text, sizes):
    try:
        list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        assert doubtful(text.encode(), sizes)


@pytest.mark.parametrize(("content", "message"), [
    ('text,y\n"a,1\nb,0\n"c",1\n', "text behind a closing quote.*never closed, in row 2"),
    ('text,y\nx,1\n"a,1\n' + "b,0\n" * 2000 + '"c",1\n', "never closed, in row 3"),
    ('text,y\n"say \\"hi\\" now",1\n', "quotes within these doubled, not behind a backslash.*row 2"),
    ('text,y\nb,0\n\n"x"y,1\n', "in row 3 \\(line 4\\)"),
    ('text,faith,y\n"a, b,c,1\nb,d,0\n', "a quote in row 2 that is never closed"),
    ('text,faith,y\nx,"a,c,1\nb,d,0\nb,d,0,4\n', "a quote in row 2 that is never closed"),
    ('text,faith,y\n"he said "no", ok",c,1\nb,d,0\n', "text behind a closing quote.*row 2"),
])
@pytest.mark.parametrize("bad_rows", ["raise", "set aside"])
def test_rows_do_not_vanish_in_a_cell(tmp_path, content, message, bad_rows):
    path = tmp_path / "posts.csv"
    path.write_text(content)
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.read(path, "text", label="y", bad_rows=bad_rows)


def test_the_line_is_said_where_it_is_another_number_than_the_row(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text('text,y\n\n"two\nlines",1\nb,0,9\n')
    with pytest.raises(fairkit.FairkitError, match=r"3 cells, row 3 of '.*' \(line 5\)"):
        fairkit.data.read(path, "text", label="y")
    path.write_text('text,y\n5" pipes and 6" ones,1\n7" as well,0\n')
    assert fairkit.data.read(path, "text", label="y").inputs.tolist() == ['5" pipes and 6" ones', '7" as well']


def test_delimiters_and_encodings_that_are_none(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("text\ty\na\t1\nb\t0\n")
    assert fairkit.data.read(path, "text", label="y", delimiter="\\t").inputs.tolist() == ["a", "b"]
    for options, message in (({"encoding": "base64"}, "no such encoding"), ({"encoding": "rot13"}, "no such encoding"),
                             ({"delimiter": "§"}, "one ASCII"), ({"delimiter": '"'}, "one ASCII")):
        with pytest.raises(fairkit.FairkitError, match=message):
            fairkit.data.read(path, "text", label="y", **options)


def test_a_header_of_one_cell_gives_a_hint(tmp_path):
    from fairkit.data.reading.sources import open_source

    path = tmp_path / "posts.csv"
    path.write_text("text;y\na;1\n")
    assert "delimiter=';'" in open_source(path).hint
    assert open_source(path, delimiter=";").hint is None
