import json

import keras
import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.models.inputs import ModelInputs


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
        ModelInputs(model).taken(np.zeros(given))
        assert fits
    except fairkit.FairkitError:
        assert not fits


def test_a_model_that_declares_nothing_is_let_through():
    class Own(keras.Model):
        def call(self, inputs):
            return keras.ops.mean(inputs, axis=-1, keepdims=True)

    model = Own()
    x = np.zeros((3, 9))
    assert ModelInputs(model).taken(x) is x
    model(np.zeros((2, 4)))
    assert ModelInputs(model).taken(x) is x and ModelInputs(model).names == []


@pytest.mark.parametrize("built", [True, False])
def test_a_sequential_model_of_another_width(built):
    model = keras.Sequential([*([keras.Input((3,))] if built else []), keras.layers.Dense(1, "sigmoid")])
    model(np.zeros((1, 3)))
    with pytest.raises(fairkit.FairkitError, match=r"\(3\).*\(2\)"):
        fairkit.predict(model, examples(np.zeros((4, 2))))


def scaled(inputs):
    """A score that tells all of its inputs apart, so that two of them in the place of each other are seen."""
    return keras.layers.Activation("sigmoid")(sum((at + 1) * part for at, part in enumerate(inputs)))


def columns(n=6):
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=n).astype(np.float32) for name in ("a", "age", "b", "income", "zip")}


def of_a_dict():
    income, b = keras.Input((1,), name="income"), keras.Input((1,), name="b")
    return keras.Model({"income": income, "b": b}, scaled([income, b])), lambda c: {"income": c["income"], "b": c["b"]}


def of_a_list(kind=list, names=("income", "b")):
    income, b = (keras.Input((1,), name=name) for name in names)
    return keras.Model(kind([income, b]), scaled([income, b])), lambda c: kind([c["income"], c["b"]])


def of_a_nest():
    income, b, age = (keras.Input((1,), name=name) for name in ("income", "b", "age"))
    return keras.Model({"money": [income, b], "age": age}, scaled([income, b, age])), \
        lambda c: {"money": [c["income"], c["b"]], "age": c["age"]}


def of_one(name="income"):
    income = keras.Input((1,), name=name)
    return keras.Model(income, scaled([income])), lambda c: c["income"]


def of_a_dict_of_one():
    income = keras.Input((1,), name="income")
    return keras.Model({"income": income}, scaled([income])), lambda c: {"income": c["income"]}


NAMED = {"dict": of_a_dict, "list": of_a_list, "tuple": lambda: of_a_list(tuple), "nest": of_a_nest, "one": of_one,
         "dict of one": of_a_dict_of_one}


def by_hand(model, inputs):
    """The model called on just what it takes."""
    return np.asarray(model(keras.tree.map_structure(lambda part: part[:, None], inputs)))[:, 0]


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("saved", [False, True])
def test_spare_columns_leave_the_scores_alone(kind, saved, tmp_path):
    model, arranged = NAMED[kind]()
    given, right = columns(), by_hand(model, arranged(columns()))
    if saved:
        fairkit.models.save(model, tmp_path / "model.keras")
        model = fairkit.models.load(tmp_path / "model.keras")
    for inputs in (given, pd.DataFrame(given), dict(reversed(given.items()))):
        assert fairkit.predict(model, examples(inputs, 6)).scores == pytest.approx(right, abs=1e-7)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", NAMED)
def test_an_exported_model_is_fed_alike(kind, tmp_path):
    model, arranged = NAMED[kind]()
    fairkit.models.export(model, tmp_path / "exported")
    right = by_hand(model, arranged(columns()))
    assert fairkit.predict(tmp_path / "exported", examples(columns(), 6)).scores == pytest.approx(right, abs=1e-7)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", [tuple, list])
