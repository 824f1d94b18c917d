"""MinDiff's losses: how far apart the predictions for two groups are."""

from fairkit.quiet import keras, silence, tf
from fairkit.remediation.min_diff_kernels import GaussianKernel, LaplacianKernel, get_kernel

with silence():
    from tensorflow_model_remediation.min_diff import losses as _tfmr
    from tensorflow_model_remediation.min_diff.losses import AbsoluteCorrelationLoss, MinDiffLoss

__all__ = ["AbsoluteCorrelationLoss", "AdjustedMMDLoss", "GaussianKernel", "LaplacianKernel", "MMDLoss", "MinDiffLoss",
           "UnbiasedMMDLoss"]

_EPSILON = 1e-2   # TFMR's, which keeps the adjusted loss from growing without bound


@keras.saving.register_keras_serializable(package="fairkit")
class MMDLoss(_tfmr.MMDLoss):
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
        super().__init__(get_kernel(kernel, kernel_length), predictions_transform, name or self._default_name,
                         enable_summary_histogram)

    _default_name = "mmd_loss"

    def call(self, membership, predictions, sample_weight=None):
        kernel, a, b = self._kernel_and_weights(membership, predictions, sample_weight)
        difference = a - b
        return tf.reduce_sum(kernel * difference * tf.transpose(difference))

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
class AdjustedMMDLoss(MMDLoss, _tfmr.AdjustedMMDLoss):
    """`MMDLoss` divided by the variance of both groups' means, through which no gradient flows, as TFMR has it.

    Args:
        kernel, predictions_transform, name, enable_summary_histogram, kernel_length: as for `MMDLoss`.
    """

    _default_name = "adjusted_mmd_loss"

    def call(self, membership, predictions, sample_weight=None):
        kernel, a, b = self._kernel_and_weights(membership, predictions, sample_weight)
        means, diagonal = [_mean(kernel, a, a), _mean(kernel, b, b)], tf.linalg.diag_part(kernel)[:, None]
        variance = sum((tf.reduce_sum(w * diagonal) - mean) * tf.reduce_sum(w * w) for w, mean in zip((a, b), means))
        return tf.math.divide_no_nan(sum(means) - 2 * _mean(kernel, a, b), tf.stop_gradient(variance) + _EPSILON)


def _mean(kernel, a, b):
    return tf.reduce_sum(kernel * a * tf.transpose(b))


def _mean_of_others(within, weights):
    """The weighted mean over the pairs of different examples; `within` has a diagonal of 0."""
    return tf.math.divide_no_nan(_mean(within, weights, weights), 1 - tf.reduce_sum(weights * weights))
