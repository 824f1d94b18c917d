"""The chunks of a source as whole columns, texts checked and repeated ones stored once."""

import numpy as np

from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.places import Places

__all__ = ["gathered"]

_LARGE = 1 << 24   # bytes of a chunk that is left as it is


def gathered(source, columns, encoded, bytes_kept, bad_rows):
    """(dict of name -> chunked Arrow column, `Places` of the rows, number of rows).

    Args:
        source: `Source`.
        columns: the names of the columns.
        encoded: those of them that hold few distinct texts.
        bytes_kept: those of them that may hold bytes that are no texts.
        bad_rows: `BadRows`.

    Raises:
        FairkitError: for a column whose types in several files or parts do not go together.
    """
    import pyarrow as pa

    places, rows = Places(source.what), 0
    parts, types = {name: [] for name in columns}, {name: {} for name in columns}
    for table, path, first in source.chunks(columns, bad_rows):
        arrays = {name: table[name].combine_chunks() if table[name].num_chunks != 1 else table[name].chunk(0)
                  for name in columns}
        arrays = {name: _without_views(array) for name, array in arrays.items()}
        arrays, kept = _texts(arrays, bytes_kept, path, first, source.what, bad_rows)
        length = len(table) if kept is None else len(kept)
        if not length:
            continue
        places.add(rows, path, first if kept is None else _numbers(first, len(table))[kept])
        for name, array in arrays.items():
            types[name].setdefault(array.type, repr(str(path)) if path else source.what)
            _append(parts[name], _encoded(array) if name in encoded else array)
        rows += length
    columns = {name: _joined(name, arrays, types[name]) for name, arrays in parts.items()} if rows else {}
    pa.default_memory_pool().release_unused()   # what parsing took
    return columns, places, rows


def _append(parts, array):
    """Adds a chunk; small ones become a large one, which is faster to take from and leaves fewer holes in memory."""
    import pyarrow as pa

    parts.append(array)
    small = next((i for i in range(len(parts), 0, -1) if parts[i - 1].nbytes >= _LARGE), 0)
    if sum(part.nbytes for part in parts[small:]) >= _LARGE and len({part.type for part in parts[small:]}) == 1 and \
            not pa.types.is_dictionary(array.type):
        parts[small:] = [pa.concat_arrays(parts[small:])]


def _without_views(array):
    """String and binary views, which few functions of Arrow take, as strings and bytes."""
    import pyarrow as pa

    kinds = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}
    return array.cast(kinds[str(array.type)]) if str(array.type) in kinds else array


def _texts(arrays, bytes_kept, path, first, what, bad_rows):
    """(the columns with bytes as texts, the rows that are kept or None for all): bytes must be UTF-8."""
    import pyarrow as pa

    bad = None
    for name, array in arrays.items():
        if name in bytes_kept or not _holds_bytes(array.type):
            continue
        try:
            arrays[name] = array.cast(_text_type(array.type))
        except pa.ArrowInvalid:
            odd = np.array([not _is_utf8(cell) for cell in array.to_pylist()])
            bad = odd if bad is None else bad | odd
            places = Places(what)
            places.add(0, path, first)
            for row in np.flatnonzero(odd).tolist():
                bad_rows.report(places.of(row), name, f"a cell of column {quote(name)} is no text in UTF-8",
                                "UTF-8; or encoding= for CSV, such as 'latin-1'; or bad_rows='set aside'",
                                quote(array[row].as_py())[:60])
    if bad is None:
        return arrays, None
    kept = np.flatnonzero(~bad)
    arrays = {name: array.take(pa.array(kept)) for name, array in arrays.items()}
    return {name: array.cast(_text_type(array.type)) if name not in bytes_kept and _holds_bytes(array.type) else array
            for name, array in arrays.items()}, kept


def _holds_bytes(kind):
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_dictionary(kind):
        return _holds_bytes(kind.value_type)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _text_type(kind):
    import pyarrow as pa

    if pa.types.is_list(kind):
        return pa.list_(_text_type(kind.value_type))
    if pa.types.is_large_list(kind):
        return pa.large_list(_text_type(kind.value_type))
    return pa.large_string() if pa.types.is_large_binary(kind) else pa.string()


def _is_utf8(cell):
    try:
        for part in cell if isinstance(cell, list) else [cell]:
            if part is not None:
                part.decode()
    except UnicodeDecodeError:
        return False
    return True


def _numbers(first, length):
    return first if isinstance(first, np.ndarray) else np.arange(first, first + length)


def _encoded(array):
    import pyarrow as pa

    texts = pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    return array.dictionary_encode() if texts else array


def _joined(name, arrays, types):
    """The chunks of a column as one, also where some hold nothing, or single values where others hold lists.

    Args:
        name: the column's.
        arrays: its chunks.
        types: dict of each type -> where it was met first.
    """
    import pyarrow as pa

    kinds = {array.type for array in arrays if not pa.types.is_null(array.type)}
    if len(kinds) > 1 and any(map(_is_list, kinds)):
        arrays = [array if _is_list(array.type) or pa.types.is_null(array.type) else _as_lists(array)
                  for array in arrays]
        kinds = {array.type for array in arrays if not pa.types.is_null(array.type)}
    if len({array.type for array in arrays}) == 1:
        return pa.chunked_array(arrays)
    if len(kinds) > 1:
        arrays = [array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array
                  for array in arrays]
    try:
        schemas = [pa.schema([(name, array.type)]) for array in arrays]
        kind = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        return pa.chunked_array([array.cast(kind) for array in arrays])   # raises where a value would change
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except pa.ArrowException as error:
        found = [f"{kind} in {where}" for kind, where in types.items() if not pa.types.is_null(kind)]
        raise FairkitError(f"column {quote(name)} has types that do not go together", "one type in all files",
                           f"{', '.join(found[:3])} ({one_line(error)})") from None


def _is_list(kind):
    import pyarrow as pa

    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _as_lists(array):
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    missing = array.is_null().to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(~missing)]).astype(np.int32),
                       mask=np.concatenate([missing, [False]]))
    return pa.ListArray.from_arrays(offsets, array.drop_null())
