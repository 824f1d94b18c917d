import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from fairkit import FairkitError
from fairkit.remediation import AbsoluteCorrelationLoss, AdjustedMMDLoss, LaplacianKernel, MMDLoss, UnbiasedMMDLoss
from fairkit.remediation.loss_by_name import get_loss, loss_from_config, loss_text, loss_to_config, min_diff_value

SENSITIVE, OTHER = np.array([0.2, 0.7, 0.9, 0.7], np.float32), np.array([0.1, 0.3, 0.3], np.float32)
MEMBERSHIP = np.array([1, 1, 1, 1, 0, 0, 0], np.float32)
SCORES = np.concatenate([SENSITIVE, OTHER])


def mmd_by_hand(a, b, kernel, wa=None, wb=None):
    """Mean kernel within a, within b, and twice across (Gretton et al., 2012, the biased estimate)."""
    wa, wb = (np.ones(len(v)) if w is None else w for v, w in ((a, wa), (b, wb)))

    def mean(u, v, wu, wv):
        weight = np.outer(wu, wv)
        return (weight * kernel(u[:, None] - v[None, :])).sum() / weight.sum()

    return mean(a, a, wa, wa) + mean(b, b, wb, wb) - 2 * mean(a, b, wa, wb)


GROUP = st.lists(st.floats(0, 1, width=16), min_size=1, max_size=6)
KERNELS = {"gaussian": lambda d: np.exp(-(d / 0.1) ** 2), "laplacian": lambda d: np.exp(-abs(d) / 0.1)}


@pytest.mark.parametrize("kernel", KERNELS)
@given(a=GROUP, b=GROUP)
@settings(max_examples=25)
def test_mmd_is_the_formula(kernel, a, b):
    a, b = np.array(a, np.float32), np.array(b, np.float32)
    value = min_diff_value(get_loss(MMDLoss(kernel)), np.repeat([1.0, 0.0], [len(a), len(b)]), np.concatenate([a, b]))
    assert float(value) == pytest.approx(mmd_by_hand(a.astype(float), b.astype(float), KERNELS[kernel]), abs=2e-6)


def test_weights_weight():
    weights = np.array([1, 2, 0, 1, 3, 1, 1], np.float32)
    expected = mmd_by_hand(SENSITIVE, OTHER, KERNELS["gaussian"], weights[:4], weights[4:])
    for given_weights in (weights, weights[:, None]):
        value = min_diff_value(get_loss("mmd"), MEMBERSHIP[:, None], SCORES[:, None], given_weights)
        assert float(value) == pytest.approx(expected, rel=1e-5)


def test_absolute_correlation_is_the_correlation():
    value = min_diff_value(get_loss("absolute_correlation"), MEMBERSHIP, SCORES)
    assert float(value) == pytest.approx(abs(np.corrcoef(MEMBERSHIP, SCORES)[0, 1]), rel=1e-4)


@pytest.mark.parametrize("loss", [MMDLoss("laplacian"), AdjustedMMDLoss("laplacian"), MMDLoss(LaplacianKernel(0.3))])
def test_the_laplacian_kernel_has_finite_gradients_in_a_graph(loss):
    loss, scores = get_loss(loss), tf.Variable(SCORES)

    @tf.function
    def gradient():
        with tf.GradientTape() as tape:
            value = min_diff_value(loss, MEMBERSHIP, scores)
        return tape.gradient(value, scores)

    assert np.isfinite(gradient()).all() and np.abs(gradient()).max() > 0
    if isinstance(loss, MMDLoss) and not isinstance(loss, AdjustedMMDLoss):
        length, step = loss.predictions_kernel.kernel_length, 1e-4
        moved = SENSITIVE.astype(float) + step * np.eye(4)[2]
        by_hand = [mmd_by_hand(a, OTHER.astype(float), lambda d: np.exp(-abs(d) / length)) for a in (moved, SENSITIVE)]
        assert float(gradient()[2]) == pytest.approx((by_hand[0] - by_hand[1]) / step, rel=1e-2)


def test_half_precision_predictions_are_compared_in_single():
    value = min_diff_value(get_loss("mmd"), MEMBERSHIP.astype(np.float16), tf.constant(SCORES, tf.float16))
    assert value.dtype == tf.float32


def test_no_summary_is_written_although_a_writer_without_a_step_is_active(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        value = min_diff_value(MMDLoss(), MEMBERSHIP[:, None], SCORES[:, None])
    assert np.isfinite(value)


@pytest.mark.parametrize("name, kind", [
    ("mmd", MMDLoss), ("MMD_loss", MMDLoss), ("unbiased_mmd", UnbiasedMMDLoss),
    ("maximum_mean_discrepancy", MMDLoss), ("adjusted_mmd", AdjustedMMDLoss),
    ("abs_corr", AbsoluteCorrelationLoss), ("absolute_correlation_loss", AbsoluteCorrelationLoss)])
def test_names_are_those_of_tfmr(name, kind):
    loss = get_loss(name)
    assert type(loss) is kind and not loss.enable_summary_histogram


def test_the_object_given_is_not_changed():
    given_loss = MMDLoss("laplacian")
    loss = get_loss(given_loss)
    assert loss is not given_loss and given_loss.enable_summary_histogram and not loss.enable_summary_histogram


@pytest.mark.parametrize("loss", [MMDLoss("laplacian", name="mine"), AdjustedMMDLoss(), AbsoluteCorrelationLoss(),
                                  UnbiasedMMDLoss("gaussian", kernel_length="median")])
def test_a_loss_survives_its_config(loss):
    loss = get_loss(loss)
    again = loss_from_config(loss_to_config(loss))
    assert type(again) is type(loss) and again.name == loss.name and loss_text(again) == loss_text(loss)
    assert float(min_diff_value(again, MEMBERSHIP, SCORES)) == float(min_diff_value(loss, MEMBERSHIP, SCORES))


def test_a_transform_in_a_loss_is_not_pickled():
    with pytest.raises(FairkitError, match="predictions_transform"):
        loss_to_config(get_loss(MMDLoss(predictions_transform=tf.sigmoid)))


@pytest.mark.parametrize("loss, match", [("mdd", r"'mmd' .the nearest."), (None, "no MinDiff loss"),
                                         (3, "no MinDiff loss")])
def test_what_is_no_loss_is_refused(loss, match):
    with pytest.raises(FairkitError, match=match):
        get_loss(loss)
