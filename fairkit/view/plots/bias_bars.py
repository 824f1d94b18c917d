"""The bias metrics of one facet value: a bar for each, from its fair value, on its own range."""

import math
import textwrap

import numpy as np

from fairkit.bias.definitions import METRICS
from fairkit.bias.report_text import means
from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.bias_tracks import tracks_of
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import MINUS, drawn_text
from fairkit.view.report.figures import figure

__all__ = ["chosen_facet", "plot_bias"]

_STAGES = {"pre_training": "Labels: metrics before training", "post_training": "Predictions: metrics after training"}
_NAME, _WORDS = 31, 44  # characters a line
_ROW, _AROUND, _WIDTH = 0.43, 0.75, 8.4  # inches: all 21 metrics fill a printed page
_NOTE = ("Lines: 95 % intervals; of KL, JS, LP, TVD and KS up to a one-sided limit.  → and ←: what a value on that\n"
         "side of the fair one means.  Metrics with two bounds share one part of their range, but CI has all of it.")
_SAID = {True: "excludes its fair value", False: "not told apart from fair", None: "not judged"}


def plot_bias(report, facet_value: str | None = None, facet: str | None = None, threshold: float | None = None,
              ax=None) -> Display:
    """Every metric of one facet value as a bar from its fair value, with its interval: one panel for labels, one for
    predictions.

    A filled bar with a diamond excludes its fair value; a pale one with a hollow circle does not; with a square it
    cannot be told. Lines are 95 % intervals; of KL, JS, LP, TVD and KS they end at the one-sided upper limit. An arrow
    goes on to infinity. Beside each bar stands what lies above its fair value, or below; where a value is undefined,
    the reason.

    Args:
        report: a `BiasReport`.
        facet_value, facet: which; by default the facet value with most metrics that exclude their fair value.
        threshold: of scores; the first if not given.
        ax: as many `matplotlib.axes.Axes` as there are panels.

    Returns:
        `Display`; its frame has the drawn rows of the report's.

    Raises:
        FairkitError: for a facet, value or threshold that is not there.

    Example:
        >>> import fairkit
        >>> people = {"hired": [1, 0, 1, 1, 0, 0, 1, 0], "sex": ["m", "f", "m", "m", "f", "f", "f", "m"]}
        >>> fairkit.bias_report(people, label="hired", facet="sex").plot(facet_value="f")
        Display(bias, 8 rows in .frame; .save(path) writes the picture)
    """
    if not hasattr(report, "facets") or not hasattr(report, "outcomes"):
        raise FairkitError("there are no bias metrics to draw", "what fairkit.bias_report gives",
                           type(report).__name__)
    facet, facet_value, chosen = chosen_facet(report, facet_value, facet)
    threshold = _threshold(report, threshold)
    frame = report.frame
    frame = frame[(frame["facet"] == facet) & (frame["facet_value"] == facet_value)
                  & (frame["threshold"].isna() | (frame["threshold"] == threshold))].reset_index(drop=True)
    if not len(frame):
        raise FairkitError("this report has no metrics", "a report with one or more", "none")
    rows = frame.to_dict("records")
    panels = {stage: [row for row in rows if row["stage"] == stage] for stage in _STAGES}
    panels = {stage: found for stage, found in panels.items() if found}
    height = _ROW * len(rows) + _AROUND * len(panels) + (1.2 if chosen else 1.05)
    axes = drawing(ax, _WIDTH, height, rows=len(panels), heights=[len(found) for found in panels.values()])
    tracks = tracks_of(rows)
    for area, (stage, found) in zip(axes[:, 0], panels.items(), strict=True):
        _draw(area, found, tracks, _STAGES[stage] + (f", scores above {threshold:.4g}" if stage == "post_training"
                                                     and threshold is not None else ""))
    title = f"{drawn_text(facet)} {drawn_text(facet_value)} (d, n = {rows[0]['n_d']:,}) against the rest " \
            f"(a, n = {rows[0]['n_a']:,})"
    _write(axes[:, 0], title, rows, report, chosen, ax is None)
    return Display("bias", frame, axes, _alt(title, rows), ax is not None)


