"""Checks of numbers that a user passes: of Python or of NumPy, which mean the same."""

import numbers

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["is_number", "is_whole", "probability", "python_value", "whole_number"]


def is_whole(value):
    """Whether a value is a whole number of Python or NumPy; a truth value is none.

    Example:
        >>> import numpy as np
        >>> [is_whole(value) for value in (3, np.int64(3), 3.0, True, np.bool_(True), "3")]
        [True, True, False, False, False, False]
    """
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def is_number(value):
    """Whether a value is a real number of Python or NumPy, NaN included; a truth value is none.

    Example:
        >>> import numpy as np
        >>> [is_number(value) for value in (3, np.float32(0.5), True, np.bool_(True), "3", 1j)]
        [True, True, False, False, False, False]
    """
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def python_value(value):
    """A NumPy scalar as the Python value that it holds; everything else as it is.

    Example:
        >>> import numpy as np
        >>> [python_value(value) for value in (np.str_("blue"), np.int64(8), np.bool_(True), None)]
        ['blue', 8, True, None]
    """
    return value.item() if isinstance(value, np.generic) else value


def whole_number(name, value, least=0, most=None):
    """Returns `value` as an int; raises `FairkitError` unless it is a whole number from `least` to `most`."""
    limits = f"a whole number of {least} or more" if most is None else f"a whole number from {least} to {most}"
    if not is_whole(value):
        raise FairkitError(f"{name} is not a whole number", limits, quote(value))
    if value < least or (most is not None and value > most):
        raise FairkitError(f"{name} is out of range", limits, int(value))
    return int(value)


def probability(name, value):
    """Returns `value` as a float; raises `FairkitError` unless it is a number in [0, 1]."""
    if not is_number(value):
        raise FairkitError(f"{name} is not a number", "a probability in [0, 1]", quote(value))
    if not 0 <= value <= 1:  # also refuses NaN
        raise FairkitError(f"{name} is no probability", "a number in [0, 1]", value)
    return float(value)
