"""RunningCells: cells of any number of chunks, added up as they come."""

from fairkit.counts.merging import merge

__all__ = ["RunningCells"]

_PENDING = 1 << 19


class RunningCells:
    """A sum of `Cells`.

    Tables are put together once they are as large as the sum so far, so that adding many small ones costs little more
    than reading them.
    """

    def __init__(self):
        self._merged, self._pending, self._size = None, [], 0

    def __bool__(self):
        return self._merged is not None or bool(self._pending)

    @property
    def classes(self):
        """Those of the cells that were added; there must be some."""
        return (self._merged or self._pending[0]).classes

    def add(self, cells):
        """Adds a `Cells`, which must have the features, classes and thresholds of the others."""
        self._pending.append(cells)
        self._size += _size(cells)
        if self._size > max(_PENDING, 0 if self._merged is None else _size(self._merged)):
            self.total()

    def total(self):
        """The `Cells` of all that was added; there must be some."""
        if self._pending:
            self._merged = merge([*([] if self._merged is None else [self._merged]), *self._pending])
            self._pending, self._size = [], 0
        return self._merged


def _size(cells):
    return len(cells.keys) + (0 if cells.fine is None else len(cells.fine.keys))
