"""Bias metrics in reports: alone and beside the rates of a run, with figures counted here."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.bias.definitions import METRICS
from fairkit.errors import FairkitError
from fairkit.view.plots.labels import MINUS
from fairkit.view.report.bias_words import figures_of, named
from fairkit.view.report.figures import share

HOSTILE = '<img src=x onerror=alert(1)>|*a* "d"'


@pytest.fixture(scope="module")
def people():
    random = np.random.default_rng(8)
    n = 1200
    sex = random.choice(["women", "men"], n)
    hired = (random.random(n) < np.where(sex == "women", 0.25, 0.5)).astype(int)
    guess = np.where(random.random(n) < 0.85, hired, 0)
    return pd.DataFrame({"sex": np.where(random.random(n) < 0.05, None, sex), "hired": hired, "guess": guess})


@pytest.fixture(scope="module")
def bias(people):
    return fairkit.bias_report(people, "hired", 1, "sex", "women", predictions="guess", methods="counts")


def words_of(section):
    return " ".join([*(part.text for part in section.parts if part.kind == "paragraph"),
                     *(item for part in section.parts if part.kind == "bullets" for item in part.items)])


def test_what_stands_out_in_sentences(bias, people):
    report = bias.report(pictures="none")
    said = words_of(report.content.section("answer"))
    known = people.dropna()
    labels, guesses = (known.groupby("sex")[name].mean() for name in ("hired", "guess"))
    dpl = bias.frame.set_index("metric").loc["DPL"]
    assert f"the rest is labelled positive more often, {share(labels['women'])} of women against " \
           f"{share(labels['men'])} (DPL {labels['men'] - labels['women']:.3f}, {dpl['lower']:.3f} to " in said
    assert f"{share(guesses['women'])} of women against {share(guesses['men'])} (DPPL" in said
    assert "DI 0." in said and "women is under-represented" not in said  # CI is near 0
    facts = dict(next(part.rows for part in report.content.section("answer").parts if part.kind == "facts"))
    assert facts["positive"] == "1" and facts["rows without sex"] == f"{people['sex'].isna().sum()}, in neither facet"


def test_every_metric_is_in_a_table_and_counted(bias):
    content = bias.report(pictures="none").content
    rows = {row[0].split(":")[0]: row for part in content.section("figures").parts if part.kind == "table"
            for row in part.rows}
    assert list(rows) == list(bias.frame["metric"])
    for row in bias.frame.to_dict("records"):
        assert rows[row["metric"]][1] == figures_of(row) and rows[row["metric"]][2] == f"{row['fair']:g}"
    judged, excluding = bias.frame["excludes_fair"].notna().sum(), bias.frame["excludes_fair"].fillna(False).sum()
    limits = words_of(content.section("limits"))
    assert f"{len(bias.frame)} metrics were looked at; {judged} have" in limits and f"{excluding} of these" in limits
    assert "not adjusted" in limits
    assert "CDDL, CDDPL of sex women: undefined: no group variable" in words_of(content.section("absent"))


def test_words_name_the_facets_in_place_of_their_letters():
    for metric in METRICS.values():
        for words in (metric.positive, metric.negative):
            said = named(words, "WOMEN")
            assert not re.search(r"\b(d|a(?! larger share))\b", said)
            assert said.count("WOMEN") == len(re.findall(r"\bd\b", words))


def test_html_markdown_and_json(bias, tmp_path):
    report = bias.report(title="Who is hired?")
    assert isinstance(report, fairkit.view.Report)
    for ending in ("html", "md", "json"):
        report.save(tmp_path / f"bias.{ending}")
    page = (tmp_path / "bias.html").read_text("utf-8")
    assert "<h1>Who is hired?</h1>" in page and page.count("<img ") == 1 and "script-src &#39;none&#39;" in page
    assert re.search(r'<img [^>]*alt="Bias metrics of sex women \(d, n = \d+\) against the rest', page)
    found = json.loads((tmp_path / "bias.json").read_text("utf-8"))
    assert found["bias"] == [json.loads(json.dumps(bias.to_dict()))]
    assert found["metrics_looked_at"] == len(bias.frame) and found["findings"][0]["facet_value"] == "women"
    assert "**Labels, before training: sex women" in (tmp_path / "bias.md").read_text("utf-8")
    with pytest.raises(FairkitError, match="model card"):
        report.model_card()


def test_hostile_names_stay_text(people):
    odd = people.rename(columns={"sex": HOSTILE, "hired": HOSTILE[::-1]}).replace({HOSTILE: {"women": HOSTILE}})
    report = fairkit.bias_report(odd, HOSTILE[::-1], 1, HOSTILE, predictions="guess", methods="counts").report()
    assert "<img src=x" not in report.html and report.html.count("<img ") == 2
    assert "<img" not in report.markdown and "*a*" not in report.markdown.replace("\\*", "")
    json.loads(report.to_json())


def test_many_facet_values_leave_a_page_that_says_what_it_left_out():
    random = np.random.default_rng(0)
    rows = {"x": random.integers(0, 2, 3000), "g": [f"g{i:02d}" for i in random.integers(0, 40, 3000)]}
    report = fairkit.bias_report(rows, "x", 1, "g", methods=["DPL"]).report(pictures="few")
    tables = [part for part in report.content.section("figures").parts if part.kind == "table"]
    assert len(tables) == 24 and "16 more facet values" in words_of(report.content.section("figures"))
    assert "16 more such lines" in words_of(report.content.section("answer"))
    assert len(report.to_dict()["findings"]) == 40


def by_hand(examples, scores, threshold, color):
    chosen = np.array([cell == color for cell in examples.groups["color"].to_list()])
    positive = scores > threshold
    return [(positive[side].mean(), positive[side & (examples.labels == 1)].mean()) for side in (~chosen, chosen)]


def test_a_section_of_a_run_worked_out_from_its_predictions(judged, evaluations):
    examples, before, _ = judged
    assert evaluations[0].report(pictures="none", board=False).content.section("bias") is None
    report = evaluations[0].report(bias={"color": "orange"}, threshold=0.4, pictures="none", board=False)
    (rate_a, recall_a), (rate_d, recall_d) = by_hand(examples, before, 0.4, "orange")
    rows = {row[0].split(":")[0]: row for part in report.content.section("bias").parts if part.kind == "table"
            for row in part.rows}
    for short, value in (("DPPL", rate_a - rate_d), ("DI", rate_d / rate_a), ("RD", recall_a - recall_d)):
        assert float(rows[short][1].split(" ")[0].replace(MINUS, "-")) == pytest.approx(value, abs=5.1e-4)
    assert "FT" not in rows and "CDDL" not in rows
    found = report.to_dict()["bias"]
    assert found[0]["fairkit"]["threshold"] == 0.4 and json.loads(report.to_json())["bias"]
    assert 'id="bias"' in report.html


def test_two_models_side_by_side_at_their_own_thresholds(judged, evaluations):
    examples, *scores = judged
    report = evaluations[0].report(evaluations[1], names=["plain", "MinDiff"], bias="color", threshold=0.4,
                                   pictures="none", board=False)
    section = report.content.section("bias")
    tables = {part.title: part for part in section.parts if part.kind == "table"}
    labels, predictions = (next(table for title, table in tables.items() if title.startswith(stage)
                                and "orange" in title) for stage in ("Labels", "Predictions"))
    assert labels.columns[1] == "value (95 % interval)"  # the same for both, so once
    assert predictions.columns[1:3] == ("plain (95 % interval)", "MinDiff (95 % interval)")
    row = next(row for row in predictions.rows if row[0].startswith("DPPL"))
    for text, each, threshold in zip(row[1:3], scores, report.subject.thresholds_of, strict=True):
        (rate_a, _), (rate_d, _) = by_hand(examples, each, threshold, "orange")
        assert float(text.split(" ")[0].replace(MINUS, "-")) == pytest.approx(rate_a - rate_d, abs=5.1e-4)
    assert report.subject.thresholds_of[0] != report.subject.thresholds_of[1]
    assert "is not tested" in words_of(section) and "plain: color orange" in words_of(section)


def test_reports_that_are_given(judged, evaluations):
    examples, *scores = judged
    given = [fairkit.bias_report(examples, facet="color", predictions=each, thresholds=0.4, methods=["DPL", "DPPL"])
             for each in scores]
    comparison = fairkit.compare(*evaluations)
    one = comparison.report(bias=given[1], board=False, pictures="none")
    two = comparison.report(bias=given, board=False, pictures="few")
    assert len(one.to_dict()["bias"]) == 1 and [each["model"] for each in two.to_dict()["bias"]] == ["before", "after"]
    assert sum(part.kind == "picture" for part in two.content.section("bias").parts) == 2
    for wrong in (3, given + given[:1], {"shape": "hexagon"}, "colour"):
        with pytest.raises(FairkitError):
            comparison.report(bias=wrong, board=False, pictures="none")


def test_a_class_against_the_rest_and_what_is_missing():
    random = np.random.default_rng(1)
    scores = random.dirichlet([1, 1, 1], 400)
    examples = fairkit.Examples(labels=random.integers(0, 3, 400), groups={"g": random.choice(["a", "b"], 400)})
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.4], classes=[1, 2])
    report = evaluation.report(class_id=2, bias={"g": "b"}, pictures="none", board=False, metric="recall")
    chosen = np.array(examples.groups["g"].to_list()) == "b"
    labels = examples.labels == 2
    metrics = report.to_dict()["bias"][0]["pre_training_bias_metrics"]["facets"]["g"][0]["metrics"]
    assert {each["name"]: each["value"] for each in metrics}["DPL"] == \
        pytest.approx(labels[~chosen].mean() - labels[chosen].mean())
    top = fairkit.evaluate(scores, examples, ["g"])
    with pytest.raises(FairkitError, match="positive one"):
        top.report(bias="g", metric="accuracy", pictures="none", board=False)


def test_several_thresholds_of_a_report_that_is_given(judged, evaluations):
    examples, before, _ = judged
    given = fairkit.bias_report(examples, facet="color", facet_values="orange", predictions=before,
                                thresholds=[0.4, 0.6], methods=["DPPL"])
    report = evaluations[0].report(bias=given, board=False, pictures="none", threshold=0.4)
    assert [each["fairkit"]["threshold"] for each in report.to_dict()["bias"]] == [0.4, 0.6]
    titles = [part.title for part in report.content.section("bias").parts if part.kind == "table"]
    assert [title.rsplit(", ", 1)[1] for title in titles] == ["scores above 0.4", "scores above 0.6"]
