import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError, models
from fairkit.models.rebuilding import copy_weights
from fairkit.models.seeding import seeded

layers = keras.layers
ROWS = np.random.default_rng(0).normal(3, 2, (40, 5)).astype(np.float32)
TEXTS = ["good day to you", "good you", "a day\u2028two words"]


class Classifier(keras.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.scale, self.hidden, self.out = layers.Normalization(), layers.Dense(units), layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden(self.scale(x)))

    def get_config(self):
        return {"units": self.units, "name": self.name}


class Unregistered(layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 2), initializer="glorot_uniform", name="kernel")

    def call(self, x):
        return x @ self.kernel


def functional():
    x = inputs = keras.Input((6, 4))
    x = layers.MultiHeadAttention(2, 3, kernel_initializer=keras.initializers.GlorotUniform(seed=3))(x, x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(seed=5))(x))


def subclassed():
    model = Classifier(4)
    model.scale.adapt(ROWS)
    model(ROWS)
    return model


BUILDERS = {
    "functional": functional,
    "subclassed": subclassed,
    "own layer": lambda: keras.Sequential([keras.Input((5,)), Unregistered()]),
    "nested": lambda: keras.Sequential([keras.Input((5,)), keras.Sequential([layers.Dense(3)]), layers.Dense(1)]),
    "lambda": lambda: keras.Sequential([keras.Input((5,)), layers.Lambda(lambda x: 2 * x), layers.Dense(1)]),
    "orthogonal": lambda: keras.Sequential([keras.Input((5,)), layers.Dense(
        3, kernel_initializer=keras.initializers.Orthogonal(seed=keras.random.SeedGenerator(1)))]),
}


def kernels(model):
    """The weights that are drawn: all but the zeros and ones that biases and scales start from."""
    return [w.numpy() for w in model.trainable_weights if w.path.endswith("kernel")]


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_fresh_weights_depend_on_the_seed_alone(build):
    model = build()
    before = model.get_weights()
    first, same, other = models.rebuild(model, 1), models.rebuild(model, 1), models.rebuild(model, 2)
    assert type(first) is type(model) and [w.shape for w in first.weights] == [w.shape for w in model.weights]
    for old, a, b, c in zip(kernels(model), kernels(first), kernels(same), kernels(other)):
        np.testing.assert_array_equal(a, b)
        assert not np.isclose(a, c).all() and not np.isclose(a, old).all()
    assert all((a == b).all() for a, b in zip(before, model.get_weights()))


def test_layers_that_copy_an_initializer_do_not_start_equal():
    query, key = kernels(models.rebuild(functional(), 1))[:2]
    assert not (query == key).any()


@pytest.mark.parametrize("tensor_seed", [3, None])
def test_random_state_of_the_caller_is_kept(tensor_seed):
    def state():
        return random.getstate(), np.random.get_state()[1].tolist(), tf.compat.v1.get_seed(None)[0]  # noqa: NPY002

    model = functional()
    tf.random.set_seed(tensor_seed)
    before = state()
    models.rebuild(model, 1)
    with pytest.raises(KeyError), seeded(9):
        assert state() != before
        raise KeyError
    assert state() == before and before[2] == tensor_seed
    tf.random.set_seed(None)


@pytest.mark.parametrize("seed", [-1, 2**31, 1.5, "1", True])
def test_a_seed_is_checked(seed):
    with pytest.raises(FairkitError, match="seed"):
        models.rebuild(functional(), seed)


@pytest.mark.parametrize("mode", ["int", "multi_hot", "tf_idf"])
def test_a_vocabulary_is_carried_over(mode):
    layer = layers.TextVectorization(output_mode=mode)
    layer.adapt(TEXTS)
    model = keras.Sequential([keras.Input((), dtype="string"), layer])
    fresh = models.rebuild(model)
    assert fresh.layers[0] is not layer and fresh.layers[0].get_vocabulary() == layer.get_vocabulary()
    np.testing.assert_array_equal(fresh(tf.constant(TEXTS)), model(tf.constant(TEXTS)))


