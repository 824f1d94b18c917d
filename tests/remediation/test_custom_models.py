"""Wrapped models with methods of their own: class Custom(MinDiffModel, CustomModel), and own ways to pack data."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError, models
from fairkit.remediation import (
    CounterfactualModel,
    MinDiffModel,
    pack_counterfactual_data,
    pack_min_diff_data,
    unpack_min_diff_data,
    unpack_original_inputs,
)

layers = keras.layers
register = keras.saving.register_keras_serializable("test_custom_models")
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 3)).astype(np.float32), (np.arange(24) % 2).astype(np.float32)[:, None]
MAIN = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
WEIGHTED = tf.data.Dataset.from_tensor_slices((X, Y, np.linspace(0.5, 2, 24, dtype=np.float32)[:, None])).batch(8)
KINDS = ["functional", "sequential", "subclassed"]


def stepping(base):
    """A model class with a training step, as TFMR's guide has it."""
    class Stepping(base):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.steps = 0

        def train_step(self, *args, **kwargs):
            self.steps += 1
            return super().train_step(*args, **kwargs)

    return Stepping


def looping(base):
    """A model class with a training loop, as the guide of Keras 3 has it."""
    class Looping(base):
        steps = 0

        def train_step(self, data):
            self.steps += 1
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            trainable_vars = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, trainable_vars), trainable_vars)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    return Looping


class Called(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden, self.out = layers.Dense(3, activation="tanh"), layers.Dense(1, activation="sigmoid")

    def call(self, inputs, training=None):
        return self.out(self.hidden(inputs))


BASES = {"functional": keras.Model, "sequential": keras.Sequential, "subclassed": Called}


def built(cls, kind, seed=0):
    keras.utils.set_random_seed(seed)
    if kind == "functional":
        inputs = keras.Input((3,))
        hidden = layers.Dense(3, activation="tanh")(inputs)
        return cls(inputs=inputs, outputs=layers.Dense(1, activation="sigmoid")(hidden))
    if kind == "sequential":
        return cls([keras.Input((3,)), layers.Dense(3, activation="tanh"), layers.Dense(1, activation="sigmoid")])
    model = cls()
    model(X[:1])
    return model


def packed(wrapper, main=MAIN):
    if wrapper is MinDiffModel:
        return pack_min_diff_data(main, MAIN, MAIN.skip(1))
    return pack_counterfactual_data(main, tf.data.Dataset.from_tensor_slices((X, X[::-1])).batch(4))


def penalty(wrapper):
    return ("mmd" if wrapper is MinDiffModel else "pairwise_mse"), 2.0


def fitted(model, data, metrics=("accuracy",)):
    model.compile("adam", "binary_crossentropy", metrics=list(metrics), run_eagerly=True)
    history = model.fit(data, epochs=2, verbose=0, shuffle=False).history
    return history, [np.array(weight) for weight in model.original_model.get_weights()]


@pytest.mark.parametrize("wrapper", [MinDiffModel, CounterfactualModel])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [stepping, looping])
def test_the_training_step_of_a_custom_model_trains_with_the_penalty(step, kind, wrapper):
    """Weights, losses and penalties are those of the wrapper around the same model without a step of its own."""
    custom = step(BASES[kind])

    class Custom(wrapper, custom):
        pass

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = Custom(built(custom, kind), *penalty(wrapper))
    plain = wrapper(built(BASES[kind], kind), *penalty(wrapper))
    (history, weights), (expected, expected_weights) = (fitted(each, packed(wrapper)) for each in (model, plain))
    assert model.steps == 6 and set(history) == set(expected)
    for found, wanted in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    for name in history:
        if step is stepping or name not in ("loss", "compile_metrics"):   # which Keras's loop weights by the batch
            np.testing.assert_allclose(history[name], expected[name], rtol=1e-4)
    assert model.evaluate(MAIN, verbose=0) and model.predict(packed(wrapper), verbose=0).shape == (24, 1)
    np.testing.assert_allclose(model.predict(X, verbose=0), model.original_model.predict(X, verbose=0), rtol=1e-6)


