"""`fairkit.remediate` with no remedy, with reweighting, and with several groups or rates at once."""

import json

import keras
import numpy as np

import fairkit
from fairkit import Examples
from fairkit.remediation import training_weights

layers = keras.layers
GROUPS = {"sensitive": {"color": "orange"}, "nonsensitive": {"color": "blue"}, "min_diff_batch_size": 4}


def table(n=600, classes=2):
    """Rows of which column 0 tells the label and column 1 the color, which goes with the label."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, n)
    orange = rng.random(n) < np.where(labels == classes - 1, 0.9, 0.2)
    x = np.stack([labels + rng.normal(0, 0.7, n), orange + rng.normal(0, 0.1, n)], axis=1).astype(np.float32)
    return Examples(inputs=x, labels=labels, groups={"color": np.where(orange, "orange", "blue")})


def network(units=1, activation="sigmoid"):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(8, activation="relu"),
                              layers.Dense(units, activation=activation)])
    loss = "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(0.02), loss, metrics=["accuracy"])
    return model


def test_without_a_group_it_is_plain_training_in_the_same_order():
    train, model = table(100), keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    plain, control = (fairkit.remediate(model, train, **groups, loss_weight=0, epochs=2, batch_size=16, seed=4)
                      for groups in ({}, GROUPS))
    for a, b in zip(plain.model.get_weights(), control.model.get_weights()):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert sorted(plain.history) == ["loss"] and plain.settings["method"] == "plain"
    assert json.loads(json.dumps(plain.settings)) == plain.settings and "loss_weight" not in plain.settings
    several = fairkit.remediate(network(3, "softmax"), table(classes=3), epochs=1)   # no class needs to be positive
    assert several.settings["classes"] is None


def test_reweighting_weights_the_main_loss_and_nothing_else():
    train, model = table(200), keras.Sequential([keras.Input((2,)), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    weighted = fairkit.remediate(model, train, reweight="color", epochs=2, batch_size=16, seed=3)
    by_hand = table(200)
    by_hand.weights = training_weights(train, "color")
    expected = fairkit.remediate(model, by_hand, epochs=2, batch_size=16, seed=3)
    for a, b in zip(weighted.model.get_weights(), expected.model.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert train.weights is None and weighted.settings["reweight"] == ["color"]
    assert expected.settings["reweight"] is None
    both = fairkit.remediate(model, train, **GROUPS, reweight=["color"], balance="label", loss_weight=0, epochs=1)
    assert both.settings["reweight"] == ["color"] and both.settings["balance"]["by"] == ["label"]
    first = [fairkit.remediate(model, train, **GROUPS, reweight=by, epochs=1, batch_size=200, seed=1).history
             for by in (None, "color")]   # one step: the same groups, unweighted
    assert first[0]["min_diff_loss"] == first[1]["min_diff_loss"] and first[0]["loss"] != first[1]["loss"]


def test_several_groups_and_both_rates_are_applications_of_their_own():
    train = table(600)
    train = Examples(inputs=train.inputs, labels=train.labels, groups={
        "color": train.groups["color"].to_list(), "size": ["big", "small", None] * 200})
    result = fairkit.remediate(
        network(), train, sensitive={"oranges": {"color": "orange"}, "bigs": {"size": "big"}}, epochs=1,
        error_rate=["false_positive_rate", "false_negative_rate"], loss_weight={"bigs_false_positive_rate": 3.0},
        loss="mmd", kernel="laplacian", kernel_length="median", min_diff_batch_size=8)
    settings = json.loads(json.dumps(result.settings))
    names = [f"{group}_{rate}" for group in ("bigs", "oranges") for rate in ("false_negative_rate",
                                                                           "false_positive_rate")]
    assert sorted(settings["sensitive"]) == names and settings["sensitive"][names[0]] == "size = big"
    assert settings["loss_weight"] == {name: 3.0 if name == "bigs_false_positive_rate" else 1.0 for name in names}
    assert settings["loss"] == "mmd_loss (LaplacianKernel, length median)"
    reported = [name for name in sorted(result.history) if "min_diff" in name]
    assert reported == [f"{name}_min_diff_loss" for name in names]
    bigs = int((train.groups["size"].match("size", "big") & (train.labels == 0)).sum())
    assert settings["sensitive_examples"]["bigs_false_positive_rate"] == bigs
    assert settings["error_rate"] == ["false_positive_rate", "false_negative_rate"]


def test_both_rates_come_closer_at_once():
    train = table(1500)
    gaps = []
    for weight in (0.0, 3.0):
        model = fairkit.remediate(network(), train, sensitive={"color": "orange"}, loss_weight=weight, epochs=6,
                                  error_rate=["false_positive_rate", "false_negative_rate"], batch_size=32).model
        scores = model.predict(train.inputs, verbose=0)[:, 0]
        orange = train.groups["color"].match("color", "orange")
        gaps.append([abs(scores[orange & (train.labels == label)].mean() - scores[~orange & (train.labels == label)]
                         .mean()) for label in (0, 1)])
    assert gaps[1][0] < gaps[0][0] / 2 and gaps[1][1] < gaps[0][1] / 2
