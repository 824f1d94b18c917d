"""MinDiff and counterfactual logit pairing in one training: each penalty is what it is alone."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import fairkit
from fairkit import FairkitError, models
from fairkit.remediation import CounterfactualModel, MinDiffModel, pack_counterfactual_data, pack_min_diff_data
from fairkit.remediation.counterfactual_pairs import counterfactuals

layers = keras.layers
RNG = np.random.default_rng(0)
X, S, N, A = (RNG.normal(shift, 1, (24, 4)).astype(np.float32) for shift in (0, 1, 0, 0))
B = A * np.array([1, 1, -1, 1], np.float32)
Y = (X[:, 0] > 0) * 1


def dataset(*columns):
    return tf.data.Dataset.from_tensor_slices(columns).batch(8)


MIN_DIFF = pack_min_diff_data(dataset(X, Y), dataset(S, Y), dataset(N, Y))
PAIRED = pack_counterfactual_data(dataset(X, Y), dataset(A, B))
BOTH = pack_counterfactual_data(MIN_DIFF, dataset(A, B))


def network(*more):
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="tanh"), *more,
                             layers.Dense(1, activation="sigmoid")])


def compiled(model, **options):
    model.compile(**{"optimizer": keras.optimizers.Adam(0.01), "loss": "binary_crossentropy", "metrics": ["accuracy"],
                     **options})
    return model


def both(model=None, min_diff=1.5, pairing=2.0, **options):
    inner = MinDiffModel(network() if model is None else model, "mmd", min_diff)
    return compiled(CounterfactualModel(inner, "pairwise_mse", pairing), **options)


def mmd(a, b):
    """The squared maximum mean discrepancy under a Gaussian kernel of length .1, written down anew."""
    def mean(u, v):
        return np.exp(-np.square((u[:, None] - v[None, :]) / 0.1)).mean()

    return mean(a, a) + mean(b, b) - 2 * mean(a, b)


def test_the_loss_is_the_main_loss_and_both_penalties():
    wrapper = both()
    model = wrapper.original_model.original_model
    s, n, a, b = (np.asarray(model(part), np.float64)[:, 0] for part in (S, N, A, B))
    batches = [slice(i, i + 8) for i in (0, 8, 16)]
    penalties = [np.mean([1.5 * mmd(s[rows], n[rows]) for rows in batches]),
                 np.mean([2.0 * np.mean((a[rows] - b[rows]) ** 2) for rows in batches])]
    main = compiled(model).evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)
    found = wrapper.evaluate(BOTH, verbose=0, return_dict=True)
    assert sorted(found) == ["accuracy", "counterfactual_loss", "loss", "min_diff_loss", "original_loss", "total_loss"]
    assert [found["min_diff_loss"], found["counterfactual_loss"]] == pytest.approx(penalties, rel=1e-4)
    assert found["loss"] == found["total_loss"] == pytest.approx(main["loss"] + sum(penalties), rel=1e-5)
    assert found["original_loss"] == pytest.approx(main["loss"] + penalties[0], rel=1e-5)
    assert found["accuracy"] == main["accuracy"]


def test_the_gradient_is_the_sum_of_three():
    steps = {}
    for name, wrapper, data in (("both", both(), BOTH),
                                ("pairing", CounterfactualModel(network(), loss_weight=2.0), PAIRED),
                                ("min_diff", MinDiffModel(network(), "mmd", 1.5), MIN_DIFF), ("main", network(), None)):
        compiled(wrapper, optimizer=keras.optimizers.SGD(0.5))
        before = [np.array(weights) for weights in wrapper.get_weights()]
        wrapper.fit(dataset(X, Y).take(1) if data is None else data.take(1), verbose=0, shuffle=False)
        steps[name] = [after - start for after, start in zip(wrapper.get_weights(), before)]
    for total, pairing, min_diff, main in zip(*steps.values()):
        np.testing.assert_allclose(total, pairing + min_diff - main, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("layer", [lambda: layers.Dropout(0.5), layers.BatchNormalization])
def test_without_a_weight_the_pairs_change_nothing(layer):
    alone = compiled(MinDiffModel(network(layer()), "mmd", 1.5))
    beside = both(network(layer()), pairing=0.0)
    for wrapper, data in ((alone, MIN_DIFF), (beside, BOTH)):
        keras.utils.set_random_seed(2)
        wrapper.fit(data, epochs=3, verbose=0, shuffle=False)
    for one, other in zip(alone.get_weights(), beside.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_without_a_weight_min_diff_changes_nothing():
    alone, beside = compiled(CounterfactualModel(network(), loss_weight=2.0)), both(min_diff=0.0)
    histories = [wrapper.fit(data, epochs=3, verbose=0, shuffle=False).history
                 for wrapper, data in ((alone, PAIRED), (beside, BOTH))]
    np.testing.assert_allclose(histories[0]["total_loss"], histories[1]["total_loss"], rtol=1e-5)
    for one, other in zip(alone.get_weights(), beside.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_data_without_a_part_report_no_penalty_of_it():
    wrapper = both()
    history = wrapper.fit(BOTH, validation_data=(X, Y), verbose=0, shuffle=False).history
    assert {name for name in history if "min_diff" in name or "counterfactual" in name} == {
        "min_diff_loss", "counterfactual_loss"}
    assert "min_diff_loss" not in wrapper.evaluate(PAIRED, verbose=0, return_dict=True)
    found = wrapper.evaluate(MIN_DIFF, verbose=0, return_dict=True)
    assert "min_diff_loss" in found and "counterfactual_loss" not in found
    for data, message in ((PAIRED, "no MinDiff data"), (MIN_DIFF, "no counterfactuals to train on")):
        with pytest.raises(FairkitError, match=message):
            wrapper.fit(data, verbose=0, shuffle=False)


def test_predictions_are_those_of_the_innermost_model():
    wrapper = both()
    expected = wrapper.original_model.original_model.predict(X, verbose=0)
    for data in (X, MIN_DIFF, PAIRED, BOTH):
        np.testing.assert_allclose(wrapper.predict(data, verbose=0), expected, rtol=1e-6)
    np.testing.assert_allclose(wrapper(next(iter(BOTH))), expected[:8], rtol=1e-6)


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"run_eagerly": True}, {"steps_per_execution": 3}])
def test_compile_options_train_the_same(options):
    wrappers = [both(**given) for given in ({}, options)]
    for wrapper in wrappers:
        wrapper.fit(BOTH, epochs=2, verbose=0, shuffle=False)
    for one, other in zip(*(wrapper.get_weights() for wrapper in wrappers)):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_model_that_is_not_built_several_losses_and_regularizers():
    model = keras.Sequential([layers.Dense(3, activity_regularizer="l2"), layers.Dense(1, activation="sigmoid")])
    inner = MinDiffModel(model, {"a": "mmd", "b": "mmd"}, {"b": 2.0})
    wrapper = compiled(CounterfactualModel(inner, {"c": "mse", "d": "absolute_difference"}))
    groups = [{"a": dataset(part, Y), "b": dataset(part + 1, Y)} for part in (S, N)]
    data = pack_counterfactual_data(pack_min_diff_data(dataset(X, Y), *groups), dataset(A, B))
    wrapper.fit(data, verbose=0, shuffle=False)
    found = wrapper.evaluate(data, verbose=0, return_dict=True)
    plain = compiled(model).evaluate(X, Y, batch_size=8, verbose=0, return_dict=True)["loss"]
    names = ["a_min_diff_loss", "b_min_diff_loss", "c_counterfactual_loss", "d_counterfactual_loss"]
    assert found["loss"] == pytest.approx(plain + sum(found[name] for name in names), rel=1e-5)


def test_texts_with_a_weight_each_go_through_in_one_pass():
    texts = np.array(["you fool", "kind day", "fool", "good"] * 6, object)
    rude = np.array(["you fool", "fool"] * 12, object)
    wrapper = both(models.toxicity_classifier(texts, length=4, seed=0))
    main = pack_min_diff_data(dataset(texts, Y, np.ones(24, np.float32)), dataset(rude, Y), dataset(texts, Y))
    data = pack_counterfactual_data(main, dataset(texts[:8], texts[1:9]))
    history = wrapper.fit(data, verbose=0, shuffle=False).history
    assert history["counterfactual_loss"][0] > 0 and history["min_diff_loss"][0] > 0


def test_saving_and_loading_goes_on_where_it_stopped(tmp_path):
    wrapper = both()
    wrapper.fit(BOTH, verbose=0, shuffle=False)
    models.save(wrapper, tmp_path / "both.keras")
    loaded = models.load(tmp_path / "both.keras")
    assert isinstance(loaded, CounterfactualModel) and isinstance(loaded.original_model, MinDiffModel)
    assert loaded.evaluate(BOTH, verbose=0) == pytest.approx(wrapper.evaluate(BOTH, verbose=0), rel=1e-6)
    for model in (wrapper, loaded):
        model.fit(BOTH, verbose=0, shuffle=False)
    for one, other in zip(wrapper.get_weights(), loaded.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
    expected = wrapper.predict(X, verbose=0)
    wrapper.save_original_model(tmp_path / "original.keras")
    original = models.load(tmp_path / "original.keras")
    assert type(original) is keras.Sequential
    np.testing.assert_allclose(original.predict(X, verbose=0), expected, rtol=1e-6)
    wrapper.export(str(tmp_path / "exported"), verbose=False)
    np.testing.assert_allclose(models.load(tmp_path / "exported")(X), expected, rtol=1e-5)


@pytest.mark.parametrize("wrap", [
    lambda: MinDiffModel(CounterfactualModel(network()), "mmd"),
    lambda: MinDiffModel(MinDiffModel(network(), "mmd"), "mmd"),
    lambda: CounterfactualModel(CounterfactualModel(network()))])
def test_a_penalty_that_would_be_lost_is_refused(wrap):
    with pytest.raises(FairkitError, match=r"go round the penalty .* CounterfactualModel\(MinDiffModel\(model\)\)"):
        wrap()


def test_a_step_of_the_inner_models_own_is_warned_of():
    class Own(MinDiffModel):
        def train_step(self, data):
            raise AssertionError("the pairs go round it")

    with pytest.warns(UserWarning, match="Own overrides train_step, which CounterfactualModel does not use"):
        CounterfactualModel(Own(network(), "mmd"))


REPLICAS = """
import json, sys, keras, numpy as np, tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
from fairkit.remediation import CounterfactualModel, MinDiffModel, pack_counterfactual_data, pack_min_diff_data
rng = np.random.default_rng(0)
x, s, n = (rng.normal(shift, 1, (16, 3)).astype(np.float32) for shift in (0, 1, 0))
def batches(*columns):
    return tf.data.Dataset.from_tensor_slices(columns).batch(8)
