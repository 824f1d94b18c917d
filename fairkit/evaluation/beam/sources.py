"""ReadPredictions: Parquet or TFRecord files of predictions, read by Beam's workers."""

from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.reading import parquet
from fairkit.evaluation.reading.columns import checked_columns
from fairkit.evaluation.reading.files import chunks, kind_of, layout_of, prediction_files, tables
from fairkit.predictions import Predictions

__all__ = ["ReadPredictions", "ReadTables", "matched_files", "opened"]

_ROWS = 250_000


class ReadPredictions(beam.PTransform):
    """Predictions from files, as `fairkit.Predictions` of at most 250,000 rows each.

    Files, and the row groups of Parquet files, are read independently of each other. They lie where any of Beam's
    filesystems reaches: a local path, gs://, s3://, hdfs://.

    Args:
        path: a Parquet or TFRecord file, a folder of these or a pattern such as "gs://bucket/scored/part-*.parquet".
        label, scores, groups, weight, id, separator: as in `fairkit.evaluation.read_predictions`.

    Raises:
        FairkitError: where the pipeline is built, for a path without files or a column that the first of them does not
            have; while it runs, as `fairkit.evaluation.read_predictions`.
    """

    def __init__(self, path: str | Path, *, label: str = "label", scores: str = "scores",
                 groups: str | Sequence[str] | None = None, weight: str | None = None, id: str | None = None,
                 separator: str | None = None):
        super().__init__()
        self._tables = ReadTables(path, checked_columns(label, scores, groups, weight, id, separator))

    def expand(self, begin):
        parts = self._tables.parts(begin)
        return parts | "ReadPredictions" >> beam.FlatMap(
            _predictions, layout=self._tables.layout).with_output_types(Predictions)


class ReadTables(beam.PTransform):
    """The same files as Arrow tables of the asked for columns, for a model to score.

    Args:
        path: as above.
        columns: `Columns`.

    Attributes:
        layout: `Layout`, with the columns as they were found.
    """

    def __init__(self, path, columns):
        super().__init__()
        self._files = matched_files(path)
        self.layout = layout_of(self._files, columns, opened)

    def parts(self, begin):
        """(file, row group or None) pairs, spread over the workers."""
        return (begin | "Files" >> beam.Create(self._files) | "SpreadFiles" >> beam.Reshuffle()
                | "Parts" >> beam.FlatMap(_parts) | "SpreadParts" >> beam.Reshuffle())

    def expand(self, begin):
        return self.parts(begin) | "ReadTables" >> beam.FlatMap(_tables, layout=self.layout)


def matched_files(path):
    """The files of a path, folder or pattern on any of Beam's filesystems, as texts in the order of their names.

    Raises:
        FairkitError: if there is none.
    """
    if "://" not in str(path):
        return [str(Path(file).absolute()) for file in prediction_files(path)]
    found = _match(str(path)) or _match(str(path).rstrip("/") + "/**")
    files = [name for name in found if not name.rpartition("/")[2].startswith((".", "_"))]
    if not files:
        raise FairkitError(f"there are no predictions at {str(path)!r}", "files that this machine can list",
                           "none")
    return files


def opened(path, mode="rb"):
    """A file on any of Beam's filesystems, opened for reading its bytes as they are."""
    return FileSystems.open(str(path), compression_type=CompressionTypes.UNCOMPRESSED)


def _match(pattern):
    try:
        return sorted(found.path for found in FileSystems.match([pattern])[0].metadata_list)
    except ValueError as error:  # Beam's: no filesystem of that name
        scheme = pattern.partition("://")[0]
        raise FairkitError(f"Beam has no filesystem {quote(scheme)} here", nearest(scheme, ["gs", "s3", "hdfs", "azfs"])
                           + " with the packages that they need", str(error)) from None
    except BeamIOError as error:
        raise FairkitError(f"the files at {quote(pattern)} cannot be listed", "files that this machine can list",
                           " ".join(str(error).split())[:300]) from None


def _parts(path):
    with opened(path) as file:
        if kind_of(file, path) != "parquet":
            return [(path, None)]
        return [(path, group) for group in range(parquet.row_groups(file, path))]


def _tables(part, layout):
    path, row_group = part
    for table, _ in tables(path, layout, opened, row_group):
        yield table


def _predictions(part, layout):
    path, row_group = part
    located = ((table, path, first) for table, first in tables(path, layout, opened, row_group))
    yield from chunks(located, layout.columns, _ROWS)
