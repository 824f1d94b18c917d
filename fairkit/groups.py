"""Group columns: which groups each example belongs to, dictionary-encoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fairkit.arguments import python_value
from fairkit.column_names import column_text, is_name, known_column, names_in
from fairkit.encoding import encoded, renumbered
from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import known_name, plain_value, values_in
from fairkit.handed_out import read_only

__all__ = ["GroupColumn", "Only", "encode_groups", "group_names", "only", "select"]


@dataclass(frozen=True)
class Only:
    """Condition that a cell holds exactly these values; made by `only`."""

    values: tuple


def only(*values):
    """Matches cells that hold exactly the given values and no other.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1], groups={"religion": [["christian"], ["christian", "muslim"]]})
        >>> len(examples.where({"religion": "christian"}))
        2
        >>> len(examples.where({"religion": fairkit.only("christian")}))
        1
    """
    return Only(tuple(map(python_value, values)))


class GroupColumn:
    """One group feature of n examples.

    A cell holds one value, several, or nothing. `cells` are the distinct cells (tuples of values), and `codes` (n,
    integers of any type) says which of them each example has. Values are texts, whole numbers, other numbers or truth
    values, as `fairkit.group_values` says, and are compared by their names, so that `8`, `8.0` and `"8"` are one group.
    """

    def __init__(self, codes, cells):
        self.codes = read_only(codes)
        self.cells = cells

    @classmethod
    def encode(cls, name, column):
        """Encodes an array, a list, or a pandas or Arrow column; raises `FairkitError` for cells that are no groups."""
        if isinstance(column, GroupColumn):
            return column
        codes, raw = encoded(name, column)
        return cls(*_merge_equal([_cell(name, cell) for cell in raw], codes))

    def __len__(self):
        return len(self.codes)

    def __repr__(self):
        return f"GroupColumn({len(self)} examples, values {self.values})"

    @property
    def values(self):
        """The distinct values that occur in any cell, in the order of their texts."""
        by_name = {str(v): v for c in np.flatnonzero(self.present) for v in self.cells[c]}   # True is not 1
        return sorted(by_name.values(), key=_sort_key)

    @cached_property
    def present(self):
        """(cells,) booleans: which of `cells` occur."""
        found = np.zeros(len(self.cells), bool)
        for start in range(0, len(self.codes), 1 << 16):
            found[self.codes[start:start + (1 << 16)]] = True
        return found

    def to_list(self):
        """The cells as a list: None for nothing, the value for one, a tuple for several."""
        shown = [None if not c else c[0] if len(c) == 1 else c for c in self.cells]
        return [shown[code] for code in self.codes]

    def take(self, index):
        return GroupColumn(self.codes[index], self.cells)

    def match(self, name, condition):
        """A boolean array (n,): which cells meet a condition (a value, a list of values, `only(...)`, a predicate)."""
        if callable(condition):
            hit = [any(bool(condition(v)) for v in cell) for cell in self.cells]
        elif isinstance(condition, Only):
            wanted = self._known(name, condition.values)
            hit = [{str(v) for v in cell} == wanted for cell in self.cells]
        else:
            wanted = self._known(name, values_in(condition))
            hit = [any(str(v) in wanted for v in cell) for cell in self.cells]
        return np.asarray(hit, bool)[self.codes]

    def _known(self, name, values):
        known = {str(v) for v in self.values}
        names = {known_name(value, known, name): value for value in values}
        for other, value in names.items():
            if other not in known:
                raise FairkitError(f"no example has {name} = {quote(other)}", nearest(other, sorted(known)),
                                   quote(value))
        return set(names)


def encode_groups(groups, length):
    """Encodes a mapping (or DataFrame) of group columns, each of the given length."""
    if hasattr(groups, "column_names"):  # an Arrow table
        groups = {name: groups[name] for name in groups.column_names}
    if not (isinstance(groups, Mapping) or hasattr(groups, "columns")):
        raise FairkitError("groups are not columns", "a dict of name -> column, or a DataFrame", type(groups).__name__)
    columns = {}
    for given in groups:
        name = column_text(given)
        if name in columns:
            raise FairkitError(f"several group columns are called {quote(name)}", "each name once", quote(given))
        column = columns[name] = GroupColumn.encode(name, groups[given])
        if len(column) != length:
            raise FairkitError(f"group column {quote(name)} has another length than the labels", f"{length} cells",
                               len(column))
    return columns


def select(groups, where):
    """A boolean array: which examples meet the conditions on all the columns that `where` names."""
    if not isinstance(where, Mapping) or not where:
        raise FairkitError("a group is named by columns and values", "a dict such as {'color': 'orange'}", quote(where))
    mask = None
    for given, condition in where.items():
        name = known_column(given, groups, "group column")
        hit = groups[name].match(name, condition)
        mask = hit if mask is None else mask & hit
    return mask


def group_names(by, purpose="", known=None, also=()):
    """What an argument `by` names, as a list of distinct names.

    Args:
        by: a name, or a list or tuple of names.
        purpose: what the groups are for, in messages: "to weight by".
        known: the group columns that there are; None does not look.
        also: further names that will do.

    Example:
        >>> from fairkit.groups import group_names
        >>> group_names("color", "to balance by", known={"color": ...}, also=["label"])
        ['color']
    """
    names = names_in(by, known or ())
    if not names or not all(map(is_name, names)):
        others = "".join(f" {quote(name)}," for name in also)
        raise FairkitError("by names no group column", f"a group column,{others} or a list of these", quote(by))
    names = [column_text(name) if known is None else known_column(name, [*known, *also], "group column", purpose)
             for name in names]
    if len(set(names)) < len(names):
        raise FairkitError("by names a column twice", "each column once", quote(by))
    return names


def _cell(name, raw):
    """The tuple of values of one raw cell: sorted, each value once, without the many ways of writing nothing."""
    wrong = f"a cell of group column {quote(name)} is no group"
    if not isinstance(raw, tuple):
        value = plain_value(raw, wrong)
        return () if value is None else (value,)
    kept = {str(value): value for value in (plain_value(part, wrong) for part in reversed(raw)) if value is not None}
    return tuple(kept[text] for text in sorted(kept))


def _merge_equal(cells, codes):
    """Gives cells that are equal after cleaning one code, in the smallest type; the code -1 becomes nothing."""
    distinct = {}
    cells = [*cells, ()] if len(codes) and codes.min() < 0 else cells
    new = [distinct.setdefault(tuple(map(str, cell)), (len(distinct), cell))[0] for cell in cells]
    table = np.array(new, np.min_scalar_type(max(len(distinct) - 1, 0)))
    return renumbered(codes, table), tuple(cell for _, cell in distinct.values())


def _sort_key(value):
    return (isinstance(value, str), value if not isinstance(value, str) else 0, str(value))
