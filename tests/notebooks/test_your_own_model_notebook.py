"""your_own_model.ipynb: its numbers and its text against the CSV file and the models' scores, counted by hand."""

import json
import re

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

pytestmark = [pytest.mark.slow, pytest.mark.notebook]

NOTEBOOK = "your_own_model"
ASKED = """
import json, os

table = pd.read_csv("test.csv", keep_default_na=False)   # by plain pandas and Keras, without fairkit
table = table.assign(row=table.index + 2)
judged = table[table["essay"] != ""]
fed = {name: judged[name].to_numpy("float32") for name in ["marks", "essay", "hours"]}
fed["district"] = judged["district"].to_numpy(object)
print(json.dumps({
    "table": judged.to_dict("list"), "lost": table.loc[table["essay"] == "", "row"].tolist(),
    "scores": {name: keras.models.load_model(f"{name}.keras").predict(fed, verbose=0)[:, 0].tolist()
               for name in ["model", "fixed"]},
    "train": [len(train), len(pd.read_csv("train.csv").dropna(subset="essay"))],
    "threshold": dict(comparison.threshold_pairs[None])[0.5],
    "builder": sorted(short.history), "private": os.stat("report.html").st_mode & 0o77,
    "report": open("report.html", encoding="utf-8").read().count("graduating applicants")}))
"""
SLICES = ["Overall", *(f"region:{name}" for name in ["east", "north", "south"]),
          *(f"languages:{name}" for name in ["arabic", "english", "polish", "welsh"]),
          *(f"age:{name}" for name in ["< 20", "[20, 30)", ">= 30"])]


class Told:
    """The judged rows of the file and both models' scores, counted with their weights."""

    def __init__(self, text):
        self.__dict__.update(json.loads(text))
        self.table = {name: np.array(values) for name, values in self.table.items()}
        self.graduated = self.table["outcome"] == "graduated"
        self.weight = self.table["weight"].astype(float)
        self.scores = {name: np.array(scores, np.float32).astype(float) for name, scores in self.scores.items()}
        self.scores["marks"] = self.table["marks"].astype(float) / 100

    def within(self, slice_):
        feature, _, value = slice_.partition(":")
        if slice_ == "Overall":
            return np.ones(len(self.weight), bool)
        if feature == "age":
            age = self.table["age"]
            return {"< 20": age < 20, "[20, 30)": (age >= 20) & (age < 30), ">= 30": age >= 30}[value]
        return np.array([value in cell.split("|") for cell in self.table[feature]])

    def refused(self, model, slice_, threshold=0.5):
        """(refused graduates, graduates) of a slice, by weight."""
        mask = self.within(slice_) & self.graduated
        return self.weight[mask & (self.scores[model] <= threshold)].sum(), self.weight[mask].sum()

    def rate(self, *asked):
        some, every = self.refused(*asked)
        return some / every

    def gap(self, model, slice_, threshold=0.5):
        return self.rate(model, slice_, threshold) - self.rate(model, "Overall", threshold)

    def false_positive_rate(self, model, slice_, threshold):
        mask = self.within(slice_) & ~self.graduated
        return self.weight[mask & (self.scores[model] > threshold)].sum() / self.weight[mask].sum()


def test_the_file_is_read_as_it_is(notebook, told, outputs_of):
    [text] = outputs_of(notebook, "test.set_aside")
    [row] = told.lost
    assert f"Examples({len(told.weight)}," in text and f"1 row set aside: row {row} of 'test.csv'" in text
    assert told.train[0] == told.train[1] == 7998
    [page] = outputs_of(notebook, "describe(test, by=[\"region\", \"languages\", ages])", "text/html")
    for slice_ in SLICES[1:]:
        n = int(told.within(slice_).sum())
        name = slice_.partition(":")[2].replace("<", "&lt;").replace(">", "&gt;")
        assert re.search(rf">{re.escape(name)}</(bdi|th)>(</th>)?<td[^>]*>{n:,}<", page), slice_


def test_crosses_that_are_too_small(notebook, told, outputs_of):
    rows = re.findall(r"languages_X_region:(\w+)_X_(\w+)\s+(\d+)\s+(\d+)\s+(\d+)",
                      outputs_of(notebook, ".too_small")[0])
    assert {language for language, *_ in rows} == {"welsh"} and len(rows) == 3
    for language, region, *counts in rows:
        mask = told.within(f"languages:{language}") & told.within(f"region:{region}")
        assert [int(n) for n in counts] == [mask.sum(), (mask & told.graduated).sum(), (mask & ~told.graduated).sum()]


def test_the_board_holds_the_counts_of_the_file(notebook, told, outputs_of):
    [text] = outputs_of(notebook, "before.show(")
    shown = {line.split("  ")[0]: tuple(map(int, counts.groups())) for line in text.splitlines()
             if (counts := re.search(r"(\d+)/(\d+)$", line))}
    assert list(shown) == SLICES
    assert shown == {slice_: told.refused("model", slice_) for slice_ in SLICES}


