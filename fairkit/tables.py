"""Columns as inputs of a model: numbers or texts in one array; a DataFrame becomes a dict of these."""

import datetime
import numbers
from decimal import Decimal

import numpy as np

from fairkit.column_names import column_text
from fairkit.errors import FairkitError, quote
from fairkit.group_values import is_nothing

__all__ = ["Missing", "column_array", "is_frame", "objects_as_array", "table_columns"]


class Missing:
    """What is done with cells of inputs that hold nothing.

    Args:
        way: "raise", or "keep" to make a missing number NaN and a missing text an empty one.
    """

    def __init__(self, way="keep"):
        self.way = way

    def check(self, name, cells):
        """Raises `FairkitError` for the first of the cells that hold nothing, unless they are kept.

        Args:
            name: of the column; None where inputs have no names.
            cells: (n, ...) booleans: which cells hold nothing.
        """
        if self.way == "keep" or not cells.any():
            return
        rows = cells.reshape(len(cells), -1).any(axis=1)
        row, of = int(np.flatnonzero(rows)[0]), "" if name is None else f" of column {quote(name)}"
        place = "" if cells.ndim == 1 else f", position {', '.join(map(str, np.argwhere(cells[row])[0].tolist()))}"
        more = f" ({int(rows.sum()):,} such rows)" if rows.sum() > 1 else ""
        raise FairkitError("an input is missing" if name is None else f"an input in column {quote(name)} is missing",
                           "a value in every row; or missing_inputs='keep', which makes a missing number NaN and a "
                           "missing text an empty one", f"nothing in row {row}{of}{place}{more}")


def is_frame(thing):
    """Whether something is a pandas or polars frame, or an Arrow table.

    Example:
        >>> import pandas as pd
        >>> from fairkit.tables import is_frame
        >>> is_frame(pd.DataFrame({"age": [17]})), is_frame({"age": [17]})
        (True, False)
    """
    return hasattr(thing, "columns") and any(hasattr(thing, name) for name in ("iloc", "column_names", "to_pandas"))


def table_columns(frame, missing=None):
    """The columns of a frame as a model with named inputs is fed them: a dict of name, as a text, -> array (n,).

    Numbers keep their type; a missing one is NaN, so that whole numbers of which some are missing become float64.
    Truth values are uint8. Everything else becomes an object array of texts, in which a missing value is the empty
    text, as in a CSV file. The index of the frame plays no part.

    Args:
        frame: a `pandas.DataFrame`, or anything with `to_pandas` (polars frames, Arrow tables).
        missing: `Missing`; None keeps missing cells.

    Raises:
        FairkitError: for names that stand twice, and for columns of times or lists.

    Example:
        >>> import pandas as pd
        >>> from fairkit.tables import table_columns
        >>> columns = table_columns(pd.DataFrame({"age": [17, None], "job": ["cook", None]}, index=[8, 3]))
        >>> columns["age"], columns["job"]
        (array([17., nan]), array(['cook', ''], dtype=object))
    """
    frame = frame if hasattr(frame, "iloc") else frame.to_pandas()
    names = list(map(column_text, frame.columns))
    for name in names:
        if names.count(name) > 1:
            raise FairkitError(f"the frame has several columns {quote(name)}", "each name once", f"{names.count(name)}")
    return {name: column_array(name, frame.iloc[:, place], missing or Missing()) for place, name in enumerate(names)}


def column_array(name, column, missing):
    """One pandas column as an array (n,) of numbers, or of texts as objects; as `table_columns` describes it.

    Args:
        name: the column's, for messages; None where it has none.
        column: a pandas Series, Index or extension array.
        missing: `Missing`.
    """
    import pandas as pd

    column = pd.Series(column).reset_index(drop=True)
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        kind = kind.categories.dtype
        column = column.astype(object) if not pd.api.types.is_numeric_dtype(kind) else column.astype(
            "float64" if column.isna().any() else kind)
        kind = column.dtype
    nothing = column.isna().to_numpy(bool)
    missing.check(name, nothing)
    if pd.api.types.is_bool_dtype(kind) and not nothing.any():
        return column.to_numpy(bool).view(np.uint8)
    if pd.api.types.is_numeric_dtype(kind) and "decimal" not in str(kind):
        if isinstance(kind, np.dtype):
            return _checked_numbers(name, column.to_numpy())
        as_floats = nothing.any() or pd.api.types.is_bool_dtype(kind)
        return column.to_numpy("float64", na_value=np.nan) if as_floats else column.to_numpy(
            getattr(kind, "numpy_dtype", None))
    if str(kind) != "object" and not pd.api.types.is_string_dtype(kind) and "decimal" not in str(kind):
        raise _unfit(name, "numbers or texts; of times, numbers such as " + _years(name), str(kind))
    return objects_as_array(name, column.to_numpy(object), missing)


def objects_as_array(name, cells, missing):
    """Cells of any kind as an array of numbers, where all are, or else of texts as objects.

    Args:
        name: of their column, for messages; None where it has none.
        cells: (n, ...) object array of numbers, texts, bytes (those in UTF-8 become texts) and nothing.
        missing: `Missing`.

    Raises:
        FairkitError: for cells that are times, lists or of a kind that no model is fed; of those that are nothing as
            `missing` says.
    """
    flat = cells.reshape(-1)
    if all(type(cell) is str for cell in flat):
        return cells
    nothing = np.array([is_nothing(cell) for cell in flat], bool)
    missing.check(name, nothing.reshape(cells.shape))
    there = [cell for cell, empty in zip(flat, nothing) if not empty]
    if there and all(isinstance(cell, (numbers.Real, Decimal)) and not isinstance(cell, np.timedelta64)
                     for cell in there):
        return _numbers(name, flat, nothing, there).reshape(cells.shape)
    made = np.empty(len(flat), object)
    made[:] = ["" if empty else _text(name, cell) for cell, empty in zip(flat, nothing)]
    return made.reshape(cells.shape)


def _numbers(name, flat, nothing, there):
    truths = [isinstance(cell, (bool, np.bool_)) for cell in there]
    if nothing.any() or not all(isinstance(cell, (numbers.Integral, np.bool_)) for cell in there):
        array = np.full(len(flat), np.nan)
        array[~nothing] = [float(cell) for cell in there]
        return array
    if all(truths):
        return np.array(there, bool).view(np.uint8)
    try:
        return np.array([int(cell) for cell in there], np.int64)
    except OverflowError:
        raise _unfit(name, "whole numbers of 64 bits, or floats", quote(max(there, key=abs))) from None


def _checked_numbers(name, array):
    if array.dtype.kind == "c":
        raise _unfit(name, "numbers or texts", str(array.dtype))
    return array.astype(np.float64) if array.dtype.kind == "f" and array.dtype.itemsize > 8 else array


def _text(name, cell):
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, (bytes, bytearray)):
        try:
            return bytes(cell).decode()
        except UnicodeDecodeError:
            return bytes(cell)   # not a text: a serialized tf.Example, which some models parse
    if isinstance(cell, (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)):
        raise _unfit(name, "numbers or texts; of times, numbers such as " + _years(name), quote(cell))
    if not isinstance(cell, (numbers.Real, Decimal)):
        raise _unfit(name, "a number or a text in each cell", quote(cell)[:80])
    return str(cell)


def _unfit(name, expected, received):
    what = "the inputs" if name is None else f"column {quote(name)}"
    return FairkitError(f"{what} cannot be fed to a model", expected, received)


def _years(name):
    return "years" if name is None else f"frame[{quote(name)}].dt.year"
