"""Models whose outputs are in dicts, lists and tuples, of which one is meant."""

import json

import keras
import numpy as np
import pytest

import fairkit
from fairkit import FairkitError

layers = keras.layers
N = 96
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3)).astype(np.float32)
LABELS = (X[:, 0] + RNG.normal(size=N) > 0).astype(int)
EXAMPLES = fairkit.Examples(inputs=X, labels=LABELS, groups={"g": np.where(np.arange(N) % 4 < 2, "x", "y")})


def network(outputs, **kwargs):
    """A model with one layer for each name that `outputs` takes."""
    x = keras.Input((3,), name="row")
    keras.utils.set_random_seed(5)
    heads = {name: layers.Dense(units, "sigmoid", name=f"{name}_head", **kwargs)(layers.Dense(4, "tanh")(x))
             for name, units in (("tox", 1), ("len", 2))}
    return keras.Model(x, outputs(heads["tox"], heads["len"]))


def of(model, *path):
    """An output, by hand."""
    found = model(X)
    for key in path:
        found = found[key]
    return keras.ops.convert_to_numpy(keras.ops.cast(found, "float32"))[:, 0]


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(1, "sigmoid"), layers.Dense(1, "sigmoid")

    def call(self, inputs):
        return {"tox": self.first(inputs), "other": self.second(inputs)}


@pytest.mark.parametrize("outputs, path", [(lambda tox, _: {"tox": tox}, ["tox"]), (lambda tox, _: [tox], []),
                                           (lambda tox, _: (tox,), []), (lambda tox, _: {"a": [tox]}, ["a", 0])])
@pytest.mark.parametrize("how", ["model", "saved", "exported"])
def test_one_output_in_a_dict_or_list(outputs, path, how, tmp_path):
    model = network(outputs)
    right = of(model, *path) if not isinstance(model(X), (list, tuple)) else of(model, 0)
    if how != "model":
        save, model, place = (fairkit.models.save if how == "saved" else fairkit.models.export), model, tmp_path / (
            "model.keras" if how == "saved" else "exported")
        save(model, place)
        model = place
    assert fairkit.predict(model, EXAMPLES).scores == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize("outputs, output, path", [
    (lambda tox, length: {"tox": tox, "len": length}, "tox", ["tox"]),
    (lambda tox, length: {"len": length, "tox": tox}, "tox_head", ["tox"]),
    (lambda tox, length: [length, tox], 1, [1]), (lambda tox, length: [length, tox], "1", [1]),
    (lambda tox, length: (length, tox), "tox_head", [1]),
    (lambda tox, length: {"a": {"tox": tox}, "len": length}, "a/tox", ["a", "tox"]),
])
@pytest.mark.parametrize("kind", [fairkit.predict, fairkit.evaluate])
def test_one_of_several_is_named(outputs, output, path, kind):
    model = network(outputs)
    found = kind(model, EXAMPLES, output=output)
    scores = found.scores if kind is fairkit.predict else found.predictions.scores
    assert scores == pytest.approx(of(model, *path), abs=1e-6)


@pytest.mark.parametrize("outputs, match", [
    (lambda tox, length: {"tox": tox, "len": length}, "several outputs.*output= one of 'tox', 'len'.*2 outputs"),
    (lambda tox, length: [tox, length], "output= one of '0', '1'"),
])
def test_several_outputs_are_listed(outputs, match):
    model = network(outputs)
    for call in (fairkit.predict, fairkit.evaluate, fairkit.remediate):
        with pytest.raises(FairkitError, match=match):
            call(model, EXAMPLES)
        with pytest.raises(FairkitError, match="no output 'txo'.*'tox"):
            call(model, EXAMPLES, output="txo")


@pytest.mark.parametrize("call", [
    lambda model: fairkit.predict(model, EXAMPLES, output="other"),
    lambda model: fairkit.predict(lambda inputs: model.predict(inputs, verbose=0), EXAMPLES, output="other"),
])
def test_outputs_of_a_subclass_and_of_a_callable(call):
    model = Own()
    assert call(model).scores == pytest.approx(of(model, "other"), abs=1e-6)


def test_an_exported_model_with_several_outputs(tmp_path):
    model = network(lambda tox, length: {"tox": tox, "länge": length})
    fairkit.models.export(model, tmp_path / "exported")
    assert fairkit.predict(tmp_path / "exported", EXAMPLES, output="tox").scores == pytest.approx(of(model, "tox"))
    with pytest.raises(FairkitError, match="several outputs.*'länge'"):
        fairkit.predict(tmp_path / "exported", EXAMPLES)
    assert fairkit.models.load(tmp_path / "exported")(X, batch_size=10)["tox"].shape == (N, 1)


def test_scores_have_no_outputs():
    with pytest.raises(FairkitError, match="output names an output of a model"):
        fairkit.evaluate(np.full(N, .5), EXAMPLES, output="tox")
    with pytest.raises(FairkitError, match="output=None, for its one output has no name"):
        fairkit.predict(lambda inputs: np.full(N, .5), EXAMPLES, output="tox")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
@pytest.mark.parametrize("how", ["model", "callable", "exported", "scores"])
def test_outputs_of_every_float(dtype, how, tmp_path):
    model = network(lambda tox, _: tox, dtype=dtype)
    right = of(model)
    if how == "exported":
        fairkit.models.export(model, tmp_path / "exported")
    what = {"model": model, "callable": model, "exported": tmp_path / "exported"}.get(how)
    what = (lambda inputs: model(inputs)) if how == "callable" else model.predict(X, verbose=0) if how == "scores" \
        else what
    found = fairkit.predict(what, EXAMPLES)
    assert found.scores.dtype == np.float64
    assert found.scores == pytest.approx(right, abs=1e-6 if dtype == "float64" else 1e-2)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("compiled", [False, True])
