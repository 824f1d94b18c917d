"""Quotes in CSV that do not pair up: rows would vanish in a cell, or a cell would lose characters."""

import csv
import threading
from contextlib import contextmanager

import numpy as np

__all__ = ["Quotes", "long_cells"]

_QUOTE = ord('"')
_BOM = b"\xef\xbb\xbf"
_limit = threading.Lock()


class Quotes:
    """Tells from the bytes of a CSV file, block by block, whether all quotes stand where RFC 4180 has them.

    Where they do, every other one opens a cell, behind a delimiter or a line end, and the others close one, before a
    delimiter or a line end; a doubled quote in a cell closes and opens it again.

    Args:
        delimiter: one ASCII character.
    """

    def __init__(self, delimiter):
        self._edge = np.zeros(256, bool)
        self._edge[[ord(delimiter), *b'\r\n"']] = True
        self._count, self._odd, self._rest, self._begun = 0, False, b"\n", False

    def add(self, block):
        """Takes the next bytes of the file."""
        if not self._begun and block:
            self._begun, block = True, block.removeprefix(_BOM)
        if self._odd or not block:
            return
        if b'"' in block or b'"' in self._rest:
            self._look_at(self._rest + block)
        self._rest = (self._rest + block[-2:])[-2:]

    @property
    def doubtful(self):
        """Whether some quote of what was taken does not stand at an edge of a cell, or is never closed."""
        last = self._rest.endswith(b'"')    # which was not looked at yet, for it is not known what follows
        return self._odd or (self._count + last) % 2 == 1

    def _look_at(self, data):
        """All bytes but the first, which was looked at, and the last, whose follower is not known."""
        values = np.frombuffer(data, np.uint8)
        at = np.flatnonzero(values[1:-1] == _QUOTE) + 1
        opens = (self._count + np.arange(len(at))) % 2 == 0
        self._count += len(at)
        self._odd = not self._edge[values[np.where(opens, at - 1, at + 1)]].all()


@contextmanager
def long_cells(limit):
    """Python's csv module takes cells of so many characters; the limit is the whole process's, one thread at a time."""
    with _limit:
        before = csv.field_size_limit(limit)
        try:
            yield
        finally:
            csv.field_size_limit(before)
