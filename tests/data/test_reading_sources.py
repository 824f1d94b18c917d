"""Every source that `fairkit.data.read` takes, written by other libraries than fairkit."""

import bz2
import gzip
import json
import lzma
import shutil
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import feather

import fairkit
from fairkit.quiet import tf

N = 3000
FRAME = pd.DataFrame({
    "text": [f"comment {i} 😂, \"{'x' * (i % 90)}\"" for i in range(N)],
    "verdict": np.resize(["fine", "rude", "fine"], N),
    "faith": [[[], ["hindu"], ["hindu", "jewish"]][i % 3] for i in range(N)],
    "age": np.resize([17, 30, 64], N),
    "weight": np.resize([1.0, 0.5, 2.25], N),
    "n": [f"id {i}" for i in range(N)],
})
ASKED = {"label": "verdict", "positive": "rude", "groups": ["faith", "age"], "weight": "weight", "id": "n"}


def features(row):
    of_bytes = {name: [row[name].encode()] for name in ("text", "verdict", "n")}
    of_bytes["faith"] = [value.encode() for value in row["faith"]]
    made = {name: tf.train.Feature(bytes_list=tf.train.BytesList(value=cells)) for name, cells in of_bytes.items()}
    made["age"] = tf.train.Feature(int64_list=tf.train.Int64List(value=[row["age"]]))
    made["weight"] = tf.train.Feature(float_list=tf.train.FloatList(value=[row["weight"]]))
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()


def flat():
    return FRAME.assign(faith=["|".join(cell) for cell in FRAME.faith])


def write_records(path):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in FRAME.to_dict("records"):
            writer.write(features(row))


WRITERS = {
    "csv": lambda path: flat().to_csv(path, index=False),
    "tsv": lambda path: flat().to_csv(path, index=False, sep="\t"),
    "jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "parquet": FRAME.to_parquet,
    "feather": lambda path: feather.write_feather(FRAME, path, compression="zstd"),
    "tfrecord": write_records,
}
SEPARATOR = {"csv": {"separator": "|"}, "tsv": {"separator": "|"}}


@pytest.fixture(scope="module", params=WRITERS)
def written(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / f"posts.{request.param}"
    WRITERS[request.param](path)
    return path


def check(examples, rows=N):
    """That these are the first rows of the frame."""
    assert np.asarray(examples.inputs).tolist() == FRAME.text[:rows].tolist()
    np.testing.assert_array_equal(examples.labels, FRAME.verdict[:rows] == "rude")
    assert examples.labels.dtype == np.int64
    cells = [None if not cell else cell[0] if len(cell) == 1 else tuple(cell) for cell in FRAME.faith[:rows]]
    assert examples.groups["faith"].to_list() == cells
    assert [str(cell) for cell in examples.groups["age"].to_list()] == FRAME.age[:rows].astype(str).tolist()
    np.testing.assert_array_equal(examples.weights, FRAME.weight[:rows])
    assert examples.ids.tolist() == FRAME.n[:rows].tolist()


def read(source, like="", **more):
    return fairkit.data.read(source, "text", **ASKED, **SEPARATOR.get(like, {}), **more)


def test_every_kind_of_file(written):
    check(read(written, written.suffix[1:]))


def test_the_content_tells_the_kind_where_the_ending_does_not(written, tmp_path):
    if written.suffix == ".tsv":
        pytest.skip("nothing but the ending tells tabs from commas")
    plain = tmp_path / "posts"
    shutil.copy(written, plain)
    check(read(plain, written.suffix[1:]))


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst", ".zip"])
def test_compressed_files(written, tmp_path, ending):
    path = tmp_path / f"{written.name}{ending}"
    if ending == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(written, written.name)
    elif ending == ".zst":
        path.write_bytes(pa.compress(written.read_bytes(), "zstd", asbytes=True))
    else:
        path.write_bytes({".gz": gzip, ".bz2": bz2, ".xz": lzma}[ending].compress(written.read_bytes()))
    if written.suffix in (".parquet", ".feather"):
        with pytest.raises(fairkit.FairkitError, match="compressed as a whole"):
            read(path)
    else:
        check(read(path, written.suffix[1:]))
        path.write_bytes(path.read_bytes()[:-200])
        with pytest.raises(fairkit.FairkitError, match="cannot be read|whole|ends within"):
            read(path, written.suffix[1:])


def test_several_files(written, tmp_path):
    like = written.suffix[1:]
    for number in (1, 2):
        shutil.copy(written, tmp_path / f"part-{number}{written.suffix}")
    asked = {name: value for name, value in ASKED.items() if name != "id"} | SEPARATOR.get(like, {})
    for source in (tmp_path, str(tmp_path / "part-*")):
        examples = fairkit.data.read(source, "text", **asked)
        assert len(examples) == 2 * N
        np.testing.assert_array_equal(examples.labels, np.tile(FRAME.verdict == "rude", 2))
    with pytest.raises(fairkit.FairkitError, match="not distinct.*as in row"):
        read(tmp_path, like)


def test_frames_and_tables():
    check(read(FRAME))
    check(read(FRAME.convert_dtypes(dtype_backend="pyarrow")))
    check(read(FRAME.assign(verdict=FRAME.verdict.astype("category"))))
    check(read(pa.Table.from_pandas(FRAME)))
    check(read(pa.Table.from_pandas(FRAME).to_reader(max_chunksize=100)))
    mixed = FRAME.assign(faith=[cell[0] if len(cell) == 1 else set(cell) for cell in FRAME.faith])
    check(read(mixed))


def test_datasets_of_dicts_batched_or_not():
    columns = {name: FRAME[name].to_list() for name in ("text", "verdict", "age", "weight", "n")}
    columns["faith"] = tf.ragged.constant(FRAME.faith.to_list(), dtype=tf.string)
    dataset = tf.data.Dataset.from_tensor_slices(columns)
    check(read(dataset))
    check(read(dataset.batch(128)))
    check(read(dataset.take(7)), 7)
    with pytest.raises(fairkit.FairkitError, match="never ends"):
        read(dataset.repeat())


def test_datasets_as_keras_takes_them():
    images = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3)
    examples = fairkit.Examples(inputs=images, labels=[0, 1, 1, 0], groups={}, weights=[1, 2, 3, 4.5])
    for shuffled in (examples.batches(3, shuffle=False), examples.batches(3, shuffle=False).unbatch()):
        read_back = fairkit.data.read(shuffled, "inputs", label="label", weight="weight")
        np.testing.assert_array_equal(read_back.inputs, images)
        assert read_back.labels.tolist() == [0, 1, 1, 0] and read_back.weights.tolist() == [1, 2, 3, 4.5]
    named = tf.data.Dataset.from_tensor_slices(({"a": [1, 2], "b": ["x", "y"]}, [0, 1]))
    several = fairkit.data.read(named, ["a", "b"], label="label").inputs
    assert several["a"].tolist() == [1, 2] and several["b"].tolist() == ["x", "y"]


