"""Atoms: the joint values of all slice features; each example is in exactly one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["Atoms", "atoms_of"]

_CHUNK = 1 << 16  # rows whose scratch arrays stay in the processor's cache
_SPAN = 1 << 22  # joint values up to here are told apart by a table, beyond it by sorting


@dataclass(frozen=True)
class Atoms:
    """The joint values that occur.

    Attributes:
        features: names, alphabetically.
        cells: for each atom a tuple over features of tuples of value texts: one, several, or none.
    """

    features: tuple
    cells: tuple

    def __len__(self):
        return len(self.cells)

    def rows_of(self, features):
        """The positions of the given features in `features`."""
        return [self.features.index(feature) for feature in features]

    def values_of(self, feature):
        """The distinct value texts of a feature, sorted."""
        row = self.features.index(feature)
        return sorted({text for cells in self.cells for text in cells[row]})

    @cached_property
    def _positions(self):
        return {cells: position for position, cells in enumerate(self.cells)}

    def positions_of(self, other):
        """Where the atoms of `other`, all of which are among these, stand here: (len(other),) integers."""
        return np.array([self._positions[cells] for cells in other.cells], np.int64)


def atoms_of(columns, length):
    """The atoms of n examples, and which atom each example is in.

    Args:
        columns: dict of feature -> dictionary-encoded column: `codes` (n, integers) into `cells` (tuples of values).
        length: n, for the case that there are no columns.

    Returns:
        (Atoms, codes): codes is (n,) integers from 0 to the number of atoms - 1, of the smallest type that holds them.
    """
    features = tuple(sorted(columns))
    joint, kept = np.zeros(length, np.uint8), np.zeros((1 if length else 0, 0), np.int64)
    pending = []
    for feature in features:
        pending.append(columns[feature])
        if _span(pending, kept) > _SPAN and len(pending) > 1:
            joint, kept = _joined(pending[:-1], joint, kept)
            pending = pending[-1:]
    if pending:
        joint, kept = _joined(pending, joint, kept)
    texts = [[tuple(map(str, cell)) for cell in columns[feature].cells] for feature in features]
    return Atoms(features, tuple(tuple(texts[f][code] for f, code in enumerate(row)) for row in kept.tolist())), joint


def _span(columns, kept):
    return max(len(kept), 1) * int(np.prod([max(len(column.cells), 1) for column in columns], dtype=object))


def _joined(columns, joint, kept):
    """Crosses the joint values so far with some columns and renumbers them so that only those that occur are left.

    `kept` has for each joint value its cell code in each feature so far. Goes chunk by chunk, so that wide integers
    are never held for all rows.
    """
    span = _span(columns, kept)
    if span > max(_SPAN, 4 * len(joint)):
        return _joined_by_sorting(columns, joint, kept)
    crossed, present = np.empty(len(joint), np.min_scalar_type(span)), np.zeros(span, bool)
    for start in range(0, len(joint), _CHUNK):
        rows = slice(start, start + _CHUNK)
        code = joint[rows].astype(np.int64)
        for column in columns:
            code *= max(len(column.cells), 1)
            code += column.codes[rows]
        crossed[rows] = code
        present[code] = True
    distinct = np.flatnonzero(present)
    if len(distinct) < span:
        renumber = (np.cumsum(present) - 1).astype(crossed.dtype)
        for start in range(0, len(joint), _CHUNK):
            rows = slice(start, start + _CHUNK)
            crossed[rows] = renumber[crossed[rows]]
    smallest = np.min_scalar_type(max(len(distinct) - 1, 0))
    return crossed.astype(smallest, copy=False), _split(distinct, columns, kept)


def _joined_by_sorting(columns, joint, kept):
    for column in columns:
        size = max(len(column.cells), 1)
        distinct, joint = np.unique(joint.astype(np.int64) * size + column.codes, return_inverse=True)
        kept = _split(distinct, [column], kept)
    return joint.reshape(-1).astype(np.min_scalar_type(max(len(kept) - 1, 0))), kept


def _split(distinct, columns, kept):
    """The cell codes, a column a feature, of joint codes."""
    codes = []
    for column in reversed(columns):
        distinct, code = np.divmod(distinct, max(len(column.cells), 1))
        codes.append(code)
    return np.column_stack([kept[distinct], *reversed(codes)])
