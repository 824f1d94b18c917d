"""The model that a remediation trains, and whether it fits the examples."""

import numpy as np

from fairkit.batches import input_batches
from fairkit.errors import FairkitError, quote
from fairkit.labels import class_ids
from fairkit.models.compiling import compile_to_fit
from fairkit.models.one_output import model_of_output
from fairkit.models.outputs import declared_outputs, output_names
from fairkit.models.rebuilding import copy_weights, rebuild
from fairkit.models.seeding import seeded
from fairkit.quiet import keras
from fairkit.remediation.legacy_keras import compile_legacy_to_fit, is_legacy, rebuild_legacy
from fairkit.remediation.penalized_model import PenalizedModel

__all__ = ["check_labels", "check_logits", "compile_if_needed", "count_outputs", "model_to_train",
           "one_output"]


def model_to_train(model_or_builder, seed, warm_start):
    """The given model's architecture with fresh weights (or its own), or what the builder returns."""
    while isinstance(model_or_builder, PenalizedModel):
        model_or_builder = model_or_builder.original_model
    if isinstance(model_or_builder, keras.Model):
        model = rebuild(model_or_builder, seed)
        if warm_start:
            copy_weights(model_or_builder, model)
        return model
    if is_legacy(model_or_builder):
        return rebuild_legacy(model_or_builder, seed, warm_start)
    if not callable(model_or_builder) or isinstance(model_or_builder, type):
        raise FairkitError("there is no model to remediate", "a keras.Model, or a function that returns one",
                           type(model_or_builder).__name__)
    if warm_start:
        raise FairkitError("a builder has no weights to go on from", "a model, or a builder without warm_start",
                           "a builder and warm_start=True")
    with seeded(seed):
        model = model_or_builder()
    if not isinstance(model, keras.Model) and not is_legacy(model):
        raise FairkitError("the builder returns no model", "a keras.Model", type(model).__name__)
    return model


def one_output(model, output):
    """What is trained of a model with several outputs, or with one in a dict or list: see `model_of_output`."""
    if not is_legacy(model):
        return model_of_output(model, output)
    if output is not None or any(declared_outputs(model)):   # an output in no dict or list has no name
        raise FairkitError("outputs of a tf_keras model cannot be trained by themselves", "a Keras 3 model, or a "
                           "builder that returns a model with one output", quote(model.name))
    return model


def count_outputs(model, train):
    """The number of outputs an example; builds a model that has not seen an input."""
    inputs = next(iter(input_batches(train.take(np.arange(min(2, len(train)))), 2)))[0]
    try:
        outputs = model(inputs, training=False)
    except Exception as error:
        from fairkit.models.keras_errors import in_one_line

        raise FairkitError("the model does not take these inputs", "examples whose inputs are what the model is fed",
                           in_one_line(error)) from error
    if isinstance(outputs, (dict, list, tuple)):
        raise FairkitError("a subclassed model gives its outputs in a dict or list, of which none can be trained by "
                           "itself", "a functional model with output=, or a model that gives one output",
                           f"outputs {', '.join(map(quote, output_names(outputs)))}")
    shape = getattr(outputs, "shape", None)
    if shape is None or len(shape) not in (1, 2):
        raise FairkitError("the model's output does not fit a classifier", "one output of shape (n,), (n, 1) or "
                           "(n, classes); MinDiffModel with a predictions_transform takes any other",
                           type(outputs).__name__ if shape is None else f"shape {tuple(shape)}")
    return 1 if len(shape) == 1 else int(shape[1])


def compile_if_needed(model, outputs, from_logits):
    """Compiles a model that is not compiled with Adam and the cross-entropy of its output."""
    if is_legacy(model):
        if model.optimizer is None:
            compile_legacy_to_fit(model, outputs, from_logits)
    elif not model.compiled:
        compile_to_fit(model, outputs, from_logits)


def check_labels(train, outputs, classes, needed=True):
    """Refuses labels or classes that the model does not tell apart; `needed`: one class must be the positive one."""
    class_ids(train.labels, None if outputs == 1 else outputs)
    if outputs == 1 and classes is not None:
        raise FairkitError("a model with one output has no classes to choose from", "classes=None",
                           f"classes={classes}")
    if outputs > 2 and classes is None and needed:
        raise FairkitError("it is not said which class is the positive one", f"classes=[...] out of 0 to {outputs - 1}",
                           "classes=None")


def check_logits(model, from_logits):
    """Refuses a loss that is compiled for the other kind of output."""
    said = getattr(model.loss, "from_logits", None)
    if said is not None and bool(said) != bool(from_logits):
        raise FairkitError(f"the model's loss is compiled with from_logits={bool(said)}",
                           f"from_logits={bool(said)} here too", f"from_logits={bool(from_logits)}")
