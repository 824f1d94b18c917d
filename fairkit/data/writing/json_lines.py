"""JSON Lines of examples."""

import json
from json.encoder import encode_basestring as json_text

import numpy as np

from fairkit.data.writing.group_columns import GroupCells
from fairkit.data.writing.plain_columns import TextColumn, portable_numbers
from fairkit.data.writing.tables import chunks
from fairkit.errors import FairkitError, quote

__all__ = ["write_json_lines"]

_OTHERS = "a file .parquet or .arrow"


def write_json_lines(columns, n, file):
    """Writes one JSON object a row to an open file: arrays as nested lists, nothing as null or an empty list."""
    keys = [json_text(column.name).replace("%", "%%") for column in columns]
    line = "{" + ", ".join(f"{key}: %s" for key in keys) + "}\n"
    cells = [_cells_of(column) for column in columns]
    for start, stop in chunks(columns, n):
        rows = zip(*(cell(start, stop) for cell in cells))
        file.write("".join([line % row for row in rows]).encode())


def _cells_of(column):
    """A function (start, stop) -> list of JSON values as texts."""
    if isinstance(column, GroupCells):
        return _groups(column)
    if isinstance(column, TextColumn):
        return lambda start, stop: list(map(json_text, column.arrow(start, stop).to_pylist()))
    return lambda start, stop: _numbers(column, start, stop)


def _groups(column):
    cells = column.values()
    texts = np.array([json.dumps(cell if column.several else cell[0] if cell else None, ensure_ascii=False)
                      for cell in cells], object)
    return lambda start, stop: texts[column.codes(start, stop)].tolist()


def _numbers(column, start, stop):
    array = portable_numbers(column, start, stop, _OTHERS)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        at = np.argwhere(~np.isfinite(array))[0]
        raise FairkitError(f"JSON has no such number as one of column {quote(column.name)}",
                           f"finite numbers, or {_OTHERS}",
                           f"{array[tuple(at)]} in row {start + at[0]}")
    # The str of a float is the shortest text that gives the same float64.
    return list(map(str, array.tolist()))
