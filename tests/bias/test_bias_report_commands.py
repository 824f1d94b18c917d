"""Bias reports as files: `fairkit bias -o` and `fairkit report --facet`."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.cli import main
from fairkit.cli.run_folder import write_run


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    return ended.value.code


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """people.csv, and two runs on the same people: before, after."""
    folder, random = tmp_path_factory.mktemp("bias_reports"), np.random.default_rng(5)
    n = 800
    frame = pd.DataFrame({"gender": random.choice(["Female", "Male"], n), "age": random.integers(18, 70, n),
                          "hired": random.integers(0, 2, n)})
    frame["guess"] = np.where((frame["gender"] == "Female") & (random.random(n) < 0.5), 0, frame["hired"])
    frame.to_csv(folder / "people.csv", index=False)
    examples = fairkit.Examples(labels=frame["hired"], groups=frame[["gender", "age"]])
    for name, pull in (("before", 0.3), ("after", 0.0)):
        base = 0.3 + 0.4 * frame["hired"] + 0.3 * random.random(n)
        scores = np.clip(base - pull * (frame["gender"] == "Female"), 0, 1)
        evaluation = fairkit.evaluate(scores.to_numpy(), examples, ["gender"], [0.5])
        write_run(folder / name, "evaluate", {"what": "x", "data": None}, evaluation, data={}, fingerprint=None)
    return folder


def test_bias_is_written_by_the_end_of_the_name(folder, tmp_path, capsys):
    assert run("bias", folder / "people.csv", "--label", "hired", "--facet", "gender", "--facet-values", "Female",
               "--predictions", "guess", "--methods", "counts", "-o", tmp_path / "bias.html", "-o",
               tmp_path / "bias.md", "-o", tmp_path / "analysis.json") == 0
    assert capsys.readouterr().out.count("written: ") == 3
    frame = pd.read_csv(folder / "people.csv")
    report = fairkit.bias_report(frame, "hired", 1, "gender", "Female", "guess", methods="counts")
    assert json.loads((tmp_path / "analysis.json").read_text()) == json.loads(json.dumps(report.to_dict()))
    assert (tmp_path / "bias.md").read_text("utf-8") == report.report().markdown
    page = (tmp_path / "bias.html").read_text("utf-8")
    assert "What stands out" in page and "the rest is predicted positive more often" in page
    assert (tmp_path / "bias.html").stat().st_mode & 0o077 == 0


def test_files_are_whole_though_the_reader_of_the_table_has_left(folder, tmp_path):
    command = [sys.executable, "-c", "from fairkit.cli import main; main()", "bias", folder / "people.csv", "--label",
               "hired", "--facet", "gender", "age", "--methods", "CI", "DPL", "-o", tmp_path / "analysis.json",
               "--table", tmp_path / "rows.csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as process:
        process.stdout.close()
    assert process.returncode == 141   # as of a tool that SIGPIPE ends
    facets = json.loads((tmp_path / "analysis.json").read_text())["pre_training_bias_metrics"]["facets"]
    assert list(facets) == ["gender", "age"] and len(pd.read_csv(tmp_path / "rows.csv")) == 2 * (2 + 52)


def test_the_threshold_that_is_written_is_told(folder, tmp_path, capsys):
    path = tmp_path / "analysis.json"
    frame = pd.read_csv(folder / "people.csv").assign(score=np.linspace(0, 1, 800))
    frame.to_csv(tmp_path / "scored.csv", index=False)
    asked = ("bias", tmp_path / "scored.csv", "--label", "hired", "--facet", "gender", "--facet-values", "Female",
             "--methods", "DPPL", "--predictions", "score", "-o", path, "--thresholds")
    assert run(*asked, 0.5, 0.3) == 0
    assert f"written: {path} (threshold 0.3 alone;" in capsys.readouterr().out
    written = json.loads(path.read_text())["post_training_bias_metrics"]["facets"]["gender"][0]["metrics"][0]["value"]
    shares = (frame["score"] > 0.3).groupby(frame["gender"]).mean()
    assert written == pytest.approx(shares["Male"] - shares["Female"])
    assert run(*asked, 0.5) == 0
    assert capsys.readouterr().out.endswith(f"written: {path}\n")


def test_another_ending_is_refused_before_anything_is_computed(folder, capsys):
    assert run("bias", folder / "nothing.csv", "--label", "hired", "--facet", "gender", "-o", "bias.pdf") == 2
    assert "bias.pdf" in capsys.readouterr().err


def test_two_runs_have_their_bias_metrics_side_by_side(folder, tmp_path, capsys):
    path = tmp_path / "report.json"
    assert run("report", folder / "before", folder / "after", "--facet", "gender=Female", "age=>40", "--metric",
               "recall", "--pictures", "none", "-o", path, "-o", tmp_path / "report.html") == 0
    found = json.loads(path.read_text("utf-8"))
    assert [each["model"] for each in found["bias"]] == ["before", "after"]
    frame = pd.read_csv(folder / "people.csv")
    for each in found["bias"]:
        facets = each["post_training_bias_metrics"]["facets"]
        assert [one["value_or_threshold"] for one in facets["gender"]] == ["Female"]
        named = [metric["name"] for metric in facets["age"][0]["metrics"]]
        assert "DPPL" in named and "FT" not in named
    shares = frame.groupby("gender")["hired"].mean()
    labels = found["bias"][0]["pre_training_bias_metrics"]["facets"]["gender"][0]["metrics"]
    assert {one["name"]: one["value"] for one in labels}["DPL"] == pytest.approx(shares["Male"] - shares["Female"])
    assert "Bias metrics" in (tmp_path / "report.html").read_text("utf-8")


def test_every_value_in_turn_and_crosses(folder, tmp_path):
    path = tmp_path / "report.json"
    assert run("report", folder / "before", "--facet", "gender", "--pictures", "none", "-o", path) == 0
    facets = json.loads(path.read_text("utf-8"))["bias"][0]["pre_training_bias_metrics"]["facets"]
    assert [one["value_or_threshold"] for one in facets["gender"]] == ["Female", "Male"]
    assert run("report", folder / "before", "--facet", "gender,age=Female,30", "--pictures", "none", "-o", path) == 0
    facets = json.loads(path.read_text("utf-8"))["bias"][0]["pre_training_bias_metrics"]["facets"]
    assert list(facets) == ["gender,age"]


def test_without_a_facet_there_is_no_section(folder, tmp_path):
    assert run("report", folder / "before", "--pictures", "none", "-o", tmp_path / "report.json") == 0
    found = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert "bias" not in found and "bias" not in [section["id"] for section in found["sections"]]


@pytest.mark.parametrize("asked", [["gendr"], ["gender=Femal"], ["=x"], ["gender="], ["gender", "gender=Male"]])
def test_mistakes_are_told_in_a_line(folder, tmp_path, capsys, asked):
    assert run("report", folder / "before", "--facet", *asked, "-o", tmp_path / "x.html") == 2
    said = capsys.readouterr().err.strip()
    assert "Expected: " in said and len(said.splitlines()) == 1 and not (tmp_path / "x.html").exists()
