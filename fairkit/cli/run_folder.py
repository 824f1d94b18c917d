"""A run on disk: run.json, model.keras, predictions.parquet, cells.npz, evaluation/ and report.html."""

import datetime
import hashlib
import json
import platform
import sys
from pathlib import Path

from fairkit.errors import FairkitError
from fairkit.storage import FORMAT, new_folder, private_folder
from fairkit.view.report.versions import PACKAGES, installed

__all__ = ["MODEL", "REPORT", "RUN", "check_output", "fingerprint", "is_run", "load_run", "read_run", "write_run"]

RUN, MODEL, REPORT, CELLS, EVALUATION = "run.json", "model.keras", "report.html", "cells.npz", "evaluation"
_LIBRARIES = ("tensorflow-model-analysis", "tensorflow-model-remediation")


def check_output(folder):
    """The folder that a run goes to; only another run may be there, and it is replaced once the new one is whole."""
    folder = Path(folder)
    if folder.exists() and not (folder / RUN).is_file() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FairkitError("the output folder holds something else than a run", "a new folder, or that of an older run",
                           str(folder))
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
    about = {"format": FORMAT, "command": command, "asked": asked, **more, "result": result or {},
             "versions": {"python": platform.python_version(),
                          **{name: found for name in (*PACKAGES, *_LIBRARIES) if (found := installed(name))}},
             "written": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    if model is not None:
        from fairkit.view.report.architecture import architecture_of

        about["architecture"] = architecture_of(model)
    with new_folder(folder) as new:
        if model is not None:
            from fairkit.models import save

            save(model, new / MODEL)
        if evaluation is not None:
            evaluation.save(new)
            _set_apart(new)
            _write_report(evaluation, about, Path(folder).name, new / REPORT)
        (new / RUN).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        (new / RUN).chmod(0o600)
    return about


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


def read_run(folder):
    """run.json of a run folder.

    Raises:
        FairkitError: if there is none, it is damaged, or a newer fairkit wrote it.
    """
    path = Path(folder) / RUN
    if not path.is_file():
        raise FairkitError("there is no run here",
                           f"a folder with {RUN}, as fairkit train and fairkit evaluate -o write it", str(folder))
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        newer = about["format"] > FORMAT
    except (ValueError, KeyError, TypeError):
        raise FairkitError(f"{RUN} cannot be read", "a file that fairkit wrote", str(path)) from None
    if newer:
        raise FairkitError("this run was written by a newer fairkit", f"format {FORMAT} or older", about["format"])
    return about


def load_run(folder):
    """(run.json, `Evaluation`) of a run folder, or of one that `Evaluation.save` wrote, which has no run.json."""
    from fairkit.evaluation import load_evaluation

    if is_run(folder) and not (Path(folder) / RUN).is_file():
        return {"data": {}, "asked": {}, "fingerprint": None}, load_evaluation(folder)
    return read_run(folder), load_evaluation(folder)


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
