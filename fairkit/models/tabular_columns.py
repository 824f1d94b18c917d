"""What a classifier of tables learns from a column before it is trained."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["Category", "Numbers", "column_of"]

_UNITS = (2, 16)        # of the vector of a category, at least and at most
_WHOLE = float(1 << 53)  # beyond it float64 has no whole numbers of its own


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: its mean and variance over those that are there, and whether any is missing."""

    name: str
    mean: float
    variance: float
    missing: bool
    dtype: str = "float32"


@dataclass(frozen=True)
class Category:
    """A column of categories.

    Attributes:
        name, dtype: of the input.
        values: the texts or whole numbers that are told apart, the most frequent first.
        nothing: the code of a missing number.
    """

    name: str
    values: list
    dtype: str
    nothing: int = 0

    @property
    def unknown(self):
        """A text or number for all other values that is none of these, as Keras wants one."""
        if self.dtype != "string":
            return min(*self.values, self.nothing) - 1
        mark = "[UNK]"
        while mark in self.values:
            mark = f"[{mark}]"
        return mark

    @property
    def units(self):
        """The size of the vectors: half as many as there are values, within bounds."""
        return int(np.clip((len(self.values) + 1) // 2, *_UNITS))


def column_of(name, part, coded, most_values):
    """`Numbers` or a `Category` of a column (n,) of numbers or texts.

    Raises:
        FairkitError: for a column of something else, without any value, with infinite numbers, or with codes that are
            no whole numbers.
    """
    array = part if isinstance(part, np.ndarray) else np.asarray(part)
    if array.ndim != 1 or array.dtype.kind not in "biufOU":
        raise FairkitError(f"column {quote(name)} is neither numbers nor texts", "(n,) numbers or texts",
                           f"{array.dtype} of shape {array.shape}")
    if array.dtype.kind in "OU":
        return _texts(name, array, most_values)
    values = array.astype(np.float64)
    there = values[~np.isnan(values)]
    if not len(there):
        raise FairkitError(f"column {quote(name)} holds nothing", "at least one number", f"{len(values)} missing ones")
    if not np.isfinite(there).all():
        raise FairkitError(f"column {quote(name)} holds a number that is not finite",
                           "finite numbers, NaN for missing ones",
                           there[~np.isfinite(there)][0])
    if coded:
        return _codes(name, there, len(there) < len(values), most_values)
    # A constant column has no variance to divide by; it says nothing whatever it is divided by.
    variance = float(there.var())
    return Numbers(name, float(there.mean()), variance if variance > 0 else 1.0, len(there) < len(values))


def _texts(name, array, most_values):
    odd = [cell for cell in array if not isinstance(cell, str)][:1]
    if odd:
        raise FairkitError(f"column {quote(name)} holds something else than texts",
                           "a text in each cell, the empty one "
                           "where it is missing; a DataFrame has it put so", quote(odd[0]))
    if not len(array):
        raise FairkitError(f"column {quote(name)} holds nothing", "at least one text", "no rows")
    return Category(name, _most_frequent(array.tolist(), most_values), "string")


def _codes(name, there, missing, most_values):
    if (there != np.floor(there)).any() or np.abs(there).max() >= _WHOLE:
        odd = there[(there != np.floor(there)) | (np.abs(there) >= _WHOLE)][0]
        raise FairkitError(f"column {quote(name)} holds no codes", "whole numbers", odd)
    codes = there.astype(np.int64)
    nothing = min(int(codes.min()), 0) - 1
    values = _most_frequent([*codes.tolist(), *([nothing] if missing else [])], most_values)
    if missing and nothing not in values:
        values[-1:] = [nothing]
    return Category(name, values, "float64", nothing)


def _most_frequent(values, most):
    """The distinct values, the most frequent first, those of equal frequency in their order."""
    return [value for value, _ in sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))][:most]
