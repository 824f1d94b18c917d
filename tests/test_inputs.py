"""Inputs in every container: what has one meaning is held so, missing cells are named, and all else is refused."""

import datetime
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import fairkit

NAN = float("nan")
LABELS, GROUPS = [0, 1, 0, 1], {"g": list("abab")}
NUMBERS = [1.5, 2.0, -3.0, 0.0]
TEXTS = ["a", "", "blü", "d e"]


def made(inputs, **more):
    return fairkit.Examples(labels=LABELS, groups=GROUPS, inputs=inputs, **more)


def numbers():
    import tensorflow as tf

    return {"list": NUMBERS, "tuple": tuple(NUMBERS), "array": np.array(NUMBERS), "objects": np.array(NUMBERS, object),
            "big endian": np.array(NUMBERS, ">f8"), "long": np.array(NUMBERS, "g"),
            "series": pd.Series(NUMBERS, index=[9] * 4),
            "nullable": pd.array(NUMBERS, "Float64"), "category": pd.Series(NUMBERS, dtype="category"),
            "sparse column": pd.Series(NUMBERS, dtype="Sparse[float]"), "decimals": list(map(Decimal, NUMBERS)),
            "arrow": pa.array(NUMBERS), "arrow chunks": pa.chunked_array([NUMBERS[:1], NUMBERS[1:]]),
            "arrow decimals": pa.array(list(map(Decimal, NUMBERS))),
            "arrow dictionary": pa.array(NUMBERS).dictionary_encode(),
            "pandas arrow": pd.Series(NUMBERS, dtype="double[pyarrow]"), "tensor": tf.constant(NUMBERS),
            "variable": tf.Variable(NUMBERS), "bfloat16": tf.constant(NUMBERS, tf.bfloat16), "index": pd.Index(NUMBERS),
            "masked": np.ma.masked_array(NUMBERS), "scalars": [np.float32(one) for one in NUMBERS],
            "tensors": [tf.constant(one) for one in NUMBERS]}


def texts():
    import tensorflow as tf

    return {"list": TEXTS, "array": np.array(TEXTS), "objects": np.array(TEXTS, object),
            "bytes": [t.encode() for t in TEXTS],
            "series": pd.Series(TEXTS), "string": pd.array(TEXTS, "string"),
            "category": pd.Series(TEXTS, dtype="category"),
            "arrow": pa.array(TEXTS), "arrow large": pa.array(TEXTS, pa.large_string()),
            "arrow view": pa.array(TEXTS, pa.string_view()),
            "arrow dictionary": pa.array(TEXTS).dictionary_encode(),
            "pandas arrow": pd.Series(TEXTS, dtype="string[pyarrow]"),
            "tensor": tf.constant(TEXTS), "numpy texts": [np.str_(t) for t in TEXTS]}


def vectors():
    import tensorflow as tf

    rows = [[1, 2], [3, 4], [5, 6], [7, 8]]
    return {"lists": rows, "tuples": tuple(map(tuple, rows)), "arrays": list(map(np.array, rows)),
            "array": np.array(rows),
            "array of objects": np.array(rows, object), "series of lists": pd.Series(rows),
            "arrow lists": pa.array(rows),
            "arrow fixed": pa.array(rows, pa.list_(pa.int64(), 2)), "tensor": tf.constant(rows),
            "tensors": list(map(tf.constant, rows)),
            "ragged": tf.ragged.constant(rows),
            "arrow tensors": pa.FixedShapeTensorArray.from_numpy_ndarray(np.array(rows)),
            "series of arrays": pd.Series(list(map(np.array, rows)))}


@pytest.mark.parametrize(("kinds", "expected"), [(numbers, NUMBERS), (texts, TEXTS),
                                                 (vectors, [[1, 2], [3, 4], [5, 6], [7, 8]])])
def test_what_has_one_meaning_is_held_so_and_does_everything(kinds, expected, tmp_path):
    for kind, inputs in kinds().items():
        for held, part in ((made(inputs).inputs, lambda x: x), (made({"x": inputs}).inputs, lambda x: x["x"]),
                           (made({"deep": {"x": inputs}}).inputs, lambda x: x["deep/x"]),
                           (made((np.zeros(4), np.asarray(made(inputs).inputs))).inputs, lambda x: x["1"])):
            assert np.asarray(part(held)).tolist() == expected, kind
        examples = made(inputs)
        scored = fairkit.evaluate(lambda given, n=4: np.linspace(0, 1, len(given)), examples, ["g"], [0.5])
        assert scored.value("example_count", "g:a") == 2
        assert np.asarray(examples.where({"g": "b"}).inputs).tolist() == expected[1::2]
        parts = [np.asarray(part.inputs).tolist() for part in examples.split(0.5)]
        assert sorted([*parts[0], *parts[1]]) == sorted(expected)
        path = fairkit.data.write(examples, tmp_path / "a.jsonl", overwrite=True)
        assert np.asarray(fairkit.data.read(path, "input", label="label").inputs).tolist() == expected, kind
        batch = next(iter(examples.batches(4, shuffle=False)))[0].numpy().tolist()
        assert [b.decode() if isinstance(b, bytes) else b for b in batch] == expected, kind


