"""The part of a model that makes one of its outputs, to be trained by itself."""

from collections.abc import Mapping

from fairkit.errors import FairkitError, quote
from fairkit.models.compiling import compile_with
from fairkit.models.keras_errors import in_one_line
from fairkit.models.outputs import chosen_output, declared_outputs, output_names
from fairkit.quiet import keras

__all__ = ["compile_whole", "model_of_output"]


def model_of_output(model, output=None):
    """The model that gives one output of a functional model, from the same inputs, layers and weights.

    Args:
        model: a `keras.Model`. A model with one output that is in no dict or list comes back as it is.
        output: which, as for `fairkit.predict`; None where there is only one.

    Returns:
        A `keras.Model`, compiled with what the model is compiled with for this output.

    Raises:
        FairkitError: for an output that is not there, several of which none is named, and a compiled model without a
            loss for it.
    """
    outputs = declared_outputs(model)
    if list(outputs) in ([], [""]):
        if output is not None and outputs:
            chosen_output(model.output, output, model)
        return model
    tensor = chosen_output(model.output, output, model)
    key = next(name for name, value in outputs.items() if value is tensor)
    own_step = type(model).train_step is not keras.Model.train_step
    try:
        part = (type(model) if own_step else keras.Model)(model.input, tensor, name=model.name)
    except Exception as error:
        raise FairkitError(f"the output {quote(key)} of the model {quote(model.name)} cannot be trained by itself",
                           "a builder: a function without arguments that returns a model with this output alone",
                           in_one_line(error)) from error
    if model.compiled:
        compile_with(part, _settings(model, key))
    return part


def compile_whole(model, part):
    """Compiles an uncompiled model with one output in a dict or list like its part, which has the output alone."""
    key = next(iter(declared_outputs(model)))
    settings = dict(part._compile_config.config)
    if isinstance(model.output, Mapping):
        settings |= {name: {key: settings[name]} for name in ("loss", "metrics", "weighted_metrics") if settings[name]}
    compile_with(model, settings)


def _settings(model, key):
    """The compile settings of one output."""
    settings = dict(model._compile_config.config)
    names = output_names(model.output, model)
    for name in ("loss", "loss_weights", "metrics", "weighted_metrics"):
        settings[name] = _of_output(settings.get(name), list(names), key, names[key][1], name)
    if settings["loss"] is None:
        raise FairkitError(f"the model {quote(model.name)} is compiled without a loss for its output {quote(key)}",
                           f"a loss for {quote(key)}, or a model that is not compiled", "none")
    weight = settings["loss_weights"]
    settings["loss_weights"] = None if weight is None else [weight]
    return settings


def _of_output(value, names, key, layer, what):
    """What is said of one output, out of a dict by name, a list in order, or one thing for all."""
    if isinstance(value, Mapping):
        return value.get(key, value.get(layer))
    if isinstance(value, (list, tuple)) and what in ("loss", "loss_weights"):
        return value[names.index(key)] if len(value) == len(names) else None
    if isinstance(value, (list, tuple)) and len(names) > 1:
        of_each = len(value) == len(names) and all(isinstance(one, (list, tuple)) for one in value)
        return value[names.index(key)] if of_each else value
    return value
