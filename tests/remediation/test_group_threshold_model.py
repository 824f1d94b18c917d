import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

import fairkit
from fairkit import Examples, FairkitError, models
from fairkit.remediation import GroupThresholdModel, fit_group_thresholds

layers = keras.layers
N = 600


def table(classes=2, seed=0):
    """Rows that tell the label badly, and a group, which some have none or two of."""
    rng = np.random.default_rng(seed)
    labels, color = rng.integers(0, classes, N), rng.choice(["blue", "orange"], N).astype(object)
    x = np.stack([labels + rng.normal(0, 1, N), (color == "orange") + rng.normal(0, 0.1, N)], 1).astype(np.float32)
    color[::20] = None
    for row in range(5, N, 20):
        color[row] = ("blue", "orange")
    return Examples(inputs=x, labels=labels, groups={"color": color, "sex": rng.choice(["f", "m"], N)})


def network(units=1, activation="sigmoid", name="row"):
    inputs = keras.Input((2,), name=name)
    dense = layers.Dense(units, activation=activation, kernel_initializer=keras.initializers.RandomNormal(seed=3))
    return keras.Model(inputs, dense(inputs))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1, "sigmoid")

    def call(self, inputs):
        return self.dense(inputs)


def dict_network():
    inputs = {"b": keras.Input((2,), name="b"), "a": keras.Input((2,), name="a")}
    return keras.Model(inputs, layers.Dense(1, "sigmoid")(inputs["a"] - 2 * inputs["b"]))


def list_network():
    b, a = keras.Input((2,), name="b"), keras.Input((2,), name="a")
    return keras.Model([b, a], layers.Dense(1, "sigmoid")(a - 2 * b))


def both_inputs():
    return Examples(**{**vars_of(table()), "inputs": {"a": table().inputs, "b": table(seed=1).inputs}})


def vars_of(examples):
    return {"labels": examples.labels, "groups": examples.groups}


def fitted(model, examples, by="color", **arguments):
    from_logits = arguments.pop("from_logits", False)
    predictions = fairkit.predict(lambda inputs: model.predict(inputs, verbose=0), examples, from_logits=from_logits)
    found = fit_group_thresholds(predictions, by, "positive_rate", level=0.3, **arguments)
    return found, found.adjusted(predictions)


def check(fair, examples, adjusted, decided_of=None):
    """The model's scores are the adjusted ones, and on the same side of .5."""
    scores = fairkit.predict(fair, fair.with_group_inputs(examples)).scores
    np.testing.assert_allclose(scores, adjusted.scores, atol=2e-6)
    one = (lambda s: s) if scores.ndim == 1 else (lambda s: s[:, decided_of])
    np.testing.assert_array_equal(one(scores) > 0.5, one(adjusted.scores) > 0.5)
    assert 0 < (one(scores) > 0.5).mean() < 1


@pytest.mark.parametrize("make, examples, arguments", [
    (network, table, {}), (network, table, {"by": ["sex", "color"]}), (Subclassed, table, {}),
    (lambda: network(name=None), table, {}), (dict_network, both_inputs, {}),
    (lambda: keras.Sequential([keras.Input((2,)), layers.Dense(1, "sigmoid")]), table, {}),
    (lambda: network(activation="linear"), table, {"from_logits": True}),
    (lambda: network(3, "softmax"), lambda: table(3), {"class_id": 2}),
    (lambda: network(3, "linear"), lambda: table(3), {"class_id": 0, "from_logits": True}),
], ids=["functional", "cross", "subclassed", "unnamed", "dict", "sequential", "logits", "softmax", "class logits"])
def test_it_gives_the_adjusted_scores(make, examples, arguments):
    model, examples = make(), examples()
    found, adjusted = fitted(model, examples, **dict(arguments))
    fair = GroupThresholdModel(model, found, from_logits=arguments.get("from_logits", False))
    check(fair, examples, adjusted, arguments.get("class_id"))


