"""Arguments of `fairkit.remediate` as JSON, so that a file keeps them and another process takes them up.

A file is somebody else's data: reading imports nothing and runs nothing from it. Besides plain values it may name
losses and kernels, of fairkit or of classes that the reading program has registered with Keras.
"""

from collections.abc import Mapping

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.groups import Only
from fairkit.numeric_groups import Bins

__all__ = ["NotPlain", "as_recorded", "from_plain", "modules_of_options", "to_plain"]

_PENALTIES = ("$loss", "$kernel", "$counterfactual_loss")
_MARKS = ("$only", "$bins", "$items", *_PENALTIES, "$object")
_DEEPEST = 40   # how deep arguments nest at most


class NotPlain(TypeError):
    """A value that JSON cannot hold; its text names the type."""


def to_plain(value, other=None):
    """A value as JSON has it, from which `from_plain` makes an equal one; tuples become lists.

    Args:
        value: None, numbers, texts, lists, dicts, arrays, `fairkit.only`, `fairkit.bins`, and losses and kernels.
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
        return _of_penalty(value)
    except NotPlain:
        if other is None:
            raise
        return other(value)


def from_plain(plain):
    """The value that `to_plain` was given.

    Raises:
        FairkitError: for what `to_plain` does not write: a mark that is not known or stands beside others, parts of
            another type, a loss or kernel of a class that is neither fairkit's nor registered with Keras.
    """
    return _read(plain, 0)


def _read(plain, depth):
    if depth > _DEEPEST:
        raise FairkitError("arguments are nested too deeply", f"at most {_DEEPEST} levels", "more")
    if isinstance(plain, list):
        return [_read(part, depth + 1) for part in plain]
    if not isinstance(plain, dict):
        return plain
    marks = [key for key in plain if key.startswith("$")]
    if not marks:
        return {key: _read(part, depth + 1) for key, part in plain.items()}
    if len(plain) != 1 or marks[0] not in _MARKS:
        raise FairkitError("these arguments cannot be read", f"one of {', '.join(_MARKS)} by itself, or plain keys",
                           ", ".join(map(quote, plain)))
    (mark, part), = plain.items()
    try:
        return _marked(mark, part, depth + 1)
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
        if isinstance(error, FairkitError):
            raise
        raise FairkitError(f"{mark} cannot be read", "what fairkit wrote", quote(part)[:80]) from None


def _marked(mark, part, depth):
    """The value of a mark; raises what Python raises where the part has another shape."""
    if mark in _PENALTIES:
        return _reader(mark)(part)
    if mark == "$only":
        return Only(tuple(_hashable(_read(value, depth)) for value in part))
    if mark == "$bins":
        edges, parts = part
        return Bins(tuple(map(float, edges)), int(parts))
    if mark == "$items":
        return {_hashable(_read(key, depth)): _read(value, depth) for key, value in part}
    return {mark: str(part)}   # a name on record, of what no file holds


def as_recorded(value):
    """A value as JSON has it, with what JSON cannot hold as a text: enough to compare and to print."""
    return to_plain(value, lambda part: {"$object": getattr(part, "__qualname__", None) or _shown(part)})


def _shown(part):
    return type(part).__name__ if type(part).__repr__ is object.__repr__ else quote(part)


def _hashable(key):
    key = tuple(map(_hashable, key)) if isinstance(key, list) else key
    hash(key)   # a TypeError, where it is no key
    return key


def modules_of_options(options):
    """The modules, other than fairkit's, that register losses and kernels among arguments: a process imports them."""
    if isinstance(options, Mapping):
        return set().union(*map(modules_of_options, options.values()))
    if isinstance(options, list | tuple):
        return set().union(*map(modules_of_options, options))
    if not hasattr(options, "get_config"):
        return set()
    parts = [options, getattr(options, "predictions_kernel", None), getattr(options, "membership_kernel", None)]
    found = {type(part).__module__ for part in parts if part is not None}
    return {name for name in found if name.split(".")[0] not in ("fairkit", "tensorflow_model_remediation")}


def _of_penalty(value):
    """A loss or kernel under its mark, if the same comes back from that."""
    cls = type(value)
    if not hasattr(value, "get_config") or "__main__" in modules_of_options(value):
        raise NotPlain(cls.__name__)
    from fairkit.quiet import keras, silence
    from fairkit.remediation.loss_by_name import loss_to_config

    with silence():
        from tensorflow_model_remediation import counterfactual, min_diff
    kinds = (min_diff.losses.MinDiffLoss, min_diff.losses.MinDiffKernel, counterfactual.losses.CounterfactualLoss)
    mark = next((mark for mark, kind in zip(_PENALTIES, kinds, strict=True) if isinstance(value, kind)), None)
    if mark is None:
        raise NotPlain(cls.__name__)
    try:
        to_config = loss_to_config if mark == "$loss" else keras.saving.serialize_keras_object
        plain = to_config(value)
        again = _reader(mark)(plain)
        if type(again) is not cls or again.get_config().keys() != value.get_config().keys():
            raise ValueError(cls.__name__)
    except Exception as error:  # whatever a user's own get_config and from_config raise
        raise NotPlain(cls.__name__) from error
    return {mark: plain}


def _reader(mark):
    """The function that makes a loss or kernel of its config."""
    from fairkit.remediation import counterfactual_losses, loss_by_name, min_diff_kernels

    return {"$loss": loss_by_name.loss_from_config, "$kernel": min_diff_kernels.kernel_from_config,
            "$counterfactual_loss": counterfactual_losses.counterfactual_loss_from_config}[mark]
