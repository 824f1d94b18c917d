"""Losses and kernels of one's own, and all of them as plain data: saved, loaded, and out of hostile files."""

import json
import pickle
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_model_remediation.min_diff import losses as tfmr

from fairkit import FairkitError, models
from fairkit.remediation import (
    AbsoluteCorrelationLoss,
    AdjustedMMDLoss,
    ClassScore,
    CounterfactualLoss,
    CounterfactualModel,
    GaussianKernel,
    LaplacianKernel,
    MinDiffKernel,
    MinDiffLoss,
    MinDiffModel,
    MMDLoss,
    PairwiseAbsoluteDifferenceLoss,
    PairwiseCosineLoss,
    PairwiseMSELoss,
    UnbiasedMMDLoss,
    pack_min_diff_data,
)

MEMBERSHIP = tf.constant([[1.0], [1.0], [0.0], [0.0]])
SCORES = tf.constant([[0.2], [0.9], [0.4], [0.5]])
register = keras.saving.register_keras_serializable("test_own_losses")


@register
class PairLoss(MinDiffLoss):
    """Minus the mean of the kernel over all pairs of one group with the other."""

    def __init__(self, power=1.0, predictions_kernel="laplacian", predictions_transform=None, name=None):
        super().__init__(predictions_kernel=predictions_kernel, predictions_transform=predictions_transform, name=name)
        self.power = power

    def call(self, membership, predictions, sample_weight=None):
        membership, predictions, _ = self._preprocess_inputs(membership, predictions, sample_weight)
        return -tf.reduce_mean(self.predictions_kernel(predictions) ** self.power)

    def get_config(self):
        return {**super().get_config(), "power": self.power}


@register
class CauchyKernel(MinDiffKernel):
    def __init__(self, width=1.0):
        super().__init__()
        self.width = width

    def call(self, x, y):
        return 1 / (1 + tf.reduce_sum(tf.square((x - y) / self.width), axis=2))

    def get_config(self):
        return {"width": self.width}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@register
class MarginLoss(CounterfactualLoss):
    def __init__(self, margin=0.1, name=None):
        super().__init__(name)
        self.margin = margin

    def call(self, original, counterfactual, sample_weight=None):
        return tf.reduce_mean(tf.nn.relu(tf.abs(original - counterfactual) - self.margin))

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}


@register
class OfTFMR(tfmr.MinDiffLoss):
    """A loss that knows TFMR's base class only."""

    def __init__(self, name=None):
        super().__init__(predictions_kernel="laplacian", name=name)

    def call(self, membership, predictions, sample_weight=None):
        return -tf.reduce_mean(self.predictions_kernel(predictions))


@register
def halved(predictions):
    return predictions / 2


LOSSES = [MMDLoss("laplacian", name="mine"), MMDLoss(kernel_length=0.7), MMDLoss(CauchyKernel(2.0)),
          MMDLoss(predictions_transform=halved), MMDLoss(predictions_transform=keras.activations.sigmoid),
          MMDLoss(predictions_transform=ClassScore(from_logits=True)), AdjustedMMDLoss("laplacian", kernel_length=0.3),
          UnbiasedMMDLoss("gaussian", kernel_length="median"), AbsoluteCorrelationLoss("mine"), PairLoss(2.0),
          PairLoss(predictions_kernel=CauchyKernel(0.5))]
PAIR_LOSSES = [PairwiseMSELoss(), PairwiseAbsoluteDifferenceLoss("mine"), PairwiseCosineLoss(), MarginLoss(0.25)]


def ways(thing):
    """The object after each way through plain data: Keras's, the same through JSON, and its class's own."""
    serialized = keras.saving.serialize_keras_object(thing)
    yield keras.saving.deserialize_keras_object(serialized)
    yield keras.saving.deserialize_keras_object(json.loads(json.dumps(serialized)))
    yield type(thing).from_config(thing.get_config())
    yield type(thing).from_config(json.loads(json.dumps(serialized))["config"])


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{type(loss).__name__}-{loss.name}")
def test_a_min_diff_loss_survives_each_way_through_plain_data(loss):
    for again in ways(loss):
        assert type(again) is type(loss) and again.name == loss.name
        assert float(again(MEMBERSHIP, SCORES)) == float(loss(MEMBERSHIP, SCORES))


