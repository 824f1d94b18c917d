"""CounterfactualModel: what is computed, on which kinds of models; parity with TFMR is in tests/parity."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError, models
from fairkit.remediation.class_score import ClassScore
from fairkit.remediation.counterfactual_data import CounterfactualPackedInputs, pack_counterfactual_data
from fairkit.remediation.counterfactual_losses import PairwiseMSELoss
from fairkit.remediation.counterfactual_model import CounterfactualModel

layers = keras.layers
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(32, 4)).astype(np.float32), RNG.integers(0, 2, 32)
A = RNG.normal(size=(16, 4)).astype(np.float32)
B = A + np.array([0, 0, 2, 0], np.float32)
W = RNG.uniform(0, 3, 16).astype(np.float32)


def dataset(*columns, batch=8):
    return tf.data.Dataset.from_tensor_slices(columns if len(columns) > 1 else columns[0]).batch(batch)


def packed(*weights):
    return pack_counterfactual_data(dataset(X, Y), dataset(A, B, *weights))


def network(*middle, units=1, activation="sigmoid"):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="tanh"), *middle,
                             layers.Dense(units, activation=activation)])


def wrapped(model=None, loss="pairwise_mse", weight=2.0, transform=None, /, **settings):
    wrapper = CounterfactualModel(model or network(), loss, weight, transform)
    wrapper.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy", "metrics": ["accuracy"], **settings})
    return wrapper


def distance(model, weights=1.0, power=2, rows=slice(None)):
    """The weighted mean of |difference|^power between the predictions of the pairs, by hand."""
    sides = [np.asarray(model(side[rows], training=False)) for side in (A, B)]
    return float(np.mean(np.broadcast_to(weights, len(A))[rows] * (np.abs(sides[0] - sides[1])**power).mean(axis=1)))


def test_predictions_are_those_of_the_original():
    wrapper = wrapped()
    np.testing.assert_array_equal(wrapper.predict(X, verbose=0), wrapper.original_model.predict(X, verbose=0))
    np.testing.assert_array_equal(wrapper.predict(packed(), verbose=0), wrapper.predict(X, verbose=0))
    np.testing.assert_array_equal(wrapper(X), wrapper.original_model(X))
    np.testing.assert_array_equal(wrapper(next(iter(packed()))), wrapper(X[:8]))


@pytest.mark.parametrize("loss, power", [("pairwise_mse", 2), ("Pairwise_Absolute_Difference_Loss", 1)])
@pytest.mark.parametrize("weights", [(), (W,), (W[:, None],)], ids=["none", "row", "column"])
def test_evaluate_reports_the_mean_of_the_batches_and_adds_it_to_the_loss(loss, power, weights):
    wrapper = wrapped(None, loss)
    plain = wrapper.original_model.evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)
    given = weights[0].ravel() if weights else 1.0
    expected = np.mean([2 * distance(wrapper.original_model, given, power, slice(i, i + 8)) for i in (0, 8)])
    result = wrapper.evaluate(packed(*weights), verbose=0, return_dict=True)
    assert result["counterfactual_loss"] == pytest.approx(expected, rel=1e-5)
    assert result["original_loss"] == pytest.approx(plain["loss"], rel=1e-5)
    assert result["total_loss"] == result["loss"] == pytest.approx(plain["loss"] + expected, rel=1e-5)
    assert result["accuracy"] == plain["accuracy"]


def test_plain_data_reports_no_counterfactual_loss():
    wrapper = wrapped()
    wrapper.fit(packed(), verbose=0, shuffle=False)
    result = wrapper.evaluate(X, Y, verbose=0, return_dict=True)
    assert sorted(result) == ["accuracy", "loss", "original_loss", "total_loss"]
    assert result["loss"] == pytest.approx(wrapper.original_model.evaluate(X, Y, verbose=0)[0], rel=1e-6)
    history = wrapper.fit(packed(), validation_data=(X, Y), verbose=0, shuffle=False).history
    assert "counterfactual_loss" in history and "val_counterfactual_loss" not in history
    history = wrapper.fit(packed(), validation_data=packed(), verbose=0, shuffle=False).history
    assert "val_counterfactual_loss" in history


def test_training_brings_the_sides_together():
    wrapper = wrapped(None, "pairwise_mse", 20.0, optimizer=keras.optimizers.Adam(0.01))
    before = distance(wrapper.original_model)
    callback = keras.callbacks.EarlyStopping("loss", patience=3)
    wrapper.fit(packed(), epochs=20, verbose=0, shuffle=False, callbacks=[callback])
    assert distance(wrapper.original_model) < before / 4
    assert wrapper.original_model.optimizer is wrapper.optimizer


def test_the_gradient_is_that_of_both_sides_and_of_the_main_loss():
    wrapper = wrapped(None, "pairwise_mse", 2.0, optimizer=keras.optimizers.SGD(0.5), metrics=None)
    model = keras.models.clone_model(wrapper.original_model)
    model.set_weights(wrapper.get_weights())
    with tf.GradientTape() as tape:
        main = tf.reduce_mean(keras.losses.binary_crossentropy(Y[:8, None].astype(np.float32), model(X[:8])))
        total = main + 2.0 * tf.reduce_mean(tf.square(model(A[:8]) - model(B[:8])))
    steps = tape.gradient(total, model.trainable_variables)
    expected = [np.asarray(w) - 0.5 * np.asarray(g) for w, g in zip(model.trainable_variables, steps)]
    wrapper.fit(packed().take(1), verbose=0, shuffle=False)
    for got, want in zip(wrapper.get_weights(), expected):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def test_training_on_plain_data_is_refused():
    with pytest.raises(FairkitError, match="pack_counterfactual_data"):
        wrapped().fit(X, Y, verbose=0)


def test_train_on_batch_takes_a_packed_batch():
    wrapper = wrapped()
    batch = next(iter(packed()))
    assert isinstance(batch, CounterfactualPackedInputs)
    found = wrapper.train_on_batch(batch, return_dict=True)
    assert float(found["counterfactual_loss"]) > 0


def test_several_losses_have_their_weights_and_metrics():
    model = network(units=3, activation="softmax")
    wrapper = wrapped(model, {"b": "pairwise_absolute_difference", "a": PairwiseMSELoss()}, {"b": 3.0},
                      loss="sparse_categorical_crossentropy", metrics=None)
    result = wrapper.evaluate(packed(), verbose=0, return_dict=True)
    for key, weight, power in (("a", 1, 2), ("b", 3, 1)):
        expected = weight * np.mean([distance(model, 1.0, power, slice(i, i + 8)) for i in (0, 8)])
        assert result[f"{key}_counterfactual_loss"] == pytest.approx(expected, rel=1e-4)
    assert result["total_loss"] == pytest.approx(
        result["original_loss"] + result["a_counterfactual_loss"] + result["b_counterfactual_loss"], rel=1e-5)


def test_dropout_is_off_and_batch_statistics_stay_for_the_pairs_only():
    normed = layers.BatchNormalization()
    wrapper = wrapped(network(normed, layers.Dropout(0.5)), "pairwise_mse", 1.0)
    same = pack_counterfactual_data(dataset(X, Y), dataset(A, A))
    history = wrapper.fit(same, verbose=0, shuffle=False).history
    assert history["counterfactual_loss"] == [0.0]   # two draws of Dropout would differ
    twin = wrapped(network(layers.BatchNormalization(), layers.Dropout(0.5)), "pairwise_mse", 0.0)
    twin.fit(pack_counterfactual_data(dataset(X, Y), dataset(A + 100, B - 100)), verbose=0, shuffle=False)
    assert not np.allclose(normed.moving_mean, 0)
    np.testing.assert_allclose(normed.moving_mean, twin.original_model.layers[1].moving_mean, rtol=1e-5)


def test_regularizers_count_once():
    model = network(layers.Dense(4, activity_regularizer="l2", kernel_regularizer="l2"))
    wrapper = wrapped(model)
    expected = model.evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)["loss"]
    result = wrapper.evaluate(packed(), verbose=0, return_dict=True)
    assert result["original_loss"] == pytest.approx(expected, rel=1e-5)


class Net(keras.Model):
    """Takes a dict, gives two outputs, and has neither `training` nor `mask`."""

    def __init__(self):
        super().__init__()
        self.hidden, self.score, self.other = layers.Dense(4), layers.Dense(1, activation="sigmoid"), layers.Dense(1)

    def call(self, inputs):
        x = self.hidden(inputs["x"])
        return {"score": self.score(x), "other": self.other(x)}


def test_a_subclassed_model_with_dict_inputs_and_several_outputs():
    main = dataset(X, {"score": Y, "other": Y}).map(lambda x, y: ({"x": x}, y))
    pairs = dataset(A, B, W).map(lambda a, b, w: ({"x": a}, {"x": b}, w))
    wrapper = CounterfactualModel(Net(), "pairwise_mse", 2.0, lambda outputs: outputs["score"])
    wrapper.compile("sgd", {"score": "binary_crossentropy", "other": "mse"})
    history = wrapper.fit(pack_counterfactual_data(main, pairs), epochs=2, verbose=0, shuffle=False).history
    assert np.isfinite(history["counterfactual_loss"]).all()
    with pytest.raises(FairkitError, match=r"predictions_transform.*dict"):
        wrong = CounterfactualModel(wrapper.original_model)
        wrong.compile("sgd", {"score": "binary_crossentropy", "other": "mse"})
        wrong.fit(pack_counterfactual_data(main, pairs), verbose=0, shuffle=False)


def test_a_functional_model_of_texts():
    texts = np.array(["you fool", "kind day", "fool", "good"] * 4, object)
    wrapper = CounterfactualModel(models.toxicity_classifier(texts, length=4, seed=0))
    wrapper.compile("adam", "binary_crossentropy")
    data = pack_counterfactual_data(dataset(texts, Y[:16]), dataset(texts[:8], texts[1:9]))
    assert wrapper.fit(data, verbose=0, shuffle=False).history["counterfactual_loss"][0] > 0


def test_a_sequential_model_that_is_not_built():
    model = keras.Sequential([layers.Dense(3), layers.Dense(1, activation="sigmoid")])
    wrapper = CounterfactualModel(model)
    wrapper.compile("sgd", "binary_crossentropy")
    wrapper.fit(packed(), verbose=0, shuffle=False)
    assert model.built


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"run_eagerly": True}, {"steps_per_execution": 2}])
def test_compile_options_train_the_same(options):
    wrappers = [wrapped(**given) for given in ({}, options)]
    for wrapper in wrappers:
        wrapper.fit(packed(), epochs=2, verbose=0, shuffle=False)
    for one, other in zip(*(wrapper.get_weights() for wrapper in wrappers)):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_mixed_precision_compares_in_float32():
    model = network(layers.Dense(4, dtype="mixed_float16"))
    wrapper = wrapped(model)
    assert np.isfinite(wrapper.fit(packed(), verbose=0, shuffle=False).history["loss"]).all()


@pytest.mark.parametrize("loss", ["pairwise_cosine", {"one": PairwiseMSELoss("named")}])
def test_saving_and_loading_goes_on_where_it_stopped(loss, tmp_path):
    wrapper = wrapped(network(units=2, activation="softmax"), loss, 0.5, ClassScore([0, 1])
                      if isinstance(loss, dict) else None, optimizer=keras.optimizers.Adam(0.01),
                      loss="sparse_categorical_crossentropy")
    wrapper.fit(packed(), verbose=0, shuffle=False)
    models.save(wrapper, tmp_path / "wrapper.keras")
    loaded = models.load(tmp_path / "wrapper.keras")
    assert isinstance(loaded, CounterfactualModel)
    assert loaded.evaluate(packed(), verbose=0) == pytest.approx(wrapper.evaluate(packed(), verbose=0), rel=1e-6)
    for model in (wrapper, loaded):
        model.fit(packed(), verbose=0, shuffle=False)
    for a, b in zip(wrapper.get_weights(), loaded.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    assert int(loaded.optimizer.iterations) == 8


def test_keras_loads_it_in_a_process_that_has_only_imported_fairkit(tmp_path):
    wrapper = wrapped()
    wrapper.fit(packed(), verbose=0, shuffle=False)
    wrapper.save(tmp_path / "wrapper.keras")
    code = ("import fairkit, json, sys; model = fairkit.models.load(sys.argv[1]); "
            "x = __import__('numpy').array([[1., 2., 3., 4.]]); "
            "print(json.dumps([type(model).__name__, model.predict(x, verbose=0).tolist()]))")
    ran = subprocess.run([sys.executable, "-c", code, tmp_path / "wrapper.keras"], check=True, capture_output=True,
                         timeout=120)
    name, scores = json.loads(ran.stdout)
    assert name == "CounterfactualModel"
    np.testing.assert_allclose(scores, wrapper(np.array([[1.0, 2, 3, 4]], np.float32)), rtol=1e-5)


def test_the_original_is_saved_by_suffix_and_exported(tmp_path):
    wrapper = wrapped()
    expected = wrapper.predict(X, verbose=0)
    wrapper.save_original_model(tmp_path / "original.keras")
    wrapper.export(str(tmp_path / "exported"), verbose=False)
    np.testing.assert_allclose(models.load(tmp_path / "original.keras").predict(X, verbose=0), expected, rtol=1e-6)
    np.testing.assert_allclose(models.load(tmp_path / "exported")(X), expected, rtol=1e-5)
    with pytest.raises(FairkitError, match="not saved in the format 'h5'"):
        wrapper.save_original_model(tmp_path / "x", save_format="h5")


def test_a_step_of_the_models_own_is_warned_of():
    class Own(keras.Sequential):
        def train_step(self, data):
            raise AssertionError("the wrapper goes round it")

    with pytest.warns(UserWarning, match="Own overrides train_step"):
        wrapper = wrapped(Own([keras.Input((4,)), layers.Dense(1, activation="sigmoid")]))
    wrapper.fit(packed(), verbose=0, shuffle=False)


def test_a_metric_of_that_name_is_not_shadowed():
    model = network()
    model.counted = keras.metrics.Mean("counterfactual_loss")
    assert "counterfactual_loss_1" in [metric.name for metric in CounterfactualModel(model).metrics]


def test_a_subclass_may_compute_another_loss():
    class Worst(CounterfactualModel):
        def compute_counterfactual_loss(self, original_predictions, counterfactual_predictions,
                                        counterfactual_sample_weight=None):
            return tf.reduce_max(tf.abs(original_predictions - counterfactual_predictions))

    wrapper = Worst(network())
    wrapper.compile("sgd", "binary_crossentropy")
    expected = np.mean([np.abs(wrapper(A[i:i + 8]) - wrapper(B[i:i + 8])).max() for i in (0, 8)])
    assert wrapper.evaluate(packed(), verbose=0, return_dict=True)["counterfactual_loss"] == pytest.approx(
        expected, rel=1e-5)


def test_the_cosine_of_one_output_is_refused():
    with pytest.raises(FairkitError, match="the cosine loss is the same"):
        wrapped(None, "pairwise_cosine").fit(packed(), verbose=0, shuffle=False)


@pytest.mark.parametrize("arguments, match", [
    (("model",), "a keras.Model"), ((network(), "pairwise_mes"), "'pairwise_mse' .the nearest."),
    ((network(), 3), "CounterfactualLoss object"), ((network(), "pairwise_mse", -1), "0 or above"),
    ((network(), "pairwise_mse", {"a": 1}), "several loss weights"),
    ((network(), "pairwise_mse", 1, "x"), "no function"),
])
def test_what_makes_no_counterfactual_model_is_refused(arguments, match):
    with pytest.raises(FairkitError, match=match):
        CounterfactualModel(*arguments)


REPLICAS = """
import json, sys, keras, numpy as np, tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
from fairkit.remediation.counterfactual_data import pack_counterfactual_data
from fairkit.remediation.counterfactual_model import CounterfactualModel
x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
found = []
for strategy in (None, tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])):
    with (strategy or tf.distribute.get_strategy()).scope():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
        fair = CounterfactualModel(model, sys.argv[1], 3.0)
        fair.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    main = tf.data.Dataset.from_tensor_slices((x, (x[:, :1] > 0) * 1.0)).batch(8)
    pairs = tf.data.Dataset.from_tensor_slices((x, x + 1)).batch(8)
    history = fair.fit(pack_counterfactual_data(main, pairs), verbose=0, shuffle=False, epochs=2).history
    found.append([history["counterfactual_loss"], history["total_loss"], model.get_weights()[0].ravel().tolist()])
