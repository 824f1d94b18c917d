"""A sweep as a picture: gap against quality, and the front of what nothing beats in both."""

import numpy as np

from fairkit.errors import FairkitError
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.curve_slices import frame_look
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import drawn_text, percent_axis
from fairkit.view.wording import spoken

__all__ = ["plot_front"]

_NAMED = 14  # candidates of the front that are named in the picture


def plot_front(sweep, quality: str = "auc", ax=None) -> Display:
    """The candidates of a sweep by gap and quality; a line joins those that no other beats in both (`Sweep.front`).

    Points are means over seeds, bars the 95 % intervals of the gap over seeds. Better is left and up. The control has
    a mark of its own; candidates off the front are grey.

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
    area.plot(front["gap"], front[quality], "-", color=on.color, linewidth=1.2, alpha=0.6, zorder=2,
              drawstyle="steps-post", label="not beaten in both")
    for rows, color, marker, name, size in (
            (drawn[~drawn["on_front"] & (drawn["candidate"] != control)], GRAY, "o", "beaten by another", 6),
            (drawn[drawn["on_front"] & (drawn["candidate"] != control)], on.color, "o", None, 7),
            (drawn[drawn["candidate"] == control], off.color, "X", "control (no remedy)", 9)):
        if len(rows):
            area.hlines(rows[quality], rows["gap_lower"], rows["gap_upper"], color=color, linewidth=1, alpha=0.5)
            area.plot(rows["gap"], rows[quality], marker, color=color, markersize=size, label=name, zorder=4,
                      linestyle="none")
    _name(area, front.head(_NAMED), quality, control)
    percent_axis(area.xaxis)
    high = np.nanmax(drawn[["gap", "gap_upper"]].to_numpy())
    area.set_xlim(-0.02 * high, 1.25 * high)
    area.margins(y=0.15)
    seeds = len(sweep.seeds)
    means = f"means of {seeds} seeds, bars: 95 % intervals over seeds" if seeds > 1 else "one seed"
    area.set_xlabel(f"largest gap in {spoken(sweep.gap.metric)} ({means}); left is better", fontsize="small", color=INK)
    area.set_ylabel(f"{spoken(quality)}; up is better", fontsize="small", color=INK)
    area.set_title(f"Gap and {spoken(quality)} of {len(drawn)} candidates", loc="left", color=INK, fontsize=11)
    area.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none", fontsize="small")
    said = ", ".join(f"{row.candidate} gap {row.gap:.3f}" for row in front.itertuples())
    return Display("front", frame, axes, f"Gap and {spoken(quality)} of {len(drawn)} candidates; not beaten: {said}.",
                   ax is not None)


def _name(ax, front, quality, control):
    """Names beside the points, alternately above and below, so that neighbours do not meet."""
    for i, row in enumerate(front.to_dict("records")):
        if row["candidate"] != control:
            ax.annotate(drawn_text(row["candidate"], 28), (row["gap"], row[quality]), fontsize="x-small", color=INK,
                        xytext=(6, 6 if i % 2 == 0 else -11), textcoords="offset points", zorder=5)
