"""MinDiff's losses: how far apart the predictions for two groups are."""

from fairkit.errors import FairkitError, quote
from fairkit.quiet import keras, silence, tf
from fairkit.remediation.loss_configs import arguments_from_config, taken_by, transform_to_config
from fairkit.remediation.min_diff_kernels import get_kernel, kernel_from_config

with silence():
    from tensorflow_model_remediation.min_diff import losses as _tfmr

__all__ = ["OF_THE_BASE", "AbsoluteCorrelationLoss", "AdjustedMMDLoss", "MMDLoss", "MinDiffLoss", "UnbiasedMMDLoss"]

OF_THE_BASE = ("membership_transform", "predictions_transform", "membership_kernel", "predictions_kernel")
"""What the config of every MinDiff loss may hold, its constructor taking it or not."""

_VARIANCE = 1e-2   # TFMR's constants: the one keeps the adjusted loss from growing without bound,
_CORRELATION = 1e-7   # the other keeps the correlation defined where all predictions are the same


class MinDiffLoss(_tfmr.MinDiffLoss):
    """The base class of losses for MinDiff: derive from it and write `call`.

    `call(membership, predictions, sample_weight=None)` returns a scalar that is 0 where the predictions for both groups
    are distributed alike, and grows with their difference. `MinDiffModel` hands it float32 columns: membership (n, 1),
    1.0 for the sensitive group and 0.0 for the other, predictions (n, 1) or (n, d), and weights (n, 1) or None.

    To be saved with a model, the class is registered with `keras.saving.register_keras_serializable`. Saved are its
    name, its kernels and transforms that are registered too; a class with arguments of its own adds them to
    `get_config`, as numbers, texts or lists of them. A file holds no code, so other transforms are refused by saving.

    Args:
        membership_transform, predictions_transform: functions that a loss applies to either first.
        membership_kernel, predictions_kernel: names of kernels ("gaussian", "laplacian") or `MinDiffKernel` objects,
            for a loss that compares all pairs.
        name: of the loss; the class's in snake case if not given.
        enable_summary_histogram: whether histograms are written where the loss is called outside a `MinDiffModel`.

    Raises:
        FairkitError: for a transform that is no function, and a kernel that is not known.

    Example:
        >>> import keras, tensorflow as tf
        >>> from fairkit.remediation import MinDiffLoss
        >>> @keras.saving.register_keras_serializable("docs")
        ... class MeanGapLoss(MinDiffLoss):
        ...     def call(self, membership, predictions, sample_weight=None):
        ...         w = tf.ones_like(membership) if sample_weight is None else sample_weight
        ...         means = [tf.math.divide_no_nan(tf.reduce_sum(w * group * predictions), tf.reduce_sum(w * group))
        ...                  for group in (membership, 1 - membership)]
        ...         return tf.square(means[0] - means[1])
        >>> float(MeanGapLoss()(tf.constant([[1.0], [1.0], [0.0]]), tf.constant([[0.5], [1.0], [0.25]])))
        0.25
        >>> keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(MeanGapLoss())).name
        'mean_gap_loss'
    """

    def __init__(self, membership_transform=None, predictions_transform=None, membership_kernel=None,
                 predictions_kernel=None, name=None, enable_summary_histogram=True):
        for argument, value in (("membership_transform", membership_transform),
                                ("predictions_transform", predictions_transform)):
            if value is not None and not callable(value):
                raise FairkitError(f"{argument} is no function", "a callable", quote(value))
        membership_kernel, predictions_kernel = (
            None if kernel is None else get_kernel(kernel) for kernel in (membership_kernel, predictions_kernel))
        super().__init__(membership_transform, predictions_transform, membership_kernel, predictions_kernel, name,
                         enable_summary_histogram)

    def get_config(self):
        config = {"membership_transform": transform_to_config(self.membership_transform, "membership_transform"),
                  "predictions_transform": transform_to_config(self.predictions_transform, "predictions_transform"),
                  "membership_kernel": self.membership_kernel, "predictions_kernel": self.predictions_kernel,
                  "name": self.name}
        return {name: value for name, value in config.items() if value is not None}

    @classmethod
    def from_config(cls, config):
        return cls(**taken_by(cls, arguments_from_config(cls, config, OF_THE_BASE, kernel_from_config), OF_THE_BASE))


@keras.saving.register_keras_serializable(package="fairkit")
class AbsoluteCorrelationLoss(MinDiffLoss):
    """The absolute value of the correlation between membership and predictions, as TFMR has it.

    It sees differences between the groups' means only, where the MMD losses see any difference of the distributions.

    Args:
        name, enable_summary_histogram: as for `MinDiffLoss`.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import AbsoluteCorrelationLoss
        >>> loss = AbsoluteCorrelationLoss()
        >>> print(round(float(loss(tf.constant([[1.0], [0.0], [0.0]]), tf.constant([[0.0], [1.0], [1.0]]))), 4))
        1.0
    """

    def __init__(self, name=None, enable_summary_histogram=True):
        super().__init__(name=name or "absolute_correlation_loss", enable_summary_histogram=enable_summary_histogram)

    def call(self, membership, predictions, sample_weight=None):
        membership, predictions, weights = self._preprocess_inputs(membership, predictions, sample_weight)
        members, scores = (values - tf.reduce_sum(weights * values) for values in (membership, predictions))
        spread = [tf.sqrt(tf.reduce_sum(weights * tf.square(values)) + _CORRELATION) for values in (members, scores)]
        return tf.abs(tf.reduce_sum(weights * members * scores) / (spread[0] * spread[1]))


