import bz2
import csv
import gzip
import io
import json
import lzma
import struct

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import fairkit
from fairkit import Examples, FairkitError
from fairkit.data.image_files import ImageFiles
from fairkit.data.writing import to_table, write
from fairkit.quiet import tf
from fairkit.texts import Texts

TEXTS = ['a "quoted", text', "two\r\nlines", "", " blanks ", "naïve 🙂\u2028"]
FAITHS = [None, ["hindu", "jewish"], "hindu", [], "sikh"]


def posts(**changed):
    columns = {"inputs": TEXTS, "labels": [0, 1, 1, 0, 1], "groups": {"faith": FAITHS, "age": [17, None, 44, 44, 17]},
               "weights": [0.1, 1, 2.5, 1e-9, 3], "ids": ["p1", "p2", "p3", "p4", "p5"]}
    return Examples(**{**columns, **changed})


class Lazy:
    """Rows made when they are asked for, and how many were asked for at once."""

    def __init__(self, rows, row):
        self.rows, self.row, self.asked = rows, row, []

    def __len__(self):
        return self.rows

    def __getitem__(self, index):
        self.asked.append(len(index))
        return np.stack([self.row(int(i)) for i in index])


def tf_examples(path, compression=None):
    records = [tf.train.Example.FromString(r.numpy()) for r in tf.data.TFRecordDataset(str(path), compression)]
    return [{name: list(getattr(feature, feature.WhichOneof("kind")).value)
             for name, feature in record.features.feature.items()} for record in records]


