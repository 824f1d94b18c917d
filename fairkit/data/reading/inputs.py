"""What the model is fed: texts, numbers, arrays or images from a column."""

import numpy as np

from fairkit.data.reading.number_columns import is_number, is_text, plain, shown
from fairkit.errors import FairkitError, quote
from fairkit.texts import Texts

__all__ = ["input_of", "typed"]

_NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"
_MOSTLY = 0.9   # a column of texts of which so many are numbers is meant to hold numbers


def input_of(name, column, places, bad_rows, empty_is_text=False, missing="raise"):
    """The inputs of a chunked Arrow column: `Texts`, or an array (n, ...).

    Args:
        name: the column's.
        column: of texts, bytes in UTF-8, numbers, booleans, lists of as many numbers each, or tensors.
        places: `Places` of its rows.
        bad_rows: `BadRows`.
        empty_is_text: whether a missing text is an empty one, as in CSV, where the two are written alike.
        missing: "keep" makes a missing number NaN, and a missing text an empty one; "raise" takes them for bad rows.

    Raises:
        FairkitError: for a column of something else, or for a cell that is missing or of another size.
    """
    import pyarrow as pa

    if isinstance(column.type, pa.FixedShapeTensorType):
        tensors = [chunk.to_numpy_ndarray() for chunk in column.chunks if len(chunk)]
        return _finite(name, np.concatenate(tensors), places, bad_rows, missing)
    column = _unlisted(name, plain(column), places, bad_rows)
    if isinstance(column, np.ndarray):
        return _finite(name, column, places, bad_rows, missing)
    if is_text(column.type):
        nothing = column.is_null().to_numpy()
        if nothing.any() and not empty_is_text and missing == "raise":
            bad_rows.mark(nothing, places, name, f"a text in column {quote(name)} is missing", "a text in every row",
                          lambda row: "nothing")
        column = column if column.type in (pa.string(), pa.large_string()) else column.cast(pa.string())
        return Texts(column.fill_null("") if nothing.any() else column)
    if missing == "keep" and column.null_count and (is_number(column.type) or pa.types.is_boolean(column.type)):
        column = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        column = column.cast(pa.float64()).fill_null(float("nan"))
    if is_number(column.type) or pa.types.is_boolean(column.type):
        bad_rows.mark(column.is_null().to_numpy(), places, name, f"a number in column {quote(name)} is missing",
                      "a number in every row", lambda row: "nothing")
        column = column.cast(pa.float64()) if pa.types.is_decimal(column.type) else column
        return _finite(name, column.fill_null(False if pa.types.is_boolean(column.type) else 0).to_numpy(), places,
                       bad_rows, missing)
    raise FairkitError(f"column {quote(name)} cannot be fed to a model", "texts, numbers, or lists of as many numbers",
                       str(column.type))


def _unlisted(name, column, places, bad_rows):
    """Lists of one value each as a column of their values; lists of k numbers each as an array (n, k, ...)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    shape, rows = [], len(column)
    while pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or \
            pa.types.is_fixed_size_list(column.type):
        widths = pc.fill_null(pc.list_value_length(column), -1).to_numpy()
        width = _usual(widths)
        odd = widths != width
        if odd.any() and not shape:  # an empty list is a missing value
            bad_rows.mark(odd, places, name, f"the rows of column {quote(name)} hold different numbers of values",
                          f"{width} in each", lambda row, widths=widths: f"{max(widths[row], 0)} values")
            kept = np.flatnonzero(~odd)
            column = column.take(pa.array(np.where(odd, kept[0] if len(kept) else 0, np.arange(len(odd)))))
        elif odd.any():
            raise FairkitError(f"the lists in column {quote(name)} are of different sizes", f"{width} values in each",
                               f"{widths[odd][0]} values")
        shape.append(width)
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        column = pa.chunked_array([column.flatten()])
    if not shape or shape == [1]:
        return column
    if not is_number(column.type):
        raise FairkitError(f"the lists in column {quote(name)} hold something else than numbers", "numbers",
                           str(column.type))
    if column.null_count:
        missing = column.is_null().to_numpy().reshape(rows, -1).any(axis=1)
        bad_rows.mark(missing, places, name, f"a number in column {quote(name)} is missing", "a number in every place",
                      lambda row: "a list with a null")
        column = column.fill_null(0)
    return column.to_numpy().reshape(-1, *shape)


def _finite(name, array, places, bad_rows, missing="raise"):
    """The array; rows with NaN or an infinite number, which no model learns from, are bad ones."""
    if array.dtype.kind == "f":
        fine = np.isfinite(array) if missing == "raise" else ~np.isinf(array)
        odd = ~fine.reshape(len(array), -1).all(axis=1)
        bad_rows.mark(odd, places, name, f"an input in column {quote(name)} is no number", "finite numbers",
                      lambda row: str(array[row].ravel()[~np.isfinite(array[row].ravel())][0]))
    return array


def _usual(widths):
    """The width of most lists that are not empty; the first of several."""
    present = widths[widths > 0]
    if not len(present):
        return 1
    counts = np.bincount(present)
    return int(present[np.argmax(counts[present] == counts.max())])


def typed(name, column, places, bad_rows, kind=None, missing="raise"):
    """An input of a file whose cells are all texts: whole numbers, numbers or texts, whichever its cells are.

    Args:
        kind: int, float or str, as a user's schema says; by the cells if None.
        missing: as for `input_of`.

    Raises:
        FairkitError: for a column in which most cells are numbers but not all, without a `kind`; or a bad row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind is str:
        return input_of(name, column, places, bad_rows, empty_is_text=True)
    filled = column.drop_null()
    for arrow in {int: [pa.int64()], float: [pa.float64()], None: [pa.int64(), pa.float64()]}[kind]:
        try:
            filled.cast(arrow)
        except pa.ArrowInvalid:
            continue
        if len(filled):
            return input_of(name, column.cast(arrow), places, bad_rows, missing=missing)
    numeric = pc.match_substring_regex(column.fill_null(""), _NUMBER).to_numpy()
    if kind is None and numeric.sum() < _MOSTLY * max(len(filled), 1):
        return input_of(name, column, places, bad_rows, empty_is_text=True)
    there = column.is_valid().to_numpy() if missing == "keep" else np.ones(len(numeric), bool)
    bad_rows.mark(~numeric & there, places, name, f"a cell of input column {quote(name)} is no number, as most are",
                  f"numbers throughout, or schema={{{quote(name)}: str}}", shown(column))
    number = pa.int64() if kind is int else pa.float64()
    try:
        written = pc.if_else(pa.chunked_array([numeric]), column, "0" if missing == "raise" else None)
        return input_of(name, written.cast(number), places, bad_rows, missing=missing)
    except pa.ArrowInvalid:
        raise FairkitError(f"input column {quote(name)} does not hold whole numbers",
                           f"schema={{{quote(name)}: float}}",
                           str(kind)) from None
