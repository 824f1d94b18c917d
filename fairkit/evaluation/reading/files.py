"""Files of predictions: which they are, of which kind, and their rows part by part."""

import glob
from dataclasses import dataclass
from pathlib import Path

from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.reading import parquet, tfrecords
from fairkit.evaluation.reading.arrow import Places, predictions_of
from fairkit.evaluation.reading.columns import Columns

__all__ = ["Layout", "chunks", "kind_of", "layout_of", "local_files", "tables"]

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


def local_files(path):
    """The paths of the files that a path, a folder or a pattern names, in the order of their names.

    Of a folder all Parquet files are taken or, where there is none, all files but those whose names begin with a dot
    or an underscore.

    Raises:
        FairkitError: if there is none.
    """
    if not isinstance(path, (str, Path)) or not str(path):
        raise FairkitError("predictions are read from a path", _EXPECTED, repr(path))
    at = Path(path)
    if at.is_file():
        return [at]
    if at.is_dir():
        every = [p for p in sorted(at.rglob("*")) if p.is_file() and
                 not any(part.startswith((".", "_")) for part in p.relative_to(at).parts)]
        files = [p for p in every if p.suffix == ".parquet"] or every
    else:
        files = [Path(p) for p in sorted(glob.glob(str(path), recursive=True)) if Path(p).is_file()]
    if not files:
        beside = sorted(p.name for p in at.parent.glob("*")) if at.parent.is_dir() else []
        found = "an empty folder" if at.is_dir() else "no such file"
        raise FairkitError(f"there are no predictions at {str(path)!r}",
                           _EXPECTED + ("" if at.is_dir() or not beside else f"; there: {nearest(at.name, beside)}"),
                           found)
    return files


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
            kinds = {} if kind is None else tfrecords.kinds_in(file, path, [*columns.single, *(columns.groups or ())])
        if kinds:
            return Layout(kind, tfrecords.columns_in(kinds, path, columns), kinds)
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
    if tfrecords.is_tfrecord(head):
        return "tfrecord"
    raise FairkitError(f"{str(path)!r} holds no predictions", _EXPECTED, f"a file that begins with {head[:8]!r}")


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
            yield from tfrecords.tables(file, path, layout.columns, layout.kinds)


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
