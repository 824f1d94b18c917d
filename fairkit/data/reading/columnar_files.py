"""Parquet and Arrow (Feather) files, read some rows at a time; only the columns that are wanted."""

from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, nearest, one_line, quote
from fairkit.formats.memory import check_fits
from fairkit.formats.progress import progress_of_rows

__all__ = ["ColumnarFiles"]

_BUFFER = 1 << 20
_ROWS = 1 << 16
_NULL_LIST = "lists to be of size"   # Arrow's words for a missing list among those of a fixed size


class ColumnarFiles(Source):
    """Rows of Parquet or Arrow files that have the columns of the first of them; the first row is row 0.

    Args:
        files: list of (path, None).
        kind: "parquet" or "arrow".

    Raises:
        FairkitError: for a file that is damaged.
    """

    def __init__(self, files, kind):
        self.paths, self.kind = [path for path, _ in files], kind
        super().__init__(repr(str(self.paths[0])), self._schema(self.paths[0]).names)
        self.folder = self.paths[0].parent

    def chunks(self, columns, bad_rows):
        for path in self.paths:
            lacking = [name for name in columns if name not in self._schema(path).names]
            if lacking:
                raise FairkitError(f"{str(path)!r} has no column {quote(lacking[0])}",
                                   nearest(lacking[0], self._schema(path).names), quote(lacking[0]))
            done = 0
            for table in self._tables(path, columns):
                yield table, path, done
                done += len(table)

    def _schema(self, path):
        import pyarrow as pa

        with self._whole(path):
            if self.kind == "parquet":
                return _parquet(path).schema_arrow
            with pa.OSFile(str(path)) as file:
                return _arrow(file).schema

    def _tables(self, path, columns):
        import pyarrow as pa

        with self._whole(path):
            if self.kind == "parquet":
                file = _parquet(path)
                metadata = file.metadata
                check_fits(repr(str(path)), _held(metadata, columns))
                batches, rows = file.iter_batches(_ROWS, columns=columns), metadata.num_rows
            else:
                check_fits(repr(str(path)), path.stat().st_size)
                file = _arrow(pa.memory_map(str(path)))
                stream = isinstance(file, pa.RecordBatchReader)
                batches, rows = file if stream else map(file.get_batch, range(file.num_record_batches)), None
            with progress_of_rows(rows, path.name) as bar:
                for batch in batches:
                    bar.update(len(batch))
                    yield pa.Table.from_batches([batch]).select(columns)

    def _whole(self, path):
        return _Whole(path, self.kind)


class _Whole:
    """What Arrow says of a damaged file, in our words."""

    def __init__(self, path, kind):
        self.path, self.kind = path, kind

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        import pyarrow as pa

        if isinstance(error, pa.ArrowInvalid) and _NULL_LIST in str(error):
            raise FairkitError(f"{str(self.path)!r} has a column of lists of a fixed size of which some are missing, "
                               "which Arrow cannot read from Parquet", "such a column as lists of any size",
                               one_line(error)) from None
        if isinstance(error, (pa.ArrowException, OSError, EOFError)):
            raise FairkitError(f"{str(self.path)!r} cannot be read", f"a whole {self.kind.capitalize()} file",
                               one_line(error)) from None


def _arrow(file):
    """The reader of an opened Arrow file, or of an Arrow stream, which has no footer."""
    import pyarrow as pa

    stream = file.read(4) == b"\xff\xff\xff\xff"
    file.seek(0)
    return pa.ipc.open_stream(file) if stream else pa.ipc.open_file(file)


def _parquet(path):
    import pyarrow.parquet as pq

    # Without pre_buffer, and with a buffer, a row group is never held as a whole.
    return pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER)


def _held(metadata, columns):
    """The bytes of the wanted columns, uncompressed, as the file says."""
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    chunks = (group.column(j) for group in groups for j in range(group.num_columns))
    return sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in columns)
