"""What all plots share: they save and show themselves, leave nothing behind, and no name from data breaks them."""

import subprocess
import sys
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import FairkitError
from fairkit.view import plot, plot_rates, plot_roc
from fairkit.view.plots.labels import drawn_text, slice_text

NASTY = ["$\\frac{x}{", "x" * 10_000, "שלום עולם", "مرحبا", "中文", "<b>&amp;\"'", "a\nb\tc", "", "$a$ and $b$",
         "\\$", "%s {0} ^_", "_X_"]
KINDS = ["rates", "gaps", "heat_map", "roc", "precision_recall", "calibration", "thresholds", "confusion"]


@pytest.fixture(scope="module")
def nasty():
    rng = np.random.default_rng(0)
    n = 1200
    groups = {"$na$me": rng.choice(np.array(NASTY, object), n), "side": rng.choice(["l", "r"], n)}
    examples = fairkit.Examples(labels=rng.integers(0, 2, n), groups=groups)
    return fairkit.evaluate(rng.random(n).round(2), examples, ["$na$me", ("$na$me", "side")], [0.5])


@pytest.mark.parametrize("kind", KINDS)
def test_names_from_data_break_nothing(nasty, kind, recwarn):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        display = plot(nasty, kind)
        png = display._repr_png_()
    assert png.startswith(b"\x89PNG")
    figure = display.figure.get_window_extent()
    for panel in display.axes:
        if panel.get_visible():
            assert panel.get_window_extent().width > (0.12 if kind == "confusion" else 0.3) * figure.width, kind
    html = display._repr_html_()
    assert html.startswith('<img alt="') and "<b>" not in html and html.count("<") == 1


def test_every_slice_has_a_line_in_the_legend(nasty):
    texts = plot_roc(nasty, "$na$me").ax.get_legend_handles_labels()[1]
    assert len(texts) == len(NASTY) + 2  # overall and the marks
    assert sum("_X_" in text for text in texts) == 1
    two = plot_rates(nasty, nasty, names=["_a$b$", "b"], by="$na$me")
    assert [t.lstrip("\u200e") for t in two.ax.get_legend_handles_labels()[1]][:2] == [r"_a\$b\$", "b"]


@given(st.text(max_size=80), st.integers(5, 60))
@settings(max_examples=200)
def test_a_label_is_one_short_line_without_mathematics(text, longest):
    from matplotlib import cbook

    label = drawn_text(text, longest)
    assert len(label.replace(r"\$", "$")) <= longest and "\n" not in label
    assert not cbook.is_math_text(label)


def test_labels_of_crosses_are_cut_in_each_part():
    assert slice_text((("a", "x" * 90), ("b", "y" * 90))) == "x" * 13 + "… × " + "y" * 13 + "…"  # noqa: RUF001


def test_fifty_slices_have_room(drawn):
    rng = np.random.default_rng(0)
    names = [f"group {i:02d}" for i in rng.integers(0, 50, 4000)]
    examples = fairkit.Examples(labels=rng.integers(0, 2, 4000), groups={"group": names})
    display = plot_rates(fairkit.evaluate(rng.random(4000), examples, ["group"], [0.5]))
    display.figure.draw_without_rendering()
    labels = [label.get_window_extent() for label in display.ax.get_yticklabels()]
    assert len(labels) == 52
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(labels))


def test_of_hundreds_of_slices_the_picture_says_how_many_found_no_room():
    rng = np.random.default_rng(0)
    examples = fairkit.Examples(labels=rng.integers(0, 2, 800), groups={"g": np.arange(800) % 400})
    display = plot_rates(fairkit.evaluate(rng.random(800), examples, ["g"], [0.5]))
    assert len(display.frame) == 401 and "282 more slices found no room" in display.ax.get_xlabel()


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "PNG"])
def test_a_picture_is_saved_whole_and_for_its_owner(comments, tmp_path, suffix):
    path = plot_rates(comments[2]).save(tmp_path / f"rates.{suffix}", dpi=60)
    head = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix.lower()]
    assert path.read_bytes().startswith(head) and path.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == [f"rates.{suffix}"]


def test_other_formats_are_refused(comments, tmp_path):
    with pytest.raises(FairkitError, match="'png'"):
        plot_rates(comments[2]).save(tmp_path / "rates.jpeg")
    assert not list(tmp_path.iterdir())


