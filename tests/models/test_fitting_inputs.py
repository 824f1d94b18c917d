import keras
import numpy as np
import pytest

import fairkit
from fairkit.models.fitting_inputs import require_fitting


@pytest.fixture
def two_inputs():
    age, city = keras.Input((1,), name="age"), keras.Input((3,), name="city")
    return keras.Model({"age": age, "city": city},
                       keras.layers.Dense(1, "sigmoid")(keras.layers.concatenate([age, city])))


def examples(inputs, n=4):
    return fairkit.Examples(inputs=inputs, labels=np.arange(n) % 2, groups={})


def test_a_missing_input_is_named(two_inputs):
    with pytest.raises(fairkit.FairkitError, match="'city' is missing.*'age', 'town'"):
        fairkit.predict(two_inputs, examples({"age": np.zeros(4), "town": np.zeros((4, 3))}))


def test_one_array_for_two_inputs(two_inputs):
    with pytest.raises(fairkit.FairkitError, match="several inputs.*'age', 'city'"):
        fairkit.predict(two_inputs, examples(np.zeros((4, 3))))


def test_another_shape_is_named(two_inputs):
    with pytest.raises(fairkit.FairkitError, match=r"input 'city'.*\(3\).*\(4\)"):
        fairkit.predict(two_inputs, examples({"age": np.zeros(4), "city": np.zeros((4, 4))}))


@pytest.mark.parametrize("age", [np.zeros(4), np.zeros((4, 1))])
def test_what_keras_takes_is_let_through(two_inputs, age):
    assert len(fairkit.predict(two_inputs, examples({"age": age, "city": np.zeros((4, 3)), "more": age}))) == 4


@pytest.mark.parametrize(("shape", "given"), [((), (5,)), ((), (5, 1)), ((1,), (5,)), ((None, 2), (5, 7, 2)),
                                              ((2, 1), (5, 2)), ((2,), (5, 2, 1)), ((3,), (5, 2)), ((2, 2), (5, 2))])
def test_agrees_with_keras(shape, given):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, keras.layers.Lambda(lambda x: keras.ops.mean(keras.ops.reshape(
        x, (keras.ops.shape(x)[0], -1)), axis=1, keepdims=True))(inputs))
    try:
        model.predict(np.zeros(given), verbose=0)
        fits = True
    except ValueError:
        fits = False
    try:
        require_fitting(model, np.zeros(given))
        assert fits
    except fairkit.FairkitError:
        assert not fits


def test_a_model_that_declares_nothing_is_let_through():
    class Own(keras.Model):
        def call(self, inputs):
            return keras.ops.mean(inputs, axis=-1, keepdims=True)

    require_fitting(Own(), np.zeros((3, 9)))
    model = Own()
    model(np.zeros((2, 4)))
    require_fitting(model, np.zeros((3, 9)))


@pytest.mark.parametrize("built", [True, False])
def test_a_sequential_model_of_another_width(built):
    model = keras.Sequential([*([keras.Input((3,))] if built else []), keras.layers.Dense(1, "sigmoid")])
    model(np.zeros((1, 3)))
    with pytest.raises(fairkit.FairkitError, match=r"\(3\).*\(2\)"):
        fairkit.predict(model, examples(np.zeros((4, 2))))