y = (x[:, :1] > 0) * 1.0
min_diff = pack_min_diff_data(batches(x, y), batches(s, y), batches(n, y))
both = pack_counterfactual_data(min_diff, batches(x, x + 1))
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    inner = MinDiffModel(model, "mmd", 2.0)
    outer = CounterfactualModel(inner, "mse", 3.0)
    outer.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
found = [outer.evaluate(both, verbose=0, return_dict=True), inner.evaluate(min_diff, verbose=0, return_dict=True)]
p, q = (np.asarray(model(part))[:, 0] for part in (x, x + 1))
found += [3 * float(np.mean((p - q) ** 2)), outer.fit(both, verbose=0, shuffle=False).history]
print(json.dumps(found))
"""


def test_on_two_replicas_both_penalties_are_means_over_replicas():
    ran = subprocess.run([sys.executable, "-c", REPLICAS], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr[-3000:]
    found, alone, pairs, history = json.loads(ran.stdout.splitlines()[-1])
    assert found["min_diff_loss"] == pytest.approx(alone["min_diff_loss"], rel=1e-5)
    assert found["counterfactual_loss"] == pytest.approx(pairs, rel=1e-4)
    assert found["loss"] == found["total_loss"] == pytest.approx(alone["loss"] + pairs, rel=1e-4)
    assert found["min_diff_loss"] > 0 and np.isfinite(history["loss"]).all()


TRAIN = fairkit.Examples(inputs=X, labels=Y, groups={"color": ["red", "blue", "blue"] * 8})
PAIRS = counterfactuals(TRAIN, lambda x: x * np.array([1, 1, -1, 1], np.float32))
GROUP = {"sensitive": {"color": "red"}, "min_diff_batch_size": 3}


def remediated(**options):
    return fairkit.remediate(compiled(network()), TRAIN, epochs=3, batch_size=6, seed=5, **options)


def test_remediate_takes_both_at_once():
    found = remediated(**GROUP, loss_weight=2.0, counterfactuals=PAIRS, counterfactual_weight=3.0, validation=TRAIN)
    settings = json.loads(json.dumps(found.settings))
    assert settings["method"] == "min_diff and counterfactual"
    assert (settings["loss_weight"], settings["counterfactual_weight"], settings["pairs"]) == (2.0, 3.0, 24)
    assert settings["sensitive"] == "color = red"
    assert {"min_diff_loss", "counterfactual_loss", "loss", "val_loss"} <= set(found.history)
    assert type(found.model) is keras.Sequential and found.model.compiled


@pytest.mark.parametrize("texts", [False, True], ids=["rows", "texts"])
def test_in_remediate_a_weight_of_0_leaves_the_other_alone(texts):
    train, pairs, build = TRAIN, PAIRS, lambda: compiled(network())
    if texts:   # words that occur several times in a batch: their gradients are summed in every kind of training
        train = fairkit.Examples(inputs=np.array(["a cat is a cat", "the dog", "a dog and the cat"] * 8), labels=Y,
                                 groups=TRAIN.groups)
        pairs = counterfactuals(train, {"cat": ["cat"], "dog": ["dog"]})
        model = models.toxicity_classifier(train.inputs, length=5, seed=0)
        compiled(model)
        build = lambda: model   # noqa: E731
    group, pairs = {**GROUP, "loss_weight": 2.0}, {"counterfactuals": pairs, "counterfactual_weight": 3.0}
    for alone, beside in ((group, {**group, **pairs, "counterfactual_weight": 0.0}),
                          (pairs, {**group, **pairs, "loss_weight": 0.0}),
                          ({}, {**group, **pairs, "loss_weight": 0.0, "counterfactual_weight": 0.0})):
        first, second = (fairkit.remediate(build(), train, epochs=3, batch_size=6, seed=5, **options)
                         for options in (alone, beside))
        for one, other in zip(first.model.get_weights(), second.model.get_weights()):
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def packed(main):
    min_diff = pack_min_diff_data(main, dataset(S, Y), dataset(N, Y))
    return {"min_diff": min_diff, "pairs": pack_counterfactual_data(main, dataset(A, B)),
            "both": pack_counterfactual_data(min_diff, dataset(A, B))}


WRAPPERS = {"min_diff": lambda: compiled(MinDiffModel(network(), "mmd", 1.5)), "both": both,
            "pairs": lambda: compiled(CounterfactualModel(network(), "pairwise_mse", 2.0))}


@pytest.mark.parametrize("kind", WRAPPERS)
def test_reported_means_do_not_depend_on_whether_the_length_is_known(kind):
    reported = [WRAPPERS[kind]().fit(packed(main)[kind], verbose=0, shuffle=False).history
                for main in (dataset(X, Y), dataset(X, Y).filter(lambda *_: True))]
    assert reported[0] == reported[1]
    if kind == "pairs":
        assert reported[1]["total_loss"] == pytest.approx(reported[1]["loss"], rel=1e-5)


@pytest.mark.parametrize("kind", WRAPPERS)
def test_main_data_that_turn_out_to_be_empty_are_refused(kind):
    nothing = packed(dataset(X, Y).filter(lambda x, _: x[0, 0] > 99))[kind]
    with pytest.raises(FairkitError, match="the data to fit are empty.*0 of 3 elements pass its filter"):
        WRAPPERS[kind]().fit(nothing, verbose=0, shuffle=False)
    with pytest.raises(FairkitError, match="the data to evaluate on are empty.*0 of 3 elements pass its filter"):
        WRAPPERS[kind]().evaluate(nothing, verbose=0)
    assert WRAPPERS[kind]().fit(nothing, epochs=0, verbose=0, shuffle=False).history == {}


def test_a_group_that_ends_within_training_is_refused_by_its_name():
    used = iter([(S[:4], Y[:4])] * 2)
    once = tf.data.Dataset.from_generator(lambda: used, output_signature=dataset(S, Y).element_spec)
    with pytest.raises(FairkitError, match="^sensitive_group_dataset ends and does not start again"):
        WRAPPERS["min_diff"]().fit(pack_min_diff_data(dataset(X, Y), once, dataset(N, Y)), verbose=0, shuffle=False)