def test_a_list_of_inputs_goes_by_name():
    model, examples = list_network(), both_inputs()
    scores = model.predict([examples.inputs["b"], examples.inputs["a"]], verbose=0)
    predictions = fairkit.predict(scores, examples)
    found = fit_group_thresholds(predictions, "color", "positive_rate", level=0.3)
    check(GroupThresholdModel(model, found), examples, found.adjusted(predictions))


def test_groups_at_prediction_time_decide():
    model, examples = network(), table()
    found, _ = fitted(model, examples)
    fair = GroupThresholdModel(model, found)
    row = np.repeat(examples.inputs[:1], 4, axis=0)
    score = model.predict(row[:1], verbose=0).astype(float)[0, 0]
    cells = ["blue", "orange", "", "green"]
    columns = np.array(cells), cells, np.array(cells, object)[:, None], tf.constant(cells)
    told = [fair.predict({"row": row, "color": column}, verbose=0) for column in columns]
    for scores in told:
        np.testing.assert_array_equal(scores, told[0])
    at = [found.thresholds["blue"], found.thresholds["orange"], found.overall, found.overall]
    np.testing.assert_array_equal(told[0][:, 0] > 0.5, score > np.array(at))
    np.testing.assert_allclose(fair({"row": row, "color": tf.constant(cells)}), told[0], atol=1e-6)


def test_it_is_saved_loaded_and_exported(tmp_path):
    train = ["you fool", "kind muslim day", "fool muslim", "good day", "a fool of a day", "so kind"] * 30
    rng = np.random.default_rng(0)
    examples = Examples(inputs=train, labels=rng.integers(0, 2, 180), groups={"religion": rng.choice(["a", "b"], 180)})
    model = models.toxicity_classifier(train, length=4, seed=1)
    model.compile("adam", "binary_crossentropy")
    model.fit(examples.batches(32), epochs=2, verbose=0, shuffle=False)
    predictions = fairkit.predict(model, examples)
    found = fit_group_thresholds(predictions, "religion", "positive_rate")
    fair = GroupThresholdModel(model, found)
    models.save(fair, tmp_path / "fair.keras")
    models.export(fair, tmp_path / "exported")
    adjusted, given = found.adjusted(predictions), fair.with_group_inputs(examples)
    loaded = models.load(tmp_path / "fair.keras")
    assert type(loaded) is GroupThresholdModel and loaded.thresholds.to_dict() == found.to_dict()
    exported = models.load(tmp_path / "exported")
    assert sorted(exported.inputs) == ["religion", "text"]
    for what in (loaded, exported, tmp_path / "fair.keras", tmp_path / "exported"):
        scores = fairkit.predict(what, given).scores
        np.testing.assert_allclose(scores, adjusted.scores, atol=2e-6)
        np.testing.assert_array_equal(scores > 0.5, found.decide(predictions.scores, examples.groups))
    # Elsewhere: TensorFlow alone for the SavedModel.
    code = ("import sys, tensorflow as tf; m = tf.saved_model.load(sys.argv[1]).signatures['serving_default'];"
            "scores = m(text=tf.constant(['you fool']), religion=tf.constant(['a'])).values();"
            "print(list(scores)[0].numpy().item()); assert 'fairkit' not in sys.modules")
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path / "exported")], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-500:]
    direct = fair({"text": tf.constant(["you fool"]), "religion": tf.constant(["a"])})
    assert float(told.stdout) == pytest.approx(float(direct[0, 0]), abs=1e-6)


@pytest.mark.parametrize("make, examples, class_id", [
    (lambda: network(name=None), table, None), (dict_network, both_inputs, None),
    (lambda: network(3, "softmax"), lambda: table(3), 1)], ids=["unnamed input", "dict", "softmax"])
