"""Columns of one text or one number an example: inputs, labels, weights and ids."""

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["NumberColumn", "TextColumn", "is_utf8", "portable_numbers", "rows_of"]


def rows_of(values, start, stop):
    """Some rows of an array or of a lazy reader, as an array; only these rows are read."""
    if isinstance(values, np.ndarray):
        return values[start:stop]
    part = np.asarray(values[np.arange(start, stop)])
    if len(part) != stop - start:
        raise FairkitError("lazy inputs give another number of rows than they were asked for",
                           f"{stop - start} for rows {start} to {stop - 1}", len(part))
    return part


class TextColumn:
    """One text an example.

    Args:
        name: of the column.
        what: it holds, for messages: "inputs", "labels", "ids".
        values: an array, `fairkit.texts.Texts`, or anything with a length and array indexing.
    """

    row_bytes = 512    # a guess, by which the rows of a chunk are chosen

    def __init__(self, name, what, values):
        self.name, self.what, self.values = name, what, values

    def arrow(self, start, stop):
        """`pyarrow` strings of rows start to stop; raises `FairkitError` for what is no text."""
        import pyarrow as pa

        column = getattr(self.values, "column", None)
        if isinstance(column, pa.ChunkedArray):  # fairkit.texts.Texts: no Python text is made
            return column.slice(start, stop - start)
        part = rows_of(self.values, start, stop)
        for row, value in enumerate(part.tolist() if part.dtype.kind == "O" else (), start):
            if not isinstance(value, str):
                raise FairkitError(f"the {self.what} are texts, but one is not", "a text in every row",
                                   f"{quote(value):.80} in row {row}")
        try:
            return pa.array(part, pa.string())
        except UnicodeEncodeError:
            row, text = next((row, text) for row, text in enumerate(part.tolist(), start) if not is_utf8(text))
            raise FairkitError(f"a text of the {self.what} is no Unicode (half of a surrogate pair)",
                               "texts that UTF-8 can hold", f"{quote(text):.80} in row {row}") from None


class NumberColumn:
    """One number or boolean an example; `values` as in `TextColumn`."""

    def __init__(self, name, what, values, dtype):
        self.name, self.what, self.values, self.dtype = name, what, values, np.dtype(dtype).newbyteorder("=")
        self.row_bytes = self.dtype.itemsize

    def array(self, start, stop):
        """(stop - start,) array in the column's type."""
        part = rows_of(self.values, start, stop)
        if part.ndim != 1 or part.dtype.newbyteorder("=") != self.dtype:
            raise FairkitError(f"the {self.what} of column {quote(self.name)} change their type",
                               f"{self.dtype} numbers, as in row 0",
                               f"{part.dtype} of shape {part.shape} for rows {start} to {stop - 1}")
        return np.ascontiguousarray(part.astype(self.dtype, copy=False))

    def arrow(self, start, stop):
        """`pyarrow` numbers or booleans of rows start to stop."""
        import pyarrow as pa

        return pa.array(self.array(start, stop))


def portable_numbers(column, start, stop, others):
    """Rows of a column of numbers for formats of signed 64-bit integers and of floats alone: booleans as 0 and 1.

    Raises:
        FairkitError: for unsigned integers that are too large; `others` says where they can go.
    """
    array = column.array(start, stop)
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype == np.uint64 and array.max(initial=0) >= 2**63:
        at = np.argwhere(array >= 2**63)[0]
        raise FairkitError(f"a number of column {quote(column.name)} is too large for a 64-bit integer with a sign",
                           f"numbers below 2**63, or {others}", f"{array[tuple(at)]} in row {start + at[0]}")
    # Of a 32-bit float the shortest text would be another 64-bit float.
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def is_utf8(text):
    """Whether a text can be written at all: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
