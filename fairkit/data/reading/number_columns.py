"""Columns that must hold numbers: weights, and labels that are judged by a threshold."""

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.examples import WEIGHTS, odd_weights

__all__ = ["is_number", "is_text", "numbers_of", "plain", "precise", "shown", "single_values", "weights_of"]


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
        return "an empty cell" if value is None else quote(value)[:80]
    return cell


def single_values(what, name, column, places, bad_rows):
    """A chunked column whose lists hold one value each, as tf.Examples have them, as these; empty ones are missing.

    Raises:
        FairkitError: for cells of another kind, or a list of several values, which is a bad row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        if pa.types.is_nested(column.type) or isinstance(column.type, pa.FixedShapeTensorType):
            raise FairkitError(f"column {quote(name)} does not hold one {what} a row", f"one {what}",
                               f"{column.type} such as {quote(column[0].as_py())}"[:120])
        return column
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    bad_rows.mark(lengths > 1, places, name, f"column {quote(name)} holds several {what}s in a row", f"one {what}",
                  shown(column))
    return pc.list_element(pc.if_else(pa.chunked_array([lengths > 0]), column, pa.scalar([None], column.type)), 0)


def numbers_of(what, name, column, places, bad_rows):
    """(n,) float64; cells that are missing, no number or not finite are bad rows, and 0 in the result.

    Args:
        what: such as "a weight".
        name: the column's.
        column: chunked Arrow column of numbers, or of texts that are numbers.
        places: `Places` of its rows.
        bad_rows: `BadRows`.

    Raises:
        FairkitError: for a column of other cells, or for a bad row.
    """
    import pyarrow as pa

    column = plain(single_values(what.removeprefix("a "), name, column, places, bad_rows))
    if not (is_text(column.type) or is_number(column.type) or pa.types.is_boolean(column.type)
            or pa.types.is_null(column.type)):
        raise FairkitError(f"column {quote(name)} holds no numbers", "numbers", str(column.type))
    bad_rows.mark(column.is_null().to_numpy(), places, name, f"{what} in column {quote(name)} is missing",
                  "a number in every row", shown(column))
    try:
        numbers = column.cast(pa.float64()).fill_null(0).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        numbers = np.array([_number(cell) for cell in column.to_pylist()])
    bad_rows.mark(~np.isfinite(numbers), places, name, f"{what} in column {quote(name)} is no number",
                  "a finite number",
                  shown(column))
    return np.where(np.isfinite(numbers), numbers, 0.0)


def weights_of(name, column, places, bad_rows):
    """(n,) float64 weights that `Examples` take; others are bad rows, and 0 in the result."""
    weights = numbers_of("a weight", name, column, places, bad_rows)
    odd = odd_weights(weights)
    bad_rows.mark(odd, places, name, f"a weight in column {quote(name)} is out of range", WEIGHTS, shown(plain(column)))
    return np.where(odd, 0.0, weights)


def precise(limit, kind):
    """A threshold in the precision of a column of that Arrow type: .7 of 32 bits is less than .7 of 64."""
    import pyarrow as pa

    kind = kind.value_type if hasattr(kind, "value_type") else kind
    if pa.types.is_float32(kind):
        return float(np.float32(limit))
    return float(np.float16(limit)) if pa.types.is_float16(kind) else limit


def _number(cell):
    try:
        return 0.0 if cell is None else np.nan if "_" in cell else float(cell)  # Python takes 1_0 for 10
    except ValueError:
        return np.nan
