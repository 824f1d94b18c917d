import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_model_remediation.min_diff import losses as tfmr

from fairkit import FairkitError
from fairkit.remediation import AdjustedMMDLoss, GaussianKernel, LaplacianKernel, MMDLoss, UnbiasedMMDLoss
from fairkit.remediation.loss_by_name import get_loss, loss_text, min_diff_value
from fairkit.remediation.min_diff_kernels import get_kernel

SCORES = st.lists(st.floats(0, 1, width=16), min_size=2, max_size=7)
OWN = {"gaussian": lambda d, length: np.exp(-(d / length) ** 2), "laplacian": lambda d, length: np.exp(-d / length)}
THEIRS = {MMDLoss: tfmr.MMDLoss, AdjustedMMDLoss: tfmr.AdjustedMMDLoss}


def distances(a, b):
    return np.abs(np.asarray(a, float)[:, None] - np.asarray(b, float)[None])


def value_of(loss, a, b, weights=None):
    membership = np.repeat([1.0, 0.0], [len(a), len(b)])
    return float(min_diff_value(loss, membership, np.array([*a, *b], np.float32), weights))


@pytest.mark.parametrize("kernel", OWN)
@given(a=SCORES, b=SCORES)
@settings(max_examples=25)
def test_the_unbiased_estimate_leaves_out_the_pairs_of_an_example_with_itself(kernel, a, b):
    """Gretton et al. (2012), equation 3, term by term."""
    def of(u, v):
        return OWN[kernel](distances(u, v), 0.3)

    m, n = len(a), len(b)
    expected = sum(of(a, a)[i, j] for i in range(m) for j in range(m) if i != j) / (m * (m - 1)) \
        + sum(of(b, b)[i, j] for i in range(n) for j in range(n) if i != j) / (n * (n - 1)) - 2 * of(a, b).mean()
    assert value_of(get_loss("unbiased_mmd", kernel, 0.3), a, b) == pytest.approx(expected, abs=3e-6)


def test_weights_weight_the_pairs_of_different_examples():
    a, b, w, v = [0.1, 0.5, 0.9], [0.2, 0.4], np.array([1.0, 2.0, 0.5]), np.array([3.0, 1.0])

    def mean(x, y, u, z, apart=False):
        pairs = np.outer(u, z) * (1 - np.eye(len(u)) if apart else 1)
        return (pairs * OWN["gaussian"](distances(x, y), 0.1)).sum() / pairs.sum()

    expected = mean(a, a, w, w, True) + mean(b, b, v, v, True) - 2 * mean(a, b, w, v)
    assert value_of(UnbiasedMMDLoss(enable_summary_histogram=False), a, b, np.array([*w, *v])) == pytest.approx(
        expected, rel=1e-5)


def test_unbiased_means_a_mean_of_zero_between_equal_groups():
    rng = np.random.default_rng(0)
    drawn = rng.beta(2, 5, (400, 2, 8)).astype(np.float32)
    unbiased, biased = (np.array([value_of(get_loss(name), *pair) for pair in drawn])
                        for name in ("unbiased_mmd", "mmd"))
    assert abs(unbiased.mean()) < 3 * unbiased.std() / 20 < 0.1 < biased.mean()
    assert unbiased.min() < 0 < biased.min()


@pytest.mark.parametrize("kernel", OWN)
@given(a=SCORES, b=SCORES)
@settings(max_examples=25)
def test_the_median_distance_is_that_of_all_different_pairs(kernel, a, b):
    rows = np.array([*a, *b])
    upper = np.triu_indices(len(rows), 1)
    length = max(np.median(distances(rows, rows)[upper]), 1e-3)

    def mean(u, v):
        return OWN[kernel](distances(u, v), length).mean()

    expected = mean(a, a) + mean(b, b) - 2 * mean(a, b)
    assert value_of(get_loss("mmd", kernel, "median"), a, b) == pytest.approx(expected, abs=1e-5)