@keras.saving.register_keras_serializable(package="fairkit")
class MMDLoss(MinDiffLoss):
    """The squared maximum mean discrepancy between the predictions of two groups, as TFMR has it.

    The mean of the kernel within the one group, plus that within the other, minus twice that across: the biased
    estimate, MMD_b of Gretton et al. (2012), equation 5, with the pairs of an example with itself. Values and gradients
    are those of TFMR's class; they are computed with fewer operations on all pairs.

    Args:
        kernel: "gaussian", "laplacian" or a kernel object.
        predictions_transform: a function that is applied to the predictions first.
        name: of the loss.
        enable_summary_histogram: as in TFMR; MinDiffModel writes no summaries either way.
        kernel_length: of a kernel named by `kernel`: a number (0.1 if not given) or "median".

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import MMDLoss
        >>> loss = MMDLoss("gaussian", kernel_length=1.0)
        >>> print(round(float(loss(tf.constant([[1.0], [0.0]]), tf.constant([[1.0], [0.0]]))), 4))
        1.2642
    """

    def __init__(self, kernel="gaussian", predictions_transform=None, name=None, enable_summary_histogram=True,
                 kernel_length=None):
        super().__init__(predictions_transform=predictions_transform, name=name or self._default_name,
                         predictions_kernel=get_kernel(kernel, kernel_length),
                         enable_summary_histogram=enable_summary_histogram)

    _default_name = "mmd_loss"

    @classmethod
    def from_config(cls, config):
        # The constructor calls kernel what the base class calls predictions_kernel.
        return super().from_config({"kernel" if name == "predictions_kernel" else name: value
                                    for name, value in config.items()})

    def call(self, membership, predictions, sample_weight=None):
        kernel, a, b = self._kernel_and_weights(membership, predictions, sample_weight)
        difference = a - b
        return _mean(kernel, difference, difference)

    def _kernel_and_weights(self, membership, predictions, sample_weight):
        """The kernel of all pairs (n, n), and each group's weights (n, 1), which sum to 1 (0 without examples)."""
        membership, predictions, weights = self._preprocess_inputs(membership, predictions, sample_weight)
        groups = [weights * tf.cast(tf.equal(membership, value), tf.float32) for value in (1.0, 0.0)]
        return self.predictions_kernel(predictions), *(tf.math.divide_no_nan(w, tf.reduce_sum(w)) for w in groups)


@keras.saving.register_keras_serializable(package="fairkit")
class UnbiasedMMDLoss(MMDLoss):
    """The unbiased estimate of the squared maximum mean discrepancy: pairs of different examples only.

    MMD_u of Gretton et al. (2012), equation 3; with weights, the weighted means over these pairs. Its mean over batches
    of two groups with the same predictions is 0, where that of `MMDLoss` is above 0, the more so the smaller the batch;
    so a single value may be below 0. Each group needs two examples a batch.

    Args:
        kernel, predictions_transform, name, enable_summary_histogram, kernel_length: as for `MMDLoss`.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import UnbiasedMMDLoss
        >>> membership, alike = tf.constant([[1.0], [1.0], [0.0], [0.0]]), tf.constant([[0.0], [1.0], [0.0], [1.0]])
        >>> print(round(float(UnbiasedMMDLoss(kernel_length=1.0)(membership, alike)), 4))
        -0.6321
    """

    _default_name = "unbiased_mmd_loss"

    def call(self, membership, predictions, sample_weight=None):
        kernel, a, b = self._kernel_and_weights(membership, predictions, sample_weight)
        within = kernel - tf.linalg.diag(tf.linalg.diag_part(kernel))
        return _mean_of_others(within, a) + _mean_of_others(within, b) - 2 * _mean(kernel, a, b)


@keras.saving.register_keras_serializable(package="fairkit")
class AdjustedMMDLoss(MMDLoss):
    """`MMDLoss` divided by the variance of both groups' means, through which no gradient flows, as TFMR has it.

    Args:
        kernel, predictions_transform, name, enable_summary_histogram, kernel_length: as for `MMDLoss`.
    """

    _default_name = "adjusted_mmd_loss"

    def call(self, membership, predictions, sample_weight=None):
        kernel, a, b = self._kernel_and_weights(membership, predictions, sample_weight)
        means, diagonal = [_mean(kernel, a, a), _mean(kernel, b, b)], tf.linalg.diag_part(kernel)[:, None]
        variance = sum((tf.reduce_sum(w * diagonal) - mean) * tf.reduce_sum(w * w) for w, mean in zip((a, b), means))
        return tf.math.divide_no_nan(sum(means) - 2 * _mean(kernel, a, b), tf.stop_gradient(variance) + _VARIANCE)


def _mean(kernel, a, b):
    return tf.reduce_sum(kernel * a * tf.transpose(b))


def _mean_of_others(within, weights):
    """The weighted mean over the pairs of different examples; `within` has a diagonal of 0."""
    return tf.math.divide_no_nan(_mean(within, weights, weights), 1 - tf.reduce_sum(weights * weights))
