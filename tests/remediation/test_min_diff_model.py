import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError, models
from fairkit.remediation import ClassScore, MinDiffModel, MMDLoss, build_min_diff_dataset, pack_min_diff_data
from fairkit.remediation.loss_by_name import get_loss, min_diff_value
from fairkit.remediation.one_pass import treats_examples_alone

layers = keras.layers
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(32, 4)).astype(np.float32), RNG.integers(0, 2, 32)
S, N = RNG.normal(1, 1, size=(16, 4)).astype(np.float32), RNG.normal(size=(16, 4)).astype(np.float32)


def dataset(*columns, batch=8):
    return tf.data.Dataset.from_tensor_slices(columns if len(columns) > 1 else columns[0]).batch(batch)


def packed():
    return pack_min_diff_data(dataset(X, Y), dataset(S), dataset(N))


def network(*middle, units=1, activation="sigmoid"):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="tanh"), *middle,
                             layers.Dense(units, activation=activation)])


def wrapped(model=None, penalty="mmd", weight=2.0, transform=None, /, **settings):
    wrapper = MinDiffModel(model or network(), penalty, weight, transform)
    wrapper.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy", "metrics": ["accuracy"], **settings})
    return wrapper


def penalty(model, s, n, loss="mmd", transform=lambda p: p):
    scores = np.concatenate([transform(model(s)), transform(model(n))])
    return float(min_diff_value(get_loss(loss), np.repeat([1.0, 0.0], [len(s), len(n)]), scores))


def test_predictions_are_those_of_the_original():
    wrapper = wrapped()
    np.testing.assert_array_equal(wrapper.predict(X, verbose=0), wrapper.original_model.predict(X, verbose=0))
    np.testing.assert_array_equal(wrapper.predict(packed(), verbose=0), wrapper.predict(X, verbose=0))
    np.testing.assert_array_equal(wrapper(X), wrapper.original_model(X))


def test_evaluate_reports_the_mean_of_the_batches_and_adds_it_to_the_loss():
    wrapper = wrapped()
    plain = wrapper.original_model.evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)
    expected = np.mean([2 * penalty(wrapper.original_model, S[i:i + 8], N[i:i + 8]) for i in (0, 8)])
    result = wrapper.evaluate(packed(), verbose=0, return_dict=True)
    assert result["min_diff_loss"] == pytest.approx(expected, rel=1e-5)
    assert result["loss"] == pytest.approx(plain["loss"] + expected, rel=1e-5)
    assert result["accuracy"] == plain["accuracy"]


def test_plain_data_reports_no_min_diff_loss():
    wrapper = wrapped()
    wrapper.fit(packed(), verbose=0, shuffle=False)
    result = wrapper.evaluate(X, Y, verbose=0, return_dict=True)
    assert sorted(result) == ["accuracy", "loss"] and len(wrapper.evaluate(X, Y, verbose=0)) == 2
    assert result["loss"] == pytest.approx(wrapper.original_model.evaluate(X, Y, verbose=0)[0], rel=1e-6)
    history = wrapper.fit(packed(), validation_data=(X, Y), verbose=0, shuffle=False).history
    assert sorted(history) == ["accuracy", "loss", "min_diff_loss", "val_accuracy", "val_loss"]


def test_training_closes_the_distance():
    wrapper = wrapped(None, "mmd", 20.0, optimizer=keras.optimizers.Adam(0.01))
    before = penalty(wrapper.original_model, S, N)
    wrapper.fit(packed(), epochs=20, verbose=0, shuffle=False)
    assert penalty(wrapper.original_model, S, N) < before / 2


def test_the_optimizer_is_shared_with_the_original():
    wrapper = wrapped()
    wrapper.fit(packed(), verbose=0, shuffle=False)
    assert wrapper.original_model.optimizer is wrapper.optimizer and int(wrapper.optimizer.iterations) == 4
    wrapper.original_model.fit(X, Y, verbose=0)


def test_training_on_plain_data_is_refused():
    with pytest.raises(FairkitError, match="pack_min_diff_data"):
        wrapped().fit(X, Y, verbose=0)


