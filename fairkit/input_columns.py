"""The columns of inputs, in the one form in which `Examples` hold them: arrays and texts, whatever holds them."""

from collections.abc import Mapping

import numpy as np

from fairkit.containers import is_arrow, is_pandas, plain_column
from fairkit.errors import FairkitError, nearest, one_line, quote
from fairkit.group_values import is_nothing
from fairkit.inputs import columns_of, with_columns
from fairkit.tables import Missing, column_array, is_frame, objects_as_array, table_columns
from fairkit.texts import Texts

__all__ = ["checked_missing", "held_inputs", "rows_at"]

_WAYS = ("raise", "keep")


def held_inputs(inputs, length, missing="raise"):
    """The inputs of n examples as `Examples` hold them.

    - A frame becomes a dict of columns; dicts, tuples and lists of columns are as `fairkit.inputs.columns_of` says.
    - One column, or one array of n rows, becomes a NumPy array: lists, pandas and Arrow columns, eager tensors of
      TensorFlow, and whatever has `__array__`. Texts are an object array, or `Texts` where they are Arrow's.
    - Anything else with a length that takes an integer array as index stays as it is, and is read when it is needed.

    Args:
        inputs: what a user gave.
        length: n.
        missing: "raise", or "keep" to make a missing number NaN and a missing text an empty one.

    Raises:
        FairkitError: for cells that are missing, which are named by row and column; another number of rows; and what
            has no one meaning as inputs: sparse matrices, rows of different sizes, times, a text, a data set.

    Example:
        >>> import pyarrow
        >>> from fairkit.input_columns import held_inputs
        >>> held_inputs({"age": [17, 44], "job": pyarrow.array(["cook", None])}, 2, missing="keep")["job"].tolist()
        ['cook', '']
    """
    missing = Missing(checked_missing(missing))
    if inputs is None:
        return None
    if is_frame(inputs):
        columns = table_columns(inputs, missing)
        _check_length(next(iter(columns.values()), ()), length, None)
        return columns
    columns = columns_of(inputs, length, lambda part, name: _held(part, length, missing, name))
    return _held(inputs, length, missing, None) if columns is None else columns


def checked_missing(missing):
    """A way with missing inputs: "raise" or "keep"."""
    if missing not in _WAYS:
        raise FairkitError("no such way with missing inputs", nearest(missing, _WAYS), quote(missing))
    return missing


def rows_at(inputs, index):
    """The rows of held inputs at an array of positions."""
    if isinstance(inputs, Mapping):
        return with_columns(inputs, {name: part[index] for name, part in inputs.items()})
    return None if inputs is None else inputs[index]


def _held(part, length, missing, name):
    held = _column(part, missing, name)
    _check_length(held, length, name)
    return held


def _is_array(part):
    return isinstance(part, Texts) or (hasattr(part, "shape") and not isinstance(part, np.generic)) or is_arrow(part)


def _check_length(held, length, name):
    if len(held) != length:
        what = "inputs have" if name is None else f"input {quote(name)} has"
        raise FairkitError(f"{what} another length than the labels", f"{length} rows; of several inputs a tuple or a "
                           "dict of arrays with as many rows each", len(held))


def _column(inputs, missing, name):
    """One input of n rows."""
    what = "the inputs" if name is None else f"input {quote(name)}"
    if hasattr(inputs, "element_spec"):
        raise FairkitError(f"{what}: a data set is not an array", "fairkit.data.read(dataset, ...), which reads it",
                           type(inputs).__name__)
    if isinstance(inputs, np.ma.MaskedArray) and inputs.dtype.kind in "biuf":
        mask = np.ma.getmaskarray(inputs)
        missing.check(name, mask)
        return np.where(mask, np.nan, inputs.data) if mask.any() else inputs.data
    column = plain_column(what, inputs)
    if is_arrow(column):
        return _of_arrow(what, column, missing, name)
    if is_pandas(column):
        if not _holds_rows(column):
            return column_array(name, column, missing)
        column = list(column)
    if isinstance(column, (list, tuple)) or (isinstance(column, np.ndarray) and _holds_rows(column)):
        column = _of_list(what, column, missing, name)
    if isinstance(column, np.ndarray):
        return _of_array(what, column, missing, name)
    if not hasattr(column, "__len__") or not hasattr(column, "__getitem__"):
        raise FairkitError("inputs cannot be indexed" if name is None else f"{what} cannot be indexed",
                           "an array, a list, or anything with a length and array indexing", type(column).__name__)
    return column