def test_a_model_is_evaluated_and_remediated_on_tensors_and_arrow():
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    for inputs in numbers().values():
        examples = made(inputs)
        assert fairkit.evaluate(model, examples).value("example_count") == 4
        assert fairkit.remediate(model, examples, reweight="g", epochs=1, batch_size=4).model is not None


MISSING = [None, NAN, pd.NA, pd.NaT, Decimal("NaN"), np.datetime64("NaT"), np.float32("nan")]


@pytest.mark.parametrize("nothing", MISSING, ids=repr)
@pytest.mark.parametrize("others", [["a", "b", "c"], [1, 2, 3], [1.5, 2.5, 3.5], [True, False, True], [Decimal(1)] * 3,
                                    [b"a", b"b", b"c"]], ids=repr)
def test_a_missing_cell_is_found_and_named_in_every_container(nothing, others):
    cells = [others[0], nothing, *others[1:]]
    objects = np.empty(4, object)
    objects[:] = cells
    for inputs, where in ((cells, "row 1$"), (tuple(cells), "row 1$"), (objects, "row 1$"),
                          (pd.Series(cells, dtype=object), "row 1$"), ({"x": cells}, "row 1 of column 'x'$"),
                          (pd.DataFrame({"w": [1] * 4, "x": pd.Series(cells, dtype=object)}), "row 1 of column 'x'$"),
                          ({"deep": {"x": cells}}, "row 1 of column 'deep/x'$"),
                          ([[0, one] for one in cells], "row 1, position 1$")):
        with pytest.raises(fairkit.FairkitError, match=rf"missing_inputs='keep'.*Received: nothing in {where}"):
            made(inputs)
    kept = made(cells, missing_inputs="keep").inputs
    assert kept[1] == "" if isinstance(others[0], (str, bytes)) else np.isnan(kept[1])
    assert made({"x": cells}, missing_inputs="keep").take([1]).inputs["x"].tolist()[0] == "" or np.isnan(kept[1])


@pytest.mark.parametrize("inputs", [
    pd.array(["a", None, "b", "c"], "string"), pd.Series(["a", None, "b", "c"], dtype="category"),
    pa.array(["a", None, "b", "c"]),
    pd.array([1, None, 2, 3], "Int64"), pd.Series([1, None, 2, 3], dtype="int64[pyarrow]"),
    pa.array([1.5, None, 2, 3]), pa.array([True, None, False, True]), pa.array([[1, 2], None, [3, 4], [5, 6]]),
    np.ma.masked_array([1, 2, 3, 4], [0, 1, 0, 0]), np.ma.masked_array(list("abcd"), [0, 1, 0, 0]),
    np.array([0, NAN, np.inf, -np.inf]),
    np.array([1, NAN, 2, 3], "f4"), pd.Series([1, NAN, 2, 3], dtype="Sparse[float]"),
    pa.array(["a", None, "b", "c"]).dictionary_encode(),
    pd.array([True, None, False, True], "boolean")],
    ids=lambda inputs: f"{type(inputs).__name__} {getattr(inputs, 'dtype', '')}")
def test_a_missing_cell_of_a_typed_column_is_named_or_kept(inputs):
    with pytest.raises(fairkit.FairkitError, match="an input is missing.*nothing in row 1$"):
        made(inputs)
    kept = np.asarray(made(inputs, missing_inputs="keep").inputs)
    assert kept[1] == "" if kept.dtype.kind == "O" else np.isnan(kept[1]).all()


@given(st.lists(st.one_of(st.sampled_from(["nan", "None", "", "a", "<NA>", "NaT"])), min_size=1, max_size=8))
def test_texts_that_look_like_nothing_are_texts(cells):
    for inputs in (cells, np.array(cells), pd.Series(cells), pa.array(cells)):
        assert np.asarray(fairkit.Examples(labels=[0] * len(cells), groups={}, inputs=inputs).inputs).tolist() == cells


def test_several_missing_rows_are_counted_and_the_way_out_is_walked():
    with pytest.raises(fairkit.FairkitError, match=r"nothing in row 0 of column 'age' \(2 such rows\)"):
        made(pd.DataFrame({"age": [NAN, 1, NAN, 2], "job": list("abcd")}))
    frame = pd.DataFrame({"age": [NAN, 1, NAN, 2], "job": ["a", None, "c", "d"]})
    kept = made(frame, missing_inputs="keep")
    model = fairkit.models.tabular_classifier(kept.inputs)
    assert fairkit.evaluate(model, kept).value("example_count") == 4
    read = fairkit.data.read(frame.assign(y=LABELS), ["age", "job"], label="y", missing_inputs="keep")
    np.testing.assert_array_equal(read.inputs["age"], kept.inputs["age"])
    assert list(read.inputs["job"]) == list(kept.inputs["job"])
    with pytest.raises(fairkit.FairkitError, match="no such way with missing inputs.*'keep'"):
        made(frame, missing_inputs="keeep")