Functional, Ordered, Own = stepping(keras.Model), stepping(keras.Sequential), stepping(Called)
SAVED = {}
for _name, _base in zip(KINDS, (Functional, Ordered, Own), strict=True):
    _base = register(type(f"{_name.title()}Base", (_base,), {"__module__": __name__}))
    for _wrapper in (MinDiffModel, CounterfactualModel):
        SAVED[_name, _wrapper] = _base, register(
            type(f"{_name.title()}{_wrapper.__name__}", (_wrapper, _base), {"__module__": __name__}))


@pytest.mark.parametrize("wrapper", [MinDiffModel, CounterfactualModel])
@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded_it_goes_on_as_if_it_had_not_been(kind, wrapper, tmp_path):
    base, custom = SAVED[kind, wrapper]
    model = custom(built(base, kind), *penalty(wrapper), name="mine")
    fitted(model, packed(wrapper))
    models.save(model, tmp_path / "model.keras")
    loaded = models.load(tmp_path / "model.keras")
    assert type(loaded) is custom and type(loaded.original_model) is base and loaded.name == "mine"
    np.testing.assert_allclose(loaded.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
    histories = [each.fit(packed(wrapper), verbose=0, shuffle=False).history for each in (model, loaded)]
    for name in histories[0]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-4)
    assert loaded.steps == 3
    weights = [each.original_model.get_weights() for each in (model, loaded)]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("wrapper", [MinDiffModel, CounterfactualModel])
def test_a_base_that_becomes_functional_after_the_class_was_made(wrapper):
    base = stepping(keras.Model)

    class Custom(wrapper, base):
        pass

    original = built(base, "functional")   # Keras gives base another base here
    model = Custom(original, *penalty(wrapper))
    fitted(model, packed(wrapper))
    assert model.steps == 6 and not isinstance(model, type(keras.Model(original.inputs, original.outputs)))


@register
class WithArgument(keras.Model):
    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale, self.dense = scale, layers.Dense(1)

    def call(self, inputs):
        return self.scale * self.dense(inputs)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@register
class MinDiffWithArgument(MinDiffModel, WithArgument):
    pass


@register
class Plain(keras.Sequential):
    """Without a get_config of its own: Keras saves its layers and not its scale."""

    def __init__(self, layers=None, scale=4.0, name=None):
        super().__init__(layers, name=name)
        self.scale = scale


@register
class MinDiffPlain(MinDiffModel, Plain):
    pass


@register
class PairsPlain(CounterfactualModel, Plain):
    pass


@pytest.mark.parametrize("custom, base", [(MinDiffWithArgument, WithArgument), (MinDiffPlain, Plain),
                                          (PairsPlain, Plain)])
def test_arguments_of_the_base_are_its_own_and_saved(custom, base, tmp_path):
    original = WithArgument(4.0) if base is WithArgument else Plain([keras.Input((3,)), layers.Dense(1)])
    original(X[:1])
    loss = "mmd" if issubclass(custom, MinDiffModel) else "mse"
    model = custom(original, loss, scale=5.0, name="mine")
    assert (model.scale, model.original_model.scale, model.get_config()["scale"]) == (5.0, 4.0, 5.0)
    again = custom.from_config(model.get_config())
    assert again.scale == 5.0 and again.original_model is original
    models.save(model, tmp_path / "model.keras")
    loaded = models.load(tmp_path / "model.keras")
    assert (type(loaded), loaded.scale, loaded.original_model.scale, loaded.name) == (custom, 5.0, 4.0, "mine")
    np.testing.assert_allclose(loaded.predict(X, verbose=0), original.predict(X, verbose=0), rtol=1e-6)


def test_a_constructor_that_insists_on_inputs_and_outputs_gets_them():
    class Insisting(keras.Model):
        def __init__(self, inputs, outputs, **kwargs):
            super().__init__(inputs=inputs, outputs=outputs, **kwargs)
            self.widths = [each.shape[-1] for each in inputs] if isinstance(inputs, list) else inputs.shape[-1]

    class Custom(MinDiffModel, Insisting):
        pass

    inputs = keras.Input((3,))
    model = Custom(Insisting(inputs, layers.Dense(1)(inputs)), "mmd")
    assert model.widths == [3] or model.widths == 3


