"""Sweeps that are stopped, in every way that they can be, and go on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairkit import FairkitError
from fairkit.remediation.sweeps.folder import SweepFolder
from fairkit.remediation.sweeps.sweeping import load_sweep

pytestmark = pytest.mark.once

PROGRAM = Path(__file__).with_name("sweep_to_be_stopped.py")


def start(folder):
    """The program that sweeps, in a process group of its own as a shell would start it."""
    # What runs in the background of a shell hands on that interrupts are ignored.
    return subprocess.Popen([sys.executable, PROGRAM, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def finished(folder):
    return sorted(str(path.parent.relative_to(folder / "runs")) for path in folder.glob("runs/*/*/run.json"))


def wait_for_a_run(process, folder, number):
    """Waits until so many trainings are there."""
    for _ in range(3000):
        if len(finished(folder)) >= number:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("no training came to its end")


def workers_of(folder):
    """The processes that work for a sweep, by the log that they write to."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in os.readlink(entry / "fd" / "2"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def are_gone(folder):
    for _ in range(300):
        if not workers_of(folder):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The rows of the same sweep that nobody stopped."""
    sys.path.insert(0, str(PROGRAM.parent))
    import sweep_to_be_stopped

    return sweep_to_be_stopped.swept(tmp_path_factory.mktemp("whole") / "sweep"), sweep_to_be_stopped


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
@pytest.mark.parametrize("signalled", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_sweep_goes_on_with_the_same_numbers(undisturbed, tmp_path, signalled):
    whole, program = undisturbed
    for attempt in range(5):                       # on a busy machine it may be done before it is stopped
        folder = tmp_path / f"sweep-{attempt}"
        process = start(folder)
        wait_for_a_run(process, folder, 1)
        process.send_signal(signalled)
        out, err = process.communicate(timeout=60)
        if process.returncode != 0:
            break
    assert process.returncode == (-signal.SIGKILL if signalled == signal.SIGKILL else 130), err
    assert "Traceback" not in err and out == ""
    assert are_gone(folder)
    before = finished(folder)
    assert 0 < len(before) < program.TRAININGS
    times = {run: (folder / "runs" / run / "run.json").stat().st_mtime_ns for run in before}
    left = load_sweep(folder)                      # what is there can be looked at
    assert left.rows["error"].ne("").sum() >= program.TRAININGS - len(before)
    again = program.swept(folder)
    assert again.rows.drop(columns="seconds").equals(whole.rows.drop(columns="seconds"))
    assert times == {run: (folder / "runs" / run / "run.json").stat().st_mtime_ns for run in before}
    assert not list(folder.glob("runs/*/.*")) and not (folder / ".work").exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
def test_a_process_that_is_killed_costs_one_training_only(undisturbed, tmp_path):
    whole, program = undisturbed
    folder = tmp_path / "sweep"
    process = start(folder)
    wait_for_a_run(process, folder, 1)
    os.kill(workers_of(folder)[0], signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    rows = load_sweep(folder).rows
    failed = rows[rows["error"] != ""]
    assert 1 <= len(failed) <= 3 and failed["error"].str.contains("its process was ended by signal 9").all()
    again = program.swept(folder)                  # what failed is tried again
    assert again.rows.drop(columns="seconds").equals(whole.rows.drop(columns="seconds"))


def test_two_sweeps_do_not_work_in_one_folder(undisturbed):
    whole, program = undisturbed
    with SweepFolder(whole.folder).taken(), pytest.raises(FairkitError, match="another sweep is at work"):
        program.swept(whole.folder)


def test_a_damaged_or_newer_record_is_refused(tmp_path):
    (tmp_path / "sweep.json").write_text("{")
    with pytest.raises(FairkitError, match="sweep.json cannot be read"):
        load_sweep(tmp_path)
    (tmp_path / "sweep.json").write_text('{"format": 99}')
    with pytest.raises(FairkitError, match="written by a newer fairkit"):
        load_sweep(tmp_path)
