"""Commands with drawn options and files: the status is 0, 1, 2 or 3, and a mistake is one line, never a traceback."""

import contextlib
import io
import json
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.cli import main
from fairkit.cli.run_folder import write_run

pytestmark = pytest.mark.once   # it takes long, and is the same on every Python
N = 60


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with runs, tables in several formats, and what is none of these."""
    place, rng = tmp_path_factory.mktemp("fuzz"), np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 80, N), "g": rng.choice(["a", "b", "=1+1"], N),
                          "y": rng.integers(0, 2, N), "score": rng.random(N).round(3), "w": rng.random(N)})
    frame.to_csv(place / "data.csv", index=False)
    frame.to_json(place / "data.jsonl", orient="records", lines=True)
    frame.to_parquet(place / "data.parquet")
    frame.assign(w=1e200).to_parquet(place / "heavy.parquet")
    frame.assign(score=np.nan, y=7).to_csv(place / "odd.csv", index=False)
    frame.drop(columns="y").to_parquet(place / "unlabelled.parquet")
    pq.write_table(pa.table({"y": frame["y"], "score": frame["score"], "g": pa.array([{"x": 1}] * N)}),
                   place / "structs.parquet")
    (place / "empty.csv").write_text("")
    (place / "header.csv").write_text("age,g,y,score,w\n")
    (place / "wide.csv").write_text("x" * 300_000 + ",y\n1,0\n")
    (place / "binary.csv").write_bytes(bytes(range(256)) * 10)
    (place / "cut.parquet").write_bytes((place / "data.parquet").read_bytes()[:300])
    np.save(place / "scores.npy", frame["score"].to_numpy())
    np.save(place / "square.npy", np.zeros((N, N)))
    (place / "objects.npy").write_bytes(b"\x93NUMPY\x01\x00")
    predictions = fairkit.Predictions(frame["y"], frame["score"], {"g": frame["g"], "age": frame["age"]})
    evaluation = fairkit.evaluate(predictions, slices=["g", "age"], thresholds=[0.3, 0.5], min_examples=1)
    for name in ("before", "after", "cut"):
        write_run(place / name, "evaluate", {"what": "x"}, evaluation, data={}, fingerprint=None)
    (place / "cut" / "cells.npz").write_bytes((place / "cut" / "cells.npz").read_bytes()[:400])
    (place / "partial").mkdir()
    (place / "partial" / "run.json").write_text('{"format": 1')
    (place / "config.json").write_text(json.dumps({"dataset_type": "text/csv", "headers": ["a"], "label": "a"}))
    (place / "methods.json").write_text('{"m": {"nope": [1, {"$loss": 3}]}}')
    return place


PATHS = st.sampled_from(["data.csv", "data.jsonl", "data.parquet", "heavy.parquet", "odd.csv", "unlabelled.parquet",
                         "structs.parquet", "empty.csv", "header.csv", "wide.csv", "binary.csv", "cut.parquet",
                         "scores.npy", "square.npy", "objects.npy", "before", "after", "cut", "partial", "config.json",
                         "methods.json", "absent", "", "*.csv", "/dev/null", "a\0b", "x" * 300, "."])
WORDS = st.sampled_from(["g", "age", "y", "score", "w", "nope", "", "g=a", "g==a", "age=inf", "age=nan", "age=4",
                         "age=-1", "age=18,65", "nope=3", "g,age", "g,age=20", "=", ",", "=1+1", "overall",
                         "false_positive_rate",
                         "recall=0.1", "recall=nan", "recall=1e999", "accuracy", "auc", "auc=0.5", "\x1b[31m", "größe",
                         "a\nb", "--", "-1", "0.5", "1e308", "nan", "inf", "0", "1", "2", "8", "99999999999999999999"])
FILES = st.sampled_from(["out", "out.html", "out.md", "out.json", "out.csv", "before", "data.csv", "/proc/x",
                         "a/b/c.html", "", "a\0b", "y" * 300])
SHORT = st.lists(WORDS, min_size=1, max_size=3)
OPTIONS = {
    "evaluate": {"--data": PATHS, "--scores": WORDS | PATHS, "--label": WORDS, "--groups": SHORT, "--weight": WORDS,
                 "--slices": SHORT, "--thresholds": SHORT, "--classes": SHORT, "--bins": SHORT, "--quantiles": SHORT,
                 "--min-examples": WORDS, "--metrics": SHORT, "--config": PATHS, "-o": FILES, "--positive": SHORT,
                 "--delimiter": WORDS, "--encoding": WORDS, "--bad-rows": WORDS},
    "compare": {"--metric": WORDS, "--reference": SHORT, "-o": FILES},
    "check": {"--max-gap": WORDS, "--min": WORDS, "--max": WORDS, "--reference": SHORT, "--threshold": WORDS,
              "--classes": SHORT, "--model": WORDS},
    "report": {"-o": FILES, "--metric": WORDS, "--threshold": WORDS, "--reference": SHORT, "--facet": WORDS,
               "--name": SHORT, "--pictures": st.just("none"), "--model-card": FILES, "--license": WORDS},
    "bias": {"--label": WORDS, "--positive": SHORT, "--facet": SHORT, "--facet-values": SHORT, "--group": WORDS,
             "--predictions": WORDS, "--thresholds": SHORT, "--classes": SHORT, "--weight": WORDS, "--methods": SHORT,
             "--table": FILES, "-o": FILES, "--config": PATHS, "--data": PATHS, "--seed": WORDS},
    "describe": {"--label": WORDS, "--groups": SHORT, "--data": PATHS},
    "train": {"--data": PATHS, "--inputs": SHORT, "--label": WORDS, "--groups": SHORT, "--epochs": st.just("0"),
              "--balance": SHORT, "--balance-to": WORDS, "--test-share": WORDS, "-o": FILES, "--orange": WORDS},
    "remediate": {"--sensitive": SHORT, "--nonsensitive": SHORT, "--loss-weight": WORDS, "--epochs": st.just("0"),
                  "-o": FILES, "--data": PATHS, "--trust": PATHS},
    "sweep": {"--methods": PATHS, "--max-gap": WORDS, "--seeds": SHORT, "--epochs": st.just("0"), "-o": FILES,
              "--loss-weights": SHORT, "--sensitive": SHORT, "--threshold": WORDS, "--trust": PATHS},
}
GIVEN = {"evaluate": 1, "compare": 2, "check": 1, "report": 2, "bias": 1, "describe": 1, "train": 0, "remediate": 1,
         "sweep": 1}
BASE = {"evaluate": {"--data": ["data.csv"], "--scores": ["score"], "--label": ["y"], "--groups": ["g", "age"]},
        "compare": {}, "check": {"--max-gap": ["recall=0.3"]}, "report": {"-o": ["out.json"]},
        "bias": {"--label": ["y"], "--facet": ["g"]}, "describe": {}, "remediate": {"-o": ["out"]},
        "sweep": {"-o": ["out"]},
        "train": {"--data": ["data.csv"], "--inputs": ["age"], "--label": ["y"], "--groups": ["g"], "-o": ["out"],
                  "--epochs": ["0"]}}


@st.composite
def commands(draw, name):
    """A command that would do, with some of its parts replaced by drawn ones."""
    options = dict(BASE[name])
    for option in draw(st.lists(st.sampled_from(sorted(OPTIONS[name])), max_size=4, unique=True)):
        value = draw(OPTIONS[name][option])
        options[option] = value if isinstance(value, list) else [value]
    given = [] if name == "evaluate" and draw(st.booleans()) else \
        [draw(st.sampled_from(["before", "after", "data.csv"]) | PATHS) for _ in range(GIVEN[name])]
    return [name, *given, *(part for option, values in options.items() for part in (option, *values))]


def run(arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code, out.getvalue(), err.getvalue()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_mistake_is_one_line_and_no_traceback(name, place, tmp_path_factory, monkeypatch):
    work = tmp_path_factory.mktemp("work")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(commands(name))
    def tried(arguments):
        shutil.rmtree(work)
        shutil.copytree(place, work)
        monkeypatch.chdir(work)
        before = {path: path.read_bytes() for path in work.rglob("*") if path.is_file()}
        status, out, err = run(arguments)
        assert status in (0, 1, 2, 3), (arguments, err)
        assert "Traceback" not in err and not {c for c in out + err if not c.isprintable()} - {"\n", "\t"}, arguments
        if status == 2:
            lines = [line for line in err.splitlines() if not line.startswith("fairkit: warning")]
            assert 1 <= len(lines) <= 2 and all(line.startswith("fairkit") for line in lines), (arguments, err)
            assert {path: path.read_bytes() for path in work.rglob("*") if path.is_file()} == before, arguments
        else:
            assert all(path.exists() for path in before), arguments

    tried()
    monkeypatch.chdir(place)


SCORED = ["evaluate", "--data", "data.csv", "--scores", "score", "--label", "y", "--groups", "g", "age"]


@pytest.mark.parametrize("arguments, says", [
    ([*SCORED, "--quantiles", "nope=4"], "'nope' is cut, and no slice has it"),
    ([*SCORED, "--bins", "nope=3"], "'nope' is cut, and no slice has it"),
    ([*SCORED, "--bins", "age=30", "--quantiles", "age=2"], "'age' is cut twice"),
    ([*SCORED, "--quantiles", "age=inf"], "must be a whole number"),
    ([*SCORED, "--quantiles", "age=nan"], "must be a whole number"),
    ([*SCORED, "--quantiles", "age=1e300"], "2 to 10,000"),
    (["train", "--data", "data.csv", "--inputs", "age", "--label", "y", "--groups", "g", "--balance", "g",
      "--balance-to", "nan", "-o", "out"], "must be a whole number"),
    (["evaluate", "--data", "heavy.parquet", "--scores", "score", "--label", "y", "--groups", "g", "--weight", "w"],
     "a weight in column 'w' is out of range"),
    (["bias", "data.csv", "--label", "y", "--facet", "g", "--classes", "1"], "there are no predictions"),
    (["bias", "data.csv", "--label", "y", "--facet", "g", "--predictions", "score", "--thresholds", "0.5", "--classes",
      "0", "1"], "classes are for models with several outputs"),
    (["bias", "data.csv", "--label", "y", "--facet", "g", "--predictions", "score", "--thresholds", "2"],
     "the scores lie in [0, 1]"),
])
def test_what_was_dropped_without_a_word_is_refused_by_name(arguments, says, place, monkeypatch):
    monkeypatch.chdir(place)
    status, _, err = run(arguments)
    assert status == 2 and says in err and err.count("\n") == 1, err
