"""TFMA's own run on a model and records: inputs of any name, several outputs, serialized examples."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import fairkit
from fairkit import FairkitError

pytest.importorskip("tensorflow_model_analysis")
pytest.importorskip("fairness_indicators")

N = 60
RNG = np.random.default_rng(4)
X, OTHER = RNG.normal(size=(2, N)).astype(np.float32)
LABELS = (X + RNG.normal(size=N) > 0).astype(int)
GROUPS = np.where(np.arange(N) % 3, "x", "y")


def write_records(path, **columns):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for cells in zip(*columns.values(), strict=True):
            features = {}
            for name, cell in zip(columns, cells, strict=True):
                features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[cell.encode()])) \
                    if isinstance(cell, str) else tf.train.Feature(float_list=tf.train.FloatList(value=[cell])) \
                    if isinstance(cell, float) else tf.train.Feature(int64_list=tf.train.Int64List(value=[cell]))
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())


def network(names, outputs=lambda one, other: one):
    first, second = (keras.Input((1,), name=name) for name in names)
    joined = keras.layers.Activation("sigmoid")
    return keras.Model([first, second], outputs(joined(first - 2 * second), joined(second)))


def rates(evaluation):
    return [evaluation.value("false_positive_rate", f"g:{group}", threshold=0.5) for group in ("x", "y")]


def by_hand(scores):
    positive, negative = scores > 0.5, LABELS == 0
    return [positive[negative & (group == GROUPS)].mean() for group in ("x", "y")]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    write_records(folder / "a.tfrecord", **{"größe": X.astype(float).tolist(), "a-b": OTHER.astype(float).tolist(),
                                            "aaa": np.zeros(N).tolist(), "label": LABELS.tolist(),
                                            "g": GROUPS.tolist()})
    return folder / "a.tfrecord"


def judged(model, records, **options):
    return fairkit.evaluate(model, str(records), slices=["g"], thresholds=[0.5], engine="tfma", **options)


@pytest.mark.parametrize("exported", [False, True])
def test_features_bear_the_names_of_inputs_whatever_they_are(records, exported, tmp_path):
    model = network(["größe", "a-b"])
    if exported:
        fairkit.models.export(model, tmp_path / "exported")
        model = tmp_path / "exported"
    assert rates(judged(model, records)) == pytest.approx(by_hand(sigmoid(X - 2 * OTHER)))


def test_a_feature_that_another_input_is_taken_for(tmp_path):
    write_records(tmp_path / "a.tfrecord", **{"a-b": X.astype(float).tolist(), "a_b": OTHER.astype(float).tolist(),
                                              "c": X.astype(float).tolist(), "label": LABELS.tolist(),
                                              "g": GROUPS.tolist()})
    with pytest.raises(FairkitError, match="a feature 'a_b', which TensorFlow takes for the input 'a-b'"):
        judged(network(["a-b", "c"]), tmp_path / "a.tfrecord")
    both = judged(network(["a-b", "a_b"]), tmp_path / "a.tfrecord")
    assert rates(both) == pytest.approx(by_hand(sigmoid(X - 2 * OTHER)))


@pytest.mark.parametrize("outputs, output, right", [
    (lambda one, other: {"tox": one, "len": other}, "tox", sigmoid(X - 2 * OTHER)),
    (lambda one, other: [one, other], 1, sigmoid(OTHER)),
])
def test_one_of_several_outputs(records, outputs, output, right, tmp_path):
    model = network(["größe", "a-b"], outputs)
    assert rates(judged(model, records, output=output)) == pytest.approx(by_hand(right))
    with pytest.raises(FairkitError, match="several outputs.*one of"):
        judged(model, records)
    with pytest.raises(FairkitError, match="no output 'txo'"):
        judged(model, records, output="txo")


def test_a_config_names_the_output(records):
    model = network(["größe", "a-b"], lambda one, other: {"tox": one, "len": other})
    config = "model_specs { label_key: 'label' %s } slicing_specs { feature_keys: 'g' } metrics_specs { metrics { " \
        "class_name: 'FairnessIndicators' config: '{\"thresholds\": [0.5]}' } }"
    found = fairkit.evaluate(model, str(records), engine="tfma", config=config % "prediction_key: 'tox'")
    assert rates(found) == pytest.approx(by_hand(sigmoid(X - 2 * OTHER)))
    with pytest.raises(FairkitError, match="in a config prediction_key. one of 'len', 'tox'"):
        fairkit.evaluate(model, str(records), engine="tfma", config=config % "")
    with pytest.raises(FairkitError, match="output is given beside a config"):
        fairkit.evaluate(model, str(records), engine="tfma", config=config % "", output="tox")


def test_a_model_that_parses_serialized_examples(records, tmp_path):
    class Parsing(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples):
            return {"score": tf.sigmoid(tf.io.parse_example(
                examples, {"a-b": tf.io.FixedLenFeature([1], tf.float32)})["a-b"])}

    module = Parsing()
    tf.saved_model.save(module, str(tmp_path / "parsing"), signatures=module.serve)
    assert rates(judged(tmp_path / "parsing", records)) == pytest.approx(by_hand(sigmoid(OTHER)))