def test_axes_that_are_given_are_drawn_on_and_left_to_their_owner(comments):
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    display = plot_roc(comments[2], "gender", ax=left)
    assert display.ax is left and display.figure is figure and not right.lines
    assert display._repr_png_() is None and display._repr_html_() is None
    assert "Display(ROC" in repr(display)
    panels = figure.subplots(1, 4)
    assert plot(comments[2], "confusion", by="gender", ax=panels).axes[3] is panels[3]
    for bad in (3, [left, right], "ax"):
        with pytest.raises(FairkitError, match="one matplotlib Axes"):
            plot_rates(comments[2], ax=bad)


def test_methods_of_results_draw(comments, compared):
    assert comments[2].plot().kind == "rates" and comments[2].plot("roc", by="gender").kind == "ROC"
    assert compared.plot().kind == "gaps" and compared.plot("rates", by="gender").kind == "rates"
    with pytest.raises(FairkitError, match="'thresholds' \\(the nearest\\)"):
        comments[2].plot("threshold")
    with pytest.raises(FairkitError, match="no plot of kind 'roc'"):
        compared.plot("roc")
    with pytest.raises(FairkitError, match="takes no 'treshold'. Expected: 'threshold' \\(the nearest\\)"):
        comments[2].plot(treshold=0.5)


@pytest.fixture(scope="module")
def analysed():
    rng = np.random.default_rng(3)
    age, gender = rng.integers(18, 80, 200), rng.choice(["f", "m"], 200, p=[0.2, 0.8])
    table = pd.DataFrame({"age": age, "income": age * 3 + rng.integers(0, 9, 200), "gender": gender})
    examples = fairkit.Examples(labels=age > 40, groups={}, inputs=age[:, None] / 80)
    return {"imbalance": fairkit.analysis.imbalance(table, "gender"), "heat_map": fairkit.analysis.correlations(table),
            "importance": fairkit.analysis.feature_importance(lambda x: x[:, 0], examples, names=["age"]),
            "split": fairkit.analysis.balanced_split(table, "gender", 5)}


@pytest.mark.parametrize("kind", ["imbalance", "heat_map", "importance", "split"])
def test_results_of_the_analysis_are_drawn_by_plot(analysed, kind):
    result = analysed[kind]
    display, own = plot(result), result.plot()
    assert display.kind == own.kind and display.frame.equals(own.frame) and display.alt == own.alt
    assert plot(result, kind).alt == own.alt
    with pytest.raises(FairkitError, match=f"no plot of kind 'rates' here. Expected: .*'{kind}'"):
        plot(result, "rates")


def test_names_near_to_those_of_the_analysis(analysed):
    assert plot(analysed["heat_map"], "dendrogram").kind == analysed["heat_map"].plot("dendrogram").kind
    with pytest.raises(FairkitError, match="'dendrogram' \\(the nearest\\)"):
        plot(analysed["heat_map"], "dendogram")
    with pytest.raises(FairkitError, match="takes no 'bi'. Expected: 'by' \\(the nearest\\)"):
        plot(analysed["imbalance"], bi="gender")
    assert plot(analysed["imbalance"], by="gender").frame["by"].tolist() == ["gender", "gender"]
    described = fairkit.analysis.describe(fairkit.Examples(labels=[0, 1], groups={}))
    for undrawn in (described, pd.DataFrame({"frame": [1]})):
        with pytest.raises(FairkitError, match="no plot of this. Expected: .*Imbalance"):
            plot(undrawn)


def test_alt_text_says_the_numbers(comments):
    display = plot_rates(comments[2], threshold=0.5, by="gender")
    value = comments[2].value("false_positive_rate", "gender:female", 0.5)
    assert f"gender:female {100 * value:.1f} %" in display.alt and display.alt.endswith(".")


def test_pyplot_is_not_touched():
    code = ("import sys, fairkit, matplotlib\n"
            "def settings():\n"   # asking for the backend would load pyplot
            "    return {k: matplotlib.rcParams[k] for k in matplotlib.rcParams if k != 'backend'}\n"
            "before = settings()\nfairkit.view.plot({'loss': [2., 1.]})._repr_png_()\n"
            "assert settings() == before\n"
            "assert not [m for m in ('matplotlib.pyplot', 'tensorflow') if m in sys.modules]")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", [["rates"], {"rates": 1}, 3])
def test_a_kind_that_is_not_a_text_is_quoted(kind):
    with pytest.raises(FairkitError) as error:
        fairkit.view.plot({"loss": [0.9, 0.4]}, kind)
    assert f"no plot of kind {kind!r} here" in str(error.value)
