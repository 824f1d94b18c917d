"""A model's architecture as plain values that a run keeps."""

__all__ = ["architecture_of"]

_MOST_LAYERS = 100


def architecture_of(model):
    """dict of name, parameters, trainable (numbers of weights) and layers: a list of dict(name, type, output,
    parameters), at most 100.

    Args:
        model: a `keras.Model`; anything else, and what cannot be read of one, is missing.

    Example:
        >>> import fairkit
        >>> from fairkit.view.report.architecture import architecture_of
        >>> architecture_of(fairkit.models.digit_classifier())["layers"][-1]["type"]
        'Dense'
    """
    if not hasattr(model, "layers") or not hasattr(model, "count_params"):
        return {}
    try:
        total = int(model.count_params())
    except ValueError:  # not built yet
        total = None
    return {"name": str(model.name), "parameters": total,
            "trainable": int(sum(_size(weight) for weight in model.trainable_weights)),
            "layers": [{"name": str(layer.name), "type": type(layer).__name__, "output": _shape(layer),
                        "parameters": int(sum(_size(weight) for weight in layer.weights))}
                       for layer in model.layers[:_MOST_LAYERS]]}


def _size(weight):
    size = 1
    for n in weight.shape:
        size *= int(n)
    return size


def _shape(layer):
    try:
        shape = layer.output.shape
        return "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
    except (AttributeError, ValueError, TypeError):
        return ""
