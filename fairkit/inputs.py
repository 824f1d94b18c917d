"""Inputs of several columns: by name, in order, or nested, as a model takes them."""

from collections.abc import Mapping

from fairkit.column_names import column_text
from fairkit.errors import FairkitError, quote

__all__ = ["NestedInputs", "as_given", "columns_of", "structure_of", "with_columns"]


class NestedInputs(dict):
    """Columns of inputs by name, of inputs that are a tuple or nested; `structure` says how they belong together.

    A column without a name of its own is named by its position: "0", "1", and "num/0" within "num".

    Args:
        columns: dict of name -> column.
        structure: dicts and tuples whose leaves are these names.

    Example:
        >>> from fairkit.inputs import NestedInputs, as_given
        >>> as_given(NestedInputs({"0": [1], "1": [2]}, ("0", "1")))
        ([1], [2])
    """

    def __init__(self, columns, structure):
        super().__init__(columns)
        self.structure = structure


def columns_of(inputs, length, column):
    """Several inputs as one flat dict of columns; None where the inputs are one column.

    A tuple or list holds columns where each of its parts has `length` values. Where there are as many parts as values,
    a list holds rows, and a tuple of arrays holds columns.

    Args:
        inputs: what a user gives as inputs.
        length: the number of examples.
        column: function of a leaf and its name that makes a column.

    Returns:
        A dict, which is `NestedInputs` for tuples and nested inputs; or None.

    Raises:
        FairkitError: for two columns of one name.

    Example:
        >>> import numpy as np
        >>> from fairkit.inputs import columns_of
        >>> columns_of(([1, 2, 3], [4, 5, 6]), 3, lambda part, name: np.asarray(part))
        {'0': array([1, 2, 3]), '1': array([4, 5, 6])}
    """
    if isinstance(inputs, NestedInputs):
        return with_columns(inputs, {name: column(part, name) for name, part in inputs.items()})
    if not isinstance(inputs, Mapping) and not _are_columns(inputs, length):
        return None
    columns = {}
    structure = _structure(inputs, length, column, "", columns)
    flat = isinstance(structure, dict) and all(name is key for key, name in structure.items())
    return columns if flat else NestedInputs(columns, structure)


def with_columns(inputs, columns):
    """Other columns in the place of a dict's own: the same names, and the same structure."""
    return NestedInputs(columns, inputs.structure) if isinstance(inputs, NestedInputs) else columns


def as_given(inputs):
    """Inputs in the structure that a model takes: a column, a dict, a tuple, or these nested."""
    return _filled(inputs.structure, inputs) if isinstance(inputs, NestedInputs) else inputs


def structure_of(plain):
    """The structure of `NestedInputs` out of JSON, in which tuples have become lists.

    Example:
        >>> from fairkit.inputs import structure_of
        >>> structure_of({"money": ["income", "debt"], "age": "age"})
        {'money': ('income', 'debt'), 'age': 'age'}
    """
    if isinstance(plain, dict):
        return {key: structure_of(part) for key, part in plain.items()}
    return tuple(map(structure_of, plain)) if isinstance(plain, list) else plain


def _filled(structure, columns):
    if isinstance(structure, Mapping):
        return {key: _filled(part, columns) for key, part in structure.items()}
    if isinstance(structure, tuple):
        return tuple(_filled(part, columns) for part in structure)
    return columns[structure]


def _structure(part, length, column, path, columns):
    """The names of the columns in the structure of `part`; the columns are put into `columns`."""
    inside = f"{path}/" if path else ""
    if isinstance(part, Mapping):
        return {key: _structure(value, length, column, f"{inside}{key}" if inside else key, columns)
                for key, value in _named(part).items()}
    if _are_columns(part, length):
        return tuple(_structure(value, length, column, f"{inside}{at}", columns) for at, value in enumerate(part))
    if path in columns:
        raise FairkitError(f"two inputs are called {quote(path)}", "each name once",
                           "a nested input and another of its name")
    columns[path] = column(part, path)
    return path


def _named(part):
    """A dict with the names of columns as texts."""
    texts = {column_text(key): value for key, value in part.items()}
    if len(texts) < len(part):
        raise FairkitError("several inputs bear one name", "each name once", quote(list(part)))
    return texts


def _are_columns(part, length):
    """Whether a tuple or list holds columns, and not rows; of as many parts as rows only a tuple of arrays does."""
    if not isinstance(part, (tuple, list)) or not part or not all(_is_column(one, length) for one in part):
        return False
    return len(part) != length or (isinstance(part, tuple) and not any(isinstance(one, list) for one in part))


def _is_column(one, length):
    if isinstance(one, Mapping):
        return True
    if isinstance(one, tuple):
        return _are_columns(one, length)
    shape = getattr(one, "shape", None)
    if shape is None:
        return hasattr(one, "__len__") and not isinstance(one, (str, bytes)) and len(one) == length
    return len(shape) > 0 and shape[0] == length
