"""A SavedModel as a layer, against the same embedding as an ordinary layer of Keras, and against TensorFlow itself."""

import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

import fairkit
from fairkit import FairkitError
from fairkit.models import SavedModelLayer
from fairkit.remediation import MinDiffModel, pack_min_diff_data

WORDS = ["good", "bad", "film", "day"]
N = 96
RNG = np.random.default_rng(0)
TEXTS = [" ".join(RNG.choice(WORDS, 3)) for _ in range(N)]
LABELS = np.array([int(text.count("bad") > text.count("good")) for text in TEXTS])
EXAMPLES = fairkit.Examples(inputs=TEXTS, labels=LABELS, groups={"g": np.where(np.arange(N) % 4 < 2, "x", "y")})
TABLE = RNG.normal(size=(len(WORDS) + 1, 3)).astype(np.float32)


class Embedding(tf.Module):
    """As a text embedding of TF Hub: words are looked up and their vectors averaged, from the texts themselves."""

    def __init__(self):
        self.lookup = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
            tf.constant(WORDS), tf.range(1, len(WORDS) + 1, dtype=tf.int64)), 0)
        self.table = tf.Variable(TABLE, name="embeddings/table")
        self.calls = tf.Variable(0, trainable=False, dtype=tf.int64)

    def embed(self, texts):
        words = tf.strings.split(texts)
        return tf.reduce_mean(tf.gather(self.table, self.lookup.lookup(words)), axis=1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, texts):
        return self.embed(texts)


def by_hand(texts, table=TABLE):
    return np.array([np.mean([table[1 + WORDS.index(word)] for word in text.split()], axis=0) for text in texts])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("embedding") / "hub"
    tf.saved_model.save(Embedding(), str(place))
    return place


def classifier(layer, seed=3):
    texts = keras.Input((), dtype="string", name="text")
    dense = keras.layers.Dense(1, activation="sigmoid", kernel_initializer=keras.initializers.RandomNormal(seed=seed))
    model = keras.Model(texts, dense(layer(texts)))
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
    return model


def twin(trainable):
    """The same model out of ordinary layers."""
    texts = keras.Input((), dtype="string", name="text")
    ids = keras.layers.TextVectorization(vocabulary=WORDS, output_sequence_length=3, standardize=None)(texts)
    table = np.concatenate([TABLE[:1] * 0, TABLE])   # 0 is padding, 1 an unknown word
    embedded = keras.layers.Embedding(len(table), 3, weights=[table], trainable=trainable)(ids)
    dense = keras.layers.Dense(1, activation="sigmoid", kernel_initializer=keras.initializers.RandomNormal(seed=3))
    model = keras.Model(texts, dense(keras.layers.GlobalAveragePooling1D()(embedded)))
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
    return model


def test_it_gives_what_tensorflow_gives(folder):
    given = keras.ops.convert_to_numpy(SavedModelLayer(folder)(tf.constant(TEXTS)))
    assert given == pytest.approx(by_hand(TEXTS), abs=1e-6)
    assert given == pytest.approx(tf.saved_model.load(str(folder))(tf.constant(TEXTS)).numpy(), abs=1e-7)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("trainable", [False, True])
def test_it_trains_like_an_ordinary_embedding(folder, trainable):
    model, right = classifier(SavedModelLayer(folder, trainable=trainable)), twin(trainable)
    asked = {"sensitive": {"g": "x"}, "nonsensitive": {"g": "y"}, "epochs": 2, "batch_size": 16, "warm_start": True,
             "loss_weight": 2.0}
    found, other = fairkit.remediate(model, EXAMPLES, **asked), fairkit.remediate(right, EXAMPLES, **asked)
    for name, values in other.history.items():
        assert found.history[name] == pytest.approx(values, rel=1e-4)
    assert fairkit.predict(found.model, EXAMPLES).scores == pytest.approx(
        fairkit.predict(other.model, EXAMPLES).scores, abs=1e-5)
    table = next(layer for layer in found.model.layers if isinstance(layer, SavedModelLayer)).get_weights()[0]
    assert (table == TABLE).all() != trainable
    assert (model.layers[1].get_weights()[0] == TABLE).all()   # the model that was given is as it was


