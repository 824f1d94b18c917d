"""Parquet files of predictions as Arrow tables, some rows at a time."""

from dataclasses import replace

from fairkit.errors import FairkitError
from fairkit.evaluation.predictions_file import is_own
from fairkit.evaluation.reading.columns import STRUCT, Columns, missing_column

__all__ = ["columns_in", "row_groups", "tables"]

_BUFFER = 1 << 20
_ROWS = 1 << 17


def columns_in(file, path, columns):
    """`Columns` with `groups` spelled out, and those of fairkit's own file where it is one.

    Raises:
        FairkitError: for a file that is no Parquet, one that a newer fairkit wrote, a column that is not there.
    """
    import pyarrow as pa

    schema = _opened(file, path).schema_arrow
    fields = {field.name: field.type for field in schema}
    if is_own(schema, path):
        given = {"weight": columns.weight or ("weight" if "weight" in fields else None), "id": columns.id or "id"}
        columns = replace(columns, **given)
    inner = fields.get(STRUCT)
    if inner is not None and pa.types.is_struct(inner) and STRUCT not in (columns.groups or ()):
        del fields[STRUCT]
        fields |= {field.name: field.type for field in inner if field.name not in fields}
    return columns.found_in(list(fields), [name for name, kind in fields.items() if _holds_texts(kind)], path)


def row_groups(file, path):
    """The number of row groups, which can be read one by one."""
    return _opened(file, path).num_row_groups


def tables(file, path, columns: Columns, row_group=None):
    """Yields (`pyarrow.Table`, its first row in the file): the columns that are asked for, some rows at a time.

    Args:
        file: opened for reading, or its path.
        path: for messages.
        columns: `Columns` with `groups` spelled out.
        row_group: the number of one row group; None for all of them.

    Raises:
        FairkitError: for a file that is damaged or lacks a column.
    """
    import pyarrow as pa

    opened = _opened(file, path)
    schema = opened.schema_arrow
    top, inner = set(schema.names), schema.field(STRUCT).type if STRUCT in schema.names else None
    within = {field.name for field in inner} if inner is not None and pa.types.is_struct(inner) else set()
    wanted = []
    for name in [*columns.single, *columns.groups]:
        if name not in top and name not in within:
            raise missing_column(path, name, sorted(top | within))
        wanted.append(name if name in top else f"{STRUCT}.{name}")
    before = sum(opened.metadata.row_group(i).num_rows for i in range(row_group or 0))
    chosen = None if row_group is None else [row_group]
    try:
        for batch in opened.iter_batches(_ROWS, row_groups=chosen, columns=wanted):
            yield pa.Table.from_batches([batch]), before
            before += len(batch)
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except (pa.ArrowException, OSError) as error:
        raise FairkitError(f"{str(path)!r} cannot be read to its end", "a whole Parquet file",
                           " ".join(str(error).split())[:200]) from None


def _opened(file, path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Without pre_buffer, and with a buffer, a row group is never held as a whole.
        return pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except (pa.ArrowException, OSError) as error:
        raise FairkitError(f"{str(path)!r} is no Parquet file", "a whole Parquet file",
                           " ".join(str(error).split())[:200]) from None


def _holds_texts(kind):
    import pyarrow as pa

    if pa.types.is_dictionary(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _holds_texts(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
