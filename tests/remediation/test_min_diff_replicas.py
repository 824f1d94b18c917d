import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from fairkit.remediation import MinDiffPackedInputs, pack_min_diff_data
from fairkit.remediation.replicas import with_mixed_groups


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    path = tmp_path_factory.mktemp("replicas") / "results.npz"
    done = subprocess.run([sys.executable, Path(__file__).with_name("replicated_training.py"), path], timeout=300,
                          capture_output=True, text=True, env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"})
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(path) as stored:
        return dict(stored)


def penalty(kernel, bias, rows, others):
    """The squared maximum mean discrepancy as TensorFlow operations, written down anew."""
    a, b = (tf.sigmoid(tf.matmul(part, kernel) + bias) for part in (rows, others))

    def mean(u, v):
        return tf.reduce_mean(tf.exp(-tf.square((u - tf.transpose(v)) / 0.1)))

    return mean(a, a) + mean(b, b) - 2 * mean(a, b)


def entropy(kernel, bias, x, y):
    p = tf.sigmoid(tf.matmul(x, kernel) + bias)[:, 0]
    return -tf.reduce_mean(y * tf.math.log(p) + (1 - y) * tf.math.log(1 - p))


def both_losses(r, kernel, bias, start):
    """(main loss, penalty) of the batch from `start`, where each of two replicas has half of each group."""
    s, n = (r[name][start:start + 8] for name in "sn")
    halves = [penalty(kernel, bias, s[i:i + 4], n[i:i + 4]) for i in (0, 4)]
    return entropy(kernel, bias, r["x"][start:start + 8], r["y"][start:start + 8]), 2.0 * sum(halves) / 2


def test_the_penalty_is_the_mean_over_replicas(results):
    assert results["replicas"] == 2
    losses = np.array([both_losses(results, results["kernel"], results["bias"], start) for start in (0, 8)])
    expected = losses.mean(axis=0)
    np.testing.assert_allclose(results["evaluated"], [expected.sum(), expected[1]], rtol=1e-5)
    np.testing.assert_allclose(results["fitted"], [losses[0].sum(), losses[0, 1]], rtol=1e-5)
    whole = 2 * float(penalty(results["kernel"], results["bias"], results["s"][:8], results["n"][:8]))
    assert abs(losses[0, 1] - whole) > 1e-3   # it is not the value of the whole batch


def test_a_step_follows_the_gradient_of_that_mean(results):
    kernel, bias = tf.Variable(results["kernel"]), tf.Variable(results["bias"])
    with tf.GradientTape() as tape:
        loss = sum(both_losses(results, kernel, bias, 0))
    for name, weights, gradient in zip(("kernel", "bias"), (kernel, bias), tape.gradient(loss, [kernel, bias])):
        np.testing.assert_allclose(results[f"trained_{name}"], weights - 0.5 * gradient, rtol=1e-5, atol=1e-6)


def test_plain_data_reports_no_penalty_on_replicas_either(results):
    assert results["plain"].tolist() == ["loss"]


def test_groups_take_turns_and_weights_stay_with_their_examples():
    def rows(start, n):
        x = np.arange(start, start + n, dtype=np.float32)
        return tf.data.Dataset.from_tensor_slices((x[:, None], np.zeros(n), 2 * x[:, None])).batch(n)

    main = rows(0, 4)
    packed = with_mixed_groups(pack_min_diff_data(main, rows(10, 4), rows(100, 2)))
    x, membership, weights = next(iter(packed))[0].min_diff_data
    assert x.numpy().ravel().tolist() == [10, 11, 100, 12, 13, 101]
    np.testing.assert_array_equal(membership[:, 0], [1, 1, 0, 1, 1, 0])
    np.testing.assert_array_equal(weights, 2 * x)
    several = pack_min_diff_data(main.map(lambda x, *rest: x), {"a": rows(10, 2)}, {"a": rows(100, 2)})
    batch = next(iter(with_mixed_groups(several)))
    assert isinstance(batch, MinDiffPackedInputs)
    assert batch.min_diff_data["a"][0].numpy().ravel().tolist() == [10, 100, 11, 101]
    assert with_mixed_groups(main) is main and with_mixed_groups(None) is None
