"""The kernels of MinDiff's losses: how alike two predictions are."""

import math

from fairkit.errors import FairkitError, nearest, quote
from fairkit.quiet import keras, silence, tf

with silence():
    from tensorflow_model_remediation.min_diff.losses import GaussianKernel as _TFMRGaussianKernel
    from tensorflow_model_remediation.min_diff.losses import LaplacianKernel as _TFMRLaplacianKernel
    from tensorflow_model_remediation.min_diff.losses import MinDiffKernel

__all__ = ["GaussianKernel", "LaplacianKernel", "get_kernel"]

_SHORTEST = 1e-3   # of a median distance: of predictions that are all alike it would be 0


class _ByDistance:
    """What both kernels share: a length that is a number, or the median distance in the batch."""

    def __init__(self, kernel_length=0.1, tile_input=True):
        super().__init__(kernel_length=_checked(kernel_length), tile_input=tile_input)
        if kernel_length == "median" and not tile_input:
            raise FairkitError("the median distance is taken of untiled predictions", "tile_input=True",
                               "tile_input=False")

    def __call__(self, x, y=None):
        if self.kernel_length != "median":
            return super().__call__(x, y)
        length = _median_distance(x if y is None else tf.concat([x, y], axis=0))
        return self._of(_squared_distance(x[:, None, :], (x if y is None else y)[None, :, :]), length)

    def call(self, x, y):
        return self._of(_squared_distance(x, y), self.kernel_length)


@keras.saving.register_keras_serializable(package="fairkit")
class GaussianKernel(_ByDistance, _TFMRGaussianKernel):
    """The kernel exp(-distance^2 / kernel_length^2), for MMDLoss, UnbiasedMMDLoss and AdjustedMMDLoss.

    Args:
        kernel_length: a number above 0, in the unit of the predictions, or "median": the median of the distances
            between any two different predictions of the batch, both groups together, at least .001 (the choice of
            Gretton, Borgwardt, Rasch, Schoelkopf and Smola, 2012, "A kernel two-sample test", section 8). It is taken
            anew for each batch, and no gradient flows through it.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import GaussianKernel
        >>> kernel = GaussianKernel(kernel_length=0.5)(tf.constant([[0.0], [0.5]]))
        >>> print([round(float(value), 3) for value in kernel[0]])
        [1.0, 0.368]
    """

    def _of(self, squared, length):
        return tf.exp(-squared / length**2)


@keras.saving.register_keras_serializable(package="fairkit")
class LaplacianKernel(_ByDistance, _TFMRLaplacianKernel):
    """The kernel exp(-distance / kernel_length), for MMDLoss, UnbiasedMMDLoss and AdjustedMMDLoss.

    TFMR's own class keeps the distance of a point to itself off 0 by an added 1e-8, which TensorFlow's graph optimizer
    rounds away: the gradient is NaN wherever training is not eager. Here a distance of 0 has the gradient 0, and the
    values are the same.

    Args:
        kernel_length: as for `GaussianKernel`.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import LaplacianKernel
        >>> kernel = LaplacianKernel(kernel_length="median")(tf.constant([[0.0], [0.5]]))
        >>> print([round(float(value), 3) for value in kernel[0]])
        [1.0, 0.368]
    """

    def _of(self, squared, length):
        apart = squared > 0
        distance = tf.where(apart, tf.sqrt(tf.where(apart, squared, 1.0)), 0.0)
        return tf.exp(-distance / length)


_BY_NAME = {"gaussian": GaussianKernel, "gauss": GaussianKernel, "laplacian": LaplacianKernel,
            "laplace": LaplacianKernel}   # TFMR's names; each may also end in "_kernel"
_OURS = {_TFMRGaussianKernel: GaussianKernel, _TFMRLaplacianKernel: LaplacianKernel}


def get_kernel(kernel, kernel_length=None):
    """The kernel of a name and a length, or the object that is given; TFMR's own objects come back as fairkit's.

    Example:
        >>> from fairkit.remediation.min_diff_kernels import get_kernel
        >>> get_kernel("laplacian", 0.3).kernel_length
        0.3
    """
    if isinstance(kernel, MinDiffKernel):
        if kernel_length is not None:
            raise FairkitError("a kernel object has its own length", "kernel_length with a kernel's name",
                               f"{type(kernel).__name__} and kernel_length={quote(kernel_length)}")
        return _OURS[type(kernel)](**kernel.get_config()) if type(kernel) in _OURS else kernel
    name = kernel.lower().removesuffix("_kernel") if isinstance(kernel, str) else None
    if name not in _BY_NAME:
        raise FairkitError(f"no kernel {quote(kernel)}", f"{nearest(name, _BY_NAME)}, or a MinDiffKernel object",
                           quote(kernel))
    return _BY_NAME[name](0.1 if kernel_length is None else kernel_length)


def _checked(length):
    if isinstance(length, str) and length == "median":
        return length
    try:
        number = math.nan if isinstance(length, (bool, str)) else float(length)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise FairkitError("the kernel length does not fit", "a number above 0, or 'median'", quote(length))
    return number


def _squared_distance(x, y):
    squared = tf.square(x - y)
    return tf.squeeze(squared, axis=2) if squared.shape[2] == 1 else tf.reduce_sum(squared, axis=2)


def _median_distance(x):
    squared = tf.stop_gradient(_squared_distance(x[:, None, :], x[None, :, :]))
    n = tf.shape(squared)[0]
    # Every pair is there twice, which leaves the median as it is; the n zeros of the diagonal come first.
    ordered, pairs = tf.sort(tf.reshape(squared, [-1])), n * (n - 1)
    last = n * n - 1
    middle = tf.gather(ordered, tf.minimum([n + (pairs - 1) // 2, n + pairs // 2], last))
    return tf.maximum(tf.reduce_mean(tf.sqrt(middle)), _SHORTEST)
