"""fairkit evaluate on files of scores, with bins, TFMA's configs and TFMA's own engine."""

import json

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.cli import main

CONFIG = """
model_specs { label_key: "label" prediction_key: "score" }
metrics_specs { metrics { class_name: "FairnessIndicators" config: '{"thresholds": [0.4]}' } MORE }
slicing_specs {} slicing_specs { feature_keys: "religion" }
"""


def call(*arguments):
    with pytest.raises(SystemExit) as done:
        main(["evaluate", *map(str, arguments)])
    return done.value.code


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """(folder with scored.parquet and scored.csv, the DataFrame)."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"toxic": rng.integers(0, 2, 900), "religion": rng.choice(["muslim", "christian", None], 900),
                          "gender": rng.choice(["f", "m"], 900), "age": rng.integers(10, 90, 900)})
    frame["score"] = np.clip(rng.normal(0.35 + 0.25 * frame["toxic"], 0.15), 0, 1)
    folder = tmp_path_factory.mktemp("scored")
    frame.to_parquet(folder / "scored.parquet")
    frame.to_csv(folder / "scored.csv", index=False)
    return folder, frame


def columns(*groups):
    return ["--scores", "score", "--label", "toxic", "--groups", *groups]


def test_a_parquet_file_is_counted_as_a_csv_file_is(scored, tmp_path, capsys):
    folder, frame = scored
    for kind in ("csv", "parquet"):
        assert call("--data", folder / f"scored.{kind}", *columns("religion", "gender"), "--thresholds", 0.5,
                    "--slices", "religion", "gender", "-o", tmp_path / kind) == 0
    shown = capsys.readouterr().out
    missing = int(frame["religion"].isna().sum())
    assert shown.count(f"{missing} of 900 examples have no religion and are in no slice of it") == 2
    one, other = (fairkit.load_evaluation(tmp_path / kind) for kind in ("csv", "parquet"))
    assert other.predictions is None
    rates = one.frame["metric"] != "auc"
    pd.testing.assert_frame_equal(one.frame[rates], other.frame[rates], rtol=1e-12)


def test_bins_are_kept_for_the_next_evaluation_of_a_run(scored, tmp_path, capsys):
    folder, frame = scored
    assert call("--data", folder / "scored.csv", *columns("age", "gender"), "--slices", "age", "age,gender=f",
                "--bins", "age=18,65", "--thresholds", 0.5, "-o", tmp_path / "run") == 0
    assert json.loads((tmp_path / "run" / "run.json").read_text())["asked"]["cuts"] == {"age": [18.0, 65.0]}
    assert call(tmp_path / "run", "--thresholds", 0.3, "--metrics", "f1_score") == 0
    again = capsys.readouterr().out.partition("threshold 0.3")[2]
    assert "age:[18, 65)" in again and "age_X_gender:>= 65_X_f" in again and "f1 score" in again
    run = fairkit.load_evaluation(tmp_path / "run")
    counts = run.frame[run.frame["metric"] == "example_count"].set_index("slice")["value"]
    assert counts["age:< 18"] == (frame["age"] < 18).sum()


def test_a_config_of_tfma_is_counted_and_what_is_not_is_named(scored, tmp_path, capsys):
    folder, frame = scored
    (tmp_path / "config.txt").write_text(CONFIG.replace("MORE", ""))
    assert call("--data", folder / "scored.csv", *columns("religion"), "--config", tmp_path / "config.txt") == 0
    assert "threshold 0.4" in capsys.readouterr().out
    (tmp_path / "more.txt").write_text(CONFIG.replace("MORE", 'metrics { class_name: "MeanAbsoluteError" }'))
    assert call("--data", folder / "scored.csv", *columns("religion"), "--config", tmp_path / "more.txt") == 2
    error = capsys.readouterr().err
    assert "engine='tfma'" in error and "MeanAbsoluteError" in error and error.count("\n") == 1
    pytest.importorskip("fairness_indicators")
    assert call("--data", folder / "scored.csv", *columns("religion"), "--config", tmp_path / "more.txt", "--engine",
                "tfma", "-o", tmp_path / "run") == 0
    value = np.abs(frame["score"] - frame["toxic"]).mean()
    assert f"mean_absolute_error   -          {value:.4f}" in capsys.readouterr().out
    assert (tmp_path / "run" / "evaluation" / "eval_config.json").is_file()
    assert (tmp_path / "run" / "report.html").is_file()
    with pytest.raises(fairkit.FairkitError, match="counts"):
        fairkit.load_evaluation(tmp_path / "run").gaps("recall")


def test_what_a_config_asks_for_beside_rates_is_printed(scored, tmp_path, capsys):
    pytest.importorskip("fairness_indicators")
    folder, frame = scored
    (tmp_path / "config.txt").write_text("""
      slicing_specs { } slicing_specs { feature_keys: "religion" }
      metrics_specs { metrics { class_name: "ExampleCount"
        threshold { value_threshold { lower_bound { value: 1 } upper_bound { value: 2 } } } }
        metrics { class_name: "FPR" } metrics { class_name: "BinaryAccuracy" } }
      options { min_slice_size { value: 100000 } }""")
    assert call("--data", folder / "scored.csv", *columns("religion"), "--config", tmp_path / "config.txt", "-o",
                tmp_path / "run") == 0
    out = capsys.readouterr().out
    assert "left out, with fewer examples than min_slice_size: religion:" in out
    assert "validation failed: 0 of" in out and "at least 1 and at most 2" in out
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files == {"run.json", "report.html", "evaluation"}
    assert fairkit.load_evaluation(tmp_path / "run").value("example_count") == len(frame)


@pytest.mark.parametrize("arguments, says", [
    (["--scores", "scor"], "'score' (the nearest)"),
    (["--scores", "score", "--groups", "religion", "--slices", "gender"], "no group column 'gender'"),
    (["--scores", "score", "--slices", "age", "--bins", "age=young"], "an edge of 'age' is no number"),
    (["--scores", "score", "--slices", "age", "--bins", "18"], "is not cut by its name and numbers"),
    (["--scores", "score", "--intervals", "jackknife"], "intervals is an option of engine='tfma'"),
    (["--scores", "score", "--metrics", "recal"], "'recall' (the nearest)"),
    (["--scores", "score", "--config", "gone.txt"], "gone.txt"),
])
def test_a_mistake_is_one_line(scored, capsys, arguments, says):
    assert call("--data", scored[0] / "scored.parquet", "--label", "toxic", *arguments) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1 and "Traceback" not in error


def test_a_saved_evaluation_is_a_run(scored, tmp_path, capsys):
    frame = scored[1]
    examples = fairkit.Examples(labels=frame["toxic"], groups=frame[["gender"]])
    fairkit.evaluate(frame["score"], examples, ["gender"], [0.5]).save(tmp_path / "saved")
    assert call(tmp_path / "saved", "--thresholds", 0.3) == 0
    assert "threshold 0.3" in capsys.readouterr().out
    with pytest.raises(SystemExit) as done:
        main(["compare", str(tmp_path / "saved"), str(tmp_path / "saved")])
    assert done.value.code == 0


def test_a_comparison_of_many_slices_says_how_to_get_all(tmp_path, capsys):
    """The terminal shows a dozen; the way out that it names has every slice."""
    rng = np.random.default_rng(0)
    labels, groups = rng.integers(0, 2, 3000), rng.integers(0, 300, 3000)
    examples = fairkit.Examples(labels=labels, groups={"g": groups})
    for name in ("before", "after"):
        fairkit.evaluate(rng.random(3000), examples, ["g"], [0.5], min_examples=1).save(tmp_path / name)

    def compared(*more):
        with pytest.raises(SystemExit) as done:
            main(["compare", *(str(tmp_path / name) for name in ("before", "after")), *more])
        assert done.value.code == 0
        return capsys.readouterr().out

    out = compared()
    assert "more slices, all in frame" in out and len(out.splitlines()) < 120
    assert out.splitlines()[-1] == "all slices, in comparison.csv and report.html: -o FOLDER"
    assert "-o FOLDER" not in compared("-o", str(tmp_path / "all"))
    rows = pd.read_csv(tmp_path / "all" / "comparison.csv")
    assert set(rows["slice"]) == {"Overall", *(f"g:{value}" for value in groups)}
