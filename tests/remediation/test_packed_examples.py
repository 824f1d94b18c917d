"""Batches of both groups: full, of equal size, shuffled, and as long as the main data, wherever they come from."""

import numpy as np
import pytest
import tensorflow as tf

import fairkit
from fairkit import FairkitError
from fairkit.remediation import group_batches, pack_min_diff_data
from fairkit.remediation.applications import applications
from fairkit.remediation.packed_examples import packed_examples

N = 60
LABELS = np.arange(N) // 4 % 2 == 0
COLORS = np.where(np.arange(N) % 4 == 0, "orange", "blue")


def examples(weights=None, inputs=None):
    return fairkit.Examples(inputs=np.arange(N, dtype=np.float32)[:, None] if inputs is None else inputs,
                            labels=LABELS.astype(int), groups={"color": COLORS}, weights=weights)


def taken(data, steps, seed=0, rates="false_positive_rate", main=None):
    found = applications(data, {"color": "orange"}, None, rates, batch_size=6)
    packed = packed_examples(main or data, data, found, batch_size=8, min_diff_batch_size=6, seed=seed)
    assert packed.cardinality() == tf.data.INFINITE_CARDINALITY
    return list(packed.take(steps)), found


def test_batches_hold_as_many_of_each_group_and_start_again_shuffled():
    batches, found = taken(examples(), 10)
    rows = np.stack([batch[0].min_diff_data[0][:, 0] for batch in batches]).astype(int)
    assert rows.shape == (10, 12)
    for part, positions in zip((rows[:, :6], rows[:, 6:]), found[0].rows):
        assert set(part.ravel()) == set(positions)
        size = len(positions)   # every example once before any comes again, in another order then
        orders = part.ravel()[:len(part.ravel()) // size * size].reshape(-1, size)
        assert len(orders) >= 2 and all(sorted(order) == sorted(positions) for order in orders)
        assert not np.array_equal(orders[0], orders[1])
    assert all((batch[0].min_diff_data[1][:, 0].numpy() == np.repeat([1, 0], 6)).all() for batch in batches)
    mains = np.concatenate([batch[0].original_inputs[:, 0] for batch in batches[:8]])
    assert sorted(mains) == list(range(N))


def test_the_seed_decides_the_order():
    first, again, other = ([batch[0].min_diff_data[0].numpy() for batch in taken(examples(), 3, seed)[0]]
                           for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_weights_go_with_their_examples_into_both_losses():
    weights = np.linspace(1, 2, N)
    (batch, *_), _ = taken(examples(weights), 1)
    x, _, weight = batch[0].min_diff_data
    np.testing.assert_allclose(weight[:, 0], weights[x[:, 0].numpy().astype(int)], rtol=1e-6)
    np.testing.assert_allclose(batch[2], weights[batch[0].original_inputs[:, 0].numpy().astype(int)])
    reweighted = examples(weights[::-1].copy())
    (batch, *_), _ = taken(examples(), 1, main=reweighted)   # weights for training alone are not those of MinDiff
    assert len(batch) == 3 and len(batch[0].min_diff_data) == 2


def test_two_rates_are_two_applications_with_their_own_examples():
    (batch, *_), found = taken(examples(), 1, rates=["false_positive_rate", "false_negative_rate"])
    for application, label in zip(found, (False, True)):
        rows = batch[0].min_diff_data[application.name][0][:, 0].numpy().astype(int)
        assert set(LABELS[rows]) == {label} and set(COLORS[rows[:6]]) == {"orange"}


@pytest.mark.parametrize("inputs", [
    np.array([f"text {k}" for k in range(N)], object), {"a": np.arange(N), "b": np.arange(N * 2).reshape(N, 2)}])
def test_texts_and_dicts_are_packed_too(inputs):
    (batch, *_), _ = taken(examples(inputs=inputs), 1)
    x = batch[0].min_diff_data[0]
    if isinstance(inputs, dict):
        np.testing.assert_array_equal(x["b"][:, 0], 2 * x["a"])
    else:
        assert x.shape == (12,) and x.dtype == tf.string


def test_tfrecords_give_endless_full_batches(tmp_path):
    path = str(tmp_path / "rows.tfrecord")
    with tf.io.TFRecordWriter(path) as writer:
        for k in range(N):
            features = {"x": tf.train.Feature(float_list=tf.train.FloatList(value=[k])),
                        "orange": tf.train.Feature(int64_list=tf.train.Int64List(value=[k % 4 == 0]))}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())

    def parsed(record):
        return tf.io.parse_single_example(record, {"x": tf.io.FixedLenFeature([1], tf.float32),
                                                   "orange": tf.io.FixedLenFeature([], tf.int64)})

    rows = tf.data.TFRecordDataset(path).map(parsed)

    def group(orange, batch_size=7):
        part = rows.filter(lambda row: row["orange"] == orange).map(lambda row: (row["x"], 0))
        return group_batches(part, batch_size, shuffle=64, seed=3)

    main = rows.map(lambda row: (row["x"], row["orange"])).repeat(4).batch(8)
    batches = list(pack_min_diff_data(main, group(1), group(0)))
    assert len(batches) == 30   # four times all the main data, although one group has 15 rows
    x = np.stack([batch[0].min_diff_data[0][:, 0] for batch in batches])
    assert x.shape == (30, 14) and (x[:, :7] % 4 == 0).all() and (x[:, 7:] % 4 != 0).all()
    assert sorted(set(x[:, :7].ravel())) == list(range(0, N, 4))
    with pytest.raises(FairkitError, match=r"too few examples.*at least 16.*15"):
        group(1, 16)


@pytest.mark.parametrize("arguments, match", [
    (([1, 2], 2), "no data set"), ((tf.data.Dataset.range(4), 0), "batch_size does not fit"),
    ((tf.data.Dataset.range(4), 5), "at least 5, or a smaller batch_size. Received: 4"),
    ((tf.data.Dataset.range(4), 2, 0), "shuffle does not fit")])
def test_what_gives_no_group_batches_is_refused(arguments, match):
    with pytest.raises(FairkitError, match=match):
        group_batches(*arguments)
