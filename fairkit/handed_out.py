"""What was checked once stays as it was checked: arrays that nobody can write into, and frames handed out as copies."""

import functools
from typing import Any

__all__ = ["HandedOut", "handing_out", "kept", "read_only"]


def read_only(array, given=None):
    """The array, read-only, and a copy where anybody else may hold its memory.

    Args:
        array: a NumPy array.
        given: the caller's container that it was made of; None for an array that was made here.

    Example:
        >>> import numpy as np
        >>> weights = np.ones(2)
        >>> mine = read_only(weights, weights)
        >>> weights[:] = -5
        >>> mine.tolist(), mine.flags.writeable
        ([1.0, 1.0], False)
    """
    fresh = given is None or isinstance(given, list | tuple)   # a Series may hand out its very array
    if not fresh or array.base is not None or not array.flags.owndata:
        array = array.copy()
    array.flags.writeable = False
    return array


class HandedOut:
    """An attribute whose value is kept, and handed out as a copy: frames, lists and dicts.

    By itself it takes what is assigned; around a function it is a property that is computed once.

    Example:
        >>> class Result:
        ...     names = HandedOut()
        ...     @HandedOut
        ...     def squares(self):
        ...         return [1, 4]
        >>> result = Result()
        >>> result.names = ["a"]
        >>> result.names.append("b")
        >>> result.squares[0] = 7
        >>> result.names, result.squares
        (['a'], [1, 4])
    """

    def __init__(self, make=None, name=None):
        self._make, self._name = make, name
        if make is not None:
            functools.update_wrapper(self, make)

    def __set_name__(self, owner, name):
        self._name = name

    def __get__(self, result, cls=None) -> Any:
        return self if result is None else _copied(self.kept(result))

    def __set__(self, result, value):
        vars(result)[self._name] = value

    def kept(self, result):
        """The value itself, for those who only read it."""
        values = vars(result)
        if self._name not in values:
            if self._make is None:
                raise AttributeError(f"'{type(result).__name__}' has no attribute '{self._name}'")
            values[self._name] = self._make(result)
        return values[self._name]


def handing_out(*names):
    """A decorator of classes, dataclasses too: the attributes of these names are handed out as copies."""
    def decorate(cls):
        for name in names:
            setattr(cls, name, HandedOut(name=name))
        return cls

    return decorate


def kept(result, name="frame"):
    """The frame of a result itself, without a copy, for code that only reads it."""
    return getattr(type(result), name).kept(result)


def _copied(value):
    return value.copy() if hasattr(value, "iloc") or type(value) in (list, dict) else value
