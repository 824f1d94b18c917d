"""Columns that must hold numbers: weights, and labels that are judged by a threshold."""

import numpy as np

from fairkit.errors import FairkitError

__all__ = ["is_number", "is_text", "numbers_of", "plain", "shown"]


def is_text(kind):
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or getattr(pa.types, "is_string_view",
                                                                                 lambda _: False)(kind)


def is_number(kind):
    import pyarrow as pa

    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def plain(column):
    """A chunked column without its dictionary."""
    import pyarrow as pa

    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def shown(column):
    """A function of a row: its cell for a message."""
    def cell(row):
        value = column[row].as_py()
        return "an empty cell" if value is None else repr(value)[:80]
    return cell


def numbers_of(what, name, column, places, bad_rows, least=None):
    """(n,) float64; cells that are missing, no number, not finite or too small are bad rows, and 0 in the result.

    Args:
        what: such as "a weight".
        name: the column's.
        column: chunked Arrow column of numbers, or of texts that are numbers.
        places: `Places` of its rows.
        bad_rows: `BadRows`.
        least: the smallest number that is allowed.

    Raises:
        FairkitError: for a column of other cells, or for a bad row.
    """
    import pyarrow as pa

    column = plain(column)
    if not (is_text(column.type) or is_number(column.type) or pa.types.is_boolean(column.type)
            or pa.types.is_null(column.type)):
        raise FairkitError(f"column {name!r} holds no numbers", "numbers", str(column.type))
    bad_rows.mark(column.is_null().to_numpy(), places, name, f"{what} in column {name!r} is missing",
                  "a number in every row", shown(column))
    try:
        numbers = column.cast(pa.float64()).fill_null(0).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        numbers = np.array([_number(cell) for cell in column.to_pylist()])
    bad_rows.mark(~np.isfinite(numbers), places, name, f"{what} in column {name!r} is no number", "a finite number",
                  shown(column))
    numbers = np.where(np.isfinite(numbers), numbers, 0.0)
    if least is not None:
        bad_rows.mark(numbers < least, places, name, f"{what} in column {name!r} is too small", f"{least} or more",
                      shown(column))
    return numbers


def _number(cell):
    try:
        return 0.0 if cell is None else float(cell)
    except ValueError:
        return np.nan
