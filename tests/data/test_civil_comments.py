"""Civil Comments in the four forms in which people have them, against TensorFlow's own conversion of them."""

import ast
import csv
import logging
from unittest import mock

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.data.identity_columns import IDENTITIES

BASIC = ["toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit"]
NAMES = [name for names in IDENTITIES.values() for name in names]


def released(n=120, seed=0):
    """Rows with the columns of the released CSV: shares of annotators, identities for two thirds of the comments."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        shares = rng.choice([0, 0, 0, 0, 0, 0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0, 1 / 6, 5 / 6], len(NAMES))
        annotated = rng.random() < 2 / 3
        rows.append({
            "id": str(7_000_000 + i), "comment_text": f'Comment {i}, "quoted",\nwith “ and ü', "created_date": "2017",
            "publication_id": "54", "parent_id": "", "article_id": "26662", "parent_text": "",
            "split": "train" if i % 3 else ["test_public", "test_private"][i % 2],
            **{name: str(share) for name, share in zip(BASIC, rng.choice([0, 0.2, 0.4999, 0.5, 0.7, 0.9], len(BASIC)))},
            **{name: str(share) if annotated else "" for name, share in zip(NAMES, shares)}})
    return rows


def cells(names, row, threshold):
    """By hand: the identities of a row whose share reaches the threshold."""
    found = tuple(sorted(name for name in names if row[name] and float(row[name]) >= threshold))
    return None if not found else found[0] if len(found) == 1 else found


def assert_is(examples, rows, toxicity=0.5, identity=0.5):
    by_text = {row["comment_text"]: row for row in rows}
    assert sorted(examples.inputs) == sorted(by_text)
    rows = [by_text[text] for text in examples.inputs]
    assert examples.labels.dtype == np.int64
    assert examples.labels.tolist() == [int(float(row["toxicity"]) >= toxicity) for row in rows]
    assert list(examples.groups) == list(IDENTITIES)
    for attribute, names in IDENTITIES.items():
        assert examples.groups[attribute].to_list() == [cells(names, row, identity) for row in rows], attribute


@pytest.fixture(scope="module")
def rows():
    return released()


@pytest.fixture(scope="module")
def released_csv(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("released") / "civil_comments.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def released_tfrecord(rows, tmp_path_factory):
    """The tutorial's TFRecord before its conversion: no features for identities that nobody annotated."""
    from fairkit.quiet import tf

    path = tmp_path_factory.mktemp("released") / "train_tf.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in rows:
            example = tf.train.Example()
            example.features.feature["comment_text"].bytes_list.value.append(row["comment_text"].encode())
            for name in ["toxicity", *NAMES]:
                if row[name]:
                    example.features.feature[name].float_list.value.append(float(row[name]))
            writer.write(example.SerializeToString())
    return path


@pytest.fixture(scope="module")
def convert():
    util = pytest.importorskip("fairness_indicators.tutorial_utils.util")
    return util.convert_comments_data


@pytest.fixture(scope="module")
def prepared(released_csv, tmp_path_factory):
    """The folder of a data set that TFDS's own builder of the Civil Comments prepared from the small CSV."""
    from fairkit.data.reading.tfds_sets import tfds

    folder = tmp_path_factory.mktemp("tfds")
    logging.getLogger("absl").setLevel(logging.ERROR)
    for config in ("CivilCommentsIdentities", "CivilComments"):
        builder = tfds().builder(f"civil_comments/{config}", data_dir=folder)
        downloads = mock.Mock(downloaded_size=0)   # there is no network here; all that follows is TFDS's own
        downloads.download_and_extract.return_value = released_csv.parent
        with mock.patch.object(builder, "_make_download_manager", return_value=downloads):
            builder.download_and_prepare()
    return folder


def annotated(rows, split=None):
    return [row for row in rows if row["male"] and row["split"] == (split or row["split"])]


@pytest.mark.parametrize(("split", "name"), [("train", "train"), ("validation", "test_public"),
                                             ("test", "test_private")])
