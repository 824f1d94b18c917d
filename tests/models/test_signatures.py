"""Exported models whose inputs have names that TensorFlow does not take."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import FairkitError
from fairkit.models.signatures import signature_names

N = 5
NAMES = ["größe", "2nd", "_x", "a-b", "a_b", "A_B", "two words", "class", "self", "年齢", "x"]


def network(names, how=dict):
    inputs = [keras.Input((1,), name=name) for name in names]
    out = keras.layers.Activation("sigmoid")(sum((at + 1.0) * part for at, part in enumerate(inputs)))
    return keras.Model(dict(zip(names, inputs)) if how is dict else how(inputs), out)


def columns(names):
    rng = np.random.default_rng(1)
    return {name: rng.normal(size=N).astype(np.float32) for name in names}


def by_hand(names):
    return 1 / (1 + np.exp(-sum((at + 1) * part for at, part in enumerate(columns(names).values()))))


@pytest.mark.parametrize("how", [dict, list])
@pytest.mark.parametrize("names", [NAMES, *([name] for name in NAMES if name != "x")], ids=str)
def test_every_name_is_exported_and_found_again(names, how, tmp_path):
    fairkit.models.export(network(names, how), tmp_path / "exported")
    examples = fairkit.Examples(inputs={**columns(names), "spare": np.zeros(N)}, labels=np.arange(N) % 2, groups={})
    assert fairkit.predict(tmp_path / "exported", examples).scores == pytest.approx(by_hand(names), abs=1e-6)
    assert sorted(fairkit.models.load(tmp_path / "exported").inputs) == sorted(names)
    # TensorFlow by itself knows the inputs by the names that the docstring of export tells of.
    asked = {signature_names(names)[name]: tf.constant(column)[:, None] for name, column in columns(names).items()}
    (scores,) = tf.saved_model.load(str(tmp_path / "exported")).signatures["serving_default"](**asked).values()
    assert scores.numpy()[:, 0] == pytest.approx(by_hand(names), abs=1e-6)


@given(st.lists(st.text(min_size=1, max_size=6).filter(lambda name: "/" not in name), unique=True, max_size=8))
@settings(max_examples=200, deadline=None)
def test_no_two_names_become_one(names):
    found = signature_names(names)
    assert list(found) == names
    assert len({name.lower() for name in found.values()}) == len(names)
    assert all(name.isidentifier() and name.isascii() and name[0] != "_" for name in found.values())
    assert all(found[name] == name for name in names if name.isascii() and name.isalpha() and name.islower()
               and name not in ("class", "self", "if", "in", "is", "as", "or", "and", "not", "for", "def", "del", "try",
                                "elif", "else", "from", "pass", "with", "break", "raise", "while", "yield", "async",
                                "await", "global", "lambda", "import", "except", "return", "assert"))


def test_another_programs_export_with_a_changed_name(tmp_path):
    """Keras itself writes "a-b" as "a_b", and keeps no record of it."""
    network(["a-b", "c"]).export(tmp_path / "exported", verbose=False)
    given_ = columns(["a-b", "c"])
    examples = fairkit.Examples(inputs={**given_, "a b ": np.zeros(N)}, labels=np.arange(N) % 2, groups={})
    assert fairkit.predict(tmp_path / "exported", examples).scores == pytest.approx(by_hand(["a-b", "c"]), abs=1e-6)
    both = fairkit.Examples(inputs={**given_, "a b": np.zeros(N)}, labels=np.arange(N) % 2, groups={})
    with pytest.raises(FairkitError, match="'a_b' is missing from the examples.*'a-b', 'c', 'a b'"):
        fairkit.predict(tmp_path / "exported", both)


@pytest.mark.parametrize("about", ["", "{}", "[1]", '{"format": 1, "structure": ["b"], "names": {"b": "c"}}'])
def test_a_damaged_record_of_names_is_left_aside(about, tmp_path):
    fairkit.models.export(network(["a-b"]), tmp_path / "exported")
    (tmp_path / "exported" / "assets.extra" / "fairkit_inputs.json").write_text(about)
    examples = fairkit.Examples(inputs=columns(["a-b"]), labels=np.arange(N) % 2, groups={})
    assert fairkit.predict(tmp_path / "exported", examples).scores == pytest.approx(by_hand(["a-b"]), abs=1e-6)


def parsing_model(folder):
    """A SavedModel that takes serialized tf.Examples."""
    class Parsing(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples):
            parsed = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([], tf.float32)})
            return {"score": tf.sigmoid(parsed["x"])}

    module = Parsing()
    tf.saved_model.save(module, str(folder), signatures=module.serve)


def serialized(values):
    return [tf.train.Example(features=tf.train.Features(feature={
        "x": tf.train.Feature(float_list=tf.train.FloatList(value=[value]))})).SerializeToString() for value in values]


def test_a_signature_that_takes_serialized_examples(tmp_path):
    parsing_model(tmp_path / "parsing")
    x = columns("x")["x"]
    for inputs in (np.array(serialized(x), object), {"examples": np.array(serialized(x), object)}):
        examples = fairkit.Examples(inputs=inputs, labels=np.arange(N) % 2, groups={})
        assert fairkit.predict(tmp_path / "parsing", examples).scores == pytest.approx(1 / (1 + np.exp(-x)), abs=1e-6)
    for inputs in (x, np.zeros((N, 3)), {"examples": x}):
        with pytest.raises(FairkitError, match="input 'examples' takes texts.*serialized tf.Examples.*float.*of shape"):
            fairkit.predict(tmp_path / "parsing", fairkit.Examples(inputs=inputs, labels=np.arange(N) % 2, groups={}))


def test_texts_for_numbers(tmp_path):
    fairkit.models.export(network(["x"]), tmp_path / "exported")
    for model in (network(["x"]), tmp_path / "exported"):
        with pytest.raises(FairkitError, match="input 'x' takes numbers.*float32.*texts"):
            fairkit.predict(model, fairkit.Examples(inputs=["one", "two"], labels=[0, 1], groups={}))
    for given_ in (["one", "two"], {"x": ["one", "two"]}):
        with pytest.raises(FairkitError, match="input 'x' takes numbers"):
            fairkit.models.load(tmp_path / "exported")(given_)


def test_a_model_that_keras_cannot_export_leaves_nothing(tmp_path):
    class Own(keras.Model):
        def call(self, inputs):
            return keras.ops.convert_to_tensor(inputs["a"]) if isinstance(inputs, dict) else {"n": {"k": inputs}}

    model = Own()
    model(np.zeros((2, 3)))
    with pytest.raises(FairkitError, match="Keras cannot export"):
        fairkit.models.export(model, tmp_path / "exported")
    assert not (tmp_path / "exported").exists()
