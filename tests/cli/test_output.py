"""What the command line prints, into pipes that close, full disks and poor encodings, and with what exit status."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import fairkit
from fairkit.cli.run_folder import write_run

pytestmark = pytest.mark.once   # it takes long, and is the same on every Python
GROUPS = ["a\x1b[31mred\x1b[0m", "b\nnew line", "c\u202eright to left", "größe 日本", "=1+1"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs of many slices, whose groups bear what a terminal would obey."""
    place, rng = tmp_path_factory.mktemp("runs"), np.random.default_rng(0)
    groups = {"g": rng.choice(GROUPS, 600), "many": rng.integers(0, 60, 600).astype(str)}
    labels = rng.integers(0, 2, 600)
    for name in ("before", "after"):
        scored = fairkit.Predictions(labels, np.clip(labels * 0.3 + rng.random(600) * 0.6, 0, 1), groups)
        evaluation = fairkit.evaluate(scored, slices=["g", "many"], thresholds=[0.5], min_examples=1)
        write_run(place / name, "evaluate", {"what": "x"}, evaluation, data={}, fingerprint=None)
    return place


def shell(command, cwd, **environment):
    """The exit statuses of a pipeline, what came out, what went wrong."""
    script = f"set -o pipefail; {command}; echo statuses ${{PIPESTATUS[@]}} >&2"
    done = subprocess.run(["bash", "-c", script.replace("fairkit ", f"{sys.executable} -m fairkit ")], cwd=cwd,
                          capture_output=True, text=True, env={**os.environ, **environment})
    *lines, last = done.stderr.splitlines()
    return [int(status) for status in last.split()[1:]], done.stdout, "\n".join(lines)


CHECK = "check before --max-gap false_positive_rate={} --reference overall"


@pytest.mark.parametrize("command, status, written", [
    ("check before --max false_positive_rate=0.001", 1, None),
    ("check before --min example_count=1", 0, None),
    ("compare before after -o compared", 141, "compared/report.html"),
    ("evaluate before -o evaluated", 141, "evaluated/cells.npz"),
    ("evaluate before", 141, None),
    ("report before after -o report.html", 141, "report.html"),
])
def test_a_reader_that_goes_away_changes_no_verdict_and_no_file(runs, tmp_path, command, status, written):
    for name in ("before", "after"):
        (tmp_path / name).symlink_to(runs / name)
    statuses, _, errors = shell(f"fairkit {command} | true", tmp_path)
    assert statuses == [status, 0] and "Exception" not in errors and "Traceback" not in errors, errors
    assert written is None or (tmp_path / written).is_file()


@pytest.mark.parametrize("command, written", [("check before --min example_count=1", None), ("evaluate before", None),
                                              ("compare before after -o compared", "compared/comparison.csv"),
                                              ("report before -o report.html", "report.html"), ("--version", None)])
def test_a_full_standard_output_is_one_line(runs, tmp_path, command, written):
    for name in ("before", "after"):
        (tmp_path / name).symlink_to(runs / name)
    [status], _, errors = shell(f"fairkit {command} >/dev/full", tmp_path)
    lines = [line for line in errors.splitlines() if "could not be printed" in line]
    assert status == 2 and len(lines) == 1 and "No space left" in lines[0] and "Traceback" not in errors, errors
    assert written is None or (tmp_path / written).is_file()


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_any_encoding_will_do(runs, tmp_path, encoding):
    done = subprocess.run([sys.executable, "-m", "fairkit", "evaluate", str(runs / "before")], capture_output=True,
                          env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    assert ("größe" in text) == (encoding != "ascii") and ("日本" in text) == (encoding == "utf-8")


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(runs, tmp_path):
    for command in (["evaluate"], ["compare", str(runs / "after")], ["check", "--max", "false_positive_rate=0.01"]):
        done = subprocess.run([sys.executable, "-m", "fairkit", command[0], str(runs / "before"), *command[1:]],
                              capture_output=True, text=True)
        assert not {c for c in done.stdout + done.stderr if not c.isprintable()} - {"\n"}
        said = " ".join(done.stdout.split())   # sentences are broken into lines
        assert r"b\nnew" in said or command[0] == "check"   # which names the first of many
        assert command[0] != "evaluate" or (r"a\x1b[31mred" in said and r"c\u202er" in said)
    done = subprocess.run([sys.executable, "-m", "fairkit", "evaluate", str(tmp_path / "\x1b[2Jgone\nnext")],
                          capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "\x1b" not in done.stderr


def test_tables_hold_no_formula(runs, tmp_path):
    [status], _, _ = shell(f"fairkit compare {runs / 'before'} {runs / 'after'} -o compared", tmp_path)
    text = (tmp_path / "compared" / "comparison.csv").read_text()
    assert status == 0 and "=1+1" in text
    import csv

    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-")) and not is_number(cell)]


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_what_is_replaced_is_said(runs, tmp_path):
    for turn in range(2):
        [status], _, errors = shell(f"fairkit evaluate {runs / 'before'} -o mine", tmp_path)
        assert status == 0 and ("holds a result of fairkit evaluate, written 20" in errors) == (turn == 1)
    assert json.loads((tmp_path / "mine" / "run.json").read_text())["command"] == "evaluate"


@pytest.mark.parametrize("command", ["evaluate before -o out", "compare before after -o out",
                                     "report before -o out.html", "bias data.csv --label toxic --facet g -o out.json"])
def test_a_full_disk_is_one_line_and_leaves_nothing(runs, tmp_path, command):
    for name in ("before", "after"):
        (tmp_path / name).symlink_to(runs / name)
    (tmp_path / "data.csv").write_text("g,toxic\na,1\nb,0\na,0\nb,1\n")
    [status], _, errors = shell(f"(ulimit -f 5; fairkit {command})", tmp_path)   # files of 5 kB at most
    assert status == 2 and "File too large" in errors and "Traceback" not in errors, errors
    assert len([line for line in errors.splitlines() if not line.startswith("fairkit: no report")]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after", "before", "data.csv"]


@pytest.mark.parametrize("command, says", [
    ("evaluate before -o before", "would replace its own input"),
    ("evaluate before -o before/inside", "would replace its own input"),
    ("compare before after -o after", "would replace its own input"),
    ("evaluate before -o /proc/run", "cannot be written"),
    ("evaluate before -o thesis", "which would be lost"),
    ("report before -o before/run.json", "is a part of the result"),
    ("report before -o /dev/null/report.html", "cannot be written"),
    ("bias data.csv --label toxic --facet g --table data.csv", "would replace its own input"),
    ("bias data.csv --label toxic --facet g --table /dev/null/x.csv", "cannot be written"),
])
def test_an_output_that_cannot_be_is_refused_before_the_work(runs, tmp_path, command, says):
    for name in ("before", "after"):
        subprocess.run(["cp", "-r", runs / name, tmp_path / name], check=True)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("precious")
    (tmp_path / "data.csv").write_text("g,toxic\na,1\nb,0\na,0\nb,1\n")
    there = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    [status], out, errors = shell(f"fairkit {command}", tmp_path)
    assert status == 2 and says in errors and errors.count("\n") == 0 and out == "", errors
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == there
