import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit.remediation.summed_gradients import summed_gradients

ROWS = tf.IndexedSlices(tf.constant([[1.0], [1.0], [-1.9], [3.0]]), tf.constant([0, 0, 0, 1]), tf.constant([3, 1]))


def test_adam_takes_the_square_of_the_sum():
    table, optimizer = keras.Variable(np.zeros((3, 1), np.float32)), keras.optimizers.Adam(0.1)
    optimizer.build([table])

    @tf.function
    def step():
        with summed_gradients(optimizer):
            optimizer.apply_gradients([(ROWS, table)])

    step()
    second_moment = next(v for v in optimizer.variables if v.path.endswith("velocity"))
    np.testing.assert_allclose(second_moment, [[0.001 * 0.1**2], [0.001 * 3.0**2], [0]], rtol=1e-5)
    np.testing.assert_allclose(table, [[-0.1], [-0.1], [0]], rtol=1e-3)   # Adam's first step is the learning rate


def test_gradients_that_are_dense_or_missing_pass_and_the_optimizer_is_given_back():
    a, b, optimizer = keras.Variable([1.0]), keras.Variable([1.0]), keras.optimizers.SGD(1.0)
    optimizer.build([a, b])
    apply = optimizer.apply
    with summed_gradients(optimizer), pytest.warns(UserWarning, match="Gradients do not exist"):
        optimizer.apply([tf.constant([0.25]), None], [a, b])
    assert (float(a[0]), float(b[0])) == (0.75, 1.0)
    assert optimizer.apply == apply
    with summed_gradients(optimizer):
        summing = optimizer.apply
        with summed_gradients(optimizer):
            assert optimizer.apply is summing
        assert optimizer.apply is summing
    with pytest.raises(RuntimeError), summed_gradients(optimizer):
        raise RuntimeError
    assert optimizer.apply == apply
