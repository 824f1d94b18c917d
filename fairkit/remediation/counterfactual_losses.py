"""Counterfactual losses: how far the prediction for an example is from the one for its counterfactual."""

from fairkit.errors import FairkitError, nearest, quote
from fairkit.quiet import keras, silence, tf
from fairkit.remediation.loss_configs import arguments_from_config, object_from_config

with silence():
    from tensorflow_model_remediation.counterfactual import losses as _tfmr

__all__ = ["CounterfactualLoss", "PairwiseAbsoluteDifferenceLoss", "PairwiseCosineLoss", "PairwiseMSELoss",
           "counterfactual_loss_from_config", "counterfactual_value", "get_counterfactual_loss", "refuse_constant"]


class CounterfactualLoss(_tfmr.CounterfactualLoss):
    """The base class of losses on pairs: derive from it and write `call`.

    `call(original, counterfactual, sample_weight=None)` returns a scalar that is 0 where the model says the same of
    both sides of each pair. `CounterfactualModel` hands it float32 predictions (n, d), and weights (n,), (n, 1) or
    None.

    To be saved with a model, the class is registered with `keras.saving.register_keras_serializable`, and a class with
    arguments of its own adds them to `get_config`, as numbers, texts or lists of them.

    Args:
        name: of the loss; the class's in snake case if not given.

    Example:
        >>> import keras, tensorflow as tf
        >>> from fairkit.remediation import CounterfactualLoss
        >>> @keras.saving.register_keras_serializable("docs")
        ... class HingeLoss(CounterfactualLoss):
        ...     def __init__(self, margin=0.1, name=None):
        ...         super().__init__(name)
        ...         self.margin = margin
        ...     def call(self, original, counterfactual, sample_weight=None):
        ...         return tf.reduce_mean(tf.nn.relu(tf.abs(original - counterfactual) - self.margin))
        ...     def get_config(self):
        ...         return {**super().get_config(), "margin": self.margin}
        >>> float(HingeLoss(0.25)(tf.constant([[1.0], [0.5]]), tf.constant([[0.5], [0.5]])))
        0.125
        >>> keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(HingeLoss(0.25))).margin
        0.25
    """

    @classmethod
    def from_config(cls, config):
        return cls(**arguments_from_config(cls, config))


# TFMR's classes call Keras losses, which divide by the number of replicas under a distribution strategy; a loss of a
# user's own does not. Those here do not either, so that the model scales them all alike.


@keras.saving.register_keras_serializable(package="fairkit")
class PairwiseMSELoss(CounterfactualLoss):
    """The mean squared difference of the two predictions of a pair, as in TFMR.

    Args:
        name: of the loss.

    Called with `original` and `counterfactual`, both (n, d), and `sample_weight`, None, (n,) or (n, 1), it gives the
    sum of weight times difference over the number of pairs: a scalar.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import PairwiseMSELoss
        >>> loss = PairwiseMSELoss()
        >>> float(loss(original=tf.constant([[1.0], [0.5]]), counterfactual=tf.constant([[0.0], [0.5]])))
        0.5
    """

    def __init__(self, name=None):
        super().__init__(name=name or "pairwise_mse_loss")

    def call(self, original, counterfactual, sample_weight=None):
        return _weighted_mean(keras.losses.mean_squared_error(original, counterfactual), sample_weight)


@keras.saving.register_keras_serializable(package="fairkit")
class PairwiseAbsoluteDifferenceLoss(CounterfactualLoss):
    """The mean absolute difference of the two predictions of a pair, as in TFMR; arguments as for `PairwiseMSELoss`."""

    def __init__(self, name=None):
        super().__init__(name=name or "pairwise_absolute_difference_loss")

    def call(self, original, counterfactual, sample_weight=None):
        return _weighted_mean(keras.losses.mean_absolute_error(original, counterfactual), sample_weight)


