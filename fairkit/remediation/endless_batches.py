"""Batches of one group from any tf.data.Dataset: TFRecords, files, generators."""

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.quiet import tf

__all__ = ["group_batches"]


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
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise FairkitError(f"{name} does not fit", "a whole number, 1 or above", quote(value))
    there = int(dataset.cardinality())
    if there < 0:
        there = int(dataset.take(batch_size).reduce(np.int64(0), lambda count, *_: count + 1))
    if there < batch_size:
        raise FairkitError("the group has too few examples for a batch", f"at least {batch_size}, or a smaller "
                           "batch_size", there)
    return (dataset.shuffle(int(shuffle), seed=seed, reshuffle_each_iteration=True).repeat()
            .batch(int(batch_size), drop_remainder=True).prefetch(tf.data.AUTOTUNE))
