"""What a model is warned of or refused before it is fitted, and after."""

import warnings

import numpy as np

from fairkit.errors import FairkitError
from fairkit.quiet import tf

__all__ = ["refuse_compiled_texts", "warn_of_lost_loss", "warn_of_overridden_steps"]


def warn_of_overridden_steps(model, wrapper):
    """Warns of a model whose own training step or loss its wrapper goes round, since no base of it has them."""
    used = type(wrapper).__mro__
    own = [name for name in ("train_step", "compute_loss")
           if any(name in vars(cls) for cls in type(model).__mro__ if cls not in used)]
    if own:
        kind, wrapping = type(model).__name__, type(wrapper).__name__
        warnings.warn(f"{kind} overrides {' and '.join(own)}, which {wrapping} does not use: it goes round it. With "
                      f"class Custom({wrapping}, {kind}), Custom(model, ...) uses it.", stacklevel=4)


def refuse_compiled_texts(model, data):
    """Refuses texts for a model that is compiled with jit_compile=True: XLA has no strings."""
    if not model.compiled or model.jit_compile is not True or not isinstance(data, tf.data.Dataset):
        return
    kinds = [getattr(spec, "dtype", None) for spec in tf.nest.flatten(data.element_spec)]
    if tf.string in kinds:
        raise FairkitError("a model that takes texts cannot be compiled by XLA", "jit_compile=False in compile",
                           "jit_compile=True and inputs of strings")


def warn_of_lost_loss(history, stacklevel=3):
    """Warns where a loss became NaN or infinite in training: the model is lost, whatever its metrics say.

    Args:
        history: dict of name -> values by epoch.
        stacklevel: of the warning.
    """
    for name, values in history.items():
        lost = np.flatnonzero(~np.isfinite(np.asarray(values, float)))
        if len(lost) and (name == "loss" or name.endswith("_loss")):
            warnings.warn(f"{name} became {values[lost[0]]} in epoch {int(lost[0]) + 1}: the model has learnt nothing. "
                          "A smaller learning rate or loss weight, or inputs of a common scale, may keep it finite",
                          stacklevel=stacklevel)
            return
