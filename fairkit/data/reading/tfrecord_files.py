"""TFRecord files of tf.Examples, by the schema of their first records or a given one."""

from functools import partial

import numpy as np

from fairkit.data.reading.source import Source
from fairkit.data.reading.tfrecord_schemas import features_of
from fairkit.errors import quote
from fairkit.formats import tf_examples
from fairkit.formats.watched import Watched

__all__ = ["TFRecordFiles"]


class TFRecordFiles(Source):
    """Records of TFRecord files; the first record is row 0.

    Args:
        files: list of (path, compression).
        schema: dict of feature -> `tf.io` feature or dtype; by the first records if None.

    Raises:
        FairkitError: for a file of something else than tf.Examples, or a schema that is none.
    """

    def __init__(self, files, schema=None):
        self.files = files
        path = files[0][0]
        self.features = {} if schema is None else features_of(schema)
        self.kinds = {feature.key: feature.kind for feature in self.features.values()}
        if schema is None:
            with Watched(*files[0]) as file:
                self.kinds = tf_examples.kinds_in(file, path)
        super().__init__(repr(str(path)), self.features or self.kinds)
        self.folder = path.parent

    def checked(self, columns):
        if not self.features and not set(columns) <= set(self.names):  # rare features are not in the first records
            with Watched(*self.files[0]) as file:
                self.kinds = tf_examples.kinds_in(file, self.files[0][0], columns)
            self.names = list(self.kinds)
        return super().checked(columns)

    def chunks(self, columns, bad_rows):
        keys = [self.features[name].key if self.features else name for name in columns]
        for path, compression in self.files:
            with Watched(path, compression) as file:
                odd = None if bad_rows.raises else partial(_report, bad_rows, path)
                for table, rows in tf_examples.tables(file, path, keys, self.kinds, odd):
                    table = table.select(keys).rename_columns(columns)
                    if self.features:
                        table, rows = self._shaped(table, path, rows, bad_rows)
                    if len(table):
                        yield table, path, rows

    def _shaped(self, table, path, rows, bad_rows):
        """(the columns as the schema says, the numbers of their rows): rows of other sizes are bad."""
        import pyarrow as pa

        columns = {name: table[name].combine_chunks() for name in table.column_names}
        good = np.ones(len(table), bool)
        numbers = rows if isinstance(rows, np.ndarray) else np.arange(rows, rows + len(table))
        for name, column in columns.items():
            feature = self.features[name]
            odd, widths = feature.odd(column)
            for row in np.flatnonzero(odd & good).tolist():
                bad_rows.report(f"row {numbers[row]} of {str(path)!r}", name,
                                f"feature {quote(name)} has another size than its schema says",
                                f"{feature.size} values, the shape {feature.shape}; or bad_rows='set aside'",
                                f"{widths[row]} values")
            good &= ~odd
        if not good.all():
            columns = {name: column.take(pa.array(np.flatnonzero(good))) for name, column in columns.items()}
            rows = numbers[good]
        return pa.table({name: self.features[name].shaped(column) for name, column in columns.items()}), rows


def _report(bad_rows, path, row, error):
    expected, _, received = str(error).partition("Expected: ")[2].rpartition(". Received: ")
    bad_rows.report(f"row {row} of {str(path)!r}", None,
                    f"a record is no tf.Example with features of the expected kinds, {expected}", "", received)
