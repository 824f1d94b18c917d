"""The columns of a file at a glance, read chunk by chunk, before it is said what they mean."""

import math
from dataclasses import dataclass
from decimal import Decimal

from fairkit.analysis.column_counts import ColumnCounts
from fairkit.errors import FairkitError

__all__ = ["ColumnOverview", "Overview", "overview"]

_CANDIDATE = 50  # distinct values that labels or groups may have
_ROWS = 1 << 16


@dataclass(frozen=True)
class ColumnOverview:
    """One column.

    Attributes:
        name: its name.
        kind: "texts", "whole numbers", "numbers", "true or false", "lists", "times", "bytes" (no UTF-8), "nothing",
            "of several kinds", or Arrow's name of another type. Texts that are all numbers, as in every CSV file, are
            numbers.
        missing: cells with nothing: null, NaN, an empty text, an empty list.
        distinct: number of distinct values of the other cells; None where there are more than were counted.
        values: the most frequent of these with their numbers, a list of pairs; empty where `distinct` is None.
        low, high: of numbers and times; None for others.
        mean_length: of texts in characters, of lists in values, of bytes; None for others.
    """

    name: str
    kind: str
    missing: int
    distinct: int | None
    values: list
    low: object = None
    high: object = None
    mean_length: float | None = None


@dataclass(frozen=True)
class Overview:
    """The columns of a table.

    Attributes:
        rows: their number.
        columns: a list of `ColumnOverview`.
        cap: distinct values that were counted at most.
    """

    rows: int
    columns: list
    cap: int

    @property
    def candidates(self):
        """Names of the columns with 2 to 50 distinct values: each may hold labels, or groups, or neither."""
        return [column.name for column in self.columns if column.distinct and 2 <= column.distinct <= _CANDIDATE]

    def __str__(self):
        from fairkit.view.columns import overview_text

        return overview_text(self)

    def to_dict(self):
        """Everything as plain values for JSON."""
        return {"rows": self.rows, "distinct_counted_to": self.cap, "candidates": self.candidates,
                "columns": [{**vars(column), "low": _plain(column.low), "high": _plain(column.high),
                             "values": [[_plain(value), n] for value, n in column.values]} for column in self.columns]}


def overview(tables, cap=1000, shown=10):
    """An `Overview` of Arrow tables that have the same columns.

    Only one table at a time is held, and of each column at most `cap` distinct values and a million of their
    characters.

    Args:
        tables: an iterable of `pyarrow.Table`s. Columns of bytes that are UTF-8 are columns of texts.
        cap: distinct values to count at most; where there are more, their number is not known.
        shown: most frequent values to give of each column.

    Raises:
        FairkitError: where tables have other columns than the first.

    Example:
        >>> import pyarrow
        >>> from fairkit.analysis.columns import overview
        >>> found = overview([pyarrow.table({"age": ["17", "44", ""], "city": ["Rome", "Oslo", "Rome"]})])
        >>> age, city = found.columns
        >>> age.kind, age.missing, age.low, age.high
        ('whole numbers', 1, 17, 44)
        >>> city.kind, city.distinct, city.values, found.candidates
        ('texts', 2, [('Rome', 2), ('Oslo', 1)], ['age', 'city'])
    """
    rows, names, counts = 0, None, []
    for table in tables:
        if names is None:
            names = table.schema.names
            counts = [ColumnCounts(cap) for _ in names]
        elif table.schema.names != names:
            raise FairkitError("the tables have different columns", ", ".join(names), ", ".join(table.schema.names))
        rows += table.num_rows
        for batch in table.to_batches(max_chunksize=_ROWS):
            for count, column in zip(counts, batch.columns):
                count.add(column)
    return Overview(rows, [_column(name, count, shown) for name, count in zip(names or [], counts)], cap)


def _column(name, counts, shown):
    values = sorted((counts.values or {}).items(), key=lambda pair: (-pair[1], str(pair[0])))
    known = len(values) if counts.values is not None and counts.there else None if counts.there else 0
    length = counts.length / counts.there if counts.there and counts.kind in ("texts", "lists", "bytes") else None
    return ColumnOverview(name, counts.kind, counts.missing, known, values[:shown], counts.low, counts.high, length)


def _plain(value):
    value = float(value) if isinstance(value, Decimal) else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
