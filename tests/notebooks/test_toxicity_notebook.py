"""toxicity_min_diff.ipynb: its numbers and its text against scores counted by hand; Civil Comments by one line."""

import csv
import json
import logging
import re
from unittest import mock

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import fairkit
from fairkit.data.identity_columns import IDENTITIES

pytestmark = [pytest.mark.slow, pytest.mark.notebook]

NOTEBOOK = "toxicity_min_diff"
ASKED = """
import json

print(json.dumps({
    "labels": test.labels.tolist(), **{name: test.groups[name].to_list() for name in ["religion", "gender"]},
    "scores": {name: e.predictions.scores.tolist() for name, e in
               {"before": before, "after": after, "control": unfixed}.items()},
    "splits": [len(sensitive), len(nonsensitive)], "train": [len(train), int(train.labels.sum())],
    "threshold": match.after, "min_diff": sorted(min_diff.history.history)}))
"""
NUMBER = r"(?:\d+\.\d+|\d+)"


class Told:
    """What the notebook's kernel knew, counted again."""

    def __init__(self, text):
        self.__dict__.update(json.loads(text))
        self.labels = np.array(self.labels)
        self.scores = {name: np.array(scores) for name, scores in self.scores.items()}

    def among(self, slice_, label):
        """A mask: the examples of a slice by its name that have the label."""
        if slice_ == "Overall":
            return self.labels == label
        feature, _, value = slice_.partition(":")
        named = [value in cell if isinstance(cell, list) else cell == value for cell in getattr(self, feature)]
        return np.array(named) & (self.labels == label)

    def flagged(self, model, slice_, threshold=0.5, label=0):
        """(flagged, all) of the examples of a slice that have the label."""
        mask = self.among(slice_, label)
        return int((self.scores[model][mask] > threshold).sum()), int(mask.sum())

    def rate(self, *asked, **options):
        hits, n = self.flagged(*asked, **options)
        return hits / n

    def gap(self, model, slice_, threshold=0.5):
        return self.rate(model, slice_, threshold) - self.rate(model, "Overall", threshold)

    def matched(self, model):
        """The scores' value at which the model flags as many harmless comments as the first one does at .5."""
        wanted = self.rate("before", "Overall")
        rates = {score: self.rate(model, "Overall", score) for score in np.unique(self.scores[model])}
        best = min(abs(rate - wanted) for rate in rates.values())
        return max(score for score, rate in rates.items() if abs(rate - wanted) == best)


def text_of(notebook):
    return " ".join(cell.source.replace("\n", " ") for cell in notebook.cells if cell.cell_type == "markdown")


def board_rows(text):
    """dict of slice -> list of (numerator, denominator), one a model, from the table beside a board."""
    rows = {}
    for line in text.splitlines():
        counts = re.findall(r"(\d+)/(\d+)(?=\s|$)", line)
        if counts:
            rows[line.split("  ")[0].strip()] = [tuple(map(int, pair)) for pair in counts]
    return rows


def test_boards_hold_the_counts_of_the_scores(notebook, told, outputs_of):
    [text] = outputs_of(notebook, "\nbefore")
    rows = board_rows(text)
    assert len(rows) == 9
    assert rows == {slice_: [told.flagged("before", slice_)] for slice_ in rows}
    assert told.threshold == pytest.approx(told.matched("after"), abs=1e-12)
    [text] = outputs_of(notebook, "comparison.show(")
    both = board_rows(text)
    assert list(both) == list(rows)
    assert both == {slice_: [told.flagged("before", slice_), told.flagged("after", slice_, told.threshold)]
                    for slice_ in rows}


