"""`fairkit report` as a user meets it: every format, one line for each mistake, and nobody's texts by itself."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.cli import main
from fairkit.cli.run_folder import write_run
from fairkit.folders import read_about


def call(*arguments):
    """The exit status of a command run in this process; each is loaded alone, as scripts do."""
    command, *rest = arguments
    with pytest.raises(SystemExit) as done:
        main([str(a) for a in rest], command=command)
    return done.value.code


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    """A CSV of generated comments."""
    train, _ = fairkit.data.comments(size=500, seed=2)
    path = tmp_path_factory.mktemp("data") / "posts.csv"
    pd.DataFrame({"text": train.inputs, "verdict": np.where(train.labels == 1, "rude", "fine"),
                  "religion": ["|".join(c if isinstance(c, tuple) else [c] if c else [])
                               for c in train.groups["religion"].to_list()]}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory, posts):
    """first: a run that was trained for one epoch; second: the same examples, other scores; other: fewer of them."""
    folder = tmp_path_factory.mktemp("runs")
    assert call("train", "--data", posts, "--inputs", "text", "--label", "verdict", "--positive", "rude", "--groups",
                "religion", "--separator", "|", "--epochs", 1, "--thresholds", 0.3, 0.5, "-o", folder / "first") == 0
    first, predictions = read_about(folder / "first"), fairkit.load_evaluation(folder / "first").predictions
    rng = np.random.default_rng(0)
    better = fairkit.Predictions(predictions.labels, np.clip(0.6 * predictions.labels + 0.4 * rng.random(
        len(predictions)), 0, 1), predictions.groups, ids=predictions.ids)
    for name, scored in (("second", better), ("other", better.take(np.arange(60)))):
        evaluation = fairkit.evaluate(scored, slices=["religion"], thresholds=[0.3, 0.5], min_examples=5)
        write_run(folder / name, "evaluate", {"what": "x", "data": None}, evaluation, data=first["data"],
                  fingerprint=first["fingerprint"])
    return folder


def texts_of(posts):
    return [text for text in pd.read_csv(posts)["text"] if len(text) > 20]


def test_a_run_holds_its_report_with_what_it_was_trained_on(runs, posts):
    page = (runs / "first" / "report.html").read_text("utf-8")
    about = read_about(runs / "first")
    assert about["training"]["examples"] + fairkit.load_evaluation(runs / "first").examples == 500
    assert about["architecture"]["parameters"] > 0 and about["history"]["loss"]
    assert "The training split" in page and f"{about['architecture']['parameters']:,} parameters" in page
    assert "examples that are labelled rude" in page.replace("Examples", "examples") or "are not labelled rude" in page
    assert not any(text in page for text in texts_of(posts))


def test_every_format_and_a_model_card(runs, tmp_path, capsys):
    assert call("report", runs / "first", runs / "second", "--name", "plain", "better", "--threshold", 0.5,
                "--reference", "religion=christian", "--noun", "posts", "--positive", "rude", "--negative", "polite",
                "-o", tmp_path / "r.html", "-o", tmp_path / "r.md", "-o", tmp_path / "r.json",
                "--model-card", tmp_path / "README.md", "--license", "mit", "--intended-use", "To try things.") == 0
    printed = capsys.readouterr().out
    assert printed.count("written to") == 4
    assert {path.name for path in tmp_path.iterdir()} == {"r.html", "r.md", "r.json", "README.md"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [model["name"] for model in found["models"]] == ["plain", "better"]
    assert found["threshold"] == 0.5 and found["reference"] == {"religion": "christian"} and not found["warnings"]
    told = [finding for finding in found["findings"] if finding["sentence"]]
    assert told[0]["sentence"].startswith("Polite posts with religion") and told[0]["sentence"] in printed
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "license: mit" in card and "To try things." in card


def test_by_default_it_asks_what_the_runs_were_asked(runs, tmp_path):
    about = read_about(runs / "first")
    remedied = {**about["asked"], "threshold": 0.3, "remediation": {
        "sensitive": {"religion": "muslim"}, "nonsensitive": {"religion": "christian"},
        "error_rate": ["false_negative_rate"], "classes": None}}
    write_run(tmp_path / "run", "remediate", remedied, fairkit.load_evaluation(runs / "second"), data=about["data"],
              fingerprint=about["fingerprint"])
    assert call("report", runs / "first", tmp_path / "run", "-o", tmp_path / "r.json") == 0
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert found["metric"] == "false_negative_rate" and found["threshold"] == 0.3
    assert found["reference"] == {"religion": "christian"}


def test_runs_on_other_data_are_told_unpaired(runs, tmp_path, capsys):
    assert call("report", runs / "first", runs / "other", "-o", tmp_path / "r.md", "--pictures", "none") == 0
    assert "Changes are not paired: the two models judged different examples" in capsys.readouterr().out
    assert "not paired" in (tmp_path / "r.md").read_text("utf-8")


def test_three_runs_are_each_compared_with_the_first(runs, tmp_path):
    assert call("report", runs / "first", runs / "second", runs / "other", "-o", tmp_path / "r.json", "--pictures",
                "none") == 0
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert {len(finding["changes"]) for finding in found["findings"]} == {2}
    assert [change["model"] for change in found["findings"][0]["changes"]] == ["second", "other"]


def test_texts_are_shown_only_where_they_are_asked_for(runs, posts, tmp_path):
    for name in ("r.html", "r.md", "r.json"):
        assert call("report", runs / "first", "-o", tmp_path / name) == 0
        content = (tmp_path / name).read_text("utf-8")
        assert not any(text in content for text in texts_of(posts))
    assert call("report", runs / "second", "--threshold", 0.3, "--show-examples", "-o", tmp_path / "shown.json", "-o",
                tmp_path / "shown.html") == 0
    section = next(section for section in json.loads((tmp_path / "shown.json").read_text("utf-8"))["sections"]
                   if section["id"] == "examples")
    rows = [row for part in section["parts"] if part["kind"] == "table" for row in part["rows"]]
    assert rows and all(row[-1] in {" ".join(text.split()) for text in pd.read_csv(posts)["text"]} for row in rows)
    assert "They are shown because" in (tmp_path / "shown.html").read_text("utf-8")


def test_a_run_from_before_there_were_reports(runs, tmp_path):
    import shutil

    shutil.copytree(runs / "first", tmp_path / "old")
    about = read_about(tmp_path / "old")
    for name in ("training", "architecture", "history"):
        del about[name]
    (tmp_path / "old" / "run.json").write_text(json.dumps(about))
    (tmp_path / "old" / "report.html").rename(tmp_path / "old" / "board.html")
    assert call("report", tmp_path / "old", "-o", tmp_path / "r.md") == 0
    assert "was not kept with this run" in (tmp_path / "r.md").read_text("utf-8")


def test_the_folder_of_a_comparison_holds_the_report_of_both(runs, tmp_path, capsys):
    assert call("compare", runs / "first", runs / "second", "-o", tmp_path / "compared") == 0
    page = (tmp_path / "compared" / "report.html").read_text("utf-8")
    assert "Fairness report: first and second" in page and "After second" in page
    assert {path.name for path in (tmp_path / "compared").iterdir()} == {
        "report.html", "comparison.csv", "got_worse.csv", "run.json"}
    assert call("report", tmp_path / "compared", "-o", tmp_path / "r.html") == 2
    assert "the folder of a comparison" in capsys.readouterr().err


@pytest.mark.parametrize("arguments, says", [
    (["first"], "it is not said what to write"),
    (["first", "-o", "r.pdf"], "a report is written in a format by the end of its name"),
    (["absent", "-o", "r.html"], "there is no run here"),
    (["first", "first", "-o", "r.html"], "a run is named twice"),
    (["first", "second", "--name", "a", "-o", "r.html"], "the names do not fit"),
    (["first", "--metric", "fpr", "-o", "r.html"], "a report tells no gaps of 'fpr'"),
    (["first", "--threshold", "1.5", "-o", "r.html"], "a threshold lies outside [0, 1]"),
    (["first", "--class", "1", "-o", "r.html"], "a binary score has no classes"),
    (["first", "--reference", "religion=none", "-o", "r.html"], "no example has religion = 'none'"),
    (["first", "--reference", "religion", "-o", "r.html"], "--reference is not given by a column and a value"),
    (["first", "--license", "mit", "-o", "r.html"], "--license is for a model card"),
    (["moved", "--show-examples", "-o", "r.html"], "gone.csv'. Expected"),
    (["changed", "--show-examples", "-o", "r.html"], "the data are not those that the run judged"),
    (["scored", "--show-examples", "-o", "r.html"], "it has no examples to show"),
    (["first", "-o", "file.txt/r.html"], "file"),
])
def test_a_mistake_gets_one_line_and_leaves_nothing(runs, tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("a file")
    for name in ("moved", "changed", "scored"):
        if name in arguments:
            about = read_about(runs / "second")
            about["asked"]["scores"] = "score" if name == "scored" else None
            changed = {"moved": {"data": {**about["data"], "data": str(tmp_path / "gone.csv")}},
                       "changed": {"fingerprint": {"examples": "0", "ids": "0"}}, "scored": {}}[name]
            write_run(name, "evaluate", about["asked"], fairkit.load_evaluation(runs / "second"), **{
                "data": about["data"], "fingerprint": None, **changed})
    before = sorted(tmp_path.iterdir())
    given = [str(runs / a) if a in ("first", "second") else a for a in arguments]
    assert call("report", *given) == 2
    error = capsys.readouterr().err
    assert re.search(re.escape(says), error) and error.count("\n") == 1 and "Traceback" not in error
    assert sorted(tmp_path.iterdir()) == before
