"""Rates by slice: what is drawn against the evaluation's frame, and the frame against other ways to the numbers."""

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.view import plot_rates


def rows_of(evaluation, metric, threshold=None, class_id=None):
    frame = evaluation.frame
    rows = frame[(frame["metric"] == metric) & frame["class"].map(lambda c: c == class_id)]
    return (rows if threshold is None else rows[rows["threshold"] == threshold]).set_index("slice")


def test_marks_intervals_and_counts_are_the_evaluations(comments, drawn):
    _, _, evaluation = comments
    display = plot_rates(evaluation, threshold=0.25)
    rows, ticks = rows_of(evaluation, "false_positive_rate", 0.25), drawn.ticks(display.ax)
    assert display.frame["slice"].tolist() == [
        "Overall", *(f"religion:{r}" for r in ("buddhist", "christian", "jewish", "none", "rare")),
        "gender:female", "gender:male", "gender:other"]
    marks, intervals = drawn.marks(display.ax), drawn.intervals(display.ax)
    seen = 0
    for name, place in ticks.items():
        value = name.split("  ")[0]
        key = next((s for s in display.frame["slice"] if s.split(":")[-1] == value), None)
        if key is None:
            assert value in ("religion", "gender")
            continue
        row = rows.loc[key]
        assert name.endswith(f"(n = {row['denominator']:.0f})")
        if np.isfinite(row["value"]):
            assert (row["value"], place) in marks and (place, row["lower"], row["upper"]) in intervals
            seen += 1
    assert seen == len(intervals) == len(marks) == 8
    assert np.allclose(display.frame.set_index("slice").loc[rows.index[:1], "value"], rows["value"].iloc[0])
    assert drawn.texts(display.ax) == ["undefined: no negatives"]
    overall = next(line for line in display.ax.lines if line.get_linestyle() == "--")
    assert list(overall.get_xdata()) == [rows.loc["Overall", "value"]] * 2


def test_too_few_examples_are_marked_not_hidden(comments):
    _, _, evaluation = comments
    display = plot_rates(evaluation, threshold=0.5)
    value = display.frame.set_index("slice").loc["religion:rare", "value"]
    hollow = [line for line in display.ax.lines if line.get_markerfacecolor() == "white"]
    assert [list(line.get_xdata()) for line in hollow] == [[value]]
    assert "hollow: too few examples" in display.ax.get_xlabel()


@pytest.mark.parametrize(("metric", "other", "name"), [
    ("recall", "false_negative_rate", "False negative rate"), ("precision", "false_discovery_rate",
                                                               "False discovery rate"),
    ("true_negative_rate", "false_positive_rate", "False positive rate"),
    ("false_positive_rate", "false_positive_rate", "False positive rate")])
def test_errors_are_the_rates_of_the_others(comments, metric, other, name):
    _, _, evaluation = comments
    display = plot_rates(evaluation, metric=metric, threshold=0.5, show="error")
    assert display.ax.get_title(loc="left").startswith(name)
    expected = rows_of(evaluation, other, 0.5).loc[display.frame["slice"]]
    for column in ("value", "lower", "upper", "numerator", "denominator"):
        np.testing.assert_allclose(display.frame[column], expected[column], atol=1e-12)


def test_the_error_of_accuracy_is_one_minus_it(digits):
    _, _, evaluation = digits
    display = plot_rates(evaluation, show="error", by="digit")
    assert display.ax.get_title(loc="left") == "Error rate"
    expected = rows_of(evaluation, "accuracy").loc[display.frame["slice"]]
    np.testing.assert_allclose(display.frame["upper"], 1 - expected["lower"])


def test_sorted_is_worst_first_within_each_feature(comments):
    _, _, evaluation = comments
    for metric, show, sign in (("recall", "rate", 1), ("recall", "error", -1), ("positive_rate", "rate", -1)):
        frame = plot_rates(evaluation, metric=metric, by=["religion", "gender"], show=show, sort=True).frame
        for feature in ("religion", "gender"):
            values = frame["value"][frame["slice"].str.startswith(feature)] * sign
            assert values.is_monotonic_increasing, (metric, show)


def test_a_cross_is_grouped_points(comments, drawn):
    _, _, evaluation = comments
    display = plot_rates(evaluation, metric="recall", threshold=0.5, by=("gender", "religion"), hue="gender")
    ticks = drawn.ticks(display.ax)
    places = {name.split("  ")[0]: place for name, place in ticks.items()}
    rows, marks = rows_of(evaluation, "recall", 0.5), drawn.marks(display.ax)
    labels = display.ax.get_legend_handles_labels()[1]
    assert labels[:3] == ["female", "male", "other"]
    for religion in ("christian", "jewish", "none"):
        for gender, offset in (("female", -0.25), ("male", 0)):
            value = rows.loc[f"gender_X_religion:{gender}_X_{religion}", "value"]
            assert (value, places[religion] + offset) in marks
    flat = plot_rates(evaluation, metric="recall", threshold=0.5, by=("gender", "religion"), hue=False)
    assert any(label.startswith("female × none") for label in drawn.ticks(flat.ax))  # noqa: RUF001
    assert display.frame.equals(flat.frame)


