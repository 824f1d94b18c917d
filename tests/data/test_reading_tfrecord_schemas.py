"""TFRecords by a user's schema, beside TensorFlow's own parsing."""

import numpy as np
import pytest

import fairkit
from fairkit.quiet import tf


def feature(value):
    values = value if isinstance(value, list) else [value]
    if values and isinstance(values[0], str):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[one.encode() for one in values]))
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def write(path, rows):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in rows:
            made = {name: feature(value) for name, value in row.items()}
            writer.write(tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString())
    return path


def test_defaults_are_those_of_tensorflow(tmp_path):
    rows = [{"y": 1, "v": [1.0, 2.0], "g": "a", "w": 2.0}, {"y": 0}, {"v": [5.0, 6.0], "g": "b"}, {"g": "c", "w": 0.5}]
    path = write(tmp_path / "some.tfrecord", rows)
    schema = {"y": tf.io.FixedLenFeature([], tf.int64, default_value=1),
              "v": tf.io.FixedLenFeature([2], tf.float32, default_value=[-1.0, -2.0]),
              "g": tf.io.FixedLenFeature([], tf.string, default_value="nobody"),
              "w": tf.io.FixedLenFeature([1], tf.float32, default_value=[0.25])}
    examples = fairkit.data.read(path, "v", label="y", groups="g", schema=schema)
    serialized = [record.numpy() for record in tf.data.TFRecordDataset(str(path))]
    expected = tf.io.parse_example(serialized, schema)
    np.testing.assert_array_equal(examples.inputs, expected["v"])
    np.testing.assert_array_equal(examples.labels, expected["y"])
    assert examples.groups["g"].to_list() == [cell.decode() for cell in expected["g"].numpy()]


def test_a_value_key(tmp_path):
    path = write(tmp_path / "some.tfrecord", [{"y": 1, "tags": ["a", "b"]}, {"y": 0}])
    schema = {"y": tf.int64, "g": tf.io.RaggedFeature(tf.string, value_key="tags"),
              "h": tf.io.VarLenFeature(tf.string)}
    assert fairkit.data.read(path, label="y", groups="g", schema=schema).groups["g"].to_list() == [("a", "b"), None]


@pytest.mark.parametrize(("given", "message"), [
    (tf.io.RaggedFeature(tf.int64, partitions=[tf.io.RaggedFeature.RowSplits("s")]), "'v' cannot be read"),
    (tf.io.SparseFeature("i", "v", tf.int64, 3), "'v' cannot be read"),
    (tf.io.FixedLenFeature([None], tf.int64), "'v' has no whole shape.*VarLenFeature"),
    (tf.io.FixedLenFeature(None, tf.int64), "'v' has no whole shape"),
    (tf.io.FixedLenFeature([2], tf.int64, default_value=[1, 2, 3]), "default_value of 'v'"),
    (tf.io.FixedLenFeature([2], tf.int64, default_value="a"), "default_value of 'v'"),
])
def test_schemas_that_are_refused(tmp_path, given, message):
    path = write(tmp_path / "some.tfrecord", [{"y": 1, "v": [1, 2]}])
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.read(path, "v", label="y", schema={"y": tf.int64, "v": given})


def test_rows_of_another_size_or_kind_are_bad(tmp_path):
    good = {"y": 1, "v": [1, 2]}
    path = write(tmp_path / "some.tfrecord", [good, {"y": 1, "v": [1]}, {"y": 0}, {"y": [0, 1], "v": [3, 4]},
                                              {"y": "1", "v": [1, 2]}, {"v": [1, 2]}, good])
    schema = {"y": tf.io.FixedLenFeature([], tf.int64), "v": tf.io.FixedLenFeature([2], tf.int64)}
    examples = fairkit.data.read(path, "v", label="y", schema=schema, bad_rows="set aside")
    assert examples.inputs.tolist() == [[1, 2], [1, 2]]
    bad = {int(one.place.split()[1]): one.wrong for one in examples.set_aside.rows}
    assert sorted(bad) == [1, 2, 3, 4, 5]
    assert "another size" in bad[1] and "2 values" in bad[3] and "(y: bytes_list)" in bad[4]
    with pytest.raises(fairkit.FairkitError, match="kinds. Expected: .*Received: y: bytes_list$") as caught:
        fairkit.data.read(path, "v", label="y", schema=schema)
    assert "first" not in str(caught.value) and "function_node" not in str(caught.value)
