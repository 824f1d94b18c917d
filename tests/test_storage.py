"""Files and folders that appear whole or not at all, whatever ends their writer."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from fairkit import FairkitError
from fairkit.storage import check_writable, new_file, private_folder, replaced_folder, scratch_beside


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), new_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old" and names(tmp_path) == ["a.txt"]


def test_a_failed_folder_leaves_the_old_one(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a").write_text("old")
    with pytest.raises(RuntimeError), replaced_folder(tmp_path / "run") as temporary:
        (temporary / "a").write_text("half")
        raise RuntimeError
    assert (tmp_path / "run" / "a").read_text() == "old"
    with replaced_folder(tmp_path / "run") as temporary:
        (temporary / "b").write_text("new")
    assert names(tmp_path / "run") == ["b"] and names(tmp_path) == ["run"]


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with replaced_folder(tmp_path / "link") as temporary:
        (temporary / "b").write_text("new")
    assert (tmp_path / "link").is_symlink() and names(tmp_path / "real") == ["b"]


def test_files_and_folders_are_private(tmp_path):
    assert private_folder(tmp_path / "new" / "run").stat().st_mode & 0o077 == 0
    with new_file(tmp_path / "file") as temporary:
        temporary.write_text("")
        temporary.chmod(0o644)
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0
    with pytest.raises(FairkitError, match="a folder cannot be made where a file is"):
        private_folder(tmp_path / "file")


WRITER = """
import sys, time
from fairkit import storage
if sys.argv[2] == "slowly":   # as a system without an exchange in one step
    storage._exchanged_at_once = lambda new, path: False
    real, storage.os.replace = storage.os.replace, lambda a, b: (real(a, b), time.sleep(60 * (str(b)[-3:] == "old")))
with storage.replaced_folder(sys.argv[1]) as new:
    (new / "groups").write_text("of people")
    print("at work", flush=True)
    time.sleep(60 if sys.argv[2] == "half" else 0)
"""


def killed(path, when):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), when], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "at work\n"
    time.sleep(0.3)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    killed(tmp_path / "run", "half")
    [left] = tmp_path.iterdir()
    assert (left / "new" / "groups").read_text() == "of people"
    with new_file(tmp_path / "other.txt") as temporary:
        temporary.write_text("x")
    assert names(tmp_path) == ["other.txt"]


def test_what_was_there_comes_back_if_the_writer_was_killed_between_two_renames(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").write_text("precious")
    killed(tmp_path / "run", "slowly")
    assert not (tmp_path / "run").exists()
    with scratch_beside(tmp_path / "other"):
        assert (tmp_path / "run" / "old").read_text() == "precious"
    assert names(tmp_path) == ["run"]


def test_a_living_writer_is_left_alone_and_so_is_what_is_not_ours(tmp_path):
    (tmp_path / ".fairkit-notes").mkdir()
    (tmp_path / ".fairkit-file1234").write_text("a file")
    with scratch_beside(tmp_path / "a") as one:
        subprocess.run([sys.executable, "-c", WRITER, str(tmp_path / "run"), "now"], check=True, capture_output=True)
        assert one.is_dir()
    assert names(tmp_path) == [".fairkit-file1234", ".fairkit-notes", "run"]


def test_many_writers_at_once_make_whole_folders(tmp_path):
    def write(number):
        for turn in range(15):
            with replaced_folder(tmp_path / "run") as new:
                for name in ("a", "b"):
                    (new / name).write_text(f"{number} {turn}")

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (tmp_path / "run" / "a").read_text() == (tmp_path / "run" / "b").read_text() and names(tmp_path) == ["run"]


@pytest.mark.skipif(sys.platform != "linux", reason="the exchange in one step is asked of Linux")
def test_a_reader_finds_a_folder_at_every_moment(tmp_path):
    with replaced_folder(tmp_path / "run") as new:
        (new / "a").write_text("0")
    done, missed = threading.Event(), []

    def poll():
        while not done.is_set():
            if not os.path.exists(tmp_path / "run" / "a"):
                missed.append(1)

    reader = threading.Thread(target=poll)
    reader.start()
    for turn in range(300):
        with replaced_folder(tmp_path / "run") as new:
            (new / "a").write_text(str(turn))
    done.set()
    reader.join()
    assert not missed


@pytest.mark.parametrize("path", ["/dev/null/run", "/proc/run", "file.txt/run"])
def test_a_place_that_cannot_be_written_is_found_before_the_work(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("")
    with pytest.raises(FairkitError, match="cannot be written"):
        check_writable(path)


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path):
    check_writable(tmp_path / "a" / "b" / "run")
    assert names(tmp_path) == []


FULL = """
import resource, signal, sys
from fairkit.storage import new_file, replaced_folder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for make in (lambda: new_file(sys.argv[1] + "/file"), lambda: replaced_folder(sys.argv[1] + "/run")):
    try:
        with make() as new:
            ((new / "a") if new.is_dir() else new).write_bytes(bytes(5000))
    except OSError as error:
        print(type(error).__name__)
"""


def test_where_there_is_no_space_nothing_is_left_and_the_old_stays(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a").write_text("old")
    said = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert said.stdout == "OSError\nOSError\n"
    assert names(tmp_path) == ["file", "run"] and (tmp_path / "file").read_text() == "old"
    assert (tmp_path / "run" / "a").read_text() == "old"
