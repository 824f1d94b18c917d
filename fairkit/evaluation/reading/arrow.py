"""Arrow tables of predictions as `Predictions`, with what is wrong in them told by file, row and column."""

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.reading.columns import STRUCT
from fairkit.examples import WEIGHTS, odd_weights
from fairkit.formats.places import Places
from fairkit.groups import GroupColumn
from fairkit.predictions import Predictions

__all__ = ["groups_of", "labels_of", "predictions_of", "table_column", "weights_of"]


def predictions_of(table, columns, places=None):
    """The rows of an Arrow table as `Predictions`.

    Args:
        table: `pyarrow.Table` or `RecordBatch`. Columns of lists with one value a row are taken as that value.
        columns: `Columns`, with `groups` spelled out and `scores` given.
        places: `Places` of the rows, for messages.

    Raises:
        FairkitError: for a column that is not there, labels that are no class, scores or weights that are missing, no
            numbers or out of range; the message says in which file, row and column.
    """
    places = places or Places()
    scores = _scores(columns.scores, table_column(table, columns.scores), places)
    classes = None if scores.ndim == 1 else scores.shape[1]
    labels = _labels(columns.label, table_column(table, columns.label), classes, places)
    ids = None if columns.id is None else _ids(columns.id, table_column(table, columns.id), places)
    return Predictions.of_checked(labels, scores, groups_of(table, columns), weights_of(table, columns, places), ids)


def groups_of(table, columns):
    """dict of name -> `GroupColumn`."""
    return {name: _group(name, table_column(table, name), columns.separator) for name in columns.groups}


def weights_of(table, columns, places):
    """(n,) float64 weights, as `Examples` takes them; None without a weight column."""
    if columns.weight is None:
        return None
    name = columns.weight
    weights = _numbers("weight", name, table_column(table, name), places)
    _refuse(odd_weights(weights), weights, f"a weight in column {quote(name)} is out of range", WEIGHTS, places)
    return weights


def labels_of(table, columns, places):
    """(n,) labels as they are, numbers."""
    return _numbers("label", columns.label, table_column(table, columns.label), places)


def table_column(table, name):
    """A column of an Arrow table, or a field of its struct of groups, in one piece."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name in table.schema.names:
        column = table.column(table.schema.get_field_index(name))
    elif STRUCT in table.schema.names and pa.types.is_struct(table.schema.field(STRUCT).type) and \
            table.schema.field(STRUCT).type.get_field_index(name) >= 0:
        column = pc.struct_field(table.column(STRUCT), name)
    else:
        raise FairkitError(f"the rows have no column {quote(name)}", nearest(name, table.schema.names), quote(name))
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _scores(name, column, places):
    """(n,) or (n, k) float64 in [0, 1]."""
    if _is_list(column.type) and len(column):
        widths = _widths(column)
        _refuse((widths != widths[0]) | (widths == 0), widths,
                f"the rows of column {quote(name)} hold different numbers of "
                "scores", f"{widths[0] or 'one or more'} in each", places)
        flat = _numbers("score", name, column.flatten(), places, int(widths[0]))
        scores = flat if widths[0] == 1 else flat.reshape(-1, int(widths[0]))
    else:
        scores = _numbers("score", name, column, places)
    low, high = (scores.min(), scores.max()) if scores.size else (0.0, 0.0)  # NaN if any is
    if not (low >= 0 and high <= 1):
        _refuse(~((scores >= 0) & (scores <= 1)), scores, f"a score in column {quote(name)} is not in [0, 1]",
                "probabilities", places)
    return scores


def _labels(name, column, classes, places):
    labels, limit = _numbers("label", name, column, places), 2 if classes is None else classes
    expected = "0 and 1 for one score a row" if classes is None else f"class ids from 0 to {classes - 1}"
    low, high = (labels.min(), labels.max()) if len(labels) else (0, 0)
    if not (low >= 0 and high < limit) or (labels.dtype.kind == "f" and not (labels == np.floor(labels)).all()):
        _refuse(~((labels >= 0) & (labels < limit) & (labels == np.floor(labels))), labels,
                f"a label in column {quote(name)} is no class", expected, places)
    return labels.astype(np.int8 if limit <= 127 else np.int64, copy=False)


def _numbers(what, name, column, places, width=1):
    """A numeric column as an array: float64, or the labels' integers."""
    import pyarrow as pa

    if _is_list(column.type):
        widths = _widths(column)
        _refuse(widths != 1, widths, f"column {quote(name)} does not hold one {what} in each row", "one", places)
        column = column.flatten()
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
            or pa.types.is_decimal(kind)):
        shown = f"{quote(column[0].as_py())} and the like" if len(column) else str(kind)
        if column.null_count < len(column) or not pa.types.is_null(kind):
            raise FairkitError(f"column {quote(name)} holds no {what}s", "numbers", shown)
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0]) // width
        raise FairkitError(f"a {what} in column {quote(name)} is missing", f"a {what} in every row", places.of(row))
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    numbers = column.to_numpy(zero_copy_only=False)
    if what == "label" and numbers.dtype.kind in "iu":
        return numbers
    return numbers.astype(np.float64, copy=False)


def _group(name, column, separator):
    encoded = GroupColumn.encode(name, column)
    if separator is None:
        return encoded
    cells = [tuple(part for value in cell for part in (
        filter(None, map(str.strip, value.split(separator))) if isinstance(value, str) else [value]))
        for cell in encoded.cells]
    return GroupColumn.encode(name, cells).take(encoded.codes)


def _ids(name, column, places):
    if _is_list(column.type):
        widths = _widths(column)
        _refuse(widths != 1, widths, f"column {quote(name)} does not hold one id in each row", "one", places)
        column = column.flatten()
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise FairkitError(f"an id in column {quote(name)} is missing", "an id in every row", places.of(row))
    return column.to_numpy(zero_copy_only=False)


def _widths(column):
    """(n,) the number of values of each cell; 0 where it is missing."""
    import pyarrow.compute as pc

    return pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)


def _is_list(kind):
    import pyarrow as pa

    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def _refuse(bad, values, wrong, expected, places):
    rows = bad if bad.ndim == 1 else bad.any(axis=1)
    if rows.any():
        row = int(np.flatnonzero(rows)[0])
        value = values[row] if values.ndim == 1 else values[row][bad[row]][0]
        more = f" ({int(rows.sum())} such rows in what was read at once)" if rows.sum() > 1 else ""
        raise FairkitError(wrong, expected, f"{value} in {places.of(row)}{more}")
