"""Calibration by slice: whether scores mean what they say, for each group."""

import numpy as np
import pandas as pd

from fairkit.arguments import is_whole
from fairkit.counts.intervals import share
from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.colors import INK
from fairkit.view.plots.curve_slices import beside, curve_slices, square_axes
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import count_text

__all__ = ["plot_calibration"]

_STRATEGIES = ("uniform", "quantile")


def plot_calibration(evaluation, by=None, class_id: int | None = None, bins: int = 10, strategy: str = "uniform",
                     ax=None) -> Display:
    """Calibration curves by slice: the share of positives against the mean score, in bins of the score.

    On the diagonal, scores mean what they say; below it they are too high. Bars are 95 % intervals of the share; marks
    are hollow where a bin has fewer examples than the evaluation's `min_examples`.

    Args:
        evaluation: an `Evaluation`.
        by: a feature, a tuple of features (their cross), or a list of these; the first feature if not given.
        class_id: the class that is judged against the rest; the first if not given.
        bins: how many, 2 or more.
        strategy: "uniform" (bins of equal width, the same for all slices) or "quantile" (of about equal numbers of
            examples, for each slice by itself), as in scikit-learn.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has a row for each slice and bin that is not empty: slice, class, bin_lower, bin_upper,
        mean_score, value (the share of positives) with lower and upper, examples.

    Raises:
        FairkitError: for a feature or class that is not there, more than 12 slices, and bins that are none.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 0, 1], groups={"color": ["blue"] * 4})
        >>> evaluation = fairkit.evaluate([.1, .2, .7, .9], examples, ["color"], [.5])
        >>> frame = fairkit.view.plot_calibration(evaluation, bins=2).frame
        >>> frame[frame["slice"] == "color:blue"][["mean_score", "value"]].round(2).values.tolist()
        [[0.15, 0.5], [0.8, 0.5]]
    """
    if not is_whole(bins) or bins < 2:
        raise FairkitError("scores are put into bins", "a whole number of bins, 2 or more", quote(bins))
    if strategy not in _STRATEGIES:
        raise FairkitError(f"no strategy {quote(strategy)}", nearest(strategy, _STRATEGIES), quote(strategy))
    slices, class_id = curve_slices(evaluation, by, class_id)
    axes = drawing(ax, 7.4, 4.6)
    area, blocks = axes[0, 0], []
    square_axes(area)
    area.plot([0, 1], [0, 1], color="#9a9a9a", linewidth=1, zorder=1)
    for each in slices:
        block = _binned(each, bins, strategy, class_id)
        blocks.append(block)
        _draw(area, each, block, evaluation.min_examples)
    few = any((block["examples"] < evaluation.min_examples).any() for block in blocks[1:])
    area.set_xlabel(f"mean score in the bin{'; hollow: too few examples' if few else ''}", fontsize="small", color=INK)
    area.set_ylabel("share of positives in the bin, with 95 % intervals", fontsize="small", color=INK)
    title = "Calibration" + ("" if class_id is None else f", class {class_id} against the rest")
    area.set_title(title, loc="left", color=INK, fontsize=11)
    beside(area, len(slices), ax is None)
    said = ", ".join(_lean(each) for each in slices)
    return Display("calibration", pd.concat(blocks, ignore_index=True), axes, f"{title} by slice: {said}.",
                   ax is not None)


def _binned(each, bins, strategy, class_id):
    table = each.table
    moments = table.negatives + table.positives
    edges = np.linspace(0, 1, bins + 1)
    if strategy == "quantile" and len(table.scores):
        repeated = np.repeat(table.scores, moments[:, 0].astype(int))
        edges = np.unique(np.percentile(repeated, edges * 100))
    count = max(len(edges) - 1, 1)
    place = np.searchsorted(edges[1:-1], table.scores)
    sums = [np.column_stack([np.bincount(place, part[:, k], count) for k in range(3)])
            for part in (table.negatives, table.positives)]
    scored = np.bincount(place, moments[:, 1] * table.scores, count)
    value, lower, upper, _, total = share(np.stack(sums, axis=-2))
    there = total > 0
    return pd.DataFrame({
        "slice": each.name, "class": np.full(int(there.sum()), class_id, object), "bin_lower": edges[:count][there],
        "bin_upper": edges[-count:][there], "mean_score": scored[there] / total[there], "value": value[there],
        "lower": lower[there], "upper": upper[there], "examples": (sums[0] + sums[1])[there, 0].astype(int)})


def _draw(ax, each, block, least):
    style, x, y = each.style, block["mean_score"].to_numpy(), block["value"].to_numpy()
    n = count_text(sum(each.table.sizes))
    if not each.key:
        ax.plot(x, y, color=style.color, linestyle=style.line, linewidth=1, label=f"overall (n = {n})", zorder=2)
        return
    few = block["examples"].to_numpy() < least
    ax.vlines(x, block["lower"], block["upper"], color=style.color, linewidth=1.1, alpha=0.6, zorder=2)
    ax.plot(x, y, color=style.color, linestyle=style.line, linewidth=1.4, zorder=3)
    for hollow in (False, True):
        ax.plot(x[few == hollow], y[few == hollow], style.marker, color=style.color, markersize=6, zorder=4,
                markerfacecolor="white" if hollow else style.color,
                label=None if hollow else f"{each.text} (n = {n})")
    if few.all():
        ax.plot([], [], style.marker, color=style.color, markerfacecolor="white", label="  too few in every bin")


def _lean(each):
    negatives, positives = each.table.sizes
    if negatives + positives == 0:
        return f"{each.text} no examples"
    scored = (each.table.negatives + each.table.positives)[:, 1] @ each.table.scores / (negatives + positives)
    return f"{each.text} mean score {scored:.3f}, share of positives {positives / (negatives + positives):.3f}"
