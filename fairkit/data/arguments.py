"""Checks of the numbers that a data set is asked for with."""

import numbers

from fairkit.errors import FairkitError, quote

__all__ = ["probability", "whole_number"]


def whole_number(name, value, least=0, most=None):
    """Returns `value` as an int; raises `FairkitError` unless it is a whole number from `least` to `most`."""
    limits = f"a whole number of {least} or more" if most is None else f"a whole number from {least} to {most}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise FairkitError(f"{name} is not a whole number", limits, quote(value))
    if value < least or (most is not None and value > most):
        raise FairkitError(f"{name} is out of range", limits, int(value))
    return int(value)


def probability(name, value):
    """Returns `value` as a float; raises `FairkitError` unless it is a number in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise FairkitError(f"{name} is not a number", "a probability in [0, 1]", quote(value))
    if not 0 <= value <= 1:  # also refuses NaN
        raise FairkitError(f"{name} is no probability", "a number in [0, 1]", value)
    return float(value)
