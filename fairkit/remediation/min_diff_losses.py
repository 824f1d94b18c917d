"""TensorFlow Model Remediation's MinDiff losses: by name, and as part of a saved model."""

import math

from fairkit.errors import FairkitError, nearest
from fairkit.quiet import keras, silence, tf

with silence():
    from tensorflow_model_remediation.min_diff.losses import (
        AbsoluteCorrelationLoss,
        AdjustedMMDLoss,
        GaussianKernel,
        MinDiffLoss,
        MMDLoss,
    )
    from tensorflow_model_remediation.min_diff.losses import LaplacianKernel as _TFMRLaplacianKernel

__all__ = ["AbsoluteCorrelationLoss", "AdjustedMMDLoss", "GaussianKernel", "LaplacianKernel", "MMDLoss", "get_loss",
           "get_loss_weights", "loss_from_config", "loss_text", "loss_to_config", "min_diff_value"]


@keras.saving.register_keras_serializable(package="fairkit")
class LaplacianKernel(_TFMRLaplacianKernel):
    """The kernel exp(-distance / kernel_length), for MMDLoss and AdjustedMMDLoss.

    TFMR's own class keeps the distance of a point to itself off 0 by an added 1e-8, which TensorFlow's graph optimizer
    rounds away: the gradient is NaN wherever training is not eager. Here a distance of 0 has the gradient 0, and the
    values are the same.
    """

    def call(self, x, y):
        squared = tf.reduce_sum(tf.square(x - y), axis=2)
        apart = squared > 0
        distance = tf.where(apart, tf.sqrt(tf.where(apart, squared, 1.0)), 0.0)
        return tf.exp(-distance / self.kernel_length)


# TFMR's names; each may also end in "_loss", in upper or lower case.
_BY_NAME = {
    "absolute_correlation": AbsoluteCorrelationLoss,
    "abs_corr": AbsoluteCorrelationLoss,
    "adjusted_mmd": AdjustedMMDLoss,
    "maximum_mean_discrepancy": MMDLoss,
    "mmd": MMDLoss,
}


def get_loss(loss):
    """The loss object of a name ("mmd", "adjusted_mmd", "absolute_correlation"), or a copy of the object that is given.

    The copy writes no summaries, and its Laplacian kernel, if it has TFMR's, is the one of this module.

    Example:
        >>> from fairkit.remediation.min_diff_losses import get_loss
        >>> get_loss("mmd").name
        'mmd_loss'
    """
    if isinstance(loss, MinDiffLoss):
        twin = object.__new__(type(loss))  # copy.copy would take Keras's way, over a config that TFMR cannot read back
        vars(twin).update(vars(loss), enable_summary_histogram=False)
        if type(twin.predictions_kernel) is _TFMRLaplacianKernel:
            twin.predictions_kernel = LaplacianKernel(**twin.predictions_kernel.get_config())
        return twin
    if not isinstance(loss, str):
        names = ", ".join(map(repr, _BY_NAME))
        raise FairkitError("this is no MinDiff loss", f"one of {names}, or a MinDiffLoss object such as "
                           "fairkit.remediation.MMDLoss('laplacian')", repr(loss))
    name = loss.lower().removesuffix("_loss")
    if name not in _BY_NAME:
        raise FairkitError(f"no MinDiff loss {loss!r}", nearest(name, _BY_NAME), repr(loss))
    return _BY_NAME[name](enable_summary_histogram=False)


def get_loss_weights(loss, weight):
    """The weight of a loss, or a dict of the weights of a dict of losses: 1.0 where none is given."""
    if not isinstance(weight, dict):
        number = _number(1.0 if weight is None else weight)
        return dict.fromkeys(loss, number) if isinstance(loss, dict) else number
    if not isinstance(loss, dict):
        raise FairkitError("several loss weights for one loss", "one number", repr(weight))
    for key in weight:
        if key not in loss:
            raise FairkitError(f"no MinDiff loss {key!r} to weight", nearest(key, loss), repr(key))
    return {key: _number(weight.get(key, 1.0)) for key in loss}


def min_diff_value(loss, membership, predictions, sample_weight=None):
    """The value of a loss on one batch, a float32 scalar.

    Args:
        loss: a `MinDiffLoss`.
        membership: (n, 1), 1.0 for the sensitive group and 0.0 for the other.
        predictions: (n,) or (n, d).
        sample_weight: None, (n,) or (n, 1). TFMR broadcasts (n,) against (n, 1) to (n, n); it is made a column here.
    """
    predictions = _column(tf.cast(predictions, tf.float32))
    if sample_weight is not None:
        sample_weight = _column(tf.cast(sample_weight, tf.float32))
    # TFMR writes summaries whenever a writer is active and fails where that has no step: TensorBoard's has none.
    with tf.summary.record_if(False):
        return loss(membership=_column(tf.cast(membership, tf.float32)), predictions=predictions,
                    sample_weight=sample_weight)


def loss_to_config(loss):
    """A loss as plain data for a saved model; TFMR's own config holds pickled functions."""
    if loss.predictions_transform is not None or loss.membership_transform is not None:
        raise FairkitError("a MinDiff loss with a transform of its own cannot be saved",
                           "a loss without, and the transform as MinDiffModel(predictions_transform=...)", loss.name)
    return keras.saving.serialize_keras_object(loss)


def loss_from_config(config):
    """The loss that `loss_to_config` described."""
    parts = {key: keras.saving.deserialize_keras_object(value) if isinstance(value, dict) else value
             for key, value in config["config"].items()}
    own = {cls.__name__: cls for cls in _BY_NAME.values()}  # of these TFMR registers only some
    found = keras.saving.get_registered_object(config["registered_name"]) or own.get(config["registered_name"])
    if found is None:
        raise FairkitError(f"the MinDiff loss {config['registered_name']!r} is not known",
                           "its module to be imported before the model is loaded", config["registered_name"])
    return found.from_config(parts)


def loss_text(loss):
    """A loss in words for a record: its name, kernel and kernel length."""
    kernel = loss.predictions_kernel
    if kernel is None:
        return loss.name
    length = getattr(kernel, "kernel_length", None)
    return f"{loss.name} ({type(kernel).__name__}{'' if length is None else f', length {length:g}'})"


def _column(values):
    return values[:, None] if values.shape.rank == 1 else values


def _number(weight):
    try:
        number = float(weight)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise FairkitError("the weight of a MinDiff loss does not fit", "a finite number, 0 or above", repr(weight))
    return number
