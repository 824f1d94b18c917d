"""What examples are read from: files, data sets by name, frames, and tf.data.Datasets, each as Arrow tables."""

import re
from pathlib import Path

from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, quote
from fairkit.formats.content import ENDINGS, content_of
from fairkit.formats.local_files import local_files

__all__ = ["is_tfds_name", "open_source"]

_EXPECTED = ("CSV, JSON Lines, Parquet, Arrow or TFRecord files (a path, a folder or a pattern), the name of a TFDS "
             "data set, a pandas, polars or Arrow table, or a tf.data.Dataset")
_TFDS_NAME = re.compile(r"[a-z][\w]*(/[\w.\-]+)?(:[\d.*]+)?")


def open_source(source, *, label=None, split=None, data_dir=None, schema=None, delimiter=None,
                encoding="utf-8") -> Source:
    """The `Source` of what a user names.

    Args:
        source: a path, folder or pattern of files; the name of a data set of TensorFlow Datasets, with or without
            "tfds:" before it; a pandas or polars frame or an Arrow table; a `tf.data.Dataset`.
        label: the name of the label, which tells whether a `tf.data.Dataset` is batched.
        split, data_dir: of a data set of TensorFlow Datasets.
        schema: of TFRecords, dict of feature -> `tf.io` feature or dtype; of CSV, dict of column -> type.
        delimiter, encoding: of CSV.

    Raises:
        FairkitError: for what is none of these.
    """
    tfds = {"split": split, "data_dir": data_dir}
    if isinstance(source, (str, Path)):
        named = (split, data_dir) != (None, None) and not Path(source).exists()
        if isinstance(source, str) and (named or is_tfds_name(source, data_dir)):
            from fairkit.data.reading.tfds_sets import TfdsSet

            return TfdsSet(source.removeprefix("tfds:"), split, data_dir)
        _only(tfds, "a data set of TensorFlow Datasets")
        return _files(_local(source), schema, delimiter, encoding)
    _only(tfds, "a data set of TensorFlow Datasets")
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "columns"):
        from fairkit.data.reading.frames import Frame

        return Frame(source)
    if hasattr(source, "element_spec"):
        from fairkit.data.reading.datasets import Dataset

        return Dataset(source, label)
    raise FairkitError("examples cannot be read from this", _EXPECTED, type(source).__name__)


def is_tfds_name(name, data_dir=None):
    """Whether a text names a data set of TensorFlow Datasets and no file; with "tfds:" before it, it always does."""
    if name.startswith("tfds:"):
        return True
    if Path(name).exists() or not _TFDS_NAME.fullmatch(name):
        return False
    from fairkit.data.reading.tfds_sets import is_known

    return is_known(name, data_dir)


def _local(source):
    """The files at a path; what may have been meant as the name of a data set is told from these."""
    try:
        return local_files(source, "examples", _EXPECTED, prefer=None, known=ENDINGS)
    except FairkitError:
        if Path(source).exists() or not _TFDS_NAME.fullmatch(str(source)):
            raise
        from fairkit.data.reading.tfds_sets import near_names

        near = ", ".join(map(quote, near_names(str(source))))
        if not near:
            raise
        raise FairkitError(f"{str(source)!r} is no file and no data set of TensorFlow Datasets",
                           f"a path, or the name of a data set such as {near}", repr(str(source))) from None


def _only(options, what):
    for name, value in options.items():
        if value is not None:
            raise FairkitError(f"{name} is for {what}", f"no {name} here", quote(value))


def _files(paths, schema, delimiter, encoding):
    contents = [content_of(path) for path in paths]
    kinds = {content.kind: path for path, content in zip(paths, contents) if content.kind is not None}
    if len(kinds) > 1:
        raise FairkitError("the files are of several kinds", "files of one kind",
                           ", ".join(f"{quote(path.name)} is {kind}" for kind, path in kinds.items()))
    if not kinds:
        raise FairkitError(f"{str(paths[0])!r} is empty", "at least one example", "no bytes")
    kind = next(iter(kinds))
    files = [(path, content.compression) for path, content in zip(paths, contents) if content.kind is not None]
    if kind == "csv":
        from fairkit.data.reading.csv_files import CsvFiles

        return CsvFiles(files, delimiter, encoding, next(c.ending for c in contents if c.kind is not None))
    for name, value, default in (("delimiter", delimiter, None), ("encoding", encoding, "utf-8")):
        if value != default:
            raise FairkitError(f"{name} is for CSV files", f"no {name} for {kind}", quote(value))
    if kind == "tfrecord":
        from fairkit.data.reading.tfrecord_files import TFRecordFiles

        return TFRecordFiles(files, schema)
    if kind == "jsonl":
        from fairkit.data.reading.json_lines import JsonLines

        return JsonLines(files)
    from fairkit.data.reading.columnar_files import ColumnarFiles

    compressed = next((path for path, compression in files if compression is not None), None)
    if compressed is not None:
        raise FairkitError(f"{str(compressed)!r} is compressed as a whole", f"{kind} files, compressed inside",
                           compressed.suffix)
    return ColumnarFiles(files, kind)