def test_what_adapt_learnt_is_carried_over():
    words, ids, bins = layers.StringLookup(), layers.IntegerLookup(num_oov_indices=2), layers.Discretization(num_bins=3)
    scale = layers.Normalization()
    words.adapt(["a", "b", "b"]), ids.adapt([7, 7, 5]), bins.adapt(ROWS[:, 0]), scale.adapt(ROWS)
    w, i, b, s = (keras.Input((n,), name=name, dtype=dtype) for n, name, dtype in
                  ((1, "w", "string"), (1, "i", "int64"), (1, "b", "float32"), (5, "s", "float32")))
    model = keras.Model([w, i, b, s], [words(w), ids(i), bins(b), scale(s)])
    fresh = models.rebuild(model)
    fed = [tf.constant([["b"], ["z"]]), tf.constant([[5], [7]]), tf.constant(ROWS[:2, :1]), tf.constant(ROWS[:2])]
    for ours, expected in zip(fresh(fed), model(fed)):
        np.testing.assert_array_equal(ours, expected)
    np.testing.assert_allclose(fresh(fed)[3], ((ROWS - ROWS.mean(0)) / ROWS.std(0))[:2], rtol=1e-4, atol=1e-5)


def test_frozen_layers_keep_their_weights():
    base = keras.Sequential([keras.Input((5,)), layers.Dense(4), layers.BatchNormalization()])
    base.trainable = False
    model = keras.Sequential([base, layers.Dense(3, trainable=False), layers.Dense(1)])
    model.build((None, 5))
    model.layers[0].layers[1].moving_mean.assign(np.arange(4.0))
    fresh = models.rebuild(model, 1)
    same = [(a == b).all() for a, b in zip(model.get_weights(), fresh.get_weights())]
    assert [w.shape for w in fresh.trainable_weights] == [w.shape for w in model.trainable_weights] == [(3, 1), (1,)]
    assert sum(same) == len(same) - 1  # all but the kernel of the last layer


def own_loss(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def test_compile_settings_are_carried_over_as_new_objects():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(1)])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model.compile(keras.optimizers.SGD(schedule, momentum=0.5), own_loss, weighted_metrics=[keras.metrics.Recall(0.3)],
                  metrics=["mae", own_loss], jit_compile=False, steps_per_execution=2)
    model.fit(ROWS, ROWS[:, 0], epochs=1, verbose=0)
    fresh = models.rebuild(model)
    assert fresh.optimizer is not model.optimizer and fresh.optimizer.iterations == 0
    assert fresh.optimizer.get_config() == model.optimizer.get_config()
    assert fresh.loss is own_loss and fresh.steps_per_execution == 2
    before = [v.numpy() for v in model.metrics[0].variables]
    fresh.fit(ROWS, ROWS[:, 0], epochs=1, verbose=0)
    assert [v.numpy() for v in model.metrics[0].variables] == before
    assert {m.name for m in fresh.metrics} == {m.name for m in model.metrics}
    assert not models.rebuild(functional()).compiled


def test_all_weights_can_be_copied():
    model = subclassed()
    fresh = models.rebuild(model, 1)
    copy_weights(model, fresh)
    np.testing.assert_array_equal(fresh(ROWS), model(ROWS))
    with pytest.raises(FairkitError, match="without weights"):
        copy_weights(keras.Sequential([layers.Dense(1)]), models.rebuild(keras.Sequential([layers.Dense(1)])))


class NoConfig(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, x):
        return self.layer(x)


class Grown(Classifier):
    """Its config leaves out what was added later."""

    def grow(self):
        self.extra = layers.Dense(2)
        return self


@pytest.mark.parametrize("model", [NoConfig(layers.Dense(1)), Grown(3).grow(), "model", layers.Dense(1)],
                         ids=["no config", "other layers", "text", "layer"])
def test_a_model_that_cannot_be_rebuilt_is_refused_with_the_way_out(model):
    with pytest.raises(FairkitError, match="a builder: a function without arguments") as raised:
        models.rebuild(model)
    assert "\n" not in str(raised.value)


def test_compile_settings_that_cannot_be_carried_over_are_refused():
    class Schedule(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    model = keras.Sequential([keras.Input((5,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(Schedule()), "mse")
    with pytest.raises(FairkitError, match=r"Learning rate schedule.*get_config"):
        models.rebuild(model)