@pytest.mark.parametrize("keywords, match", [({}, "scale"), ({"scale": 1.0, "color": "red"}, "color")])
def test_arguments_that_do_not_suit_the_base_are_refused(keywords, match):
    with pytest.raises(FairkitError, match=f"arguments of MinDiffWithArgument do not suit its base WithArg.*{match}"):
        MinDiffWithArgument(WithArgument(1.0), "mmd", **keywords)
    with pytest.raises(FairkitError, match="arguments of MinDiffModel do not suit its base keras.Model.*color"):
        MinDiffModel(sequential(True), "mmd", color="red")


@pytest.mark.parametrize("wrapper", [MinDiffModel, CounterfactualModel])
def test_a_step_that_leaves_the_penalty_out_is_refused(wrapper):
    class Careless(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(y - self(x, training=True)))
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    class Custom(wrapper, Careless):
        pass

    model = Custom(built(Careless, "sequential"), *penalty(wrapper))
    with pytest.raises(FairkitError, match="Custom trains without its penalty.*self.compute_loss"):
        fitted(model, packed(wrapper))


@pytest.mark.parametrize("wrapper", [MinDiffModel, CounterfactualModel])
def test_a_base_that_names_its_own_metrics_still_reports_the_penalty_anew_each_epoch(wrapper):
    class Naming(keras.Sequential):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.own = keras.metrics.Mean("own")

        @property
        def metrics(self):
            return [self.own]

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True))
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            self.own.update_state(loss)
            return {"own": self.own.result()}

    class Custom(wrapper, Naming):
        pass

    model = Custom(built(Naming, "sequential"), *penalty(wrapper))
    plain = wrapper(built(keras.Sequential, "sequential"), *penalty(wrapper))
    (history, _), (expected, _) = (fitted(each, packed(wrapper), ()) for each in (model, plain))
    name = wrapper.penalty_name
    np.testing.assert_allclose(history[name], expected[name], rtol=1e-4)
    assert len(history["own"]) == 2


