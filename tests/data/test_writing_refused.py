import numpy as np
import pandas as pd
import pytest

from fairkit import Examples, FairkitError
from fairkit.data.writing import to_table, write

TEXTS = ['a "quoted", text', "two\r\nlines", "", " blanks ", "naïve 🙂\u2028"]
FAITHS = [None, ["hindu", "jewish"], "hindu", [], "sikh"]


def posts(**changed):
    columns = {"inputs": TEXTS, "labels": [0, 1, 1, 0, 1], "groups": {"faith": FAITHS, "age": [17, None, 44, 44, 17]},
               "weights": [0.1, 1, 2.5, 1e-9, 3], "ids": ["p1", "p2", "p3", "p4", "p5"]}
    return Examples(**{**columns, **changed})


class Widening:
    """Rows whose shape changes late."""

    def __len__(self):
        return 9000

    def __getitem__(self, index):
        return np.zeros((len(index), 300, 2 if index[-1] < 4000 else 3), np.float32)


def test_a_folder_of_other_images_is_never_replaced(tmp_path):
    examples = Examples(inputs=np.zeros((2, 3, 3), np.uint8), labels=[0, 1], groups={})
    path = write(examples, tmp_path / "v1.2.csv.gz")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["v1.2.csv.gz", "v1.2_images"]
    path.unlink()
    with pytest.raises(FairkitError, match="v1.2_images' is there already.*overwrite=True"):
        write(examples, path)
    write(examples.take([0]), path, overwrite=True)
    assert sorted(p.name for p in (tmp_path / "v1.2_images").iterdir()) == [".fairkit.json", "input_000000.png"]
    (tmp_path / "v1.2_images" / "mine.png").write_bytes(b"")
    with pytest.raises(FairkitError, match="which holds something else.*'mine.png'"):
        write(examples, path, overwrite=True)
    (tmp_path / "v1.2_images" / "mine.png").unlink()
    (tmp_path / "v1.2_images" / "holiday_20260704.png").write_bytes(b"")   # called as one of fairkit's would be
    with pytest.raises(FairkitError, match="which holds something else"):
        write(examples, path, overwrite=True)
    (tmp_path / "v1.2_images" / ".fairkit.json").unlink()
    (tmp_path / "v1.2_images" / "holiday_20260704.png").unlink()
    with pytest.raises(FairkitError, match="not written by fairkit"):
        write(examples, path, overwrite=True)


