"""Dictionary encoding: columns of any kind as integer codes into the distinct raw cells."""

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["encoded", "renumbered"]

_CHUNK = 1 << 16  # rows whose indices stay in the processor's cache


def encoded(name, column):
    """(codes, raw cells) of a column: codes (n,) integers, where -1 stands for nothing.

    Columns that are encoded already (pandas categoricals, Arrow dictionaries) keep their codes without a copy.

    Args:
        name: the column's name, for messages.
        column: an array, a list, or a pandas or Arrow column. Cells are values, lists of values, or nothing.

    Raises:
        FairkitError: for a column of several dimensions, or a cell that is neither a value nor a list of values.
    """
    if hasattr(column, "cat"):
        return column.cat.codes.to_numpy(), list(column.cat.categories)
    if hasattr(column, "categories") and hasattr(column, "codes"):  # a pandas.Categorical or CategoricalIndex
        return np.asarray(column.codes), list(column.categories)
    if any(hasattr(column, f"__arrow_{protocol}__") for protocol in ("array", "c_stream", "c_array")):
        found = _from_arrow(name, column)
        if found is not None:
            return found
    if hasattr(column, "to_pandas"):
        column = column.to_pandas()
    if hasattr(column, "dtype") and not isinstance(column.dtype, np.dtype):  # pandas' nullable types keep integers so
        return _factorized(name, column)
    array = np.asarray(column) if hasattr(column, "to_numpy") or isinstance(column, np.ndarray) else _objects(column)
    if array.ndim != 1:
        raise FairkitError(f"group column {quote(name)} is not one-dimensional", "one cell an example", array.shape)
    if array.dtype.kind in "mM":
        raise FairkitError(f"group column {quote(name)} holds times", "texts or numbers, such as years or .astype(str)",
                           str(array.dtype))
    if array.dtype.kind == "b":
        return array.view(np.uint8), [False, True]
    if array.dtype.kind in "US":
        distinct, codes = np.unique(array, return_inverse=True)
        return codes.reshape(-1), distinct.tolist()
    return _factorized(name, array)


def renumbered(codes, table):
    """`table[codes]` in the table's own type, chunk by chunk; the codes themselves where that changes nothing."""
    if len(codes) and np.array_equal(table, np.arange(len(table))) and codes.min() >= 0:
        return codes
    new = np.empty(len(codes), table.dtype)
    for start in range(0, len(codes), _CHUNK):
        new[start:start + _CHUNK] = table[codes[start:start + _CHUNK]]
    return new


def _from_arrow(name, column):
    """Arrow columns of dictionaries, texts and lists of texts; None for others."""
    import pyarrow as pa

    if not isinstance(column, (pa.Array, pa.ChunkedArray)):
        if not str(getattr(column, "dtype", "")).endswith("[pyarrow]"):
            return None
        column = pa.array(column)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        column = column.dictionary_encode()
        kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if pa.types.is_nested(kind.value_type):
            raise FairkitError(f"group column {quote(name)} holds lists of lists", "values, or lists of values",
                               str(kind))
        return _from_lists(column)
    if not pa.types.is_dictionary(kind):
        return None
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # several chunks stay several where there is none at all
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], kind)
    indices = column.indices if column.null_count == 0 else column.indices.fill_null(-1)
    return indices.to_numpy(zero_copy_only=False), column.dictionary.to_pylist()


def _from_lists(column):
    """Arrow lists: encoded position by position, so that only distinct cells are looked at one by one."""
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    lengths = np.nan_to_num(column.value_lengths().to_numpy(zero_copy_only=False).astype(float)).astype(np.int64)
    flat = column.flatten().dictionary_encode()
    values = [*flat.dictionary.to_pylist(), None]
    codes = (flat.indices if flat.null_count == 0 else flat.indices.fill_null(len(values) - 1)).to_numpy()
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    joint, cells = np.zeros(len(lengths), np.int64), [()]
    for position in range(int(lengths.max(initial=0))):
        has = lengths > position
        here = np.zeros(len(lengths), np.int64)
        here[has] = codes[starts[has] + position] + 1
        distinct, joint = _compact(joint * (len(values) + 1) + here, len(cells) * (len(values) + 1))
        before, value = np.divmod(distinct, len(values) + 1)
        cells = [cells[b] + ((values[v - 1],) if v else ()) for b, v in zip(before.tolist(), value.tolist())]
    return joint, cells


def _compact(codes, span):
    """(the codes that occur, ascending, and each code's place among them): codes are integers below `span`."""
    if span > max(1 << 20, 4 * len(codes)):
        distinct, places = np.unique(codes, return_inverse=True)
        return distinct, places.reshape(-1)
    present = np.zeros(span, bool)
    present[codes] = True
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


def _factorized(name, array):
    import pandas as pd

    if isinstance(array.dtype, np.dtype) and array.dtype.kind in "iuf":
        codes, distinct = pd.factorize(array)
        return codes, _whole(distinct).tolist()
    try:
        codes, distinct = pd.factorize(array)
        if not any(isinstance(cell, tuple) for cell in distinct):
            return codes, list(distinct)
    except TypeError:
        pass  # lists among the cells
    seen, codes = {}, np.empty(len(array), np.int32)
    for i, raw in enumerate(array.tolist()):
        key = tuple(raw) if isinstance(raw, (list, tuple, set, frozenset, np.ndarray)) else raw
        try:
            codes[i] = seen.setdefault(key, len(seen))
        except TypeError:
            raise FairkitError(f"a cell of group column {quote(name)} is no group", "a value, several, or nothing",
                               quote(raw)) from None
    return codes, list(seen)


def _whole(numbers):
    """Floats that are all whole numbers as integers: pandas makes floats of integers where one is missing."""
    if numbers.dtype.kind == "f" and np.all(numbers == np.floor(numbers)) and np.all(np.abs(numbers) < 2**53):
        return numbers.astype(np.int64)
    return numbers


def _objects(column):
    column = list(column)
    array = np.empty(len(column), object)
    array[:] = column
    return array