def chosen_facet(report, facet_value=None, facet=None):
    """(facet, facet value, whether it was chosen among several): what is named, or that with most metrics that exclude
    their fair value."""
    rows = report.frame
    for name, wanted in (("facet", facet), ("facet_value", facet_value)):
        if wanted is not None:
            known = rows[name].unique().tolist()
            rows = rows[rows[name] == str(wanted)]
            if not len(rows):
                raise FairkitError(f"this report has no {name} {str(wanted)!r}", nearest(wanted, known), quote(wanted))
    if not len(rows):
        raise FairkitError("this report has no metrics", "a report with one or more", "none")
    counted = rows["excludes_fair"].fillna(False).groupby([rows["facet"], rows["facet_value"]], sort=False).sum()
    return *counted.idxmax(), facet_value is None and len(counted) > 1


def _threshold(report, threshold):
    known = report.thresholds
    if threshold is None:
        return known[0] if known else None
    if threshold not in known:
        raise FairkitError(f"this report has no threshold {threshold}", list(known) or "none: predictions are labels",
                           quote(threshold))
    return threshold


def _draw(ax, rows, tracks, title):
    places = np.arange(len(rows))
    ax.axvline(0, color=INK, linewidth=1, linestyle="--", zorder=2.5)
    for place, row in zip(places, rows, strict=True):
        track = tracks[row["metric"]]
        ax.barh(place, 1 - track.start, left=track.start, height=0.5, color="#f1f2f4", zorder=0)
        low, high = track.ends
        left = low if track.start else f"{row['fair']:g}"
        ax.text(track.start - 0.04, place, left, ha="right", va="center", fontsize=7, color=GRAY)
        ax.text(1.04, place, high, ha="left", va="center", fontsize=7, color=GRAY)
        _bar(ax, place, row, track)
        _words(ax, place, row)
    ax.set_yticks(places, [""] * len(rows))
    for place, row in zip(places, rows, strict=True):
        name = textwrap.fill(METRICS[row["metric"]].name, _NAME)
        ax.annotate(row["metric"], (0, place), (-8, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                    ha="right", va="center", fontweight="bold", fontsize=9, color=INK)
        ax.annotate(name, (0, place), (-54, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                    ha="right", va="center", fontsize=8, color=INK, linespacing=1.1)
    ax.set_ylim(len(rows) - 0.45, -0.55)
    ax.set_xlim(-1.24, 1.31)
    fair = sorted({row["fair"] for row in rows})
    ax.set_xticks([0], ["fair: 0" + (" (DI: 1)" if 1 in fair else "") if 0 in fair else f"fair: {fair[0]:g}"])
    ax.tick_params(length=0, labelsize="small", colors=INK)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title(title, loc="left", color=INK, fontsize=10, fontweight="bold")


def _look(row):
    """(colour of the bar, of lines, marker, its face) by what is told."""
    strong, weak = styles_for(["red"])[0].color, styles_for(["blue"])[0].color
    return {True: (strong, strong, "D", strong), False: ("#b9d3e4", weak, "o", "white"),
            None: ("#cfcfcf", GRAY, "s", "white")}[_told(row)]


def _told(row):
    """Whether the fair value is excluded; None where that cannot be told."""
    return {"True": True, "False": False}.get(str(row["excludes_fair"]))


def _bar(ax, place, row, track):
    if math.isnan(row["value"]):
        ax.text(0.02, place, "undefined", va="center", fontsize=8, style="italic", color=GRAY,
                zorder=4)
        return
    fill, line, marker, face = _look(row)
    at = track.place(row["value"])
    ax.barh(place, at, height=0.34, color=fill, alpha=0.55 if fill == line else 1, zorder=1)
    low = row["value"] if row["test"] else row["lower"]  # a one-sided limit has one end
    if not math.isnan(row["upper"]):
        ends = track.place(low), track.place(row["upper"])
        ax.hlines(place, *ends, color=line, linewidth=1.6, zorder=3)
        for end, number in zip(ends, (low, row["upper"]), strict=True):
            if math.isfinite(number) and not (row["test"] and end == ends[0]):
                ax.plot([end, end], [place - 0.13, place + 0.13], color=line, linewidth=1.4, zorder=3)
    marker = marker if math.isfinite(row["value"]) else ">" if row["value"] > 0 else "<"
    ax.plot([at], [place], marker, color=line, markerfacecolor=face, markersize=6, markeredgewidth=1.4, zorder=4,
            clip_on=False)
    if math.isinf(row["upper"]) and math.isfinite(row["value"]):
        ax.plot([1], [place], ">", color=line, markersize=5, zorder=4)


def _words(ax, place, row):
    """The value in figures, and what it says: on its side of the fair value where that is ruled out."""
    known = not math.isnan(row["value"])
    told = _told(row) is True
    if known:
        numbers = _numbers(row)
        below = told and row["value"] < row["fair"]
        words = f"{'←' if below else '→'} {means(row) if below else METRICS[row['metric']].positive}"
    else:
        numbers, words = "", drawn_text(row["note"], 2 * _WORDS - 4)
    lines = ([numbers] if numbers else []) + textwrap.wrap(words, _WORDS)
    ax.annotate("\n".join(lines[1:] if numbers else lines), (1, place), (4, -1 if numbers else 0),
                xycoords=("axes fraction", "data"), textcoords="offset points", ha="left",
                va="top" if numbers else "center", fontsize=8, linespacing=1.1, color=INK if told else GRAY)
    if numbers:
        ax.annotate(numbers, (1, place), (4, 1), xycoords=("axes fraction", "data"), textcoords="offset points",
                    ha="left", va="bottom", fontsize=8.5, color=INK, fontweight="bold" if told else "normal")


def _numbers(row):
    """The value with its interval, or its one-sided limit."""
    if math.isinf(row["value"]):
        return "infinite" if row["value"] > 0 else f"{MINUS}infinite"
    if row["test"]:
        return figure(row["value"]) + (f" (up to {figure(row['upper'])})" if not math.isnan(row["upper"]) else "")
    return figure(row["value"], row["lower"], row["upper"])


def _write(areas, title, rows, report, chosen, own):
    from matplotlib.lines import Line2D

    shown, handles = {_told(row) for row in rows if not math.isnan(row["value"])}, []
    for told in (told for told in _SAID if told in shown):
        _, line, marker, face = _look({"excludes_fair": told})
        handles.append(Line2D([], [], color=line, marker=marker, markerfacecolor=face, linewidth=1.6,
                              label=_SAID[told]))
    values = report.frame[["facet", "facet_value"]].drop_duplicates()
    more = f"\nof {len(values)} facet values the one with most metrics that exclude their fair value" if chosen else ""
    look = {"handles": handles, "ncols": 3, "frameon": False, "fontsize": "small"}
    if own:
        figure_ = areas[0].figure
        figure_.suptitle(title + more, x=0.012, ha="left", fontsize=11, color=INK)
        made = figure_.legend(loc="outside lower left", title=_NOTE, title_fontsize=8, alignment="left", **look)
        made.get_title().set_color(GRAY)
        return
    areas[0].set_title(f"{title}{more}\n{areas[0].get_title(loc='left')}", loc="left", color=INK, fontsize=10)
    if handles:
        areas[-1].legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), **look)


def _alt(title, rows):
    told = [row for row in rows if _told(row)]
    said = "; ".join(f"{row['metric']} {_numbers(row)}: {means(row)}" for row in told)
    among = sum(_told(row) is not None for row in rows)
    return f"Bias metrics of {title}: {len(told)} of {among} that can be judged exclude their fair value" + \
        (f". {said}." if said else ".")
