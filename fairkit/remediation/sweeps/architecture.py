"""A model's architecture and compile settings as plain values, whatever names Keras made up for its layers."""

from fairkit.quiet import keras

__all__ = ["architecture_of"]

# Where a config refers to a layer by its name. Elsewhere the same text is something else: a word of a vocabulary,
# an activation.
_REFERENCES = ("name", "keras_history", "input_layers", "output_layers", "output_names", "inbound_nodes", "loss",
               "loss_weights", "metrics", "weighted_metrics")


def architecture_of(model):
    """Plain values that are equal for two models that are built by the same lines of code.

    Example:
        >>> from fairkit.quiet import keras
        >>> from fairkit.remediation.sweeps.architecture import architecture_of
        >>> first, second = (keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]) for _ in range(2))
        >>> first.layers[0].name == second.layers[0].name, architecture_of(first) == architecture_of(second)
        (False, True)
    """
    try:
        config = keras.saving.serialize_keras_object(model)
    except Exception:  # whatever a user's own get_config raises; `rebuild` refuses such a model in words
        return [[type(layer).__name__, [list(weight.shape) for weight in layer.weights]]
                for layer in model._flatten_layers()]
    names = {}
    _collect(config, names)
    return _renamed(config, names)


def _collect(part, names):
    """The names of the parts, each with a number in the order in which they come."""
    if isinstance(part, dict):
        config = part.get("config")
        if "class_name" in part and isinstance(config, dict) and isinstance(config.get("name"), str):
            names.setdefault(config["name"], f"#{len(names)}")
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, (list, tuple)) else ():
        _collect(value, names)


def _renamed(part, names, refers=False):
    if isinstance(part, dict):
        return {names.get(key, key) if refers else key:
                _renamed(value, names, key in _REFERENCES or (refers and key != "config"))
                for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_renamed(value, names, refers) for value in part]
    return names.get(part, part) if refers and isinstance(part, str) else part
