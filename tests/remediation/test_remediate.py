import json
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

import fairkit
from fairkit import Examples, FairkitError, models
from fairkit.models.seeding import seeded
from fairkit.remediation import ClassScore, MMDLoss

layers = keras.layers
GROUPS = {"sensitive": {"color": "orange"}, "nonsensitive": {"color": "blue"}, "min_diff_batch_size": 4}


def table(n=600, classes=2, seed=0):
    """Rows of which column 0 tells the label and column 1 the color, which goes with the label."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    orange = rng.random(n) < np.where(labels == classes - 1, 0.9, 0.2)
    x = np.stack([labels + rng.normal(0, 0.7, n), orange + rng.normal(0, 0.1, n)], axis=1).astype(np.float32)
    return Examples(inputs=x, labels=labels, groups={"color": np.where(orange, "orange", "blue")})


def network(units=1, activation="sigmoid", compiled=True):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(8, activation="relu"), layers.Dropout(0.1),
                              layers.Dense(units, activation=activation)])
    if compiled:
        loss = "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy"
        model.compile(keras.optimizers.Adam(0.02), loss, metrics=["accuracy"])
    return model


def false_positive_gap(model, examples):
    negatives = examples.labels == 0
    scores = model.predict(examples.inputs, verbose=0)[:, 0]
    orange = examples.groups["color"].match("color", "orange")
    return np.mean(scores[negatives & orange] > 0.5) - np.mean(scores[negatives & ~orange] > 0.5)


def test_the_gap_closes_and_the_control_keeps_it():
    train, test = table(), table(4000, seed=1)
    given, before = network(), None
    before = given.get_weights()
    fixed, control = (fairkit.remediate(given, train, **GROUPS, loss_weight=weight, epochs=15, batch_size=32, seed=3)
                      for weight in (5.0, 0))
    gaps = false_positive_gap(fixed.model, test), false_positive_gap(control.model, test)
    assert gaps[1] > 0.2 and abs(gaps[0]) < gaps[1] / 3
    assert all((a == b).all() for a, b in zip(before, given.get_weights())) and int(given.optimizer.iterations) == 0
    assert control.history["min_diff_loss"] == [0.0] * 15
    assert type(fixed.model) is keras.Sequential and int(fixed.model.optimizer.iterations) == 15 * 19
    assert fixed.model.optimizer.get_config() == given.optimizer.get_config()


def test_the_same_seed_trains_the_same_weights_whatever_ran_before():
    train, runs = table(100), []
    for seed, noise in ((1, 5), (1, 6), (2, 5)):
        keras.utils.set_random_seed(noise)
        result = fairkit.remediate(network(), train, **GROUPS, epochs=3, batch_size=16, seed=seed)
        runs.append(result.model.get_weights())
    tf.random.set_seed(None)
    for same, again, other in zip(*runs):
        np.testing.assert_array_equal(same, again)
        assert not np.array_equal(same, other)


def test_the_control_is_plain_training():
    train, model = table(100), keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    control = fairkit.remediate(model, train, **GROUPS, loss_weight=0, epochs=3, batch_size=16, seed=4)
    plain = models.rebuild(model, 4)
    with seeded(4):
        order = int(np.random.SeedSequence(4).generate_state(3)[0] >> 1)
        plain.fit(train.batches(16, seed=order).repeat(), epochs=3, steps_per_epoch=7, verbose=0, shuffle=False)
    for a, b in zip(control.model.get_weights(), plain.get_weights()):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_settings_are_plain_and_complete():
    result = fairkit.remediate(network(3, "softmax"), table(classes=3), sensitive={"color": ["orange"]}, classes=2,
                               loss=MMDLoss("laplacian"), epochs=1, batch_size=50, min_diff_batch_size=20,
                               validation=table(50, 3))
    settings = json.loads(json.dumps(result.settings))
    negatives = table(classes=3).labels != 2
    orange = table(classes=3).groups["color"].match("color", "orange")
    assert settings["sensitive_examples"] == int((orange & negatives).sum())
    assert settings["nonsensitive_examples"] == int((~orange & negatives).sum())
    assert settings["nonsensitive"] == "not (color = orange)" and settings["classes"] == [2]
    assert settings["loss"] == "mmd_loss (LaplacianKernel, length 0.1)" and settings["learning_rate"] == 0.02
    assert sorted(result.history) == ["accuracy", "loss", "min_diff_loss", "val_accuracy", "val_loss"]
    assert all(len(values) == 1 and type(values[0]) is float for values in result.history.values())


def test_warm_start_goes_on_from_the_weights():
    train, model = table(), network()
    model.fit(train.batches(32), epochs=10, verbose=0, shuffle=False)
    model.optimizer.learning_rate = 1e-6
    warm = fairkit.remediate(model, train, **GROUPS, epochs=1, warm_start=True).model
    cold = fairkit.remediate(model, train, **GROUPS, epochs=1).model

    def distance(other):
        return max(np.abs(a - b).max() for a, b in zip(model.get_weights(), other.get_weights()))

    assert distance(warm) < 1e-3 < distance(cold)


def test_a_builder_is_trained_as_it_comes():
    built = []
    result = fairkit.remediate(lambda: built.append(network()) or built[-1], table(100), **GROUPS, epochs=1)
    assert result.model is built[0] and len(built) == 1


def test_splits_smaller_than_a_batch_are_refused_with_the_number_that_is_needed():
    train, groups = table(60), {name: GROUPS[name] for name in ("sensitive", "nonsensitive")}
    orange = int((train.groups["color"].match("color", "orange") & (train.labels == 0)).sum())
    with pytest.raises(FairkitError, match=f"the sensitive split has too few.*at least 64 .negatives.*={orange} or"):
        fairkit.remediate(network(), train, **groups)
    fairkit.remediate(network(), train, **groups, min_diff_batch_size=orange, epochs=1)


@pytest.mark.parametrize("units, activation, from_logits, loss", [
    (1, "sigmoid", False, keras.losses.BinaryCrossentropy), (1, "linear", True, keras.losses.BinaryCrossentropy),
    (2, "softmax", False, keras.losses.SparseCategoricalCrossentropy),
    (2, "linear", True, keras.losses.SparseCategoricalCrossentropy)])
def test_an_uncompiled_model_is_compiled_to_fit(units, activation, from_logits, loss):
    model = network(units, activation, compiled=False)
    result = fairkit.remediate(model, table(), **GROUPS, from_logits=from_logits, epochs=3)
    assert isinstance(result.model.loss, loss) and result.model.loss.get_config()["from_logits"] is from_logits
    assert result.history["loss"][-1] < result.history["loss"][0] and not model.compiled


def test_weighted_examples_train():
    train = table(100)
    train.weights = np.linspace(0.5, 1.5, 100)
    assert np.isfinite(fairkit.remediate(network(), train, **GROUPS, epochs=1).history["min_diff_loss"]).all()


def test_the_main_data_is_balanced_and_the_groups_are_not():
    train, plain = table(200), fairkit.remediate(network(), table(200), **GROUPS, epochs=1)
    seen = []

    class Steps(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    even = fairkit.remediate(network(), train, **GROUPS, epochs=1, batch_size=16, callbacks=[Steps()],
                             balance={"by": ["color", "label"], "to": {("orange", 0): np.int64(300)}})
    orange_negatives = int((train.groups["color"].match("color", "orange") & (train.labels == 0)).sum())
    assert even.settings["train_examples"] == 200 - orange_negatives + 300
    assert len(seen) == -(-even.settings["train_examples"] // 16)
    assert even.settings["balance"] == {"by": ["color", "label"], "to": {"('orange', 0)": 300}, "several": "refuse"}
    assert json.loads(json.dumps(even.settings)) == even.settings and plain.settings["balance"] is None
    for name in ("sensitive_examples", "nonsensitive_examples"):
        assert even.settings[name] == plain.settings[name]
    alike = fairkit.remediate(network(), train, **GROUPS, epochs=1, balance="color").settings
    fewest = min(np.unique(train.groups["color"].to_list(), return_counts=True)[1])
    assert alike["train_examples"] == 2 * fewest
    assert alike["balance"] == {"by": ["color"], "to": "smallest", "several": "refuse"}


def test_texts_train_with_their_vocabulary():
    texts = ["you fool", "kind muslim day", "fool muslim", "good day"] * 10
    train = Examples(inputs=texts, labels=[1, 0, 1, 0] * 10, groups={"religion": [[], "muslim", "muslim", []] * 10})
    model = models.toxicity_classifier(texts, length=4)
    fixed = fairkit.remediate(model, train, sensitive={"religion": "muslim"}, epochs=1, batch_size=8).model
    assert fixed.layers[1].get_vocabulary() == model.layers[1].get_vocabulary()


@pytest.mark.parametrize("outputs, score, expected", [
    ([[0.2, 0.3, 0.5]], ClassScore([0, 2]), [[0.7]]), ([[0.2]], ClassScore(), [[0.2]]), ([0.2], ClassScore(), [[0.2]]),
    ([[0.0]], ClassScore(from_logits=True), [[0.5]]), ([[0.0, 0.0]], ClassScore([1], from_logits=True), [[0.5]])])
def test_class_scores(outputs, score, expected):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(score))
    for transform in (score, again):
        np.testing.assert_allclose(transform(np.array(outputs, np.float32)), expected, rtol=1e-6)


def refuse(match, model=None, train=None, **arguments):
    return pytest.param(model or network, train or table, {**GROUPS, **arguments}, match, id=match)


@pytest.mark.parametrize("model, train, arguments, match", [
    refuse("'orange' .the nearest.", sensitive={"color": "ornge"}),
    refuse("loss 'mdm'", loss="mdm"),
    refuse("weight of a loss", loss_weight=-1),
    refuse("epochs does not fit", epochs=0),
    refuse("batch_size does not fit", batch_size=2.5),
    refuse("min_diff_batch_size does not fit", min_diff_batch_size=-1),
    refuse("from 0 to 2147483647", seed=-1),
    refuse("0 and 1 for a model with one output", train=lambda: table(classes=3), classes=[2]),
    refuse("no classes to choose from", classes=[1]),
    refuse("which class is the positive one", model=lambda: network(3, "softmax")),
    refuse("from_logits=False here too", model=lambda: compiled_with_logits(False), from_logits=True),
    refuse("from_logits=True here too", model=lambda: compiled_with_logits(True)),
    refuse("do not fit the model's input.*Expected: shape .7..*Received: .2.",
           model=lambda: keras.Sequential([keras.Input((7,)), layers.Dense(1)])),
    refuse("does not take these inputs", model=lambda: keras.Sequential([layers.Reshape((7,)), layers.Dense(1)])),
    refuse("does not fit a classifier", model=lambda: keras.Sequential([keras.Input((2,)), layers.Reshape((2, 1))])),
    refuse("there is no model", model=lambda: "model.keras"),
    refuse("the training data are no examples", train=lambda: [1]),
    refuse("cannot be trained on", train=lambda: Examples(labels=[0, 1], groups={"color": ["orange", "blue"]})),
    refuse("validation data are no examples", validation=[1]),
    refuse("no group column 'colour' to balance by", balance="colour"),
    refuse("balance takes no 'too'. Expected: 'to' .the nearest.", balance={"by": "color", "too": 3}),
    refuse("balance names no group column", balance=3),
    refuse("a builder has no weights", model=lambda: network, warm_start=True),
    refuse("nonsensitive alone", sensitive=None),
    refuse("there are no pairs to train on", counterfactuals=[1]),
    refuse("'absolute_correlation' has no kernel", loss="absolute_correlation", kernel="gaussian"),
    refuse("no loss 'oranges' to weight|several loss weights", loss_weight={"oranges": 1}),
    refuse("the builder returns no model", model=lambda: lambda: 3),
])
def test_what_cannot_be_remediated_is_refused(model, train, arguments, match):
    with pytest.raises(FairkitError, match=match) as raised:
        fairkit.remediate(model(), train(), **arguments)
    assert "\n" not in str(raised.value)


def compiled_with_logits(from_logits):
    model = network(compiled=False)
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=from_logits))
    return model


@pytest.mark.parametrize("options", [{}, {**GROUPS, "loss_weight": 1.0}])
def test_a_loss_that_is_lost_is_said(options):
    model = network()
    model.compile(keras.optimizers.SGD(1e30), "mean_squared_error")
    model.layers[-1].activation = keras.activations.linear
    with pytest.warns(UserWarning, match="loss became .* in epoch 1: the model has learnt nothing"):
        fairkit.remediate(model, table(200), **options, epochs=2, batch_size=16)


def test_the_same_seed_gives_the_same_weights_in_every_thread():
    train = table(200)
    networks = [network() for _ in range(3)]

    def trained(number):
        return fairkit.remediate(networks[number], train, **GROUPS, epochs=1, batch_size=32,
                                 seed=5).model.get_weights()

    alone = trained(0)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(trained, range(3)))
    assert all((a == b).all() for weights in found for a, b in zip(alone, weights, strict=True))
