"""The columns of examples or of a frame, in one form."""

from collections.abc import Mapping

import numpy as np

from fairkit.column_names import column_text, is_name
from fairkit.encoding import encoded
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.groups import GroupColumn

__all__ = ["Table", "table_of"]

LABEL = "label"
"""The name of the labels of `Examples`, where no group column is called so."""


class Table:
    """n rows in named columns; group columns are encoded once.

    Attributes:
        columns: dict of name -> column, as the user has it.
        given: what it was made of.
        examples: the `Examples` behind it, or None for a frame.
    """

    def __init__(self, columns, length, given):
        self.columns, self.given, self._length, self._encoded = columns, given, length, {}
        self.examples = given if isinstance(given, Examples) else None

    def __len__(self):
        return self._length

    def checked(self, what, name):
        """The name, as the data have it; raises `FairkitError` where no column has it."""
        found = self.found(name)
        if found is None:
            raise FairkitError(f"{what}: no column {quote(name)}", nearest(name, map(column_text, self.columns)),
                               quote(name))
        return found

    def found(self, name):
        """The name, as the data have it, of the column that something names; None where it names none.

        Columns may be named by texts, numbers and tuples; "1" finds 1 as well.
        """
        text = column_text(name) if is_name(name) else None
        return next((own for own in self.columns if column_text(own) == text), None)

    def groups(self, name):
        """A column as a `GroupColumn`."""
        if name not in self._encoded:
            self._encoded[name] = GroupColumn.encode(column_text(name), self.columns[name])
        return self._encoded[name]

    def numbers(self, name):
        """(n,) float64, NaN where a cell holds nothing.

        Raises:
            FairkitError: for a cell that is no number, or holds several.
        """
        return numbers_of(name, self.columns[name])


def table_of(data):
    """The `Table` of `Examples`, of a pandas, polars or Arrow table, or of a dict of columns."""
    if isinstance(data, Examples):
        columns = dict(data.groups)
        columns.setdefault(LABEL, data.labels)
        return Table(columns, len(data), data)
    if hasattr(data, "iloc"):
        columns = {name: data.iloc[:, position] for position, name in enumerate(data.columns)}
        if len(columns) < data.shape[1]:
            raise FairkitError("several columns of the frame have one name", "each name once", list(data.columns))
    elif hasattr(data, "column_names"):
        columns = {name: data[name] for name in data.column_names}
    elif isinstance(data, Mapping) or hasattr(data, "columns"):
        columns = {name: data[name] for name in (data if isinstance(data, Mapping) else data.columns)}
    else:
        raise FairkitError("a bias report is not made of this", "fairkit.Examples, a table (pandas, polars, Arrow) or "
                           "a dict of columns", type(data).__name__)
    if len(set(map(column_text, columns))) < len(columns):
        raise FairkitError("several columns have one name", "each name once", quote(list(columns)))
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise FairkitError("the columns differ in length", "columns of one length", lengths)
    return Table(columns, next(iter(lengths.values()), 0), data)


def numbers_of(name, column):
    """(n,) float64 of a column of any kind; NaN where a cell holds nothing; as `Table.numbers`."""
    if not isinstance(column, GroupColumn):
        dtype = getattr(column, "dtype", None)
        if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
            return np.asarray(column, np.float64)
        codes, cells = encoded(str(name), column)
        cells = [cell if isinstance(cell, tuple) else () if cell is None or cell != cell else (cell,) for cell in cells]
    else:
        codes, cells = column.codes, column.cells
    table = np.full(len(cells) + 1, np.nan)  # the last one is for the code -1: nothing
    for place, cell in enumerate(cells):
        if len(cell) > 1:
            raise FairkitError(f"a cell of column {quote(name)} holds several values", "one number", quote(cell))
        try:
            table[place] = float(cell[0]) if cell else np.nan
        except (TypeError, ValueError):
            raise FairkitError(f"column {quote(name)} holds something else than numbers", "numbers",
                               quote(cell[0])) from None
    return table[codes]
