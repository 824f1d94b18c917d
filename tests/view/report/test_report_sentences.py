"""The answer in sentences: the figures are counted by hand, and no sentence contradicts its interval."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

import fairkit
from fairkit.view.report.answer import change_words, gap_words
from fairkit.view.report.findings import Change, Gap, Rate

MINUS = "\N{MINUS SIGN}"


def told(report):
    """The sentences of a report."""
    parts = report.content.section("answer").parts
    leads = [part.text for part in parts if part.kind == "paragraph" and part.role == "lead"]
    return [*leads, *(item for part in parts if part.kind == "bullets" for item in part.items)]


def test_the_gap_before_is_the_one_that_is_counted_by_hand(two_models, judged, negatives):
    color = np.array(judged[0].groups["color"].to_list())
    (a, n), (b, m) = (negatives("before", 0.4, color == which) for which in ("orange", "blue"))
    low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    [said] = [s for s in told(two_models) if s.startswith("Good tins with color orange are")]
    assert said.startswith(
        f"Good tins with color orange are flagged as bad in {100 * a / n:.1f} % of cases, those with color blue in "
        f"{100 * b / m:.1f} %: gap {100 * (a / n - b / m):.1f} points, 95 % interval {100 * low:.1f} to "
        f"{100 * high:.1f}. ")


def test_the_gap_after_is_taken_at_the_threshold_of_equal_overall_rate(two_models, judged, negatives):
    before, after = two_models.subject.thresholds_of
    assert before == 0.4 and after != 0.4
    overall = [hits / n for hits, n in (negatives("before", before), negatives("after", after))]
    assert abs(overall[0] - overall[1]) < 0.005
    color = np.array(judged[0].groups["color"].to_list())
    (a, n), (b, m) = (negatives("after", after, color == which) for which in ("orange", "blue"))
    low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    gap, low, high = (f"{100 * x:.1f}".replace("-", MINUS) for x in (a / n - b / m, low, high))
    [said] = [s for s in told(two_models) if s.startswith("Good tins with color orange are")]
    assert f"After MinDiff the gap is smaller: {gap} points, {low} to {high}, so no difference is shown" in said


def test_the_headline_counts_what_the_table_of_gaps_shows(two_models, evaluations):
    table = evaluations[0].gaps("false_positive_rate", 0.4, {"color": "blue"})
    judged = table[~table["note"].str.startswith(("undefined", "too few"))]
    shown = ((judged["lower"] > 0) | (judged["upper"] < 0)).sum()
    headline = two_models.to_dict()["headline"]
    assert headline in two_models.text
    assert headline.startswith(f"{len(judged)} slices were compared with color blue: {shown} gaps are shown")
    assert f"{len(table) - len(judged)} further slice holds too few examples to judge" in headline


def test_a_gap_that_is_not_shown_says_what_could_have_been_missed(evaluations):
    report = evaluations[1].report(threshold=0.4, reference={"color": "blue"}, pictures="none", board=False)
    detectable = evaluations[1].detectable_gap("false_positive_rate", 0.4, {"color": "blue"})["detectable_gap"][0]
    assert "no difference shown (gap" in told(report)[0]
    assert f"; one below {100 * detectable:.1f} points could have been missed)" in told(report)[0]


def test_slices_that_are_small_empty_or_everything():
    examples = fairkit.Examples(labels=[0] * 50 + [1] * 10, groups={
        "size": ["large"] * 40 + ["small"] * 10 + ["none"] * 10, "same": ["all"] * 60})
    evaluation = fairkit.evaluate([0.9, 0.1] * 30, examples, ["size", "same"], [0.5])
    report = evaluation.report(metric="false_positive_rate", pictures="none", board=False)
    said = " ".join(told(report))
    assert "size small are predicted positive in 50.0 % of cases, overall in 50.0 %: too few negatives: 10, " in said
    assert "Negative examples with size none: there are none, so nothing can be said." in said
    assert "same all are predicted positive in 50.0 % of cases, overall in 50.0 %: nothing to compare" in said
    assert report.to_dict()["headline"].startswith("One slice was compared with overall: no gap")


def test_rates_without_counts_are_never_called_a_gap(evaluations, tmp_path):
    evaluations[0].save(tmp_path / "run")
    for name in ("cells.npz", "predictions.parquet", "run.json"):   # what is left is TFMA's
        (tmp_path / "run" / name).unlink()
    report = fairkit.load_evaluation(tmp_path / "run").report(threshold=0.4, reference={"color": "blue"})
    assert "without counts, so there are no intervals" in report.text
    assert told(report) and all("without an interval, so it may be chance" in sentence for sentence in told(report)
                                if "nothing can be said" not in sentence)


@pytest.mark.parametrize("metric, said", [
    ("false_negative_rate", "Bad tins with color orange are not flagged as bad in"),
    ("precision", "Tins with color orange that are flagged as bad are in truth bad in"),
    ("false_omission_rate", "Tins with color orange that are not flagged as bad are in truth bad in"),
    ("positive_rate", "Tins with color orange are flagged as bad in"),
    ("accuracy", "Tins with color orange are classified rightly in"),
    ("auc", "The AUC of tins with color orange is 0."),
    ("f1_score", "The f1 score of tins with color orange is"),
])
def test_every_metric_has_its_words(evaluations, metric, said):
    report = evaluations[0].report(metric=metric, reference={"color": "blue"}, noun="tins", positive="bad",
                                   negative="good", pictures="none", board=False)
    assert any(sentence.startswith(said) for sentence in told(report))
    value = evaluations[0].value(metric, "color:orange", None if metric in ("accuracy", "auc") else 0.6)
    assert (f"{value:.3f}" if metric == "auc" else f"{100 * value:.1f} %") in " ".join(told(report))


def test_what_was_remedied_leads(evaluations):
    about = {"asked": {"remediation": {"sensitive": {"shape": "circle"}, "error_rate": "false_positive_rate"}}}
    report = evaluations[0].report(evaluations[1], about=[None, about], pictures="none", board=False)
    assert told(report)[0].startswith("Negative examples with shape circle are predicted positive")
    plain = evaluations[0].report(evaluations[1], pictures="none", board=False)
    assert told(plain)[0] == plain.to_dict()["headline"]   # of several slices none is picked for its gap


numbers = st.floats(-1, 1).map(lambda x: round(x, 4))


@given(st.tuples(numbers, numbers, numbers).map(sorted))
def test_a_gap_is_called_shown_just_where_its_interval_excludes_0(three):
    low, value, high = three
    said = gap_words(Gap(value, low, high))
    excluded = low > 0 or high < 0
    if value == 0 and low == high:
        assert "nothing to compare" in said
        return
    assert said.startswith("gap ") == excluded and ("no difference shown" in said) == (not excluded)
    ends = re.search(rf"interval ({MINUS}?[\d.]+) to ({MINUS}?[\d.]+)", said)
    ends = [float(end.replace(MINUS, "-")) for end in ends.groups()]
    assert (ends[0] > 0 or ends[1] < 0) == excluded   # as it is written, too


@given(st.tuples(numbers, numbers, numbers).map(sorted), st.tuples(numbers, numbers, numbers).map(sorted),
       st.sampled_from(["smaller", "larger", "reversed", "no evidence"]))
def test_what_became_of_a_gap_follows_the_verdict_and_the_interval(gap, change, verdict):
    low, value, high = gap
    rate = Rate(0.2, 0.1, 0.3, 20, 100)
    said = change_words(Change("MinDiff", "matched", rate, rate, Gap(value, low, high), change[1], change[0], change[2],
                               verdict))
    if value == 0 and low == high:
        return
    assert ("no difference is shown" in said) == (low <= 0 <= high)
    if verdict == "no evidence":
        assert ("no evidence of a change" in said) == (change[0] <= 0 <= change[2])
    else:
        assert f"the gap is {verdict}" in said


def test_models_that_cannot_be_compared_say_so(evaluations):
    report = evaluations[0].report(evaluations[1], metric="auc", pictures="none", board=False)
    assert "Whether a gap changed is not tested" in report.text
    assert all("the change was not tested" in sentence for sentence in told(report)[1:])


@pytest.mark.parametrize("several", [False, True])
def test_accuracy_is_compared_at_one_half_or_without_a_threshold(judged, several):
    examples, *both = judged
    scores = [np.stack([1 - s, s], 1) if several else s for s in both]
    first, second = (fairkit.evaluate(s, examples, ["color"], [0.4, 0.6]) for s in scores)
    comparison = fairkit.compare(first, second, "accuracy", {"color": "blue"}, None if several else {0.5: 0.5})
    row = comparison.rows(slice="color:orange").iloc[0]
    for report in (first.report(second, metric="accuracy", reference={"color": "blue"}, pictures="few", board=False),
                   comparison.report(pictures="all", board=False)):
        [finding] = report.to_dict()["findings"]
        [change] = finding["changes"]
        assert (finding["gap"]["value"], change["gap"]["value"], change["change"], change["verdict"]) == (
            pytest.approx(row["gap_before"]), pytest.approx(row["gap_after"]), pytest.approx(row["gap_change"]),
            row["gap_verdict"])
        said = "by the class with the highest score, without a threshold" if several else "at 0.5 and"
        assert said in report.markdown


def test_models_of_other_examples_are_unpaired_with_a_warning(evaluations, judged):
    examples, before, _ = judged
    part = fairkit.evaluate(before[:900], examples.take(np.arange(900)), evaluations[0].slices, [0.4, 0.6])
    report = evaluations[0].report(part, pictures="none", board=False)
    [warning] = [part.text for part in report.content.section("answer").parts if getattr(part, "role", "") == "warning"]
    assert "not paired: the two models judged different examples (1,600 and 900" in warning


def test_a_threshold_that_was_not_asked_for_is_evaluated_from_the_predictions(evaluations, negatives):
    report = evaluations[0].report(threshold=0.47, pictures="none", board=False)
    hits, n = negatives("before", 0.47)
    facts = {name: text for part in report.content.section("answer").parts if part.kind == "facts"
             for name, text in part.rows}
    assert facts["overall"].startswith(f"{100 * hits / n:.1f} % (") and "at threshold 0.47" in facts["rate"]