def test_a_compute_loss_of_the_base_is_used_whatever_it_takes():
    class Doubling(keras.Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return 2 * super().compute_loss(x, y, y_pred, sample_weight)

    class Custom(CounterfactualModel, Doubling):
        pass

    model = Custom(built(Doubling, "sequential"), "mse")
    plain = CounterfactualModel(built(keras.Sequential, "sequential"), "mse")
    losses = [each.evaluate(packed(CounterfactualModel), verbose=0, return_dict=True)["original_loss"]
              for each in (model, plain) if not each.compile("sgd", "binary_crossentropy")]
    assert losses[0] == pytest.approx(2 * losses[1], rel=1e-5)


def test_a_step_that_the_wrapper_has_from_its_base_is_not_warned_of_and_another_is():
    class Other(keras.Sequential):
        def train_step(self, data):
            return super().train_step(data)

    custom = stepping(keras.Sequential)

    class Custom(MinDiffModel, custom):
        pass

    with pytest.warns(UserWarning, match=r"class Custom\(MinDiffModel, Other\)"):
        MinDiffModel(built(Other, "sequential"), "mmd")
    with pytest.warns(UserWarning, match="Other overrides train_step, which Custom does not use"):
        Custom(built(Other, "sequential"), "mmd")


# Data that is packed in another way

CALLS = []


class OfDicts(MinDiffModel):
    """TFMR's guide: a dict of both parts."""

    def unpack_original_inputs(self, inputs):
        CALLS.append(("original", inputs))
        return inputs["original"]

    def unpack_min_diff_data(self, inputs):
        CALLS.append(("min_diff", inputs))
        return inputs["min_diff"]


class OfColumns(MinDiffModel):
    """One tensor: the main inputs, the MinDiff inputs and membership, column by column."""

    def unpack_original_inputs(self, inputs):
        CALLS.append(("original", inputs))
        return inputs[:, :3]

    def unpack_min_diff_data(self, inputs):
        CALLS.append(("min_diff", inputs))
        return inputs[:, 3:6], inputs[:, 6:]


def packed_for(kind, *rest):
    members = np.concatenate([np.ones(12), np.zeros(12)]).astype(np.float32)[RNG.permutation(24)][:, None]
    if kind is OfDicts:
        inputs = {"original": X, "min_diff": (X[::-1], members)}
    else:
        inputs = np.concatenate([X, X[::-1], members], axis=1)
    default = pack_min_diff_data(tf.data.Dataset.from_tensor_slices((X, Y, *rest)).batch(8), min_diff_dataset=(
        tf.data.Dataset.from_tensor_slices((X[::-1], members)).batch(8)))
    return tf.data.Dataset.from_tensor_slices((inputs, Y, *rest)).batch(8), default


def sequential(built_before):
    keras.utils.set_random_seed(1)
    first = [keras.Input((3,))] if built_before else []
    return keras.Sequential([*first, layers.Dense(3, activation="tanh"), layers.Dense(1, activation="sigmoid")])


@pytest.mark.parametrize("built_before", [True, False])
@pytest.mark.parametrize("weights", [(), (np.linspace(0.5, 2, 24, dtype=np.float32)[:, None],)])
@pytest.mark.parametrize("kind", [OfDicts, OfColumns])
def test_own_unpacking_is_called_on_inputs_only_and_once_a_step(kind, weights, built_before):
    data, default = packed_for(kind, *weights)
    own, plain = (cls(sequential(built_before), "mmd", 2.0) for cls in (kind, MinDiffModel))
    for model in (own, plain):
        model.compile("adam", "binary_crossentropy", run_eagerly=True)
    expected = [plain.fit(default, verbose=0, shuffle=False).history, plain.evaluate(default, verbose=0,
                                                                                       return_dict=True)]
    own.fit(data.take(1), verbose=0, shuffle=False, epochs=0)
    CALLS.clear()
    found = [own.fit(data, verbose=0, shuffle=False).history]
    fit_calls = CALLS.copy()
    CALLS.clear()
    found.append(own.evaluate(data, verbose=0, return_dict=True))
    evaluate_calls = CALLS.copy()
    CALLS.clear()
    scores = own.predict(data, verbose=0)
    for one, other in zip(found, expected, strict=True):
        assert set(one) == set(other)
        for name in one:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-4)
    np.testing.assert_allclose(scores, plain.predict(X, verbose=0), rtol=1e-4)
    for calls, names in ((fit_calls, {"original", "min_diff"}), (evaluate_calls, {"original", "min_diff"}),
                         (CALLS, {"original"})):
        eager = [name for name, inputs in calls if tf.is_tensor(tf.nest.flatten(inputs)[0])
                 and hasattr(tf.nest.flatten(inputs)[0], "numpy")]
        assert sorted(eager) == sorted([*names] * 3)
        assert all(tf.is_tensor(part) for _, inputs in calls for part in tf.nest.flatten(inputs))


