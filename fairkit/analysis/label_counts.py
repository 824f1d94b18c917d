"""Examples by slice and label, counted in one pass over the rows for each way of slicing."""

import numbers
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairkit.counts.atoms import atoms_of
from fairkit.counts.slices import OVERALL, slice_keys
from fairkit.errors import FairkitError

__all__ = ["Labels", "counts_by_slice"]

_MOST_CLASSES = 1000
_CHUNK = 1 << 16  # rows whose scratch arrays stay in the processor's cache


@dataclass(frozen=True)
class Labels:
    """Labels as codes.

    Attributes:
        codes: (n,) integers: positions in `values`.
        values: the classes; (0, 1) for a binary task even where one of them does not occur.
    """

    codes: np.ndarray
    values: tuple

    @property
    def binary(self):
        """Whether 1 is the positive class; of other labels each is judged against the rest."""
        return self.values == (0, 1)

    @classmethod
    def encode(cls, labels):
        """Encodes an array of class ids or class names; raises `FairkitError` for labels that are no classes."""
        _refuse_missing(labels)
        if labels.dtype.kind == "O":
            numeric = all(isinstance(label, numbers.Real) for label in labels)
            labels = np.array(labels.tolist()) if numeric else labels.astype(str)
        if labels.dtype.kind in "biuf" and ((labels == 0) | (labels == 1)).all():
            return cls(labels.astype(np.uint8), (0, 1))
        values, codes = np.unique(labels, return_inverse=True)
        if len(values) > _MOST_CLASSES:
            raise FairkitError("the labels are no classes", f"at most {_MOST_CLASSES} distinct labels",
                               f"{len(values)} distinct ones")
        smallest = np.min_scalar_type(max(len(values) - 1, 0))
        return cls(codes.reshape(-1).astype(smallest), tuple(values.tolist()))


def _refuse_missing(labels):
    missing = np.flatnonzero(pd.isna(labels))
    if len(missing):
        raise FairkitError("labels are missing", "a label in every row",
                           f"none in {len(missing)} rows, the first of which is row {missing[0]}")


def counts_by_slice(labels, weights, columns, specs):
    """Counts by slice and label.

    Args:
        labels: `Labels` of n examples.
        weights: (n,) float64, or None.
        columns: dict of name -> `GroupColumn`.
        specs: the ways of slicing, each a tuple of column names, sorted; overall is always there, and first.

    Returns:
        (keys, moments): a list of slice keys (tuples of (column, value text)), each once, and for these (slices,
        classes, 3) sums of 1, w and w^2.
    """
    found = {OVERALL: _moments(np.zeros(len(labels.codes), np.uint8), 1, labels, weights)[0]}
    for spec in specs:
        atoms, codes = atoms_of({name: columns[name] for name in spec}, len(labels.codes))
        table = _moments(codes, len(atoms), labels, weights)
        for key, positions in slice_keys(atoms, [(name, None) for name in spec]).items():
            found.setdefault(key, table[positions].sum(axis=0))
    return list(found), np.stack(list(found.values()))


def _moments(codes, atoms, labels, weights):
    """(atoms, classes, 3) sums of 1, w and w^2."""
    classes = len(labels.values)
    sums = np.zeros((1 if weights is None else 3, atoms * classes))
    for start in range(0, len(codes), _CHUNK):
        rows = slice(start, start + _CHUNK)
        place = codes[rows].astype(np.int64) * classes + labels.codes[rows]
        powers = (None,) if weights is None else (None, weights[rows], weights[rows] ** 2)
        if sums.shape[1] <= _CHUNK:
            for total, power in zip(sums, powers):
                total += np.bincount(place, power, sums.shape[1])
        else:
            for total, power in zip(sums, powers):
                np.add.at(total, place, 1 if power is None else power)
    table = sums.T.reshape(atoms, classes, len(sums))
    return table if weights is not None else np.repeat(table, 3, axis=2)
