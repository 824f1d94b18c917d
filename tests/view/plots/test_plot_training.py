"""Training curves and the front of a sweep."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from fairkit import FairkitError
from fairkit.remediation.remediating import Remediation
from fairkit.remediation.sweeps.measures import Gap
from fairkit.remediation.sweeps.result import Sweep
from fairkit.view import plot, plot_front, plot_training
from fairkit.view.plots.colors import GRAY, INK

HISTORY = {"loss": [1.2, 0.7, 0.5], "min_diff_loss": [0.3, 0.2, 0.1], "accuracy": [0.6, 0.8, 0.9],
           "val_loss": [1.0, 0.8, 0.9], "val_accuracy": [0.5, 0.7, 0.8]}


@pytest.mark.parametrize("given", [HISTORY, Remediation(None, HISTORY, {})], ids=["dict", "Remediation"])
def test_each_metric_has_a_panel(given):
    display = plot(given)
    assert [panel.get_title(loc="left") for panel in display.axes] == ["Loss", "MinDiff loss", "Accuracy"]
    for panel, name in zip(display.axes, ("loss", "min_diff_loss", "accuracy")):
        lines = {line.get_label(): list(line.get_ydata()) for line in panel.lines}
        assert lines["training"] == HISTORY[name] and lines["validation"] == HISTORY.get(f"val_{name}", [])
    assert len(display.frame) == 15
    assert Remediation(None, HISTORY, {}).plot(["accuracy"]).frame["epoch"].tolist() == [1, 2, 3, 1, 2, 3]


def test_what_holds_no_history_is_refused():
    for bad in ({}, {"loss": 3}):
        with pytest.raises(FairkitError, match="no training history"):
            plot_training(bad)
    with pytest.raises(FairkitError, match="'loss' \\(the nearest\\)"):
        plot_training(HISTORY, ["los"])
    with pytest.raises(FairkitError, match="no plot of this"):
        plot(3)


@pytest.fixture
def swept():
    sweep = object.__new__(Sweep)   # a sweep without its folder: what is drawn is its table
    columns = ["candidate", "gap", "gap_lower", "gap_upper", "auc", "accuracy", "note"]
    sweep.table = pd.DataFrame([
        ("control", 0.13, 0.12, 0.14, 0.98, 0.9, ""), ("a", 0.05, 0.03, 0.07, 0.97, 0.9, ""),
        ("b", 0.06, 0.04, 0.08, 0.96, 0.9, ""), ("c", 0.01, 0.0, 0.02, 0.95, 0.9, ""),
        ("failed", float("nan"), float("nan"), float("nan"), float("nan"), float("nan"), "seed 0: no")],
        columns=columns)
    sweep.seeds, sweep.folder = [0, 1], Path()
    sweep.gap = Gap(["color"])
    return sweep


def test_the_front_is_joined_and_the_beaten_are_grey(swept):
    display = swept.plot()
    joined, = [line for line in display.ax.lines if line.get_label() == "not beaten in both"]
    assert list(zip(joined.get_xdata(), joined.get_ydata())) == [(0.01, 0.95), (0.05, 0.97), (0.13, 0.98)]
    beaten, = [line for line in display.ax.lines if line.get_label() == "beaten by another"]
    assert list(zip(beaten.get_xdata(), beaten.get_ydata())) == [(0.06, 0.96)]
    assert [(t.get_text(), t.get_color()) for t in display.ax.texts] == [("a", INK), ("c", INK), ("b", GRAY)]
    assert display.frame["on_front"].tolist() == [True, True, False, True, False]
    ends = sorted((s[0][0], s[1][0]) for c in display.ax.collections for s in c.get_segments())
    assert ends == [(0.0, 0.02), (0.03, 0.07), (0.04, 0.08), (0.12, 0.14)]


@pytest.mark.parametrize("seed", range(3))
def test_names_of_a_crowd_do_not_meet(swept, seed):
    rng = np.random.default_rng(seed)
    gap, auc = 0.1 + 0.02 * rng.random(20), 0.95 + 0.002 * rng.random(20)
    gap[0], auc[0], names = 0.3, 0.9, ["control", *(f"a remedy with a name {i}" for i in range(19))]
    swept.table = pd.DataFrame({"candidate": names, "gap": gap, "gap_lower": gap - 0.01, "gap_upper": gap + 0.01,
                                "auc": auc, "accuracy": auc, "note": ""})
    display = plot(swept)
    display.figure.draw_without_rendering()
    named = [text for text in display.ax.texts if text.get_text()]
    front = {name for name, on in zip(names, display.frame["on_front"], strict=True) if on} - {"control"}
    assert front <= {text.get_text() for text in named}
    boxes, legend = [Text.get_window_extent(text) for text in named], display.ax.get_legend().get_window_extent()
    assert not any(box.count_overlaps([legend, *boxes[i + 1:]]) for i, box in enumerate(boxes))


def test_one_seed_has_no_intervals(swept):
    swept.table[["gap_lower", "gap_upper"]], swept.seeds = float("nan"), [0]
    display = plot(swept, quality="auc")
    assert "(one seed)" in display.ax.get_xlabel() and display._repr_png_()


def test_no_front_of_anything_else(swept):
    with pytest.raises(FairkitError, match="a front is drawn of a sweep"):
        plot_front(HISTORY)
    with pytest.raises(FairkitError, match="'auc'"):
        plot_front(swept, quality="aucc")
    swept.table = swept.table.tail(1)
    with pytest.raises(FairkitError, match="seed 0: no"):
        plot_front(swept)