def test_gaps_are_those_of_the_file(notebook, told, outputs_of):
    found = {}
    for line in outputs_of(notebook, "gaps = before.gaps")[0].splitlines()[1:]:
        slice_, numbers = re.match(r"\d+\s+(\w+:.*?)\s{1,}(-?\d\.\d+.*)$", line).groups()
        value, gap, lower, upper, adjusted, n = map(float, numbers.split()[:6])
        assert value == pytest.approx(told.rate("model", slice_), abs=6e-4)
        assert gap == pytest.approx(told.gap("model", slice_), abs=6e-4)
        assert n == told.refused("model", slice_)[1]
        found[slice_] = (lower, upper, adjusted)
    assert sorted(found) == sorted(SLICES[1:])
    surely = {slice_ for slice_, (_, _, adjusted) in found.items() if adjusted < 0.05}
    assert surely == {"region:east", "region:north", "region:south"}, "the text names no other"
    assert found["languages:welsh"][0] < 0 < found["languages:welsh"][1]


def test_other_kinds_of_models_give_the_same(notebook, told, outputs_of):
    assert float(outputs_of(notebook, '"exported"')[0]) == pytest.approx(told.rate("model", "Overall"), abs=1e-12)
    area = roc_auc_score(told.graduated, told.scores["model"], sample_weight=told.weight)
    assert float(outputs_of(notebook, 'value("auc")')[0]) == pytest.approx(area, abs=1e-9)
    pictures = outputs_of(notebook, "def by_marks", "text/html")
    assert f"{100 * told.rate('marks', 'region:south', 0.58):.1f} %" in pictures[0]
    assert told.rate("marks", "region:south", 0.58) <= told.rate("marks", "Overall", 0.58), "as the text says"
    assert told.builder == ["accuracy", "loss", "min_diff_loss"]


def test_mistakes_are_answered(notebook, outputs_of):
    answers = outputs_of(notebook, "for mistake in")[0].strip().split("\n\n")
    for answer, wanted in zip(answers, ["'languages' (the nearest)", "positive=", "bad_rows='set aside'",
                                        "from_logits=True"], strict=True):
        assert "Expected: " in answer and "Received: " in answer and wanted in answer


def test_what_it_cost_and_who_is_worse_off(notebook, told, outputs_of):
    [quality] = outputs_of(notebook, "comparison.quality")
    for metric, before, after in re.findall(r"None\s+(\w+)\s+(0\.\d+)\s+(0\.\d+)", quality):
        for value, model in ((before, "model"), (after, "fixed")):
            right = (told.scores[model] > 0.5) == told.graduated
            actual = np.average(right, weights=told.weight) if metric == "accuracy" else \
                roc_auc_score(told.graduated, told.scores[model], sample_weight=told.weight)
            assert float(value) == pytest.approx(actual, abs=6e-5)
    worse = re.findall(r"(false_\w+_rate)\s+(\w+:\w+)", outputs_of(notebook, "comparison.got_worse")[0])
    assert {("false_negative_rate", "region:east"), ("false_negative_rate", "region:north"),
            ("false_positive_rate", "region:south")} <= set(worse)
    bounds = np.array([row.split()[-2:] for row in quality.splitlines()[1:]], float)
    assert bounds[:, 0].min() > -0.03 and bounds[:, 1].min() > 0, "the text says that no loss is shown"


def test_the_text_says_what_came_out(notebook, told):
    """Each number of the text, with some room for other machines: trainings there end a little elsewhere."""
    text = " ".join(cell.source.replace("\n", " ") for cell in notebook.cells if cell.cell_type == "markdown")
    within = {name: told.within(f"region:{name}") for name in ("north", "east", "south")}
    share = {name: np.average(told.graduated[mask], weights=told.weight[mask]) for name, mask in within.items()}
    others = [told.rate("model", f"region:{name}") for name in ("north", "east")]
    rises = [told.rate("fixed", f"region:{name}", told.threshold) - before
             for name, before in zip(("north", "east"), others, strict=True)]
    false = {"model": told.false_positive_rate("model", "region:south", 0.5),
             "fixed": told.false_positive_rate("fixed", "region:south", told.threshold)}
    claims = {
        r"(\d+) % of those from the south graduate": (share["south"], 0.6),
        r"graduate, (\d+) to \d+ % of the others": (share["north"], 0.6),
        r"graduate, \d+ to (\d+) % of the others": (share["east"], 0.6),
        r"from the south (\d+) % are refused": (told.rate("model", "region:south"), 5),
        r"the north and the east about (\d+) %": (np.mean(others), 4),
        r"the south falls from (\d+) points": (told.gap("model", "region:south"), 5),
        r"falls from \d+ points to about (\d+)": (told.gap("fixed", "region:south", told.threshold), 4),
        r"more often than before, by about (\d+) points": (np.mean(rises), 3),
        r"who will leave, (\d+) % of these": (false["fixed"], 6),
        r"of these instead of (\d+) %": (false["model"], 5),
    }
    for pattern, (actual, room) in claims.items():
        [said] = re.findall(pattern, text)
        assert abs(float(said) - 100 * actual) <= room, f"{pattern}: {said}, not {100 * actual:.1f}"


def test_what_is_taken_home(notebook, told, outputs_of):
    assert "fail: 1 gap above its limit" in outputs_of(notebook, "before.check(")[0]
    assert outputs_of(notebook, "after.check(")[0].startswith("pass: 10 gaps")
    assert told.private == 0 and told.report > 0