@pytest.mark.parametrize(("inputs", "message"), [
    (scipy.sparse.csr_matrix(np.eye(4)), r"sparse matrix.*toarray\(\).*csr_matrix of shape \(4, 4\)"),
    (scipy.sparse.coo_array(np.eye(4)), "sparse matrix.*toarray"),
    ([[1, 2], [3], [4, 5], [6, 7]], r"different sizes.*pad_sequences.*\(2,\) in row 0, \(1,\) in row 1"),
    (pa.array([[1, 2], [3], [4, 5], [6, 7]]), "different sizes.*row 1"),
    ([np.zeros(2), np.zeros(3)] * 2, "different sizes"),
    ([datetime.date(2020, 1, 1)] * 4, "cannot be fed.*years"), (np.zeros(4, "M8[D]"), "cannot be fed.*datetime64"),
    (pd.Series(pd.to_datetime(["2020"] * 4)), "cannot be fed"),
    (pa.array([datetime.date(2020, 1, 1)] * 4), "cannot be fed"),
    (np.zeros(4, complex), "cannot be fed.*complex128"), ("abcd", "a str is not a column"),
    ({1, 2, 3, 4}, "a set is not"),
    ([2**70] * 4, "64 bits"), ([{"a": 1}] * 4, "a number or a text in each cell"),
    (np.array(3.0), "one value is not a column"), ([1, 2], "another length.*4 rows.*Received: 2"),
    ({"x": [1, 2]}, "input 'x' has another length"),
    ((np.zeros(4), np.zeros(3)), "different sizes|another length"),
    (pd.DataFrame({"x": [1, 2]}), "another length"), (iter([1]), "cannot be indexed"), (5, "cannot be indexed"),
])
def test_what_has_no_one_meaning_is_refused_by_name(inputs, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        made(inputs)


def test_tensors_without_one_meaning_are_refused_by_name():
    import keras
    import tensorflow as tf

    for inputs, message in (
            (tf.sparse.from_dense(np.eye(4)), "SparseTensor is not a column.*tf.sparse.to_dense"),
            (tf.ragged.constant([[1, 2], [3], [4], [5]]), "different sizes.*to_tensor"),
            (keras.Input((1,)), "KerasTensor cannot become an array"),
            (tf.data.Dataset.range(4), r"a data set is not an array.*fairkit.data.read")):
        with pytest.raises(fairkit.FairkitError, match=message):
            made(inputs)
    assert made(tf.sparse.to_dense(tf.sparse.from_dense(np.eye(4)))).inputs.shape == (4, 4)
    assert made(tf.ragged.constant([[1, 2], [3], [4], [5]]).to_tensor()).inputs.shape == (4, 2)


@pytest.mark.parametrize("inputs", [(np.arange(4), np.arange(8).reshape(4, 2)), [np.arange(4), np.arange(8).reshape(4,
                                                                                                                    2)],
                                    (pd.Series(range(4)), pa.array(["a", "b", "c", "d"])), (np.arange(4),) * 4])
def test_several_inputs_without_names_are_taken_and_split_together(inputs):
    examples = made(inputs)
    assert list(examples.inputs) == list(map(str, range(len(inputs))))
    assert [len(part) for part in examples.where({"g": "a"}).inputs.values()] == [2] * len(inputs)
    assert [len(part) for part in examples.split(0.25)[0].inputs.values()] == [1] * len(inputs)
    assert fairkit.predict(lambda given: np.asarray(given[0]) / 4, examples).scores.tolist() == [0, 0.25, 0.5, 0.75]
    assert fairkit.data.to_table(examples).column_names[:len(inputs)] == list(map(str, range(len(inputs))))


def test_rows_that_are_arrays_are_one_input():
    assert made([np.arange(4)] * 4).inputs.shape == (4, 4) and made([np.arange(2)] * 4).inputs.shape == (4, 2)


def test_other_readers_stay_as_they_are(tmp_path):
    class Reader:
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return np.asarray(index) * 1.0

    reader, mapped = Reader(), np.memmap(tmp_path / "a", "f4", "w+", shape=(4, 2))
    assert made(reader).inputs is reader and made(mapped).inputs is mapped
    whole = np.array(TEXTS, object)
    assert made(whole).inputs is whole   # no copy of what is as it has to be


def test_tensorflow_is_not_imported_to_hold_inputs():
    code = ("import sys, numpy, pandas, pyarrow, fairkit\n"
            "for inputs in ([1, 2], ['a'] * 2, numpy.zeros((2, 2)), pandas.Series([1, 2]), pyarrow.array(['a'] * 2)):\n"
            "    fairkit.Examples(labels=[0, 1], groups={}, inputs=inputs)\n"
            "assert 'tensorflow' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_bytes_that_are_no_text_stay_bytes():
    """As serialized tf.Examples are."""
    held = fairkit.Examples(labels=[0, 1], groups={}, inputs=[b"\xff\x00", "é".encode()]).inputs
    assert held.tolist() == [b"\xff\x00", "é"]