def test_several_applications_have_their_losses_weights_and_metrics():
    model = network(units=2, activation="softmax")
    wrapper = wrapped(model, {"b": "absolute_correlation", "a": MMDLoss()}, {"b": 3.0}, ClassScore([1]),
                      loss="sparse_categorical_crossentropy", metrics=None)
    data = pack_min_diff_data(dataset(X, Y), {"a": dataset(S), "b": dataset(S)}, {"a": dataset(N), "b": dataset(N + 1)})
    result = wrapper.evaluate(data, verbose=0, return_dict=True)
    second = ClassScore([1])
    for key, loss, shift, weight in (("a", "mmd", 0, 1), ("b", "absolute_correlation", 1, 3)):
        values = [penalty(model, S[i:i + 8], N[i:i + 8] + shift, loss, second) for i in (0, 8)]
        assert result[f"{key}_min_diff_loss"] == pytest.approx(weight * np.mean(values), rel=1e-4)
    assert result["loss"] == pytest.approx(
        model.evaluate(X, Y, verbose=0) + result["a_min_diff_loss"] + result["b_min_diff_loss"], rel=1e-5)
    with pytest.raises(FairkitError, match=r"keys \['a', 'b'\]"):
        wrapper.evaluate(packed(), verbose=0)


def test_a_metric_of_that_name_is_not_shadowed():
    model = network()
    model.counted = keras.metrics.Mean("min_diff_loss")
    assert [m.name for m in MinDiffModel(model, "mmd").metrics] == ["min_diff_loss_1"]


def test_compute_min_diff_loss_and_losses_follow_tfmr():
    wrapper = wrapped()
    data = next(iter(build_min_diff_dataset(dataset(S), dataset(N))))
    expected = 2 * penalty(wrapper.original_model, S[:8], N[:8])
    assert float(wrapper.compute_min_diff_loss(data)) == pytest.approx(expected, rel=1e-5)
    batch = next(iter(packed()))[0]
    wrapper(batch, training=True)
    assert float(wrapper.losses[0]) == pytest.approx(expected, rel=1e-5)
    assert wrapper.unpack_min_diff_data(X) is None and wrapper.unpack_original_inputs(X) is X


@pytest.mark.parametrize("middle, alone", [
    ([], True), ([layers.Dropout(0.1)], True), ([layers.BatchNormalization()], False),
    ([layers.Lambda(lambda x: x)], False), ([layers.ActivityRegularization(0.1)], False),
    ([layers.Dense(3, activity_regularizer="l2")], False), ([layers.Activation(lambda x: x)], False),
    ([keras.Sequential([layers.LayerNormalization()])], True),
    ([keras.Sequential([layers.BatchNormalization()])], False),
])
def test_one_pass_only_where_every_layer_treats_examples_alone(middle, alone):
    assert treats_examples_alone(network(*middle)) is alone


def test_texts_are_padded_alone_only_to_a_fixed_length():
    for length, alone in ((5, True), (None, False)):
        words = layers.TextVectorization(output_sequence_length=length, vocabulary=["a"])
        model = keras.Sequential([keras.Input((), dtype="string"), words, layers.Embedding(3, 2),
                                  layers.GlobalAveragePooling1D(), layers.Dense(1)])
        assert treats_examples_alone(model) is alone
    inputs = keras.Input((4,))
    assert not treats_examples_alone(keras.Model(inputs, inputs - keras.ops.mean(inputs, axis=0)))


def test_one_pass_and_two_train_the_same(monkeypatch):
    def train():
        wrapper, sizes = wrapped(run_eagerly=True), []
        call = wrapper.original_model.call
        monkeypatch.setattr(wrapper.original_model, "call", lambda x, **kw: sizes.append(len(x)) or call(x, **kw))
        wrapper.train_on_batch(*next(iter(packed())))
        wrapper.fit(packed(), epochs=2, verbose=0, shuffle=False)
        return sizes[-2:], wrapper.get_weights()

    sizes, one_pass = train()
    assert sizes == [24, 24]
    monkeypatch.setattr("fairkit.remediation.min_diff_model.treats_examples_alone", lambda model: False)
    sizes, two_passes = train()
    assert sizes == [16, 8]
    for one, two in zip(one_pass, two_passes):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


class Net(keras.Model):
    """Takes a dict, gives two outputs, and has neither `training` nor `mask`."""

    def __init__(self):
        super().__init__()
        self.hidden, self.score, self.other = layers.Dense(4), layers.Dense(1, activation="sigmoid"), layers.Dense(1)

    def call(self, inputs):
        x = self.hidden(inputs["x"])
        return {"score": self.score(x), "other": self.other(x)}


