"""The command line as a user meets it: real runs, and one line for each mistake."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fairkit
from fairkit.cli import main
from fairkit.cli.data import load_data

ROOT = Path(__file__).parents[2]


def call(*arguments, command=None):
    """The exit status of a command run in this process."""
    with pytest.raises(SystemExit) as done:
        main([str(a) for a in arguments], command=command)
    return done.value.code


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    """A small CSV of generated comments, with scores."""
    import pandas as pd

    train, _ = fairkit.data.comments(size=600, seed=1)
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("data") / "posts.csv"
    pd.DataFrame({"text": train.inputs, "verdict": np.where(train.labels == 1, "rude", "fine"), "toxic": train.labels,
                  "religion": ["|".join(c if isinstance(c, tuple) else [c] if c else [])
                               for c in train.groups["religion"].to_list()],
                  "score": rng.random(len(train)).round(3), "wild": rng.normal(size=len(train)),
                  "gone": [np.nan, *rng.random(len(train) - 1)]}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory, posts):
    """before, after: runs on a CSV file, trained for one epoch."""
    folder = tmp_path_factory.mktemp("runs")
    csv = ["--data", posts, "--inputs", "text", "--label", "verdict", "--negative", "fine", "--groups", "religion",
           "--separator", "|"]
    assert call("train", *csv, "--epochs", 1, "--thresholds", 0.2, 0.5, "-o", folder / "before") == 0
    assert call("remediate", folder / "before", "--sensitive", "religion=muslim", "--loss-weight", 2,
                "--min-diff-batch-size", 8, "-o", folder / "after") == 0
    return folder


def test_a_run_folder_is_complete_and_private(runs):
    for name in ("before", "after"):
        files = {path.name for path in (runs / name).iterdir()}
        assert files == {"run.json", "model.keras", "predictions.parquet", "cells.npz", "evaluation", "report.html"}
        assert (runs / name).stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in (runs / name).iterdir())
    about = json.loads((runs / "after" / "run.json").read_text())
    assert about["asked"]["remediation"]["sensitive"] == {"religion": "muslim"}
    assert about["versions"]["tensorflow"] and about["fingerprint"]["examples"]
    assert about["data"]["negative"] == ["fine"]


def test_a_model_file_is_remediated_on_data_that_are_named(runs, posts, tmp_path):
    assert call("remediate", runs / "before" / "model.keras", "--data", posts, "--inputs", "text", "--label", "toxic",
                "--groups", "religion", "--separator", "|", "--sensitive", "religion=muslim", "--epochs", 1,
                "--min-diff-batch-size", 8, "--thresholds", 0.4, "-o", tmp_path / "run") == 0
    run = fairkit.load_evaluation(tmp_path / "run")
    assert run.thresholds == [0.4] and run.slices == [("religion",)]
    assert json.loads((tmp_path / "run" / "run.json").read_text())["data"]["label"] == "toxic"


def test_a_run_can_be_evaluated_again_without_its_model(runs, tmp_path, capsys):
    assert call("evaluate", runs / "before", "--thresholds", 0.3, "-o", tmp_path / "again") == 0
    again, before = (fairkit.load_evaluation(f) for f in (tmp_path / "again", runs / "before"))
    assert again.thresholds == [0.3] and again.slices == before.slices
    assert again.value("auc") == before.value("auc")
    assert "threshold 0.3" in capsys.readouterr().out


def test_the_models_predictions_are_the_stored_ones(runs, posts):
    model = fairkit.models.load(runs / "before" / "model.keras")
    stored = fairkit.load_evaluation(runs / "before").predictions
    everything = fairkit.data.read(posts, "text", label="verdict", negative="fine")
    scores = fairkit.predict(model, everything.take(stored.ids)).scores
    np.testing.assert_allclose(scores, stored.scores, atol=1e-6)


def test_compare(runs, tmp_path, capsys):
    assert call("compare", runs / "before", runs / "after", "--reference", "religion=christian",
                "-o", tmp_path / "compared") == 0
    assert "religion:muslim" in capsys.readouterr().out
    assert {p.name for p in (tmp_path / "compared").iterdir()} == {
        "report.html", "comparison.csv", "got_worse.csv", "run.json"}
    assert call("compare", runs / "before", runs / "after", "--metric", "fpr") == 2


def test_scores_from_a_column_and_from_an_array(posts, tmp_path, capsys):
    csv = ["evaluate", "--data", posts, "--label", "toxic", "--groups", "religion", "--separator", "|"]
    assert call(*csv, "--scores", "score", "--thresholds", 0.5) == 0
    from_column = capsys.readouterr().out
    np.save(tmp_path / "scores.npy", [float(row.split(",")[-3]) for row in
                                      posts.read_text().strip().splitlines()[1:]])
    assert call(*csv, "--scores", tmp_path / "scores.npy", "--thresholds", 0.5) == 0
    assert capsys.readouterr().out == from_column


@pytest.mark.parametrize("arguments, says", [
    (["--scores", "score", "--thresholds", "1.5"], "a threshold lies outside [0, 1]"),
    (["--scores", "score", "--thresholds", "high"], "a threshold is no number"),
    (["--scores", "scoer"], "no column 'scoer'. Expected: 'score' (the nearest)"),
    (["--scores", "wild"], "a score lies outside [0, 1]"),
    (["--scores", "gone"], "a number in column 'gone' is missing"),
    (["--scores", "short.npy"], "there is not one score an example. Expected: 600 scores. Received: 3"),
    (["--scores", "nan.npy"], "a score is not a finite number"),
    (["--scores", "absent.npy"], "there is no file of scores"),
    (["--scores", "score", "--slices", "religon"], "no group column 'religon' to slice by"),
    (["--scores", "score", "--label", "verdict"], "0 and 1"),
    (["--scores", "score", "--label", "verdict", "--positive", "rood"], "'rude' (the nearest)"),
    (["--scores", "score", "--data", "absent.csv"], "--data names no file 'absent.csv'"),
    (["--scores", "score", "--data", "broken.csv"], "broken.csv"),
    (["--scores", "score", "--orange", "0.2"], "--orange is for digits"),
    (["--scores", "score", "model.keras"], "there is not one thing to evaluate"),
    (["no_model.keras"], "no_model.keras"),
    (["wide.keras"], "the model's output does not fit"),
    ([], "there is not one thing to evaluate"),
])
def test_a_mistake_gets_one_line_and_status_2(posts, tmp_path, monkeypatch, capsys, arguments, says):
    from fairkit.quiet import keras

    monkeypatch.chdir(tmp_path)
    np.save("short.npy", [0.1, 0.2, 0.3])
    np.save("nan.npy", [np.nan] * 600)
    Path("broken.csv").write_bytes(b"\xff\xfe\x00text,toxic\n\x00")
    if "wide.keras" in arguments:
        text = keras.Input((), dtype="string")
        words = keras.layers.TextVectorization(vocabulary=["a"], output_sequence_length=4)(text)
        keras.Model(text, keras.layers.Reshape((2, 2))(words)).save("wide.keras")
    given = {"--data": str(posts), "--label": "toxic", "--groups": "religion", "--inputs": "text"}
    options = [x for name, value in given.items() if name not in arguments for x in (name, value)]
    assert call("evaluate", *arguments, *options, "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1 and "Traceback" not in error
    assert not (tmp_path / "out").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize("arguments, says", [
    (["--sensitive", "religion=muslin"], "no example has religion = 'muslin'. Expected: 'muslim' (the nearest)"),
    (["--sensitive", "faith=muslim"], "no group column 'faith'"),
    (["--sensitive", "muslim"], "--sensitive is not given by a column and a value"),
    (["--sensitive", "religion=muslim", "--nonsensitive", "religion=muslim"], "the splits overlap"),
    (["--sensitive", "religion=muslim", "--loss", "mmmd"], "mmmd"),
    (["--sensitive", "religion=muslim", "--loss-weight", "-1", "--min-diff-batch-size", "8"], "-1"),
    (["--sensitive", "religion=muslim", "--min-diff-batch-size", "999"], "too few examples for a batch"),
    (["--sensitive", "religion=muslim", "--error-rate", "fpr"], "fpr"),
    (["--sensitive", "religion=muslim", "--epochs", "0"], "0"),
    ([], "it is not said what is done about the gap"),
    (["--loss-weight", "2", "--counterfactuals", "religion"], "--loss-weight says nothing without --sensitive"),
    (["--sensitive", "religion=muslim", "--counterfactual-weight", "2"],
     "--counterfactual-weight says nothing without --counterfactuals. Expected: --counterfactuals SWAP as well"),
    (["--sensitive", "religion=muslim", "--pool"], "--pool makes several groups one"),
    (["--sensitive", "religion=muslim", "religion=jewish"], "--sensitive names the column 'religion' twice"),
    (["--sensitive", "religion=muslim", "--sensitive", "religion=muslim"], "--sensitive names a group twice"),
    (["--sensitive", "religion=muslim", "--sensitive", "religion=muslin"], "'muslim' (the nearest)"),
    (["--counterfactuals", "religon"], "nothing is known to swap by the name 'religon'. Expected: 'religion'"),
    (["--counterfactuals", "none.json"], "--counterfactuals none.json cannot be read"),
    (["--counterfactuals", "religion", "--counterfactuals", "religion"], "names a set of pairs twice"),
    (["--counterfactuals", "religion", "--counterfactual-loss", "pairwise_cosine"], "the cosine loss"),
    (["--counterfactuals", "religion", "--counterfactual-weight", "-2"], "0 or above"),
    (["--reweight", "religion", "--reweight-metric", "loss"], "says nothing without --reweight-slices"),
    (["--reweight-slices", "religion", "--reweight-metric", "auc"], "cannot be weighted by the metric 'auc'"),
    (["--reweight-slices", "religon"], "no group column 'religon'"),
])
def test_a_mistake_in_remediation(runs, tmp_path, capsys, arguments, says):
    assert call("remediate", runs / "before", *arguments, "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def remediated(runs, folder, *options):
    """(settings, history, what was asked) of a run."""
    assert call("remediate", runs / "before", *options, "-o", folder / "run") == 0
    about = json.loads((folder / "run" / "run.json").read_text())
    return about["settings"], about["history"], about["asked"]["remediation"]


def test_several_groups_are_compared_each_by_itself(runs, tmp_path):
    settings, history, asked = remediated(runs, tmp_path, "--sensitive", "religion=muslim", "--sensitive",
                                          "religion=jewish", "--min-diff-batch-size", 8, "--loss-weight", 2)
    names = ["religion=jewish", "religion=muslim"]
    assert sorted(settings["sensitive"]) == names and settings["loss_weight"] == dict.fromkeys(names, 2)
    assert sorted(name for name in history if "min_diff" in name) == [f"{name}_min_diff_loss" for name in names]
    assert settings["nonsensitive"]["religion=muslim"] == "not (religion = muslim or religion = jewish)"
    assert asked["sensitive"]["religion=jewish"] == {"religion": "jewish"}


def test_several_groups_may_be_pooled_on_both_sides(runs, tmp_path):
    settings, history, _ = remediated(
        runs, tmp_path, "--sensitive", "religion=muslim", "--sensitive", "religion=jewish", "--pool", "--nonsensitive",
        "religion=christian", "--nonsensitive", "religion=buddhist", "--min-diff-batch-size", 4, "--allow-overlap",
        "--error-rate", "false_positive_rate", "false_negative_rate")
    rates = ["false_negative_rate", "false_positive_rate"]
    assert settings["sensitive"] == dict.fromkeys(rates, "religion = muslim or religion = jewish")
    assert settings["nonsensitive"] == dict.fromkeys(rates, "religion = christian or religion = buddhist")
    assert {f"{rate}_min_diff_loss" for rate in rates} <= set(history)


def test_counterfactual_pairs_alone_and_beside_min_diff(runs, tmp_path):
    words = tmp_path / "words.json"
    words.write_text(json.dumps({"muslim": ["muslims", "muslim"], "christian": ["christians", "christian"]}))
    (tmp_path / "first").mkdir()
    settings, history, asked = remediated(runs, tmp_path / "first", "--counterfactuals", words, "religion",
                                          "--counterfactual-loss", "absolute_difference")
    assert settings["method"] == "counterfactual" and settings["swapped"] == ["muslim or christian", "religion"]
    assert settings["counterfactual_loss"] == "pairwise_absolute_difference_loss" and settings["pairs"] > 20
    assert asked["counterfactuals"][1] == "religion" and "min_diff_loss" not in history
    settings, history, _ = remediated(
        runs, tmp_path, "--counterfactuals", "religion", "--counterfactual-weight", 3, "--sensitive", "religion=muslim",
        "--min-diff-batch-size", 8)
    assert settings["method"] == "min_diff and counterfactual" and settings["counterfactual_weight"] == 3
    assert {"min_diff_loss", "counterfactual_loss"} <= set(history)


def test_counterfactual_pairs_named_again_have_a_loss_of_their_own(runs, tmp_path):
    words = tmp_path / "words.json"
    words.write_text(json.dumps({"muslim": ["muslims", "muslim"], "christian": ["christians", "christian"]}))
    settings, history, asked = remediated(runs, tmp_path, "--counterfactuals", words, "--counterfactuals", "religion",
                                          "--counterfactual-weight", 2)
    assert settings["swapped"] == {"words": ["muslim or christian"], "religion": ["religion"]}
    assert settings["counterfactual_weight"] == {"words": 2, "religion": 2}
    assert {"words_counterfactual_loss", "religion_counterfactual_loss"} <= set(history)
    assert sorted(asked["counterfactuals"]) == ["religion", "words"]


def test_weights_by_slice_metrics_alone(runs, tmp_path, capsys):
    options = ["--reweight-slices", "religion", "--reweight-metric", "loss"]
    assert call("remediate", runs / "before", *options, "-o", tmp_path / "run") == 2
    assert "--reweight-min-examples" in capsys.readouterr().err   # the way out, which is walked next
    settings, _, asked = remediated(runs, tmp_path, *options, "--reweight-min-examples", 1)
    assert settings["method"] == "plain" and settings["reweight_slices"]["metric"] == "loss"
    assert len(settings["reweight_slices"]["history"]) == settings["epochs"]
    assert asked["reweight_slices"] == {"slices": ["religion"], "metric": "loss", "min_examples": 1}


def test_training_weights_alone(runs, tmp_path):
    settings, _, _ = remediated(runs, tmp_path, "--reweight", "religion")
    assert settings["method"] == "plain" and settings["reweight"] == ["religion"]


def test_the_way_out_of_an_overlap_is_walked(runs, posts, tmp_path, capsys):
    options = ["--nonsensitive", "religion=christian", "--min-diff-batch-size", 4]
    assert call("remediate", runs / "before", "--sensitive", "religion=muslim", *options, "-o", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert "the splits overlap" in said and "COLUMN==V on the command line" in said
    form = "religion==christian"
    assert shlex.quote(form) == form  # nothing that a shell reads
    settings, _, asked = remediated(runs, tmp_path, "--sensitive", "religion=muslim", "--nonsensitive", form,
                                    *options[2:])
    train, _ = load_data(json.loads((runs / "before" / "run.json").read_text())["data"])
    alone = (train.groups["religion"].to_list(), train.labels)
    expected = sum(cell in ("christian", ("christian",)) and label == 0 for cell, label in zip(*alone, strict=True))
    assert settings["nonsensitive_examples"] == expected > 0
    assert settings["nonsensitive"] == "religion = only christian"
    assert asked["nonsensitive"] == {"religion": {"$only": ["christian"]}}
    assert call("report", tmp_path / "run", "-o", tmp_path / "report.md") == 0


@pytest.mark.parametrize(("arguments", "says"), [
    (["remediate", "BEFORE", "--sensitive", "religion==muslin"], "'muslim' (the nearest)"),
    (["remediate", "BEFORE", "--sensitive", "religion=="], "such as color=orange, or color==orange for cells"),
    (["check", "BEFORE", "--max-gap", "recall=0.1", "--reference", "religion==muslim"],
     "--reference is a slice, which holds every example with its value, alone or among others. Expected: religion=m"),
    (["evaluate", "BEFORE", "--slices", "religion==muslim"], "a slice holds every example with its value"),
])
def test_where_a_group_is_exact_and_where_it_cannot_be(runs, tmp_path, capsys, arguments, says):
    arguments = [runs / "before" if each == "BEFORE" else each for each in arguments]
    assert call(*arguments, *(["-o", tmp_path / "out"] if arguments[0] != "check" else [])) == 2
    assert says in (error := capsys.readouterr().err) and error.count("\n") == 1


def test_an_empty_split_is_named(tmp_path, capsys):
    rows = "\n".join(f"text {i},{int(i % 2)},{'a' if i % 2 else 'b'}" for i in range(40))
    (tmp_path / "all_toxic.csv").write_text(f"text,toxic,group\n{rows}\n")
    assert call("train", "--data", tmp_path / "all_toxic.csv", "--inputs", "text", "--label", "toxic", "--groups",
                "group", "--epochs", 1, "-o", tmp_path / "run") == 0
    capsys.readouterr()
    assert call("remediate", tmp_path / "run", "--sensitive", "group=a", "-o", tmp_path / "out") == 2
    assert "the sensitive split is empty" in capsys.readouterr().err


def test_classes_are_checked_before_training(tmp_path, capsys):
    assert call("train", "--data", "digits", "--classes", 12, "--epochs", 10_000, "-o", tmp_path / "run") == 2
    assert "class ids from 0 to 9. Received: 12" in capsys.readouterr().err


def test_usage_errors_take_one_line(capsys):
    assert call("train", "--data") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert call("trian") == 2


def test_a_folder_that_is_no_run_is_not_overwritten(tmp_path, posts, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    assert call("evaluate", "--data", posts, "--label", "toxic", "--scores", "score", "-o", tmp_path / "mine") == 2
    assert "holds what fairkit did not write there" in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"


def test_a_damaged_run_is_named(runs, tmp_path, capsys):
    (tmp_path / "run.json").write_text("{")
    assert call("compare", runs / "before", tmp_path) == 2
    assert "run.json cannot be read" in capsys.readouterr().err
    (tmp_path / "run.json").write_text('{"format": 99}')
    assert call("compare", runs / "before", tmp_path) == 2
    assert "written by a newer fairkit" in capsys.readouterr().err


def test_what_is_unexpected_exits_with_4(monkeypatch, capsys):
    import fairkit.cli.evaluate

    def broken(arguments):
        raise RuntimeError("a bug")

    monkeypatch.setattr(fairkit.cli.evaluate, "run", broken)
    assert call("evaluate") == 4
    assert "unexpected RuntimeError: a bug" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train", "evaluate", "remediate", "compare", "demo"])
def test_help_shows_an_example(command, capsys):
    assert call(command, "--help") == 0
    shown = capsys.readouterr().out
    assert f"example:\n  fairkit {command}" in shown


@pytest.mark.parametrize("script", ["train", "remediate", "evaluate"])
def test_scripts_are_the_same_commands(script):
    done = subprocess.run([sys.executable, ROOT / "scripts" / f"{script}.py", "--help"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and f"usage: {script}.py" in done.stdout and done.stderr == ""


def test_digits_from_the_command_line_to_a_run(tmp_path, capsys):
    assert call("--data", "digits", "--orange", "8=0.95", "--size", 500, "--epochs", 1, "--classes", 8,
                "-o", tmp_path / "run", command="train") == 0
    assert "class 8 against the rest" in capsys.readouterr().out
    run = fairkit.load_evaluation(tmp_path / "run")
    assert run.classes == [8] and run.slices == [("color",), ("color", "digit")]


def test_a_checkout_that_is_not_installed_works(tmp_path, posts):
    """All packages but the metadata of fairkit itself, on a path of their own."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for folder in filter(None, dict.fromkeys(sys.path)):
        if Path(folder).name == "site-packages":
            for part in Path(folder).iterdir():
                if not part.name.lower().startswith(("fairkit", "__editable__")) and part.suffix != ".pth":
                    (packages / part.name).symlink_to(part)
    command = [sys.executable, "-S", "-m", "fairkit"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{packages}"}

    def done(*arguments):
        return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, env=environment,
                              check=False)

    missing = subprocess.run([sys.executable, "-S", "-c", "import importlib.metadata as m; m.version('fairkit')"],
                             capture_output=True, text=True, env={**environment, "PYTHONPATH": str(packages)},
                             check=False)
    assert "PackageNotFoundError" in missing.stderr
    assert done("--version").stdout == f"fairkit {fairkit.__version__}\n"
    trained = done("train", "--data", posts, "--inputs", "text", "--label", "toxic", "--groups", "religion",
                   "--epochs", 1, "-o", tmp_path / "run")
    assert trained.returncode == 0, trained.stderr
    versions = json.loads((tmp_path / "run" / "run.json").read_text())["versions"]
    assert versions["fairkit"] == fairkit.__version__ and versions["tensorflow"]