def _of_list(what, rows, missing, name):
    """A list of numbers, texts or rows as an array; of several kinds, or with cells that hold nothing, as objects."""
    if any(not isinstance(row, (str, bytes)) and (isinstance(row, (list, tuple)) or _is_array(row)) for row in rows):
        return _of_rows(what, rows, missing, name)
    if not any(isinstance(row, (str, bytes)) for row in rows):
        array = np.asarray(rows)
        if array.dtype.kind in "biuf":
            return array
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


def _holds_rows(column):
    """Whether the cells of a column of objects are lists or arrays."""
    return column.dtype == object and any(isinstance(cell, (list, tuple, np.ndarray)) for cell in column)


def _of_rows(what, rows, missing, name):
    """A list of lists or arrays as one array (n, ...)."""
    nothing = np.array([is_nothing(row) for row in rows], bool)
    missing.check(name, nothing)
    rows = [row if isinstance(row, (list, tuple, str, bytes)) else None if empty else plain_column(what, row)
            for row, empty in zip(rows, nothing)]
    sizes = {}
    for place, row in enumerate(rows):
        if row is not None:
            sizes.setdefault(_shape(row), place)
    if len(sizes) > 1:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise FairkitError(f"the rows of {what} have different sizes", "rows of one size, such as "
                           "keras.utils.pad_sequences or RaggedTensor.to_tensor makes",
                           f"shape {one} in row {first}, {other} in row {second}")
    rows = [np.full(next(iter(sizes)), np.nan).tolist() if row is None else row for row in rows]
    try:
        array = np.asarray(rows)
        return array if array.dtype.kind in "biuf" else np.array(rows, object)
    except ValueError:
        raise FairkitError(f"the rows of {what} have different sizes", "rows of one size, such as "
                           "keras.utils.pad_sequences makes", "rows of different sizes within") from None


def _shape(row):
    """The size of a row, and of its own first row, which are all that is told of in messages."""
    shape = getattr(row, "shape", None)
    if shape is not None or not isinstance(row, (list, tuple)):
        return tuple(shape or ())
    return len(row), *(_shape(row[0]) if row and isinstance(row[0], (list, tuple)) else ())


def _of_array(what, array, missing, name):
    kind = array.dtype.kind
    if array.ndim == 0:
        raise FairkitError(f"{what}: one value is not a column", "one row an example", quote(array[()]))
    if kind in "mMcV":
        raise FairkitError(f"{what} cannot be fed to a model", "numbers or texts; of times, numbers such as years",
                           str(array.dtype))
    if isinstance(array, np.memmap):   # read when it is needed
        return array
    if kind == "O":
        return objects_as_array(name, array, missing)
    if kind == "S":
        try:
            return np.char.decode(array, "utf-8")
        except UnicodeDecodeError as error:
            raise FairkitError(f"{what}: bytes that are not a text", "texts in UTF-8", one_line(error)) from None
    if kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if kind == "f" and _may_hold_nan(array):
        missing.check(name, np.isnan(array))
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _may_hold_nan(array):
    """Whether the sum is NaN, which takes no memory to tell; also where infinities cancel out."""
    with np.errstate(all="ignore"):
        return bool(array.size) and bool(np.isnan(np.add.reduce(array, axis=None)))


def _of_arrow(what, column, missing, name):
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if isinstance(column.type, pa.FixedShapeTensorType):
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        return _of_array(what, np.concatenate([chunk.to_numpy_ndarray() for chunk in chunks]), missing, name)
    if str(column.type) == "string_view":
        column = column.cast(pa.large_string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        if column.null_count:
            missing.check(name, column.is_null().to_numpy(zero_copy_only=False))
            column = column.fill_null("")
        return Texts(column)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or \
            pa.types.is_fixed_size_list(column.type):
        return _of_array(what, _of_list(what, column.to_pylist(), missing, name), missing, name)
    return column_array(name, column.to_pandas(), missing)
