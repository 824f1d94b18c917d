"""The picture of a bias report: what is drawn is what was computed, and it reads without colour."""

import math

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.bias.definitions import METRICS
from fairkit.errors import FairkitError
from fairkit.view.plots.bias_tracks import tracks_of
from fairkit.view.plots.labels import MINUS

HOSTILE = '$x^{2}$ <b>"&\n\u202eabc _'


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(4)
    n = 900
    sex = random.choice(["f", "m"], n, p=[0.4, 0.6])
    hired = (random.random(n) < np.where(sex == "f", 0.2, 0.5)).astype(int)
    guess = np.where(random.random(n) < 0.8, hired, 1 - hired)
    return pd.DataFrame({"sex": sex, "land": random.choice(["de", "fr", "it"], n), "hired": hired, "guess": guess,
                         "score": random.random(n), "age": random.integers(18, 70, n)})


@pytest.fixture(scope="module")
def report(frame):
    return fairkit.bias_report(frame, "hired", 1, "sex", predictions="guess", group="land", features=["age"])


def texts(display):
    return [text.get_text() for area in display.axes for text in area.texts]


def marks(area):
    """row -> (where the value is drawn, its marker)."""
    return {int(line.get_ydata()[0]): (line.get_xdata()[0], line.get_marker()) for line in area.lines
            if len(line.get_xdata()) == 1 and line.get_marker() in "Dos"}


def test_a_panel_for_labels_and_one_for_predictions(report):
    display = report.plot("f")
    assert len(display.axes) == 2 and len(display.frame) == 21
    assert [area.get_title(loc="left").split(":")[0] for area in display.axes] == ["Labels", "Predictions"]
    shown = texts(display)
    for metric in METRICS.values():
        assert metric.short in shown and metric.name in [text.replace("\n", " ") for text in shown]


def test_bars_stand_where_the_values_are(report, frame):
    display = report.plot("f")
    shares = frame.groupby("sex")["hired"].mean()
    dpl = shares["m"] - shares["f"]
    track = tracks_of(display.frame.to_dict("records"))["DPL"]
    at, marker = marks(display.axes[0])[1]  # the second metric before training
    assert at * track.high == pytest.approx(dpl) and marker == "D"
    bars = [bar for bar in display.axes[0].patches if bar.get_height() == pytest.approx(0.34)]
    assert bars[1].get_x() == 0 and bars[1].get_width() == pytest.approx(dpl / track.high)


def test_a_marker_and_words_say_what_colour_says(report):
    display = report.plot("f")
    told = {(place > 7, place if place < 8 else place - 8): str(row["excludes_fair"])
            for place, row in enumerate(display.frame.to_dict("records"))}
    for panel, area in enumerate(display.axes):
        for place, (_, marker) in marks(area).items():
            assert marker == {"True": "D", "False": "o"}.get(told[bool(panel), place], "s")
    shown = " ".join(texts(display)).replace("\n", " ")
    assert "→ a is labelled positive more often" in shown and "← a is predicted positive more often" in shown  # DI


def test_distances_have_one_end(report):
    display = report.plot("f")
    rows = display.frame.set_index("metric")
    track = tracks_of(display.frame.to_dict("records"))["TVD"]
    lines = [each for each in display.axes[0].collections if each.get_segments()[0][0][1] == 5]
    (start, end), = [[x for x, _ in each.get_segments()[0]] for each in lines]
    assert start == pytest.approx(track.place(rows.loc["TVD", "value"]))
    assert end == pytest.approx(track.place(rows.loc["TVD", "upper"]))
    assert any("up to" in text for text in texts(display))


def test_what_is_undefined_is_named_with_its_reason(frame):
    few = frame.assign(sex=["x" if i < 3 else sex for i, sex in enumerate(frame["sex"])])
    few.loc[:2, ["hired", "guess"]] = 0
    display = fairkit.bias_report(few, "hired", 1, "sex", predictions="guess", methods="counts").plot("x")
    shown = " ".join(texts(display)).replace("\n", " ")
    assert "undefined: no positives in facet d" in shown and "undefined: no group variable is given" in shown
    known = display.frame["value"].notna() & np.isfinite(display.frame["value"])
    assert sum(len(marks(area)) for area in display.axes) == known.sum()


