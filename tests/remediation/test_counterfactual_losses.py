"""Counterfactual losses against formulas in NumPy and against TFMR's own classes."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_model_remediation.counterfactual import losses as tfmr

from fairkit import FairkitError
from fairkit.remediation import counterfactual_losses as ours
from fairkit.remediation.counterfactual_losses import counterfactual_value, get_counterfactual_loss

NAMES = ["PairwiseMSELoss", "PairwiseAbsoluteDifferenceLoss", "PairwiseCosineLoss"]


def by_hand(name, a, b, weights):
    if name == "PairwiseCosineLoss":
        values = -(a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    else:
        values = (np.abs(a - b) ** (2 if name == "PairwiseMSELoss" else 1)).mean(1)
    return np.mean(values * (1 if weights is None else weights))


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 1000), n=st.integers(1, 9), k=st.integers(2, 4), weighted=st.sampled_from([None, 1, 2]))
@settings(max_examples=20)
def test_values_are_the_formulas_and_tfmrs(name, seed, n, k, weighted):
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.05, 1, (2, n, k)).astype(np.float32)
    weights = None if weighted is None else rng.uniform(0, 3, n).astype(np.float32)
    given_weights = weights if weighted != 2 else weights[:, None]
    value = float(counterfactual_value(getattr(ours, name)(), a, b, given_weights))
    assert value == pytest.approx(by_hand(name, a, b, weights), rel=1e-4, abs=1e-6)
    theirs = getattr(tfmr, name)()(tf.constant(a), tf.constant(b),
                                   None if weights is None else tf.constant(given_weights))
    assert value == pytest.approx(float(theirs), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", NAMES[:2])
def test_scores_of_one_dimension_count_as_a_column(name):
    rng = np.random.default_rng(0)
    a, b, weights = rng.uniform(size=(3, 6)).astype(np.float32)
    values = [float(counterfactual_value(getattr(ours, name)(), x, y, weights))
              for x, y in ((a, b), (a[:, None], b[:, None]))]
    assert values[0] == values[1] == pytest.approx(by_hand(name, a[:, None], b[:, None], weights), rel=1e-5)


def test_half_precision_is_compared_in_float32():
    a, b = tf.constant([[1e-4]], tf.float16), tf.constant([[3e-4]], tf.float16)
    assert float(counterfactual_value(ours.PairwiseMSELoss(), a, b)) == pytest.approx(4e-8, rel=0.01)


def test_losses_by_name_and_tfmrs_objects_become_ours():
    for name in NAMES:
        found = get_counterfactual_loss(getattr(tfmr, name)("mine"))
        assert type(found) is getattr(ours, name) and found.name == "mine"
        default = getattr(tfmr, name)().name
        assert type(get_counterfactual_loss(default.upper())) is getattr(ours, name)
        assert get_counterfactual_loss(default.removesuffix("_loss")).name == default

    class Own(ours.CounterfactualLoss):
        def call(self, original, counterfactual, sample_weight=None):
            return tf.constant(7.0)

    own = Own()
    assert get_counterfactual_loss(own) is own and float(counterfactual_value(own, [[1.0]], [[2.0]])) == 7.0


@pytest.mark.parametrize("loss", [ours.PairwiseCosineLoss(), tfmr.PairwiseCosineLoss()])
def test_the_cosine_of_one_output_trains_nothing_and_is_refused(loss):
    a = tf.Variable([[0.2], [0.7]])
    with tf.GradientTape() as tape:
        value = tfmr.PairwiseCosineLoss()(a, tf.constant([[0.9], [0.1]]))
    assert float(value) == pytest.approx(-1) and float(tf.reduce_max(tf.abs(tape.gradient(value, a)))) < 1e-5
    with pytest.raises(FairkitError, match="one output"):
        counterfactual_value(loss, a, a)
