"""The groups that a cell names: one, several, or none."""

import json
import re

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.group_values import as_written, name_of
from fairkit.groups import GroupColumn

__all__ = ["checked_separator", "group_of"]

# Nothing that an entry may hold can be matched in two ways, so that no text takes long.
_ENTRY = re.compile(r"(?:\s*'((?:[^'\\]|\\.)*)'\s*|\s*(\"(?:[^\"\\]|\\.)*\")\s*|([^,'\"\[\]]*))([,\]])", re.DOTALL)
_NOTHING = ("", "None", "nan", "NaN")   # an entry without quotes that is no group


def checked_separator(separator):
    """The separator; raises `FairkitError` for what is none."""
    if separator is not None and (not isinstance(separator, str) or not separator):
        raise FairkitError("the separator is no text", "a text such as '|', or 'list' for cells such as ['a', 'b']",
                           quote(separator))
    return separator


def group_of(name, column, places, bad_rows, separator=None, no_group=(), used=None, untyped=False):
    """The `GroupColumn` of a chunked Arrow column.

    Args:
        name: the column's.
        column: of values or lists of values.
        places: `Places` of its rows.
        bad_rows: `BadRows`.
        separator, no_group: as `fairkit.data.read` takes them.
        used: a set that takes the names of `no_group` that occur.
        untyped: whether the cells are texts whatever they mean, as in CSV: "1.0" is the group 1 then.

    Raises:
        FairkitError: for a column that holds no groups, or for a cell that is no list where separator="list".
    """
    import pyarrow as pa

    if isinstance(column.type, pa.FixedShapeTensorType) and len(column.type.shape) == 1:
        column = pa.chunked_array([chunk.storage for chunk in column.chunks])
    if pa.types.is_struct(column.type) or pa.types.is_map(column.type):
        raise FairkitError(f"column {quote(name)} holds no groups", "values, or lists of values", str(column.type))
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    whole = GroupColumn.encode(name, column)
    if separator is None and not len(no_group) and ("",) not in whole.cells and not untyped:
        return whole
    nothing, cells, odd = {"", *map(name_of, no_group)}, [], []
    for cell in whole.cells:
        entries = list(cell) if separator is None else [entry for value in cell for entry in _entries(value, separator)]
        odd.append(None in entries)
        names = [{str(entry), as_written(entry)} if untyped and isinstance(entry, str) else {str(entry)}
                 for entry in entries]
        cells.append(tuple(as_written(entry) if untyped and isinstance(entry, str) else entry
                           for entry, known in zip(entries, names) if entry is not None and not known & nothing))
        if used is not None:
            used |= nothing & set().union(*names)
    bad_rows.mark(np.array([*odd, False])[whole.codes], places, name,
                  f"a cell of group column {quote(name)} is no list",
                  "such as ['christian', 'muslim'] or []", lambda row: quote(whole.cells[whole.codes[row]][0])[:80])
    return GroupColumn.encode(name, cells).take(whole.codes)


def _entries(value, separator):
    """The groups in a cell's value; [None] where it is no list and should be one. Numbers are one group."""
    if not isinstance(value, str):
        return [value]
    if separator != "list":
        return [part for part in map(str.strip, value.split(separator)) if part]
    return _listed(value.strip())


def _listed(text):
    """The entries of a written list such as ['a', "b", c]; [None] for any other text."""
    entries, at, end = [], 1, ","
    while text.startswith("[") and end == ",":
        found = _ENTRY.match(text, at)
        if found is None:
            return [None]
        single, double, bare, end = found.groups()
        at = found.end()
        if double:
            try:
                entries.append(json.loads(double))
            except ValueError:
                return [None]
        elif single is not None:
            entries.append(re.sub(r"\\(.)", r"\1", single))
        elif bare.strip() not in _NOTHING:
            entries.append(bare.strip())
    return [entry for entry in entries if entry] if end == "]" and at == len(text) else [None]
