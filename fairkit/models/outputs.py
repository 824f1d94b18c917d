"""Which of a model's outputs is meant."""

from collections.abc import Mapping

from fairkit.errors import FairkitError, nearest, quote

__all__ = ["chosen_output", "declared_outputs", "output_names", "signature_key"]


def chosen_output(outputs, output=None, model=None):
    """One output of a model, out of a dict, list or tuple of them.

    Args:
        outputs: what a model gives: one output, or several in a dict, list or tuple.
        output: which: its key in a dict, its position in a list ("value/0" in a nested one), or the name of the layer
            that makes it. None where there is only one.
        model: the model, for the names of its layers.

    Raises:
        FairkitError: for several outputs of which none is named, and a name that none has.

    Example:
        >>> from fairkit.models.outputs import chosen_output
        >>> chosen_output({"toxicity": [0.2, 0.9]})
        [0.2, 0.9]
        >>> chosen_output({"toxicity": [0.2, 0.9], "length": [3.0, 5.0]})
        Traceback (most recent call last):
        ...
        fairkit.errors.FairkitError: the model has several outputs. Expected: output= one of 'toxicity', 'length'. ...
    """
    named = output_names(outputs, model)
    if output is None:
        if len(named) == 1:
            return next(iter(named.values()))[0]
        raise FairkitError("the model has several outputs", f"output= one of {', '.join(map(quote, named))}",
                           f"output=None and {len(named)} outputs")
    if not isinstance(output, (str, int)) or isinstance(output, bool):
        raise FairkitError("output names no output", "the key, position or name of one", quote(output))
    for name, (value, alias) in named.items():
        if str(output) in (name, alias) or (not name and str(output) == "0"):
            return value
    valid = dict.fromkeys(one for name, (_, alias) in named.items() for one in (name, alias) if one)
    raise FairkitError(f"the model has no output {quote(output)}",
                       nearest(output, valid) if valid else "output=None, for its one output has no name",
                       quote(output))


def output_names(outputs, model=None):
    """dict of name -> (output, the name of its layer or None), in order; a single output has the name ""."""
    named = {}
    _collect(outputs, "", named)
    declared = declared_outputs(model)
    same = list(named) == list(declared)
    return {name: (value, _layer_name(declared[name]) if same else None) for name, value in named.items()}


def declared_outputs(model):
    """dict of name -> tensor of a functional model's outputs; empty for a model that declares none."""
    named = {}
    try:
        outputs = getattr(model, "output", None)
    except (AttributeError, ValueError, RuntimeError):   # a model that has not been called
        outputs = None
    if outputs is not None:
        _collect(outputs, "", named)
    return named


def signature_key(model, output):
    """What an output of a functional model is called in the signature of its SavedModel."""
    named = declared_outputs(model)
    if output is None or list(named) in ([], [""]):
        return output
    chosen = chosen_output(model.output, output, model)
    key = next(name for name, value in named.items() if value is chosen)
    return f"output_{key}" if isinstance(model.output, (list, tuple)) and "/" not in "".join(named) else key


def _layer_name(tensor):
    history = getattr(tensor, "_keras_history", None)
    return getattr(getattr(history, "operation", None) or getattr(history, "layer", None), "name", None)


def _collect(part, path, named):
    inside = f"{path}/" if path else ""
    if isinstance(part, Mapping):
        for key, value in part.items():
            _collect(value, f"{inside}{key}", named)
    elif isinstance(part, (list, tuple)) and any(hasattr(one, "shape") or isinstance(one, (Mapping, list, tuple))
                                                 for one in part):
        keys = getattr(part, "_fields", range(len(part)))
        for key, value in zip(keys, part, strict=True):
            _collect(value, f"{inside}{key}", named)
    else:
        named[path] = part

