"""A rate at every threshold, by slice."""

import numpy as np
import pandas as pd

from fairkit.counts.intervals import estimate
from fairkit.evaluation.specs import checked_metric
from fairkit.view.plots.colors import INK
from fairkit.view.plots.curve_slices import beside, curve_slices, frame_look
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import capital, count_text, drawn_text, percent_axis, plain_text
from fairkit.view.wording import spoken

__all__ = ["plot_thresholds"]

_GRID = np.round(np.linspace(0, 1, 101), 2)


def plot_thresholds(evaluation, metric: str = "false_positive_rate", by=None, class_id: int | None = None,
                    ax=None) -> Display:
    """A rate against the threshold, by slice, with 95 % intervals as bands.

    Where fewer examples than the evaluation's `min_examples` are in the denominator the curve is thin and has no band,
    and it ends where the rate is undefined. Marks stand at the evaluation's thresholds.

    Args:
        evaluation: an `Evaluation`.
        metric: a rate at a threshold, such as "false_positive_rate".
        by: a feature, a tuple of features (their cross), or a list of these; the first feature if not given.
        class_id: the class that is judged against the rest; the first if not given.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has a row for each slice and threshold (0, 0.01, ..., 1 and the evaluation's): slice,
        class, metric, threshold, value, lower, upper, numerator, denominator.

    Raises:
        FairkitError: for a rate, feature or class that is not there, and more than 12 slices.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 0], groups={"color": ["blue", "blue"]})
        >>> evaluation = fairkit.evaluate([.1, .6], examples, ["color"], [.5])
        >>> frame = fairkit.view.plot_thresholds(evaluation).frame
        >>> frame[(frame["slice"] == "color:blue") & (frame["threshold"] == .5)]["value"].tolist()
        [0.5]
    """
    rate = checked_metric(metric)
    slices, class_id = curve_slices(evaluation, by, class_id)
    at = np.union1d(_GRID, evaluation.thresholds)
    axes = drawing(ax, 7.4, 4.2)
    area, blocks = axes[0, 0], []
    frame_look(area)
    for each in slices:
        counts = each.table.counts(at)
        value, lower, upper, numerator, denominator = estimate(rate, counts)
        blocks.append(pd.DataFrame({
            "slice": each.name, "class": np.full(len(at), class_id, object), "metric": metric, "threshold": at,
            "value": value, "lower": lower, "upper": upper, "numerator": numerator, "denominator": denominator}))
        few = rate.examples(counts) < evaluation.min_examples
        _draw(area, each, at, (value, lower, upper), few, denominator, np.searchsorted(at, evaluation.thresholds))
    area.set_xlim(0, 1)
    area.set_ylim(-0.02, 1.02)
    percent_axis(area.yaxis)
    area.set_xlabel("threshold (a score above it is a positive prediction)", fontsize="small", color=INK)
    area.set_ylabel(plain_text(f"share of {rate.among} that are {rate.share}"), fontsize="small", color=INK)
    title = f"{drawn_text(capital(spoken(metric)), 60)} by threshold" + ("" if class_id is None else
                                                        f", class {class_id} against the rest")
    area.set_title(title, loc="left", color=INK, fontsize=11)
    beside(area, len(slices), ax is None)
    alt = f"{title}, by slice: {', '.join(each.text for each in slices)}."
    return Display("thresholds", pd.concat(blocks, ignore_index=True), axes, alt, ax is not None)


def _draw(ax, each, at, numbers, few, denominator, marks):
    value, lower, upper = numbers
    sizes = denominator[np.isfinite(value)]
    n = "undefined" if not len(sizes) else f"n = {count_text(sizes[0])}" if np.ptp(sizes) == 0 else \
        f"n = {count_text(sizes.min())} to {count_text(sizes.max())}"
    style, label = each.style, f"{each.text} ({n})" + ("\n  too few examples" if few.all() and len(sizes) else "")
    if not each.key:
        ax.plot(at, value, color=style.color, linestyle=style.line, linewidth=1, label=label)
        return
    ax.fill_between(at, lower, upper, where=~few, color=style.color, alpha=0.13, linewidth=0)
    ax.plot(at, value, color=style.color, linestyle=style.line, linewidth=0.7, marker=style.marker, markersize=4.5,
            markevery=list(marks), label=label if few.all() else None, alpha=0.75,
            markerfacecolor="white" if few.all() else style.color)
    if not few.all():
        ax.plot(at, np.where(few, np.nan, value), color=style.color, linestyle=style.line, linewidth=1.9, label=label,
                marker=style.marker, markevery=[], markersize=4.5)
