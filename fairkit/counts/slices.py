"""Slices: sets of atoms, named as in TFMA's board."""

import itertools
import math

import numpy as np

__all__ = ["OVERALL", "atoms_in", "membership", "slice_keys", "slice_name"]

OVERALL = ()
"""The key of the slice that holds every example. A key is a tuple of (feature, value text), sorted by feature."""


def slice_name(key):
    """The name of one slice, as `tensorflow_model_analysis.slicer.stringify_slice_key` writes it.

    Args:
        key: a tuple of (feature, value text) pairs, sorted by feature; () is the whole data.

    Example:
        >>> import fairkit
        >>> from fairkit.counts.slices import slice_name
        >>> slice_name(()), slice_name((("color", "blue"), ("digit", "8")))
        ('Overall', 'color_X_digit:blue_X_8')
    """
    if not key:
        return "Overall"
    return "_X_".join(feature for feature, _ in key) + ":" + "_X_".join(value for _, value in key)


def slice_keys(atoms, spec):
    """The keys of one slice specification, in order, with the atoms of each.

    Args:
        atoms: `Atoms`.
        spec: a tuple of (feature, values): values is None for every value that occurs, or the texts that are wanted.

    Returns:
        dict of key -> list of atom positions. An example with several values of a feature is in several slices, one
        with none in no slice of that feature.
    """
    if not spec:
        return {OVERALL: list(range(len(atoms)))}
    rows = atoms.rows_of([feature for feature, _ in spec])
    alike = {}  # atoms with the same cells of these features are in the same slices
    for position, cells in enumerate(zip(*([cells[row] for cells in atoms.cells] for row in rows), strict=True)):
        alike.setdefault(cells, []).append(position)
    found = {}
    for cells, positions in alike.items():
        parts = [[(feature, text) for text in cell if wanted is None or text in wanted]
                 for cell, (feature, wanted) in zip(cells, spec, strict=True)]
        for key in itertools.product(*parts):
            found.setdefault(key, []).extend(positions)
    return dict(sorted(found.items(), key=lambda item: [_order(text) for _, text in item[0]]))


def _order(text):
    """Numbers by size and before texts; bins ("< 18", "[18, 65)", ">= 65") from the lowest to the highest."""
    if text[:1] in "<[>" and text:
        ends = {"<": -math.inf, ">": math.inf}
        return 2, ends.get(text[0]) or _number(text[1:].split(",")[0]), text
    number = _number(text)
    return (1, 0.0, text) if math.isnan(number) else (0, number, text)


def _number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


def membership(atoms, specs):
    """All slices of several specifications: (keys, matrix), overall first, each slice once.

    The matrix is (slices, atoms) of booleans.
    """
    found = {OVERALL: list(range(len(atoms)))}
    for spec in specs:
        for key, positions in slice_keys(atoms, spec).items():
            found.setdefault(key, positions)
    matrix = np.zeros((len(found), len(atoms)), bool)
    for row, positions in enumerate(found.values()):
        matrix[row, positions] = True
    return list(found), matrix


def atoms_in(atoms, key):
    """(atoms,) booleans: which atoms are in the slice of a key."""
    rows = atoms.rows_of([feature for feature, _ in key])
    return np.array([all(text in cells[row] for row, (_, text) in zip(rows, key, strict=True))
                     for cells in atoms.cells], bool)
