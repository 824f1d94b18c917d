"""A sweep as a picture: gap against quality, and the front of what nothing beats in both."""

import numpy as np

from fairkit.errors import FairkitError
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.curve_slices import frame_look
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import drawn_text, percent_axis
from fairkit.view.wording import spoken

__all__ = ["plot_front"]

_NAMED = 24  # candidates that are named in the picture, those of the front first
_PLACES = [(x, y) for y in (5, -11, 15, -21, 25, -31, 35, -41) for x in (7, -7)]  # of names beside points, in points
_NEAR = 11  # so near a name needs no line that leads to its point



def plot_front(sweep, quality: str = "auc", ax=None) -> Display:
    """The candidates of a sweep by gap and quality; a line joins those that no other beats in both (`Sweep.front`).

    Points are means over seeds, bars the 95 % intervals of the gap over seeds. Better is left and up. The control has
    a mark of its own; candidates off the front are grey, and have names as far as there is room.

    Args:
        sweep: a `Sweep`.
        quality: "auc" or "accuracy".
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has the sweep's table, and whether each candidate is on the front.

    Raises:
        FairkitError: for anything but a sweep, another quality, and a sweep in which nothing could be measured.
    """
    if not hasattr(sweep, "front") or not hasattr(sweep, "table"):
        raise FairkitError("a front is drawn of a sweep", "what fairkit.sweep gives", type(sweep).__name__)
    front = sweep.front(quality)
    frame = sweep.table.assign(on_front=sweep.table["candidate"].isin(front["candidate"]))
    drawn = frame[frame[["gap", quality]].notna().all(axis=1)]
    if drawn.empty:
        raise FairkitError("nothing of this sweep could be measured", "a candidate with a gap", "; ".join(
            frame["note"].head(3)))
    axes = drawing(ax, 7.4, 4.6)
    area = axes[0, 0]
    frame_look(area)
    control = sweep.table["candidate"].iloc[0]
    off, on = styles_for(["black", "blue"])
    line = area.plot(front["gap"], front[quality], "-", color=on.color, linewidth=1.2, alpha=0.6, zorder=2,
                     drawstyle="steps-post", label="not beaten in both")
    handles = []
    for rows, color, marker, name, size in (
            (drawn[drawn["on_front"] & (drawn["candidate"] != control)], on.color, "o", line[0].get_label(), 7),
            (drawn[~drawn["on_front"] & (drawn["candidate"] != control)], GRAY, "o", "beaten by another", 6),
            (drawn[drawn["candidate"] == control], off.color, "X", "control (no remedy)", 9)):
        if len(rows):
            area.hlines(rows[quality], rows["gap_lower"], rows["gap_upper"], color=color, linewidth=1, alpha=0.5)
            points = area.plot(rows["gap"], rows[quality], marker, color=color, markersize=size, zorder=4,
                               linestyle="none", label="_" if color == on.color else name)
            handles.append(((line[0], points[0]) if color == on.color else points[0], name))
    percent_axis(area.xaxis)
    high = np.nanmax(drawn[["gap", "gap_upper"]].to_numpy())
    area.set_xlim(-0.02 * high, 1.08 * high)
    area.margins(y=0.15)
    seeds = len(sweep.seeds)
    means = f"means of {seeds} seeds, bars: 95 % intervals over seeds" if seeds > 1 else "one seed"
    area.set_xlabel(f"largest gap in {spoken(sweep.gap.metric)} ({means}); left is better", fontsize="small", color=INK)
    area.set_ylabel(f"{spoken(quality)}; up is better", fontsize="small", color=INK)
    area.set_title(f"Gap and {spoken(quality)} of {len(drawn)} candidates", loc="left", color=INK, fontsize=11)
    area.legend(*zip(*handles, strict=True), loc="lower right", frameon=True, framealpha=0.9, edgecolor="none",
                fontsize="small")
    _name(area, drawn.sort_values("on_front", ascending=False, kind="stable"), quality, control)
    said = ", ".join(f"{row.candidate} gap {row.gap:.3f}" for row in front.itertuples())
    return Display("front", frame, axes, f"Gap and {spoken(quality)} of {len(drawn)} candidates; not beaten: {said}.",
                   ax is not None)


def _name(ax, rows, quality, control):
    """Names beside the points, where no point, name or legend is, and off the bars if there is such a place.

    Where there is none, those of the front stand at the first place, and the others have no name.
    """
    from matplotlib.patheffects import withStroke

    ax.figure.draw_without_rendering()   # where things are is known after that
    taken, bars = _obstacles(ax, rows, quality)
    for row in rows[rows["candidate"] != control].head(_NAMED).to_dict("records"):
        point, color = (row["gap"], row[quality]), INK if row["on_front"] else GRAY
        text = ax.annotate(drawn_text(row["candidate"], 28), point, fontsize="x-small", color=color, xytext=(0, 0),
                           textcoords="offset points", zorder=5,
                           path_effects=[withStroke(linewidth=2.5, foreground="white")])
        found = any(_is_free(text, place, avoided) for avoided in (taken + bars, taken) for place in _PLACES)
        if not found and not row["on_front"]:
            text.remove()
            continue
        if not found:
            _put(text, _PLACES[0])
        taken.append(text.get_window_extent())
        if abs(text.xyann[1]) > _NEAR:
            ax.annotate("", point, xytext=text.xyann, textcoords="offset points", zorder=3,
                        arrowprops={"arrowstyle": "-", "color": GRAY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3})


def _obstacles(ax, rows, quality):
    """(boxes of points and legend, boxes of bars), in pixels."""
    from matplotlib.transforms import Bbox

    boxes = []
    for x0, x1 in (("gap", "gap"), ("gap_lower", "gap_upper")):
        (left, y), (right, _) = (ax.transData.transform(rows[[x, quality]].to_numpy(float)).T for x in (x0, x1))
        half = 5 if x0 == x1 else 0.5
        boxes.append([Bbox([[a - half, c - half], [b + half, c + half]]) for a, b, c in zip(left, right, y, strict=True)
                      if np.isfinite([a, b, c]).all()])
    return [ax.get_legend().get_window_extent(), *boxes[0]], boxes[1]


def _put(text, place):
    text.xyann = place
    text.set_ha("left" if place[0] > 0 else "right")


def _is_free(text, place, avoided):
    _put(text, place)
    box, inside = text.get_window_extent(), text.axes.get_window_extent()
    return inside.containsx(box.x0) and inside.containsx(box.x1) and inside.containsy(box.y0) and \
        inside.containsy(box.y1) and not box.count_overlaps(avoided)