def test_gaps_and_what_could_have_been_seen(notebook, told, outputs_of):
    [text] = outputs_of(notebook, "detectable_gap(")
    rows = [line.split() for line in text.splitlines() if ":" in line]
    assert len(rows) == 8
    for _, slice_, n, gap, lower, upper, seen in rows:
        assert float(n) == told.flagged("before", slice_)[1]
        assert float(gap) == pytest.approx(told.gap("before", slice_), abs=6e-4)
        assert float(lower) < float(gap) < float(upper) and 0.02 < float(seen) < 0.07
    above = {slice_ for _, slice_, _, _, lower, _, _ in rows if float(lower) > 0}
    assert "religion:muslim" in above
    assert sum(float(lower) < 0 < float(upper) for _, _, _, _, lower, upper, _ in rows) > 4, "most contain 0"


def test_the_splits_are_the_harmless_comments_of_both_groups(told):
    train, _ = fairkit.data.comments()
    harmless = sum(1 for label in train.labels if label == 0)
    muslim = sum(1 for cell, label in zip(train.groups["religion"].to_list(), train.labels, strict=True)
                 if label == 0 and cell and "muslim" in cell)
    assert told.splits == [muslim, harmless - muslim]
    assert told.train == [len(train), int(train.labels.sum())]
    assert told.min_diff == ["accuracy", "loss", "min_diff_loss"]


def test_quality_and_what_got_worse(notebook, told, outputs_of):
    rows = {name: list(map(float, values)) for name, *values in
            re.findall(rf"None\s+(\w+)\s+({NUMBER})\s+({NUMBER})\s+(-?{NUMBER})\s+(-?{NUMBER})\s+(-?{NUMBER})",
                       outputs_of(notebook, "comparison.quality")[0])}
    for at, model in enumerate(["before", "after"]):
        assert rows["auc"][at] == pytest.approx(roc_auc_score(told.labels, told.scores[model]), abs=6e-5)
        right = ((told.scores[model] > 0.5) == (told.labels == 1)).mean()
        assert rows["accuracy"][at] == pytest.approx(right, abs=6e-5)
    assert rows["auc"][3] > 0 and rows["accuracy"][2] > 0, "the text says that AUC rose and accuracy did not fall"
    [worse] = outputs_of(notebook, "comparison.got_worse")
    assert re.search(r"false_negative_rate\s+religion:muslim", worse)
    assert outputs_of(notebook, "levelling_down")[0].startswith("Empty DataFrame")


def test_the_text_says_what_came_out(notebook, told):
    """Each number of the text, with some room for other machines: trainings there end a little elsewhere."""
    text = text_of(notebook)
    missed = {(model, slice_): 1 - told.rate(model, slice_, threshold, label=1) for model, threshold in
              (("before", 0.5), ("after", told.threshold)) for slice_ in ("Overall", "religion:muslim")}
    claims = {
        r"flagged about (\d+) points more often": (told.gap("before", "religion:muslim"), 3),
        r"\((\d+) % against \d+ %\)": (told.rate("before", "religion:muslim"), 4),
        r"\(\d+ % against (\d+) %\)": (told.rate("before", "Overall"), 2),
        r"falls from about (\d+) points": (told.gap("before", "religion:muslim"), 3),
        r"falls from about \d+ points to about (\d+)": (told.gap("after", "religion:muslim", told.threshold), 3),
        r"stays at about (\d+) points": (told.gap("control", "religion:muslim", told.matched("control")), 4),
        r"mention muslims (\d+) % are now missed": (missed["after", "religion:muslim"], 5),
        r"are now missed, where it was (\d+) %": (missed["before", "religion:muslim"], 3),
    }
    examples = re.findall(r"(\d+) of (\d+)", text[text.index("Of the harmless comments that mention atheists"):])[:2]
    for slice_, said in zip(["religion:atheist", "religion:muslim"], examples, strict=True):
        flagged, n = told.flagged("before", slice_)
        assert abs(int(said[0]) - flagged) <= 0.05 * n and int(said[1]) == n
    for pattern, (actual, room) in claims.items():
        [said] = re.findall(pattern, text)
        assert abs(float(said) - 100 * actual) <= room, f"{pattern}: {said}, not {100 * actual:.1f}"
    assert "still less than the share of all toxic comments that are missed" in text
    assert missed["after", "religion:muslim"] < missed["after", "Overall"]
    [own] = re.findall(r"its own threshold is then about (0\.\d+)", text)
    assert float(own) == pytest.approx(told.threshold, abs=0.1)