@pytest.mark.parametrize("loss", PAIR_LOSSES, ids=lambda loss: loss.name)
def test_a_counterfactual_loss_survives_each_way_through_plain_data(loss):
    first, second = tf.constant([[1.0, 0.5]]), tf.constant([[0.2, 0.6]])
    for again in ways(loss):
        assert type(again) is type(loss) and again.name == loss.name
        assert float(again(first, second)) == float(loss(first, second))


@pytest.mark.parametrize("kernel", [GaussianKernel(0.3), LaplacianKernel("median"), CauchyKernel(2.0),
                                    LaplacianKernel(0.2, tile_input=False)],
                         ids=["gaussian", "median", "own", "untiled"])
def test_a_kernel_survives_each_way_through_plain_data(kernel):
    x = SCORES if kernel.tile_input else SCORES[:, None]
    for again in ways(kernel):
        assert type(again) is type(kernel) and again.get_config() == kernel.get_config()
        np.testing.assert_array_equal(again(x), kernel(x))


@pytest.mark.parametrize("loss", [{"a": LOSSES[2], "b": LOSSES[6]}, LOSSES[3], LOSSES[9], OfTFMR()],
                         ids=["dict", "transform", "own", "of TFMR"])
def test_a_saved_model_trains_on_with_its_losses(loss, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    wrapper = MinDiffModel(model, loss)
    wrapper.compile("sgd", "binary_crossentropy")
    models.save(wrapper, tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
    rows = tf.data.Dataset.from_tensor_slices((x, np.arange(8) % 2)).batch(4)
    packed = pack_min_diff_data(rows, *[dict.fromkeys(loss, rows) if isinstance(loss, dict) else rows] * 2)
    loaded = models.load(tmp_path / "model.keras")
    histories = [each.fit(packed, shuffle=False, verbose=0).history for each in (wrapper, loaded)]
    assert histories[0] == histories[1] and len(histories[0]) == (3 if isinstance(loss, dict) else 2)


def test_a_saved_counterfactual_model_has_its_loss(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    models.save(CounterfactualModel(model, {"a": MarginLoss(0.25), "b": "mse"}), tmp_path / "model.keras")
    losses = models.load(tmp_path / "model.keras")._penalty_loss
    assert losses["a"].margin == 0.25 and type(losses["b"]) is PairwiseMSELoss


def test_an_unregistered_loss_is_loaded_as_a_custom_object(tmp_path):
    class Unregistered(PairLoss):
        pass

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    MinDiffModel(model, Unregistered(3.0)).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Unregistered": Unregistered})
    assert type(loaded._penalty_loss) is Unregistered and loaded._penalty_loss.power == 3.0
    with pytest.raises(FairkitError, match="'Unregistered' of this config is not known.*custom_objects"):
        keras.models.load_model(tmp_path / "model.keras")


@pytest.mark.parametrize("transform", [lambda x: x, tf.sigmoid, np.abs], ids=["lambda", "tf", "ufunc"])
def test_a_transform_that_is_not_registered_is_refused_by_saving(transform, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for wrapper in (MinDiffModel(model, MMDLoss(predictions_transform=transform)),
                    MinDiffModel(model, "mmd", predictions_transform=transform)):
        with pytest.raises(FairkitError, match="predictions_transform.*register_keras_serializable"):
            models.save(wrapper, tmp_path / "model.keras")


# Gradients


def compiled(kind):
    return {"eager": lambda f: f, "graph": tf.function, "jit": lambda f: tf.function(f, jit_compile=True)}[kind]


def gradient(loss, predictions, kind="graph"):
    def of(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = loss.call(MEMBERSHIP[:len(predictions)], x)
        return tape.gradient(value, x)

    return compiled(kind)(of)(tf.constant(predictions)).numpy()


def by_hand(predictions, length, power):
    """Of minus the mean of exp(-|x_i - x_j| / l)^p: p / (l n^2) times twice the sum over j of its sign and kernel."""
    x = np.asarray(predictions, float).ravel()
    apart = x[:, None] - x[None, :]
    kernel = np.exp(-np.abs(apart) / length) ** power
    return (2 * power / (length * len(x) ** 2) * (np.sign(apart) * kernel).sum(axis=1))[:, None]


@pytest.mark.parametrize("kind", ["eager", "graph", "jit"])
@pytest.mark.parametrize("scores", [[0.2, 0.9, 0.4, 0.5], [0.5, 0.5, 0.5, 0.5], [0.0, 0.0, 1.0, 1e-30]],
                         ids=["apart", "the same", "as good as the same"])
def test_the_gradient_of_an_own_loss_with_the_laplacian_kernel_is_that_worked_by_hand(scores, kind):
    found = gradient(PairLoss(2.0), np.array(scores, np.float32)[:, None], kind)
    np.testing.assert_allclose(found, by_hand(scores, 0.1, 2.0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kernel", ["gaussian", "laplacian"])
@given(scores=st.lists(st.lists(st.floats(-1, 1, width=16), min_size=2, max_size=2), min_size=4, max_size=4))
@settings(max_examples=20, deadline=None)
def test_the_gradient_is_finite_and_where_the_kernel_is_smooth_that_of_finite_differences(kernel, scores):
    loss = PairLoss(predictions_kernel=GaussianKernel(0.5) if kernel == "gaussian" else LaplacianKernel(0.5))
    x = np.array(scores, np.float32)
    found = gradient(loss, x)
    assert np.isfinite(found).all()
    apart = np.linalg.norm(x[:, None] - x[None], axis=2)[~np.eye(4, dtype=bool)]
    if kernel == "laplacian" and apart.min() < 0.05:   # its peak is near
        return
    step, numeric = 1e-5, np.zeros((4, 2))
    for i, j in np.ndindex(4, 2):
        moved = [np.array(x, float), np.array(x, float)]
        moved[0][i, j] += step
        moved[1][i, j] -= step
        distance = [np.linalg.norm(m[:, None] - m[None], axis=2) / 0.5 for m in moved]
        values = [-np.exp(-(d**2 if kernel == "gaussian" else d)).mean() for d in distance]
        numeric[i, j] = (values[0] - values[1]) / (2 * step)
    np.testing.assert_allclose(found, numeric, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kernel", [GaussianKernel, LaplacianKernel])
@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float64])
@pytest.mark.parametrize("length", [1e-4, 0.1])
@pytest.mark.parametrize("columns", [1, 2])
def test_kernels_hold_in_other_precisions(kernel, dtype, length, columns):
    x = tf.cast(tf.constant([[0.25] * columns, [0.25] * columns, [0.5] * columns, [1.0] * columns]), dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = kernel(length)(x)
        total = tf.reduce_sum(tf.cast(value, tf.float32))
    distance = np.abs(np.array([0.25, 0.25, 0.5, 1.0])[:, None] - np.array([0.25, 0.25, 0.5, 1.0])) * columns**0.5
    expected = np.exp(-(distance / length) ** (2 if kernel is GaussianKernel else 1))
    np.testing.assert_allclose(tf.cast(value, tf.float64), expected, atol=4e-3)
    assert value.dtype == dtype and np.isfinite(tf.cast(tape.gradient(total, x), tf.float64)).all()


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("loss", [PairLoss(), MMDLoss("laplacian"), OfTFMR()], ids=["own", "mmd", "of TFMR"])
def test_a_model_trains_on_predictions_that_are_all_the_same(loss, policy, jit):
    """A last layer of zeros says .5 of everything: each distance is 0."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid", dtype=policy,
                                                                    kernel_initializer="zeros")])
    wrapper = MinDiffModel(model, loss)
    wrapper.compile("sgd", "binary_crossentropy", jit_compile=jit)
    rows = tf.data.Dataset.from_tensor_slices((np.eye(4, 2, dtype=np.float32), [0, 1, 0, 1])).batch(4)
    wrapper.fit(pack_min_diff_data(rows, rows, rows), epochs=2, verbose=0, shuffle=False)
    assert all(np.isfinite(weight).all() for weight in model.get_weights()) and np.any(model.get_weights()[0])


def test_a_correlation_of_predictions_that_are_all_the_same_has_a_gradient():
    assert np.isfinite(gradient(AbsoluteCorrelationLoss(), np.full((4, 1), 0.5, np.float32), "graph")).all()


# Hostile files


class Bomb:
    def __reduce__(self):
        return exec, ("import pathlib; pathlib.Path('exploded').touch()",)


def as_bytes(thing):
    return keras.saving.serialize_keras_object(pickle.dumps(thing, protocol=0))   # which is text


LAMBDA = {"class_name": "__lambda__", "config": {"value": "4wEAAAAAAAAA", "defaults": None, "closure": None}}
FOREIGN = {"module": "os", "class_name": "function", "config": "system", "registered_name": "function"}
HOSTILE = {
    "bytes as a transform": lambda loss: loss["config"].update(predictions_transform=as_bytes(Bomb())),
    "bytes as a membership transform": lambda loss: loss["config"].update(membership_transform=as_bytes(Bomb())),
    "bytes as a kernel": lambda loss: loss["config"].update(predictions_kernel=as_bytes(Bomb())),
    "bytes as a name": lambda loss: loss["config"].update(name=as_bytes(Bomb())),
    "bytes as a kernel length": lambda loss: loss["config"]["predictions_kernel"]["config"].update(
        kernel_length=as_bytes(Bomb())),
    "a lambda": lambda loss: loss["config"].update(predictions_transform=LAMBDA),
    "a function of another module": lambda loss: loss["config"].update(predictions_transform=FOREIGN),
    "a layer as a transform": lambda loss: loss["config"].update(
        predictions_transform=keras.saving.serialize_keras_object(keras.layers.Dense(1))),
    "a class of another module": lambda loss: loss.update(
        module="subprocess", class_name="Popen", registered_name="Popen", config={"args": ["touch", "exploded"]}),
    "a registered class that is no loss": lambda loss: loss.update(
        class_name="ClassScore", registered_name="fairkit>ClassScore", config={}),
    "a class of TFMR": lambda loss: loss.update(
        module="tensorflow_model_remediation.min_diff.losses.absolute_correlation_loss",
        class_name="AbsoluteCorrelationLoss", registered_name="Custom>AbsoluteCorrelationLoss",
        config={"predictions_transform": as_bytes(Bomb())}),
    "another argument": lambda loss: loss["config"].update({"$ref": "x"}),
    "an argument that is no number": lambda loss: loss["config"].update(name={"$type": "x"}),
    "no loss at all": lambda loss: loss.update(config=[1]),
    "bytes for the model's transform": lambda loss: {"predictions_transform": as_bytes(Bomb())},
    "a lambda for the model's transform": lambda loss: {"predictions_transform": LAMBDA},
    "a foreign function for the model's transform": lambda loss: {"predictions_transform": FOREIGN},
    "a bomb in place of the loss": lambda loss: {"loss": as_bytes(Bomb())},
    "a bomb in a dict of losses": lambda loss: {"loss": {"a": as_bytes(Bomb())}},
}


def with_config(path, change):
    """The file with its config changed, as anyone can."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    inner = config["config"]
    found = change(inner["loss"])
    inner.update(found if isinstance(found, dict) else {})
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("kind", ["MinDiffModel", "CounterfactualModel"])
@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_file_runs_nothing_and_is_refused_by_name(attack, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    wrapper = MinDiffModel(model, MMDLoss()) if kind == "MinDiffModel" else CounterfactualModel(model)
    models.save(wrapper, tmp_path / "model.keras")
    if kind == "CounterfactualModel" and attack == "bytes as a kernel length":
        return
    with_config(tmp_path / "model.keras", HOSTILE[attack])
    for load in (models.load, keras.models.load_model):
        with pytest.raises(FairkitError):
            load(tmp_path / "model.keras")
        assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("attack", [name for name in HOSTILE
                                    if not any(word in name for word in ("model's", "bomb", "no loss"))])
def test_keras_own_reading_of_a_hostile_loss_runs_nothing(attack, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(MMDLoss())))
    HOSTILE[attack](config)
    with pytest.raises((FairkitError, TypeError, ValueError, AttributeError)):
        keras.saving.deserialize_keras_object(config)
    assert not (tmp_path / "exploded").exists()
