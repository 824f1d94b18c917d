"""Which columns go together, as a tree."""

from fairkit.errors import FairkitError
from fairkit.view.plots.colors import INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import drawn_text

__all__ = ["plot_dendrogram"]

_MOST = 150


def plot_dendrogram(correlations, ax=None) -> Display:
    """A tree whose branches join where columns go together: the further left, the more.

    Average linkage over 1 - |correlation|, as `Correlations.clusters` gives it.

    Args:
        correlations: what `fairkit.analysis.correlations` gives.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame is that of the correlations.

    Raises:
        FairkitError: where fewer than two columns have a correlation, or more than 150.

    Example:
        >>> import fairkit, pandas as pd
        >>> people = pd.DataFrame({"age": [20, 30, 40], "pay": [1, 2, 4], "job": list("aab")})
        >>> fairkit.analysis.correlations(people).plot("dendrogram")
        Display(dendrogram, 3 rows in .frame; .save(path) writes the picture)
    """
    from scipy.cluster.hierarchy import dendrogram

    names, linkage = correlations.clusters()
    if linkage is None or len(names) > _MOST:
        raise FairkitError("there is no tree to draw", f"2 to {_MOST} columns that have a correlation", len(names))
    tree = dendrogram(linkage, no_plot=True, color_threshold=0)
    axes = drawing(ax, 7.2, 1.5 + 0.28 * len(names))
    area, color = axes[0, 0], styles_for(["blue"])[0].color
    for places, distances in zip(tree["icoord"], tree["dcoord"]):
        area.plot(distances, [(place - 5) / 10 for place in places], color=color, linewidth=1.6, clip_on=False)
    area.set_yticks(range(len(names)), [drawn_text(names[k], 30) for k in tree["leaves"]])
    area.set_ylim(len(names) - 0.5, -0.5)
    area.set_xlim(0, 1)
    area.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["1", ".8", ".6", ".4", ".2", "0"])
    for side in ("top", "right", "left"):
        area.spines[side].set_visible(False)
    area.tick_params(axis="y", length=0)
    area.grid(axis="x", color="#e6e6e6", linewidth=0.8)
    area.set_axisbelow(True)
    area.set_title("Which columns go together", loc="left", color=INK, fontsize=11)
    without = [name for name in correlations.columns if name not in names]
    left = f"; without a correlation: {', '.join(drawn_text(name, 20) for name in without[:4])}" if without else ""
    area.set_xlabel(f"strength of the correlation where branches join, on average{left}", loc="left",
                    fontsize="small", color=INK)
    first = correlations.strongest.dropna(subset=["value"]).head(3)
    words = "; ".join(f"{row.a} with {row.b}" for row in first.itertuples())
    return Display("dendrogram", correlations.frame, axes, f"Tree of {len(names)} columns; closest are {words}.",
                   ax is not None)