def test_a_model_with_one_output_in_a_dict_is_trained(compiled):
    """As the same model without the dict is, to the last weight."""
    model, plain = network(lambda tox, _: {"tox": tox}), network(lambda tox, _: tox)
    if compiled:
        model.compile(keras.optimizers.SGD(.1), {"tox": "binary_crossentropy"}, metrics={"tox": ["accuracy"]})
        plain.compile(keras.optimizers.SGD(.1), "binary_crossentropy", metrics=["accuracy"])
    asked = {"sensitive": {"g": "x"}, "epochs": 2, "batch_size": 16, "validation": EXAMPLES}
    found, right = fairkit.remediate(model, EXAMPLES, **asked), fairkit.remediate(plain, EXAMPLES, **asked)
    assert found.history == right.history and isinstance(found.model.output, dict)
    for one, other in zip(found.model.get_weights(), right.model.get_weights(), strict=True):
        assert (one == other).all()
    found.model.evaluate(X, {"tox": LABELS}, verbose=0)


@pytest.mark.parametrize("settings", [
    {}, {"loss": {"tox": "binary_crossentropy", "len": "mse"}, "metrics": {"tox": ["accuracy"], "len": ["mae"]}},
    {"loss": {"tox": "binary_crossentropy", "len": "mse"}, "loss_weights": {"tox": 3., "len": 1.}},
])
def test_one_of_several_outputs_is_trained(settings):
    model = network(lambda tox, length: {"tox": tox, "len": length})
    plain = keras.Model(model.input, model.output["tox"])
    if settings:
        model.compile(keras.optimizers.SGD(.1), **settings)
        plain.compile(keras.optimizers.SGD(.1), "binary_crossentropy", metrics=settings.get("metrics", {}).get("tox"),
                      loss_weights=[3.] if "loss_weights" in settings else None)
    found = fairkit.remediate(model, EXAMPLES, output="tox", epochs=2, batch_size=16, warm_start=True)
    right = fairkit.remediate(plain, EXAMPLES, epochs=2, batch_size=16, warm_start=True)
    assert found.settings["output"] == "tox" and not isinstance(found.model.output, dict)
    assert found.history["loss"] == pytest.approx(right.history["loss"], rel=1e-6)
    assert fairkit.predict(found.model, EXAMPLES).scores == pytest.approx(fairkit.predict(right.model, EXAMPLES).scores,
                                                                         abs=1e-6)


def test_what_cannot_be_trained_by_itself_is_named():
    model = network(lambda tox, length: {"tox": tox, "len": length})
    model.compile("sgd", {"len": "mse"})
    with pytest.raises(FairkitError, match="without a loss for its output 'tox'"):
        fairkit.remediate(model, EXAMPLES, output="tox")
    own = Own()
    own(X)
    with pytest.raises(FairkitError, match="subclassed model gives its outputs in a dict.*'tox', 'other'"):
        fairkit.remediate(lambda: Own(), EXAMPLES)


def test_the_command_line_names_an_output(tmp_path, capsys):
    from fairkit.cli import main

    model = network(lambda tox, length: {"tox": tox, "len": length})
    x = keras.Input((1,), name="a"), keras.Input((1,), name="b"), keras.Input((1,), name="c")
    whole = keras.Model(list(x), model(layers.concatenate(x)))
    fairkit.models.save(whole, tmp_path / "model.keras")
    rows = [{"a": float(a), "b": float(b), "c": float(c), "label": int(label), "g": str(g)} for (a, b, c), label, g in
            zip(X, LABELS, EXAMPLES.groups["g"].to_list(), strict=True)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    asked = ["evaluate", str(tmp_path / "model.keras"), "--data", str(tmp_path / "rows.jsonl"), "--inputs", "a", "b",
             "c", "--label", "label", "--groups", "g", "--thresholds", "0.5"]
    with pytest.raises(SystemExit) as ended:
        main(asked)
    assert ended.value.code == 2 and "--model-output one of 'tox', 'len'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--model-output", "tox", "-o", str(tmp_path / "run")])
    assert ended.value.code == 0
    scores = fairkit.load_evaluation(tmp_path / "run").predictions.scores
    assert scores == pytest.approx(of(model, "tox"), abs=1e-6)
    named = [keras.Input((1,), name=name) for name in "abc"]
    fairkit.models.save(keras.Model(named, model(layers.concatenate(named))), tmp_path / "named.keras")
    with pytest.raises(SystemExit) as ended:
        main(["bias", str(tmp_path / "rows.jsonl"), "--label", "label", "--facet", "g", "--facet-values", "x",
              "--model", str(tmp_path / "named.keras"), "--model-output", "tox", "--features", "a", "b", "c",
              "--methods", "DPPL", "--table", str(tmp_path / "bias.csv")])
    assert ended.value.code == 0
    positive, of_x = of(model, "tox") > .5, np.array(EXAMPLES.groups["g"].to_list()) == "x"
    found = float((tmp_path / "bias.csv").read_text().splitlines()[1].split(",")[
        (tmp_path / "bias.csv").read_text().splitlines()[0].split(",").index("value")])
    assert found == pytest.approx(positive[~of_x].mean() - positive[of_x].mean())
