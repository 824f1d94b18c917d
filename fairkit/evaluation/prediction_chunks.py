"""read_predictions: predictions on disk, chunk by chunk, however many there are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.reading.columns import checked_columns
from fairkit.evaluation.reading.files import chunks, layout_of, prediction_files, tables
from fairkit.predictions import Predictions

__all__ = ["PredictionChunks", "read_predictions"]


class PredictionChunks:
    """Predictions on disk: each iteration reads them again, as `Predictions` of at most `chunk_size` rows.

    Attributes:
        files: their paths, in the order in which they are read.
        label, scores, weight, id: the names of the columns; the last two may be None.
        groups: the names of the group columns.
        chunk_size: rows a chunk.
    """

    def __init__(self, files, layout, chunk_size):
        self.files, self.chunk_size, self._layout = list(files), chunk_size, layout
        columns = layout.columns
        self.label, self.scores, self.weight, self.id = columns.label, columns.scores, columns.weight, columns.id
        self.groups = list(columns.groups)

    def __iter__(self) -> Iterator[Predictions]:
        empty = True
        for chunk in chunks(self._parts(), self._layout.columns, self.chunk_size):
            empty = False
            yield chunk
        if empty:
            raise FairkitError(f"{str(self.files[0])!r} holds no predictions", "at least one row", 0)

    def __repr__(self):
        kind = {"parquet": "Parquet", "tfrecord": "TFRecord"}[self._layout.kind]
        files = f"{str(self.files[0])!r}" if len(self.files) == 1 else \
            f"{len(self.files)} files from {str(self.files[0])!r} on"
        weight = "" if self.weight is None else f", weight {quote(self.weight)}"
        return (f"PredictionChunks({kind}, {files}, label {quote(self.label)}, scores {quote(self.scores)}{weight}, "
                f"groups: {', '.join(self.groups) or 'none'}; chunks of {self.chunk_size:,})")

    def _parts(self):
        for path in self.files:
            for table, first in tables(path, self._layout):
                yield table, path, first


def read_predictions(path: str | Path, *, label: str = "label", scores: str = "scores",
                     groups: str | Sequence[str] | None = None, weight: str | None = None, id: str | None = None,
                     separator: str | None = None, chunk_size: int = 250_000) -> PredictionChunks:
    """Predictions from Parquet or TFRecord files that need not fit into memory, for `fairkit.evaluate`.

    fairkit's own predictions.parquet needs no column names.

    Args:
        path: a Parquet file; a TFRecord file of tf.Examples, plain or gzip; a folder of such files, all of one kind; or
            a pattern such as "scored/part-*.parquet".
        label: the column of labels: 0 and 1, or class ids.
        scores: the column of scores in [0, 1]: one a row, or a list of one for each class.
        groups: the group columns; None takes every other column of texts (of a TFRecord: those of its first 1,000
            examples). A cell is a value, a list of values, or nothing. Reading no more of them than are sliced by saves
            time and memory.
        weight: the column of weights, finite and not negative; None counts every example once.
        id: the column of ids; None numbers the rows of each chunk.
        separator: what stands between the values of a group cell that holds several in one text, such as "|".
        chunk_size: rows a chunk. Memory grows with it, and not with the number of rows.

    Returns:
        `PredictionChunks`, an iterable that can be gone through more than once.

    Raises:
        FairkitError: here if there is no such file, it is of another kind or has no such column; while reading if a
            label is no class, or a score or weight is missing or out of range. The message names file, row (from 0) and
            column.

    Example:
        >>> import fairkit, pandas as pd, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "scored.parquet"
        >>> scored = pd.DataFrame({"toxic": [0, 1, 0], "score": [.1, .7, .6], "gender": ["female", "male", None]})
        >>> scored.to_parquet(path)
        >>> chunks = fairkit.evaluation.read_predictions(path, label="toxic", scores="score", chunk_size=2)
        >>> [len(chunk) for chunk in chunks]
        [2, 1]
        >>> fairkit.evaluate(chunks, slices=["gender"], thresholds=[.5]).value("accuracy")
        0.6666666666666666
    """
    if not is_whole(chunk_size) or chunk_size < 1:
        raise FairkitError("a chunk needs rows", "chunk_size of 1 or more", quote(chunk_size))
    columns = checked_columns(label, scores, groups, weight, id, separator)
    if columns.scores is None:
        raise FairkitError("predictions need scores", "the name of a column", "scores=None")
    files = prediction_files(path)
    return PredictionChunks(files, layout_of(files, columns), chunk_size)
