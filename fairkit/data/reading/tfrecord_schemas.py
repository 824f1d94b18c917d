"""The features of tf.Examples that a user's schema names, and rows of them as it says."""

from collections.abc import Mapping

import numpy as np

from fairkit.errors import FairkitError, nearest, quote

__all__ = ["Feature", "features_of"]

_FEATURES = "a dict of feature -> tf.io.FixedLenFeature, VarLenFeature, RaggedFeature without partitions, or a dtype"
_TAKEN = ("FixedLenFeature", "VarLenFeature", "RaggedFeature", "FixedLenSequenceFeature")


class Feature:
    """One feature of a schema.

    Attributes:
        key: its name in the records.
        kind: "bytes_list", "float_list" or "int64_list".
        shape: of a row, a tuple; None where the number of values is not fixed.
        default: array of that shape for rows without the feature, or None.
    """

    def __init__(self, name, given):
        from fairkit.quiet import tf

        try:
            dtype = tf.as_dtype(getattr(given, "dtype", given))
        except TypeError:
            raise FairkitError(f"the schema of {quote(name)} is no feature", _FEATURES, quote(given)[:80]) from None
        self.kind = "bytes_list" if dtype == tf.string else "float_list" if dtype.is_floating else \
            "int64_list" if dtype.is_integer or dtype.is_bool else None
        if self.kind is None:
            raise FairkitError(f"no tf.Example holds {dtype.name} ({quote(name)})",
                               nearest(dtype.name, ["string", "float32", "int64"]), dtype.name)
        form, shape = type(given).__name__, getattr(given, "shape", None)
        if form.endswith("Feature") and (form not in _TAKEN or getattr(given, "partitions", ())
                                         or (form == "FixedLenSequenceFeature" and len(shape))):
            raise FairkitError(f"the schema of {quote(name)} cannot be read", _FEATURES, quote(given)[:120])
        self.key = getattr(given, "value_key", None) or name
        fixed = form == "FixedLenFeature"
        try:
            self.shape = tuple(int(size) for size in tf.TensorShape(shape)) if fixed else None
        except (TypeError, ValueError):
            raise FairkitError(f"the schema of {quote(name)} has no whole shape", "a shape such as [28, 28], or "
                               "tf.io.VarLenFeature", quote(shape)) from None
        self.default = self._default(name, given.default_value) if fixed and given.default_value is not None else None

    def _default(self, name, value):
        try:
            kind = {"bytes_list": None, "float_list": np.float32, "int64_list": np.int64}[self.kind]
            value = np.array(value, object) if kind is None else np.array(value).astype(kind, casting="same_kind")
            return np.broadcast_to(value, self.shape)
        except (TypeError, ValueError) as error:
            raise FairkitError(f"the default_value of {quote(name)} does not fit its feature",
                               f"{self.kind}, of the shape {self.shape}", str(error)) from None

    def odd(self, column):
        """(booleans, the number of values of each row): rows of an Arrow column of lists that are not of the shape."""
        widths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        if self.shape is None:
            return np.zeros(len(widths), bool), widths
        return (widths != self.size) & ((widths > 0) | (self.default is None)), widths

    @property
    def size(self):
        return int(np.prod(self.shape))

    def shaped(self, column):
        """The rows of an Arrow column of lists, none of them odd, with the default where there is nothing."""
        import pyarrow as pa

        if self.shape is None:
            return column
        values, widths = column.flatten(), column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        if self.default is not None and (widths == 0).any():
            default = [one.encode() if isinstance(one, str) else one for one in self.default.reshape(-1).tolist()]
            starts = np.where(widths == 0, len(values), np.cumsum(widths) - widths)
            values = pa.concat_arrays([values, pa.array(default, values.type)]).take(
                pa.array((starts[:, None] + np.arange(self.size)).reshape(-1)))
        if not self.shape:
            return values
        if self.kind == "bytes_list":
            return pa.ListArray.from_arrays(pa.array(np.arange(len(column) + 1, dtype=np.int32) * self.size), values)
        numbers = values.to_numpy(zero_copy_only=False).reshape(len(column), *self.shape)
        return pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(numbers))


def features_of(schema):
    """dict of name -> `Feature`.

    Raises:
        FairkitError: for a schema that is none of TFRecords, or that holds something that cannot be read.
    """
    if not isinstance(schema, Mapping) or not schema:
        raise FairkitError("the schema is none of TFRecords", _FEATURES, quote(schema)[:80])
    return {name: Feature(name, given) for name, given in schema.items()}
