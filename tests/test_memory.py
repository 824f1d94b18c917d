"""How much memory is free, of machine, container and process; and what becomes of a read that has too little."""

import subprocess
import sys

import pytest

from fairkit.formats import memory

GIB = 1 << 30


def group(folder, limit, taken, inactive=0, version=2):
    names = ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in zip(names, (limit, taken), strict=True):
        (folder / name).write_text(f"{value}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {inactive}\n")


@pytest.mark.parametrize("version", [1, 2])
def test_what_a_container_leaves_is_worked_out(tmp_path, version):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    base = root if version == 2 else root / "memory"
    own.write_text("0::/pod/box\n" if version == 2 else "5:cpu:/x\n4:memory:/pod/box\n")
    group(base / "pod" / "box", 4 * GIB, GIB, inactive=GIB // 2, version=version)
    assert memory._free_in_container(str(root), str(own)) == 3.5 * GIB
    group(base / "pod", 2 * GIB, GIB, version=version)   # the group around it leaves less
    assert memory._free_in_container(str(root), str(own)) == GIB
    group(base / "pod" / "box", "max", GIB, version=version)
    assert memory._free_in_container(str(root), str(own)) == GIB


def test_in_a_container_its_own_group_is_the_root(tmp_path):
    (tmp_path / "own").write_text("0::/\n")
    group(tmp_path, 3 * GIB, GIB)
    assert memory._free_in_container(str(tmp_path), str(tmp_path / "own")) == 2 * GIB


def test_without_a_limit_there_is_none(tmp_path):
    (tmp_path / "own").write_text("0::/user\n")
    assert memory._free_in_container(str(tmp_path), str(tmp_path / "own")) is None
    assert memory._free_in_container(str(tmp_path), str(tmp_path / "absent")) is None


LIMITED = """
import resource, sys
import numpy, pandas, pyarrow.csv, psutil, scipy.stats
from fairkit.cli import main
from fairkit.formats.memory import free_memory
room = int(sys.argv[1])
most = psutil.Process().memory_info().vms + room
resource.setrlimit(resource.RLIMIT_AS, (most, most))
assert free_memory() <= room
main(sys.argv[2:])
"""


def test_a_file_that_does_not_fit_is_one_line(tmp_path):
    with open(tmp_path / "scored.csv", "w") as file:
        file.write("score,y,g\n")
        for start in range(0, 1_500_000, 1000):
            file.write("".join(f"0.{k:07d},{k % 2},{'ab'[k % 2]}\n" for k in range(start, start + 1000)))
    command = ["evaluate", "--data", "scored.csv", "--scores", "score", "--label", "y", "--groups", "g", "-o", "run"]
    for room in (10 << 20, 100 << 20):   # before a byte is read, and in the middle of the work
        done = subprocess.run([sys.executable, "-c", LIMITED, str(room), *command], cwd=tmp_path, capture_output=True,
                              text=True)
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr[-500:]
        assert "memory" in done.stderr.splitlines()[-1]
        assert [path.name for path in tmp_path.iterdir()] == ["scored.csv"]
