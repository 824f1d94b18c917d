"""Rows that Python reads when a `tf.data.Dataset` asks for them."""

import atexit
import threading
import time
from collections import deque
from contextlib import contextmanager

import numpy as np

from fairkit.errors import FairkitError

__all__ = ["plain_errors", "raised_by_tensorflow", "read_by_tensorflow"]

_QUIET = 0.1    # seconds without a call, after which no thread of TensorFlow is about to make one
_PATIENCE = 10.0
_refused = deque(maxlen=16)    # the latest errors of readers, of which TensorFlow keeps the text only


def read_by_tensorflow(source):
    """A function from a tensor of row numbers to the tensor of these rows.

    Args:
        source: anything whose `source[rows]` becomes an array, of one shape and dtype throughout.
    """
    from fairkit.quiet import tf

    sample = np.asarray(source[np.arange(1)])
    dtype = tf.convert_to_tensor(sample).dtype

    def read(rows):
        return _calls.run(lambda: np.asarray(source[rows]), lambda: sample[:0])

    # TensorFlow would translate the reader to a graph otherwise, and every library that it calls.
    @tf.autograph.experimental.do_not_convert
    def rows_of(index):
        rows = tf.numpy_function(tf.autograph.experimental.do_not_convert(read), [index], dtype)
        rows.set_shape([None, *sample.shape[1:]])
        return rows

    return rows_of


def raised_by_tensorflow(error, element_spec):
    """A `tf.data.Dataset` that raises a `FairkitError` as soon as it is read.

    Args:
        error: the `FairkitError`; within `plain_errors` it comes out as it is.
        element_spec: of the elements that the data set claims to hold, so that it can follow others.
    """
    from fairkit.quiet import tf

    def refuse():
        _refused.append(error)
        raise error
        yield

    parts = tf.nest.flatten(element_spec)
    held = tuple(part for part in parts if not isinstance(part, tf.NoneTensorSpec))

    def packed(*values):
        values = iter(values)
        return tf.nest.pack_sequence_as(element_spec, [None if isinstance(part, tf.NoneTensorSpec) else next(values)
                                                       for part in parts])

    return tf.data.Dataset.from_generator(refuse, output_signature=held).map(packed)


@contextmanager
def plain_errors():
    """Raises the `FairkitError` of a reader as it is, where TensorFlow wrapped it into one of its own.

    Example:
        >>> from fairkit.lazy_rows import plain_errors
        >>> with plain_errors():
        ...     pass    # model.fit(examples.batches(64))
    """
    from fairkit.quiet import tf

    try:
        yield
    except tf.errors.OpError as error:
        said = next((refused for refused in reversed(_refused) if str(refused) in str(error)), None)
        if said is None:
            raise
        raise said from None


class _Calls:
    """The calls from TensorFlow's threads, which end before the interpreter does.

    A prefetching thread that asks for Python's lock while the interpreter is taken down never gets it, and the
    interpreter waits for that thread: the process would neither run nor end.
    """

    def __init__(self):
        self.ending, self.running, self.last, self.lock = False, 0, None, threading.Lock()

    def run(self, read, nothing):
        with self.lock:
            if self.last is None:
                atexit.register(self.end)
            self.running, self.last = self.running + 1, time.monotonic()
        try:
            return nothing() if self.ending else read()
        except FairkitError as error:
            _refused.append(error)
            raise
        finally:
            with self.lock:
                self.running, self.last = self.running - 1, time.monotonic()

    def end(self):
        """Waits until buffers are full: from now on calls return at once, with no rows that nobody will see."""
        self.ending, until = True, time.monotonic() + _PATIENCE
        while time.monotonic() < until and (self.running or time.monotonic() - self.last < _QUIET):
            time.sleep(_QUIET / 10)


_calls = _Calls()
