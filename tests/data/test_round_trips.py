"""What `fairkit.data.write` wrote, `fairkit.data.read` reads: the same examples."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import Examples
from fairkit.data.writing import to_table
from fairkit.quiet import tf

TYPED = ["parquet", "arrow"]
PLAIN = ["csv", "jsonl", "tfrecord", *TYPED]
COMPRESSED = [f"{kind}.{ending}" for kind in ("csv", "jsonl") for ending in ("gz", "bz2", "xz", "zst")]

odd_texts = st.sampled_from(["", " ", "007", "1e5", "2020-01-01", "2020-01-01T00:00:00Z", "null", "nan", "true", '"',
                             '""', "a\r\nb", "\n", "\r", ",", "\ufeff", "\\", "\\u0041", "['a', 'b']", "\u2028", "🙂",
                             "{}", "-", "'", " x "])
texts = st.one_of(odd_texts, st.text(max_size=20))
# A CSV file holds no NUL; with a separator, a group's value is what it is without blanks around it.
csv_texts = texts.filter(lambda text: "\x00" not in text)
csv_values = csv_texts.filter(lambda text: text and text == text.strip() and "|" not in text)
whole = st.integers(-2**63, 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
floats32 = st.floats(allow_nan=False, allow_infinity=False, width=32)
names = st.sampled_from(["faith", "a b", "ü", 'quo"te', "comma,", "0", "a/b", "%s"])


def cells(values, several):
    """Cells of one group column: nothing, one value, several."""
    one = st.one_of(st.none(), values)
    return st.one_of(one, st.lists(values, max_size=3)) if several else one


@st.composite
def group_columns(draw, n, kind):
    values = csv_values if kind == "csv" else texts.filter(bool)  # an empty text means no group
    kinds = [values, st.integers(-2**70, 2**70), st.booleans(), floats, st.one_of(values, st.integers(0, 9))]
    return {name: draw(st.lists(cells(draw(st.sampled_from(kinds)), draw(st.booleans())), min_size=n, max_size=n))
            for name in draw(st.lists(names, max_size=3, unique=True))}


@st.composite
def inputs(draw, n, kind):
    """None, texts, or a dict of texts, numbers and arrays, as far as the format holds them."""
    def arrays(numbers, dtype, shape=()):
        flat = draw(st.lists(numbers, min_size=n * int(np.prod(shape)), max_size=n * int(np.prod(shape))))
        return np.array(flat, dtype).reshape(n, *shape)

    shown = np.array(draw(st.lists(csv_texts if kind == "csv" else texts, min_size=n, max_size=n)), object)
    if draw(st.booleans()):
        return draw(st.sampled_from([None, shown]))
    fed = {"text": shown, "whole": arrays(whole, np.int64), "small": arrays(st.integers(0, 255), np.uint8),
           "float32": arrays(floats32, np.float32), "on": arrays(st.booleans(), bool)}
    if kind != "tfrecord":
        fed["float"] = arrays(floats, np.float64)
    if kind != "csv":
        fed |= {"vector": arrays(floats32, np.float32, (3,)), "ids": arrays(whole, np.int64, (2,))}
    if kind not in ("csv", "tfrecord"):
        fed["matrix"] = arrays(floats, np.float64, (2, 3))
    chosen = draw(st.lists(st.sampled_from(list(fed)), min_size=1, unique=True))
    return {name: fed[name] for name in chosen}


@st.composite
def examples(draw, kind):
    n = draw(st.integers(1, 6))
    classes = draw(st.sampled_from([2, 5]))
    weights = st.sampled_from([0, 1, 0.5, 3e38, 1e-30]) if kind == "tfrecord" else \
        st.one_of(st.just(0), st.floats(1e-100, 1e100))
    ids = draw(st.sampled_from([None, whole, st.text(st.characters(exclude_categories=["C"]), min_size=1)]))
    return classes, Examples(
        inputs=draw(inputs(n, kind)), labels=draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n)),
        groups=draw(group_columns(n, kind)),
        weights=np.float32(draw(st.lists(weights, min_size=n, max_size=n))).astype(float) if kind == "tfrecord" else
        draw(st.none() | st.lists(weights, min_size=n, max_size=n)),
        ids=None if ids is None else draw(st.lists(ids, min_size=n, max_size=n, unique=True)))


def read_back(source, written, classes, kind):
    fed = written.inputs
    types = {"text": str, "float": float, "float32": float}
    return fairkit.data.read(
        source, "input" if fed is not None and not isinstance(fed, dict) else None if fed is None else list(fed),
        label="label", classes=None if classes == 2 else classes, groups=list(written.groups),
        separator="|" if kind == "csv" else None, weight=None if written.weights is None else "weight",
        id=None if written.given_ids is None else "id",
        schema={name: types.get(name, int) for name in fed} if kind == "csv" and isinstance(fed, dict) else None)


def cells_of(column):
    return [{str(value) for value in (cell if isinstance(cell, tuple) else () if cell is None else (cell,))}
            for cell in column.to_list()]


def assert_same(read, written, types=False):
    assert read.labels.tolist() == written.labels.tolist()
    assert {name: cells_of(column) for name, column in read.groups.items()} == \
        {name: cells_of(column) for name, column in written.groups.items()}
    assert (read.weights is None) == (written.weights is None)
    assert written.weights is None or read.weights.tolist() == written.weights.tolist()
    assert (read.given_ids is None) == (written.given_ids is None)
    assert read.ids.astype(str).tolist() == written.ids.astype(str).tolist()
    if not isinstance(written.inputs, dict):
        assert_same_inputs(read.inputs, written.inputs, types)
        return
    assert list(read.inputs) == list(written.inputs)
    for name, part in written.inputs.items():
        assert_same_inputs(read.inputs[name], part, types)


def assert_same_inputs(read, written, types):
    if written is None:
        assert read is None
        return
    read = np.asarray(read)
    assert read.shape == written.shape and read.tolist() == written.tolist()
    if types:
        assert read.dtype == written.dtype


@pytest.mark.parametrize("kind", PLAIN)
def test_files(kind):
    @settings(max_examples=60)
    @given(examples(kind))
    def check(drawn):
        classes, written = drawn
        with tempfile.TemporaryDirectory() as folder:
            path = fairkit.data.write(written, Path(folder) / f"a.{kind}")
            assert_same(read_back(path, written, classes, kind), written, types=kind in TYPED)

    check()


@pytest.mark.parametrize("ending", [*COMPRESSED, "tfrecord.gz"])
def test_compressed_files(ending):
    kind = ending.split(".")[0]

    @settings(max_examples=8)
    @given(examples(kind))
    def check(drawn):
        classes, written = drawn
        with tempfile.TemporaryDirectory() as folder:
            path = fairkit.data.write(written, Path(folder) / f"a.{ending}")
            assert_same(read_back(path, written, classes, kind), written)

    check()


@settings(max_examples=60)
@given(examples("parquet"))
def test_arrow_tables(drawn):
    classes, written = drawn
    assert_same(read_back(to_table(written), written, classes, "arrow"), written, types=True)


@settings(max_examples=60)
@given(examples("parquet"))
def test_pandas_frames(drawn):
    classes, written = drawn
    if isinstance(written.inputs, dict):
        written.inputs.pop("matrix", None)    # pandas makes flat lists of tensors
    # Otherwise pandas makes floats of integers where one is missing, which beyond 2**53 are other numbers.
    frame = to_table(written).to_pandas(integer_object_nulls=True)
    assert_same(read_back(frame, written, classes, "pandas"), written)


@settings(max_examples=20)
@given(examples("parquet"))
def test_datasets(drawn):
    classes, written = drawn
    if written.inputs is None:
        return
    for batches in (written.batches(4, shuffle=False), written.batches(4, shuffle=False).unbatch()):
        fed = list(written.inputs) if isinstance(written.inputs, dict) else "inputs"
        read = fairkit.data.read(batches, fed, label="label", classes=None if classes == 2 else classes,
                                 weight=None if written.weights is None else "weight")
        assert_same(read, Examples(inputs=written.inputs, labels=written.labels, groups={}, weights=written.weights))


def test_datasets_of_dicts_with_groups():
    dataset = tf.data.Dataset.from_tensor_slices({
        "text": ["good", "naïve"], "label": [0, 1], "faith": tf.ragged.constant([[], ["hindu", "jewish"]], tf.string),
        "age": [17, 44]})
    for source in (dataset, dataset.ragged_batch(2)):
        read = fairkit.data.read(source, "text", label="label", groups=["faith", "age"])
        assert_same(read, Examples(inputs=["good", "naïve"], labels=[0, 1],
                                   groups={"faith": [None, ["hindu", "jewish"]], "age": [17, 44]}))


@pytest.mark.parametrize("kind", PLAIN)
def test_many_chunks_that_differ(tmp_path, kind):
    n = 80_000
    rng = np.random.default_rng(0)
    late = np.arange(n) > 60_000
    written = Examples(
        inputs=[f"text {i}\n" * (i % 3) for i in range(n)], labels=rng.integers(0, 2, n), ids=rng.permutation(n),
        weights=rng.integers(0, 9, n) / 8, groups={
            "late": [value if there else None for value, there in zip(rng.integers(0, 9, n).tolist(), late)],
            "several late": [["a", "b"] if there else "a" for there in late],
            "floats": [1.5 if there else 2.0 for there in late],
            "texts": rng.choice(["x", "y", "007"], n)})
    path = fairkit.data.write(written, tmp_path / f"a.{kind}")
    assert_same(read_back(path, written, 2, kind), written)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([(5, 4, 1), (1, 1, 3), (7, 2, 3), (3, 3, 4)]))
def test_images(seed, shape):
    images = np.random.default_rng(seed).integers(0, 256, (3, *shape), dtype=np.uint8)
    written = Examples(inputs=images, labels=[0, 1, 1], groups={"color": ["blue", None, "orange"]})
    with tempfile.TemporaryDirectory() as folder:
        for kind in PLAIN:
            path = fairkit.data.write(written, Path(folder) / f"a.{kind}")
            encoded = kind in ("csv", "tfrecord")
            read = fairkit.data.read(path, "input", label="label", groups="color", images=encoded)
            assert_same(read, written)
            again = fairkit.data.write(read, Path(folder) / f"again.{kind}")
            assert kind == "csv" or again.read_bytes() == path.read_bytes() or kind == "jsonl"
        # Lazy images, written anew: encoded in columnar files.
        lazy = fairkit.data.read(Path(folder) / "a.csv", "input", label="label", groups="color", images=True)
        for kind in TYPED:
            path = fairkit.data.write(lazy, Path(folder) / f"lazy.{kind}")
            assert_same(fairkit.data.read(path, "input", label="label", groups="color", images=True), written)


def test_a_column_that_is_input_and_group(tmp_path):
    written = Examples(inputs={"age": np.array([17, 44])}, labels=[0, 1], groups={"age": [17, 44]})
    for kind in PLAIN:
        path = fairkit.data.write(written, tmp_path / f"a.{kind}")
        assert_same(fairkit.data.read(path, ["age"], label="label", groups="age"), written)
