"""Columns in other libraries' containers, as a list or as NumPy, pandas or Arrow hold them.

No library is imported for it: the name of a type's module says whose it is.
"""

import numbers
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from fairkit.errors import FairkitError, one_line, quote
from fairkit.group_values import is_nothing

__all__ = ["is_arrow", "is_pandas", "plain_column", "plain_values"]


def plain_column(what, column):
    """The column as a list, a tuple, a NumPy array, or a pandas or Arrow column; what is one of these stays as it is.

    Tensors of TensorFlow, and whatever has `__array__` (PyTorch, JAX), become arrays, ragged tensors lists of lists.
    Masked cells become None. Polars columns become Arrow's, pandas' sparse columns dense ones.

    Args:
        what: the column is, for messages: "labels".
        column: anything.

    Raises:
        FairkitError: for a sparse tensor or matrix, a tensor without values, a text, a set or a dict.

    Example:
        >>> import numpy as np
        >>> from fairkit.containers import plain_column
        >>> plain_column("labels", np.ma.masked_array([1, 2], [False, True])).tolist()
        [1, None]
    """
    if isinstance(column, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(column), None, column.data.astype(object)) if np.ma.is_masked(column) \
            else column.data
    if isinstance(column, (list, tuple, np.ndarray)) or is_arrow(column):
        return column
    if isinstance(column, (str, bytes, set, frozenset, Mapping)):
        raise FairkitError(f"{what}: a {type(column).__name__} is not a column", "a list, an array, or a pandas or "
                           "Arrow column", quote(column)[:80])
    if is_pandas(column):
        return _dense(column)
    room = type(column).__module__.partition(".")[0]
    if room == "tensorflow" or hasattr(column, "row_splits"):
        return _of_tensor(what, column)
    if type(column).__module__.startswith("scipy.sparse"):
        raise FairkitError(f"{what}: a sparse matrix is not a column", "a dense array: .toarray()",
                           f"{type(column).__name__} of shape {column.shape}")
    if hasattr(column, "__arrow_c_stream__"):   # of Polars
        import pyarrow as pa

        return pa.chunked_array(column)
    if hasattr(column, "to_pandas"):
        return column.to_pandas()
    if room in ("torch", "jax", "jaxlib", "keras", "cupy") and hasattr(column, "__array__"):
        return _array(what, column)
    return column


def plain_values(what, column):
    """One value an example as a NumPy array: booleans, integers or floats where all are such, else objects.

    The type follows from the values, not from the container: objects, nullable and categorical columns of truth values
    or whole numbers are as an array of these. A missing number is NaN, beside texts it is None; bytes are texts.

    Args:
        what: the values are, for messages: "labels".
        column: as `plain_column` takes it.

    Raises:
        FairkitError: for what has not one dimension, and for times.

    Example:
        >>> import pandas as pd
        >>> from fairkit.containers import plain_values
        >>> plain_values("labels", pd.Series([True, False, None]).dropna()).dtype, plain_values("ids", [2, None])
        (dtype('bool'), array([ 2., nan]))
    """
    column = plain_column(what, column)
    if is_arrow(column):
        column = column.to_pylist() if column.null_count or str(column.type)[:10] in ("dictionary", "decimal128") \
            else column.to_numpy(zero_copy_only=False)
    elif hasattr(column, "cat"):
        column = column.astype(object)
    if not hasattr(column, "__iter__"):
        raise FairkitError(f"{what} must be a column", "a list, an array or another container of one value an example",
                           quote(column)[:80])
    array = column if isinstance(column, np.ndarray) else _as_array(column)
    if array.ndim != 1:
        way = "one value an example" + ("; of one-hot labels .argmax(axis=1)" if what == "labels" else "")
        raise FairkitError(f"{what} are not one-dimensional", way, f"shape {array.shape}")
    if array.dtype.kind in "mMcV":
        raise FairkitError(f"{what} are not texts or numbers", "texts or numbers", str(array.dtype))
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8", "replace")
    return _by_values(array) if array.dtype.kind == "O" else array


def _as_array(column):
    array = np.asarray(column) if hasattr(column, "dtype") else None
    if array is None:
        rows = list(column)
        if not any(isinstance(row, (str, bytes)) for row in rows) or all(isinstance(row, str) for row in rows):
            try:
                array = np.asarray(rows)
            except ValueError:   # rows of several sizes
                array = None
        if array is None:
            array = np.empty(len(rows), object)
            array[:] = rows
    return array


def _by_values(array):
    """Objects in the type that all of them have, if they have one."""
    nothing = np.array([is_nothing(value) for value in array], bool)
    there = [value for value, empty in zip(array, nothing) if not empty]
    if there and all(isinstance(value, (numbers.Real, Decimal, np.bool_)) for value in there) and \
            not any(isinstance(value, np.timedelta64) for value in there):
        if nothing.any():
            made = np.full(len(array), np.nan)
            made[~nothing] = [float(value) for value in there]
            return made
        if all(isinstance(value, (bool, np.bool_)) for value in there):
            return np.array(there, bool)
        whole = all(isinstance(value, (numbers.Integral, np.bool_)) for value in there)
        if whole and all(-2**63 <= value < 2**63 for value in there):
            return np.array([int(value) for value in there], np.int64)
        return array if whole else np.array([float(value) for value in there])
    made = array.copy()
    made[:] = [None if empty else value.decode("utf-8", "replace") if isinstance(value, bytes) else value
               for value, empty in zip(array, nothing)]
    return made


def is_arrow(column):
    """Whether something is an Arrow array, chunked or not."""
    return type(column).__module__.partition(".")[0] == "pyarrow" and hasattr(column, "null_count")


def is_pandas(column):
    """Whether something is a pandas Series, Index or extension array."""
    return type(column).__module__.partition(".")[0] == "pandas" and hasattr(column, "dtype")


def _dense(column):
    import pandas as pd

    if not isinstance(column.dtype, pd.SparseDtype):
        return column
    return np.asarray(column)


def _of_tensor(what, tensor):
    if hasattr(tensor, "row_splits"):
        return tensor.to_list()
    if hasattr(tensor, "dense_shape") or not hasattr(tensor, "numpy"):
        way = "a dense one: tf.sparse.to_dense" if hasattr(tensor, "dense_shape") else "one with values"
        raise FairkitError(f"{what}: a {type(tensor).__name__} is not a column", way,
                           f"{type(tensor).__name__} of shape {tuple(tensor.shape)}")
    try:
        array = tensor.numpy()
    except (AttributeError, NotImplementedError):   # within a function that TensorFlow compiles
        raise FairkitError(f"{what}: this tensor has no values yet", "an eager tensor or an array",
                           f"{type(tensor).__name__} of shape {tuple(tensor.shape)}") from None
    array = np.asarray(array)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _array(what, column):
    try:
        array = np.asarray(column)
    except (TypeError, RuntimeError, ValueError) as error:
        raise FairkitError(f"{what}: this {type(column).__name__} cannot become an array",
                           "an array in the computer's memory, such as .detach().cpu().numpy()",
                           one_line(error)) from None
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