def test_an_infinite_value_is_an_arrow(frame):
    only = frame[(frame["sex"] == "m") | (frame["hired"] == 1)]
    display = fairkit.bias_report(only, "hired", 1, "sex", methods=["KL", "TVD"]).plot("f")
    assert math.isinf(display.frame.set_index("metric").loc["KL", "value"])
    assert any(line.get_marker() == ">" for line in display.ax.lines) and "infinite" in texts(display)
    display.figure.canvas.draw()


def test_the_facet_value_that_stands_out_most_is_drawn(frame):
    both = fairkit.bias_report(frame, "hired", 1, ["land", "sex"], methods="pre_training")
    display = both.plot()
    excluding = both.frame["excludes_fair"].fillna(False).groupby([both.frame["facet"],
                                                                   both.frame["facet_value"]]).sum()
    assert set(display.frame["facet"]) == {"sex"}
    drawn = display.frame.loc[0, "facet"], display.frame.loc[0, "facet_value"]
    assert excluding[drawn] == excluding.max()
    assert "of 5 facet values the one with most" in display.figure.get_suptitle()
    assert len(display.axes) == 1


@pytest.mark.parametrize("asked", [{"facet_value": "q"}, {"facet": "age"}, {"threshold": 0.3}, {"ax": "x"}])
def test_what_is_not_there_is_refused(report, asked):
    with pytest.raises(FairkitError):
        report.plot(**asked)


def test_thresholds(frame):
    scored = fairkit.bias_report(frame, "hired", 1, "sex", "f", "score", thresholds=[0.3, 0.6], methods=["DPL", "AD"])
    for threshold, display in ((0.3, scored.plot()), (0.6, scored.plot(threshold=0.6))):
        right = ((frame["score"] > threshold) == frame["hired"]).groupby(frame["sex"]).mean()
        assert display.frame.set_index("metric").loc["AD", "value"] == pytest.approx(right["m"] - right["f"])
        assert f"scores above {threshold:g}" in display.axes[1].get_title(loc="left")


def test_hostile_names_are_drawn_as_text(frame):
    odd = frame.rename(columns={"sex": HOSTILE}).replace({HOSTILE: {"f": HOSTILE}})
    display = fairkit.bias_report(odd, "hired", 1, HOSTILE, methods=["DPL"]).plot(facet_value=HOSTILE)
    display.figure.canvas.draw()
    assert "\n" not in display.figure.get_suptitle() and r"\$" in display.figure.get_suptitle()
    assert display._repr_html_().count("<b>") == 0


def test_axes_that_are_given(report):
    from matplotlib.figure import Figure

    axes = Figure(figsize=(12, 12)).subplots(2)
    display = report.plot("f", ax=axes)
    assert display.axes[0] is axes[0] and "sex f" in axes[0].get_title(loc="left")
    display.figure.canvas.draw()
    assert fairkit.view.plot(report, facet_value="f").frame.equals(display.frame)


def test_metrics_with_two_bounds_share_a_part_of_their_range():
    def row(metric, value, lower=math.nan, upper=math.nan):
        return {"metric": metric, "value": value, "lower": lower, "upper": upper, "fair": METRICS[metric].fair}

    tracks = tracks_of([row("DPL", 0.05, 0.01, 0.09), row("KS", 0.05), row("LP", 0.07), row("CI", 0.9), row("DI", 3.4),
                        row("TE", -7.0), row("KL", math.inf), row("SD", math.nan)])
    assert [tracks[name].high for name in ("DPL", "SD", "KS", "CI", "DI", "TE")] == \
        pytest.approx([0.1, 0.1, 0.1, 1, 6, 10])
    assert tracks["LP"].high == pytest.approx(0.1 * math.sqrt(2)) and tracks["LP"].start == 0
    assert tracks["KL"].place(math.inf) == 1 and tracks["DI"].place(0.0) == -1 and tracks["DI"].place(1.0) == 0
    assert tracks["TE"].low == -10 and tracks["TE"].ends == (f"{MINUS}10", "10")