def test_no_gradient_flows_through_the_median():
    scores = tf.Variable([[0.1], [0.4], [0.8]])

    def gradient(kernel):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(kernel(scores)[0])
        return tape.gradient(value, scores).numpy()

    np.testing.assert_allclose(gradient(GaussianKernel("median")), gradient(GaussianKernel(0.4)), rtol=1e-5)


@pytest.mark.parametrize("own", THEIRS)
@pytest.mark.parametrize("kernel", ["gaussian", "laplacian"])
@given(data=st.data())
@settings(max_examples=20)
def test_values_and_gradients_are_those_of_tfmr(own, kernel, data):
    a, b = data.draw(SCORES), data.draw(SCORES)
    weights = data.draw(st.none() | st.lists(st.floats(0, 4, width=16), min_size=len(a) + len(b),
                                             max_size=len(a) + len(b)))
    weights = None if weights is None else tf.constant(weights, tf.float32)[:, None]
    membership = tf.constant([[1.0]] * len(a) + [[0.0]] * len(b))
    found = []
    for cls in (own, THEIRS[own]):
        scores = tf.Variable(np.array([*a, *b], np.float32)[:, None])
        with tf.GradientTape() as tape:
            value = cls(kernel, enable_summary_histogram=False)(membership, scores, weights)
        found.append((value.numpy(), tape.gradient(value, scores).numpy()))
    scale = 100 if own is AdjustedMMDLoss else 1   # it divides by as little as .01
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4, atol=3e-6 * scale)
    if kernel == "gaussian" or len(set(a + b)) == len(a + b):   # at a distance of 0 TFMR's Laplacian has none
        np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-3, atol=1e-4 * scale)


def test_predictions_of_several_columns_have_euclidean_distances():
    rows = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    apart = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(-1))
    for cls, name in ((GaussianKernel, "gaussian"), (LaplacianKernel, "laplacian")):
        np.testing.assert_allclose(cls(0.7)(tf.constant(rows)), OWN[name](apart, 0.7), rtol=1e-4, atol=1e-6)
        median = np.median(apart[np.triu_indices(5, 1)])
        np.testing.assert_allclose(cls("median")(tf.constant(rows)), OWN[name](apart, median), rtol=1e-4, atol=1e-6)


def test_kernels_by_name_and_by_object():
    assert loss_text(get_loss("mmd", kernel_length=0.3)) == "mmd_loss (GaussianKernel, length 0.3)"
    assert loss_text(get_loss("adjusted_mmd", "laplace")) == "adjusted_mmd_loss (LaplacianKernel, length 0.1)"
    assert loss_text(get_loss("mmd", LaplacianKernel("median"))) == "mmd_loss (LaplacianKernel, length median)"
    assert type(get_kernel(tfmr.GaussianKernel(0.4))) is GaussianKernel and get_kernel(GaussianKernel(0.4)) is not None
    assert type(get_loss(tfmr.MMDLoss("laplacian"))) is MMDLoss


@pytest.mark.parametrize("make, match", [
    (lambda: get_loss("mmd", "gausian"), "no kernel 'gausian'.*'gaussian' .the nearest"),
    (lambda: get_loss("mmd", "gaussian", 0), "kernel length does not fit.*Received: 0"),
    (lambda: get_loss("mmd", "gaussian", "mean"), "'median'.*Received: 'mean'"),
    (lambda: get_loss("absolute_correlation", "gaussian"), "'absolute_correlation' has no kernel"),
    (lambda: get_loss(MMDLoss(), kernel_length=1), "a loss object has its own kernel"),
    (lambda: get_kernel(GaussianKernel(), 1), "a kernel object has its own length"),
    (lambda: GaussianKernel("median", tile_input=False), "untiled"),
])
def test_what_is_no_kernel_is_refused(make, match):
    with pytest.raises(FairkitError, match=match):
        make()
