"""The data of MinDiff: a batch of examples from both groups beside every batch of the main data."""

from fairkit.errors import FairkitError, quote
from fairkit.quiet import keras, silence, tf
from fairkit.remediation.endless_batches import refuse_empty, without_end

with silence():
    from tensorflow_model_remediation.min_diff.keras.utils import input_utils as _tfmr
    from tensorflow_model_remediation.min_diff.keras.utils.input_utils import MinDiffPackedInputs

__all__ = ["MinDiffPackedInputs", "build_min_diff_dataset", "pack_min_diff_data", "unpack_min_diff_data",
           "unpack_original_inputs"]


def build_min_diff_dataset(sensitive_group_dataset, nonsensitive_group_dataset):
    """Joins batches of two groups into batches for the MinDiff loss.

    Each batch is (inputs, membership) or (inputs, membership, weights): the sensitive examples first, membership a
    float32 column (n, 1) with 1.0 for the sensitive group and 0.0 for the other. Names, argument order and format are
    those of TensorFlow Model Remediation; weights may be (n,) or (n, 1) and come out as a column. Weights of one group
    alone are joined by ones for the other; None is no weights.

    Args:
        sensitive_group_dataset: a batched `tf.data.Dataset` of x, (x,), (x, y) or (x, y, sample_weight), or a dict of
            them, one for each application of MinDiff. Labels are ignored.
        nonsensitive_group_dataset: the same for the other group.

    Returns:
        A `tf.data.Dataset` that ends with the shorter of the two.

    Raises:
        FairkitError: if one is no dataset, holds no batch, or the two have other keys. Whether a filter leaves any is
            looked for in the data.

    Example:
        >>> import numpy as np, tensorflow as tf
        >>> from fairkit.remediation import build_min_diff_dataset
        >>> rows = tf.data.Dataset.from_tensor_slices(np.zeros((4, 3), np.float32)).batch(2)
        >>> x, membership = next(iter(build_min_diff_dataset(rows, rows)))
        >>> x.shape.as_list(), membership.numpy().ravel().tolist()
        ([4, 3], [1.0, 1.0, 0.0, 0.0])
    """
    return _joined(sensitive_group_dataset, nonsensitive_group_dataset, _with_a_batch)


def pack_min_diff_data(original_dataset, sensitive_group_dataset=None, nonsensitive_group_dataset=None,
                       min_diff_dataset=None):
    """Packs MinDiff batches beside the batches that a model is fitted to.

    Names, argument order and format are those of TensorFlow Model Remediation, with one deliberate difference: MinDiff
    data that ends before the main data starts again, where TFMR drops the rest of the main data without a word. So an
    epoch is an epoch of `original_dataset`.

    Args:
        original_dataset: the batched `tf.data.Dataset` of the main task: x, (x,), (x, y) or (x, y, sample_weight).
        sensitive_group_dataset: batches of the sensitive group, or a dict of such datasets; with
            `nonsensitive_group_dataset`. The inputs have the structure of the main data's.
        nonsensitive_group_dataset: batches of the other group, of about the same size.
        min_diff_dataset: instead of the two, what `build_min_diff_dataset` gives (or a dict of such).

    Returns:
        A `tf.data.Dataset` of (`MinDiffPackedInputs`, y, sample_weight), as long as the main batches are tuples.

    Raises:
        FairkitError: for another combination of data sets, something that is no dataset, or an empty one, whose
            elements are counted in the message. Where a filter may leave nothing of a group, its first batch is looked
            for in the data. Batches that hold no example are left out. While it is read: for groups that cannot be
            read a second time, as those of a generator that is used up.

    Example:
        >>> import numpy as np, tensorflow as tf
        >>> from fairkit.remediation import pack_min_diff_data
        >>> rows = tf.data.Dataset.from_tensor_slices((np.zeros((10, 3), np.float32), np.zeros(10)))
        >>> packed = pack_min_diff_data(rows.batch(2), rows.take(2).batch(2), rows.take(2).batch(2))
        >>> len(list(packed))
        5
    """
    pair = (sensitive_group_dataset, nonsensitive_group_dataset)
    given = [dataset is not None for dataset in (*pair, min_diff_dataset)]
    if given not in ([True, True, False], [False, False, True]):
        names = ("sensitive_group_dataset", "nonsensitive_group_dataset", "min_diff_dataset")
        raise FairkitError("these data sets do not make MinDiff data",
                           "a sensitive and a nonsensitive group data set, or a min_diff_dataset alone",
                           ", ".join(name for name, there in zip(names, given) if there) or "none")
    _each(original_dataset, "original_dataset", lambda dataset, name: dataset, dicts=False)
    if min_diff_dataset is None:
        min_diff_dataset = _joined(*pair, without_end)
    else:
        min_diff_dataset = _each(min_diff_dataset, "min_diff_dataset", without_end)
    packed = _tfmr.pack_min_diff_data(original_dataset, min_diff_dataset=min_diff_dataset)
    if original_dataset.cardinality() >= 0:
        packed = packed.apply(tf.data.experimental.assert_cardinality(original_dataset.cardinality()))
    return packed.prefetch(tf.data.AUTOTUNE)