print(json.dumps(found))
"""


def test_two_replicas_train_as_one_does():
    # Means over batches of equal size are the mean over all: the pairwise losses are additive, as MMD is not.
    ran = subprocess.run([sys.executable, "-c", REPLICAS, "pairwise_mse"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    one, two = json.loads(ran.stdout.splitlines()[-1])
    for a, b in zip(one, two):
        np.testing.assert_allclose(a, b, rtol=1e-4)


C = A * np.array([1, -1, 1, 1], np.float32)   # the other set's second sides
SETS = {"mse": (A, B, W), "abs": (B[:12], C[:12])}
LOSSES = {"mse": "pairwise_mse", "abs": "pairwise_absolute_difference"}
WEIGHTS = {"mse": 2.0, "abs": 3.0}


def packed_sets():
    return pack_counterfactual_data(dataset(X, Y), {key: dataset(*part) for key, part in SETS.items()})


def by_hand(model, step, of=np):
    """The two penalties in one step of 8: weighted mean squared, and mean absolute difference."""
    rows, few = slice(8 * (step % 2), 8 * (step % 2) + 8), slice(0, 8) if step % 2 == 0 else slice(8, 12)
    a, b, third, fourth = (model(part) for part in (A[rows], B[rows], B[few], C[few]))
    return {"mse": 2.0 * of.mean(W[rows, None] * of.square(a - b)), "abs": 3.0 * of.mean(of.abs(third - fourth))}


def test_several_sets_of_pairs_have_a_loss_and_a_weight_each():
    wrapper = wrapped(None, LOSSES, WEIGHTS)
    model = wrapper.original_model
    steps = [by_hand(lambda part: np.asarray(model(part), np.float64), step) for step in range(4)]
    plain = model.evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)
    found = wrapper.evaluate(packed_sets(), verbose=0, return_dict=True)
    assert sorted(found) == ["abs_counterfactual_loss", "accuracy", "loss", "mse_counterfactual_loss", "original_loss",
                             "total_loss"]
    for key in SETS:
        assert found[f"{key}_counterfactual_loss"] == pytest.approx(np.mean([step[key] for step in steps]), rel=1e-5)
    assert found["original_loss"] == pytest.approx(plain["loss"], rel=1e-5)
    expected = plain["loss"] + sum(found[f"{key}_counterfactual_loss"] for key in SETS)
    assert found["total_loss"] == found["loss"] == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(wrapper.predict(packed_sets(), verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("middle", [(), (layers.BatchNormalization(),)], ids=["one pass", "a pass for each side"])
def test_the_gradient_is_that_of_the_main_loss_and_of_each_set(middle):
    wrapper = wrapped(network(*middle), LOSSES, WEIGHTS, optimizer=keras.optimizers.SGD(0.5), metrics=None)
    model = keras.models.clone_model(wrapper.original_model)
    model.set_weights(wrapper.get_weights())

    class Math:
        mean, square, abs = tf.reduce_mean, tf.square, tf.abs

    for step in (0, 1):
        with tf.GradientTape() as tape:
            rows = slice(8 * step, 8 * step + 8)
            main = keras.losses.binary_crossentropy(Y[rows, None].astype(np.float32), model(X[rows], training=True))
            penalties = by_hand(lambda part: model(part, training=False), step, Math)
            total = tf.reduce_mean(main) + tf.add_n(list(penalties.values()))
        for variable, gradient in zip(model.trainable_variables, tape.gradient(total, model.trainable_variables)):
            variable.assign_sub(0.5 * gradient)
    wrapper.fit(packed_sets().take(2), verbose=0, shuffle=False)
    for got, want in zip(wrapper.trainable_variables, model.trainable_variables):
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


def test_a_model_of_several_sets_is_saved_and_goes_on(tmp_path):
    wrapper = wrapped(None, LOSSES, WEIGHTS, optimizer=keras.optimizers.Adam(0.01))
    wrapper.fit(packed_sets(), verbose=0, shuffle=False)
    models.save(wrapper, tmp_path / "fair.keras")
    loaded = models.load(tmp_path / "fair.keras")
    first, second = (model.fit(packed_sets(), verbose=0, shuffle=False).history for model in (wrapper, loaded))
    assert sorted(first) == sorted(second) and "abs_counterfactual_loss" in second
    for name in first:
        assert first[name] == pytest.approx(second[name], rel=1e-5)


def test_one_loss_for_several_names_is_on_the_same_pairs_as_before():
    wrapper = wrapped(None, LOSSES, WEIGHTS)
    found = wrapper.evaluate(packed(W), verbose=0, return_dict=True)
    model = wrapper.original_model
    halves = slice(0, 8), slice(8, 16)
    assert found["abs_counterfactual_loss"] == pytest.approx(
        np.mean([3 * distance(model, W, 1, rows) for rows in halves]), rel=1e-5)


@pytest.mark.parametrize("loss, match", [
    ("pairwise_mse", r"Expected: a dict of losses with the keys \['abs', 'mse'\]\. Received: one loss"),
    ({"mse": "mse", "else": "mse"}, r"\['abs', 'mse'\]\. Received: a dict with the keys \['else', 'mse'\]"),
])
def test_sets_of_pairs_that_do_not_go_with_the_losses_are_refused(loss, match):
    with pytest.raises(FairkitError, match=match):
        wrapped(None, loss, 1.0).fit(packed_sets(), verbose=0, shuffle=False)


def test_each_set_of_pairs_is_checked_by_its_name():
    none = dataset(A, B).filter(lambda *_: False)
    for sets, match in [({"a": none}, r"counterfactual_data\['a'\] is empty.*0 of 2 elements"), ({"a": 3}, r"\['a'\]"),
                        ({"a": dataset(A)}, r"\['a'\] holds no pairs"), ({}, "a dict of them")]:
        with pytest.raises(FairkitError, match=match):
            pack_counterfactual_data(dataset(X, Y), sets)


class TwiceTheSecond(CounterfactualModel):
    def compute_counterfactual_loss(self, original, counterfactual, weight=None):
        first, second = super().compute_counterfactual_loss(original, counterfactual, weight)
        return [first, 2.0 * second]


def test_the_loss_of_several_sets_can_be_overridden():
    found = []
    for kind in (CounterfactualModel, TwiceTheSecond):
        wrapper = kind(network(), LOSSES, WEIGHTS)
        wrapper.compile("sgd", "binary_crossentropy")
        found.append(wrapper.evaluate(packed_sets(), verbose=0, return_dict=True))
    assert found[1]["mse_counterfactual_loss"] == pytest.approx(2 * found[0]["mse_counterfactual_loss"], rel=1e-6)
    assert found[1]["abs_counterfactual_loss"] == found[0]["abs_counterfactual_loss"]
