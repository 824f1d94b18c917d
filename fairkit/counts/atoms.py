"""Atoms: the joint values of all slice features; each example is in exactly one."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Atoms", "atoms_of"]


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


def atoms_of(columns, length):
    """The atoms of n examples, and which atom each example is in.

    Args:
        columns: dict of feature -> dictionary-encoded column: `codes` (n, integers) into `cells` (tuples of values).
        length: n, for the case that there are no columns.

    Returns:
        (Atoms, codes): codes is (n,) integers from 0 to the number of atoms - 1.
    """
    features = tuple(sorted(columns))
    joint, sizes = np.zeros(length, np.int64), []
    kept = np.zeros((1, 0), np.int64)  # for each atom so far, its cell code in each feature so far
    for feature in features:
        column = columns[feature]
        size = max(len(column.cells), 1)
        joint, kept = _compact(joint * size + column.codes, size, kept)
        sizes.append(size)
    texts = [[tuple(map(str, cell)) for cell in columns[feature].cells] for feature in features]
    cells = tuple(tuple(texts[f][code] for f, code in enumerate(row)) for row in kept.tolist())
    return Atoms(features, cells if length else ()), joint


def _compact(joint, size, kept):
    """Renumbers joint codes so that only those that occur are left, in order."""
    span = len(kept) * size
    if span <= max(4 * len(joint), 1024):
        present = np.zeros(span, bool)
        present[joint] = True
        distinct = np.flatnonzero(present)
        renumber = np.cumsum(present) - 1
        joint = renumber[joint]
    else:
        distinct, joint = np.unique(joint, return_inverse=True)
    return joint.reshape(-1), np.column_stack([kept[distinct // size], distinct % size])