@pytest.mark.parametrize("how", ["model", "saved", "exported"])
def test_inputs_without_names_are_fed_in_order(kind, how, tmp_path):
    model, arranged = of_a_list(kind, (None, None))
    given, right = columns(), by_hand(model, arranged(columns()))
    if how == "saved":
        fairkit.models.save(model, tmp_path / "model.keras")
        model = tmp_path / "model.keras"
    elif how == "exported":
        fairkit.models.export(model, tmp_path / "exported")
        model = tmp_path / "exported"
    for inputs in ((given["income"], given["b"]), [given["income"], given["b"]]):
        made = examples(inputs, 6)
        assert fairkit.predict(model, made).scores == pytest.approx(right, abs=1e-7)
        assert fairkit.predict(model, made.take([4, 1])).scores == pytest.approx(right[[4, 1]], abs=1e-7)
    with pytest.raises(fairkit.FairkitError, match=r"no names of their own.*a tuple of 2 arrays.*'income', 'b'"):
        fairkit.predict(model, examples({"income": given["income"], "b": given["b"]}, 6))


def test_a_frame_of_one_column_is_the_only_input():
    model, _ = of_one(None)
    right = by_hand(model, columns()["age"])
    assert fairkit.predict(model, examples(pd.DataFrame({"age": columns()["age"]}), 6)).scores == pytest.approx(right)
    with pytest.raises(fairkit.FairkitError, match="has one input, without a name, and the examples have several"):
        fairkit.predict(model, examples(pd.DataFrame(columns()), 6))
    with pytest.raises(fairkit.FairkitError, match="'income' is missing.*'age'"):
        fairkit.predict(of_one()[0], examples({"age": columns()["age"]}, 6))


def test_nested_inputs_are_given_as_the_model_takes_them():
    model, arranged = of_a_nest()
    c = columns()
    right = by_hand(model, arranged(c))
    nested = {"money": (c["income"], c["b"]), "age": c["age"], "aaa": c["zip"]}
    assert fairkit.predict(model, examples(nested, 6)).scores == pytest.approx(right, abs=1e-7)


class Pair(keras.Model):
    """Declares nothing."""

    def call(self, inputs):
        first, second = (inputs["income"], inputs["b"]) if isinstance(inputs, dict) else inputs
        return keras.ops.sigmoid(first + 2 * second)


@pytest.mark.parametrize("inputs", [lambda c: (c["income"], c["b"]), lambda c: dict(c)])
def test_a_subclassed_model_is_fed_what_was_given(inputs):
    right = 1 / (1 + np.exp(-(columns()["income"] + 2 * columns()["b"])))
    assert fairkit.predict(Pair(), examples(inputs(columns()), 6)).scores == pytest.approx(right, abs=1e-6)


def test_a_callable_is_given_a_tuple_as_a_tuple():
    seen = []
    fairkit.predict(lambda inputs: seen.append(inputs) or inputs[1] * 0, examples((np.arange(6), np.arange(6)), 6))
    assert isinstance(seen[0], tuple) and len(seen[0]) == 2


def test_a_list_of_rows_stays_a_list_of_rows():
    assert examples([[1, 2], [3, 4], [5, 6], [7, 8]]).inputs.shape == (4, 2)
    assert examples([[1, 2], [3, 4]], 2).inputs.shape == (2, 2)
    assert examples([np.zeros(4)] * 4).inputs.shape == (4, 4)
    assert list(examples((np.zeros(2), np.ones(2)), 2).inputs) == ["0", "1"]


