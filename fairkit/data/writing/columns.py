"""The columns that examples become, each under a name of its own."""

from collections.abc import Mapping

import numpy as np

from fairkit.data.image_files import ImageFiles
from fairkit.data.writing.array_columns import ArrayColumn, ImageColumn, is_image
from fairkit.data.writing.group_columns import GroupCells
from fairkit.data.writing.plain_columns import NumberColumn, TextColumn, is_utf8
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.groups import GroupColumn
from fairkit.texts import Texts

__all__ = ["columns_of", "rows_a_chunk"]

_CHUNK_BYTES = 1 << 23
_CHUNK_ROWS = 1 << 15


def columns_of(examples, inputs="input", label="label", weight="weight", id="id"):
    """The columns of a file of examples: inputs, label, groups, weight, id, as far as there are any.

    Args:
        examples: `Examples`, one or more.
        inputs: the name of the column of inputs; a dict of inputs keeps its own names, and a dict of its name -> column
            changes them.
        label, weight, id: the names of these columns.

    Raises:
        FairkitError: for two columns of one name (but one of a dict of inputs and a group column whose cells are equal
            become one column), and for inputs, labels or ids that are no texts, numbers or arrays.
    """
    if not isinstance(examples, Examples):
        raise FairkitError("only examples are written", "fairkit.Examples", type(examples).__name__)
    if len(examples) == 0:
        raise FairkitError("there are no examples to write", "at least one example", 0)
    fed = _named_inputs(examples.inputs, inputs)
    columns = [_column(name, "inputs", values) for name, values in fed.items()]
    columns.append(_column(label, "labels", _whole(examples.labels)))
    columns += [GroupCells(name, column) for name, column in examples.groups.items()
                if not (isinstance(examples.inputs, Mapping) and name in fed and _is_same(column, fed[name]))]
    if examples.weights is not None:
        columns.append(_column(weight, "weights", examples.weights))
    if examples.given_ids is not None:
        columns.append(_column(id, "ids", examples.given_ids))
    _refuse_equal_names(columns, isinstance(examples.inputs, Mapping))
    return columns


def rows_a_chunk(columns):
    """How many rows are written at a time."""
    return max(1, min(_CHUNK_ROWS, _CHUNK_BYTES // sum(column.row_bytes for column in columns)))


def _named_inputs(fed, inputs):
    if fed is None:
        return {}
    if not isinstance(fed, Mapping):
        if not isinstance(inputs, str):
            raise FairkitError("the inputs are one column", "its name, such as inputs='input'", quote(inputs))
        return {inputs: fed}
    renamed = inputs if isinstance(inputs, Mapping) else {}
    for name in renamed:
        if name not in fed:
            raise FairkitError(f"no input {quote(name)}", nearest(name, fed), quote(name))
    names = [renamed.get(name, name) for name in fed]
    for name in names:
        if names.count(name) > 1:
            raise FairkitError("two inputs would be written to one column", "a column for each", quote(name))
    return dict(zip(names, fed.values()))


def _column(name, what, values):
    if isinstance(values, Texts):
        return TextColumn(name, what, values)
    if isinstance(values, ImageFiles):
        return ImageColumn(name, what, values, values.shape[1:], from_files=True)
    first = np.asarray(values[:1] if isinstance(values, np.ndarray) else values[np.arange(1)])
    if first.dtype.kind == "U" or (first.dtype.kind == "O" and first.ndim == 1 and isinstance(first[0], str)):
        return TextColumn(name, what, values)
    if first.dtype.kind not in "biuf" or first.dtype.itemsize > 8:
        shown = quote(first.reshape(-1)[0]) if first.size and first.dtype.kind == "O" else f"type {first.dtype}"
        raise FairkitError(f"the {what} of column {quote(name)} cannot be written",
                           "texts, numbers, or arrays of numbers",
                           f"{shown:.80} in row 0")
    if first.ndim == 1:
        return NumberColumn(name, what, values, first.dtype)
    if is_image(first.shape[1:], first.dtype):
        return ImageColumn(name, what, values, first.shape[1:])
    return ArrayColumn(name, what, values, first.shape[1:], first.dtype)


def _whole(labels):
    """Labels as integers, where they are booleans or whole numbers."""
    if labels.dtype.kind == "f":   # in 64 bits: those of 16 do not reach 2^53
        wide = labels.astype(np.float64)
        return labels.astype(np.int64) if np.all((np.abs(wide) < 2**53) & (wide == np.floor(wide))) else labels
    return labels.astype(np.int64) if labels.dtype.kind == "b" else labels


_WAYS_OUT = {"labels": "label='y'", "weights": "weight='sample_weight'", "ids": "id='row_id'"}


def _refuse_equal_names(columns, several_inputs):
    seen = {}
    for column in columns:
        if not isinstance(column.name, str) or not column.name or not is_utf8(column.name):
            raise FairkitError(f"the column of {column.what} has no proper name", "a text that is not empty",
                               quote(column.name))
        other = seen.setdefault(column.name, column)
        if other is not column:
            renamed = column if column.what != "groups" else other
            way = _WAYS_OUT.get(renamed.what) or \
                (f"inputs={({column.name: column.name + '_input'})}" if several_inputs else "inputs='features'")
            raise FairkitError(f"the {other.what} and the {column.what} would both be written to column "
                               f"{quote(column.name)}", f"another name for one of them, such as {way}",
                               quote(column.name))


def _is_same(group, values):
    """Whether a group column holds just the texts or numbers that an input does: then one column serves for both."""
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "biufUO":
        return False
    other = GroupColumn.encode("inputs", values)
    place = {tuple(map(str, cell)): code for code, cell in enumerate(other.cells)}
    places = np.array([place.get(tuple(map(str, cell)), -1) for cell in group.cells], np.int64)
    return np.array_equal(places[group.codes], other.codes)
