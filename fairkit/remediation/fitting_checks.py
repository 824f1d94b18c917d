"""What a wrapped model is warned of or refused before it is fitted."""

import warnings

from fairkit.errors import FairkitError
from fairkit.quiet import keras, tf

__all__ = ["refuse_compiled_texts", "warn_of_overridden_steps"]


def warn_of_overridden_steps(model, wrapper, known=()):
    """Warns of an original model whose own training step or loss the wrapper goes round; not of `known` classes'."""
    own = [name for name in ("train_step", "compute_loss")
           if getattr(type(model), name) not in [getattr(cls, name) for cls in (keras.Model, *known)]]
    if own:
        warnings.warn(f"{type(model).__name__} overrides {' and '.join(own)}, which {wrapper} does not use: it goes "
                      f"round it. A training step of your own belongs into a subclass of {wrapper}.", stacklevel=4)


def refuse_compiled_texts(model, data):
    """Refuses texts for a model that is compiled with jit_compile=True: XLA has no strings."""
    if not model.compiled or model.jit_compile is not True or not isinstance(data, tf.data.Dataset):
        return
    kinds = [getattr(spec, "dtype", None) for spec in tf.nest.flatten(data.element_spec)]
    if tf.string in kinds:
        raise FairkitError("a model that takes texts cannot be compiled by XLA", "jit_compile=False in compile",
                           "jit_compile=True and inputs of strings")
