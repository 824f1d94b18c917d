"""An evaluation on disk: cells.npz, predictions.parquet, and beside them TFMA's result files."""

import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.areas import Area, FoundAreas, StoredAreas, as_rows
from fairkit.evaluation.cells_file import ARRAYS, FINE_ARRAYS, cells_as_arrays, cells_from_arrays, read_arrays
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.predictions_file import load_predictions, save_predictions
from fairkit.evaluation.specs import cut_groups
from fairkit.folders import RUN, new_folder, part, read_about
from fairkit.numeric_groups import Bins
from fairkit.storage import FORMAT, new_file

__all__ = ["load_evaluation", "save_evaluation", "write_parts"]

CELLS, PREDICTIONS = "cells.npz", "predictions.parquet"


def save_evaluation(evaluation, folder):
    """Writes run.json, cells.npz, predictions.parquet where there are any, and what `tfma.load_eval_result` reads.

    The folder is there whole or not at all, readable by its owner only; one that fairkit wrote is replaced. Where
    slices are left out for their size, TFMA's files are all that is written: cells and predictions hold those slices.

    Raises:
        FairkitError: if the folder holds what fairkit did not write.
    """
    with new_folder(folder, {"command": "evaluate"}) as new:
        write_parts(evaluation, new)


def write_parts(evaluation, folder):
    """Writes the files of an `Evaluation` or `TfmaEvaluation` into a folder that is being made."""
    from fairkit.evaluation.tfma import format as tfma_format
    from fairkit.evaluation.tfma.result import TfmaEvaluation

    if isinstance(evaluation, TfmaEvaluation):
        tfma_format.put_files(folder, evaluation.tfma_files)
        return
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch) / "result"
        if evaluation.config is not None:
            _write_as_asked(evaluation, result)
        else:
            tfma_format.write(_rows(evaluation), result, evaluation.thresholds,
                              [tuple(name for name, _ in spec) for spec in evaluation.specs])
        tfma_format.put_files(folder, tfma_format.files_of(result))
    if evaluation.min_slice_size > 1:
        return
    if evaluation.predictions is not None:
        save_predictions(evaluation.predictions, folder / PREDICTIONS)
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
    own = (folder / RUN).is_file()
    about = read_about(folder) if own else None
    if not own and (folder / CELLS).exists():
        raise FairkitError(f"{CELLS} does not belong to a result of fairkit here", f"{RUN} beside it, which says so",
                           str(folder))
    path = part(folder, CELLS, about) if own else None
    if path is None:
        if any((place / "eval_config.json").is_file() for place in (folder, folder / "evaluation")):
            from fairkit.evaluation.tfma.result import load_tfma

            for name in about["parts"] if own else ():
                part(folder, name, about)
            return load_tfma(folder, model, output)
        raise FairkitError("there is no evaluation here",
                           f"a folder with {CELLS}, as Evaluation.save writes it, or one that TFMA wrote", str(folder))
    for name, value in (("model", model), ("output", output)):
        if value is not None:
            raise FairkitError("this evaluation is of one model with one output", f"no {name}=",
                               f"{name}={quote(value)}")
    predictions = part(folder, PREDICTIONS, about)
    return _loaded(path, None if predictions is None else load_predictions(predictions))


def _loaded(path, predictions):
    """The `Evaluation` of cells.npz and the predictions beside it."""
    damaged = FairkitError("these cells cannot be read", f"a {CELLS} that fairkit wrote", str(path))
    try:
        about, stored = read_arrays(path, (*ARRAYS, *FINE_ARRAYS, "areas", "values"))
        version = int(about["format"])
    except FairkitError:
        raise
    except (ValueError, KeyError, TypeError, OSError, EOFError, RecursionError, NotImplementedError,
            zipfile.BadZipFile, zlib.error):
        raise damaged from None
    if version > FORMAT:
        raise FairkitError("these cells were written by a newer fairkit", f"format {FORMAT} or older", version)
    try:
        return _evaluation(stored, about, predictions)
    except FairkitError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        raise damaged from None


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
        codes = _checked_atoms(predictions, groups, cells, about["weighted"])
        areas = FoundAreas.of_rows(predictions, cells.atoms, codes)
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


def _checked_atoms(predictions, groups, cells, weighted):
    """The atom of each example, once the cells are found to be those of the predictions.

    Raises:
        FairkitError: for cells of other examples, or of another model's scores.
    """
    found, codes = None, None
    if all(name in groups for name in cells.atoms.features) and bool(weighted) == (predictions.weights is not None) \
            and (predictions.classes is None) == (cells.classes == (None,)):
        found, codes = atoms_of({name: groups[name] for name in cells.atoms.features}, len(predictions))
    if found is None or not {*found.cells} == {*cells.atoms.cells}:
        raise _not_together(predictions, cells)
    codes = cells.atoms.positions_of(found)[codes]
    for position, class_id in enumerate(cells.classes):
        if class_id is not None and class_id >= predictions.classes:
            raise _not_together(predictions, cells)
        positive = predictions.labels == (1 if class_id is None else class_id)
        scores = predictions.scores if class_id is None else predictions.scores[:, class_id]
        rows = cells.keys[:, 1] == position
        in_buckets = np.bincount(cells.keys[rows, 3], cells.moments[rows, 0], len(cells.thresholds) + 1)
        of_labels = cells.labels_by_atom(class_id)[..., 0].ravel()
        buckets = np.searchsorted(cells.thresholds, np.asarray(scores, np.float64))
        if (np.bincount(codes * 2 + positive, minlength=len(of_labels)) != of_labels).any() or \
                (np.bincount(buckets, minlength=len(in_buckets)) != in_buckets).any():
            raise _not_together(predictions, cells)
    return codes


def _not_together(predictions, cells):
    return FairkitError(f"{CELLS} and {PREDICTIONS} do not belong together", "counts of these very predictions",
                        f"{int(cells.totals_by_atom()[:, 0].sum()):,} examples counted, "
                        f"{len(predictions):,} predictions")


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
