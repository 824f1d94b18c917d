"""A sweep on disk: what was asked, the model, the examples while they are needed, and a folder for each training."""

import contextlib
import json
import os
import re
import shutil
from hashlib import sha256
from pathlib import Path

from fairkit.errors import FairkitError
from fairkit.evaluation.predictions_file import load_predictions
from fairkit.folders import RUN, part, read_about
from fairkit.remediation.sweeps.training import MODEL, PREDICTIONS
from fairkit.storage import FORMAT, new_file, private_folder

__all__ = ["SWEEP", "SweepFolder", "is_sweep"]

SWEEP = "sweep.json"
_LOCK, _WORK = ".lock", ".work"


class SweepFolder:
    """The folder of a sweep.

    Attributes:
        path: of the folder; sweep.json, model.keras (or model-SEED.keras of a builder) and runs/ are in it.
        work: a folder for what only a sweep under way needs.
    """

    def __init__(self, path):
        self.path = Path(os.path.abspath(path))
        self.work = self.path / _WORK

    def place(self, training, seed):
        """Where one training goes; names are made fit for a file system."""
        plain = re.sub(r"[^A-Za-z0-9._=+-]+", "_", training).strip("._")[:60]
        if plain != training:
            plain = f"{plain}-{sha256(training.encode()).hexdigest()[:8]}"
        return self.path / "runs" / plain / f"seed-{seed}"

    def finished(self, training, seed):
        """Whether a training is there: whole, since it takes its place by a rename."""
        return (self.place(training, seed) / RUN).is_file()

    def any_finished(self):
        """Whether any training is there."""
        return any(self.path.glob(f"runs/*/*/{RUN}"))

    def run(self, training, seed):
        """run.json of a training."""
        return read_about(self.place(training, seed))

    def predictions(self, training, seed):
        """The `Predictions` of the validation split."""
        return load_predictions(self._part(training, seed, PREDICTIONS))

    def model(self, training, seed):
        """The trained Keras model."""
        from fairkit.models import load

        return load(self._part(training, seed, MODEL))

    def _part(self, training, seed, name):
        place = self.place(training, seed)
        return part(place, name) or place / name

    def asked(self):
        """What sweep.json holds; None where there is no sweep yet.

        Raises:
            FairkitError: for a file that is damaged, or that a newer fairkit wrote.
        """
        path = self.path / SWEEP
        if not path.is_file():
            return None
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            newer = about["format"] > FORMAT
        except (ValueError, KeyError, TypeError):
            raise FairkitError(f"{SWEEP} cannot be read", "a file that fairkit wrote", str(path)) from None
        if newer:
            raise FairkitError("this sweep was written by a newer fairkit", f"format {FORMAT} or older",
                               about["format"])
        return about

    def write(self, asked):
        """Writes sweep.json."""
        with new_file(self.path / SWEEP) as temporary:
            temporary.write_text(json.dumps({"format": FORMAT, **asked}, indent=1, ensure_ascii=False) + "\n",
                                 encoding="utf-8")

    @contextlib.contextmanager
    def taken(self):
        """Keeps other sweeps out for a while; what a sweep that was killed left half-done is cleared away.

        Raises:
            FairkitError: if the folder holds something else, or another sweep works in it.
        """
        if self.path.is_dir() and any(self.path.iterdir()) and not (self.path / SWEEP).is_file() \
                and not (self.path / _LOCK).is_file():
            raise FairkitError("the folder holds something else than a sweep", "a new folder, or that of a sweep",
                               str(self.path))
        private_folder(self.path)
        with open(self.path / _LOCK, "w") as lock:
            if not _locked(lock):
                raise FairkitError("another sweep is at work in this folder", "to wait for it, or another folder",
                                   str(self.path))
            for place in (*self.path.glob("runs/*/.fairkit-*"), self.work):
                shutil.rmtree(place, ignore_errors=True)
            private_folder(self.work)
            try:
                yield
            finally:
                shutil.rmtree(self.work, ignore_errors=True)


def is_sweep(path):
    """Whether a folder holds a sweep."""
    return (Path(path) / SWEEP).is_file()


def _locked(file):
    """Whether the lock could be had; it is gone with the process, however that ends."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
