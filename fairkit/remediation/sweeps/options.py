"""Arguments of `fairkit.remediate` as JSON, so that a file keeps them and another process takes them up."""

from collections.abc import Mapping

import numpy as np

from fairkit.errors import quote
from fairkit.groups import Only
from fairkit.numeric_groups import Bins

__all__ = ["NotPlain", "as_recorded", "from_plain", "to_plain"]

_MARKS = ("$only", "$bins", "$items", "$keras", "$object")


class NotPlain(TypeError):
    """A value that JSON cannot hold; its text names the type."""


def to_plain(value, other=None):
    """A value as JSON has it, from which `from_plain` makes an equal one; tuples become lists.

    Args:
        value: None, numbers, texts, lists, dicts, arrays, `fairkit.only`, `fairkit.bins`, and Keras objects with
            get_config, such as losses.
        other: a function that stands in for `NotPlain` where a value is none of these.

    Raises:
        NotPlain: for anything else, such as a function.

    Example:
        >>> import fairkit
        >>> from fairkit.remediation.sweeps.options import from_plain, to_plain
        >>> plain = to_plain({"sensitive": {"faith": fairkit.only("hindu")}, "loss_weight": 2.0})
        >>> plain
        {'sensitive': {'faith': {'$only': ['hindu']}}, 'loss_weight': 2.0}
        >>> from_plain(plain) == {"sensitive": {"faith": fairkit.only("hindu")}, "loss_weight": 2.0}
        True
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist(), other)
    if isinstance(value, (list, tuple)):
        return [to_plain(part, other) for part in value]
    if isinstance(value, (set, frozenset)):
        return [to_plain(part, other) for part in sorted(value, key=lambda part: (str(type(part)), str(part)))]
    if isinstance(value, Only):
        return {"$only": to_plain(value.values, other)}
    if isinstance(value, Bins):
        return {"$bins": [list(map(float, value.edges)), int(value.parts)]}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value) and not set(_MARKS) & set(value):
            return {str(key): to_plain(part, other) for key, part in value.items()}
        return {"$items": [[to_plain(key, other), to_plain(part, other)] for key, part in value.items()]}
    try:
        return _of_keras(value)
    except NotPlain:
        if other is None:
            raise
        return other(value)


def from_plain(plain):
    """The value that `to_plain` was given."""
    if isinstance(plain, list):
        return [from_plain(part) for part in plain]
    if not isinstance(plain, dict):
        return plain
    if "$only" in plain:
        return Only(tuple(from_plain(plain["$only"])))
    if "$bins" in plain:
        return Bins(tuple(plain["$bins"][0]), plain["$bins"][1])
    if "$items" in plain:
        return {_hashable(from_plain(key)): from_plain(part) for key, part in plain["$items"]}
    if "$keras" in plain:
        return _to_keras(plain["$keras"])
    return {key: from_plain(part) for key, part in plain.items()}


def as_recorded(value):
    """A value as JSON has it, with what JSON cannot hold as a text: enough to compare and to print."""
    return to_plain(value, lambda part: {"$object": getattr(part, "__qualname__", None) or _shown(part)})


def _shown(part):
    return type(part).__name__ if type(part).__repr__ is object.__repr__ else quote(part)


def _hashable(key):
    return tuple(map(_hashable, key)) if isinstance(key, list) else key


def _of_keras(value):
    """A Keras object by its class and config, if its class is Keras' or fairkit's, or registered under a module."""
    cls = type(value)
    known = any(base.__module__.split(".")[0] in ("keras", "tensorflow_model_remediation") for base in cls.__mro__)
    if not known or not hasattr(value, "get_config") or cls.__module__ == "__main__":
        raise NotPlain(cls.__name__)
    from fairkit.quiet import keras

    try:
        plain = keras.saving.serialize_keras_object(value)
        again = _to_keras({"module": cls.__module__, "object": plain})
        if again.get_config().keys() != value.get_config().keys():
            raise ValueError(cls.__name__)
    except Exception as error:  # whatever a user's own get_config and from_config raise
        raise NotPlain(cls.__name__) from error
    return {"$keras": {"module": cls.__module__, "object": plain}}


def _to_keras(plain):
    import importlib

    from fairkit.quiet import keras

    importlib.import_module(plain["module"])
    return keras.saving.deserialize_keras_object(plain["object"])
