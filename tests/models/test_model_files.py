import logging
import tracemalloc
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import FairkitError, models

TEXTS = np.array(["you are a fool", "what a kind day", "fool", "b\u2028c kind"], object)


@pytest.fixture(scope="module")
def digits():
    return models.digit_classifier(seed=0)


@pytest.fixture(scope="module")
def comments():
    return models.toxicity_classifier(TEXTS, seed=0)


IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 3)).astype(np.uint8)


@pytest.mark.parametrize("name, inputs", [("digits", IMAGES), ("comments", TEXTS)])
def test_a_saved_model_predicts_the_same(name, inputs, request, tmp_path):
    model = request.getfixturevalue(name)
    expected = model.predict(inputs, verbose=0)
    models.save(model, tmp_path / "new" / "model.keras")
    np.testing.assert_array_equal(models.load(tmp_path / "new" / "model.keras").predict(inputs, verbose=0), expected)
    models.export(model, tmp_path / "exported")
    loaded = models.load(str(tmp_path / "exported"))
    np.testing.assert_allclose(loaded(inputs), expected, rtol=1e-6)
    np.testing.assert_allclose(loaded(list(inputs), batch_size=3), expected, rtol=1e-6)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["exported", "new"]
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["model.keras"]


def feature(value):
    if isinstance(value, str):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))
    return tf.train.Feature(float_list=tf.train.FloatList(value=np.ravel(value).astype(float)))


@pytest.mark.parametrize("name, inputs, feature_name, class_id",
                         [("digits", IMAGES, "image", 3), ("comments", TEXTS, "text", None)])
def test_tfma_evaluates_an_export(name, inputs, feature_name, class_id, request, tmp_path):
    from google.protobuf import text_format
    from tensorflow_model_analysis.proto import config_pb2

    from fairkit.quiet import tfma

    logging.getLogger("absl").setLevel(logging.ERROR)
    model = request.getfixturevalue(name)
    models.export(model, tmp_path / "model")
    with tf.io.TFRecordWriter(str(tmp_path / "examples.tfrecord")) as writer:
        for i, value in enumerate(inputs):
            features = {feature_name: feature(value), "label": feature(i % 2), "row": feature(str(i))}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    one_class = f"binarize {{ class_ids {{ values: [{class_id}] }} }}" if class_id is not None else ""
    config = text_format.Parse(f"""
        model_specs {{ label_key: "label" }} slicing_specs {{ feature_keys: ["row"] }}
        metrics_specs {{ metrics {{ class_name: "MeanPrediction" }} {one_class} }}""", config_pb2.EvalConfig())
    result = tfma.run_model_analysis(
        eval_shared_model=tfma.default_eval_shared_model(str(tmp_path / "model"), eval_config=config),
        eval_config=config, data_location=str(tmp_path / "examples.tfrecord"), output_path=str(tmp_path / "out"))
    expected = model.predict(inputs, verbose=0)[:, class_id or 0]
    found = {int(key[0][1]): next(iter(metrics[""].values()))["mean_prediction"]["doubleValue"]
             for key, metrics in result.slicing_metrics}
    np.testing.assert_allclose([found[i] for i in range(len(inputs))], expected, rtol=1e-6)


def test_an_export_replaces_a_saved_model_and_nothing_else(digits, comments, tmp_path):
    models.export(digits, tmp_path / "model")
    models.export(comments, tmp_path / "model")
    assert models.load(tmp_path / "model")(TEXTS).shape == (4, 1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(FairkitError, match="taken"):
        models.export(digits, tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep"


def test_a_failed_save_leaves_nothing_new_and_the_old_file_whole(digits, tmp_path):
    class Unsavable(keras.layers.Layer):
        def call(self, x):
            return x

        def save_own_variables(self, store):
            raise RuntimeError("no")

    path = tmp_path / "model.keras"
    models.save(digits, path)
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        models.save(keras.Sequential([keras.Input((2,)), Unsavable()]), path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["model.keras"]


@pytest.mark.parametrize("action, match", [
    (lambda model, folder: models.save(model, folder / "model.h5"), "ends in .keras"),
    (lambda model, folder: models.save("model", folder / "model.keras"), "Received: str"),
    (lambda model, folder: models.export(lambda x: x, folder / "model"), "Received: function"),
    (lambda model, folder: models.export(keras.Sequential([keras.layers.Dense(1)]), folder / "m"), "not seen an input"),
    (lambda model, folder: models.load(folder), "no SavedModel"),
    (lambda model, folder: models.load(folder / "modle.keras"), "'model.keras' .the nearest."),
    (lambda model, folder: models.load(folder / "nowhere" / "model.keras"), "no such file"),
    (lambda model, folder: models.load(folder / "broken.keras"), "is no Keras model"),
    (lambda model, folder: models.load(folder / "other.keras"), "Keras cannot load"),
    (lambda model, folder: models.load(folder / "broken"), "cannot load the SavedModel"),
])
def test_what_is_no_model_is_refused(action, match, digits, tmp_path):
    (tmp_path / "model.keras").touch()
    (tmp_path / "broken.keras").write_text("not a zip")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_text("not a protobuf")
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("something", "else")
    with pytest.raises(FairkitError, match=match):
        action(digits, tmp_path)


def test_inputs_of_a_saved_model_are_checked(digits, tmp_path):
    models.export(digits, tmp_path / "model")
    loaded = models.load(tmp_path / "model")
    with pytest.raises(FairkitError, match="do not fit the model.s input .image."):
        loaded(np.zeros((2, 14, 14, 3)))
    with pytest.raises(FairkitError, match="'image' is missing"):
        loaded({"picture": IMAGES})
    with pytest.raises(FairkitError, match="no signature 'serving'"):
        models.SavedModel(tmp_path / "model", signature="serving")


@pytest.mark.parametrize("member, size, message", [("config.json", 1 << 26, "config.json of .* is too large"),
                                                   ("model.weights.h5", 1 << 29, "unpacks to far more than a model")])
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(member, size, message, digits, tmp_path):
    models.save(digits, tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content if name != member else b" " * size)
    tracemalloc.start()
    with pytest.raises(FairkitError, match=message):
        models.load(tmp_path / "bomb.keras")
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()