def test_every_kind_loads_and_exports(tmp_path, make, examples, class_id):
    model, examples = make(), examples()
    found, adjusted = fitted(model, examples, class_id=class_id)
    fair = GroupThresholdModel(model, found)
    models.save(fair, tmp_path / "fair.keras")
    models.export(fair, tmp_path / "exported")
    check(models.load(tmp_path / "fair.keras"), examples, adjusted, class_id)
    scores = fairkit.predict(tmp_path / "exported", fair.with_group_inputs(examples)).scores
    np.testing.assert_allclose(scores, adjusted.scores, atol=2e-6)


def test_half_precision_outputs_stay_on_their_side():
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    try:
        model, examples = network(), table()
        found, adjusted = fitted(model, examples)
        check(GroupThresholdModel(model, found), examples, adjusted)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


def test_it_says_that_it_needs_the_group():
    model, examples = network(), table()
    found, _ = fitted(model, examples)
    fair = GroupThresholdModel(model, found)
    needs = ("needs the group at prediction time. Expected: a dict of the model's inputs .'row'. and the group as "
             "texts: 'color'")
    for inputs in ({"row": examples.inputs}, examples.inputs):
        for call in (fair, fair.predict):
            with pytest.raises(FairkitError, match=needs) as raised:
                call(inputs)
            assert "\n" not in str(raised.value)
    assert "NEEDS THE GROUP AT PREDICTION TIME" in GroupThresholdModel.__doc__


def test_what_does_not_fit_is_refused():
    examples = table()
    found, _ = fitted(network(), examples)
    fair = GroupThresholdModel(network(), found)
    with pytest.raises(FairkitError, match="is not trained"):
        fair.fit(examples.inputs, examples.labels)
    with pytest.raises(FairkitError, match="put behind a Keras model"):
        GroupThresholdModel(lambda x: x, found)
    with pytest.raises(FairkitError, match="there are no group thresholds"):
        GroupThresholdModel(network(), 0.5)
    with pytest.raises(FairkitError, match="'color' has the name of an input"):
        GroupThresholdModel(network(name="color"), found)
    with pytest.raises(FairkitError, match="need the group column 'color'"):
        fair.with_group_inputs(Examples(inputs=examples.inputs, labels=examples.labels, groups={"hue": ["x"] * N}))
    with pytest.raises(FairkitError, match="takes the inputs of examples"):
        fair.with_group_inputs(Examples(**vars_of(examples)))
    subclassed = Subclassed()
    subclassed(examples.inputs[:2])
    with pytest.raises(FairkitError, match="does not say what it takes"):
        GroupThresholdModel(subclassed, found).export("nowhere")


HOSTILE = {
    "the original model of another module": {"original_model": {
        "module": "subprocess", "class_name": "Popen", "registered_name": "Popen", "config": {"args": ["touch", "x"]}}},
    "the original model is a lambda": {"original_model": {
        "class_name": "__lambda__", "config": {"value": "4wEAAAAAAAAA", "defaults": None, "closure": None}}},
    "the original model is no model": {"original_model": keras.saving.serialize_keras_object(layers.Dense(1))},
    "no original model": {"original_model": [1]},
    "thresholds are bytes": {"thresholds": {"class_name": "__bytes__", "config": {"value": "gAR9lC4="}}},
    "thresholds of a newer fairkit": {"thresholds": {"format": 99}},
    "thresholds that are none": {"thresholds": [0.5]},
    "another argument": {"$ref": "x"},
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_file_runs_nothing_and_is_refused(attack, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train, model = table(), network()
    thresholds = fit_group_thresholds(fairkit.predict(model, train), "color")
    models.save(GroupThresholdModel(model, thresholds), tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"].update(HOSTILE[attack])
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        for name, content in {**parts, "config.json": json.dumps(config).encode()}.items():
            archive.writestr(name, content)
    with pytest.raises(FairkitError, match="cannot load"):
        models.load(tmp_path / "model.keras")
    assert not (tmp_path / "x").exists()
