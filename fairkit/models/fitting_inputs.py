"""Whether inputs fit a Keras model: told before Keras is asked, by name and shape."""

from collections.abc import Mapping

from fairkit.errors import FairkitError, quote

__all__ = ["require_fitting"]


def require_fitting(model, inputs):
    """Refuses inputs that a model with declared inputs cannot take; says nothing of other models.

    Args:
        model: a Keras model.
        inputs: of `Examples`: an array (n, ...), texts, or a dict of these by input name.

    Raises:
        FairkitError: if a named input is missing, there is one array for several inputs, or a shape differs.

    Example:
        >>> import fairkit, numpy as np
        >>> from fairkit.models.fitting_inputs import require_fitting
        >>> require_fitting(fairkit.models.digit_classifier(seed=0), np.zeros((5, 28, 28)))
        Traceback (most recent call last):
        ...
        fairkit.errors.FairkitError: the examples do not fit the model's input 'image'. Expected: shape (28, 28, 3). ...
    """
    declared = _declared(model)
    if not declared:
        return
    if isinstance(inputs, Mapping):
        columns = inputs
        for name in declared:
            if name not in columns:
                raise FairkitError(f"the model's input {quote(name)} is missing from the examples",
                                   f"inputs named {', '.join(map(quote, declared))}",
                                   f"inputs named {', '.join(map(quote, columns))}")
    elif len(declared) > 1:
        raise FairkitError("the model has several inputs and the examples have one",
                           f"Examples(inputs={{...}}) with {', '.join(map(quote, declared))}", type(inputs).__name__)
    else:
        columns = {next(iter(declared)): inputs}
    for name, wanted in declared.items():
        got = getattr(columns[name], "shape", None)
        if got is not None and not _fits(tuple(got)[1:], wanted):
            raise FairkitError(f"the examples do not fit the model's input {quote(name)}",
                               f"shape {_text(wanted)}", _text(tuple(got)[1:]))


def _declared(model):
    """name -> shape of one example, of each input that the model declares."""
    struct = _part(model, "input")   # a Sequential model has inputs alone
    if isinstance(struct, Mapping):
        return {name: tuple(tensor.shape)[1:] for name, tensor in struct.items() if hasattr(tensor, "shape")}
    return {tensor.name: tuple(tensor.shape)[1:] for tensor in _part(model, "inputs") or ()}


def _part(model, name):
    try:
        return getattr(model, name, None)
    except (ValueError, RuntimeError):
        return None


def _fits(got, wanted):
    """Keras adds or drops a last axis of length 1 by itself."""
    if len(got) == len(wanted):
        return all(w is None or g == w for g, w in zip(got, wanted))
    longer, shorter = max(got, wanted, key=len), min(got, wanted, key=len)
    return len(longer) == len(shorter) + 1 and longer[-1] in (1, None) and _fits(longer[:-1], shorter)


def _text(shape):
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")" if shape else "() (one value)"
