import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from fairkit.remediation import MinDiffModel, one_pass, pack_min_diff_data
from fairkit.remediation.padding_left_out import padding_left_out

LENGTH, VOCABULARY = 60, ["a", "b", "c", "d"]


def classifier(*middle, mask_zero=False, pooling=None, after=(), length=LENGTH):
    return keras.Sequential([
        keras.Input((), dtype="string"), layers.TextVectorization(output_sequence_length=length, vocabulary=VOCABULARY),
        layers.Embedding(6, 4, mask_zero=mask_zero), *middle, pooling or layers.GlobalMaxPooling1D(), *after,
        layers.Dense(1, activation="sigmoid")])


def convolution(size=3, **more):
    return layers.Conv1D(5, size, activation=more.pop("activation", "tanh"), bias_initializer="normal", **more)


KINDS = {
    "same": lambda: [convolution(5, padding="same", activation="relu")],
    "valid": lambda: [convolution(4)],
    "causal": lambda: [convolution(3, padding="causal", activation=None)],
    "several": lambda: [convolution(padding="same"), convolution(2, dilation_rate=3), convolution(4, padding="same")],
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.lists(st.sampled_from([*VOCABULARY, "other"]), max_size=70).map(" ".join), min_size=1,
                      max_size=4))
def test_outputs_and_gradients_are_those_of_the_whole_model(kind, texts):
    keras.utils.set_random_seed(0)
    model, texts = classifier(*KINDS[kind]()), tf.constant(texts)
    results = []
    for forward in (model, padding_left_out(model)):
        with tf.GradientTape() as tape:
            outputs = forward(texts, training=True)
        gradients = tape.gradient(outputs, [v.value for v in model.trainable_variables])
        results.append([outputs, *map(tf.convert_to_tensor, gradients)])
    for whole, cut in zip(*results):
        np.testing.assert_allclose(cut, whole, rtol=1e-4, atol=1e-6)


def test_short_texts_are_computed_at_few_positions():
    model, widths = classifier(*KINDS["same"]()), []
    call = model.layers[1].call
    model.layers[1].call = lambda x, *a, **k: widths.append(x.shape[1]) or call(x, *a, **k)
    padding_left_out(model)(tf.constant(["a b", "c"]), training=True)
    padding_left_out(model)(tf.constant(["a " * 50, "c"]), training=True)
    assert widths[0] <= 24 and widths[1] == LENGTH


def test_one_chain_of_layers_that_fit():
    assert padding_left_out(classifier(convolution(), after=[layers.Dropout(0.5)]))
    text = keras.Input((), dtype="string")
    words = layers.Embedding(6, 4)(layers.TextVectorization(output_sequence_length=9, vocabulary=VOCABULARY)(text))
    first, second = (layers.GlobalMaxPooling1D()(convolution()(words)) for _ in range(2))
    functional = keras.Model(text, layers.Dense(1)(first))
    assert padding_left_out(functional)
    for model in (
            classifier(), classifier(convolution(), pooling=layers.GlobalAveragePooling1D()),
            classifier(convolution(strides=2)), classifier(convolution(), mask_zero=True),
            classifier(convolution(), layers.Dropout(0.1)), classifier(convolution(), layers.MaxPooling1D()),
            classifier(convolution(), pooling=layers.Flatten()), classifier(convolution(), length=None),
            keras.Model(text, layers.Dense(1)(first + second)), keras.Model(text, [functional.output, first]),
            keras.Sequential([keras.Input((3,)), layers.Dense(1)])):
        assert padding_left_out(model) is None


def test_training_is_the_same_with_and_without_padding(monkeypatch):
    rng = np.random.default_rng(0)

    def batches(seed):
        rng = np.random.default_rng(seed)
        texts = [" ".join(rng.choice(VOCABULARY, rng.integers(0, 12))) for _ in range(32)]
        return tf.data.Dataset.from_tensor_slices((texts, rng.integers(0, 2, 32).astype(np.float32))).batch(8)

    data, trained = pack_min_diff_data(*map(batches, range(3))), []
    start = [rng.normal(0, 0.5, w.shape) for w in classifier(*KINDS["same"]()).get_weights()]
    for forward in (padding_left_out, lambda model: None):
        monkeypatch.setattr(one_pass, "padding_left_out", forward)
        model = MinDiffModel(classifier(*KINDS["same"]()), "mmd", 2.0)
        model.original_model.set_weights(start)
        model.compile(keras.optimizers.Adam(0.01, epsilon=1e-3), "binary_crossentropy")
        model.fit(data, epochs=3, verbose=0, shuffle=False)
        trained.append(model.original_model.get_weights())
    for cut, whole, before in zip(*trained, start):
        np.testing.assert_allclose(cut, whole, atol=2e-5)
        assert np.abs(whole - before).max() > 0.01
