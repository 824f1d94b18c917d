"""The axis of slices: a row for each, under the name of its feature, with the number of examples that it rests on."""

from dataclasses import dataclass

import numpy as np

from fairkit.view.plots.colors import GRAY, INK
from fairkit.view.plots.labels import family_text, ordered, plain_text, slice_text

__all__ = ["MOST_ROWS", "Row", "height_of", "label_rows", "more_text", "slice_rows", "spread", "sure_distance",
           "value_limits", "why_missing"]

MOST_ROWS = 120
"""Rows that a picture holds; the frame has them all."""

_ROW, _AROUND, _LINE = 0.27, 1.25, 0.09  # inches


@dataclass(frozen=True)
class Row:
    """A line of the picture.

    Attributes:
        place: where it stands, counted from the top.
        key: the key of its slice; None for a heading.
        text: its label, without the count.
    """

    place: float
    key: tuple | None
    text: str


def slice_rows(families, overall=True, label=slice_text, matters=None):
    """(rows, number of slices that found no room): overall first, then each family under its heading.

    Of more slices than there is room for those stay, and come first, that matter most: `matters` is a function of the
    key, such as `sure_distance`; None keeps them in their order.
    """
    rows, place, left_out = [], 0, 0
    if overall:
        rows.append(Row(0, (), "Overall"))
        place = 1
    for family, keys in families.items():
        room = max(MOST_ROWS - 1 - len(rows), 0)
        left_out += max(len(keys) - room, 0)
        if matters is not None and len(keys) > room:
            keys = sorted(keys, key=lambda key: -matters(key))
        if room:
            rows.append(Row(place, None, family_text(family)))
            rows += [Row(place + 1 + i, key, label(key)) for i, key in enumerate(keys[:room])]
            place += 1 + len(keys[:room])
    return rows, left_out


def sure_distance(middle, lower, upper):
    """How far an interval lies from a value at least; 0 where it holds the value, or either is missing."""
    return max(float(np.nan_to_num(max(lower - middle, middle - upper))), 0.0)


def height_of(rows, lines=1):
    """The height of a figure with such rows, in inches, where each holds so many lines of marks."""
    return _AROUND + (_ROW + _LINE * (lines - 1)) * len(rows)


def label_rows(ax, rows, counts=None):
    """Writes the labels of rows; `counts` is a dict of key -> text such as "n = 1,573"."""
    texts = []
    for row in rows:
        about = "" if row.key is None or not counts or row.key not in counts else f"  ({counts[row.key]})"
        texts.append(ordered(row.text) + about)
    ax.set_yticks([row.place for row in rows], texts)
    for row, label in zip(rows, ax.get_yticklabels(), strict=True):
        label.set_fontweight("bold" if row.key is None else "normal")
        label.set_color(INK)
    ax.set_ylim(max((row.place for row in rows), default=0) + 0.7, -0.7)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", colors=INK, labelsize="small")
    ax.grid(axis="x", color="#e3e3e3", linewidth=0.8)
    ax.set_axisbelow(True)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(GRAY)
    for row in rows:
        if row.key is None and row.place > 0:
            ax.axhline(row.place - 0.5, color="#c8c8c8", linewidth=0.8)


def spread(lines):
    """Where so many marks of one row stand around its middle, in rows."""
    half = 0.0 if lines == 1 else min(0.1 + 0.05 * lines, 0.34)
    return np.linspace(-half, half, lines)


def why_missing(ax, place, note):
    """Says in a row why it has no value."""
    why = plain_text(str(note or "undefined").replace(" in this slice", ""))
    ax.annotate(why, (0.01, place), xycoords=("axes fraction", "data"), va="center", fontsize="small", color=GRAY,
                style="italic", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}, zorder=4)


def more_text(left_out):
    """A line about slices that found no room."""
    return f"\n{left_out:,} more slices found no room; by= chooses, .frame has all" if left_out else ""


def value_limits(ax, low, high, share):
    """Limits of the axis of values: from 0 where the values come near it, else around them; shares within [0, 1]."""
    if not high > low:
        low, high = low - 0.05 * abs(low or 1), high + 0.05 * abs(high or 1)
    start = 0.0 if 0 <= low < 0.5 * high else low - 0.06 * (high - low)
    end = high + 0.06 * (high - start)
    if share:
        start, end = max(start, -0.02) if low > 0 or start < 0 else start, min(end, 1.02)
    ax.set_xlim(start if start else -0.015 * (end - start), end)