def test_the_limits_are_judged_as_the_text_says(notebook, outputs_of):
    both = "".join(outputs_of(notebook, '"false_positive_rate": 0.10'))
    assert "before: fail: 1 gap above its limit" in both and "after: pass: 8 gaps" in both
    [strict] = outputs_of(notebook, '"false_positive_rate": 0.05')
    assert strict.startswith("not enough data")


def test_the_report_says_how_often_it_was(notebook, told, outputs_of):
    [page] = outputs_of(notebook, "comparison.report(", "text/html")
    [text] = outputs_of(notebook, "comparison.report(")
    assert f"are flagged as toxic in {100 * told.rate('before', 'religion:muslim'):.1f} % of cases" in text
    assert "<iframe" in page


# Civil Comments, made of generated ones: the columns of the released CSV, read by TensorFlow Datasets' own builder.

@pytest.fixture(scope="module")
def civil(tmp_path_factory):
    """The folder of TensorFlow Datasets, and the rows by its splits."""
    from fairkit.data.reading.tfds_sets import tfds

    parts = dict(zip(("train", "test"), fairkit.data.comments(size=3000, seed=1), strict=True))
    basic = ["severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit"]
    names = [name for names in IDENTITIES.values() for name in names]
    rows = []
    for split, examples in parts.items():
        texts, groups = examples.inputs, [examples.groups[name].to_list() for name in ("religion", "gender")]
        for text, label, *cells in zip(texts, examples.labels, *groups, strict=True):
            named = {value for cell in cells if cell for value in ([cell] if isinstance(cell, str) else cell)}
            assert named <= set(names)
            rows.append({"id": str(len(rows)), "comment_text": text, "created_date": "2017", "publication_id": "1",
                         "parent_id": "", "article_id": "1", "parent_text": "",
                         "split": {"train": "train", "test": "test_private"}[split],
                         "toxicity": "0.8" if label else "0.2", **dict.fromkeys(basic, "0"),
                         **{name: "0.7" if name in named else "0" for name in names}})
    # The builder wants comments in its validation split, too.
    rows.append({**rows[-1], "id": str(len(rows)), "split": "test_public"})
    released = tmp_path_factory.mktemp("released")
    with (released / "civil_comments.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    folder = tmp_path_factory.mktemp("tfds")
    logging.getLogger("absl").setLevel(logging.ERROR)
    builder = tfds().builder("civil_comments/CivilCommentsIdentities", data_dir=folder)
    downloads = mock.Mock(downloaded_size=0)   # there is no network here; all that follows is TFDS's own
    downloads.download_and_extract.return_value = released
    with mock.patch.object(builder, "_make_download_manager", return_value=downloads):
        builder.download_and_prepare()
    return folder, parts


def test_civil_comments_take_the_one_line_that_is_named(civil, notebook, run_notebook, outputs_of, monkeypatch):
    folder, parts = civil
    [line] = re.findall(r"^    (train, test = .*civil_comments.*)$",
                        "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"), re.M)
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
    changed = run_notebook(NOTEBOOK, {"train, test = fairkit.data.comments()": line, "epochs=4": "epochs=1"})
    for cell in changed.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", (cell.source, output)
    assert "Examples(3000, groups: religion" in outputs_of(changed, line)[0]
    told = Told(outputs_of(changed, "asked")[0])
    rows = board_rows(outputs_of(changed, "\nbefore")[0])
    for slice_ in ("Overall", "religion:muslim", "gender:female"):
        assert rows[slice_] == [told.flagged("before", slice_)]
    test = parts["test"]
    harmless = test.take(test.labels == 0)
    assert rows["Overall"][0][1] == len(harmless)
    assert rows["religion:muslim"][0][1] == len(harmless.where({"religion": "muslim"}))