def test_nothing_is_left_of_a_write_that_fails(tmp_path):
    examples = Examples(inputs=Widening(), labels=np.zeros(9000), groups={})
    for name in ("a.parquet", "a.arrow", "a.jsonl.gz"):
        with pytest.raises(FairkitError, match=r"change their shape.*float32 of shape \(300, 3\) in rows"):
            write(examples, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    old = write(posts(), tmp_path / "a.csv").read_bytes()
    nul = posts(inputs=["fine"] * 4 + ["not\x00"])
    with pytest.raises(FairkitError, match="NUL characters.*row 4"):
        write(nul, tmp_path / "a.csv", overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"] and (tmp_path / "a.csv").read_bytes() == old


def test_a_file_that_is_there_stays_unless_told_otherwise(tmp_path):
    path = write(posts(), tmp_path / "new" / "a.csv")
    assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    with pytest.raises(FairkitError, match="is there already.*overwrite=True"):
        write(posts(), path)
    write(posts().take([0]), path, overwrite=True)
    assert len(path.read_text().splitlines()) == 2
    with pytest.raises(FairkitError, match="is a folder"):
        write(posts(), tmp_path / "new", kind="csv")
    with pytest.raises(FairkitError, match="a folder cannot be made where a file is"):
        write(posts(), path / "b.csv")


@pytest.mark.parametrize("name, wrong", [
    ("a.cvs", "'.csv' \\(the nearest\\)"), ("a", "names no format"), ("a.gz", "names no format"),
    ("a.tsv", "names no format"), ("a.parquet.gz", "a name that ends in '.parquet'"),
    ("a.arrow.zst", "a name that ends in '.arrow'"), ("a.tfrecord.xz", "'.tfrecord' or '.tfrecord.gz'"),
])
def test_endings_that_name_no_format(tmp_path, name, wrong):
    with pytest.raises(FairkitError, match=wrong):
        write(posts(weights=None), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given, expected", [
    ({"groups": {"label": FAITHS}}, "label='y'"),
    ({"groups": {"input": FAITHS}}, "inputs='features'"),
    ({"groups": {"weight": FAITHS}}, "weight='sample_weight'"),
    ({"groups": {"id": FAITHS}}, "id='row_id'"),
    ({"inputs": {"faith": TEXTS}}, "inputs={'faith': 'faith_input'}"),
    ({"inputs": {"weight": TEXTS}}, "weight='sample_weight'"),
])
def test_two_columns_of_one_name_are_refused_with_the_way_out(given, expected):
    with pytest.raises(FairkitError, match="would both be written to column") as refused:
        to_table(posts(**given))
    assert expected in str(refused.value)


@pytest.mark.parametrize("values, separator, wrong", [
    (["a|b"], "|", r"contains the separator.*separator=';', or separator=None.*'a\|b'"),
    (["a|b", ["a", "c;"]], "|", r"contains the separator.*separator=','. Received: 'a\|b'"),
    ([" a"], "|", "framed by blanks.*' a'"),
    ([["a", "b"]], None, "holds several values.*separator='\\|'.*\\('a', 'b'\\)"),
    (["a"], "", "the separator is no text"),
    (["a"], "list", "the separator is no text"),
    (["a"], 3, "the separator is no text"),
])
def test_groups_that_a_csv_cell_does_not_keep(tmp_path, values, separator, wrong):
    with pytest.raises(FairkitError, match=wrong):
        write(Examples(labels=[0] * len(values), groups={"g": values}), tmp_path / "a.csv", separator=separator)
    assert list(tmp_path.iterdir()) == []
    assert write(Examples(labels=[0] * len(values), groups={"g": values}), tmp_path / "a.parquet")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.arrow", "a.tfrecord"])
def test_a_group_without_a_name_is_refused(tmp_path, name):
    with pytest.raises(FairkitError, match="is empty.*an empty text means no group"):
        write(Examples(labels=[0], groups={"g": [""]}), tmp_path / name)


@pytest.mark.parametrize("name, given, wrong", [
    ("a.csv", {"inputs": np.zeros((5, 3))}, r"arrays of column 'input'.*\.parquet.*float64 of shape \(3,\)"),
    ("a.csv", {"inputs": np.array([0, 1, np.nan, 0, 0]), "missing_inputs": "keep"}, "would be no number.*nan in row 2"),
    ("a.csv", {"inputs": np.array([0, 2**63, 0, 0, 0], np.uint64)}, "below 2\\*\\*63.*9223372036854775808 in row 1"),
    ("a.csv", {"groups": {"a\nb": FAITHS}}, "no control characters"),
    ("a.jsonl", {"inputs": np.array([0, 1, 0, np.inf, 0])}, "no such number.*inf in row 3"),
    ("a.jsonl", {"inputs": np.array([[0, 1], [0, np.nan]] + [[0, 0]] * 3), "missing_inputs": "keep"},
     "no such number.*nan in row 1"),
    ("a.tfrecord", {}, "32-bit floats of a tf.Example.*weights rounded by numpy.float32.*0.1 in row 0"),
    ("a.tfrecord", {"inputs": np.full(5, 1e300), "weights": None}, "inputs rounded by numpy.float32"),
    ("a.tfrecord", {"inputs": np.zeros((5, 2, 2)), "weights": None}, r"with their shape.*float64 of shape \(2, 2\)"),
    ("a.parquet", {"inputs": ["a", "b", "\ud800", "", ""]}, "no Unicode.*row 2"),
    ("a.parquet", {"inputs": np.array(["a", None, 3, "", ""], object)}, "input is missing.*nothing in row 1"),
    ("a.parquet", {"inputs": np.array([[1], [1, 2], 3, 4, 5], object)}, "different sizes.*row 0"),
    ("a.parquet", {"inputs": np.zeros(5, complex)}, "cannot be fed to a model.*complex128"),
    ("a.parquet", {"inputs": np.zeros(5, "M8[s]")}, "cannot be fed to a model.*datetime64"),
    ("a.parquet", {"inputs": np.zeros((5, 0))}, "empty arrays"),
    ("a.parquet", {"groups": {"g": ["\ud800"] * 5}}, "no Unicode"),
])
def test_what_a_format_would_not_give_back_is_refused(tmp_path, name, given, wrong):
    with pytest.raises(FairkitError, match=wrong):
        write(posts(**given), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_examples(tmp_path):
    with pytest.raises(FairkitError, match="only examples are written"):
        write(pd.DataFrame(), tmp_path / "a.csv")
    with pytest.raises(FairkitError, match="no examples to write"):
        write(posts().take([]), tmp_path / "a.csv")
    with pytest.raises(FairkitError, match="named by its path"):
        write(posts(), None)
