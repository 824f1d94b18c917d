"""The processes of a sweep, as the sweep sees them: tasks go in, events come out."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

__all__ = ["Event", "Refused", "cores", "run_tasks"]

_PATIENCE = 10.0   # seconds that a process has to end by itself


class Refused(Exception):
    """Why a process cannot work for this sweep."""


class Event:
    """What happened: kind ("epoch", "done", "failed"), the task, and the error's text where it failed."""

    def __init__(self, kind, task, error=None):
        self.kind, self.task, self.error = kind, task, error


def cores():
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(about, tasks, jobs, logs):
    """Yields an `Event` for whatever happens while processes work through the tasks.

    When the generator is closed, or an exception comes through it, the processes end, also in the middle of a task.

    Args:
        about: dict of plain values: what every process has to know.
        tasks: dicts of plain values, in the order in which they are begun.
        jobs: the number of processes.
        logs: a folder for what the processes write to standard error.

    Raises:
        Refused: if a process cannot load the model or the examples.
    """
    waiting, events = queue.Queue(), queue.Queue()
    for task in tasks:
        waiting.put(task)
    crew = [_Member(about, waiting, events, Path(logs) / f"process-{k}.log") for k in range(min(jobs, len(tasks)))]
    left = len(tasks)
    try:
        for member in crew:
            member.start()
        while left:
            with contextlib.suppress(queue.Empty):  # waits a little at a time, so that Ctrl-C is heard
                event = events.get(timeout=0.5)
                if event.kind == "refused":
                    raise Refused(event.error)
                left -= event.kind in ("done", "failed")
                yield event
    finally:
        for member in crew:
            member.stop()
        for member in crew:
            member.wait()


class _Member:
    """One process and the thread that speaks with it. A process that dies takes its task with it and is replaced."""

    def __init__(self, about, waiting, events, log):
        self.about, self.waiting, self.events, self.log = about, waiting, events, log
        self.process, self.stopped, self.lock = None, False, threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        with self.lock:
            self.stopped = True
            if self.process is not None:
                self._close(self.process)

    def wait(self):
        self.thread.join(_PATIENCE)
        if self.thread.is_alive() and self.process is not None:
            self.process.kill()
            self.thread.join(_PATIENCE)

    def _run(self):
        while not self.stopped:
            try:
                task = self.waiting.get_nowait()
            except queue.Empty:
                break
            if self.process is None and not self._begin():
                return
            self._do(task)
        if self.process is not None:
            self._end()

    def _begin(self):
        """Starts the process; False where it cannot work."""
        with self.lock:
            if self.stopped:
                return False
            with open(self.log, "wb") as log:
                # In a session of its own: Ctrl-C is for the sweep, which then ends its processes.
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "fairkit.remediation.sweeps.worker"], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8", bufsize=1, env=_environment(),
                    start_new_session=True)
        answer = self._ask(self.about)
        if answer is None or answer["event"] == "refused":
            error = self._last_words() if answer is None else answer["error"]
            self._end()
            if not self.stopped:
                self.events.put(Event("refused", None, error))
            return False
        return True

    def _do(self, task):
        answer = self._ask(task)
        while answer is not None and answer["event"] == "epoch":
            self.events.put(Event("epoch", task))
            answer = self._next()
        if answer is not None:
            self.events.put(Event(answer["event"], task, answer.get("error")))
        elif not self.stopped:
            error = self._last_words()
            self._end()
            self.events.put(Event("failed", task, error))

    def _ask(self, message):
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):  # it has ended, or is being stopped
            return None
        return self._next()

    def _next(self):
        try:
            line = self.process.stdout.readline()
            return json.loads(line) if line.endswith("\n") else None
        except ValueError:
            return None

    def _end(self):
        process, self.process = self.process, None
        self._close(process)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _last_words(self):
        """How the process ended, and the last line that it wrote."""
        status = self.process.wait()
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        return f"its process {how}" + (f": {lines[-1][:300]}" if lines and status > 0 else "")

    @staticmethod
    def _close(process):
        with contextlib.suppress(OSError, ValueError):
            process.stdin.close()


def _environment():
    """This process' environment, with its import path, and TensorFlow kept from taking what the others need."""
    path = [os.path.abspath(entry or ".") for entry in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")}
