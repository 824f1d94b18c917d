"""MinDiff batches under a distribution strategy, which cuts every batch into one piece for each replica."""

from fairkit.quiet import tf
from fairkit.remediation.min_diff_data import MinDiffPackedInputs

__all__ = ["with_mixed_groups"]


def with_mixed_groups(dataset):
    """Packed data in which the examples of both groups take turns.

    As packed, all sensitive examples come first, so a replica that gets one piece of the batch would get one group.
    Data of another kind comes back as it is.
    """
    spec = getattr(dataset, "element_spec", None)
    if isinstance(spec, MinDiffPackedInputs):
        return dataset.map(_with_mixed)
    if isinstance(spec, tuple) and isinstance(spec[0], MinDiffPackedInputs):
        return dataset.map(lambda packed, *rest: (_with_mixed(packed), *rest))
    return dataset


def _with_mixed(packed):
    data = packed.min_diff_data
    data = {key: _mixed(part) for key, part in data.items()} if isinstance(data, dict) else _mixed(data)
    return MinDiffPackedInputs(packed.original_inputs, data)


def _mixed(part):
    membership = tf.reshape(part[1], [-1])
    # Where an example stands within its group, as a share of the group: sorted by it, both groups are spread evenly.
    place = sum(tf.cumsum(group) * group / tf.maximum(tf.reduce_sum(group), 1)
                for group in (membership, 1 - membership))
    order = tf.argsort(place, stable=True)
    return tf.nest.map_structure(lambda rows: tf.gather(rows, order), part)
