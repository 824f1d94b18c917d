"""What a report may not say: a verdict of too few examples, a gap without its cost, a gap that nobody compared."""

import numpy as np
import pytest

import fairkit
from fairkit.view.report.answer import change_words
from fairkit.view.report.findings import Change, Gap, Rate


@pytest.fixture(scope="module")
def rare():
    """(before, after): 12 negatives of a rare group are flagged before and not after; 12 positives of another are found
    before and missed after."""
    random = np.random.default_rng(8)
    labels = np.repeat([0, 1], 500)
    group = np.where(random.random(1000) < 0.5, "north", "south").astype(object)
    group[:12], group[-12:] = "rare", "missed"
    before = np.where(random.random(1000) < 0.2, 1 - labels, labels) * 0.8 + 0.1
    after = before.copy()
    before[:12], after[:12], before[-12:], after[-12:] = 0.9, 0.1, 0.9, 0.1
    examples = fairkit.Examples(labels=labels, groups={"group": group, "half": np.arange(1000) % 2})
    return [fairkit.evaluate(scores, examples, ["group", "half"], [0.5]) for scores in (before, after)]


def tables(report, section):
    return [part for part in report.content.section(section).parts if part.kind == "table"]


def column(table, name):
    place = table.columns.index(name)
    return {row[0]: row[place] for row in table.rows}


def test_the_table_of_gaps_gives_no_verdict_on_too_few_examples(rare):
    gaps = rare[0].gaps("false_positive_rate").set_index("slice")
    assert gaps["lower"]["group:rare"] > 0   # it would be called shown
    report = rare[0].report(rare[1], names=["plain", "other"], pictures="none", board=False)
    [table] = [each for each in tables(report, "tables") if each.title.startswith("Gaps")]
    for verdicts in (column(table, "shown"), column(table, "other: the gap is")):
        assert verdicts["group rare"] == "too few" and verdicts["group north"] != "too few"
    assert "; 1 further slice holds too few" in report.to_dict()["headline"]


def test_the_sentence_gives_no_verdict_on_a_change_of_too_few_examples():
    few, many = Rate(0.9, 0.6, 1, 9, 10, "too few negatives: 10, at least 30 asked for"), Rate(0.2, 0.1, 0.3, 20, 100)
    gap = Gap(0.1, -0.1, 0.3)
    said = change_words(Change("MinDiff", "matched", few, many, gap, -0.6, -0.8, -0.4, "smaller"))
    assert said == "after MinDiff it is 10.0 points, \N{MINUS SIGN}10.0 to 30.0, of too few to judge"


def test_what_got_worse_leaves_out_too_few_examples_and_says_so(rare):
    comparison = fairkit.compare(*rare, metric="false_negative_rate")
    unchanged = comparison.got_worse.query("thresholds == 'unchanged' and slice == 'group:missed'")
    assert len(unchanged) == 1
    report = comparison.report(pictures="none", board=False)
    [table] = [each for each in tables(report, "answer") if each.title.startswith("Rates that got worse")]
    assert "group missed" not in column(table, "slice") and "of too few examples to judge" in table.note
    assert len(table.rows) < len(comparison.got_worse)


def test_the_head_of_a_model_card_names_no_slice_of_too_few_examples(rare):
    card = rare[0].report(pictures="none", board=False).model_card()
    head, body = card.split("---\n")[1], card.split("---\n", 2)[2]
    assert "group north" in head and "group rare" not in head and "group rare" in body


def test_the_cost_stands_beside_the_answer(two_models):
    [comparison] = two_models.subject.comparisons
    [said] = [line for line in two_models.text.splitlines() if line.startswith("What MinDiff cost: accuracy ")]
    quality = comparison.quality.set_index("metric").loc["accuracy"]
    assert f"accuracy {100 * quality['before']:.1f} % before and {100 * quality['after']:.1f} % after" in said
    worse = comparison.got_worse.query("thresholds == 'matched' and threshold_before == 0.4")
    single = worse[~worse["slice"].str.contains("_X_") & worse["slice"].ne("Overall")]
    largest = single.loc[single["change"].abs().idxmax()]
    assert "shown to have got worse" in said
    assert f"({100 * largest['before']:.1f} % to {100 * largest['after']:.1f} %)" in said


