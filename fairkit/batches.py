"""Examples as batches for Keras."""

import warnings
from collections.abc import Mapping

import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.inputs import as_given
from fairkit.lazy_rows import read_by_tensorflow
from fairkit.texts import Texts

__all__ = ["batches", "gather_rows", "input_batches"]

_SMALL = 1 << 26   # bytes of texts that TensorFlow may hold as well


def batches(examples, batch_size, shuffle=True, seed=0, labels=True):
    """A `tf.data.Dataset` of (inputs, labels[, weights]); without `labels`, of (inputs,) alone.

    Only row numbers are shuffled and batched; the rows themselves are gathered a batch at a time.
    """
    from fairkit.quiet import tf

    if examples.inputs is None:
        raise FairkitError("these examples have no inputs to make batches of", "Examples(inputs=...)", "inputs=None")
    if len(examples) == 0:
        raise FairkitError("there are no examples to make batches of", "at least one example", 0)
    if not is_whole(batch_size) or batch_size < 1:
        raise FairkitError("a batch needs examples", "batch_size of 1 or more", quote(batch_size))
    gather_inputs = gather_rows(tf, as_given(examples.inputs))
    gather_rest = [gather_rows(tf, column) for column in (examples.labels, examples.weights)
                   if labels and column is not None]
    rows = tf.data.Dataset.range(len(examples))
    # Keras warns of every tf.data.Dataset that it will not shuffle it; this one is shuffled where that is wanted.
    warnings.filterwarnings("ignore", message="`shuffle=True` was passed, but will be ignored", category=UserWarning)
    if shuffle:
        rows = rows.shuffle(len(examples), seed=seed, reshuffle_each_iteration=True)
    gather = tf.autograph.experimental.do_not_convert(
        lambda index: (gather_inputs(index), *(of_column(index) for of_column in gather_rest)))
    return rows.batch(int(batch_size)).map(gather).prefetch(tf.data.AUTOTUNE)


def input_batches(examples, batch_size):
    """The inputs alone, in order, for `predict`."""
    return batches(examples, batch_size, shuffle=False, labels=False)


def gather_rows(tf, source):
    """A function from a tensor of row numbers to these rows of an array, a lazy reader, or a dict or tuple of them."""
    if isinstance(source, Mapping):
        parts = {name: gather_rows(tf, part) for name, part in source.items()}
        return lambda index: {name: gather(index) for name, gather in parts.items()}
    if isinstance(source, tuple):
        columns = [gather_rows(tf, part) for part in source]
        return lambda index: tuple(gather(index) for gather in columns)
    if isinstance(source, Texts) and source.column.nbytes < _SMALL:
        source = np.asarray(source)
    if isinstance(source, np.ndarray) and not isinstance(source, np.memmap):
        tensor = tf.convert_to_tensor(source)
        return lambda index: tf.gather(tensor, index)
    return read_by_tensorflow(source)