def test_a_subclassed_model_with_dict_inputs_and_several_outputs():
    def named(*columns):
        return dataset(*columns).map(lambda x, *rest: ({"x": x}, *rest))

    data = pack_min_diff_data(named(X, {"score": Y, "other": Y}), named(S, S), named(N, N))
    wrapper = MinDiffModel(Net(), "mmd", 2.0, lambda outputs: outputs["score"])
    wrapper.compile("sgd", {"score": "binary_crossentropy", "other": "mse"})
    history = wrapper.fit(data, epochs=2, verbose=0, shuffle=False).history
    assert "min_diff_loss" in history and np.isfinite(history["loss"]).all()
    with pytest.raises(FairkitError, match=r"predictions_transform.*dict"):
        wrong = MinDiffModel(wrapper.original_model, "mmd")
        wrong.compile("sgd", {"score": "binary_crossentropy", "other": "mse"})
        wrong.fit(data, verbose=0, shuffle=False)


def test_a_text_model_trains_in_one_pass():
    texts = np.array(["you fool", "kind day", "fool", "good"] * 4, object)
    model = models.toxicity_classifier(texts, length=4, seed=0)
    wrapper = MinDiffModel(model, "mmd")
    wrapper.compile("adam", "binary_crossentropy")
    data = pack_min_diff_data(dataset(texts, Y[:16]), dataset(texts[:8]), dataset(texts[8:]))
    assert treats_examples_alone(model)
    assert np.isfinite(wrapper.fit(data, verbose=0, shuffle=False).history["min_diff_loss"]).all()


@pytest.mark.parametrize("loss", ["mmd", MMDLoss("laplacian"), {"one": "adjusted_mmd"}])
def test_saving_and_loading_goes_on_where_it_stopped(loss, tmp_path):
    def data():
        return pack_min_diff_data(dataset(X, Y), *({"one": dataset(v)} if isinstance(loss, dict) else dataset(v)
                                                   for v in (S, N)))

    wrapper = wrapped(network(units=2, activation="softmax"), loss, 0.01, ClassScore([1]),
                      optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    wrapper.fit(data(), verbose=0, shuffle=False)
    models.save(wrapper, tmp_path / "wrapper.keras")
    loaded = models.load(tmp_path / "wrapper.keras")
    assert isinstance(loaded, MinDiffModel)
    assert loaded.evaluate(data(), verbose=0) == pytest.approx(wrapper.evaluate(data(), verbose=0), rel=1e-6)
    for model in (wrapper, loaded):
        model.fit(data(), verbose=0, shuffle=False)
    for a, b in zip(wrapper.get_weights(), loaded.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    assert int(loaded.optimizer.iterations) == 8


def test_the_original_is_saved_by_suffix(tmp_path):
    wrapper = wrapped()
    expected = wrapper.predict(X, verbose=0)
    wrapper.save_original_model(tmp_path / "original.keras")
    wrapper.save_original_model(tmp_path / "exported")
    for path in ("original.keras", "exported"):
        model = models.load(tmp_path / path)
        scores = model(X) if path == "exported" else model.predict(X, verbose=0)
        assert not isinstance(model, MinDiffModel)
        np.testing.assert_allclose(scores, expected, rtol=1e-6)
    with pytest.raises(FairkitError, match="not saved in the format 'h5'"):
        wrapper.save_original_model(tmp_path / "x", save_format="h5")


@pytest.mark.parametrize("arguments, match", [
    (("model", "mmd"), "a keras.Model"), ((network(), "mdd"), "'mmd' .the nearest."),
    ((network(), "mmd", -1), "0 or above"), ((network(), "mmd", "much"), "'much'"),
    ((network(), "mmd", float("nan")), "nan"), ((network(), "mmd", {"a": 1}), "several loss weights"),
    ((network(), {"a": "mmd"}, {"b": 1}), "no loss 'b'"), ((network(), "mmd", 1, "sigmoid"), "no function"),
])
def test_what_makes_no_min_diff_model_is_refused(arguments, match):
    with pytest.raises(FairkitError, match=match):
        MinDiffModel(*arguments)
