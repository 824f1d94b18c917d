"""--data: every kind of data that a command takes, loaded as a run remembers it."""

import argparse
import json

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.cli.data import add_data_arguments, balance_of, description_of, load_data

POSTS = pd.DataFrame({
    "text": ["the women next door", "a Muslim and a Jew", "nothing", "gay men", "a christian"] * 40,
    "verdict": ["rude", "fine", "mean", "fine", "rude"] * 40,
    "faith": [[], ["muslim", "jewish"], [], [], ["christian"]] * 40,
})


def described(*words):
    parser = argparse.ArgumentParser()
    add_data_arguments(parser)
    return json.loads(json.dumps(description_of(parser.parse_args(["--data", *map(str, words)]))))  # as in run.json


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    path = tmp_path_factory.mktemp("posts") / "posts.jsonl"
    POSTS.to_json(path, orient="records", lines=True)
    return path


def test_a_file_is_split_alike_each_time(posts):
    asked = described(posts, "--inputs", "text", "--label", "verdict", "--negative", "fine", "--groups", "faith")
    train, test = load_data(asked)
    assert (len(train), len(test)) == (140, 60) and set(train.groups) == {"faith"}
    assert load_data(asked)[1].inputs.tolist() == test.inputs.tolist()
    whole = load_data(asked, split=False)[1]
    np.testing.assert_array_equal(whole.labels, POSTS.verdict != "fine")


def test_class_names_mentions_and_a_test_file(posts, tmp_path):
    other = tmp_path / "other.jsonl"
    POSTS.head(7).to_json(other, orient="records", lines=True)
    asked = described(posts, "--inputs", "text", "--label", "verdict", "--class-names", "fine", "mean", "rude",
                      "--mentions", "religion", "gender", "--test-data", other)
    train, test = load_data(asked)
    assert (len(train), len(test)) == (200, 7)
    assert train.labels[:5].tolist() == [2, 0, 1, 0, 2]
    assert test.groups["religion"].to_list()[:5] == [None, ("jewish", "muslim"), None, None, "christian"]
    assert test.groups["gender"].to_list()[:5] == ["female", None, None, "male", None]
    with pytest.raises(fairkit.FairkitError, match="named twice"):
        load_data(asked | {"test_share": 0.5})


def test_balanced_training_and_an_unbalanced_test_split(posts):
    asked = described(posts, "--label", "verdict", "--positive", "rude", "mean", "--balance", "label", "--balance-to",
                      "largest")
    train, test = load_data(asked)
    assert np.bincount(train.labels).tolist() == [84, 84] and np.bincount(test.labels).tolist() == [24, 36]
    assert len(load_data(asked, balanced=False)[0]) == 140
    assert balance_of(described(posts, "--label", "verdict", "--balance", "faith", "--balance-to", "0.5"))["to"] == 0.5
    assert balance_of(described(posts, "--label", "verdict", "--balance", "faith", "--balance-to", "30"))["to"] == 30
    with pytest.raises(fairkit.FairkitError, match="says nothing without --balance"):
        load_data(described(posts, "--label", "verdict", "--positive", "rude", "--balance-to", "30"))


def test_rows_that_are_set_aside_are_told(tmp_path, capsys):
    path = tmp_path / "posts.csv"
    path.write_text("text,y\na,1\nb\n" + "c,0\nd,1\n" * 20)
    train, _ = load_data(described(path, "--inputs", "text", "--label", "y", "--bad-rows", "set-aside"))
    assert "1 row set aside: row 3 of" in capsys.readouterr().err and len(train.set_aside) == 1


def test_digits_and_comments_with_their_own_options():
    train, test = load_data(described("digits", "--name", "customer", "--noise", "0.5", "--orange", "3=.9,8=0"))
    assert (train.where({"digit": 8}).groups["color"].values, len(test)) == (["blue"], 1500)
    white = {digit: (test.where({"digit": digit}).inputs == 255).all(axis=-1).mean() for digit in (4, 5)}
    assert white[4] > 0.15 and white[5] == 0
    train, _ = load_data(described("comments", "--size", "400", "--rate", "0.6"))
    assert len(train) == 400 and 0.5 < train.labels.mean() < 0.75


def test_civil_comments_in_a_file(tmp_path):
    path = tmp_path / "train_df_processed.csv"
    columns = "comment_text,toxicity,gender,sexual_orientation,religion,race,disability"
    path.write_text(columns + "\n" + "".join(f"comment {i},{i % 2},[],[],\"['muslim']\",[],[]\n" for i in range(20)))
    train, test = load_data(described("civil_comments", "--source", path))
    assert (len(train), len(test)) == (14, 6) and test.groups["religion"].values == ["muslim"]
    train, test = load_data(described("civil_comments", "--source", path, "--test-data", path))
    assert (len(train), len(test)) == (20, 20)


def test_scores_of_any_kind_of_file(tmp_path):
    """--scores of a JSON Lines file, through the command."""
    from fairkit.cli import main

    path = tmp_path / "scored.jsonl"
    path.write_text("".join(f'{{"y": {i % 2}, "s": {i / 50}, "g": ["a", "b"]}}\n' for i in range(50)))
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "--data", str(path), "--scores", "s", "--label", "y", "--groups", "g", "-o",
              str(tmp_path / "run")])
    assert ended.value.code == 0
    frame = fairkit.load_evaluation(tmp_path / "run").frame
    found = frame[(frame.slice == "g:a") & (frame.metric == "false_positive_rate") & (frame.threshold == 0.5)]
    assert found.value.iloc[0] == pytest.approx(sum(i / 50 > 0.5 for i in range(0, 50, 2)) / 25)


@pytest.mark.parametrize(("words", "message"), [
    (["digts"], "no file 'digts'. Expected: 'digits' \\(the nearest\\)"),
    (["none.csv"], "no file 'none.csv'"),
    (["digits", "--label", "y"], "--label is for a file"),
    (["comments", "--name", "starting"], "--name is for digits"),
    (["digits", "--mentions", "religion"], "--mentions is for a file"),
    (["posts"], "needs its column of labels named"),
])
def test_what_is_wrong_is_said(posts, words, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        described(*[posts if word == "posts" else word for word in words])


def test_images_in_a_column_are_trained_on(tmp_path):
    from PIL import Image

    from fairkit.cli.train import fit

    rng = np.random.default_rng(0)
    for i in range(24):
        Image.fromarray(rng.integers(0, 255, (12, 10, 3), np.uint8)).save(tmp_path / f"{i}.png")
    (tmp_path / "images.csv").write_text("file,y\n" + "".join(f"{i}.png,{i % 2}\n" for i in range(24)))
    asked = described(tmp_path / "images.csv", "--inputs", "file", "--label", "y", "--images")
    train, test = load_data(asked)
    model, history = fit(asked, train, epochs=1, batch_size=8, seed=0)
    assert model.input_shape == (None, 12, 10, 3) and model.output_shape == (None, 1) and len(history["loss"]) == 1
    assert fairkit.predict(model, test).scores.shape == (7,)
    resized = load_data(asked | {"images": [16, 16]})[0]
    assert np.asarray(resized.inputs[:2]).shape == (2, 16, 16, 3)