def unpack_original_inputs(inputs):
    """The original model's part of packed inputs; other inputs as they are.

    Example:
        >>> from fairkit.remediation import MinDiffPackedInputs, unpack_original_inputs
        >>> unpack_original_inputs(MinDiffPackedInputs("x", "MinDiff data")), unpack_original_inputs("x")
        ('x', 'x')
    """
    return inputs.original_inputs if isinstance(inputs, MinDiffPackedInputs) else inputs


def unpack_min_diff_data(inputs):
    """The MinDiff part of packed inputs: (x, membership[, weights]) or a dict of such; None for other inputs.

    Example:
        >>> from fairkit.remediation import MinDiffPackedInputs, unpack_min_diff_data
        >>> unpack_min_diff_data(MinDiffPackedInputs("x", "MinDiff data")), unpack_min_diff_data("x")
        ('MinDiff data', None)
    """
    return inputs.min_diff_data if isinstance(inputs, MinDiffPackedInputs) else None


def _joined(sensitive, nonsensitive, change):
    """TFMR's data set of two groups, each changed by a function of the data set and its name."""
    groups = [_each(datasets, name, lambda dataset, name: change(_with_column_weights(dataset), name))
              for datasets, name in ((sensitive, "sensitive_group_dataset"),
                                     (nonsensitive, "nonsensitive_group_dataset"))]
    _check_same_keys(*groups)
    return _tfmr.build_min_diff_dataset(*groups)


def _each(datasets, name, change, dicts=True):
    if isinstance(datasets, dict) and datasets and dicts:
        return {key: _each(dataset, f"{name}[{quote(key)}]", change, dicts=False) for key, dataset in datasets.items()}
    if not isinstance(datasets, tf.data.Dataset):
        expected = "a batched tf.data.Dataset or a dict of them" if dicts else "a batched tf.data.Dataset"
        raise FairkitError(f"{name} is no data set", expected, type(datasets).__name__)
    refuse_empty(datasets, name)
    return change(datasets, name)


def _with_a_batch(dataset, name):
    without_end(dataset, name)
    return dataset


def _with_column_weights(dataset):
    """Batches of x, (x,), (x, y) or (x, y, weights): a `None` is taken for what is not there."""
    def as_columns(*batch):
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch[0] if len(batch) == 1 else batch)
        weights = tf.cast(weights, tf.float32)   # TFMR joins them with ones of this type where the other group has none
        return x, y, weights[:, None] if weights.shape.rank == 1 else weights

    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) < 2:
        return dataset
    if isinstance(spec[-1], tf.NoneTensorSpec):
        return _with_column_weights(dataset.map(lambda *batch: batch[:-1]))
    return dataset.map(as_columns) if len(spec) == 3 else dataset


def _check_same_keys(sensitive, nonsensitive):
    keys = [sorted(datasets) if isinstance(datasets, dict) else None for datasets in (sensitive, nonsensitive)]
    if keys[0] != keys[1]:
        raise FairkitError("the two groups' data sets do not go together",
                           "two data sets, or two dicts with the same keys",
                           " and ".join("one data set" if k is None else f"keys {k}" for k in keys))
