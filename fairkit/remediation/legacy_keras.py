"""Models of Keras 2 (tf_keras): MinDiff trains them with TensorFlow Model Remediation's own class."""

import sys

from fairkit.errors import FairkitError, quote
from fairkit.models.keras_errors import in_one_line
from fairkit.models.seeding import seeded
from fairkit.quiet import silence, tf

__all__ = ["compile_as", "compile_legacy_to_fit", "is_legacy", "legacy_min_diff_model", "rebuild_legacy"]


def is_legacy(model):
    """Whether it is a model of tf_keras, which is Keras 2."""
    return "tf_keras" in sys.modules and isinstance(model, sys.modules["tf_keras"].Model)


def legacy_min_diff_model(original_model, loss, loss_weight=1.0, predictions_transform=None, **kwargs):
    """TFMR's own MinDiffModel for a tf_keras model, with fairkit's losses; takes the arguments of fairkit's.

    Raises:
        FairkitError: where TensorFlow itself runs with Keras 3, which TFMR cannot use.
    """
    from fairkit.remediation.loss_by_name import get_loss
    from fairkit.remediation.loss_weights import get_loss_weights

    if not issubclass(tf.keras.Model, sys.modules["tf_keras"].Model):
        raise FairkitError("a tf_keras model is trained by TensorFlow Model Remediation, which needs Keras 2 only",
                           "TF_USE_LEGACY_KERAS=1 in the environment before Python starts, or a Keras 3 model",
                           f"the tf_keras model {quote(original_model.name)}")
    with silence():
        from tensorflow_model_remediation.min_diff.keras import MinDiffModel
    losses = {key: get_loss(each) for key, each in loss.items()} if isinstance(loss, dict) else get_loss(loss)
    return MinDiffModel(original_model, losses, get_loss_weights(losses, loss_weight), predictions_transform, **kwargs)


def rebuild_legacy(model, seed=0, warm_start=False):
    """The same architecture from fresh weights; vocabularies, statistics and frozen layers are carried over."""
    with seeded(seed):
        try:
            fresh = type(model).from_config(model.get_config())
            if model.optimizer is not None:
                fresh.compile_from_config(model.get_compile_config())
        except Exception as error:
            raise FairkitError(f"the tf_keras model {quote(model.name)} cannot be rebuilt",
                               "a Sequential or functional "
                               "model, or a builder: a function without arguments that returns the model",
                               in_one_line(error)) from error
    for old, new in zip(_layers(model), _layers(fresh)):
        if hasattr(old, "get_vocabulary"):
            words = old.get_vocabulary(include_special_tokens=False)
            if len(words) and new.get_vocabulary(include_special_tokens=False) != words:
                new.set_vocabulary(words)
        elif hasattr(old, "adapt") or (old.weights and not old.trainable):
            new.set_weights(old.get_weights())
        new.trainable = old.trainable
        if hasattr(new, "finalize_state"):
            new.finalize_state()
    if warm_start:
        fresh.set_weights(model.get_weights())
    return fresh


def compile_as(wrapper, model):
    """Compiles TFMR's wrapper like the model that it trains, with the same optimizer object."""
    settings = tf.keras.saving.deserialize_keras_object(model.get_compile_config())
    wrapper.compile(**{**settings, "optimizer": model.optimizer})


def compile_legacy_to_fit(model, outputs, from_logits=False):
    """As `fairkit.models.compiling.compile_to_fit`, with the optimizer, loss and metric of tf_keras."""
    if outputs == 1:
        loss = tf.keras.losses.BinaryCrossentropy(from_logits=from_logits)
        accuracy = tf.keras.metrics.BinaryAccuracy("accuracy", threshold=0.0 if from_logits else 0.5)
    else:
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
        accuracy = tf.keras.metrics.SparseCategoricalAccuracy("accuracy")
    model.compile(tf.keras.optimizers.Adam(), loss, metrics=[accuracy])


def _layers(model):
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _layers(layer)
