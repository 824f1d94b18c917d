"""Title, legend and axes of plots of slices do not lie on each other, and nothing is cut."""

import itertools

import numpy as np
import pytest

import fairkit
from fairkit.view import plot_gaps, plot_rates
from fairkit.view.plots.display import drawing
from fairkit.view.plots.imbalance_bars import plot_imbalance
from fairkit.view.plots.labels import TIMES


def heading(display):
    """The boxes of title, legend and axes, in pixels, after the layout."""
    display.figure.draw_without_rendering()
    ax = display.ax
    return [ax._left_title.get_window_extent(), ax.get_legend().get_window_extent(), ax.get_window_extent()]


def check(display):
    boxes = heading(display)
    for one, other in itertools.combinations(boxes, 2):
        assert min(one.y1, other.y1) - max(one.y0, other.y0) < 1, "one lies on the other"
    assert boxes[2].width > 0.3 * display.figure.bbox.width
    page = display.figure.bbox
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 and box.y1 <= page.y1 + 1 for box in boxes), "cut"


@pytest.mark.parametrize("names", [
    ["as it is", "control", "MinDiff"], ["a"], ["a", "b"], [f"model {i}" for i in range(8)],
    [f"{i} of the models with a long name" for i in range(5)], ["W" * 40, "M" * 40, "$m$" * 10]])
@pytest.mark.parametrize("reference", [None, {"gender": "female"}, False])
def test_the_legend_lies_between_title_and_axes(comments, names, reference):
    evaluations = [comments[2]] * len(names)
    if reference is False and len(names) == 1:
        assert plot_rates(*evaluations, by="gender", reference=False).ax.get_legend() is None
        return
    check(plot_rates(*evaluations, metric="false_negative_rate", by="gender", names=names, reference=reference))


def test_values_told_apart_by_colour(comments):
    check(plot_rates(comments[2], by=("gender", "religion")))


@pytest.mark.parametrize("names", [["before", "after"], ["W" * 40, "M" * 40]])
def test_two_lines_of_title(compared, names):
    check(plot_gaps(compared, names=names))
    check(plot_rates(compared, names=names))


def test_on_axes_that_are_given(comments):
    ax = drawing(None, 5, 4)[0, 0]
    check(plot_rates(*[comments[2]] * 6, by="gender", names=[f"a model called {i}" for i in range(6)], ax=ax))


def test_numbers_of_groups_stand_clear_of_the_dashed_line():
    rng = np.random.default_rng(0)
    for small in (10, 30, 36, 45, 60):  # bars that end shortly before the line
        groups = {"size": rng.permutation(["large"] * 100 + ["small"] * small)}
        examples = fairkit.Examples(labels=np.arange(100 + small) % 2, groups=groups)
        display = plot_imbalance(fairkit.analysis.imbalance(examples, "size"))
        display._repr_png_()
        (line,) = [x for x in display.ax.lines if x.get_linestyle() == "--"]
        at = display.ax.transData.transform((line.get_xdata()[0], 0))[0]
        assert all(text.get_window_extent().x0 > at for text in display.ax.texts)
        assert max(text.get_window_extent().x1 for text in display.ax.texts) <= display.figure.bbox.x1


def test_crosses_are_told_apart_in_words():
    examples = fairkit.Examples(labels=[0, 1, 1, 0], groups={"gender": ["Female", "Female", "Male", "Male"]})
    alt = plot_imbalance(fairkit.analysis.imbalance(examples, "gender", "label")).alt
    assert "Female x 0: 1; Female x 1: 1; Male x 0: 1; Male x 1: 1." in alt.replace(TIMES, " x ")


def test_precision_recall_in_words_is_of_precision_and_recall(comments):
    from sklearn.metrics import precision_score, recall_score

    examples, scores, evaluation = comments
    chosen = examples.groups["gender"].match("gender", "male")
    labels, predicted = np.asarray(examples.labels)[chosen], scores[chosen] > 0.5
    alt = fairkit.view.plot_precision_recall(evaluation, "gender", threshold=0.5).alt
    assert (f"male {100 * labels.mean():.1f} % positive, at threshold 0.5 recall "
            f"{100 * recall_score(labels, predicted):.1f} %, precision "
            f"{100 * precision_score(labels, predicted):.1f} %") in alt
    assert "AUC" not in alt
