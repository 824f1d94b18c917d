"""Random numbers that depend on one seed for a while, and leave the caller's random state as it was."""

import contextlib
import random
import threading

import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote

__all__ = ["seeded"]

# What TensorFlow reports as its global seed when none is set.
_NO_SEED = 87654321
_ONE_AT_A_TIME = threading.RLock()   # the generators belong to the whole process


@contextlib.contextmanager
def seeded(seed):
    """Within it, what Python, NumPy, Keras initializers, Dropout and tf.data draw depends on `seed` alone.

    On leaving, the states of Python's and NumPy's generators and TensorFlow's global seed are as before. Where
    TensorFlow's global seed had been set, its sequence of per-operation seeds starts again. With `seed=None` nothing
    is changed.

    The generators are the process's, so of several threads one is within it at a time, and the others wait: the same
    seed gives the same in each. Threads that draw without it still change what is drawn within.

    Example:
        >>> import fairkit, random
        >>> from fairkit.models.seeding import seeded
        >>> with seeded(7):
        ...     first = random.random()
        >>> with seeded(7):
        ...     print(random.random() == first)
        True
    """
    if seed is None:
        yield
        return
    if not is_whole(seed) or not 0 <= seed < 2**31:
        raise FairkitError("the seed is no seed", "an integer from 0 to 2147483647", quote(seed))
    from fairkit.quiet import tf

    with _ONE_AT_A_TIME:
        python, array, tensor = random.getstate(), np.random.get_state(), tf.compat.v1.get_seed(0)[0]  # noqa: NPY002
        seed = int(seed)
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        tf.random.set_seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(array)  # noqa: NPY002
            tf.random.set_seed(None if tensor == _NO_SEED else tensor)
