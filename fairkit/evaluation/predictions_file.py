"""predictions.parquet: enough to evaluate again at other thresholds, and to pair two models by id."""

import json
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError
from fairkit.groups import GroupColumn
from fairkit.predictions import Predictions
from fairkit.storage import FORMAT, new_file

__all__ = ["load_predictions", "save_predictions"]

_MARK = b"fairkit.predictions"


def save_predictions(predictions, path):
    """Writes columns id, label, scores (a list for several classes), weight, and a struct of lists of groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    scores = predictions.scores
    columns = {
        "id": pa.array(predictions.ids),
        "label": pa.array(predictions.labels),
        "scores": pa.array(scores) if scores.ndim == 1 else pa.FixedSizeListArray.from_arrays(
            pa.array(scores.reshape(-1)), scores.shape[1]),
    }
    if predictions.groups:
        columns["groups"] = pa.StructArray.from_arrays([_cells(c) for c in predictions.groups.values()],
                                                       names=list(predictions.groups))
    if predictions.weights is not None:
        columns["weight"] = pa.array(predictions.weights)
    table = pa.table(columns).replace_schema_metadata({_MARK: json.dumps({"format": FORMAT}).encode()})
    with new_file(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load_predictions(path):
    """Reads predictions.parquet back as `Predictions`; group values come back as texts.

    Raises:
        FairkitError: for a file that is not there, or that is none of fairkit's.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(path)
    if not path.is_file():
        raise FairkitError("there are no predictions", "a predictions.parquet that fairkit wrote", str(path))
    try:
        table = pq.read_table(path)
        mark = json.loads((table.schema.metadata or {})[_MARK])
    except (pa.ArrowInvalid, KeyError, OSError):
        raise FairkitError("this is no file of fairkit predictions", "a predictions.parquet that fairkit wrote",
                           str(path)) from None
    if mark["format"] > FORMAT:
        raise FairkitError("these predictions were written by a newer fairkit", f"format {FORMAT} or older",
                           mark["format"])
    scores = table["scores"].combine_chunks()
    if pa.types.is_fixed_size_list(scores.type):
        scores = scores.flatten().to_numpy(zero_copy_only=False).reshape(len(table), scores.type.list_size)
    else:
        scores = scores.to_numpy(zero_copy_only=False)
    groups = {}
    if "groups" in table.column_names:
        struct = table["groups"].combine_chunks()
        for field in struct.type:
            groups[field.name] = _column(struct.field(field.name))
    weights = table["weight"].to_numpy() if "weight" in table.column_names else None
    return Predictions(table["label"].to_numpy(), scores, groups, weights, table["id"].to_numpy())


def _cells(column):
    """A group column as Arrow lists of texts, built from its codes."""
    import pyarrow as pa

    lists = pa.array([[str(value) for value in cell] for cell in column.cells], pa.list_(pa.string()))
    return lists.take(pa.array(column.codes))


def _column(lists):
    distinct, codes = {}, np.empty(len(lists), np.int32)
    for i, cell in enumerate(lists.to_pylist()):
        codes[i] = distinct.setdefault(tuple(cell), len(distinct))
    return GroupColumn(codes, tuple(distinct))
