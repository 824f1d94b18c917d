"""MinDiff batches under a distribution strategy, which cuts every batch into one piece for each replica."""

from fairkit.quiet import tf
from fairkit.remediation.counterfactual_data import CounterfactualPackedInputs
from fairkit.remediation.min_diff_data import MinDiffPackedInputs

__all__ = ["with_mixed_groups"]


def with_mixed_groups(dataset):
    """Packed data in which the examples of both groups take turns.

    As packed, all sensitive examples come first, so a replica that gets one piece of the batch would get one group.
    Data of another kind comes back as it is.
    """
    spec = getattr(dataset, "element_spec", None)
    if not _holds_groups(spec):
        return dataset
    # A plain tuple is mapped by its parts, a named one as one.
    return dataset.map((lambda *element: _with_mixed(element)) if type(spec) is tuple else _with_mixed)


def _holds_groups(part):
    return isinstance(part, MinDiffPackedInputs) or (isinstance(part, tuple) and any(map(_holds_groups, part)))


def _with_mixed(part):
    if isinstance(part, MinDiffPackedInputs):
        data = part.min_diff_data
        data = {key: _mixed(one) for key, one in data.items()} if isinstance(data, dict) else _mixed(data)
        return MinDiffPackedInputs(part.original_inputs, data)
    if isinstance(part, CounterfactualPackedInputs):
        return CounterfactualPackedInputs(_with_mixed(part.original_input), part.counterfactual_data)
    return tuple(map(_with_mixed, part)) if type(part) is tuple else part


def _mixed(part):
    membership = tf.reshape(part[1], [-1])
    # Where an example stands within its group, as a share of the group: sorted by it, both groups are spread evenly.
    place = sum(tf.cumsum(group) * group / tf.maximum(tf.reduce_sum(group), 1)
                for group in (membership, 1 - membership))
    order = tf.argsort(place, stable=True)
    return tf.nest.map_structure(lambda rows: tf.gather(rows, order), part)
