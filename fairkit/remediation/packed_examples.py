"""Examples in memory as packed MinDiff batches: only row numbers are shuffled, and each batch is gathered once."""

import numpy as np

from fairkit.batches import gather_rows
from fairkit.inputs import as_given
from fairkit.quiet import tf
from fairkit.remediation.applications import by_name
from fairkit.remediation.min_diff_data import pack_min_diff_data

__all__ = ["order_seed", "packed_examples"]


def packed_examples(main, source, found, batch_size, min_diff_batch_size, seed):
    """Endless packed batches: of the main examples, and of as many from each of both groups.

    Both groups are shuffled anew each time all of a group has been seen, and start again for as long as the main data
    lasts, so every batch is full. The examples' own weights count in the MinDiff loss as in the main loss: they say how
    many examples of the population one stands for, which is as true of either group.

    Args:
        main: the `Examples` that the main loss sees.
        source: the `Examples` that both groups are drawn from.
        found: list of `fairkit.remediation.applications.Application`.
        batch_size, min_diff_batch_size: main examples a step, and examples a step from each group.
        seed: of the orders.

    Returns:
        A `tf.data.Dataset` without end: with a new iterator an epoch, the order would depend on how far the last one
        had been read ahead.
    """
    seeds = np.random.SeedSequence(int(seed)).generate_state(1 + 2 * len(found)) >> 1
    take = gather_rows(tf, as_given(source.inputs))
    weigh = None if source.weights is None else gather_rows(tf, source.weights.astype(np.float32)[:, None])
    size = int(min_diff_batch_size)
    membership = tf.concat([tf.ones((size, 1)), tf.zeros((size, 1))], axis=0)

    def read(sensitive, nonsensitive):
        rows = tf.concat([sensitive, nonsensitive], axis=0)
        return (take(rows), membership) if weigh is None else (take(rows), membership, weigh(rows))

    def batches(application, k):
        groups = (_endless(rows, size, int(s)) for rows, s in zip(application.rows, seeds[1 + 2 * k:3 + 2 * k]))
        return tf.data.Dataset.zip(tuple(groups)).map(read)

    numbers = {application.name: k for k, application in enumerate(found)}
    return pack_min_diff_data(main.batches(batch_size, seed=order_seed(seed)).repeat(), min_diff_dataset=by_name(
        found, lambda application: batches(application, numbers[application.name])))


def order_seed(seed):
    """The seed of the main data's order, which is the same with and without MinDiff."""
    return int(np.random.SeedSequence(int(seed)).generate_state(1)[0] >> 1)


def _endless(rows, size, seed):
    order = tf.data.Dataset.from_tensor_slices(rows).shuffle(len(rows), seed=seed, reshuffle_each_iteration=True)
    return order.repeat().batch(size, drop_remainder=True)
