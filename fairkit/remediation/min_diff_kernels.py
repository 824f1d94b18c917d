"""The kernels of MinDiff's losses: how alike two predictions are."""

import math

from fairkit.errors import FairkitError, nearest, quote
from fairkit.quiet import keras, silence, tf
from fairkit.remediation.loss_configs import arguments_from_config, object_from_config

with silence():
    from tensorflow_model_remediation.min_diff.losses import kernels as _tfmr

__all__ = ["GaussianKernel", "LaplacianKernel", "MinDiffKernel", "get_kernel", "kernel_from_config"]

_SHORTEST = 1e-3   # of a median distance: of predictions that are all alike it would be 0


class MinDiffKernel(_tfmr.MinDiffKernel):
    """The base class of kernels for MinDiff's losses: derive from it and write `call`.

    `call(x, y)` gets every pair of predictions side by side, x of shape (n, 1, d) and y of shape (1, m, d), and returns
    the kernel of all pairs, (n, m): 1 for two that are alike, less the further they are apart. The kernel itself is
    called with x (n, d) and y (m, d), or with x alone for all pairs within it.

    To be saved with a model, the class is registered with `keras.saving.register_keras_serializable`, and a class with
    arguments of its own adds them to `get_config`.

    A square root has no derivative at 0, and each prediction is paired with itself: the gradient of `tf.norm(x - y)` is
    NaN there. Work with the squared distance, or take the root only of what is above 0, as `LaplacianKernel` does.

    Args:
        tile_input: False if `call` is to get x and y as they come, (n, m, d) both.

    Example:
        >>> import keras, tensorflow as tf
        >>> from fairkit.remediation import MinDiffKernel, MMDLoss
        >>> @keras.saving.register_keras_serializable("docs")
        ... class CauchyKernel(MinDiffKernel):
        ...     def call(self, x, y):
        ...         return 1 / (1 + tf.reduce_sum(tf.square(x - y), axis=2))
        >>> CauchyKernel()(tf.constant([[0.0], [1.0]])).numpy().tolist()
        [[1.0, 0.5], [0.5, 1.0]]
        >>> float(MMDLoss(CauchyKernel())(tf.constant([[1.0], [0.0]]), tf.constant([[1.0], [0.0]])))
        1.0
    """

    @classmethod
    def from_config(cls, config):
        return cls(**arguments_from_config(cls, config))


class _ByDistance(MinDiffKernel):
    """What both kernels share: a length that is a number, or the median distance in the batch."""

    def __init__(self, kernel_length=0.1, tile_input=True):
        super().__init__(tile_input=tile_input)
        self.kernel_length = _checked(kernel_length)
        if kernel_length == "median" and not tile_input:
            raise FairkitError("the median distance is taken of untiled predictions", "tile_input=True",
                               "tile_input=False")

    def __call__(self, x, y=None):
        x, y = tf.convert_to_tensor(x), None if y is None else tf.convert_to_tensor(y)
        if self.kernel_length != "median":
            return super().__call__(x, y)
        length = _median_distance(_exact(x if y is None else tf.concat([x, y], axis=0)))
        return self._of(x[:, None, :], (x if y is None else y)[None, :, :], length)

    def call(self, x, y):
        return self._of(x, y, self.kernel_length)

    def _of(self, x, y, length):
        kernel = self._kernel(_exact(x) - _exact(y), length)
        return tf.cast(kernel, x.dtype) if x.dtype.is_floating else kernel

    def get_config(self):
        return {**super().get_config(), "kernel_length": self.kernel_length}


@keras.saving.register_keras_serializable(package="fairkit")
class GaussianKernel(_ByDistance):
    """The kernel exp(-distance^2 / kernel_length^2), for MMDLoss, UnbiasedMMDLoss and AdjustedMMDLoss.

    Args:
        kernel_length: a number above 0, in the unit of the predictions, or "median": the median of the distances
            between any two different predictions of the batch, both groups together, at least .001 (the choice of
            Gretton, Borgwardt, Rasch, Schoelkopf and Smola, 2012, "A kernel two-sample test", section 8). It is taken
            anew for each batch, and no gradient flows through it.
        tile_input: as for `MinDiffKernel`.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import GaussianKernel
        >>> kernel = GaussianKernel(kernel_length=0.5)(tf.constant([[0.0], [0.5]]))
        >>> print([round(float(value), 3) for value in kernel[0]])
        [1.0, 0.368]
    """

    def _kernel(self, difference, length):
        return tf.exp(-_squared(difference) / length**2)


