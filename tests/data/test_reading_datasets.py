"""tf.data.Datasets: what is a batch and what is a row, and elements that are neither."""

import numpy as np
import pytest

import fairkit
from fairkit.quiet import tf

X = np.arange(24, dtype=np.float32).reshape(8, 3)
Y = np.array([0, 1, 1, 0, 1, 0, 0, 1])


def of(**columns):
    return tf.data.Dataset.from_tensor_slices(columns)


@pytest.mark.parametrize("batches", [
    lambda dataset: dataset, lambda dataset: dataset.batch(2, drop_remainder=True), lambda dataset: dataset.batch(3),
    lambda dataset: dataset.batch(1, drop_remainder=True), lambda dataset: dataset.batch(8, drop_remainder=True)])
@pytest.mark.parametrize("images", [X, X.reshape(8, 3, 1), Y.astype(np.float32)])
@pytest.mark.parametrize("label", [Y, Y[:, None]])
def test_batches_are_told_by_the_label(batches, images, label):
    examples = fairkit.data.read(batches(of(pixels=images, smiling=label)), "pixels", label="smiling")
    np.testing.assert_array_equal(examples.inputs, images)
    assert examples.labels.tolist() == Y.tolist()


def test_tuples_of_inputs_and_small_floats():
    dataset = tf.data.Dataset.from_tensor_slices(((X, X[:, 0]), tf.constant(Y, tf.bfloat16)))
    for elements in (dataset, dataset.batch(3)):
        examples = fairkit.data.read(elements, ["inputs/0", "inputs/1"], label="label", positive=1)
        np.testing.assert_array_equal(examples.inputs["inputs/0"], X)
        np.testing.assert_array_equal(examples.inputs["inputs/1"], X[:, 0])
        assert examples.labels.tolist() == Y.tolist()
    halves = fairkit.data.read(of(x=X.astype(np.float16), y=Y), "x", label="y").inputs
    assert halves.dtype == np.float16


def failing():
    yield {"x": 1.0, "y": 0}
    raise RuntimeError("no more of these")


SIGNATURE = {"x": tf.TensorSpec([], tf.float32), "y": tf.TensorSpec([], tf.int64)}


@pytest.mark.parametrize(("dataset", "message"), [
    (of(x=X, y=tf.one_hot(Y, 2)), "'y' of the data set is no label but an array.*argmax.*shape \\[2\\]"),
    (of(x=X, y=tf.one_hot(Y, 2)).batch(4), "'y' of the data set is no label but an array"),
    (of(x=tf.sparse.from_dense(X), y=Y), "'x' of the data set is sparse"),
    (of(x=X, y=Y).window(2), "'x' of the data set is no tensor"),
    (of(x=tf.cast(X, tf.complex64), y=Y), "complex64"),
    (of(x=X, y=Y).map(lambda row: row | {"x": tf.py_function(lambda x: x, [row["x"]], tf.float32)}), "no known shape"),
    (tf.data.Dataset.from_generator(failing, output_signature=SIGNATURE), "to its end.*no more of these"),
    (tf.data.Dataset.from_tensor_slices((X, Y, Y, Y)), "no names"),
    (tf.data.Dataset.from_tensor_slices(X), "no names"),
])
def test_what_cannot_be_read(dataset, message):
    with pytest.raises(fairkit.FairkitError, match=message) as caught:
        fairkit.data.read(dataset, "x", label="y")
    assert "\n" not in str(caught.value)


def test_images_of_different_sizes():
    dataset = tf.data.Dataset.from_generator(
        lambda: ({"x": np.zeros((2 + i, 2, 3), np.uint8), "y": i} for i in range(2)),
        output_signature={"x": tf.TensorSpec([None, None, 3], tf.uint8), "y": tf.TensorSpec([], tf.int64)})
    with pytest.raises(fairkit.FairkitError, match="different numbers of values"):
        fairkit.data.read(dataset, "x", label="y")
