"""Two models that are built by the same lines are alike, whatever Keras calls their layers; other models are not."""

import pytest

import fairkit
from fairkit.quiet import keras
from fairkit.remediation.sweeps.architecture import architecture_of
from fairkit.remediation.sweeps.stored_model import model_digest


def with_a_word_that_is_a_name(words=("dense", "embedding", "fool", "text")):
    return fairkit.models.toxicity_classifier(["dense fool", "embedding of text", *words], seed=0)


def with_layers_called_like_settings(activation="softmax"):
    image = keras.Input((4,))
    x = keras.layers.Activation("relu")(keras.layers.Dense(3, activation=activation)(image))
    return keras.Model(image, keras.layers.Softmax()(x))


def with_two_outputs(loss="mse"):
    x = keras.Input((4,))
    model = keras.Model(x, [keras.layers.Dense(1, name="a")(x), keras.layers.Dense(1, name="b")(x)])
    model.compile("adam", {"a": loss, "b": "mae"}, metrics={"a": ["mae"]})
    return model


@pytest.mark.parametrize("build", [with_a_word_that_is_a_name, with_layers_called_like_settings, with_two_outputs])
def test_models_of_the_same_lines_are_alike(build):
    assert len({model_digest(build()) for _ in range(3)}) == 1


def test_other_models_are_not():
    assert model_digest(with_a_word_that_is_a_name()) != model_digest(with_a_word_that_is_a_name(("other",)))
    assert architecture_of(with_layers_called_like_settings()) != \
        architecture_of(with_layers_called_like_settings("relu"))
    assert architecture_of(with_two_outputs()) != architecture_of(with_two_outputs("mae"))


def test_the_order_of_layers_counts():
    def chain(*sizes):
        return keras.Sequential([keras.Input((2,)), *(keras.layers.Dense(size) for size in sizes)])

    assert architecture_of(chain(2, 3)) != architecture_of(chain(3, 2))
