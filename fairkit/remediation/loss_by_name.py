"""MinDiff's losses by name, and how they are saved with a model."""

from fairkit.errors import FairkitError, nearest, quote
from fairkit.quiet import keras, silence, tf
from fairkit.remediation.loss_configs import object_from_config, transform_to_config
from fairkit.remediation.min_diff_kernels import get_kernel, kernel_from_config
from fairkit.remediation.min_diff_losses import (
    OF_THE_BASE,
    AbsoluteCorrelationLoss,
    AdjustedMMDLoss,
    MMDLoss,
    UnbiasedMMDLoss,
)

with silence():
    from tensorflow_model_remediation.min_diff import losses as _tfmr

__all__ = ["get_loss", "loss_from_config", "loss_text", "loss_to_config", "min_diff_value"]

# TFMR's names and one more; each may also end in "_loss", in upper or lower case.
_BY_NAME = {
    "absolute_correlation": AbsoluteCorrelationLoss,
    "abs_corr": AbsoluteCorrelationLoss,
    "adjusted_mmd": AdjustedMMDLoss,
    "maximum_mean_discrepancy": MMDLoss,
    "mmd": MMDLoss,
    "unbiased_mmd": UnbiasedMMDLoss,
}
_OURS = {getattr(_tfmr, cls.__name__): cls for cls in (AbsoluteCorrelationLoss, AdjustedMMDLoss, MMDLoss)}


def get_loss(loss, kernel=None, kernel_length=None):
    """The loss object of a name, or a copy of the object that is given.

    Names are "mmd", "adjusted_mmd", "absolute_correlation" and "unbiased_mmd". The copy writes no summaries, and is of
    fairkit's class where it is one of TFMR's own, with the same values.

    Args:
        loss: a name or a MinDiffLoss object.
        kernel: of a loss by name that has one: "gaussian" (the default), "laplacian" or a kernel object.
        kernel_length: of a kernel by name: a number above 0 (0.1 if not given), or "median".

    Raises:
        FairkitError: for a name that is not known, and for a kernel where there is none to choose.

    Example:
        >>> from fairkit.remediation.loss_by_name import get_loss, loss_text
        >>> loss_text(get_loss("mmd", "laplacian", kernel_length="median"))
        'mmd_loss (LaplacianKernel, length median)'
    """
    if isinstance(loss, _tfmr.MinDiffLoss):
        if kernel is not None or kernel_length is not None:
            raise FairkitError("a loss object has its own kernel", "kernel and kernel_length with a loss by name",
                               f"{loss.name} with kernel={quote(kernel)}, kernel_length={quote(kernel_length)}")
        cls = _OURS.get(type(loss), type(loss))
        twin = object.__new__(cls)  # copy.copy would take Keras's way, over a config, which not every loss has
        vars(twin).update(vars(loss), enable_summary_histogram=False)
        for kernel in ("membership_kernel", "predictions_kernel"):
            if getattr(twin, kernel) is not None:
                setattr(twin, kernel, get_kernel(getattr(twin, kernel)))
        return twin
    if not isinstance(loss, str):
        names = ", ".join(map(quote, _BY_NAME))
        raise FairkitError("this is no MinDiff loss", f"one of {names}, or a MinDiffLoss object such as "
                           "fairkit.remediation.MMDLoss('laplacian')", quote(loss))
    name = loss.lower().removesuffix("_loss")
    if name not in _BY_NAME:
        raise FairkitError(f"no MinDiff loss {quote(loss)}", nearest(name, _BY_NAME), quote(loss))
    cls = _BY_NAME[name]
    if issubclass(cls, MMDLoss):
        return cls(get_kernel("gaussian" if kernel is None else kernel, kernel_length), enable_summary_histogram=False)
    if kernel is not None or kernel_length is not None:
        raise FairkitError(f"the loss {quote(loss)} has no kernel", "kernel and kernel_length with an MMD",
                           f"kernel={quote(kernel)}, kernel_length={quote(kernel_length)}")
    return cls(enable_summary_histogram=False)


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
    """A loss as plain data for a saved model.

    Raises:
        FairkitError: for a transform that is not registered with Keras.
    """
    for name in ("membership_transform", "predictions_transform"):
        # TFMR would pickle it.
        transform_to_config(getattr(loss, name), f"{name} of the loss {quote(loss.name)}")
    return keras.saving.serialize_keras_object(loss)


def loss_from_config(config):
    """The loss that `loss_to_config` described."""
    return object_from_config(config, _tfmr.MinDiffLoss, {cls.__name__: cls for cls in _BY_NAME.values()},
                              "MinDiff loss", OF_THE_BASE, kernel_from_config)


def loss_text(loss):
    """A loss in words for a record: its name, kernel and kernel length."""
    kernel = loss.predictions_kernel
    if kernel is None:
        return loss.name
    length = getattr(kernel, "kernel_length", None)
    text = length if isinstance(length, str | None) else f"{length:g}"
    return f"{loss.name} ({type(kernel).__name__}{'' if text is None else f', length {text}'})"


def _column(values):
    return values[:, None] if values.shape.rank == 1 else values
