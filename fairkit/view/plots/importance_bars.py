"""How much a model relies on each feature, with intervals."""


import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import drawn_text

__all__ = ["plot_importance"]


def plot_importance(importance, most: int = 30, ax=None) -> Display:
    """The features of an `Importance`, the most important at the top, with their 95 % intervals over examples.

    Args:
        importance: what `fairkit.analysis.feature_importance` gives.
        most: features that are drawn.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has the rows of the importance's.

    Example:
        >>> import fairkit, numpy as np
        >>> x = np.random.default_rng(0).uniform(size=(100, 2))
        >>> examples = fairkit.Examples(labels=x[:, 0] > .5, groups={}, inputs=x)
        >>> found = fairkit.analysis.feature_importance(lambda x: x[:, 0], examples, names=["age", "luck"])
        >>> found.plot()
        Display(importance, 2 rows in .frame; .save(path) writes the picture)
    """
    if not is_whole(most) or most < 1:
        raise FairkitError("most is no number of features", "a whole number of 1 or more", quote(most))
    frame = importance.frame.head(most)
    axes = drawing(ax, 7.2, 1.5 + 0.32 * len(frame))
    area, places, style = axes[0, 0], np.arange(len(frame)), styles_for(["blue"])[0]
    area.axvline(0, color=GRAY, linestyle="--", linewidth=1, zorder=1)
    area.hlines(places, frame["lower"], frame["upper"], color=style.color, linewidth=1.8, zorder=2)
    area.plot(frame["importance"], places, "o", color=style.color, markersize=6, zorder=3)
    area.set_yticks(places, [drawn_text(name, 40) for name in frame["feature"]])
    area.set_ylim(len(frame) - 0.5, -0.5)
    for side in ("top", "right", "left"):
        area.spines[side].set_visible(False)
    area.tick_params(axis="y", length=0)
    area.grid(axis="x", color="#e6e6e6", linewidth=0.8)
    area.set_axisbelow(True)
    name = importance.score.replace("_", " ")
    name = "AUC" if name == "auc" else name
    intervals = ", with 95 % intervals over examples" if frame["lower"].notna().any() else ""
    left = f"; {len(importance.frame) - len(frame)} more are not drawn" if len(frame) < len(importance.frame) else ""
    area.set_title(f"What the model loses without each feature: {drawn_text(name)}", loc="left", color=INK, fontsize=11)
    area.set_xlabel(f"fall of the {drawn_text(name)} ({importance.base:.3f} on {importance.examples:,} examples) where "
                    f"the feature\nis permuted{intervals}{left}", loc="left", fontsize="small", color=INK)
    said = ", ".join(f"{row.feature} {row.importance:.3g}" for row in frame.head(8).itertuples())
    return Display("importance", frame, axes, f"Fall of the {name} where a feature is permuted: {said}.",
                   ax is not None)
