"""pandas, polars and Arrow tables in memory."""

import numpy as np

from fairkit.column_names import column_text
from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, one_line, quote

__all__ = ["Frame"]


class Frame(Source):
    """The rows of a table in memory, counted from 0.

    Args:
        frame: a `pandas.DataFrame`, or anything that speaks Arrow's C stream (Arrow tables and record batch readers,
            polars frames).

    Raises:
        FairkitError: for what is no table.
    """

    def __init__(self, frame):
        import pyarrow as pa

        self.pandas = hasattr(frame, "iloc")
        if not self.pandas:
            try:
                frame = frame if isinstance(frame, pa.Table) else pa.table(frame)
            except MemoryError:   # which Arrow takes for an error of its own
                raise
            except (pa.ArrowException, TypeError, ValueError) as error:
                raise FairkitError("examples cannot be read from this", "a pandas, polars or Arrow table",
                                   f"{type(frame).__name__}: {one_line(error)}") from None
        self.frame = frame
        names = frame.columns if self.pandas else frame.column_names
        super().__init__("the frame" if self.pandas else "the table", map(column_text, names))

    def chunks(self, columns, bad_rows):
        import pyarrow as pa

        if self.pandas:
            arrays = [_arrow(name, self.frame.iloc[:, self.names.index(name)]) for name in columns]
            yield pa.table(arrays, names=columns), None, 0
        else:
            yield self.frame.select(columns), None, 0


def _arrow(name, series):
    """A pandas column in Arrow; cells of one value and of several make a column of lists."""
    import pyarrow as pa

    kind = getattr(getattr(series.dtype, "categories", series), "dtype", series.dtype)   # of a categorical's cells
    if type(kind).__name__ in ("IntervalDtype", "PeriodDtype"):
        raise FairkitError(f"column {quote(name)} holds {kind}", f"texts: frame[{quote(name)}].astype(str)",
                           quote(series.iloc[0])
                           if len(series) else str(kind))
    try:
        return pa.Array.from_pandas(series)
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        several = [isinstance(cell, (list, tuple, set, frozenset, np.ndarray)) for cell in series]
        if not any(several):
            raise _mixed(name, series, error) from None
    cells = [sorted(cell, key=str) if isinstance(cell, (set, frozenset)) else list(cell) if many else
             None if cell is None or cell != cell else [cell] for cell, many in zip(series, several)]
    try:
        return pa.array(cells)
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _mixed(name, series, error) from None


def _mixed(name, series, error):
    """The error for a column that has cells of several kinds."""
    kinds = {}
    for row, cell in enumerate(series):
        if cell is not None and cell == cell:
            kinds.setdefault(type(cell).__name__, row)
    if isinstance(error, OverflowError):
        return FairkitError(f"column {quote(name)} holds whole numbers that 64 bits do not hold",
                            f"texts: frame[{quote(name)}].astype(str)", one_line(error))
    found = ", ".join(f"{kind} in row {row}" for kind, row in list(kinds.items())[:3])
    return FairkitError(f"column {quote(name)} holds cells of several kinds",
                        "texts, numbers, booleans or lists throughout",
                        found if len(kinds) > 1 else one_line(error))
