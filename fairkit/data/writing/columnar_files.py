"""Parquet and Arrow files of examples."""

from fairkit.data.writing.tables import tables

__all__ = ["write_arrow", "write_parquet"]


def write_parquet(columns, n, path):
    """Writes the n rows of the columns as row groups of a Parquet file, compressed inside by Zstandard."""
    import pyarrow.parquet as pq

    writer = None
    try:
        for table in tables(columns, n):
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def write_arrow(columns, n, path):
    """Writes the n rows of the columns as an Arrow IPC file (Feather 2), uncompressed, to be mapped to memory."""
    import pyarrow as pa

    writer = None
    try:
        for table in tables(columns, n):
            writer = writer or pa.ipc.new_file(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
