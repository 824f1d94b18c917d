"""Compile settings: carried over from one model to another, or chosen to fit the output."""

from fairkit.errors import FairkitError, quote
from fairkit.models.keras_errors import in_one_line
from fairkit.quiet import keras

__all__ = ["compile_like", "compile_to_fit", "compile_with"]


def compile_like(fresh, model):
    """Compiles a model as another one is: the same settings, but new optimizer, loss and metric objects.

    The learning rate is the one at which the other model stands now. An uncompiled model leaves it uncompiled.
    """
    if not model.compiled:
        return
    compile_with(fresh, model._compile_config.config)


def compile_with(model, settings):
    """Compiles a model with the settings of another: new optimizer, loss and metric objects.

    Args:
        settings: dict of the arguments of `compile`.
    """
    try:
        model.compile(**_renewed(settings))
    except Exception as error:
        raise FairkitError(f"the compile settings of the model {quote(model.name)} cannot be carried over",
                           "an optimizer, losses and metrics with get_config, or a builder that compiles its model",
                           in_one_line(error)) from error


def compile_to_fit(model, outputs, from_logits=False):
    """Compiles a classifier with Adam and the cross-entropy of its output: binary for one, sparse for several.

    Args:
        outputs: the number of its outputs an example.
    """
    if outputs == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)
        accuracy = keras.metrics.BinaryAccuracy("accuracy", threshold=0.0 if from_logits else 0.5)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
        accuracy = keras.metrics.SparseCategoricalAccuracy("accuracy")
    model.compile(keras.optimizers.Adam(), loss, metrics=[accuracy])


def _renewed(value):
    if isinstance(value, dict):
        return {key: _renewed(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_renewed, value))
    if isinstance(value, (keras.optimizers.Optimizer, keras.losses.Loss, keras.metrics.Metric)):
        return type(value).from_config(value.get_config())
    return value