@keras.saving.register_keras_serializable(package="fairkit")
class PairwiseCosineLoss(CounterfactualLoss):
    """Minus the cosine of the angle between the two predictions of a pair, as in TFMR: -1 where they are alike.

    For models with several outputs only: between two numbers there is no angle. Arguments as for `PairwiseMSELoss`.
    """

    def __init__(self, name=None):
        super().__init__(name=name or "pairwise_cosine_loss")

    def call(self, original, counterfactual, sample_weight=None):
        return _weighted_mean(keras.losses.cosine_similarity(original, counterfactual), sample_weight)


_BY_NAME = {"pairwise_absolute_difference": PairwiseAbsoluteDifferenceLoss, "pairwise_cosine": PairwiseCosineLoss,
            "pairwise_mse": PairwiseMSELoss}
_OURS = {getattr(_tfmr, cls.__name__): cls for cls in _BY_NAME.values()}


def get_counterfactual_loss(loss):
    """The loss object of a name, or the object that is given; one of TFMR's own classes as the one here.

    Args:
        loss: "pairwise_mse", "pairwise_absolute_difference" or "pairwise_cosine", in upper or lower case, with or
            without "pairwise_" before and "_loss" behind, or a `CounterfactualLoss` object.

    Raises:
        FairkitError: for any other loss.

    Example:
        >>> from fairkit.remediation.counterfactual_losses import get_counterfactual_loss
        >>> get_counterfactual_loss("mse").name
        'pairwise_mse_loss'
    """
    if isinstance(loss, _tfmr.CounterfactualLoss):
        return _OURS[type(loss)](loss.name) if type(loss) in _OURS else loss
    if not isinstance(loss, str):
        raise FairkitError("this is no counterfactual loss", f"one of {', '.join(map(quote, _BY_NAME))}, or a "
                           "CounterfactualLoss object", quote(loss))
    name = "pairwise_" + loss.lower().removesuffix("_loss").removeprefix("pairwise_")
    if name not in _BY_NAME:
        raise FairkitError(f"no counterfactual loss {quote(loss)}", nearest(name, _BY_NAME), quote(loss))
    return _BY_NAME[name]()


def counterfactual_loss_from_config(config):
    """The loss that a saved model's config describes."""
    return object_from_config(config, _tfmr.CounterfactualLoss, {cls.__name__: cls for cls in _BY_NAME.values()},
                              "counterfactual loss")


def counterfactual_value(loss, original, counterfactual, sample_weight=None):
    """The value of a loss on one batch of pairs, a float32 scalar.

    Args:
        loss: a `CounterfactualLoss`.
        original, counterfactual: predictions (n,) or (n, d). Keras would take (n,) for one example of n outputs; it is
            made a column here.
        sample_weight: None, (n,) or (n, 1).

    Raises:
        FairkitError: for a loss that would be the same whatever the model says.
    """
    original, counterfactual = (_column(tf.cast(side, tf.float32)) for side in (original, counterfactual))
    refuse_constant(loss, original.shape[-1])
    if sample_weight is not None:
        sample_weight = tf.cast(sample_weight, tf.float32)
    # TFMR writes a summary whenever a writer is active and fails where that has no step: TensorBoard's has none.
    with tf.summary.record_if(False):
        return loss(original=original, counterfactual=counterfactual, sample_weight=sample_weight)


def refuse_constant(loss, outputs):
    """Refuses the cosine loss for a model with one output, for which it is constant and trains nothing."""
    if isinstance(loss, _tfmr.PairwiseCosineLoss | PairwiseCosineLoss) and outputs == 1:
        raise FairkitError("the cosine loss is the same whatever a model with one output predicts",
                           "several outputs, or 'pairwise_mse' or 'pairwise_absolute_difference'", "one output")


def _weighted_mean(values, weights):
    """The sum of weighted values over the number of values: Keras's "sum_over_batch_size"."""
    if weights is not None:
        weights = tf.convert_to_tensor(weights, values.dtype)
        if weights.shape.rank:
            weights = tf.reshape(weights, [-1, *([1] * (values.shape.rank - 1))])
        values *= weights
    return tf.reduce_mean(values)


def _column(values):
    return values[:, None] if values.shape.rank == 1 else values
