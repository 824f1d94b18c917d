"""fairkit describe: a file's columns, and whom it holds."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairkit.cli import main

HATEXPLAIN = Path(__file__).parents[2].parent / "shared" / "data" / "hatexplain.csv"


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    n = 600
    return pd.DataFrame({
        "text": [f"comment {k}" for k in range(n - 2)] + ["comment 0", "comment 1"],
        "verdict": rng.choice(["rude", "fine"], n), "score": rng.random(n).round(3),
        "faith": rng.choice(["hindu", "jewish|hindu", "", "jewish"], n, p=[0.1, 0.1, 0.7, 0.1]),
        "gender": rng.choice(["women", "men"], n), "weight": rng.integers(1, 4, n)})


@pytest.fixture(scope="module")
def posts(frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("posts") / "posts.csv"
    frame.to_csv(path, index=False)
    return path


def status(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments], command="describe")
    shown = capsys.readouterr()
    return ended.value.code, shown.out, shown.err


def test_the_columns_of_a_file(posts, frame, capsys):
    code, out, err = status(capsys, posts)
    assert code == 0 and not err
    assert out.startswith(f"{posts}: 600 rows, 6 columns")
    assert "perhaps labels or groups: verdict, faith, gender, weight" in out and "--label COLUMN" in out
    plain = json.loads(status(capsys, posts, "--json")[1])
    columns = {column["name"]: column for column in plain["columns"]}
    assert plain["file"] == str(posts) and plain["rows"] == 600
    assert columns["faith"]["missing"] == (frame["faith"] == "").sum() and columns["text"]["distinct"] == 598
    assert (columns["score"]["low"], columns["score"]["high"]) == (frame["score"].min(), frame["score"].max())
    assert dict(columns["verdict"]["values"]) == frame["verdict"].value_counts().to_dict()


@pytest.mark.parametrize("write", [
    lambda frame, path: frame.to_json(path.with_suffix(".jsonl"), orient="records", lines=True),
    lambda frame, path: frame.to_parquet(path.with_suffix(".parquet")),
    lambda frame, path: path.with_suffix(".csv.gz").write_bytes(gzip.compress(frame.to_csv(index=False).encode())),
], ids=["JSON Lines", "Parquet", "gzip"])
def test_any_file(frame, tmp_path, capsys, write):
    write(frame, tmp_path / "posts")
    path, = tmp_path.iterdir()
    code, out, _ = status(capsys, path, "--json")
    columns = {column["name"]: column for column in json.loads(out)["columns"]}
    assert code == 0 and columns["score"]["kind"] == "numbers" and columns["weight"]["kind"] == "whole numbers"
    assert dict(columns["gender"]["values"]) == frame["gender"].value_counts().to_dict()


MEANING = ("--label", "verdict", "--positive", "rude", "--groups", "faith", "gender", "--separator", "|")


def test_examples_by_group(posts, frame, capsys):
    code, out, _ = status(capsys, posts, *MEANING, "--inputs", "text")
    rude = (frame["verdict"] == "rude").sum()
    assert code == 0 and out.startswith(f"{posts}: 600 examples, {rude} of them positive: ")
    assert "no value, so in no group: faith" in out and "texts that occur more than once (4)" in out
    plain = json.loads(status(capsys, posts, *MEANING, "--min-examples", 50, "--json")[1])
    slices = {row["slice"]: row for row in plain["slices"]}
    hindu = frame["faith"].str.contains("hindu")
    assert slices["faith:hindu"]["n"] == hindu.sum() and plain["missing"] == {
        "faith": (frame["faith"] == "").sum(), "gender": 0}
    assert slices["faith_X_gender:hindu_X_men"]["n"] == (hindu & (frame["gender"] == "men")).sum()
    assert slices["faith_X_gender:hindu_X_men"]["cannot_judge"] == "false_positive_rate, false_negative_rate"
    by = json.loads(status(capsys, posts, *MEANING, "--by", "faith,gender", "--weight", "weight", "--json")[1])
    assert {row["by"] for row in by["slices"]} == {"", "faith, gender"} and by["weighted"]
    assert by["slices"][0]["weight"] == frame["weight"].sum()


@pytest.mark.parametrize("arguments, says", [
    (["--groups", "faith"], "--groups is for examples, which have labels"),
    (["--by", "faith"], "--label COLUMN beside --by"),
    (["--min-examples", "3"], "--label COLUMN beside --min-examples"),
    (["--label", "verdit", "--positive", "rude"], "'verdict' (the nearest)"),
    (["--label", "verdict", "--groups", "faith"], "are not 0 and 1"),
    ([*MEANING, "--by", "gendr"], "no group column 'gendr' to describe by. Expected: 'gender' (the nearest)"),
    ([*MEANING, "--by", "gender=men"], "by names no group column"),
    ([*MEANING, "--min-examples", "-3"], "min_examples is no number of examples"),
    (["--label", "verdict", "--positive", "rude", "--groups", "text", "--by", "faith"], "no group column 'faith'"),
    (["--delimiter", ";;"], "delimiter"),
])
def test_mistakes_are_named(posts, capsys, arguments, says):
    code, out, err = status(capsys, posts, *arguments)
    assert code == 2 and not out and says in err and err.count("\n") == 1


def test_a_file_that_is_not_there(tmp_path, capsys):
    code, _, err = status(capsys, tmp_path / "none.csv")
    assert code == 2 and "none.csv" in err and err.count("\n") == 1


def test_columns_of_one_name_are_left_out_and_said(tmp_path, capsys):
    path = tmp_path / "twice.csv"
    path.write_text("a,a,b\n1,2,3\n")
    code, out, err = status(capsys, path, "--json")
    assert code == 0 and [column["name"] for column in json.loads(out)["columns"]] == ["b"]
    assert err.startswith("fairkit: several columns are called 'a'")


def test_rows_that_are_set_aside_are_said(tmp_path, capsys):
    path = tmp_path / "posts.csv"
    path.write_text("label,color\n0,blue\n1,orange,1\n1,blue\n")
    code, out, err = status(capsys, path, "--label", "label", "--groups", "color", "--bad-rows", "set-aside")
    assert code == 0 and "2 examples, 1 of them positive" in out and "1 row set aside" in err


@pytest.mark.skipif(not HATEXPLAIN.is_file(), reason="HateXplain is not at ../shared/data/hatexplain.csv")
def test_hatexplain(capsys):
    code, out, _ = status(capsys, HATEXPLAIN, "--label", "label", "--negative", "normal", "--groups",
                          "Race", "Religion", "Gender", "Sexual Orientation")
    assert code == 0 and out.startswith(f"{HATEXPLAIN}: 20,109 examples, 12,291 of them positive: 0.611 [0.604, 0.618]")
    lines = out.splitlines()
    assert len(lines) < 60 and max(map(len, lines[1:])) <= 100
    hispanic, = (line for line in lines if line.startswith("  Hispanic "))
    assert hispanic.split()[:2] == ["Hispanic", "313"] and "17*" in hispanic
