"""Where the rows of a table stand in the files that they were read from."""

import numpy as np

__all__ = ["Places"]


class Places:
    """From which row of which file each row of a table came.

    Args:
        what: what the rows are called where no file is known.
    """

    def __init__(self, what="the rows"):
        self.parts, self.what = [], what

    def add(self, start, path, first):
        """From row `start` of the table on, the rows are those of a file from its row `first` on.

        Args:
            start: row of the table.
            path: of the file, or None where there is none.
            first: the file's number of that row; or an integer array, the numbers of that row and those that follow.
        """
        self.parts.append((start, path, first))

    def number(self, row):
        """The number of a row of the table in its own file."""
        start, _, first = self._part(row)
        return int(first[row - start]) if isinstance(first, np.ndarray) else int(first + row - start)

    def of(self, row):
        """The place of a row of the table, in words."""
        path = self._part(row)[1]
        return f"row {self.number(row)}" + (f" of {self.what}" if path is None else f" of {str(path)!r}")

    def _part(self, row):
        return next((part for part in reversed(self.parts) if part[0] <= row), (0, None, 0))
