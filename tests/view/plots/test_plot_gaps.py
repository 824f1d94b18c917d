"""Gaps, arrows and heat maps against the tables of the evaluation and the comparison."""

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.view import plot_gaps, plot_heat_map


def test_gaps_of_one_model(comments, drawn):
    _, _, evaluation = comments
    display = plot_gaps(evaluation, "false_positive_rate", 0.5, reference={"religion": "none"}, by="religion")
    expected = evaluation.gaps("false_positive_rate", 0.5, {"religion": "none"})
    expected = expected[expected["slice"].str.startswith("religion:")].reset_index(drop=True)
    assert display.frame[["slice", "gap", "lower", "upper"]].equals(expected[["slice", "gap", "lower", "upper"]])
    assert sorted(x for x, _ in drawn.marks(display.ax)) == sorted(expected["gap"])
    assert sorted((low, high) for _, low, high in drawn.intervals(display.ax)) == sorted(
        zip(expected["lower"], expected["upper"]))
    assert "slice minus none" in display.ax.get_xlabel() and "percentage points" in display.ax.get_xlabel()


def test_undefined_gaps_say_why(comments, drawn):
    _, _, evaluation = comments
    display = plot_gaps(evaluation, threshold=0.5)
    assert drawn.texts(display.ax) == ["undefined: no negatives"]
    assert len(drawn.marks(display.ax)) == len(display.frame) - 1


@pytest.mark.parametrize("metric", ["auc", "accuracy"])
def test_gaps_of_what_has_no_threshold(digits, metric):
    _, _, evaluation = digits
    display = plot_gaps(evaluation, metric, by="color")
    expected = evaluation.gaps(metric, class_id=0 if metric == "auc" else None)
    expected = expected[expected["slice"].str.startswith("color:")]
    assert display.frame["gap"].tolist() == expected["gap"].tolist()


@pytest.mark.parametrize("thresholds", ["matched", "unchanged"])
def test_arrows_lead_from_before_to_after(compared, drawn, thresholds):
    display = plot_gaps(compared, threshold=0.5, thresholds=thresholds, sort=True)
    expected = compared.rows(thresholds, 0.5).set_index("slice").loc[display.frame["slice"]]
    arrows = [t for t in display.ax.texts if getattr(t, "arrow_patch", None) is not None]
    assert [(a.xyann[0], a.xy[0]) for a in arrows] == list(zip(expected["gap_before"], expected["gap_after"]))
    sides = [(*interval, column) for column in ("gap_before", "gap_after")
             for interval in zip(expected[f"{column}_lower"], expected[f"{column}_upper"])]
    assert sorted((low, high) for _, low, high in drawn.intervals(display.ax)) == sorted(s[:2] for s in sides)
    verdicts = [t.get_text() for t in display.ax.texts if getattr(t, "arrow_patch", None) is None]
    assert verdicts == expected["gap_verdict"].tolist()
    size = expected["gap_before"].abs()
    assert size.is_monotonic_decreasing
    assert display.frame["slice"].str.startswith("religion").all()  # no slice by gender has this reference


def test_what_a_comparison_is_not_about_is_refused(compared, comments):
    with pytest.raises(FairkitError, match="metric='recall'"):
        plot_gaps(compared, "recall")
    with pytest.raises(FairkitError, match="has its own reference"):
        plot_gaps(compared, reference={"gender": "male"})
    with pytest.raises(FairkitError, match="an evaluation or a comparison"):
        plot_gaps(3)
    with pytest.raises(FairkitError, match="'none' \\(the nearest\\)"):
        plot_gaps(comments[2], reference={"religion": "non"})


def test_a_heat_map_is_the_table_of_the_cross(digits):
    _, _, evaluation = digits
    display = plot_heat_map(evaluation, ("digit", "color"), "false_positive_rate", 0.3, class_id=2)
    shown = display.ax.images[0].get_array()
    ticks = [[label.get_text() for label in axis.get_ticklabels()] for axis in (display.ax.yaxis, display.ax.xaxis)]
    assert ticks == [["0", "1", "2"], ["blue", "orange"]]
    for i, digit in enumerate(ticks[0]):
        for j, color in enumerate(ticks[1]):
            value = evaluation.value("false_positive_rate", f"color_X_digit:{color}_X_{digit}", 0.3, 2)
            assert (np.ma.is_masked(shown[i, j]) and np.isnan(value)) or shown[i, j] == value
    texts = [t.get_text() for t in display.ax.texts]
    assert texts.count("–") == 2 and "–: undefined" in texts[-1]  # noqa: RUF001


def test_cells_of_few_examples_stand_in_brackets(comments):
    _, _, evaluation = comments
    display = plot_heat_map(evaluation, metric="recall", threshold=0.5, show="error")
    few = display.frame["note"].str.startswith("too few")
    texts = [t.get_text() for t in display.ax.texts]
    assert few.any() and sum(t.startswith("(") for t in texts) == few.sum()
    assert display.ax.images[0].get_clim()[1] == display.frame["value"][~few].max()


def test_a_heat_map_needs_a_cross(comments):
    with pytest.raises(FairkitError, match="'gender x religion'"):
        plot_heat_map(comments[2], ("gender", "age"))
    with pytest.raises(FairkitError, match="a cross of two features"):
        plot_heat_map(comments[2], "gender")


@pytest.mark.parametrize("kind", ["gaps", "rates"])
def test_of_more_slices_than_there_is_room_the_surely_largest_gaps_are_drawn(kind):
    random = np.random.default_rng(2)
    column = np.array([f"g{i}" for i in range(300)]).repeat(20)
    scores = random.random(6000) * 0.6
    scores[np.isin(column, ["g250", "g170"])] = 0.9
    scores[column == "g90"] = 0.1
    examples = fairkit.Examples(labels=np.tile([0, 0, 0, 1], 1500), groups={"g": column})
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.3], min_examples=1)
    display = evaluation.plot(kind, metric="false_positive_rate")
    labels = [label.get_text().split()[0] for label in display.axes[0].get_yticklabels()]
    first = labels[labels.index("g") + 1:]
    assert {*first[:3]} == {"g250", "g170", "g90"} and len(first) < 120
    assert len(display.frame) >= 300
