"""Group columns: which groups each example belongs to, dictionary-encoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fairkit.arguments import python_value
from fairkit.encoding import encoded, renumbered
from fairkit.errors import FairkitError, nearest, quote

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
    integers of any type) says which of them each example has. Values keep their type; they are compared by their
    text, so that `8` and `"8"` name the same group.
    """

    def __init__(self, codes, cells):
        self.codes = codes
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
        return sorted({v for c in np.flatnonzero(self.present) for v in self.cells[c]}, key=_sort_key)

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
            several = isinstance(condition, (list, tuple, set, frozenset, np.ndarray))
            wanted = self._known(name, condition if several else [condition])
            hit = [any(str(v) in wanted for v in cell) for cell in self.cells]
        return np.asarray(hit, bool)[self.codes]

    def _known(self, name, values):
        known = {str(v) for v in self.values}
        for value in values:
            if str(value) not in known:
                raise FairkitError(f"no example has {name} = {str(value)!r}",
                                   nearest(value, sorted(known)), quote(value))
        return {str(v) for v in values}


def encode_groups(groups, length):
    """Encodes a mapping (or DataFrame) of group columns, each of the given length."""
    if hasattr(groups, "column_names"):  # an Arrow table
        groups = {name: groups[name] for name in groups.column_names}
    if not (isinstance(groups, Mapping) or hasattr(groups, "columns")):
        raise FairkitError("groups are not columns", "a dict of name -> column, or a DataFrame", type(groups).__name__)
    columns = {}
    for name in groups:
        if not isinstance(name, str) or not name:
            raise FairkitError("a group column has no proper name", "a text that is not empty", quote(name))
        column = columns[str(name)] = GroupColumn.encode(name, groups[name])
        if len(column) != length:
            raise FairkitError(f"group column {quote(name)} has another length than the labels", f"{length} cells",
                               len(column))
    return columns


def select(groups, where):
    """A boolean array: which examples meet the conditions on all the columns that `where` names."""
    if not isinstance(where, Mapping) or not where:
        raise FairkitError("a group is named by columns and values", "a dict such as {'color': 'orange'}", quote(where))
    mask = None
    for name, condition in where.items():
        if name not in groups:
            raise FairkitError(f"no group column {quote(name)}", nearest(name, groups), quote(name))
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
    names = [by] if isinstance(by, str) else by
    if not isinstance(names, (list, tuple)) or not names or not all(isinstance(name, str) for name in names):
        others = "".join(f" {quote(name)}," for name in also)
        raise FairkitError("by names no group column", f"a group column,{others} or a list of these", quote(by))
    for name in names if known is not None else ():
        if name not in known and name not in also:
            raise FairkitError(f"no group column {quote(name)} {purpose}", nearest(name, [*known, *also]), quote(name))
    if len(set(names)) < len(names):
        raise FairkitError("by names a column twice", "each column once", quote(by))
    return [str(name) for name in names]


def _cell(name, raw):
    """The tuple of values of one raw cell: sorted, each value once, without the many ways of writing nothing."""
    values = raw if isinstance(raw, tuple) else (raw,)
    kept = {}
    for value in values:
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if value is None or value != value or type(value).__name__ == "NAType":
            continue
        if not isinstance(value, (str, int, float, bool)):
            raise FairkitError(f"a cell of group column {quote(name)} is no group",
                               "texts, numbers or booleans; others by .astype(str)", quote(value))
        kept.setdefault(str(value), value)
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