def test_own_unpacking_in_a_compiled_graph_is_traced_once_a_step():
    data, _ = packed_for(OfDicts)
    model = OfDicts(sequential(True), "mmd")
    model.compile("adam", "binary_crossentropy")
    CALLS.clear()
    model.fit(data, verbose=0, shuffle=False)
    assert sorted(name for name, _ in CALLS) == sorted(["original", "min_diff"] * (len(CALLS) // 2))
    assert all(tf.is_tensor(part) for _, inputs in CALLS for part in tf.nest.flatten(inputs))


def test_predicting_packed_data_neither_computes_nor_reports_a_penalty():
    model = MinDiffModel(sequential(True), "mmd")
    model.compile("adam", "binary_crossentropy", run_eagerly=True)
    for data in (packed(MinDiffModel), packed(MinDiffModel, WEIGHTED),
                 pack_min_diff_data(MAIN.map(lambda x, y: (x,)), MAIN, MAIN)):
        np.testing.assert_allclose(model.predict(data, verbose=0), model.original_model.predict(X, verbose=0),
                                   rtol=1e-6)
    assert float(model._penalty_metric.result()) == 0


def test_both_penalties_with_own_unpacking():
    data, default = packed_for(OfDicts)
    pairs = tf.data.Dataset.from_tensor_slices((X, X[::-1])).batch(4)
    histories = []
    for cls, main in ((OfDicts, data), (MinDiffModel, default)):
        both = CounterfactualModel(cls(sequential(True), "mmd", 2.0), "mse")
        both.compile("adam", "binary_crossentropy", run_eagerly=True)
        both_data = pack_counterfactual_data(main, pairs)
        histories.append(both.fit(both_data, verbose=0, shuffle=False).history
                         | {"predicted": both.predict(both_data, verbose=0)})
    assert set(histories[0]) == {"loss", "total_loss", "original_loss", "counterfactual_loss", "min_diff_loss",
                                 "predicted"}
    for name in histories[0]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-4)


def test_masks_reach_the_model_through_packed_inputs():
    """A Masking layer before the wrapper marks steps that are left out."""
    def network():
        keras.utils.set_random_seed(2)
        return keras.Sequential([keras.Input((4, 1)), layers.LSTM(2), layers.Dense(1, activation="sigmoid")])

    class OfLists(MinDiffModel):
        def unpack_original_inputs(self, inputs):
            return inputs[0]

        def unpack_min_diff_data(self, inputs):
            return None

    x = RNG.normal(size=(5, 4, 1)).astype(np.float32)
    x[:, 2:] = 0
    masked = layers.Masking()(tf.constant(x))
    expected = network()(masked)
    np.testing.assert_allclose(OfLists(network(), "mmd")([masked, masked]), expected, rtol=1e-5)
    np.testing.assert_allclose(MinDiffModel(network(), "mmd")(masked), expected, rtol=1e-5)


def test_both_functions_are_public():
    batch = next(iter(packed(MinDiffModel)))[0]
    assert unpack_original_inputs(batch) is batch.original_inputs and unpack_original_inputs(X) is X
    assert unpack_min_diff_data(batch) is batch.min_diff_data and unpack_min_diff_data(X) is None


def test_an_own_compute_min_diff_loss_is_reported():
    class Constant(MinDiffModel):
        def compute_min_diff_loss(self, min_diff_data, training=None, mask=None):
            return 3.5

    model = Constant(sequential(True), "mmd")
    model.compile("adam", "binary_crossentropy")
    assert model.evaluate(packed(MinDiffModel), verbose=0, return_dict=True)["min_diff_loss"] == 3.5


# Saving the original model, as the tutorials do

@pytest.mark.parametrize("wrapper", [MinDiffModel, CounterfactualModel])
@pytest.mark.parametrize("name, save_format", [("folder", "tf"), ("folder", None), ("model.keras", "keras"),
                                               ("model.keras", None)])
def test_the_original_model_is_saved_as_the_tutorials_do(name, save_format, wrapper, tmp_path):
    model = wrapper(sequential(True), *penalty(wrapper))
    model.save_original_model(tmp_path / name, save_format=save_format)
    loaded = models.load(tmp_path / name)
    scores = loaded.predict(X, verbose=0) if name.endswith("keras") else loaded(X)
    np.testing.assert_allclose(scores, model.predict(X, verbose=0), rtol=1e-5)


@pytest.mark.parametrize("name, save_format, match", [
    ("model", "h5", "format 'h5'.*'tf' and a folder"), ("model.h5", None, "HDF5.*a path ending in .keras"),
    ("model.h5", "h5", "format 'h5'"), ("model.hdf5", "tf", "HDF5"), ("model.keras", "tf", "contradict"),
    ("model", "keras", "contradict"), ("model", 3, "format 3")])
def test_other_formats_are_refused_by_name(name, save_format, match, tmp_path):
    with pytest.raises(FairkitError, match=match):
        MinDiffModel(sequential(True), "mmd").save_original_model(tmp_path / name, save_format=save_format)
    assert not list(tmp_path.iterdir())