def test_of_tensorflow_datasets_own_builder(prepared, rows, split, name):
    examples = fairkit.data.civil_comments(split=split, data_dir=prepared)
    assert_is(examples, annotated(rows, name))
    by_text = {row["comment_text"]: row["id"] for row in rows}
    assert examples.ids.tolist() == [by_text[text] for text in examples.inputs]


@pytest.mark.parametrize(("toxicity", "identity"), [(0.2, 0.1), (0.7, 0.7), (0.9, 5 / 6), (0, 1)])
def test_a_share_counts_from_the_threshold_on(prepared, released_csv, rows, toxicity, identity):
    chosen = {"toxicity": toxicity, "identity": identity}  # 0.7 in float32 is below 0.7 in float64
    assert_is(fairkit.data.civil_comments(split="train", data_dir=prepared, **chosen), annotated(rows, "train"),
              **chosen)
    assert_is(fairkit.data.civil_comments(released_csv, **chosen), annotated(rows), **chosen)


def test_comments_that_nobody_annotated_are_left_out_or_in_no_group(released_csv, released_tfrecord, rows):
    for path in (released_csv, released_tfrecord):
        assert_is(fairkit.data.civil_comments(path), annotated(rows))
        assert_is(fairkit.data.civil_comments(path, annotated=False), rows)
    assert 60 < len(annotated(rows)) < 100


def test_kaggles_name_of_the_label_and_a_partly_annotated_comment(released_csv, rows, tmp_path):
    frame = pd.read_csv(released_csv, dtype=str, keep_default_na=False).rename(columns={"toxicity": "target"})
    frame.loc[frame.male != "", "white"] = ["", *frame.white[frame.male != ""][1:]]
    frame.to_csv(tmp_path / "train.csv", index=False)
    assert_is(fairkit.data.civil_comments(tmp_path / "train.csv"), annotated(rows)[1:])


def test_the_preprocessed_csv_is_what_tensorflows_conversion_makes(released_csv, rows, convert, tmp_path):
    path = tmp_path / "train_df_processed.csv"
    convert(str(released_csv), str(path))
    frame = pd.read_csv(path)
    assert list(frame) == ["comment_text", "toxicity", "gender", "sexual_orientation", "religion", "race", "disability"]
    examples = fairkit.data.civil_comments(path)
    assert_is(examples, rows)
    for attribute in IDENTITIES:
        theirs = [set(ast.literal_eval(cell)) for cell in frame[attribute]]
        ours = examples.groups[attribute].to_list()
        assert [set(cell) if isinstance(cell, tuple) else {cell} - {None} for cell in ours] == theirs
    # The selections of the MinDiff tutorial, as it makes them and as one makes them here.
    named = frame.religion.str.contains("muslim")
    np.testing.assert_array_equal(named, examples.groups["religion"].match("religion", "muslim"))
    alone = frame.religion == "['christian']"
    np.testing.assert_array_equal(alone, examples.groups["religion"].match("religion", fairkit.only("christian")))


def test_the_preprocessed_tfrecord_is_what_tensorflows_conversion_makes(released_tfrecord, rows, convert, tmp_path):
    path = tmp_path / "validate_tf_processed.tfrecord"
    convert(str(released_tfrecord), str(path))
    assert_is(fairkit.data.civil_comments(path), rows)


def test_comments_without_a_text_are_left_out_as_in_tensorflows_conversion(rows, convert, tmp_path):
    some = [{**row, "comment_text": "" if i in (1, 4) else row["comment_text"]} for i, row in enumerate(rows)]
    path = tmp_path / "all.csv"
    pd.DataFrame(some).to_csv(path, index=False)
    converted = fairkit.data.civil_comments(convert(str(path), str(tmp_path / "converted.csv")))
    whole = fairkit.data.civil_comments(path, annotated=False)
    assert len(converted) == len(whole) == len(rows) - 2
    assert converted.inputs.tolist() == whole.inputs.tolist()


def test_labels_that_pandas_wrote_as_true_and_false(tmp_path):
    path = tmp_path / "processed.csv"
    path.write_text("comment_text,toxicity,gender,sexual_orientation,religion,race,disability\n"
                    "a,True,['male'],[],[],[],[]\nb,False,[],[],[],[],[]\n")
    examples = fairkit.data.civil_comments(path)
    assert examples.labels.tolist() == [1, 0] and examples.groups["gender"].to_list() == ["male", None]


