"""Rows of which something cannot be read: they stop the reading, or are set aside and counted."""

from dataclasses import dataclass, field

import numpy as np

from fairkit.errors import FairkitError, nearest, quote

__all__ = ["BadRow", "BadRows", "SetAside"]

_WAYS = ("raise", "set aside")
_KEPT = 1000   # bad rows that are described one by one


@dataclass(frozen=True)
class BadRow:
    """One row that was set aside: its place in words, its column, and what is wrong with it."""

    place: str
    column: str | None
    wrong: str

    def __str__(self):
        return f"{self.place}: {self.wrong}"


@dataclass
class SetAside:
    """The rows of a source that were set aside: how many, and what was wrong with the first thousand of them.

    Attributes:
        count: their number.
        rows: a list of `BadRow`.
    """

    count: int = 0
    rows: list = field(default_factory=list)

    def __len__(self):
        return self.count

    def __str__(self):
        if not self.count:
            return "no row was set aside"
        shown = "; ".join(str(row) for row in self.rows[:3])
        return f"{self.count:,} row{'s' * (self.count > 1)} set aside: {shown}{'; ...' if self.count > 3 else ''}"


class BadRows:
    """Takes what is wrong with single rows while a source is read.

    Args:
        way: "raise", or "set aside" to go on without them.

    Raises:
        FairkitError: for any other way.
    """

    def __init__(self, way):
        if way not in _WAYS:
            raise FairkitError("no such way with bad rows", nearest(way, _WAYS), quote(way))
        self.raises = way == "raise"
        self.set_aside = SetAside()
        self.marked = None   # (rows of the table,) booleans

    def report(self, place, column, wrong, expected, received):
        """One row that did not become a row of the table; raises `FairkitError` unless bad rows are set aside."""
        if self.raises:
            raise FairkitError(wrong, expected, f"{received}{', ' if received else ''}{place}")
        self._note(place, column, f"{wrong} ({received})" if received else wrong)

    def mark(self, bad, places, column, wrong, expected, received):
        """Rows of the table.

        Args:
            bad: (n,) booleans.
            places: `Places` of the n rows.
            column: their column.
            wrong, expected: texts of the message.
            received: row -> text, what stands there.

        Raises:
            FairkitError: unless bad rows are set aside.
        """
        rows = np.flatnonzero(bad)
        if not len(rows):
            return
        if self.raises:
            more = f" ({len(rows):,} such rows)" if len(rows) > 1 else ""
            raise FairkitError(wrong, f"{expected}; or bad_rows='set aside'",
                               f"{received(int(rows[0]))} in {places.of(int(rows[0]))}{more}")
        if self.marked is None:
            self.marked = np.zeros(len(bad), bool)
        for row in rows[~self.marked[rows]][:max(_KEPT - len(self.set_aside.rows), 0)].tolist():
            self.set_aside.rows.append(BadRow(places.of(row), column, f"{wrong}: {received(row)}"))
        self.set_aside.count += int((~self.marked[rows]).sum())
        self.marked[rows] = True

    def sorted(self):
        """What was set aside, in the order of the source."""
        self.set_aside.rows.sort(key=lambda row: (row.place.partition(" of ")[2], int(row.place.split()[1])))
        return self.set_aside

    def _note(self, place, column, wrong):
        self.set_aside.count += 1
        if len(self.set_aside.rows) < _KEPT:
            self.set_aside.rows.append(BadRow(place, column, wrong))