def test_two_evaluations_side_by_side(comments, compared, drawn):
    before, after = compared.before, compared.after
    display = plot_rates(before, after, threshold=0.5, by="religion", names=["plain", "MinDiff"])
    assert display.ax.get_legend_handles_labels()[1][:2] == ["plain", "MinDiff"]
    for name, evaluation in (("plain", before), ("MinDiff", after)):
        rows = display.frame[display.frame["model"] == name]
        expected = rows_of(evaluation, "false_positive_rate", 0.5).loc[rows["slice"]]
        assert rows["value"].tolist() == expected["value"].tolist()
    places = drawn.ticks(display.ax)
    marks = drawn.marks(display.ax)
    assert len(marks) == 12 and len({y for _, y in marks}) == 12 and len(places) == 7


@pytest.mark.parametrize("metric", [None, "false_negative_rate"])
def test_a_comparison_is_drawn_at_matched_thresholds(comments, compared, metric):
    examples, _, _ = comments
    display = plot_rates(compared, threshold=0.5, metric=metric)
    match = next(m for m in compared.matches if m.kind == "matched" and m.before == 0.5)
    assert f"at thresholds 0.5 and {match.after:.4g} (equal overall rate)" in display.ax.get_title(loc="left")
    scores = compared.after.predictions.scores
    again = fairkit.evaluate(scores, examples, ["religion", "gender"], [match.after])
    rows = display.frame[display.frame["model"] == "after"]
    expected = rows_of(again, metric or "false_positive_rate", match.after).loc[rows["slice"]]
    for column in ("value", "lower", "upper", "numerator", "denominator"):
        np.testing.assert_allclose(rows[column], expected[column], atol=1e-12)
    assert rows["note"].tolist() == expected["note"].tolist()


def test_the_line_is_the_reference_that_is_named(comments):
    _, _, evaluation = comments
    display = plot_rates(evaluation, threshold=0.5, reference={"religion": "jewish"})
    line = next(line for line in display.ax.lines if line.get_linestyle() == "--")
    assert line.get_xdata()[0] == evaluation.value("false_positive_rate", "religion:jewish", 0.5)
    assert line.get_label().startswith("jewish ")
    without = plot_rates(evaluation, threshold=0.5, reference=False)
    assert not [line for line in without.ax.lines if line.get_linestyle() == "--"]


def test_metrics_that_are_no_shares(comments):
    _, _, evaluation = comments
    assert plot_rates(evaluation, metric="example_count").frame["value"].iloc[0] == evaluation.examples
    auc = plot_rates(evaluation, metric="auc")
    assert auc.frame["lower"].iloc[0] == rows_of(evaluation, "auc").loc["Overall", "lower"]


def test_what_tfma_wrote_is_drawn_too(comments, tmp_path):
    from fairkit.evaluation.tfma.result import load_tfma

    _, _, evaluation = comments
    evaluation.save(tmp_path)
    loaded = load_tfma(tmp_path)
    frame = loaded.plot(threshold=0.5).frame.set_index("slice")
    own = plot_rates(evaluation, threshold=0.5).frame.set_index("slice")
    np.testing.assert_allclose(frame.loc[own.index, "value"], own["value"])


@pytest.mark.parametrize(("options", "message"), [
    ({"metric": "recal"}, "'recall' \\(the nearest\\)"), ({"threshold": 0.4}, "one of \\[0.25, 0.5, 0.75\\]"),
    ({"class_id": 3}, "class_id=None"), ({"by": "religon"}, "'religion' \\(the nearest\\)"),
    ({"show": "errors"}, "'error' \\(the nearest\\)"), ({"metric": "positive_rate", "show": "error"}, "neither good"),
    ({"metric": "auc", "show": "error"}, "no error rate"), ({"hue": "gender"}, "by= a tuple"),
    ({"by": ("gender", "religion"), "hue": "age"}, "no feature of this cross"),
    ({"reference": {"religion": "christan"}}, "'religion:christian' \\(the nearest\\)"),
    ({"reference": "christian"}, "a dict"), ({"names": ["a", "b"]}, "1 distinct names")])
def test_what_is_not_there_is_refused(comments, options, message):
    with pytest.raises(FairkitError, match=message):
        plot_rates(comments[2], **options)


def test_other_things_have_no_rates(compared):
    with pytest.raises(FairkitError, match="rates are drawn of evaluations"):
        plot_rates([1, 2])
    with pytest.raises(FairkitError, match="rates are drawn of evaluations"):
        plot_rates()
    with pytest.raises(FairkitError, match="'matched' \\(the nearest\\)"):
        plot_rates(compared, thresholds="match")
    with pytest.raises(FairkitError, match="one of \\[0.25, 0.5, 0.75\\]"):
        plot_rates(compared, threshold=0.1)
