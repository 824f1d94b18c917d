"""Predictions read in chunks from Parquet and TFRecord files against the same examples in memory."""

import gzip
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

import fairkit
from fairkit.evaluation import read_predictions
from fairkit.evaluation.predictions_file import load_predictions, save_predictions
from fairkit.quiet import tf

THRESHOLDS = [0.1, 0.25, 0.5]
SLICES = ["gender", ("religion", "gender"), {"religion": ["muslim", "jewish"]}]
RELIGIONS = [None, ["christian"], ["muslim"], ["christian", "muslim"], ["jewish", "muslim", "none"], []]


def drawn(n, seed=0, classes=None, weighted=True):
    """A dict of columns as Python and NumPy have them."""
    rng = np.random.default_rng(seed)
    scores = rng.random(n) if classes is None else rng.dirichlet(np.ones(classes), n)
    scores = scores.astype(np.float32).astype(np.float64)  # what a TFRecord holds
    scores[::5] = THRESHOLDS[1] if classes is None else scores[0]
    return {
        "toxic": rng.integers(0, classes or 2, n),
        "score": scores,
        "gender": [[None, "female", "male"][k] for k in rng.integers(0, 3, n)],
        "religion": [RELIGIONS[k] for k in rng.integers(0, len(RELIGIONS), n)],
        "weight": rng.random(n).astype(np.float32).astype(np.float64) if weighted else None,
    }


def in_memory(columns, **asked):
    examples = fairkit.Examples(labels=columns["toxic"], weights=columns["weight"],
                                groups={name: columns[name] for name in ("gender", "religion")})
    asked = {"slices": SLICES, "thresholds": THRESHOLDS, **asked}
    return fairkit.predict(columns["score"], examples), fairkit.evaluate(columns["score"], examples, **asked)


def parquet(columns, path, **options):
    arrays = {name: pa.array(list(column) if name == "score" else column) for name, column in columns.items()
              if column is not None}
    pq.write_table(pa.table(arrays), path, **options)
    return path


def tfrecord(columns, path):
    """Rows as tf.Examples; a cell without a value leaves its feature out, or leaves it empty."""
    with tf.io.TFRecordWriter(str(path), "GZIP" if path.suffix == ".gz" else "") as writer:
        for i in range(len(columns["toxic"])):
            writer.write(example({name: column[i] for name, column in columns.items() if column is not None}))
    return path


def example(row):
    features = {}
    for name, cell in row.items():
        values = [] if cell is None else np.atleast_1d(cell).tolist()
        if values and isinstance(values[0], str):
            features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[v.encode() for v in values]))
        elif values and isinstance(values[0], float):
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        elif values:
            features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
        elif cell is not None:
            features[name] = tf.train.Feature()
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def read(path, columns, **options):
    weight = None if columns["weight"] is None else "weight"
    return read_predictions(path, label="toxic", scores="score", weight=weight, **options)


def table_of(evaluation):
    """dict of (texts of the atom, class, label, bucket) -> sums."""
    cells = evaluation.cells
    return {(cells.atoms.cells[atom], cells.classes[class_], *rest): tuple(sums) for (atom, class_, *rest), sums
            in zip(cells.keys.tolist(), cells.moments.tolist(), strict=True)}


def assert_same(chunked, whole):
    found, expected = table_of(chunked), table_of(whole)
    assert found.keys() == expected.keys()
    for key, (n, *sums) in expected.items():
        assert found[key][0] == n
        np.testing.assert_allclose(found[key][1:], sums, rtol=1e-12)
        if not whole.weighted:
            assert found[key] == (n, *sums)
    assert chunked.keys == whole.keys and chunked.weighted == whole.weighted
    np.testing.assert_allclose(chunked.cells.scores_by_atom(whole.cells.classes[0]).sum(axis=0),
                               whole.cells.scores_by_atom(whole.cells.classes[0]).sum(axis=0), rtol=1e-12)


