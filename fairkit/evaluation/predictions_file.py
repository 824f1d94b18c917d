"""predictions.parquet: enough to evaluate again at other thresholds, and to pair two models by id."""

import json
from pathlib import Path

from fairkit.errors import FairkitError, one_line
from fairkit.groups import GroupColumn
from fairkit.predictions import Predictions
from fairkit.storage import FORMAT, new_file

__all__ = ["is_own", "load_predictions", "predictions_in", "predictions_table", "save_predictions"]

_MARK = b"fairkit.predictions"


def save_predictions(predictions, path):
    """Writes columns id, label, scores (a list for several classes), weight, and a struct of lists of groups."""
    import pyarrow.parquet as pq

    with new_file(path) as temporary:
        pq.write_table(predictions_table(predictions), temporary, compression="zstd")


def predictions_table(predictions):
    """The Arrow table that `save_predictions` writes, marked as fairkit's own."""
    import pyarrow as pa

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
    return pa.table(columns).replace_schema_metadata({_MARK: json.dumps({"format": FORMAT}).encode()})


def load_predictions(path):
    """Reads predictions.parquet back as `Predictions`; group values come back as texts.

    Raises:
        FairkitError: for a file that is not there, that fairkit did not write, or that holds values out of their range.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(path)
    if not path.is_file():
        raise FairkitError("there are no predictions", "a predictions.parquet that fairkit wrote", str(path))
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        table = None
    if table is None or not is_own(table.schema, path):
        raise FairkitError("this is no file of fairkit predictions", "a predictions.parquet that fairkit wrote",
                           str(path))
    try:
        return predictions_in(table)
    except FairkitError as error:
        raise FairkitError(f"{str(path)!r} is damaged: {error}") from None


def is_own(schema, path):
    """Whether an Arrow schema bears the mark of `save_predictions`; a newer fairkit's mark raises `FairkitError`."""
    mark = (schema.metadata or {}).get(_MARK)
    if mark is None:
        return False
    try:
        version = int(json.loads(mark)["format"])
    except (ValueError, TypeError, KeyError):
        return False
    if version > FORMAT:
        raise FairkitError("these predictions were written by a newer fairkit", f"format {FORMAT} or older",
                           f"format {version} in {str(path)!r}")
    return True


def predictions_in(table):
    """The `Predictions` of the table that `predictions_table` gives.

    Raises:
        FairkitError: for columns that are missing or of another type, and values that no predictions have.
    """
    import pyarrow as pa

    try:
        labels, scores, groups, weights, ids = _columns_of(table)
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except (KeyError, TypeError, ValueError, AttributeError, pa.ArrowException) as error:
        raise FairkitError("fairkit did not write these predictions", "the columns id, label, scores, groups, weight",
                           one_line(error)) from None
    return Predictions(labels, scores, groups, weights, ids)


def _columns_of(table):
    import pyarrow as pa

    scores = table["scores"].combine_chunks()
    if pa.types.is_fixed_size_list(scores.type):
        scores = scores.flatten().to_numpy(zero_copy_only=False).reshape(len(table), scores.type.list_size)
    else:
        scores = scores.to_numpy(zero_copy_only=False)
    groups = {}
    if "groups" in table.column_names:
        struct = table["groups"].combine_chunks()
        groups = {field.name: GroupColumn.encode(field.name, struct.field(field.name)) for field in struct.type}
    weights = table["weight"].to_numpy() if "weight" in table.column_names else None
    return table["label"].to_numpy(), scores, groups, weights, table["id"].to_numpy()


def _cells(column):
    """A group column as Arrow lists of texts, built from its codes."""
    import pyarrow as pa

    lists = pa.array([[str(value) for value in cell] for cell in column.cells], pa.list_(pa.string()))
    return lists.take(pa.array(column.codes))