@keras.saving.register_keras_serializable(package="fairkit")
class LaplacianKernel(_ByDistance):
    """The kernel exp(-distance / kernel_length), for MMDLoss, UnbiasedMMDLoss and AdjustedMMDLoss.

    The distance has no derivative at 0: from either side the kernel rises to its peak of 1. Backpropagation through a
    square root would multiply infinity by 0 there, which is NaN, and each prediction is at distance 0 from itself. The
    kernel of a prediction with itself is 1 whatever it is, so its gradient is 0; that of two that happen to be equal is
    taken as 0 too, the mean of both sides. (TFMR's own class adds 1e-8 to every difference, which TensorFlow's graph
    optimizer rounds away: its gradient is NaN wherever training is not eager. The values are the same.)

    Args:
        kernel_length, tile_input: as for `GaussianKernel`.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import LaplacianKernel
        >>> kernel = LaplacianKernel(kernel_length="median")(tf.constant([[0.0], [0.5]]))
        >>> print([round(float(value), 3) for value in kernel[0]])
        [1.0, 0.368]
    """

    def _kernel(self, difference, length):
        return tf.exp(-_distance(difference) / length)


_BY_NAME = {"gaussian": GaussianKernel, "gauss": GaussianKernel, "laplacian": LaplacianKernel,
            "laplace": LaplacianKernel}   # TFMR's names; each may also end in "_kernel"
_OURS = {_tfmr.GaussianKernel: GaussianKernel, _tfmr.LaplacianKernel: LaplacianKernel}


def get_kernel(kernel, kernel_length=None):
    """The kernel of a name and a length, or the object that is given; TFMR's own objects come back as fairkit's.

    Example:
        >>> from fairkit.remediation.min_diff_kernels import get_kernel
        >>> get_kernel("laplacian", 0.3).kernel_length
        0.3
    """
    if isinstance(kernel, _tfmr.MinDiffKernel):
        if kernel_length is not None:
            raise FairkitError("a kernel object has its own length", "kernel_length with a kernel's name",
                               f"{type(kernel).__name__} and kernel_length={quote(kernel_length)}")
        return _OURS[type(kernel)](**kernel.get_config()) if type(kernel) in _OURS else kernel
    name = kernel.lower().removesuffix("_kernel") if isinstance(kernel, str) else None
    if name not in _BY_NAME:
        raise FairkitError(f"no kernel {quote(kernel)}", f"{nearest(name, _BY_NAME)}, or a MinDiffKernel object",
                           quote(kernel))
    return _BY_NAME[name](0.1 if kernel_length is None else kernel_length)


def kernel_from_config(config):
    """The kernel of a config or a name, or the object that is given; None for None."""
    if config is None or isinstance(config, str | _tfmr.MinDiffKernel):
        return config if config is None else get_kernel(config)
    return object_from_config(config, _tfmr.MinDiffKernel, {cls.__name__: cls for cls in _OURS.values()}, "kernel")


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


def _exact(x):
    """Numbers that can be squared: half precision has no numbers below 6e-8 and none above 65504."""
    return x if x.dtype in (tf.float32, tf.float64) else tf.cast(x, tf.float32)


def _squared(difference):
    squared = tf.square(difference)
    return tf.squeeze(squared, axis=2) if squared.shape[2] == 1 else tf.reduce_sum(squared, axis=2)


def _distance(difference):
    """The length of differences (n, m, d), with the gradient 0 where it is 0."""
    if difference.shape[2] == 1:
        return tf.abs(tf.squeeze(difference, axis=2))   # whose gradient is the sign, 0 at 0
    squared = _squared(difference)
    apart = squared > 0
    # The inner choice keeps the root off 0, the outer one its gradient off the result.
    return tf.where(apart, tf.sqrt(tf.where(apart, squared, tf.ones_like(squared))), tf.zeros_like(squared))


def _median_distance(x):
    squared = tf.stop_gradient(_squared(x[:, None, :] - x[None, :, :]))
    n = tf.shape(squared)[0]
    # Every pair is there twice, which leaves the median as it is; the n zeros of the diagonal come first.
    ordered, pairs = tf.sort(tf.reshape(squared, [-1])), n * (n - 1)
    last = n * n - 1
    middle = tf.gather(ordered, tf.minimum([n + (pairs - 1) // 2, n + pairs // 2], last))
    return tf.maximum(tf.reduce_mean(tf.sqrt(middle)), _SHORTEST)
