"""An evaluation on disk: cells.npz, predictions.parquet, and beside them TFMA's result files."""

import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.areas import Area, FoundAreas, StoredAreas, as_rows
from fairkit.evaluation.cells_file import cells_as_arrays, cells_from_arrays
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.predictions_file import load_predictions, save_predictions
from fairkit.evaluation.specs import cut_groups
from fairkit.numeric_groups import Bins
from fairkit.storage import FORMAT, new_file, private_folder

__all__ = ["load_evaluation", "save_evaluation"]

CELLS, PREDICTIONS = "cells.npz", "predictions.parquet"


def save_evaluation(evaluation, folder):
    """Writes cells.npz, predictions.parquet where there are any, and what `tfma.load_eval_result(folder)` reads.

    The folder is made if it is not there, readable by its owner only. What an older evaluation left there is replaced.
    Where slices are left out for their size, only the last is written: cells and predictions hold those slices.
    """
    from fairkit.evaluation.tfma import format as tfma_format

    folder, private = private_folder(folder), evaluation.min_slice_size > 1
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch) / "result"
        if evaluation.config is not None:
            _write_as_asked(evaluation, result)
        else:
            tfma_format.write(_rows(evaluation), result, evaluation.thresholds,
                              [tuple(name for name, _ in spec) for spec in evaluation.specs])
        files = tfma_format.files_of(result)
    if evaluation.predictions is not None and not private:
        save_predictions(evaluation.predictions, folder / PREDICTIONS)
    else:
        (folder / PREDICTIONS).unlink(missing_ok=True)
    tfma_format.put_files(folder, files)
    if private:
        (folder / CELLS).unlink(missing_ok=True)
    else:
        save_cells(evaluation, folder / CELLS)


def _write_as_asked(evaluation, folder):
    from fairkit.evaluation.tfma.format import write_as_asked
    from fairkit.evaluation.tfma.judging import metrics_of

    sliced, config = metrics_of(evaluation)
    write_as_asked(sliced, folder, config, None if evaluation.validation is None else evaluation.validation.result)


def load_evaluation(folder: str | Path, model: str | None = None, output: str | None = None) -> Evaluation:
    """Reads what `Evaluation.save` wrote, or what TFMA wrote.

    Args:
        folder: a folder with cells.npz in it; predictions.parquet is read as well where it is there. A folder of TFMA
            alone gives a `TfmaEvaluation`: its values, without the counts that gaps need.
        model, output: of a folder of TFMA's with several models or outputs (a baseline comparison): which one.

    Raises:
        FairkitError: for a folder without an evaluation, cells that are damaged or that a newer fairkit wrote, or a
            model or output that is not there or has to be named.

    Example:
        >>> import fairkit, tempfile
        >>> examples = fairkit.Examples(labels=[0, 1], groups={})
        >>> folder = tempfile.mkdtemp()
        >>> fairkit.evaluate([0.3, 0.9], examples, thresholds=[0.5]).save(folder)
        >>> fairkit.load_evaluation(folder).value("accuracy")
        1.0
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise FairkitError("an evaluation is read from a folder", "its path", quote(folder)[:80])
    folder = Path(folder)
    path = folder / CELLS
    if not path.is_file():
        if any((place / "eval_config.json").is_file() for place in (folder, folder / "evaluation")):
            from fairkit.evaluation.tfma.result import load_tfma

            return load_tfma(folder, model, output)
        raise FairkitError("there is no evaluation here",
                           f"a folder with {CELLS}, as Evaluation.save writes it, or one that TFMA wrote", str(folder))
    for name, value in (("model", model), ("output", output)):
        if value is not None:
            raise FairkitError("this evaluation is of one model with one output", f"no {name}=",
                               f"{name}={quote(value)}")
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            stored = {name: arrays[name] for name in arrays.files}
        about = json.loads(str(stored["about"]))
        version = about["format"]
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        raise FairkitError("these cells cannot be read", f"a {CELLS} that fairkit wrote", str(path)) from None
    if version > FORMAT:
        raise FairkitError("these cells were written by a newer fairkit", f"format {FORMAT} or older", version)
    predictions = load_predictions(folder / PREDICTIONS) if (folder / PREDICTIONS).is_file() else None
    return _evaluation(stored, about, predictions)


def save_cells(evaluation, path):
    """Writes cells and areas as plain arrays, with what they are about as JSON."""
    cells, values = evaluation.cells, evaluation.values
    pairs, areas = as_rows(evaluation.areas, evaluation.keys, evaluation.members, cells.classes)
    about, arrays = cells_as_arrays(cells)
    about |= {"format": FORMAT, "specs": evaluation.specs, "thresholds": evaluation.thresholds,
              "weighted": evaluation.weighted, "areas": pairs, "metrics": evaluation.asked_metrics,
              "min_examples": evaluation.min_examples, "bins": {n: cut.edges for n, cut in evaluation.bins.items()},
              "config": _config_text(evaluation.config),
              "values": None if values is None else [list(key) for key in values]}
    with new_file(path) as temporary:
        np.savez_compressed(temporary, about=np.array(json.dumps(about)), areas=areas,
                            values=np.array([] if values is None else list(values.values()), float).reshape(-1, 3),
                            **arrays)


def _evaluation(stored, about, predictions):
    cells = cells_from_arrays(about, stored)
    bins = {name: Bins(tuple(edges)) for name, edges in about["bins"].items()}
    if predictions is not None:
        groups, _ = cut_groups(predictions.groups, bins)
        found, codes = atoms_of({name: groups[name] for name in cells.atoms.features}, len(predictions))
        areas = FoundAreas.of_rows(predictions, cells.atoms, cells.atoms.positions_of(found)[codes])
    elif cells.fine is not None:
        areas = FoundAreas.of_cells(cells)
    else:
        areas = StoredAreas({pair: Area(*row) for pair, row in zip(_tuples(about["areas"]), stored["areas"].tolist(),
                                                                   strict=True)})
    values = None
    if about["values"] is not None:
        values = dict(zip(_tuples(about["values"]), map(tuple, stored["values"].tolist()), strict=True))
    return Evaluation(cells, areas, _tuples(about["specs"]), about["thresholds"], about["weighted"], predictions,
                      values, about["metrics"], about["min_examples"], bins, about.get("config"))


def _config_text(config):
    """TFMA's `EvalConfig` as JSON text; None and a text as they are."""
    if config is None or isinstance(config, str):
        return config
    from google.protobuf import json_format

    return json_format.MessageToJson(config)


def _rows(evaluation):
    """(slice key, class, metric, threshold, value, lower, upper) for each row of the frame."""
    columns = ["class", "metric", "threshold", "value", "lower", "upper"]
    rows = evaluation.frame[columns].itertuples(index=False)
    for key, (class_id, metric, threshold, *numbers) in zip(evaluation.row_keys, rows, strict=True):
        yield (key, class_id, metric, None if np.isnan(threshold) else threshold, *numbers)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
