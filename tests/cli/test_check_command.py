"""fairkit check: its exit status and what a build log shows."""

import argparse

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.cli import check


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    n = 40_000
    color, flagged = np.tile(["blue", "orange"], n // 2), np.random.default_rng(0).random(n)
    scores = np.where(flagged < np.where(color == "orange", 0.2, 0.1), 0.9, 0.1)
    examples = fairkit.Examples(labels=np.arange(n) // 2 % 2, groups={"color": color})
    folder = tmp_path_factory.mktemp("runs") / "run"
    fairkit.evaluate(scores, examples, ["color"], [0.5]).save(folder)
    return folder


def status(*arguments):
    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    return check.run(parser.parse_args([str(a) for a in arguments]))


@pytest.mark.parametrize("limits, expected", [
    (["false_positive_rate=0.05"], 1), (["false_positive_rate=0.3"], 0), (["false_positive_rate=0.1"], 3),
    (["false_positive_rate=0.3", "recall=0.05"], 1), (["false_positive_rate = 0.3", "accuracy=0.1"], 0)])
def test_the_exit_status(run_folder, capsys, limits, expected):
    options = [part for limit in limits for part in ("--max-gap", limit)]
    assert status(run_folder, *options, "--reference", "color=blue") == expected
    shown = capsys.readouterr().out
    assert shown.startswith({0: "pass: ", 1: "fail: ", 3: "not enough data: "}[expected])
    if expected:
        assert "color:orange - color:blue" in shown


def test_against_overall_at_one_threshold(run_folder):
    assert status(run_folder, "--max-gap", "false_positive_rate=0.2", "--threshold", "0.5") == 0


@pytest.mark.parametrize("arguments, says", [
    (["--max-gap", "false_positive_rate"], "--max-gap is not given by a rate and a gap"),
    (["--max-gap", "false_positive_rate=low"], "the limit of 'false_positive_rate' is no number"),
    (["--max-gap", "recall=0.1", "--max-gap", "recall=0.2"], "--max-gap names 'recall' twice"),
    (["--max-gap", "recall=2"], "the limit of 'recall' is no gap"),
    (["--max-gap", "recal=0.1"], "'recall' (the nearest)"),
    (["--max-gap", "recall=0.1", "--threshold", "high"], "the threshold is no number"),
    (["--max-gap", "recall=0.1", "--threshold", "0.4"], "no such threshold"),
    (["--max-gap", "recall=0.1", "--reference", "color"], "--reference is not given by a column and a value"),
    (["--max-gap", "recall=0.1", "--classes", "3"], "no such class"),
])
def test_mistakes_are_named(run_folder, arguments, says):
    with pytest.raises(FairkitError) as error:
        status(run_folder, *arguments)
    assert says in str(error.value)


@pytest.mark.parametrize("arguments, expected", [
    (["--max", "false_positive_rate=0.25"], 0), (["--max", "false_positive_rate=0.15"], 1),
    (["--max", "false_positive_rate=0.2"], 3), (["--min", "recall=0.05", "--max", "false_positive_rate=0.25"], 0),
    (["--min", "auc = 0.6"], 1), (["--max-gap", "recall=0.3", "--min", "accuracy=0.9"], 1)])
def test_values_and_their_exit_status(run_folder, capsys, arguments, expected):
    assert status(run_folder, *arguments) == expected
    assert capsys.readouterr().out.startswith({0: "pass: ", 1: "fail: ", 3: "not enough data: "}[expected])


@pytest.mark.parametrize("arguments, says", [
    ([], "there is nothing to check. Expected: --max-gap RATE=GAP, --min METRIC=VALUE or --max METRIC=VALUE"),
    (["--min", "auc"], "--min is not given by a metric and a value"),
    (["--min", "auc=0.9", "--min", "auc=0.8"], "--min names 'auc' twice"),
    (["--max", "recall=2"], "at_most of 'recall' is not a value"),
    (["--min", "auc=0.9", "--reference", "color=blue"], "--reference is given, and no gap is asked for"),
    (["--min", "auc=0.9", "--model", "new"], "of one model with one output"),
])
def test_mistakes_about_values_are_named(run_folder, arguments, says):
    with pytest.raises(FairkitError) as error:
        status(run_folder, *arguments)
    assert says in str(error.value)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(FairkitError, match="there is no evaluation here"):
        status(tmp_path, "--max-gap", "recall=0.1")
