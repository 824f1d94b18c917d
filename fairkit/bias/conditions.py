"""Which values of a column are meant: given ones, or those above a threshold. Nothing is guessed."""

import re
from dataclasses import dataclass

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import as_written, plain_value, values_in

__all__ = ["Above", "Values", "condition_of"]

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_THRESHOLD = re.compile(rf"(>=|>)\s*({_NUMBER})")
_UPPER_BOUND = re.compile(rf"<=?\s*{_NUMBER}")


@dataclass(frozen=True)
class Values:
    """Cells that hold one of some values; these are compared by their text, and as numbers where both are."""

    values: tuple

    @property
    def text(self):
        return ",".join(map(str, self.values))

    def holds(self, cell):
        """Whether a value is meant."""
        return any(_same(cell, value) for value in self.values)

    def check(self, name, known):
        """Raises `FairkitError` for a value that no cell holds."""
        for value in self.values:
            if not any(_same(cell, value) for cell in known):
                if _UPPER_BOUND.fullmatch(str(value).strip()):  # a cell may hold such a text, so it is no error before
                    raise FairkitError(f"column {quote(name)} has no value {str(value)!r}, and that is no threshold",
                                       "a value, or a threshold such as '>=40': only > and >= are thresholds",
                                       quote(value))
                raise FairkitError(f"column {quote(name)} has no value {str(value)!r}", nearest(value, known),
                                   quote(value))


@dataclass(frozen=True)
class Above:
    """Numbers above a threshold, or also equal to it."""

    threshold: float
    equal: bool = False

    @property
    def text(self):
        short = f"{self.threshold:.15g}"  # as people write it, where that is the same number
        return f"{'>=' if self.equal else '>'} {short if float(short) == self.threshold else quote(self.threshold)}"

    def holds(self, cell):
        return cell >= self.threshold if self.equal else cell > self.threshold

    def interval(self, numbers):
        """As Clarify writes it: from the threshold to the largest of (n,) numbers."""
        return f"{'[' if self.equal else '('}{self.threshold}, {np.nanmax(numbers)}]"


def condition_of(what, given):
    """`Values` or `Above` of what a user gave: a value, a list of values, or a text such as ">0.5" or ">=40".

    Args:
        what: the argument's name, for messages.
        given: what the user gave.

    Example:
        >>> condition_of("positive", [4, 5]).text, condition_of("positive", ">0.5").text
        ('4,5', '> 0.5')
    """
    if isinstance(given, (Values, Above)):
        return given
    if isinstance(given, str) and (found := _THRESHOLD.fullmatch(given.strip())):
        return Above(float(found[2]), found[1] == ">=")
    wrong = f"{what} names no values"
    values = tuple(plain_value(value, wrong) for value in values_in(given))
    if not values or None in values:
        raise FairkitError(wrong, "a value, a list of values, or a threshold such as '>0.5'", quote(given))
    return Values(values)


def _same(cell, value):
    if str(cell) == str(value):
        return True
    if isinstance(cell, str) and isinstance(value, str):
        return False
    if isinstance(value, str) and str(cell) in (as_written(value), value.capitalize()):
        return True
    try:
        return float(cell) == float(value)
    except (TypeError, ValueError):
        return False
