import numpy as np
import pytest
import tensorflow as tf
from tensorflow_model_remediation.min_diff.keras import utils as tfmr

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


def filtered(kept, n=20, batch=4, **options):
    return rows(n, batch=1).unbatch().filter(lambda x, y: x[0] > n - kept - 1).batch(batch, **options)


def known(dataset):
    return dataset


def unknown(dataset):
    return dataset.filter(lambda x, y: True)


NOTHING = {
    "filter": (lambda: filtered(0), "0 of 20 elements pass its filter"),
    "repeated": (lambda: filtered(0).repeat(), "0 of 20 elements pass its filter"),
    "shuffled": (lambda: filtered(0).shuffle(9).repeat().prefetch(2), "0 of 20 elements pass its filter"),
    "less than a batch": (lambda: filtered(3, drop_remainder=True), "3 elements, fewer than a batch"),
    "less, of known length": (lambda: rows(3, batch=1).unbatch().batch(4, drop_remainder=True), "3 elements, fewer"),
    "generator": (lambda: tf.data.Dataset.from_generator(lambda: iter(()), output_signature=rows(2).element_spec),
                  "0 batches$"),
    "empty batches": (lambda: unknown(rows(6).map(lambda x, y: (x[:0], y[:0]))), "0 examples in 3 batches"),
}


@pytest.mark.parametrize("main", [known, unknown])
@pytest.mark.parametrize("case", NOTHING)
def test_a_group_of_which_nothing_is_left_is_refused_with_what_was_counted(main, case):
    nothing, count = NOTHING[case]
    with pytest.raises(FairkitError, match=rf"^sensitive_group_dataset is empty.*{count}"):
        pack_min_diff_data(main(rows(8)), nothing(), rows(4))
    with pytest.raises(FairkitError, match=rf"^nonsensitive_group_dataset\['b'\] is empty.*{count}"):
        pack_min_diff_data(main(rows(8)), {"a": rows(4), "b": rows(4)}, {"a": rows(4), "b": nothing()})
    with pytest.raises(FairkitError, match="nonsensitive_group_dataset is empty"):
        build_min_diff_dataset(rows(4), nothing())
    ready = build_min_diff_dataset(rows(4), rows(4)).filter(lambda *batch: False)
    with pytest.raises(FairkitError, match="min_diff_dataset is empty.*0 of 2 elements pass its filter"):
        pack_min_diff_data(main(rows(8)), min_diff_dataset=ready)


def test_of_a_filtered_group_each_example_is_there():
    packed = pack_min_diff_data(unknown(rows(8)), filtered(3, batch=2), filtered(1))
    sensitive = [x.min_diff_data[0].numpy()[:-1, 0].tolist() for x, _ in packed]
    assert sensitive == [[17, 18], [19], [17, 18], [19]]


def test_batches_without_an_example_are_left_out():
    uneven = rows(6).map(lambda x, y: (x[x[:, 0] > 2], y[x[:, 0] > 2]))   # of 0, 1 and 2 rows
    packed = pack_min_diff_data(rows(6), uneven, rows(4, 50))
    assert [x.min_diff_data[0].numpy()[:-2, 0].tolist() for x, _ in packed] == [[3], [4, 5], [3]]


def test_a_generator_that_is_used_up_is_refused_when_it_ends():
    used = iter([(np.zeros((2, 1), np.float32), np.zeros(2))] * 3)
    once = tf.data.Dataset.from_generator(lambda: used, output_signature=rows(2).element_spec)
    packed = iter(pack_min_diff_data(rows(12), rows(4), once))
    with pytest.raises(tf.errors.OpError, match="nonsensitive_group_dataset ends and does not start again"):
        list(packed)


@pytest.mark.parametrize("kind", [np.float64, np.int64, np.float16])
def test_weights_of_any_number_type_go_beside_a_group_without(kind):
    weighted = rows(2, weights=np.array([2, 3], kind))
    for groups in ((weighted, rows(2)), (rows(2), weighted)):
        weights = next(iter(build_min_diff_dataset(*groups)))[2]
        assert weights.dtype == tf.float32 and sorted(weights.numpy().ravel().tolist()) == [1, 1, 2, 3]


WEIGHTS = np.arange(4, dtype=np.float32)[:, None]


@pytest.mark.parametrize("sensitive", [(None, None), (np.zeros(4), None), (None, WEIGHTS), (None,)])
@pytest.mark.parametrize("nonsensitive", [(None, None), (np.zeros(4), WEIGHTS)])
def test_labels_and_weights_may_be_none_as_in_tfmr(sensitive, nonsensitive):
    groups = [tf.data.Dataset.from_tensor_slices((np.arange(4.0)[:, None], *rest)).batch(2)
              for rest in (sensitive, nonsensitive)]
    ours, theirs = (list(build(*groups)) for build in (build_min_diff_dataset, tfmr.build_min_diff_dataset))
    assert len(ours) == len(theirs) == 2
    for one, other in zip(ours, theirs):
        assert len(one) == len(other)
        for part, expected in zip(one, other):
            np.testing.assert_array_equal(part, expected)
    main = tf.data.Dataset.from_tensor_slices((np.arange(6.0)[:, None], None, None)).batch(2)
    for x, y, weight in pack_min_diff_data(main, *groups):
        assert isinstance(x, MinDiffPackedInputs) and y is None and weight is None