def test_a_rebuilt_model_starts_from_the_folder(folder):
    model = classifier(SavedModelLayer(folder, trainable=True))
    model.fit(np.array(TEXTS, object), LABELS, epochs=1, verbose=0)
    assert not (model.layers[1].get_weights()[0] == TABLE).all()
    fresh = fairkit.models.rebuild(model, seed=1)
    assert (fresh.layers[1].get_weights()[0] == TABLE).all() and fresh.layers[1].trainable


@pytest.mark.parametrize("trainable", [False, True])
def test_saved_and_loaded(folder, trainable, tmp_path):
    model = classifier(SavedModelLayer(folder, trainable=trainable))
    model.fit(np.array(TEXTS, object), LABELS, epochs=1, verbose=0)
    right = fairkit.predict(model, EXAMPLES).scores
    fairkit.models.save(model, tmp_path / "model.keras")
    loaded = fairkit.models.load(tmp_path / "model.keras")
    assert (fairkit.predict(loaded, EXAMPLES).scores == right).all()
    loaded.fit(np.array(TEXTS, object), LABELS, epochs=1, verbose=0)
    fairkit.models.export(model, tmp_path / "exported")
    assert fairkit.predict(tmp_path / "exported", EXAMPLES).scores == pytest.approx(right, abs=1e-6)
    elsewhere = "import sys, fairkit; fairkit.models.trust_saved_model(sys.argv[2]); " \
        "e = fairkit.Examples(inputs=['good film day', 'bad bad bad'], labels=[0, 1], groups={}); " \
        "print(fairkit.predict(sys.argv[1], e).scores.tolist())"
    said = subprocess.run([sys.executable, "-c", elsewhere, str(tmp_path / "model.keras"), str(folder)],
                          capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == pytest.approx(fairkit.predict(
        model, fairkit.Examples(inputs=["good film day", "bad bad bad"], labels=[0, 1], groups={})).scores.tolist())


def test_min_diff_by_hand(folder):
    """Through MinDiffModel itself, which saves the original model."""
    model = classifier(SavedModelLayer(folder, trainable=True))
    batches = EXAMPLES.batches(16, shuffle=False)
    wrapped = MinDiffModel(model, "mmd", 1.0)
    wrapped.compile("sgd", "binary_crossentropy")
    wrapped.fit(pack_min_diff_data(batches, batches, batches), epochs=1, verbose=0, shuffle=False)
    assert not (model.layers[1].get_weights()[0] == TABLE).all()


def test_a_sweep_trains_it_in_processes(folder, recwarn):
    model = classifier(SavedModelLayer(folder, trainable=True))
    found = fairkit.sweep(model, EXAMPLES, slices=["g"], sensitive={"g": "x"}, loss_weights=[1.0], seeds=[0], epochs=1,
                          batch_size=8, min_examples=1, jobs=1)
    assert found.table["error"].isna().all() if "error" in found.table else len(found.table) == 2
    assert not [one for one in recwarn if "run in this process" in str(one.message)]


def test_keras_own_export_and_its_signature(tmp_path):
    inner = keras.Sequential([keras.Input((2,), name="row"), keras.layers.Dense(3, kernel_initializer="ones")])
    fairkit.models.export(inner, tmp_path / "keras")
    x = np.array([[1.0, 2.0]], np.float32)
    for asked in ({}, {"signature": "serving_default"}, {"signature": "serving_default", "output": "output_0"}):
        layer = SavedModelLayer(tmp_path / "keras", **asked)
        assert np.asarray(layer(x)).tolist() == [[3.0, 3.0, 3.0]]
        assert [tuple(weight.shape) for weight in layer.weights] == [(2, 3), (3,)]


def test_training_is_told_from_use(tmp_path):
    class Doubles(tf.Module):
        def __init__(self):
            self.w = tf.Variable([1.0])

        @tf.function
        def __call__(self, x, training=False):
            return x * self.w * (2.0 if training else 1.0)

    module = Doubles()
    for training in (False, True):
        module.__call__.get_concrete_function(tf.TensorSpec([None], tf.float32), training=training)
    tf.saved_model.save(module, str(tmp_path / "doubles"))
    for trainable in (False, True):
        layer = SavedModelLayer(tmp_path / "doubles", trainable=trainable)
        assert np.asarray(layer(np.ones(1, np.float32), training=True)).tolist() == [2.0 if trainable else 1.0]
        assert np.asarray(layer(np.ones(1, np.float32))).tolist() == [1.0]


@pytest.mark.parametrize("asked, match", [
    ({"folder": "nowhere"}, "no SavedModel in 'nowhere'.*a local folder with saved_model.pb"),
    ({"folder": "https://tfhub.dev/google/nnlm-en-dim128/2"}, "a local folder"),
    ({"signature": "serve"}, "no signature 'serve'"),
    ({"digest": "0" * 64}, "not the one that this layer was saved with"),
])
def test_what_does_not_fit_is_refused(folder, asked, match):
    with pytest.raises(FairkitError, match=match):
        SavedModelLayer(**{"folder": folder, **asked})


def test_a_folder_that_has_changed_is_not_taken_for_the_other(folder, tmp_path):
    own = tmp_path / "own"
    tf.saved_model.save(Embedding(), str(own))
    fairkit.models.save(classifier(SavedModelLayer(own)), tmp_path / "model.keras")
    with open(own / "variables" / "variables.index", "ab") as file:
        file.write(b"x")
    with pytest.raises(FairkitError, match="cannot load.*not the one that this layer was saved with"):
        fairkit.models.load(tmp_path / "model.keras")


def test_a_config_holds_plain_values_only(folder, tmp_path):
    fairkit.models.save(classifier(SavedModelLayer(folder)), tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    config = next(layer["config"] for layer in layers if layer["class_name"] == "SavedModelLayer")
    assert config["folder"] == str(folder) and len(config["digest"]) == 64
    assert set(config) == {"name", "trainable", "dtype", "folder", "signature", "output", "digest"}


def test_no_weights_to_train(tmp_path):
    class Fixed(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def __call__(self, x):
            return x + 1.0

    tf.saved_model.save(Fixed(), str(tmp_path / "fixed"))
    assert np.asarray(SavedModelLayer(tmp_path / "fixed")(np.zeros(2, np.float32))).tolist() == [1.0, 1.0]
    with pytest.raises(FairkitError, match="no weights to train"):
        SavedModelLayer(tmp_path / "fixed", trainable=True)


LOADING = """
import sys, keras, fairkit
load, path, trusted = sys.argv[1:]
if trusted:
    fairkit.models.trust_saved_model(trusted)
try:
    model = keras.models.load_model(path, safe_mode=False) if load == "unsafe" else \
        keras.models.load_model(path) if load == "keras" else fairkit.models.load(path)
    model.predict(__import__("numpy").zeros((1, 1), "float32"), verbose=0)
except fairkit.FairkitError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def armed(tmp_path_factory):
    """(a .keras file, the SavedModel in it that writes a file whenever it is called, what it writes)."""
    place = tmp_path_factory.mktemp("armed")

    class Writing(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.float32)])
        def __call__(self, x):
            tf.io.write_file(str(place / "written"), "x")
            return x

    tf.saved_model.save(Writing(), str(place / "hub"))
    number = keras.Input((1,))
    fairkit.models.save(keras.Model(number, SavedModelLayer(place / "hub")(number)), place / "model.keras")
    return place / "model.keras", place / "hub", place / "written"


@pytest.mark.parametrize("load, trusts, runs", [("fairkit", False, False), ("keras", False, False),
                                                ("fairkit", True, True), ("unsafe", False, True)])
def test_a_file_runs_a_saved_model_only_where_the_program_trusts_it(armed, load, trusts, runs):
    path, hub, written = armed
    written.unlink(missing_ok=True)
    code = LOADING if load != "keras" else "import fairkit.models.saved_model_layer\n" + LOADING
    code = code if load != "unsafe" else "import fairkit.models.saved_model_layer\n" + code
    said = subprocess.run([sys.executable, "-c", code, load, str(path), str(hub) if trusts else ""],
                          capture_output=True, text=True, check=True)
    assert written.exists() == runs
    assert ("trust_saved_model(folder) first" in said.stdout) == (not runs), said.stdout


def test_the_command_line_trusts_what_it_is_told_to(armed, tmp_path):
    path, hub, written = armed
    data = tmp_path / "data.jsonl"
    data.write_text('{"x": 0.1, "label": 0, "g": "a"}\n{"x": 0.9, "label": 1, "g": "b"}\n')
    command = [sys.executable, "-m", "fairkit", "evaluate", str(path), "--data", str(data), "--inputs", "x", "--label",
               "label", "--groups", "g", "--min-examples", "1"]
    written.unlink(missing_ok=True)
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2 and "--trust FOLDER" in refused.stderr and not written.exists()
    assert subprocess.run([*command, "--trust", str(hub)], capture_output=True, text=True).returncode == 0
    assert written.exists()
