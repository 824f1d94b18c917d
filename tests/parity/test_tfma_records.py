"""TFMA on a model and TFRecords gives what fairkit counts on the same examples."""

import math

import numpy as np
import pytest

import fairkit
from fairkit.evaluation.tfma.records import evaluate_records_with_tfma
from fairkit.quiet import keras, tf

N, CLASSES = 400, [1, 3]
SLICES = ["color", ("color", "religion"), ({"religion": "b"},)]


def feature(value):
    values = [] if value is None else np.ravel(value).tolist()
    if values and isinstance(values[0], str):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode() for text in values]))
    if values and isinstance(values[0], int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def write_records(path, **columns):
    options = "GZIP" if str(path).endswith(".gz") else None
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for row in zip(*columns.values(), strict=True):
            features = {name: feature(value) for name, value in zip(columns, row, strict=True)
                        if value is not None and np.size(value)}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(folder with model.keras, a-*.tfrecord and b.tfrecord.gz; examples, model)."""
    pytest.importorskip("fairness_indicators")
    rng, folder = np.random.default_rng(5), tmp_path_factory.mktemp("told")
    inputs, labels = rng.normal(size=(N, 3)).astype(np.float32), rng.integers(0, 4, N)
    weights = rng.exponential(1, N).astype(np.float32)
    groups = {"color": rng.choice(["blue", "orange"], N).tolist(),
              "religion": [[None, ["a"], ["a", "b"], []][i] for i in rng.integers(0, 4, N)]}
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(4, activation="softmax")])
    fairkit.models.save(model, folder / "model.keras")
    parts = {"a-0.tfrecord": slice(0, 150), "a-1.tfrecord": slice(150, N), "b.tfrecord.gz": slice(0, 150)}
    for name, rows in parts.items():
        write_records(folder / name, x=inputs[rows], truth=labels[rows], how_often=weights[rows],
                      color=groups["color"][rows], religion=groups["religion"][rows])
    return folder, fairkit.Examples(inputs=inputs, labels=labels, groups=groups, weights=weights), model


@pytest.fixture(scope="module")
def measured(told):
    folder, _, _ = told
    return evaluate_records_with_tfma(folder / "model.keras", folder / "a-*.tfrecord", SLICES, [0.25, 0.3], CLASSES,
                                      label="truth", weight="how_often", metrics=["MeanAbsoluteError"],
                                      folder=folder / "left" / "evaluation")


def rows_of(frame):
    columns = ["slice", "class", "metric", "threshold", "value", "examples"]
    return {(name, class_id, metric, None if math.isnan(threshold) else threshold): (value, examples)
            for name, class_id, metric, threshold, value, examples in frame[columns].itertuples(index=False)}


def test_a_keras_file_on_two_files_of_records_agrees_with_counting(told, measured):
    _, examples, model = told
    predictions = fairkit.predict(model, examples)
    counted = rows_of(fairkit.evaluate(predictions, slices=SLICES, thresholds=[0.25, 0.3], classes=CLASSES).frame)
    theirs = rows_of(measured.frame)
    assert {row for row in theirs if row[2] != "mean_absolute_error"} == counted.keys()
    for row, (value, number) in counted.items():
        found, examples_of = theirs[row]
        # The exported graph rounds float32 its own way; AUC is TFMA's interpolation.
        assert found == pytest.approx(value, abs=5e-3 if row[2] == "auc" else 1e-6, nan_ok=True), row
        assert examples_of == number
    error = np.abs((predictions.labels == 3) - predictions.scores[:, 3])
    assert measured.value("mean_absolute_error", class_id=3) == pytest.approx(
        np.average(error, weights=predictions.weights), abs=1e-6)  # of several files: each part counts once


def test_the_result_tells_what_it_is(told, measured):
    from fairkit.quiet import tfma

    folder, _, _ = told
    assert measured.slices == [(), "color", ("color", "religion"), {"religion": "b"}]
    assert measured.thresholds == [0.25, 0.3] and measured.classes == CLASSES
    assert "religion:b" in set(measured.frame["slice"]) and "religion:a" not in set(measured.frame["slice"])
    assert tfma.load_eval_result(str(folder / "left" / "evaluation")).slicing_metrics
    assert measured._repr_html_()


def test_a_saved_model_and_a_config_on_compressed_records(told):
    folder, examples, model = told
    fairkit.models.export(model, folder / "saved_model")
    config = """model_specs { label_key: "truth" }
        slicing_specs { feature_keys: "color" }
        metrics_specs { metrics { class_name: "SparseCategoricalAccuracy" } metrics { class_name: "ExampleCount" } }
        options { compute_confidence_intervals { value: true } confidence_intervals { method: POISSON_BOOTSTRAP } }"""
    evaluation = evaluate_records_with_tfma(folder / "saved_model", folder / "b.tfrecord.gz", config=config)
    examples = examples.take(range(150))
    right = np.argmax(model.predict(examples.inputs, verbose=0), 1) == examples.labels
    blue = np.array([cell == "blue" for cell in examples.groups["color"].to_list()])
    assert evaluation.value("accuracy", "color:blue") == pytest.approx(right[blue].mean(), abs=1e-6)
    row = evaluation.frame.set_index(["slice", "metric"]).loc["color:blue", "accuracy"]
    assert row["lower"] < row["value"] < row["upper"] and row["examples"] == blue.sum()


@pytest.mark.parametrize("options, match", [
    ({"slices": ["colour"]}, "no feature 'colour'.*'color' .the nearest."),
    ({"slices": [{"how_often": fairkit.bins(1, 2)}]}, "TFMA slices 'how_often' by the values that it finds"),
    ({"slices": [3]}, "a slice is a feature.*3"),
    ({"label": "truht"}, "no feature 'truht'.*'truth' .the nearest."),
    ({"weight": "often"}, "no feature 'often'.*'how_often'"),
    ({"records": "c.tfrecord"}, "no records.*'a-0.tfrecord'"),
    ({"records": "model.keras"}, "the records cannot be read.*model.keras"),
    ({"records": "empty.tfrecord"}, "no records to evaluate on"),
    ({"records": "other.tfrecord"}, "no feature 'x'"),
    ({"model": "modle.keras"}, "'model.keras' .the nearest."),
    ({"model": "."}, "no SavedModel"),
    ({"classes": [4]}, "class ids from 0 to 3.*4"),
    ({"thresholds": [2]}, "outside .0, 1."),
    ({"metrics": ["Accurracy"]}, "no metric 'Accurracy'.*'Accuracy' .the nearest."),
    ({"config": "metrics_specs { metrics { class_name: 'AUCC' } }"}, "no metric 'AUCC'.*'AUC' .the nearest."),
])
def test_what_does_not_fit_is_refused(told, options, match):
    folder, _, _ = told
    (folder / "empty.tfrecord").write_bytes(b"")
    if not (folder / "other.tfrecord").exists():
        write_records(folder / "other.tfrecord", truth=[1], y=[0.5])
    asked = {"model": "model.keras", "records": "a-0.tfrecord", "label": "truth", **options}
    asked = {name: folder / value if name in ("model", "records") else value for name, value in asked.items()}
    with pytest.raises(fairkit.FairkitError, match=match) as caught:
        evaluate_records_with_tfma(**asked)
    assert "\n" not in str(caught.value)
