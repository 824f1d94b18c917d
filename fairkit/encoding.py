"""Dictionary encoding: columns of any kind as integer codes into the distinct raw cells."""

import numpy as np

from fairkit.containers import is_arrow, plain_column
from fairkit.errors import FairkitError, quote

__all__ = ["encoded", "renumbered"]

_CHUNK = 1 << 16  # rows whose indices stay in the processor's cache


def encoded(name, column):
    """(codes, raw cells) of a column: codes (n,) integers, where -1 stands for nothing.

    Columns that are encoded already (pandas categoricals, Arrow dictionaries) keep their codes without a copy. Which
    cells are told apart depends on each cell alone: 1, 1.0 and True are three cells, whatever else the column holds.

    Args:
        name: the column's name, for messages.
        column: an array, a list, or a pandas or Arrow column. Cells are values, lists of values, or nothing.

    Raises:
        FairkitError: for a column of several dimensions, or a cell that is neither a value nor a list of values.
    """
    column = plain_column(f"group column {quote(name)}", column)
    if hasattr(column, "cat"):
        return column.cat.codes.to_numpy(), _cells_of(column.cat.categories)
    if hasattr(column, "categories") and hasattr(column, "codes"):  # a pandas.Categorical or CategoricalIndex
        return np.asarray(column.codes), _cells_of(column.categories)
    if is_arrow(column) or str(getattr(column, "dtype", "")).endswith("[pyarrow]"):
        return _from_arrow(name, column)
    if hasattr(column, "dtype") and not isinstance(column.dtype, np.dtype):  # pandas' nullable types keep integers so
        return _factorized(name, column)
    if not hasattr(column, "__iter__"):
        raise FairkitError(f"group column {quote(name)} must be a column", "one cell an example", quote(column)[:80])
    array = np.asarray(column) if hasattr(column, "to_numpy") or isinstance(column, np.ndarray) else _objects(column)
    if array.ndim != 1:
        raise FairkitError(f"group column {quote(name)} is not one-dimensional", "one cell an example", array.shape)
    if array.dtype.kind in "Vc":
        raise FairkitError(f"group column {quote(name)} holds no groups", "texts, numbers, booleans, dates or times",
                           str(array.dtype))
    if array.dtype.kind == "b":
        return array.view(np.uint8), [False, True]
    if array.dtype.kind in "US":
        distinct, codes = np.unique(array, return_inverse=True)
        return codes.reshape(-1), distinct.tolist()
    return _factorized(name, array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")))


def renumbered(codes, table):
    """`table[codes]` in the table's own type, chunk by chunk; the codes themselves where that changes nothing."""
    if len(codes) and np.array_equal(table, np.arange(len(table))) and codes.min() >= 0:
        return codes
    new = np.empty(len(codes), table.dtype)
    for start in range(0, len(codes), _CHUNK):
        new[start:start + _CHUNK] = table[codes[start:start + _CHUNK]]
    return new


def _from_arrow(name, column):
    """Arrow columns, and pandas columns of Arrow's types."""
    import pyarrow as pa

    column = column if is_arrow(column) else pa.array(column)
    kind = column.type
    if pa.types.is_fixed_size_list(kind):
        column = column.cast(pa.list_(kind.value_type))
    elif isinstance(kind, pa.BaseExtensionType):
        raise FairkitError(f"group column {quote(name)} is not one-dimensional", "values, or lists of values",
                           str(kind))
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if pa.types.is_nested(kind.value_type):
            raise FairkitError(f"group column {quote(name)} holds lists of lists", "values, or lists of values",
                               str(kind))
        return _from_lists(column)
    if pa.types.is_nested(kind):
        raise FairkitError(f"group column {quote(name)} holds no groups", "values, or lists of values", str(kind))
    if isinstance(column, pa.ChunkedArray):
        column = _in_one(column) if pa.types.is_dictionary(kind) else column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.array([], kind)
    column = _encoded_arrow(column)
    indices = column.indices if column.null_count == 0 else column.indices.fill_null(-1)
    return indices.to_numpy(zero_copy_only=False), _cells_of(column.dictionary)


def _in_one(column):
    """A chunked dictionary as one array; as it is where it has no chunk."""
    import pyarrow as pa

    column = column.unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray) and column.num_chunks:   # several chunks stay several
        return pa.concat_arrays(column.chunks)
    return column


def _encoded_arrow(column):
    """An Arrow array as a dictionary array."""
    import pyarrow as pa

    if pa.types.is_float16(column.type):   # which Arrow does not encode
        halves = column.to_numpy(zero_copy_only=False)
        distinct, codes = np.unique(halves, return_inverse=True)
        return pa.DictionaryArray.from_arrays(pa.array(codes.reshape(-1), mask=np.isnan(halves)), pa.array(distinct))
    if str(column.type) in ("string_view", "binary_view"):
        column = column.cast(pa.large_string() if str(column.type) == "string_view" else pa.large_binary())
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _from_lists(column):
    """Arrow lists: encoded position by position, so that only distinct cells are looked at one by one."""
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    lengths = np.nan_to_num(column.value_lengths().to_numpy(zero_copy_only=False).astype(float)).astype(np.int64)
    flat = _encoded_arrow(column.flatten())
    values = [*_cells_of(flat.dictionary), None]
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

    if isinstance(array.dtype, np.dtype) and array.dtype.kind in "iufM":
        codes, distinct = pd.factorize(array)
        return codes, _cells_of(distinct)
    try:
        codes, distinct = pd.factorize(array)
        distinct = _cells_of(distinct)
        if not (array.dtype == object and any(map(_may_equal_others, distinct))):
            return codes, distinct
    except TypeError:
        pass  # lists among the cells
    seen, codes = {}, np.empty(len(array), np.int32)
    for i, raw in enumerate(array.tolist()):
        several = isinstance(raw, (list, tuple, set, frozenset, np.ndarray))
        try:
            cell = tuple(raw) if several else raw
            kinds = tuple(map(type, cell)) if several else type(raw)
            codes[i] = seen.setdefault((kinds, cell), len(seen))
        except TypeError:
            raise FairkitError(f"a cell of group column {quote(name)} is no group", "a value, several, or nothing",
                               quote(raw)) from None
    return codes, [cell for _, cell in seen]


def _may_equal_others(cell):
    """Whether a cell is equal to one of another name: 1 and True, numpy.float32(0.1) and its float64; or a tuple."""
    return isinstance(cell, (tuple, np.floating)) or (not isinstance(cell, str) and cell in (0, 1))


def _cells_of(values):
    """Distinct values of an array, a pandas index or an Arrow array as a list, floats in their own precision."""
    if hasattr(values, "to_pylist"):
        narrow = str(values.type) in ("float", "halffloat")
        return list(values.to_numpy(zero_copy_only=False)) if narrow else values.to_pylist()
    kind = getattr(values.dtype, "numpy_dtype", values.dtype)   # of pandas' nullable numbers
    if isinstance(kind, np.dtype) and kind.kind == "f" and kind.itemsize < 8:
        return list(np.asarray(values, kind))
    return values.tolist() if isinstance(values, np.ndarray) and kind.kind in "iuf" else list(values)


def _objects(column):
    column = list(column)
    array = np.empty(len(column), object)
    array[:] = column
    return array