def test_tfrecords_of_which_none_names_a_disability(tmp_path):
    from fairkit.quiet import tf

    path = tmp_path / "few.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for text, faith in (("a", [b"hindu"]), ("b", [])):
            example = tf.train.Example()
            example.features.feature["comment_text"].bytes_list.value.append(text.encode())
            example.features.feature["toxicity"].float_list.value.append(1)
            example.features.feature["religion"].bytes_list.value.extend(faith)
            writer.write(example.SerializeToString())
    examples = fairkit.data.civil_comments(path)
    assert examples.groups["religion"].to_list() == ["hindu", None]
    assert examples.groups["disability"].to_list() == [None, None]


def test_tfds_mock_data():
    from fairkit.data.reading.tfds_sets import tfds

    with tfds().testing.mock_data(num_examples=20):
        theirs = list(tfds().as_numpy(tfds().load("civil_comments/CivilCommentsIdentities", split="train")))
        examples = fairkit.data.civil_comments(split="train", toxicity=0.3, identity=0.8)
    assert_is(examples, [{"comment_text": row["text"].decode(), **{name: row[name] for name in ("toxicity", *NAMES)}}
                         for row in theirs], np.float32(0.3), np.float32(0.8))


@pytest.mark.parametrize(("arguments", "message"), [
    ({"toxicity": 1.5}, "toxicity threshold.*1.5"),
    ({"identity": "half"}, "identity threshold.*'half'"),
    ({"split": "train", "source": "civil_comments/CivilComments"}, "nothing of identities.*CivilCommentsIdentities"),
    ({"split": "training"}, "split 'training'"),
    ({}, "several splits"),
])
def test_bad_arguments_for_the_data_set(prepared, arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.civil_comments(**arguments, data_dir=prepared)


def _without(name):
    return lambda frame: frame.drop(columns=name)


def _with(name, value):
    return lambda frame: frame.assign(**{name: [value, *frame[name][1:]]})


@pytest.mark.parametrize(("change", "message"), [
    (_without("comment_text"), "no column 'comment_text'"),
    (_without("toxicity"), "no column 'toxicity'"),
    (_without("muslim"), "no column 'muslim'"),
    (_with("muslim", "often"), "'muslim'.*no number.*'often' in row 2"),
    (_with("muslim", "1.5"), "'muslim'.*out of range.*1.5.*row 2"),
    (_with("toxicity", "-1"), "'toxicity'.*out of range.*-1.*row 2"),
    (_with("toxicity", ""), "'toxicity'.*missing.*row 2"),
    (lambda frame: frame.assign(**dict.fromkeys(NAMES, "")), "no comments with annotated identities.*annotated=False"),
    (lambda frame: frame.assign(id="1"), "ids.*not distinct"),
])
def test_files_that_are_not_what_they_should_be(released_csv, tmp_path, change, message):
    frame = pd.read_csv(released_csv, dtype=str, keep_default_na=False)
    frame = frame[frame.male != ""].reset_index(drop=True)
    change(frame).to_csv(tmp_path / "changed.csv", index=False)
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.civil_comments(tmp_path / "changed.csv")


@pytest.mark.parametrize(("cells", "arguments", "message"), [
    ("a,0,[],[],[],[],[]", {"identity": 0.7}, "were judged.*identity=0.7"),
    ("a,0,[],[],[],[],[]", {"toxicity": 0.7}, "was judged.*toxicity=0.7"),
    ("a,0,[],[],muslim,[],[]", {}, "'religion' is no list.*'muslim' in row 2"),
    ("a,maybe,[],[],[],[],[]", {}, "'toxicity' is no number.*'maybe'"),
])
def test_preprocessed_files_that_are_not_what_they_should_be(tmp_path, cells, arguments, message):
    path = tmp_path / "processed.csv"
    path.write_text(f"comment_text,toxicity,gender,sexual_orientation,religion,race,disability\n{cells}\n")
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.civil_comments(path, **arguments)
