"""Labels in any container are the same class ids, for every entry point; what is refused is shown."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sklearn.metrics

import fairkit
from fairkit.containers import plain_values

IDS = [1, 0, 1, 1, 0, 0, 1, 0]
TRUTHS = list(map(bool, IDS))
KINDS = {
    "list": IDS, "truths": TRUTHS, "floats": [float(one) for one in IDS], "numpy truths": np.array(TRUTHS),
    "objects": np.array(IDS, object), "object truths": np.array(TRUTHS, object),
    "dropped": pd.Series([*TRUTHS, None]).dropna(), "object series": pd.Series(IDS, dtype=object),
    "numpy scalars": [np.int8(one) for one in IDS], "mixed": [*TRUTHS[:4], *IDS[4:]],
    "nullable": pd.array(IDS, "Int64"), "nullable truths": pd.Series(TRUTHS, dtype="boolean"),
    "nullable floats": pd.Series(IDS, dtype="Float32"), "category": pd.Series(IDS, dtype="category"),
    "categorical": pd.Categorical(IDS), "category of truths": pd.Series(TRUTHS, dtype="category"),
    "arrow": pa.array(IDS), "arrow truths": pa.array(TRUTHS), "arrow chunks": pa.chunked_array([IDS[:3], IDS[3:]]),
    "arrow dictionary": pa.array(IDS).dictionary_encode(), "pandas arrow": pd.Series(IDS, dtype="int64[pyarrow]"),
    "decimals": [Decimal(one) for one in IDS], "sparse": pd.Series(IDS, dtype="Sparse[int]"),
    "uint8": np.array(IDS, "u1"), "masked": np.ma.masked_array(IDS), "float16": np.array(IDS, "f2"),
}
SCORES = np.array([0.9, 0.1, 0.4, 0.8, 0.6, 0.2, 0.7, 0.3])
GROUPS = {"g": list("abababab")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_of_labels_is_the_same_for_every_entry_point(kind, tmp_path):
    labels = KINDS[kind]
    examples = fairkit.Examples(labels=labels, groups=GROUPS, inputs=SCORES[:, None])
    evaluation = fairkit.evaluate(SCORES, examples, ["g"], [0.5])
    assert evaluation.value("accuracy") == sklearn.metrics.accuracy_score(IDS, SCORES > 0.5)
    assert evaluation.predictions.labels.tolist() == IDS
    report = fairkit.bias_report(examples, facet="g", facet_values="a", predictions=SCORES, thresholds=0.5)
    assert report.value("DPL") == pytest.approx(1 / 4 - 3 / 4)
    table = {"y": labels, **GROUPS}
    assert fairkit.bias_report(table, label="y", facet="g", facet_values="a").value("DPL") == pytest.approx(-1 / 2)
    assert fairkit.analysis.describe(examples).frame["positive_share"].tolist()[0] == 0.5
    assert {len(part) for part in fairkit.remediation.min_diff_splits(examples, {"g": "a"}, None)} == {1, 3}
    assert fairkit.data.read(fairkit.data.to_table(examples), label="label").labels.tolist() == IDS
    if kind not in ("decimals", "mixed", "masked", "sparse"):   # which no frame holds as they are
        assert fairkit.data.read(pd.DataFrame({"y": np.asarray(labels) if kind == "arrow" else labels}
                                              if not isinstance(labels, (pa.Array, pa.ChunkedArray)) else
                                              {"y": labels.to_pandas()}), label="y").labels.tolist() == IDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_of_labels_is_swept(kind):
    import keras

    def network():   # of the program itself: trained in this process
        return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])

    examples = fairkit.Examples(labels=KINDS[kind], groups=GROUPS, inputs=SCORES[:, None].astype("f4"))
    swept = fairkit.sweep(network, examples, slices=["g"], methods={"weights": {"reweight": "g"}}, seeds=[0], jobs=1,
                          epochs=1, min_examples=1, validation=examples)
    assert swept.table["failed"].tolist() == [0, 0] and swept.table["candidate"].tolist() == ["control", "weights"]
    predicted = swept.predictions("control")[0]
    assert predicted.labels.tolist() == IDS
    assert swept.table["auc"].iloc[0] == pytest.approx(sklearn.metrics.roc_auc_score(IDS, predicted.scores))


@pytest.mark.parametrize("kind", ["dropped", "objects", "nullable truths", "category", "floats", "arrow truths"])
def test_a_model_is_remediated_with_labels_of_any_container(kind):
    import keras

    examples = fairkit.Examples(labels=KINDS[kind], groups=GROUPS, inputs=SCORES[:, None].astype("f4"))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    fixed = fairkit.remediate(model, examples, sensitive={"g": "a"}, nonsensitive={"g": "b"}, epochs=1, batch_size=8,
                              min_diff_batch_size=1)
    assert len(fixed.history["loss"]) == 1


@pytest.mark.parametrize(("labels", "received"), [
    (["a", "b"], "'a' in row 0"), ([0, np.nan], "nan in row 1"), ([0, 1.5], "1.5 in row 1"),
    ([1, None], "nan in row 1"),
    ([1, "1"], "'1' in row 1"), (pd.array([0, None], "Int64"), "nan in row 1"), ([0, np.inf], "inf in row 1"),
    (pd.Series([True, None]), "nan in row 1"), ([None, "a"], "None in row 0"), ([0, 2], "2 in row 1"),
    ([0, -1], "-1 in row 1"), ([0, 3.0], "3.0 in row 1"),
])
def test_what_is_no_label_is_shown(labels, received):
    import keras

    examples = fairkit.Examples(labels=labels, groups={}, inputs=np.zeros((2, 1)))
    with pytest.raises(fairkit.FairkitError, match="Expected: 0 and 1.*Received: ") as of_evaluate:
        fairkit.evaluate([0.1, 0.9], examples)
    assert str(of_evaluate.value).endswith(f"Received: {received}")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    with pytest.raises(fairkit.FairkitError) as of_remediate:
        fairkit.remediate(model, examples, epochs=1)
    assert str(of_remediate.value) == str(of_evaluate.value)


@pytest.mark.parametrize(("labels", "message"), [
    (np.eye(2), "one-hot labels .argmax"), ([[0], [1, 2]], r"class ids.*Received: \[0\] in row 0"),
    (pd.Series(pd.to_datetime(["2020-01-01"] * 2)), "not texts or numbers.*datetime64"),
    ("ab", "a str is not a column"), ({0, 1}, "a set is not a column"),
])
def test_what_is_no_column_of_labels(labels, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.evaluate([0.1, 0.9], fairkit.Examples(labels=labels, groups={}))


@pytest.mark.parametrize("weights", [[1, 2], pd.array([1, 2], "Int64"), [Decimal(1), Decimal(2)], pa.array([1.0, 2.0]),
                                     pd.Series([1, 2], dtype=object), np.ma.masked_array([1, 2])])
def test_weights_and_scores_in_any_container(weights):
    examples = fairkit.Examples(labels=[0, 1], groups={}, weights=weights)
    assert examples.weights.tolist() == [1, 2] and examples.weights.dtype == np.float64
    for scores in (pd.array([0.2, 0.9], "Float64"), pa.array([0.2, 0.9]), [Decimal("0.2"), Decimal("0.9")]):
        assert fairkit.predict(scores, examples).scores.tolist() == [0.2, 0.9]


@pytest.mark.parametrize("weights", [[1, None], pd.array([1, None], "Int64"), pa.array([1, None])])
def test_a_missing_weight_or_id_is_named(weights):
    with pytest.raises(fairkit.FairkitError, match="nan at position 1"):
        fairkit.Examples(labels=[0, 1], groups={}, weights=weights)
    with pytest.raises(fairkit.FairkitError, match="an id is missing.*row 1"):
        fairkit.Examples(labels=[0, 1], groups={}, ids=weights)


@pytest.mark.parametrize("ids", [[7, 8], pd.array([7, 8], "Int64"), pa.array([7, 8]), pd.Series([7, 8], dtype=object)])
def test_ids_of_any_container_pair_with_each_other(ids):
    examples = fairkit.Examples(labels=[0, 1], groups={}, ids=ids)
    assert examples.ids.tolist() == [7, 8] and examples.ids.dtype == np.int64
    assert plain_values("ids", pa.array(["x", "y"])).tolist() == ["x", "y"]


def test_tensors_are_labels_weights_scores_and_groups():
    import tensorflow as tf

    groups = {"g": tf.constant(["x", "y"]), "several": tf.ragged.constant([["p", "q"], []])}
    examples = fairkit.Examples(labels=tf.constant([True, False]), weights=tf.constant([1, 2]),
                                ids=tf.constant(["a", "b"]), groups=groups)
    assert examples.labels.tolist() == [True, False] and examples.given_ids.tolist() == ["a", "b"]
    assert examples.groups["g"].to_list() == ["x", "y"] and examples.groups["several"].to_list() == [("p", "q"), None]
    assert fairkit.predict(tf.constant([0.25, 1], tf.bfloat16), examples).scores.tolist() == [0.25, 1]
    with pytest.raises(fairkit.FairkitError, match="labels: a SparseTensor is not a column.*to_dense"):
        fairkit.Examples(labels=tf.sparse.from_dense([0, 1]), groups={})