@pytest.mark.parametrize("kind", ["dict", "list", "nest"])
def test_training_is_the_same_with_spare_columns(kind):
    """All of it: the main batches, MinDiff's, the pairs and the validation, against the needed columns alone."""
    rng = np.random.default_rng(1)
    n = 64
    c = {name: rng.normal(size=n).astype(np.float32) for name in ("a", "age", "b", "income", "zip")}
    model, arranged = NAMED[kind]()
    needed = keras.tree.flatten(arranged({name: name for name in c}))
    trained = keras.Sequential([keras.layers.Dense(1, "sigmoid")])
    model = keras.Model(model.input, trained(model.output))
    histories = []
    for names in (c, needed):
        train = fairkit.Examples(inputs={name: c[name] for name in names}, labels=np.arange(n) % 2,
                                 groups={"g": np.where(np.arange(n) % 4 < 2, "x", "y")})
        pairs = fairkit.remediation.counterfactuals(train, lambda x: x + 1, inputs="b")
        histories.append(fairkit.remediate(model, train, sensitive={"g": "x"}, counterfactuals=pairs, epochs=2,
                                           batch_size=16, validation=train).history)
    assert {"val_loss", "min_diff_loss", "counterfactual_loss"} <= set(histories[0])
    for name, values in histories[0].items():
        assert values == pytest.approx(histories[1][name], rel=1e-6)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["dict", "list", "nest"])
def test_batches_for_a_model_hold_what_it_declares(kind):
    model, arranged = NAMED[kind]()
    right = by_hand(model, arranged(columns()))
    (inputs, labels), = examples(columns(), 6).batches(6, shuffle=False, model=model)
    assert np.asarray(model(inputs))[:, 0] == pytest.approx(right, abs=1e-7) and labels.shape == (6,)


def test_training_on_inputs_in_order():
    model, _ = of_a_list(names=(None, None))
    model = keras.Model(model.input, keras.layers.Dense(1, "sigmoid")(model.output))
    n, rng = 64, np.random.default_rng(2)
    train = fairkit.Examples(inputs=(rng.normal(size=n), rng.normal(size=n)), labels=np.arange(n) % 2,
                             groups={"g": np.where(np.arange(n) % 4 < 2, "x", "y")})
    pairs = fairkit.remediation.counterfactuals(train, lambda x: x + 1, inputs="1")
    found = fairkit.remediate(model, train, sensitive={"g": "x"}, counterfactuals=pairs, epochs=1, batch_size=16)
    scores = fairkit.predict(found.model, train).scores
    inputs = [np.asarray(train.inputs[name], np.float32)[:, None] for name in ("0", "1")]
    assert scores == pytest.approx(np.asarray(found.model(inputs))[:, 0], abs=1e-6)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
def test_importance_and_the_bias_report_feed_what_is_declared():
    model, arranged = of_a_dict_of_one()
    frame = pd.DataFrame({"age": [60., 20., 40., 30.] * 10, "income": [-3., 3., -1., 2.] * 10})
    right = by_hand(model, arranged({"income": frame["income"].to_numpy(np.float32)}))
    labels = (right > .5).astype(int)
    made = fairkit.Examples(inputs=frame, labels=labels, groups={"g": ["x", "y"] * 20})
    found = fairkit.analysis.feature_importance(model, made, repeats=2).frame.set_index("feature")["importance"]
    assert found["age"] == 0 and found["income"] > 0
    report = fairkit.bias_report(made, facet="g", facet_values="x", predictions=model, methods=["DPPL", "AD"])
    by_column = fairkit.bias_report(made, facet="g", facet_values="x", predictions=labels, methods=["DPPL", "AD"])
    assert report.frame["value"].tolist() == by_column.frame["value"].tolist()


@pytest.mark.parametrize("inputs", [
    (np.arange(4.), np.ones(4)), {"money": (np.arange(4.), np.ones(4)), "b": np.zeros(4)},
    {"a": np.arange(4.), "b": np.zeros(4)}, np.arange(4.)])
def test_the_processes_of_a_sweep_get_the_same_structure(inputs, tmp_path):
    from fairkit.inputs import as_given
    from fairkit.remediation.sweeps.stored_examples import read_examples, write_examples

    about = json.loads(json.dumps(write_examples(examples(inputs), tmp_path / "train.arrow")))
    found = as_given(read_examples(tmp_path / "train.arrow", about).inputs)
    keras.tree.assert_same_structure(found, inputs)
    for one, other in zip(keras.tree.flatten(found), keras.tree.flatten(inputs), strict=True):
        assert (one == other).all()
