"""Files of predictions: which they are, of which kind, and their rows part by part."""

from dataclasses import dataclass

from fairkit.errors import FairkitError, quote
from fairkit.evaluation.reading import parquet
from fairkit.evaluation.reading.arrow import predictions_of
from fairkit.evaluation.reading.columns import Columns
from fairkit.formats import tf_examples
from fairkit.formats.local_files import local_files
from fairkit.formats.places import Places
from fairkit.formats.tfrecords import is_tfrecord

__all__ = ["Layout", "chunks", "kind_of", "layout_of", "prediction_files", "tables"]

_EXPECTED = "a Parquet file, TFRecords of tf.Examples, a folder of these, or a pattern such as 'part-*.parquet'"


@dataclass(frozen=True)
class Layout:
    """What the files hold.

    Attributes:
        kind: "parquet" or "tfrecord".
        columns: `Columns` with `groups` spelled out.
        kinds: of TFRecords, dict of feature -> kind; None for Parquet.
    """

    kind: str
    columns: Columns
    kinds: dict | None = None


def prediction_files(path):
    """`local_files` of predictions."""
    return local_files(path, "predictions", _EXPECTED)


def layout_of(files, columns, opener=open):
    """The `Layout` of files, from the first of them that holds anything.

    Args:
        files: their paths.
        columns: `Columns` that are asked for.
        opener: opens a path for reading bytes.

    Raises:
        FairkitError: if the files are of no kind that can be read, are all empty, or have no such columns.
    """
    for path in files:
        with opener(path, "rb") as file:
            kind = kind_of(file, path)
            if kind == "parquet":
                return Layout(kind, parquet.columns_in(file, path, columns))
            kinds = {} if kind is None else tf_examples.kinds_in(file, path, columns.named)
        if kinds:
            texts = sorted(name for name, held in kinds.items() if held == "bytes_list")
            return Layout(kind, columns.found_in(list(kinds), texts, path), kinds)
    raise FairkitError("there is not one example in these files", "predictions",
                       ", ".join(repr(str(path)) for path in files[:3]))


def kind_of(file, path):
    """The kind of an opened file, "parquet" or "tfrecord", by its first bytes; None for an empty one."""
    head = file.read(16)
    file.seek(0)
    if not head:
        return None
    if head.startswith(b"PAR1"):
        return "parquet"
    if is_tfrecord(head):
        return "tfrecord"
    raise FairkitError(f"{str(path)!r} holds no predictions", _EXPECTED, f"a file that begins with {quote(head[:8])}")


def tables(path, layout, opener=open, row_group=None):
    """Yields (Arrow table, its first row in the file) of one file: some ten thousand rows at a time.

    Raises:
        FairkitError: for a file of another kind than the `Layout`, or one that is damaged.
    """
    with opener(path, "rb") as file:
        kind = kind_of(file, path)
        if kind is None:
            return
        if kind != layout.kind:
            raise FairkitError(f"{str(path)!r} is of another kind than the first file", layout.kind, kind)
        if kind == "parquet":
            yield from parquet.tables(file, path, layout.columns, row_group)
        else:
            yield from tf_examples.tables(file, path, layout.columns.named, layout.kinds)


def chunks(parts, columns, size):
    """Yields `Predictions` of `size` rows, fewer at the end, put together or cut from (table, path, first row)."""
    import pyarrow as pa

    held, rows, places = [], 0, Places()

    def made():
        return predictions_of(pa.concat_tables(held), columns, places)

    for table, path, first in parts:
        while len(table):
            if held and (rows == size or held[-1].schema != table.schema):
                yield made()
                held, rows, places = [], 0, Places()
            some = table.slice(0, size - rows)
            held.append(some)
            places.add(rows, path, first)
            rows, first, table = rows + len(some), first + len(some), table.slice(len(some))
    if held:
        yield made()