@pytest.mark.parametrize("several", [False, True])
def test_a_gap_that_came_and_an_accuracy_that_fell_are_told(several):
    random = np.random.default_rng(0)
    labels, side = random.integers(0, 2, 2000), random.choice(["left", "right"], 2000)
    before = np.where(random.random(2000) < 0.1, 1 - labels, labels) * 0.8 + 0.1
    after = np.where((random.random(2000) < 0.25) & (side == "right"), 1 - before, before)
    examples = fairkit.Examples(labels=labels, groups={"side": side})
    scores = [np.stack([1 - each, each], 1) if several else each for each in (before, after)]
    first, second = (fairkit.evaluate(each, examples, ["side"], [0.4]) for each in scores)
    report = first.report(second, metric="accuracy", pictures="none", board=False)
    assert "no gap is shown. Afterwards 2 gaps are shown that were not shown before." in report.to_dict()["headline"]
    was, became = (100 * ((scores > 0.5) == labels)[side == "right"].mean() for scores in (before, after))
    assert f"one rate is shown to have got worse at the thresholds compared here, the accuracy of side right " \
           f"({was:.1f} % to {became:.1f} %)" in report.text
    assert "Nothing, by an interval" not in report.text


def test_a_feature_that_the_reference_leaves_without_gaps_is_named(evaluations):
    options = {"pictures": "none", "board": False}
    said = "No gaps are told by shape, whose slices cannot be compared with color blue"
    assert said in evaluations[0].report(reference={"color": "blue"}, **options).markdown
    assert "No gaps are told by" not in evaluations[0].report(**options).markdown


def test_a_remediation_in_python_says_what_it_was_for(evaluations):
    settings = {"method": "min_diff", "sensitive": "color = orange", "nonsensitive": "color = blue",
                "error_rate": "false_negative_rate", "classes": None}
    fixed = fairkit.remediation.Remediation(None, {"loss": [0.5]}, settings)
    report = fixed.report(*evaluations, pictures="none", board=False)
    assert report.subject.reference == {"color": "blue"} and report.subject.metric == "false_negative_rate"
    assert report.content.section("answer").parts[0].text.startswith("Positive examples with color orange")
    settings |= {"sensitive": "color = orange or red", "nonsensitive": "all others"}
    others = fairkit.remediation.Remediation(None, {"loss": [0.5]}, settings)
    assert others.report(*evaluations, pictures="none", board=False).subject.reference == {}


def test_three_models_are_drawn_at_the_thresholds_that_the_tables_have(evaluations):
    report = evaluations[0].report(evaluations[1], evaluations[1], names=["a", "b", "c"], threshold=0.4, board=False)
    rates = [part for part in report.content.section("tables").parts
             if part.kind == "picture" and part.name.startswith("Rates")]
    at = report.subject.thresholds_of[1]
    assert [each.name for each in rates] == ["Rates, a and b", "Rates, a and c"]
    assert all(f"0.4 and {at:.4g}" in each.alt for each in rates)


def test_mistakes_are_told(evaluations):
    three = fairkit.evaluate(np.full((6, 3), 1 / 3), fairkit.Examples(labels=[0, 1, 2] * 2, groups={}), (), [0.5])
    with pytest.raises(fairkit.FairkitError, match="a list of 3 names"):
        three.report(class_names=["cat", "dog"])
    with pytest.raises(fairkit.FairkitError, match="different questions.*'after' gives a score for each class"):
        evaluations[0].report(three)


def test_examples_of_a_table_cannot_be_shown():
    examples = fairkit.Examples(inputs={"age": np.arange(40.), "pay": np.arange(40.)}, labels=[0, 1] * 20,
                                groups={"half": [0] * 20 + [1] * 20})
    evaluation = fairkit.evaluate(np.linspace(0, 1, 40), examples, ["half"], [0.5])
    with pytest.raises(fairkit.FairkitError, match="only texts and images.*'age', 'pay'"):
        evaluation.report(examples=examples, pictures="none", board=False)
