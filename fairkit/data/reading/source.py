"""The one form in which every source gives its rows."""

from fairkit.data.reading.bad_rows import BadRows
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["Source"]


class Source:
    """Rows in named columns, read part by part.

    Attributes:
        what: the source in words, for messages.
        names: the names of its columns.
        untyped: whether all cells are texts, as in CSV, whatever they mean.
        folder: the folder that relative paths in its cells start from; None for the working directory.
        hint: what may be wrong with how it is read, in words, for those who look at it; None for nothing.
    """

    hint = None
    untyped = False
    folder = None

    def __init__(self, what, names):
        self.what, self.names = what, list(names)

    def chunks(self, columns, bad_rows):
        """Yields (`pyarrow.Table`, path or None, number of its first row or of all its rows).

        Args:
            columns: the names of the columns that are wanted.
            bad_rows: `BadRows`, which takes rows that cannot be parsed.
        """
        raise NotImplementedError

    def tables(self, columns=None, bad_rows=None):
        """Yields `pyarrow.Table`s of the wanted columns, some ten thousand rows at a time.

        Args:
            columns: their names; all columns if None.
            bad_rows: `BadRows`, which takes rows that cannot be parsed; None to raise.

        Raises:
            FairkitError: for a column that is not there, and for what cannot be read.
        """
        columns = self.checked([*dict.fromkeys(self.names)] if columns is None else columns)
        for table, _, _ in self.chunks(columns, bad_rows or BadRows("raise")):
            yield table

    def checked(self, columns):
        """The names without repetition; raises `FairkitError` for a column that is not there, or there twice."""
        for name in columns:
            if self.names.count(name) != 1:
                many = "several columns" if name in self.names else "no column"
                raise FairkitError(f"{self.what} has {many} {quote(name)}", nearest(name, self.names), quote(name))
        return list(dict.fromkeys(columns))
