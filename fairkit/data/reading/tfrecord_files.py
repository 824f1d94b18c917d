"""TFRecord files of tf.Examples, by the schema of their first records or a given one."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, nearest
from fairkit.formats import tf_examples
from fairkit.formats.watched import Watched

__all__ = ["TFRecordFiles"]

_FEATURES = "a dict of feature -> tf.io.FixedLenFeature, VarLenFeature, RaggedFeature, or a dtype"


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
        self.kinds, self.shapes = ({}, {}) if schema is None else _of_schema(schema)
        if schema is None:
            with Watched(*files[0]) as file:
                self.kinds = tf_examples.kinds_in(file, path)
        super().__init__(repr(str(path)), self.kinds)
        self.folder = path.parent

    def checked(self, columns):
        if not self.shapes and not set(columns) <= set(self.names):  # rare features are not in the first records
            with Watched(*self.files[0]) as file:
                self.kinds = tf_examples.kinds_in(file, self.files[0][0], columns)
            self.names = list(self.kinds)
        return super().checked(columns)

    def chunks(self, columns, bad_rows):
        for path, compression in self.files:
            with Watched(path, compression) as file:
                odd = None if bad_rows.raises else partial(_report, bad_rows, path)
                for table, rows in tf_examples.tables(file, path, columns, self.kinds, odd):
                    yield self._shaped(table, path, rows), path, rows

    def _shaped(self, table, path, rows):
        """Features of a given shape as tensors."""
        import pyarrow as pa

        for name, shape in self.shapes.items():
            if name in table.column_names and shape:
                column = table[name].combine_chunks()
                widths = np.diff(column.offsets.to_numpy())
                odd = np.flatnonzero(widths != np.prod(shape))
                if len(odd):
                    raise FairkitError(f"feature {name!r} has another size than its schema says",
                                       f"{np.prod(shape)} values, the shape {tuple(shape)}",
                                       f"{widths[odd[0]]} in row {np.ravel(rows)[0] + odd[0]} of {str(path)!r}")
                values = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), *shape)
                tensor = pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(values))
                table = table.set_column(table.column_names.index(name), name, tensor)
        return table


def _report(bad_rows, path, row, error):
    bad_rows.report(f"row {row} of {str(path)!r}", None, "a record is no tf.Example of the kind of the first ones", "",
                    str(error).rpartition("Received: ")[2])


def _of_schema(schema):
    """(kinds, shapes) of a schema."""
    from fairkit.quiet import tf

    if not isinstance(schema, Mapping) or not schema:
        raise FairkitError("the schema is none of TFRecords", _FEATURES, repr(schema)[:80])
    kinds, shapes = {}, {}
    for name, feature in schema.items():
        try:
            dtype = tf.as_dtype(getattr(feature, "dtype", feature))
        except TypeError:
            raise FairkitError(f"the schema of {name!r} is no feature", _FEATURES, repr(feature)[:80]) from None
        kind = "bytes_list" if dtype == tf.string else "float_list" if dtype.is_floating else \
            "int64_list" if dtype.is_integer or dtype.is_bool else None
        if kind is None:
            raise FairkitError(f"no tf.Example holds {dtype.name} ({name!r})",
                               nearest(dtype.name, ["string", "float32", "int64"]), dtype.name)
        kinds[name], shape = kind, getattr(feature, "shape", ()) or ()
        shapes[name] = tuple(int(size) for size in shape)
    return kinds, shapes
