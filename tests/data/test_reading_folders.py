import io
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairkit

TABLE = pa.table({"y": [1, 0]})


def test_a_folder_of_several_kinds_is_refused_and_other_files_are_left_out(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("y\n1\n0\n")
    (tmp_path / "README.md").write_text("Where these come from\n")
    assert len(fairkit.data.read(tmp_path, label="y")) == 4
    pq.write_table(TABLE, tmp_path / "c.parquet")
    with pytest.raises(fairkit.FairkitError, match="several kinds.*csv.*'c.parquet' is parquet"):
        fairkit.data.read(tmp_path, label="y")


def test_an_arrow_stream(tmp_path):
    with pa.ipc.new_stream(tmp_path / "a.arrow", TABLE.schema) as stream:
        stream.write_table(TABLE), stream.write_table(TABLE)
    assert fairkit.data.read(tmp_path / "a.arrow", label="y").labels.tolist() == [1, 0, 1, 0]
    (tmp_path / "b.arrow").write_bytes((tmp_path / "a.arrow").read_bytes()[:200])
    with pytest.raises(fairkit.FairkitError, match="cannot be read"):
        fairkit.data.read(tmp_path / "b.arrow", label="y")


@pytest.mark.parametrize(("archive", "member"), [("posts.tsv.zip", "posts.tsv"), ("posts.zip", "posts.tsv"),
                                                 ("posts.tsv.zip", "part-0")])
def test_tabs_in_a_zip_archive(tmp_path, archive, member):
    with zipfile.ZipFile(tmp_path / archive, "w") as file:
        file.writestr(member, "text\ty\na, b\t1\nc\t0\n")
    assert fairkit.data.read(tmp_path / archive, "text", label="y").inputs.tolist() == ["a, b", "c"]


def test_archives_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as file:
        file.writestr("[Content_Types].xml", ""), file.writestr("xl/workbook.xml", "")
    with pytest.raises(fairkit.FairkitError, match="is an Excel file.*CSV UTF-8"):
        fairkit.data.read(tmp_path / "book.xlsx", label="y")
    buffer = io.BytesIO()
    np.savez(buffer, x_train=np.zeros(3), y_train=np.zeros(3))
    (tmp_path / "mnist.npz").write_bytes(buffer.getvalue())
    with pytest.raises(fairkit.FairkitError, match="archive of arrays.*handwritten_numbers"):
        fairkit.data.read(tmp_path / "mnist.npz", label="y")
