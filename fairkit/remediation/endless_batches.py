"""Batches of one group, or of pairs, that start again for as long as the main data lasts."""

import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.lazy_rows import raised_by_tensorflow
from fairkit.quiet import tf

__all__ = ["counted", "group_batches", "refuse_empty", "without_end"]


def group_batches(dataset, batch_size, shuffle=10_000, seed=0):
    """Endless, shuffled, full batches of the examples of one group, for `pack_min_diff_data`.

    Two such sets, one for each group, give a MinDiff batch as many examples of the one as of the other in every step,
    for as long as the main data lasts.

    Args:
        dataset: a `tf.data.Dataset` of single examples (not batches) of one group and, for an error rate, of one label:
            x, (x,), (x, y) or (x, y, sample_weight). `filter` takes them out of a larger data set.
        batch_size: examples a batch.
        shuffle: how many examples the order is drawn from at a time; a data set that is larger, and sorted, needs more.
        seed: of the order, which is another one each time the group starts again.

    Returns:
        A `tf.data.Dataset` without end.

    Raises:
        FairkitError: if it is no data set, or has fewer examples than a batch; these are looked for in the data.

    Example:
        >>> import numpy as np, tensorflow as tf
        >>> from fairkit.remediation import group_batches
        >>> rows = tf.data.Dataset.from_tensor_slices((np.arange(10.0), np.arange(10) % 2))
        >>> x, _ = next(iter(group_batches(rows.filter(lambda x, y: y == 0), batch_size=4)))
        >>> x.shape.as_list(), sorted(set(x.numpy()) - {0.0, 2.0, 4.0, 6.0, 8.0})
        ([4], [])
    """
    if not isinstance(dataset, tf.data.Dataset):
        raise FairkitError("a group is no data set", "a tf.data.Dataset of single examples", type(dataset).__name__)
    for name, value in (("batch_size", batch_size), ("shuffle", shuffle)):
        if not is_whole(value) or value < 1:
            raise FairkitError(f"{name} does not fit", "a whole number, 1 or above", quote(value))
    there = int(dataset.cardinality())
    if there < 0:
        there = int(dataset.take(batch_size).reduce(np.int64(0), lambda count, *_: count + 1))
    if there < batch_size:
        raise FairkitError("the group has too few examples for a batch", f"at least {batch_size}, or a smaller "
                           "batch_size", there)
    return (dataset.shuffle(int(shuffle), seed=seed, reshuffle_each_iteration=True).repeat()
            .batch(int(batch_size), drop_remainder=True).prefetch(tf.data.AUTOTUNE))


def without_end(batches, name):
    """Batches that start again when they end, without those that hold no row.

    A filter can leave nothing of a data set, which TensorFlow learns by reading it only. So where that is possible the
    first batch is looked for here; training would end at once, without a word, if there was none.

    Args:
        batches: a `tf.data.Dataset` of x, or of tuples that begin with x.
        name: of the data set, in messages.

    Raises:
        FairkitError: if there is no batch. While the result is read: if the data cannot be read a second time, as those
            of a generator that is used up.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation.endless_batches import without_end
        >>> without_end(tf.data.Dataset.range(20).filter(lambda row: row > 30).batch(4), "the group")
        Traceback (most recent call last):
        ...
        fairkit.errors.FairkitError: the group is empty. Expected: at least one batch. Received: 0 batches: 0 of 20 \
elements pass its filter
    """
    refuse_empty(batches, name)
    filled = batches.filter(_holds_rows) if _rows(batches.element_spec) is None else batches
    if not _holds_something(batches) and next(iter(filled.take(1)), None) is None:
        raise FairkitError(f"{name} is empty", "at least one batch", counted(batches))
    ended = FairkitError(f"{name} ends and does not start again", "data that can be read many times, with an example "
                         "in some batch", "a generator that is used up, or batches that are all empty")
    return filled.repeat().concatenate(raised_by_tensorflow(ended, batches.element_spec))


def refuse_empty(batches, name):
    """Refuses a data set that is known to be empty without reading it."""
    if batches.cardinality() == 0:
        raise FairkitError(f"{name} is empty", "at least one batch", counted(batches))


def counted(dataset):
    """How a data set comes to hold no example, with the numbers that there are on the way, in words."""
    if batches := _length(dataset):
        return f"0 examples in {batches:,} batches"
    stage, found = dataset, 0
    while not found and len(inputs := stage._inputs()):
        after, stage = stage, inputs[0]
        found = _length(stage)
    if not found:
        return "0 batches"
    kind = type(after).__name__
    if "Filter" in kind:
        return f"0 batches: 0 of {found:,} elements pass its filter"
    if "Batch" in kind:
        return f"0 batches: {found:,} elements, fewer than a batch, with drop_remainder=True"
    if "Unbatch" in kind:
        return f"0 batches: 0 rows in {found:,} elements"
    return "0 batches" if "FlatMap" in kind else f"0 batches of {found:,} elements"


def _length(dataset):
    """The number of elements of a data set that ends, which is read for it; of another one 0."""
    if _is_endless(dataset):
        return 0
    return int(dataset.reduce(np.int64(0), lambda count, *_: count + 1))


def _is_endless(dataset):
    return dataset.cardinality() == tf.data.INFINITE_CARDINALITY and _holds_something(dataset)


def _holds_something(dataset):
    """Whether a data set is known to hold an element without reading it.

    What repeats without end counts as infinite, whatever it repeats, so its source is asked.
    """
    length = dataset.cardinality()
    if length != tf.data.INFINITE_CARDINALITY:
        return bool(length > 0)
    return all(map(_holds_something, dataset._inputs()))


def _rows(spec):
    """The number of rows that every batch is known to have; None where that depends on the batch."""
    first = _first(spec).shape
    return 0 if first.rank in (None, 0) else first[0]


def _holds_rows(*batch):
    first = _first(batch)
    return (first.dense_shape[0] if isinstance(first, tf.SparseTensor) else tf.shape(first)[0]) > 0


def _first(batch):
    while isinstance(batch, (tuple, list)):
        batch = batch[0]
    return tf.nest.flatten(batch)[0]
