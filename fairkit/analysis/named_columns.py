"""The columns of examples or of a frame by name, as groups or as numbers."""

from collections.abc import Mapping

import numpy as np

from fairkit.arguments import is_number
from fairkit.column_names import column_text, is_name, known_column, names_in
from fairkit.counts.atoms import atoms_of
from fairkit.encoding import encoded
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.group_values import in_own_precision
from fairkit.groups import GroupColumn
from fairkit.numeric_groups import Bins
from fairkit.tables import is_frame

__all__ = ["NamedColumns", "group_codes", "named_cuts"]


class NamedColumns:
    """Columns to look at.

    Of `Examples` they are the group columns, "label" (unless a group column bears that name) and the parts of a dict of
    inputs that hold one number or text an example; of a frame, or a dict of arrays, its columns.

    Attributes:
        data: what was given, as a pandas frame where it is another kind of table.
        names: the names, in order.
        weights: (n,) float64, or None.
    """

    def __init__(self, data):
        self.weights = None
        self._groups = {}
        if isinstance(data, Examples):
            self.data, self.weights, self._length = data, data.weights, len(data)
            self._raw = {"label": data.labels} | {
                name: part for name, part in (data.inputs.items() if isinstance(data.inputs, Mapping) else ())
                if len(getattr(part, "shape", ())) == 1}
            self._raw = {name: part for name, part in self._raw.items() if name not in data.groups}
            self._groups.update(data.groups)
            self.names = [*data.groups, *self._raw]
        elif is_frame(data):
            self.data = data if hasattr(data, "iloc") else data.to_pandas()
            self.names = list(map(column_text, self.data.columns))
            if len(set(self.names)) < len(self.names):
                twice = sorted({name for name in self.names if self.names.count(name) > 1})
                raise FairkitError("several columns bear one name", "each name once", ", ".join(map(quote, twice)))
            self._length = len(self.data)
            self._raw = {name: self.data.iloc[:, k] for k, name in enumerate(self.names)}
        else:
            raise FairkitError("only examples and frames have columns to look at", "fairkit.Examples, or a DataFrame",
                               type(data).__name__)

    def __len__(self):
        return self._length

    @property
    def kind(self):
        return "group column" if self.of_examples else "column"

    @property
    def of_examples(self):
        return isinstance(self.data, Examples)

    def check(self, name, purpose=""):
        """The name as a text; raises `FairkitError` for a column that is not there."""
        return known_column(name, self.names, self.kind, purpose)

    def group(self, name, cut=None):
        """The column as a `GroupColumn`, with its numbers cut where `cut` (`Bins`) is given."""
        if cut is not None:
            values = self.number(name)
            if values is None:
                return cut.cut(name, self.group(name))[0]  # which says what is no number
            return _cut(name, values, cut)
        if name not in self._groups:
            raw = self._raw[name]
            if self.of_examples and name != "label" and getattr(raw, "dtype", np.dtype(object)).kind == "O":
                raw = np.array([None if cell == "" else cell for cell in raw], object)  # as inputs are kept: missing
            self._groups[name] = GroupColumn.encode(name, raw)
        return self._groups[name]

    def number(self, name):
        """(n,) float64 with NaN for nothing, or None where the column holds something else than numbers."""
        if name in self._raw and str(getattr(self._raw[name], "dtype", "")) != "object":
            kind = getattr(getattr(self._raw[name], "dtype", None), "kind", "O")
            if kind in "iuf":
                column = self._raw[name]
                kind = getattr(column.dtype, "numpy_dtype", column.dtype)   # of pandas' nullable numbers
                if kind.kind == "f":
                    column = column if isinstance(column, np.ndarray) else column.to_numpy(kind, na_value=np.nan)
                    return in_own_precision(column)
                return column.astype(np.float64) if isinstance(column, np.ndarray) else column.to_numpy(
                    np.float64, na_value=np.nan)
        column = self.group(name)
        present = [cell for cell, there in zip(column.cells, column.present) if there]
        if not all(len(cell) <= 1 and all(map(is_number, cell)) for cell in present) or not any(present):
            return None
        table = np.array([float(cell[0]) if len(cell) == 1 and is_number(cell[0]) else np.nan
                          for cell in column.cells])
        return table[column.codes] if len(table) else np.full(len(self), np.nan)

    def is_class_label(self, name):
        """Whether a column is the class ids, or names, of examples: no numbers to be cut or to take means of."""
        return self.of_examples and name == "label" and name in self._raw and (
            self._raw[name].dtype.kind != "f" or bool((self._raw[name] == np.floor(self._raw[name])).all()))

    def take(self, positions):
        """The examples, or the rows of the frame, at some positions: of the same kind as `data`."""
        return self.data.take(positions) if self.of_examples else self.data.iloc[positions]


def named_cuts(by, columns, purpose):
    """dict of column -> `Bins` or None, of an argument that names columns.

    Args:
        by: a name, a dict such as {"age": fairkit.bins(18, 65)}, or a list or tuple of these.
        columns: `NamedColumns`.
        purpose: what they are for, in messages: "to balance by".

    Raises:
        FairkitError: where it names none, one twice, or one that is not there.
    """
    given, kind = [by] if isinstance(by, Mapping) else names_in(by, columns.names), columns.kind
    expected = "a column, a dict such as {'age': fairkit.bins(18, 65)}, or a list of these"
    if by is None or not given:
        raise FairkitError(f"by names no {kind}", expected, quote(by))
    found = {}
    for part in given:
        named = {part: None} if is_name(part) else part
        if not isinstance(named, Mapping) or not all(cut is None or isinstance(cut, Bins) for cut in named.values()):
            raise FairkitError(f"by names no {kind}", expected, quote(part))
        for name, cut in named.items():
            name = columns.check(name, purpose)
            if name in found:
                raise FairkitError("by names a column twice", "each column once", quote(name))
            found[name] = cut
    return found


def group_codes(columns, cuts):
    """The groups that the crosses of some columns make.

    Args:
        columns: `NamedColumns`.
        cuts: dict of name -> `Bins` or None, as `named_cuts` gives it.

    Returns:
        (cells, codes, sizes): a list of the distinct cells, each a tuple over the columns of tuples of value texts;
        (n,) integers that say which of them an example has; and (cells,) how many have it.
    """
    names = list(cuts)
    atoms, codes = atoms_of({name: columns.group(name, cut) for name, cut in cuts.items()}, len(columns))
    rows = atoms.rows_of(names)
    cells = [tuple(atom[row] for row in rows) for atom in atoms.cells]
    return cells, codes, np.bincount(codes, minlength=len(cells))


def _cut(name, values, cut):
    """Numbers in bins, without a look at each distinct one where the edges are known."""
    if not cut.edges:
        codes, distinct = encoded(name, values)
        return cut.cut(name, GroupColumn(*_with_nothing(codes, [(value,) for value in distinct])))[0]
    inside = [(float(np.nextafter(cut.edges[0], -np.inf)),), *((edge,) for edge in cut.edges)]
    codes = np.where(np.isnan(values), -1, np.searchsorted(cut.edges, values, side="right"))
    return cut.cut(name, GroupColumn(*_with_nothing(codes, inside)))[0]


def _with_nothing(codes, cells):
    """(codes, cells) where the code -1 is the last cell, which is empty."""
    return np.where(codes < 0, len(cells), codes), (*cells, ())