def files_of(kind, columns, folder):
    n = len(columns["toxic"])
    if kind == "own":
        save_predictions(in_memory(columns)[0], folder / "predictions.parquet")
        return folder / "predictions.parquet"
    halves = [{name: None if column is None else column[part] for name, column in columns.items()}
              for part in (slice(0, n // 3), slice(n // 3, n))]
    for number, half in enumerate(halves):
        if kind == "parquet":
            parquet(half, folder / f"{number}.parquet", row_group_size=17)
        else:
            tfrecord(half, folder / f"scored-{number}-of-2.tfrecord{'.gz' if number else ''}")
    return folder / "*" if kind == "tfrecord" else folder


@pytest.mark.parametrize("kind", ["parquet", "own", "tfrecord"])
@pytest.mark.parametrize("classes,weighted", [(None, True), (None, False), (3, True)])
def test_chunks_on_disk_give_the_cells_of_the_examples_in_memory(kind, classes, weighted, tmp_path):
    columns = drawn(200, classes=classes, weighted=weighted)
    _, whole = in_memory(columns)
    path = files_of(kind, columns, tmp_path)
    chunks = read_predictions(path, chunk_size=30) if kind == "own" else read(path, columns, chunk_size=30)
    assert [len(chunk) for chunk in chunks][:2] == [30, 30]
    assert sum(map(len, chunks)) == 200, "they can be read again"
    assert_same(fairkit.evaluate(chunks, slices=SLICES, thresholds=THRESHOLDS), whole)
    assert_same(fairkit.evaluate((chunk for chunk in chunks), slices=SLICES, thresholds=THRESHOLDS), whole)


@pytest.mark.parametrize("kind", ["own", "parquet"])
def test_a_path_alone_is_evaluated(kind, tmp_path):
    columns = drawn(100, weighted=False)
    path = files_of(kind, {**columns}, tmp_path)
    if kind == "parquet":
        for file in tmp_path.iterdir():
            pq.write_table(pq.read_table(file).rename_columns({"toxic": "label", "score": "scores"}), file)
    assert_same(fairkit.evaluate(str(path), slices=SLICES, thresholds=THRESHOLDS), in_memory(columns)[1])


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 400), grid=st.sampled_from([0, 20]))
def test_the_area_lies_within_its_bound_of_scikit_learns(seed, size, grid):
    columns = drawn(400, seed)
    if grid:
        columns["score"] = np.round(columns["score"] * grid) / grid
    predictions, _ = in_memory(columns)
    parts = [predictions.take(np.arange(start, min(start + size, 400))) for start in range(0, 400, size)]
    evaluation = fairkit.evaluate(parts, slices=["gender"], thresholds=THRESHOLDS)
    for area, key in zip(evaluation.areas.of(evaluation.keys, evaluation.members, None), evaluation.keys, strict=True):
        rows = np.ones(400, bool) if not key else np.array([g == key[0][1] for g in columns["gender"]])
        exact = roc_auc_score(columns["toxic"][rows], columns["score"][rows], sample_weight=columns["weight"][rows])
        assert abs(area.value - exact) <= area.bound + 1e-12


@pytest.mark.parametrize("kind", ["parquet", "tfrecord"])
def test_cells_come_as_they_are_written(kind, tmp_path):
    columns = {"toxic": np.array([0, 1, 1]), "score": np.array([0.25, 0.5, 1.0]), "weight": np.array([1.0, 2.0, 0.5]),
               "gender": ["female", None, "male"], "religion": [["muslim", "jewish"], [], None], "age": [30, None, 17],
               "race": ["a|b", "", "c "]}
    path = (parquet if kind == "parquet" else tfrecord)(columns, tmp_path / f"x.{kind}")
    (chunk,) = read(path, columns, groups=["gender", "religion", "age", "race"], separator="|")
    assert chunk.labels.tolist() == [0, 1, 1] and chunk.scores.tolist() == [0.25, 0.5, 1.0]
    assert chunk.weights.tolist() == [1.0, 2.0, 0.5]
    assert chunk.groups["gender"].to_list() == ["female", None, "male"]
    assert chunk.groups["religion"].to_list() == [("jewish", "muslim"), None, None]
    assert [str(age) for age in chunk.groups["age"].to_list()] == ["30", "None", "17"]
    assert chunk.groups["race"].to_list() == [("a", "b"), None, "c"]


def test_other_columns_of_texts_are_groups(tmp_path):
    columns = {**drawn(20), "age": np.arange(20), "name": [f"n{i}" for i in range(20)]}
    chunks = read(parquet(columns, tmp_path / "x.parquet"), columns, id="name")
    assert chunks.groups == ["gender", "religion"] and next(iter(chunks)).ids.tolist() == columns["name"]
    assert "groups: gender, religion; chunks of 250,000" in repr(chunks) and "weight 'weight'" in repr(chunks)


def test_dictionary_columns_and_partitions_of_types_are_read(tmp_path):
    table = pa.table({"label": pa.array([0, 1], pa.int8()), "scores": pa.array([0.1, 0.9], pa.float32()),
                      "g": pa.array(["a", None]).dictionary_encode()})
    other = pa.table({"label": pa.array([1.0]), "scores": pa.array([[0.3]]), "g": pa.array([["a", "b"]])})
    pq.write_table(table, tmp_path / "1.parquet")
    pq.write_table(other, tmp_path / "2.parquet")
    first, second = read_predictions(tmp_path)
    assert first.groups["g"].to_list() == ["a", None] and second.groups["g"].to_list() == [("a", "b")]
    assert second.labels.tolist() == [1] and second.scores.tolist() == [0.3]


BAD_CELLS = {
    "score outside": ({"score": 1.5}, "score in column 'score' is not in [0, 1]"),
    "score not a number": ({"score": float("nan")}, "score in column 'score' is not in [0, 1]"),
    "label of no class": ({"toxic": 7}, "label in column 'toxic' is no class"),
    "negative weight": ({"weight": -1.0}, "weight in column 'weight' is out of range"),
    "score missing": ({"score": None}, "score"),
    "label missing": ({"toxic": None}, "label"),
}


@pytest.mark.parametrize("kind", ["parquet", "tfrecord"])
@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_cell_is_named_by_file_row_and_column(kind, case, tmp_path):
    bad, message = BAD_CELLS[case]
    columns = {name: list(column) for name, column in drawn(50).items()}
    for name, value in bad.items():
        columns[name][41] = value
    for part in range(2):
        half = {name: column[part * 25:part * 25 + 25] for name, column in columns.items()}
        (parquet if kind == "parquet" else tfrecord)(half, tmp_path / f"{part}.{kind}")
    with pytest.raises(fairkit.FairkitError) as raised:
        list(read(tmp_path, columns, chunk_size=40))
    assert message in str(raised.value) and f"row 16 of '{tmp_path / f'1.{kind}'}'" in str(raised.value)


@pytest.mark.parametrize("kind", ["parquet", "tfrecord"])
@pytest.mark.parametrize("given", [{"label": "toxik"}, {"scores": "scores"}, {"groups": ["gendr"]}, {"weight": "w"}])
def test_a_column_that_is_not_there_is_named_with_the_nearest(kind, given, tmp_path):
    path = (parquet if kind == "parquet" else tfrecord)(drawn(30), tmp_path / f"x.{kind}")
    with pytest.raises(fairkit.FairkitError, match="has no column") as raised:
        read_predictions(path, **{"label": "toxic", "scores": "score", **given})
    assert str(path) in str(raised.value)


def test_files_that_hold_no_predictions_are_refused(tmp_path):
    with pytest.raises(fairkit.FairkitError, match="no such file"):
        read_predictions(tmp_path / "nothing.parquet")
    with pytest.raises(fairkit.FairkitError, match="an empty folder"):
        read_predictions(tmp_path)
    (tmp_path / "empty.tfrecord").write_bytes(b"")
    with pytest.raises(fairkit.FairkitError, match="not one example"):
        read_predictions(tmp_path)
    (tmp_path / "table.csv").write_text("label,scores\n1,0.5\n")
    with pytest.raises(fairkit.FairkitError, match="begins with b'label,sc'"):
        read_predictions(tmp_path / "table.csv")
    pq.write_table(pa.table({"label": pa.array([], pa.int8()), "scores": pa.array([], pa.float64())}),
                   tmp_path / "none.parquet")
    with pytest.raises(fairkit.FairkitError, match="holds no predictions"):
        list(read_predictions(tmp_path / "none.parquet"))
    pq.write_table(pa.table({"label": ["toxic"], "scores": [0.5]}), tmp_path / "texts.parquet")
    with pytest.raises(fairkit.FairkitError, match="column 'label' holds no labels"):
        list(read_predictions(tmp_path / "texts.parquet"))


def test_a_damaged_file_is_refused(tmp_path):
    columns = drawn(300)
    path = tfrecord(columns, tmp_path / "x.tfrecord")
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(fairkit.FairkitError, match="ends within row 299"):
        list(read(path, columns))
    path.write_bytes(whole[:-40] + b"?" + whole[-39:])
    with pytest.raises(fairkit.FairkitError, match="checksum of row 299"):
        list(read(path, columns))
    (tmp_path / "y.gz").write_bytes(gzip.compress(whole)[:-50])
    with pytest.raises(fairkit.FairkitError, match="cannot be read to its end"):
        list(read(tmp_path / "y.gz", columns))
    whole = parquet(columns, tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[:len(whole) // 2])
    with pytest.raises(fairkit.FairkitError, match="no Parquet file"):
        read(tmp_path / "x.parquet", columns)


def test_an_example_of_another_type_is_named(tmp_path):
    rows = [{"label": 1, "scores": 0.5}] * 40 + [{"label": "1", "scores": 0.5}]
    with tf.io.TFRecordWriter(str(tmp_path / "x")) as writer:
        for row in rows:
            writer.write(example(row))
    with pytest.raises(fairkit.FairkitError, match="row 40 of .* is no tf.Example with features of the expected kinds"):
        list(read_predictions(tmp_path / "x"))


def test_what_was_saved_comes_back_fast_and_whole(tmp_path):
    predictions, _ = in_memory(drawn(500, classes=4))
    save_predictions(predictions, tmp_path / "predictions.parquet")
    back = load_predictions(tmp_path / "predictions.parquet")
    for name, column in predictions.groups.items():
        assert back.groups[name].to_list() == column.to_list()
    assert np.array_equal(back.scores, predictions.scores) and np.array_equal(back.ids, predictions.ids)


MEASURED = """
import pathlib, sys
import fairkit
from fairkit.evaluation import read_predictions
for path in sys.argv[2:]:
    chunks = read_predictions(path, chunk_size=int(sys.argv[1]))
    evaluation = fairkit.evaluate(chunks, slices=["gender"], thresholds=[0.5])
    peak = pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    print(int(evaluation.cells.moments[:, 0].sum()), peak)
"""


def test_memory_does_not_grow_with_the_rows(tmp_path):
    rng, n = np.random.default_rng(0), 100_000
    table = pa.table({"label": rng.integers(0, 2, n), "scores": rng.integers(0, 1001, n) / 1000,
                      "gender": pa.array(["female", "male"]).take(pa.array(rng.integers(0, 2, n)))})
    with tf.io.TFRecordWriter(str(tmp_path / "block")) as writer:
        for i in range(5000):
            writer.write(example({"label": i % 2, "scores": i % 999 / 1000, "gender": "female"}))
    block = (tmp_path / "block").read_bytes()
    for name, times in (("small", 2), ("large", 16)):
        pq.write_table(pa.concat_tables([table] * times), tmp_path / f"{name}.parquet", row_group_size=n * times)
        (tmp_path / f"{name}.tfrecord").write_bytes(block * (n * times // 5000))
    files = [tmp_path / f"{name}.{kind}" for kind in ("parquet", "tfrecord") for name in ("small", "large")]
    command = [sys.executable, "-c", MEASURED, "50000", *map(str, files)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, kilobytes = np.array([line.split() for line in shown.stdout.splitlines()], int).T
    assert rows.tolist() == [2 * n, 16 * n] * 2
    grown = np.diff(kilobytes)[[0, 2]] / 1024
    assert (grown < 50).all(), f"{grown} MB more, where holding all rows at once takes some 150"
