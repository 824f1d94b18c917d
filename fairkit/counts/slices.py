"""Slices: sets of atoms, named as in TFMA's board."""

import itertools
import math

import numpy as np

from fairkit.counts.atom_sets import AtomSets

__all__ = ["OVERALL", "atoms_in", "membership", "sets_of", "slice_keys", "slice_name"]

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
    found = _atoms_by_key(atoms, spec)
    order = {pair: _order(pair[1]) for pair in {pair for key in found for pair in key}}
    return dict(sorted(found.items(), key=lambda item: [order[pair] for pair in item[0]]))


def _atoms_by_key(atoms, spec):
    """`slice_keys` in no order."""
    if not spec:
        return {OVERALL: list(range(len(atoms)))}
    rows = atoms.rows_of([feature for feature, _ in spec])
    alike = {}  # atoms with the same cells of these features are in the same slices
    for position, cells in enumerate(zip(*([cells[row] for cells in atoms.cells] for row in rows), strict=True)):
        alike.setdefault(cells, []).append(position)
    pairs = [{cell: [(feature, text) for text in cell if wanted is None or text in wanted] for cell in {*column}}
             for (feature, wanted), column in zip(spec, zip(*alike, strict=True), strict=True)] if alike else []
    found = {}
    for cells, positions in alike.items():
        for key in itertools.product(*(of_cell[cell] for of_cell, cell in zip(pairs, cells, strict=True))):
            found.setdefault(key, []).extend(positions)
    return found


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
    """All slices of several specifications: (keys, `AtomSets`), overall first, each slice once."""
    found = {OVERALL: list(range(len(atoms)))}
    for spec in specs:
        for key, positions in slice_keys(atoms, spec).items():
            found.setdefault(key, positions)
    return list(found), AtomSets.of(list(found.values()), len(atoms))


def sets_of(atoms, keys):
    """The atoms of each key's slice, as `AtomSets`; none for values that do not occur, and for a key that is None."""
    texts = {}
    for key in filter(None, keys):
        values = texts.setdefault(tuple(name for name, _ in key), [set() for _ in key])
        for (_, text), known in zip(key, values, strict=True):
            known.add(text)
    found = {OVERALL: range(len(atoms))}
    for features, values in texts.items():
        found |= _atoms_by_key(atoms, tuple(zip(features, values, strict=True)))
    return AtomSets.of([found.get(key, ()) for key in keys], len(atoms))


def atoms_in(atoms, key):
    """(atoms,) booleans: which atoms are in the slice of a key."""
    rows = atoms.rows_of([feature for feature, _ in key])
    return np.array([all(text in cells[row] for row, (_, text) in zip(rows, key, strict=True))
                     for cells in atoms.cells], bool)
