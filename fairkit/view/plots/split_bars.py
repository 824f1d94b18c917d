"""How many examples of each group are for test, for training and for neither."""

import numpy as np

from fairkit.view.plots.colors import INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.heading import write_heading
from fairkit.view.plots.labels import slice_text

__all__ = ["plot_split"]

_MOST = 60


def plot_split(split, ax=None) -> Display:
    """The groups of a `BalancedSplit` as stacked bars: test, training, left out.

    Args:
        split: what `fairkit.analysis.balanced_split` gives.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has the rows that are drawn: at most 60, the smallest groups if there are more.

    Example:
        >>> import fairkit, pandas as pd
        >>> fairkit.analysis.balanced_split(pd.DataFrame({"g": list("aaab")}), "g", 0, train_min=1).plot()
        Display(split, 2 rows in .frame; .save(path) writes the picture)
    """
    frame = split.frame.tail(_MOST).reset_index(drop=True)
    axes = drawing(ax, 7.2, 1.7 + 0.3 * len(frame))
    area, before = axes[0, 0], np.zeros(len(frame))
    colors = [*(style.color for style in styles_for(["orange", "blue"])), "#bdbdbd"]
    parts = [("test", "test"), ("train", "training"), ("left_out", "left out")]
    for (part, name), color in zip(parts, colors, strict=True):
        if frame[part].any():
            area.barh(range(len(frame)), frame[part], left=before, height=0.62, color=color, label=name)
        before = before + frame[part].to_numpy()
    for place, row in enumerate(frame.itertuples()):
        area.annotate(f"{row.test:,} + {row.train:,}" + (f" + {row.left_out:,}" if row.left_out else ""),
                      (row.n, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize="small",
                      color=INK)
    names = ["in no one group" if group is None else slice_text([("", value) for value in group], 40)
             for group in split.groups[-_MOST:]]
    area.set_yticks(range(len(frame)), names)
    area.set_ylim(len(frame) - 0.4, -0.6)
    area.set_xlim(0, 1.28 * max(frame["n"].max(), 1))
    area.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    area.locator_params(axis="x", nbins=6)
    for side in ("top", "right", "left"):
        area.spines[side].set_visible(False)
    area.tick_params(axis="y", length=0)
    left = len(split.frame) - len(frame)
    area.set_xlabel("examples" + (f"; {left} larger groups are not drawn" if left else ""), loc="left",
                    fontsize="small", color=INK)
    write_heading(area, "Examples for test and training, by group", ax is None)
    said = ", ".join(f"{name} {row.test} and {row.train}" for name, row in zip(names[:8], frame.itertuples()))
    return Display("split", frame, axes, f"Test and training examples by group: {said}.", ax is not None)