def test_csv_as_pythons_csv_module_reads_it(tmp_path):
    path = write(posts(), tmp_path / "posts.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
    assert [row["input"] for row in rows] == TEXTS
    assert [row["label"] for row in rows] == ["0", "1", "1", "0", "1"]
    assert [row["faith"] for row in rows] == ["", "hindu|jewish", "hindu", "", "sikh"]
    assert [row["age"] for row in rows] == ["17", "", "44", "44", "17"]
    assert [float(row["weight"]) for row in rows] == posts().weights.tolist()
    assert [row["id"] for row in rows] == ["p1", "p2", "p3", "p4", "p5"]
    assert list(rows[0]) == ["input", "label", "faith", "age", "weight", "id"]


def test_json_lines_as_pythons_json_module_reads_them(tmp_path):
    vectors = np.array([[0.1, 1e300], [-0.0, 1 / 3]])
    examples = Examples(inputs={"text": TEXTS[:2], "vector": vectors, "on": np.array([True, False])}, labels=[0, 1],
                        groups={"faith": FAITHS[:2], "age": [17, None]}, weights=[1 / 3, 1])
    path = write(examples, tmp_path / "posts.jsonl")
    assert [json.loads(line) for line in path.read_bytes().decode().removesuffix("\n").split("\n")] == [
        {"text": TEXTS[0], "vector": [0.1, 1e300], "on": 1, "label": 0, "faith": [], "age": 17, "weight": 1 / 3},
        {"text": TEXTS[1], "vector": [-0.0, 1 / 3], "on": 0, "label": 1, "faith": ["hindu", "jewish"], "age": None,
         "weight": 1}]


@pytest.mark.parametrize("ending, as_frame", [("parquet", pd.read_parquet), ("arrow", pd.read_feather)])
def test_columnar_files_as_pandas_reads_them(tmp_path, ending, as_frame):
    frame = as_frame(write(posts(), tmp_path / f"posts.{ending}"))
    assert frame["input"].tolist() == TEXTS
    assert frame["label"].dtype == np.int64 and frame["label"].tolist() == [0, 1, 1, 0, 1]
    assert [list(cell) for cell in frame["faith"]] == [[], ["hindu", "jewish"], ["hindu"], [], ["sikh"]]
    assert frame["age"].isna().tolist() == [False, True, False, False, False]
    assert frame["weight"].tolist() == posts().weights.tolist()


def test_arrays_keep_their_shape_and_type_in_columnar_files(tmp_path):
    matrices = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    examples = Examples(inputs={"m": matrices, "v": matrices[:, 0]}, labels=[0] * 4, groups={})
    table = pq.read_table(write(examples, tmp_path / "m.parquet"))
    read = table["m"].combine_chunks().to_numpy_ndarray()
    assert read.dtype == np.float32 and np.array_equal(read, matrices)
    assert np.array_equal(np.array(table["v"].to_pylist(), np.float32), matrices[:, 0])


def test_tfrecords_as_tensorflow_reads_them(tmp_path):
    vectors = np.array([[0.5, 1.5, -2.0]] * 5, np.float32)
    numbers = np.array([0, -1, 300, 2**62, -2**63])
    examples = posts(inputs={"text": TEXTS, "vector": vectors, "number": numbers, "long": numbers[:, None] // [1, 2]},
                     weights=[0.5, 1, 2.5, 3, 0])
    records = tf_examples(write(examples, tmp_path / "posts.tfrecord"))
    assert [r["text"] for r in records] == [[text.encode()] for text in TEXTS]
    assert [r["vector"] for r in records] == vectors.tolist()
    assert [r["number"] for r in records] == [[n] for n in numbers.tolist()]
    assert [r["long"] for r in records] == (numbers[:, None] // [1, 2]).tolist()
    assert [r["label"] for r in records] == [[0], [1], [1], [0], [1]]
    assert [r["faith"] for r in records] == [[], [b"hindu", b"jewish"], [b"hindu"], [], [b"sikh"]]
    assert [r["age"] for r in records] == [[b"17"], [], [b"44"], [b"44"], [b"17"]]
    assert [r["weight"] for r in records] == [[0.5], [1], [2.5], [3], [0]]
    parsed = tf.io.parse_single_example(next(iter(tf.data.TFRecordDataset(str(tmp_path / "posts.tfrecord")))),
                                        {"vector": tf.io.FixedLenFeature([3], tf.float32)})
    assert parsed["vector"].numpy().tolist() == vectors[0].tolist()


def test_features_of_every_length(tmp_path):
    texts = ["x" * size for size in (0, 1, 110, 125, 126, 127, 128, 129, 300, 16_380, 16_384, 2_100_000)]
    path = write(Examples(inputs=texts, labels=[0] * len(texts), groups={}), tmp_path / "a.tfrecord")
    assert [r["input"][0].decode() for r in tf_examples(path)] == texts


@pytest.mark.parametrize("ending, opened", [("gz", gzip.open), ("bz2", bz2.open), ("xz", lzma.open),
                                            ("zst", lambda path: pa.input_stream(path, compression="zstd"))])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_compressed_files_hold_the_same_bytes(tmp_path, kind, ending, opened):
    plain = write(posts(), tmp_path / f"posts.{kind}")
    path = write(posts(), tmp_path / f"posts.{kind}.{ending}")
    with opened(path) as file:
        assert file.read() == plain.read_bytes()
    assert write(posts(), tmp_path / f"again.{kind}.{ending}").read_bytes() == path.read_bytes()


def test_compressed_tfrecords(tmp_path):
    examples = posts(weights=None)
    assert tf_examples(write(examples, tmp_path / "a.tfrecord.gz"), "GZIP") == \
        tf_examples(write(examples, tmp_path / "a.tfrecord"))


def test_images(tmp_path):
    rng = np.random.default_rng(0)
    for shape in [(3, 5, 4), (3, 5, 4, 1), (3, 5, 4, 3), (3, 5, 4, 4)]:
        images = rng.integers(0, 256, shape, dtype=np.uint8)
        examples = Examples(inputs=images, labels=[0, 1, 2], groups={})
        path = write(examples, tmp_path / "digits.csv", overwrite=True)
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert rows[2]["input"] == "digits_images/input_000002.png"
        decoded = [np.asarray(Image.open(tmp_path / row["input"])) for row in rows]
        assert np.array_equal(decoded, images.reshape(np.shape(decoded)))
        records = tf_examples(write(examples, tmp_path / "digits.tfrecord", overwrite=True))
        decoded = [tf.io.decode_png(record["input"][0]).numpy() for record in records]
        assert np.array_equal(decoded, images.reshape(np.shape(decoded)))
        assert sorted(p.name for p in tmp_path.iterdir()) == ["digits.csv", "digits.tfrecord", "digits_images"]


def test_images_from_files_stay_encoded(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 5, 4, 3), dtype=np.uint8)
    write(Examples(inputs=images, labels=[0, 1, 2], groups={}), tmp_path / "a.csv")
    lazy = ImageFiles([f"a_images/input_00000{i}.png" for i in range(3)], tmp_path)
    table = pq.read_table(write(Examples(inputs=lazy, labels=[0, 1, 2], groups={}), tmp_path / "b.parquet"))
    assert table.schema.field("input").type == pa.binary()
    assert np.array_equal([np.asarray(Image.open(io.BytesIO(v))) for v in table["input"].to_pylist()], images)


def test_lazy_inputs_are_read_some_rows_at_a_time(tmp_path):
    lazy = Lazy(100, lambda i: np.full((256, 256), i, np.float32))    # 256 KB each
    table = pq.read_table(write(Examples(inputs=lazy, labels=np.zeros(100), groups={}), tmp_path / "a.parquet"))
    assert max(lazy.asked) <= 32 and sum(lazy.asked) == 100 + lazy.asked.count(1)
    assert table["input"].combine_chunks().to_numpy_ndarray()[:, 7, 7].tolist() == list(range(100))


def test_a_kind_takes_the_place_of_an_ending(tmp_path):
    path = write(posts(), tmp_path / "part-0.gz", kind="jsonl")
    assert len(gzip.decompress(path.read_bytes()).splitlines()) == 5
    with pytest.raises(FairkitError, match="'parquet' \\(the nearest\\)"):
        write(posts(), tmp_path / "a", kind="parket")


def test_names_are_given():
    examples = posts(inputs={"faith": TEXTS})
    table = to_table(examples, inputs={"faith": "text"}, label="y", weight="w", id="key")
    assert table.column_names == ["text", "y", "faith", "age", "w", "key"]
    with pytest.raises(FairkitError, match="no input 'fait'.*'faith' \\(the nearest\\)"):
        to_table(examples, inputs={"fait": "text"})
    with pytest.raises(FairkitError, match="two inputs would be written to one column"):
        to_table(posts(inputs={"a": TEXTS, "b": TEXTS}), inputs={"a": "b"})
    with pytest.raises(FairkitError, match="no proper name"):
        to_table(posts(), label="")


def test_an_input_that_is_also_a_group_is_one_column():
    ages = [17, 44, 44, 17, 30]
    table = to_table(Examples(inputs={"age": np.array(ages)}, labels=[0] * 5, groups={"age": list(map(str, ages))}))
    assert table.column_names == ["age", "label"] and table["age"].to_pylist() == ages


def test_group_values_keep_their_type_where_all_are_of_one():
    groups = {"int": [1, 2], "float": [1.5, 2.0], "bool": [True, None], "text": ["1", "2"], "none": [None, None],
              "mixed": [1, "a"], "several": [[1, 2], 3], "large": [2**70, 1], "whole": [1.0, 2.0]}
    types = {field.name: field.type for field in to_table(Examples(labels=[0, 1], groups=groups)).schema}
    text = pa.dictionary(pa.int32(), pa.string())
    assert types == {"label": pa.int64(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "text": text,
                     "none": text, "mixed": text, "several": pa.list_(pa.int64()), "large": text, "whole": pa.int64()}


def test_texts_over_arrow_chunks(tmp_path):
    examples = Examples(inputs=Texts(pa.chunked_array([["a", "b"], ["c"]])), labels=[0, 1, 0], groups={})
    assert to_table(examples)["input"].to_pylist() == ["a", "b", "c"]
    assert [r["input"] for r in tf_examples(write(examples, tmp_path / "a.tfrecord"))] == [[b"a"], [b"b"], [b"c"]]
    lines = write(examples, tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["input"] for line in lines] == ["a", "b", "c"]


def test_columns_that_are_not_there():
    assert to_table(Examples(labels=[True, False], groups={})).to_pydict() == {"label": [1, 0]}
    assert to_table(Examples(labels=[0.0, 2.0], groups={})).schema.field("label").type == pa.int64()
    assert to_table(Examples(labels=["good", "bad"], groups={})).to_pydict() == {"label": ["good", "bad"]}


def test_many_chunks(tmp_path):
    n = 70_000
    rng = np.random.default_rng(0)
    examples = Examples(inputs=rng.random(n), labels=rng.integers(0, 2, n), groups={"g": rng.integers(0, 5, n)},
                        weights=rng.random(n).astype(np.float32))
    frame = to_table(examples).to_pandas()
    assert np.array_equal(frame["input"], examples.inputs) and np.array_equal(frame["g"].astype(str).astype(int),
                                                                              examples.groups["g"].to_list())
    read = pd.read_csv(write(examples, tmp_path / "a.csv"), float_precision="round_trip")
    assert np.array_equal(read["input"], examples.inputs) and np.array_equal(read["label"], examples.labels)
    lines = write(examples, tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["input"] for line in lines] == examples.inputs.tolist()
    path = write(Examples(labels=examples.labels, groups=examples.groups, weights=examples.weights),
                 tmp_path / "a.tfrecord")
    data = path.read_bytes()
    position = count = 0
    while position < len(data):    # the framing, by hand
        position += 16 + struct.unpack_from("<Q", data, position)[0]
        count += 1
    assert count == n and position == len(data)


def test_public_names():
    assert fairkit.data.write is write and fairkit.data.to_table is to_table
