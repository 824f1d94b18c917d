"""`fairkit sweep` as a user meets it."""

import json

import numpy as np
import pytest

import fairkit
from fairkit.cli import main
from fairkit.quiet import keras
from fairkit.remediation.sweeps.sweeping import load_sweep

pytestmark = pytest.mark.once


def call(*arguments, command="sweep"):
    """The exit status of a command run in this process."""
    with pytest.raises(SystemExit) as done:
        main([str(a) for a in arguments], command=command)
    return done.value.code


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The options of a small file, and a model for it."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 900)
    color = np.where(rng.random(900) < 0.3 + 0.4 * labels, "orange", "blue")
    inputs = np.stack([labels + rng.normal(0, 1, 900), color == "orange"], axis=1).astype("float32")
    fairkit.data.write(fairkit.Examples(inputs=inputs, labels=labels, groups={"color": color}), folder / "dots.parquet")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    fairkit.models.save(model, folder / "model.keras")
    return [folder / "model.keras", "--data", folder / "dots.parquet", "--inputs", "input", "--label", "label",
            "--groups", "color", "--test-share", 0.2]


ASKED = ("--sensitive", "color=orange", "--nonsensitive", "color=blue", "--loss-weights", 3, "--epochs", 1,
         "--batch-size", 32, "--seeds", 0, 1, "--jobs", 1, "--overall-rate", 0.3,
         "--min-examples", 20)


@pytest.fixture(scope="module")
def folder(data, tmp_path_factory):
    """A sweep by the command."""
    folder = tmp_path_factory.mktemp("sweeps") / "one"
    methods = folder.parent / "methods.json"
    methods.write_text(json.dumps({"long": {"epochs": 2, "loss_weight": 1}}))
    assert call(*data, *ASKED, "--reweight", "color", "--group-thresholds", "color", "--methods", methods,
                "-o", folder) == 0
    return folder


def test_candidates_of_all_options_are_trained_on_the_training_split(folder):
    found = load_sweep(folder)
    assert found.table["candidate"].tolist() == ["control", "loss_weight=3", "reweight", "group_thresholds", "long"]
    assert (found.table["failed"] == 0).all()
    assert found.gap.overall_rate == 0.3 and list(found.gap.slices) == ["color"]
    assert found.settings("long")[0]["epochs"] == 2 and found.settings("control")[0]["train_examples"] == 540


def test_the_choice_is_printed_and_decides_the_status(data, folder, capsys):
    assert call(*data, *ASKED, "-o", folder, "--max-gap", 1, "--max-quality-loss", 1) == 0
    out = capsys.readouterr().out
    assert "largest gap of the false positive rate against overall, at an overall rate of 0.3" in out
    assert "chosen: control, the mildest candidate" in out
    assert str(folder / "runs" / "control" / "seed-1" / "model.keras") in out
    assert "not beaten in both gap and AUC (means):" in out and f"written to {folder}" in out
    assert call(*data, *ASKED, "-o", folder, "--max-gap", 0, "--quality", "accuracy") == 1
    assert "none: no candidate has a gap of at most 0" in capsys.readouterr().out


@pytest.mark.parametrize(("options", "message"), [
    (("--epochs", 3), "this folder holds another sweep"), (("--quality", "aoc"), "no quality 'aoc'"),
    (("--seeds", 1, 1), "the seeds are not distinct"), (("--methods", "none.json"), "--methods none.json cannot be"),
    (("--sensitive", "color"), "--sensitive is not given by a column and a value"),
    (("--pool",), "--pool makes several groups one"),
    (("--reference", "color=bleu"), "'blue' (the nearest)"), (("--threshold", 0.1), "given twice")])
def test_mistakes_cost_one_line(data, folder, options, message, capsys):
    assert call(*data, *ASKED, "-o", folder, *options) == 2
    err = capsys.readouterr().err
    assert err.startswith("fairkit: ") and err.count("\n") == 1 and message in err


def test_groups_and_pairs_of_texts_are_candidates_together(tmp_path):
    train, _ = fairkit.data.comments(size=500, seed=1)
    fairkit.data.write(train, tmp_path / "posts.jsonl", inputs="text")
    (tmp_path / "methods.json").write_text(json.dumps({"both": {"loss_weight": 2, "counterfactual_weight": 0.5}}))
    assert call("--data", tmp_path / "posts.jsonl", "--inputs", "text", "--label", "label", "--groups", "religion",
                "gender", "--sensitive", "religion=muslim", "--sensitive", "gender=female", "--counterfactuals",
                "religion", "--counterfactual-weights", 1, "--loss-weights", 2, "--methods", tmp_path / "methods.json",
                "--epochs", 1, "--batch-size", 32, "--min-diff-batch-size", 4, "--seeds", 0, "--jobs", 1,
                "--min-examples", 5, "--allow-overlap", "-o", tmp_path / "sweep") == 0
    found = load_sweep(tmp_path / "sweep")
    assert found.table["candidate"].tolist() == ["control", "loss_weight=2", "counterfactual_weight=1", "both"]
    assert (found.table["failed"] == 0).all() and found.table["penalty"].tolist() == [0, 4, 1, 4.5]
    assert found.settings("both")[0]["method"] == "min_diff and counterfactual"
    assert sorted(found.settings("loss_weight=2")[0]["sensitive"]) == ["gender=female", "religion=muslim"]
    assert list(found.gap.slices) == ["religion", "gender"]


def test_there_must_be_something_to_train(tmp_path, capsys):
    assert call("--sensitive", "color=orange", "-o", tmp_path / "sweep") == 2
    assert "there is nothing to train. Expected: a run folder, or --data" in capsys.readouterr().err


def test_a_run_is_swept_with_its_data_and_settings(tmp_path, capsys):
    train, _ = fairkit.data.comments(size=500, seed=1)
    fairkit.data.write(train, tmp_path / "posts.jsonl", inputs="text")
    posts = ["--data", tmp_path / "posts.jsonl", "--inputs", "text", "--label", "label",
             "--groups", "religion", "gender"]
    assert call("train", *posts, "--epochs", 1, "--batch-size", 32, "-o", tmp_path / "run", command=None) == 0
    assert call(tmp_path / "run", "--reweight", "religion", "--reweight-slices", "gender", "--reweight-min-examples", 5,
                "--seeds", 0, "--slices", "gender", "--min-examples", 5, "--max-gap", 1, "-o", tmp_path / "sweep") == 0
    assert "by its mean alone" in capsys.readouterr().out
    found = load_sweep(tmp_path / "sweep")
    assert found.settings("reweight_slices")[0]["reweight_slices"]["slices"] == ["gender"]
    assert found.settings("reweight")[0]["epochs"] == 1 and found.settings("reweight")[0]["batch_size"] == 32
