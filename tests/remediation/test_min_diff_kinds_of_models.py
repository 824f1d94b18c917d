"""Every kind of Keras model trains with MinDiff, and reports the penalty that its own predictions have by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError, models
from fairkit.remediation import ClassScore, MinDiffModel, MMDLoss, UnbiasedMMDLoss, pack_min_diff_data

layers = keras.layers
RNG = np.random.default_rng(0)
ROWS = {name: RNG.normal(shift, 1, (n, 4)).astype(np.float32) for name, n, shift in (("x", 32, 0), ("s", 16, 1),
                                                                                      ("n", 16, 0))}
WORDS = {name: RNG.integers(0, 5, (len(rows), 4)) for name, rows in ROWS.items()}   # 0 is padding
TEXTS = {name: np.array([" ".join("abcd"[k - 1] for k in row if k) for row in rows], object)
         for name, rows in WORDS.items()}
Y = RNG.integers(0, 2, 32)


@keras.saving.register_keras_serializable(package="test_kinds")
class Subclassed(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units, self.hidden, self.drop = units, layers.Dense(units, activation="tanh"), layers.Dropout(0.2)
        self.score = layers.Dense(1, activation="sigmoid")

    def call(self, inputs, training=None):
        return self.score(self.drop(self.hidden(inputs), training=training))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Masked(keras.Model):
    """Averages the words that its `mask` lets through: that of the embedding, or one that it is called with."""

    def __init__(self):
        super().__init__()
        self.words = layers.Embedding(5, 3)
        self.score = layers.Dense(1, activation="sigmoid")

    def call(self, inputs, training=None, mask=None):
        mask = tf.cast(tf.not_equal(inputs, 0) if mask is None else mask, tf.float32)[..., None]
        return self.score(tf.reduce_sum(self.words(inputs) * mask, 1) / (tf.reduce_sum(mask, 1) + 1e-3))


def sequential(*middle):
    return keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="tanh"), *middle,
                             layers.Dense(1, activation="sigmoid")])


def functional():
    x = keras.Input((4,))
    hidden = layers.Dense(4, activation="relu")(x)
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(layers.Add()([x, hidden])))


def two_inputs():
    parts = {"left": keras.Input((4,)), "right": keras.Input((4,))}
    joined = layers.Concatenate()([parts["left"], layers.Dense(2)(parts["right"])])
    return keras.Model(parts, layers.Dense(1, activation="sigmoid")(joined))


def two_outputs():
    x = keras.Input((4,))
    return keras.Model(x, {"other": layers.Dense(2)(x), "score": layers.Dense(1, activation="sigmoid")(x)})


def softmax():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])


def recurrent():
    return keras.Sequential([keras.Input((4,)), layers.Embedding(5, 3, mask_zero=True), layers.LSTM(4),
                             layers.Dense(1, activation="sigmoid")])


def texts():
    return models.toxicity_classifier(TEXTS["x"], length=4)


def chosen(outputs):
    return outputs["score"]


def as_dict(rows):
    return {"left": rows, "right": rows * 2}


MODELS = {
    "sequential": (sequential,), "functional": (functional,), "subclassed": (Subclassed,),
    "dict inputs": (two_inputs, ROWS, as_dict), "string inputs": (texts, TEXTS),
    "two outputs": (two_outputs, ROWS, None, chosen, {"score": "binary_crossentropy", "other": "mse"}),
    "softmax": (softmax, ROWS, None, ClassScore([2]), "sparse_categorical_crossentropy"),
    "batch normalization": (lambda: sequential(layers.BatchNormalization()),),
    "dropout": (lambda: sequential(layers.Dropout(0.3)),),
    "masked words": (recurrent, WORDS), "call takes mask": (Masked, WORDS),
    "layers of one's own": (lambda: sequential(layers.Lambda(lambda x: x * 1.5)),),
}


def batches(rows, *labels, change=None):
    data = tf.data.Dataset.from_tensor_slices((rows, *labels)).batch(8)
    return data if change is None else data.map(lambda x, *rest: (change(x), *rest))


def packed(rows=ROWS, change=None, y=Y):
    s, n = (batches(rows[name], np.zeros(16), change=change) for name in "sn")
    return pack_min_diff_data(batches(rows["x"], y, change=change), s, n)


def by_hand(model, rows, change=None, transform=lambda outputs: outputs, starts=(0, 8)):
    """2 x the mean over batches of the squared maximum mean discrepancy, in NumPy."""
    def mean(u, v):
        return np.exp(-((u[:, None] - v[None]) / 0.1) ** 2).mean()

    values = []
    for start in starts:
        parts = [rows[name][start:start + 8] for name in "sn"]
        parts = [tf.convert_to_tensor(part) if change is None else change(part) for part in parts]
        a, b = (np.ravel(np.asarray(transform(model(part, training=False)), np.float64)) for part in parts)
        values.append(mean(a, a) + mean(b, b) - 2 * mean(a, b))
    return 2 * np.mean(values)


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_of_model_trains(kind):
    build, rows, change, transform, loss = (*MODELS[kind], *(ROWS, None, None, "binary_crossentropy")[
        len(MODELS[kind]) - 1:])
    keras.utils.set_random_seed(1)
    model = build()
    y = {"score": Y, "other": np.zeros((32, 2))} if isinstance(loss, dict) else Y
    wrapper = MinDiffModel(model, "mmd", 2.0, transform)
    wrapper.compile(keras.optimizers.Adam(0.05), loss)
    history = wrapper.fit(packed(rows, change, y), epochs=12, verbose=0, shuffle=False).history
    assert np.isfinite(history["min_diff_loss"]).all() and history["loss"][-1] < history["loss"][0]
    expected = by_hand(model, rows, change, transform or (lambda outputs: outputs))
    reported = wrapper.evaluate(packed(rows, change, y), verbose=0, return_dict=True)
    assert reported["min_diff_loss"] == pytest.approx(expected, rel=1e-3, abs=1e-5)
    plain = batches(rows["x"], y, change=change)
    for ours, its in zip(*(tf.nest.flatten(m.predict(plain, verbose=0)) for m in (wrapper, model))):
        np.testing.assert_array_equal(ours, its)


def test_the_min_diff_batch_moves_the_moving_statistics_before_the_main_batch_does():
    norm = layers.BatchNormalization(momentum=0.8)
    model = keras.Sequential([keras.Input((4,)), norm, layers.Dense(1, activation="sigmoid")])
    wrapper = MinDiffModel(model, "mmd")
    wrapper.compile("sgd", "binary_crossentropy")
    wrapper.train_on_batch(*next(iter(packed())))
    first = np.concatenate([ROWS["s"][:8], ROWS["n"][:8]])
    mean, variance = np.zeros(4), np.ones(4)
    for rows in (first, ROWS["x"][:8]):
        mean, variance = 0.8 * mean + 0.2 * rows.mean(0), 0.8 * variance + 0.2 * rows.var(0)
    np.testing.assert_allclose(norm.moving_mean, mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance, variance, rtol=1e-4)
    norm.trainable = False
    wrapper.compile("sgd", "binary_crossentropy")
    kept = np.array(norm.moving_mean)
    wrapper.train_on_batch(*next(iter(packed())))
    np.testing.assert_array_equal(norm.moving_mean, kept)


def test_a_mask_reaches_the_examples_that_it_belongs_to():
    model = Masked()
    wrapper = MinDiffModel(model, "mmd", 2.0)
    batch = next(iter(packed(WORDS)))[0]
    mask = np.ones((8, 4), bool)
    mask[:, 1:] = False
    np.testing.assert_allclose(wrapper(batch, mask=mask), model(batch.original_inputs, mask=mask), rtol=1e-6)
    expected = by_hand(model, WORDS, starts=(0,))
    assert float(wrapper.losses[0]) == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_mixed_precision_compares_scores_in_single():
    keras.utils.set_random_seed(2)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = sequential(layers.BatchNormalization())
    finally:
        keras.config.set_dtype_policy("float32")
    wrapper = MinDiffModel(model, "mmd", 2.0)
    wrapper.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    assert isinstance(wrapper.optimizer, keras.optimizers.LossScaleOptimizer)
    history = wrapper.fit(packed(), epochs=3, verbose=0, shuffle=False).history
    assert np.isfinite([history["loss"], history["min_diff_loss"]]).all()
    assert model.weights[0].dtype == "float32" and model(ROWS["x"]).dtype == tf.float16
    result = wrapper.evaluate(packed(), verbose=0, return_dict=True)["min_diff_loss"]
    assert result == pytest.approx(by_hand(model, ROWS), rel=0.02, abs=1e-4)


def test_compiled_by_xla_it_trains_the_same():
    weights = []
    for jit_compile in (False, True):
        keras.utils.set_random_seed(3)
        model = sequential()
        wrapper = MinDiffModel(model, "mmd", 2.0)
        wrapper.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", jit_compile=jit_compile)
        wrapper.fit(packed(), epochs=2, verbose=0, shuffle=False)
        weights.append(model.get_weights())
    for ours, its in zip(*weights):
        np.testing.assert_allclose(ours, its, rtol=1e-4, atol=1e-5)


def test_texts_are_not_compiled_by_xla():
    wrapper = MinDiffModel(texts(), "mmd")
    with pytest.warns(UserWarning, match="jit_compile=False"):   # Keras knows that a vocabulary cannot be compiled
        wrapper.compile("adam", "binary_crossentropy", jit_compile=True)
    assert np.isfinite(wrapper.fit(packed(TEXTS), verbose=0, shuffle=False).history["min_diff_loss"]).all()
    lengths = layers.Lambda(lambda text: tf.cast(tf.strings.length(text), tf.float32)[:, None], output_shape=(1,))
    wrapper = MinDiffModel(keras.Sequential([keras.Input((), dtype="string"), lengths, layers.Dense(1)]), "mmd")
    wrapper.compile("adam", "binary_crossentropy", jit_compile=True)
    with pytest.raises(FairkitError, match="jit_compile=False"):
        wrapper.fit(packed(TEXTS), verbose=0, shuffle=False)


def test_a_loss_with_the_median_distance_is_compiled_too():
    for loss in (MMDLoss("laplacian", kernel_length="median"), UnbiasedMMDLoss(kernel_length="median")):
        wrapper = MinDiffModel(sequential(), loss)
        wrapper.compile("adam", "binary_crossentropy", jit_compile=True)
        assert np.isfinite(wrapper.fit(packed(), verbose=0, shuffle=False).history["min_diff_loss"]).all()


@pytest.mark.parametrize("name", ["train_step", "compute_loss"])
def test_a_training_step_of_the_original_is_warned_of(name):
    kind = type("Own", (keras.Sequential,), {name: lambda self, *args, **kwargs: None})
    with pytest.warns(UserWarning, match=f"Own overrides {name}, which MinDiffModel does not use"):
        MinDiffModel(kind([keras.Input((3,)), layers.Dense(1)]), "mmd")


def test_a_training_step_of_ones_own_is_a_subclass():
    class Counting(MinDiffModel):
        steps = 0

        def train_step(self, data):
            self.steps += 1
            return {**super().train_step(data), "step": self.steps}

        def compute_min_diff_loss(self, min_diff_data, training=None, mask=None):
            return 3 * super().compute_min_diff_loss(min_diff_data, training, mask)

    ours, plain = Counting(sequential(), "mmd"), MinDiffModel(sequential(), "mmd")
    plain.original_model.set_weights(ours.original_model.get_weights())
    for wrapper in (ours, plain):
        wrapper.compile("sgd", "binary_crossentropy", run_eagerly=True)
    assert ours.fit(packed(), verbose=0, shuffle=False).history["step"] == [4]
    plain.original_model.set_weights(ours.original_model.get_weights())
    penalties = [wrapper(next(iter(packed()))[0]) is not None and float(wrapper.losses[0]) for wrapper in (ours, plain)]
    assert penalties[0] == pytest.approx(3 * penalties[1], rel=1e-5)