def test_tf_examples_by_a_given_schema(tmp_path):
    path, image = tmp_path / "images.tfrecord", np.arange(2 * 12).reshape(2, 2, 3, 2)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row, pixels in enumerate(image):
            made = {"pixels": tf.train.Feature(int64_list=tf.train.Int64List(value=pixels.reshape(-1))),
                    "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[row]))}
            writer.write(tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString())
    schema = {"pixels": tf.io.FixedLenFeature([2, 3, 2], tf.int64), "label": tf.io.FixedLenFeature([], tf.int64)}
    np.testing.assert_array_equal(fairkit.data.read(path, "pixels", label="label", schema=schema).inputs, image)
    flat_pixels = fairkit.data.read(path, "pixels", label="label", schema={"pixels": "int64", "label": tf.int64}).inputs
    np.testing.assert_array_equal(flat_pixels, image.reshape(2, 12))
    wrong = schema | {"pixels": tf.io.FixedLenFeature([2, 3], tf.int64)}
    for odd, message in ((wrong, "another size than its schema.*12 values, row 0"), ({"label": "colour"}, "no feature"),
                         ({"label": tf.complex64}, "complex64"), ("label", "none of TFRecords")):
        with pytest.raises(fairkit.FairkitError, match=message):
            fairkit.data.read(path, "pixels" if odd is wrong else None, label="label", schema=odd)


def test_rare_keys_and_features_are_looked_for(tmp_path):
    path = tmp_path / "rare.jsonl"
    path.write_text('{"y": 1}\n' * 2000 + '{"y": 0, "g": "late"}\n')
    assert fairkit.data.read(path, label="y", groups="g").groups["g"].to_list()[-2:] == [None, "late"]


def test_types_that_widen_in_later_lines(tmp_path):
    path = tmp_path / "wide.jsonl"
    path.write_text('{"y": 1, "x": 2, "g": "a", "v": [1]}\n' * 1500
                    + '{"y": 0, "x": 2.5, "g": ["b", "c"], "v": [0.5]}\n')
    examples = fairkit.data.read(path, ["x", "v"], label="y", groups="g")
    assert examples.inputs["x"].tolist() == [2] * 1500 + [2.5]
    assert examples.inputs["v"].tolist()[-2:] == [1, 0.5]
    assert examples.groups["g"].to_list()[-2:] == ["a", ("b", "c")]


def test_dates_in_json_stay_texts(tmp_path):
    path = tmp_path / "dates.jsonl"
    path.write_text('{"y": 1, "day": "2020-01-01"}\n{"y": 0, "day": "2021-02-03"}\n')
    assert fairkit.data.read(path, label="y", groups="day").groups["day"].to_list() == ["2020-01-01", "2021-02-03"]


def test_other_delimiters_and_encodings(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_bytes("text;y\ncafé;1\nthé;0\n".encode("cp1252"))
    with pytest.raises(fairkit.FairkitError, match="a single column, 'text;y'.*delimiter=';'"):
        fairkit.data.read(path, "text", label="y")
    with pytest.raises(fairkit.FairkitError, match="column 'text' is no text in UTF-8.*encoding=.*row 2"):
        fairkit.data.read(path, "text", label="y", delimiter=";")
    examples = fairkit.data.read(path, "text", label="y", delimiter=";", encoding="cp1252")
    assert examples.inputs.tolist() == ["café", "thé"] and examples.labels.tolist() == [1, 0]
    path.write_bytes("text,y\ncafé,1\nthé,0\n".encode("utf-16"))
    assert fairkit.data.read(path, "text", label="y", encoding="utf-16").inputs.tolist() == ["café", "thé"]
    for options, message in (({"encoding": "utf-99"}, "no such encoding"), ({"delimiter": ";;"}, "no character")):
        with pytest.raises(fairkit.FairkitError, match=message):
            fairkit.data.read(path, "text", label="y", **options)


@pytest.mark.parametrize(("name", "content", "message"), [
    ("a.parquet", b"y\n1\n", "is no Parquet file.*begins with b'y"),
    ("a.parquet", b"PAR1 and no more", "cannot be read.*whole Parquet"),
    ("a.arrow", b"ARROW1 and no more", "cannot be read.*whole Arrow"),
    ("a.tfrecord", b"\x00" * 20, "is no TFRecords file"),
    ("a.csv", b"", "is empty"),
    ("a.jsonl", b"[1, 2]\n", "JSON array of something else"),
    ("a.jsonl", b"hello\n", "no JSON Lines.*'hello"),
    ("a.bin", b"\x00\x01\x02\x03", "no kind that can be read"),
    ("a.json", b"[{\"y\": 1}", "an end behind row 1"),
])
def test_files_that_cannot_be_read(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.read(path, label="y")


def test_files_of_several_kinds_and_columns(tmp_path):
    (tmp_path / "a.csv").write_text("y\n1\n")
    (tmp_path / "b.jsonl").write_text('{"y": 1}\n')
    with pytest.raises(fairkit.FairkitError, match="several kinds"):
        fairkit.data.read(tmp_path, label="y")
    (tmp_path / "b.jsonl").unlink()
    (tmp_path / "b.csv").write_text("z\n1\n")
    with pytest.raises(fairkit.FairkitError, match="other columns than the first file"):
        fairkit.data.read(tmp_path, label="y")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(tmp_path / "a.csv"), archive.write(tmp_path / "b.csv")
    with pytest.raises(fairkit.FairkitError, match="does not hold one file"):
        fairkit.data.read(tmp_path / "c.zip", label="y")


@pytest.mark.parametrize("source", [7, None, {"y": [1]}, [1, 2]])
def test_what_is_no_source(source):
    with pytest.raises(fairkit.FairkitError, match="cannot be read from this"):
        fairkit.data.read(source, label="y")


def test_nothing_larger_than_the_free_memory_is_read(written, tmp_path, monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 10_000}))
    with pytest.raises(fairkit.FairkitError, match="does not fit into memory.*at most 10 kB"):
        read(written, written.suffix[1:])
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"y\n" + b"1\n" * 100_000))
    assert bomb.stat().st_size < 10_000
    with pytest.raises(fairkit.FairkitError, match="does not fit into memory"):
        fairkit.data.read(bomb, label="y")


def test_the_same_as_arrow_and_json_read(written):
    """Against the plain readers of Arrow and Python, cell by cell."""
    if written.suffix == ".csv":
        rows = arrow_csv.read_csv(written, parse_options=arrow_csv.ParseOptions(newlines_in_values=True)).to_pylist()
    elif written.suffix == ".jsonl":
        rows = [json.loads(line) for line in written.read_text().splitlines()]
    else:
        pytest.skip("CSV and JSON Lines")
    assert np.asarray(read(written, written.suffix[1:]).inputs).tolist() == [row["text"] for row in rows]
