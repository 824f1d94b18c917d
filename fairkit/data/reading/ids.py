"""The ids by which the predictions of two models are paired."""

import numpy as np

from fairkit.data.reading.number_columns import is_text, plain, single_values
from fairkit.errors import FairkitError, quote

__all__ = ["ids_of"]

_SHORT = 64   # letters
_ROWS = 1 << 14


def ids_of(name, column, places, bad_rows):
    """(n,) ids; missing and repeated ones are bad rows.

    Args:
        name: the column's.
        column: chunked Arrow column of texts or whole numbers.
        places: `Places` of its rows.
        bad_rows: `BadRows`.

    Raises:
        FairkitError: for a column of something else, or a bad row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = plain(single_values("id", name, column, places, bad_rows))
    column = column.cast(pa.string()) if pa.types.is_null(column.type) else column
    if not (is_text(column.type) or pa.types.is_integer(column.type)):
        raise FairkitError(f"column {quote(name)} holds no ids", "texts or whole numbers", str(column.type))
    bad_rows.mark(column.is_null().to_numpy(), places, name, f"an id in column {quote(name)} is missing",
                  "an id in every row", lambda row: "nothing")
    if pc.count_distinct(column, mode="only_valid").as_py() < len(column) - column.null_count:
        codes = column.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        first = np.full(codes.max() + 2, len(codes))
        np.minimum.at(first, codes, np.arange(len(codes)))
        repeated = (first[codes] < np.arange(len(codes))) & (codes >= 0)
        bad_rows.mark(repeated, places, name, f"the ids in column {quote(name)} are not distinct", "distinct ids",
                      lambda row: f"{quote(column[row].as_py())} as in row {places.number(int(first[codes[row]]))}")
    pa.default_memory_pool().release_unused()   # what counting took
    if pa.types.is_integer(column.type):
        return column.fill_null(0).to_numpy()
    return _texts(column.fill_null(""))


def _texts(column):
    """An array of fixed width where the texts are short: a fourth of the memory of Python's."""
    import pyarrow.compute as pc

    longest = pc.max(pc.utf8_length(column)).as_py() or 1
    exact = not pc.any(pc.ends_with(column, "\0")).as_py()  # NumPy drops NULs at the end
    ids, start = np.empty(len(column), f"U{longest}" if longest <= _SHORT and exact else object), 0
    for chunk in column.chunks:
        for first in range(0, len(chunk), _ROWS):
            some = chunk.slice(first, _ROWS).to_pylist()
            ids[start:start + len(some)] = some
            start += len(some)
    return ids
