import pytest

from fairkit import FairkitError
from fairkit.storage import new_file, new_folder, private_folder


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), new_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_failed_folder_leaves_the_old_one(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a").write_text("old")
    with pytest.raises(RuntimeError), new_folder(tmp_path / "run") as temporary:
        (temporary / "a").write_text("half")
        raise RuntimeError
    assert (tmp_path / "run" / "a").read_text() == "old"
    with new_folder(tmp_path / "run") as temporary:
        (temporary / "b").write_text("new")
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["b"]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_folders_are_private(tmp_path):
    assert private_folder(tmp_path / "new" / "run").stat().st_mode & 0o077 == 0
    (tmp_path / "file").write_text("")
    with pytest.raises(FairkitError, match="a folder cannot be made where a file is"):
        private_folder(tmp_path / "file")
