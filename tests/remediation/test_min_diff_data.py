import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError
from fairkit.remediation import MinDiffPackedInputs, build_min_diff_dataset, pack_min_diff_data


def rows(n, start=0, batch=2, weights=None):
    columns = [np.arange(start, start + n, dtype=np.float32)[:, None], np.zeros(n)]
    return tf.data.Dataset.from_tensor_slices(tuple(columns + ([] if weights is None else [weights]))).batch(batch)


def test_a_min_diff_batch_is_the_sensitive_rows_then_the_others():
    batches = list(build_min_diff_dataset(rows(5, 0), rows(4, 100)))
    assert len(batches) == 2
    x, membership = batches[1]
    np.testing.assert_array_equal(x, [[2], [3], [102], [103]])
    np.testing.assert_array_equal(membership, [[1], [1], [0], [0]])


def test_weights_of_one_group_are_completed_with_ones():
    ones = build_min_diff_dataset(rows(2, weights=np.array([2.0, 3.0], np.float32)), rows(2))
    np.testing.assert_array_equal(next(iter(ones))[2], [[2], [3], [1], [1]])


def test_main_data_is_never_cut():
    packed = pack_min_diff_data(rows(11), rows(2, 50), rows(4, 100))
    batches = list(packed)
    assert packed.cardinality() == len(batches) == 6
    np.testing.assert_array_equal(np.concatenate([x.original_inputs for x, _ in batches])[:, 0], np.arange(11))
    np.testing.assert_array_equal([x.min_diff_data[0].numpy()[2:, 0].tolist() for x, _ in batches],
                                  [[100, 101], [102, 103]] * 3)
    assert all(isinstance(x, MinDiffPackedInputs) for x, _ in batches)


def test_an_endless_min_diff_set_and_endless_main_data_stay_endless():
    assert pack_min_diff_data(rows(4).repeat(), rows(2), rows(2).repeat()).cardinality() == tf.data.INFINITE_CARDINALITY


def test_a_set_of_unknown_length_repeats_too():
    unknown = rows(2, 50).filter(lambda x, y: True)
    assert len(list(pack_min_diff_data(rows(8), unknown, unknown))) == 4


def test_a_ready_min_diff_set_and_main_data_without_labels():
    ready = build_min_diff_dataset(rows(2, 50), rows(2, 100))
    packed = list(pack_min_diff_data(rows(6).map(lambda x, y: x), min_diff_dataset=ready))
    assert len(packed) == 3 and isinstance(packed[0], MinDiffPackedInputs)


def test_several_applications_are_a_dict():
    packed = pack_min_diff_data(rows(6), {"a": rows(2), "b": rows(4)}, {"a": rows(2), "b": rows(2)})
    x, _ = list(packed)[-1]
    assert sorted(x.min_diff_data) == ["a", "b"]


def test_inputs_may_be_dicts():
    def named(dataset):
        return dataset.map(lambda x, y: ({"x": x, "twice": 2 * x}, y))

    x, _ = next(iter(pack_min_diff_data(named(rows(4)), named(rows(2)), named(rows(2)))))
    np.testing.assert_array_equal(x.min_diff_data[0]["twice"][:, 0], [0, 2, 0, 2])


EMPTY = rows(2).take(0)


@pytest.mark.parametrize("sensitive, nonsensitive, ready, match", [
    (None, None, None, r"do not make MinDiff data.*none"),
    (rows(2), None, None, r"do not make MinDiff data.*sensitive_group_dataset"),
    (rows(2), rows(2), rows(2), "do not make MinDiff data"),
    (EMPTY, rows(2), None, "sensitive_group_dataset is empty"),
    (rows(2), [1], None, "nonsensitive_group_dataset is no data set"),
    ({"a": rows(2)}, {"b": rows(2)}, None, r"\['a'\] and keys \['b'\]"),
    ({"a": rows(2)}, {"a": 3}, None, r"nonsensitive_group_dataset\['a'\]"),
    ({"a": rows(2)}, rows(2), None, "one data set"),
])
def test_what_makes_no_min_diff_data_is_refused(sensitive, nonsensitive, ready, match):
    with pytest.raises(FairkitError, match=match):
        pack_min_diff_data(rows(4), sensitive, nonsensitive, ready)


def test_main_data_is_checked():
    with pytest.raises(FairkitError, match="original_dataset is no data set"):
        pack_min_diff_data([1, 2], rows(2), rows(2))
    with pytest.raises(FairkitError, match="original_dataset is empty"):
        pack_min_diff_data(EMPTY, rows(2), rows(2))
