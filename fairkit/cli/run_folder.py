"""A run on disk: run.json, model.keras, predictions.parquet, cells.npz, evaluation/ and report.html."""

import hashlib
import platform
import sys
from pathlib import Path

from fairkit.errors import FairkitError, quote, visible
from fairkit.evaluation.files import write_parts
from fairkit.folders import RUN, check_output, described, new_folder, read_about
from fairkit.storage import private_folder
from fairkit.view.report.versions import PACKAGES, installed

__all__ = ["MODEL", "REPORT", "fingerprint", "is_run", "load_run", "run_output", "write_run"]

MODEL, REPORT, CELLS, EVALUATION = "model.keras", "report.html", "cells.npz", "evaluation"
_LIBRARIES = ("tensorflow-model-analysis", "tensorflow-model-remediation")


def run_output(folder, *inputs):
    """The folder that a command writes, before it does any work; says on standard error what would be replaced.

    Raises:
        FairkitError: as `fairkit.folders.check_output`.
    """
    if folder is None:
        return None
    folder = check_output(folder, *inputs)
    if (there := described(folder)) is not None:
        print(f"fairkit: {visible(folder)} holds {there}; it is replaced once the new one is whole", file=sys.stderr)
    return folder


def write_run(folder, command, asked, evaluation=None, model=None, result=None, **more):
    """Writes a whole run, or nothing; returns what run.json holds.

    Args:
        folder: where to.
        command: the command that made it.
        asked: dict of plain values, its arguments.
        evaluation: `Evaluation`, written as its save method does, with its report.
        model: a Keras model, whose architecture run.json has.
        result: dict of plain values: what came of it.
        more: further plain values of run.json, such as data and fingerprint.
    """
    about = {"command": command, "asked": asked, **more, "result": result or {},
             "versions": {"python": platform.python_version(),
                          **{name: found for name in (*PACKAGES, *_LIBRARIES) if (found := installed(name))}}}
    if model is not None:
        from fairkit.view.report.architecture import architecture_of

        about["architecture"] = architecture_of(model)
    with new_folder(folder, about) as new:
        if model is not None:
            from fairkit.models import save

            save(model, new / MODEL)
        if evaluation is not None:
            write_parts(evaluation, new)
            _set_apart(new)
            _write_report(evaluation, about, Path(folder).name, new / REPORT)
    return read_about(folder)


def _set_apart(folder):
    """Moves TFMA's files of a saved evaluation into evaluation/: `tfma.load_eval_result(run / "evaluation")`."""
    from fairkit.evaluation.tfma.format import files_of

    apart = private_folder(folder / EVALUATION)
    for name in files_of(folder):
        (folder / name).rename(apart / name)


def _write_report(evaluation, about, name, path):
    """The report of one run: with few pictures, since each takes its time. A run is not lost for want of one."""
    from fairkit.view import make_report

    try:
        make_report(evaluation, names=[name or "run"], about=[about], pictures="few").save(path)
    except FairkitError as error:
        print(f"fairkit: no report was written: {error}", file=sys.stderr)


def load_run(folder):
    """(run.json, `Evaluation`) of a run folder, of one that `Evaluation.save` wrote, or of TFMA's own.

    Raises:
        FairkitError: as `read_about` and `load_evaluation`, and for a run.json that lacks what a run has.
    """
    from fairkit.evaluation import load_evaluation

    own = (Path(folder) / RUN).is_file() or not Path(folder).is_dir()
    about = read_about(folder) if own else {}
    evaluation = load_evaluation(folder)
    about = {"data": {}, "asked": {}, "fingerprint": None, **about}
    for name in ("data", "asked"):
        if not isinstance(about[name], dict):
            raise FairkitError(f"{RUN} cannot be read", f"{name} as an object", quote(about[name])[:80])
    return about, evaluation


def is_run(folder):
    """Whether a folder holds an evaluation."""
    return any((Path(folder) / name).is_file() for name in (RUN, CELLS))


def fingerprint(examples):
    """sha256 of the labels, groups and weights in order, and of the ids: {"examples": ..., "ids": ...}."""
    content, ids = hashlib.sha256(), hashlib.sha256(str(examples.ids.tolist()).encode())
    content.update(str(examples.labels.tolist()).encode())
    for name, column in sorted(examples.groups.items()):
        texts = ["\x1f".join(map(str, cell)) for cell in column.cells]
        content.update(f"{name}\x1e".encode())
        content.update("\x1e".join(texts[code] for code in column.codes).encode("utf-8", "surrogatepass"))
    if examples.weights is not None:
        content.update(examples.weights.tobytes())
    return {"examples": content.hexdigest(), "ids": ids.hexdigest()}
