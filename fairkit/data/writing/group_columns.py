"""Group columns on their way into a file: typed values, lists, or texts with a separator."""

import math

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.group_values import as_written

__all__ = ["GroupCells"]


class GroupCells:
    """The cells of a `GroupColumn` under a name.

    Attributes:
        several: whether any cell holds several values; then all cells are written as lists.
    """

    what, row_bytes = "groups", 16

    def __init__(self, name, column):
        present = np.flatnonzero(column.present).tolist()
        present.sort(key=lambda code: not column.cells[code])    # the empty cell last: a dictionary leaves it out
        renumbered = np.zeros(len(column.cells), np.int32)
        renumbered[present] = np.arange(len(present))
        self.name, self._codes, self._renumbered = name, column.codes, renumbered
        self.cells = [column.cells[c] for c in present]
        self.several = any(len(cell) > 1 for cell in self.cells)
        self._arrow = None

    def codes(self, start, stop):
        """(stop - start,) int32: which of `cells` each example has."""
        return self._renumbered[self._codes[start:stop]]

    def texts(self):
        """The cells as lists of texts, in the order of `codes`; raises `FairkitError` for what is no Unicode."""
        cells = [[str(value) for value in cell] for cell in self.cells]
        for text in (text for cell in cells for text in cell):
            if text == "":
                raise FairkitError(f"a value of group column {quote(self.name)} is empty",
                                   "values with a name: in a file an empty text means no group", "''")
            try:
                text.encode()
            except UnicodeEncodeError:
                raise FairkitError(f"a value of group column {quote(self.name)} is no Unicode",
                                   "texts that UTF-8 can hold", quote(text)) from None
        return cells

    def joined(self, separator):
        """The cells as one text each, None for nothing.

        Raises:
            FairkitError: for a value that would come back as another one.
        """
        for typed in (value for cell in self.cells for value in cell if isinstance(value, str)):
            if as_written(typed) != typed:
                raise FairkitError(f"a value of group column {quote(self.name)} is a text that a CSV file gives back "
                                   f"as {as_written(typed)}", "a file .jsonl, .parquet or .arrow, which keep texts as "
                                   "they are", quote(typed))
        for value in (value for cell in self.texts() for value in cell):
            if separator is not None and separator in value:
                raise FairkitError(f"a value of group column {quote(self.name)} contains the separator",
                                   f"another separator, such as separator={quote(_unused(self.texts(), separator))}"
                                   + ("" if self.several else ", or separator=None"), quote(value))
            if separator is not None and value != value.strip():
                raise FairkitError(f"a value of group column {quote(self.name)} is framed by blanks",
                                   "values that a CSV cell keeps, or a file .jsonl or .parquet", quote(value))
        if separator is None and self.several:
            cell = next(cell for cell in self.cells if len(cell) > 1)
            raise FairkitError(f"a cell of group column {quote(self.name)} holds several values",
                               "a separator to write between them, such as separator='|'", quote(cell))
        return [(separator or "").join(cell) if cell else None for cell in self.texts()]

    def values(self):
        """The cells as lists of booleans, integers, floats or, where they are not all of one kind, texts."""
        kinds = {type(value) for cell in self.cells for value in cell}
        flat = [value for cell in self.cells for value in cell]
        if kinds == {bool} or (kinds == {int} and all(-2**63 <= value < 2**63 for value in flat)):
            return [list(cell) for cell in self.cells]
        if float in kinds <= {int, float} and all(map(math.isfinite, flat)) and all(float(v) == v for v in flat):
            return [list(map(float, cell)) for cell in self.cells]
        return self.texts()

    def arrow(self, start, stop):
        """Lists where any cell holds several values; otherwise values or nulls, texts as a dictionary."""
        import pyarrow as pa

        if self._arrow is None:
            cells = self.values()
            if self.several:
                flat = pa.array([value for cell in cells for value in cell])
                ends = np.cumsum([0, *map(len, cells)])
                self._arrow = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), flat)
            else:
                kind = pa.string() if not any(cells) else None
                self._arrow = pa.array([cell[0] if cell else None for cell in cells], kind)
        codes = self.codes(start, stop)
        if not self.several and pa.types.is_string(self._arrow.type):
            filled = self._arrow.drop_null()
            return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes >= len(filled)), filled)
        return self._arrow.take(pa.array(codes))


def _unused(cells, separator):
    """A separator that no value contains."""
    texts = [text for cell in cells for text in cell]
    usual = ["|", ";", ",", "/", "||", "###"]
    return next((s for s in usual if s != separator and not any(s in text for text in texts)), "<|>")
