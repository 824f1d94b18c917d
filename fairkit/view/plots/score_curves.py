"""ROC and precision-recall curves by slice."""

import numpy as np
import pandas as pd

from fairkit.counts.auc_intervals import area_interval
from fairkit.counts.rates import RATES
from fairkit.view.plots.colors import GRAY, INK
from fairkit.view.plots.curve_slices import beside, curve_slices, square_axes
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import count_text, percent
from fairkit.view.plots.wanted import the_choice
from fairkit.view.wording import spoken

__all__ = ["plot_precision_recall", "plot_roc"]

_MOST_POINTS = 2000


def plot_roc(evaluation, by=None, class_id: int | None = None, threshold: float | None = None, ax=None) -> Display:
    """ROC curves by slice: the true positive rate against the false positive rate at every threshold.

    A mark on each curve shows where the slice stands at one threshold of the evaluation: the same threshold may mean
    different rates for different groups. Curves of slices with fewer positives or negatives than `min_examples` are
    thin. The points are exact where the evaluation holds its predictions, else up to its fine score buckets; of more
    than 2,000 distinct scores every second, third or so is a point.

    Args:
        evaluation: an `Evaluation`.
        by: a feature, a tuple of features (their cross), or a list of these; the first feature if not given.
        class_id: the class that is judged against the rest; the first if not given.
        threshold: of the marks, one of the evaluation's; the middle one if not given.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has a row for each slice and threshold, from -inf (all predicted positive) upward: slice,
        class, threshold, false_positive_rate, true_positive_rate.

    Raises:
        FairkitError: for a feature, class or threshold that is not there, and more than 12 slices.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 0, 1], groups={"color": ["blue", "blue", "red", "red"]})
        >>> evaluation = fairkit.evaluate([.1, .9, .6, .4], examples, ["color"], [.5])
        >>> frame = fairkit.view.plot_roc(evaluation, "color").frame
        >>> frame[frame["slice"] == "color:red"][["false_positive_rate", "true_positive_rate"]].values.tolist()
        [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    return _plot(evaluation, by, class_id, threshold, ax, "ROC", ("false_positive_rate", "true_positive_rate"))


def plot_precision_recall(evaluation, by=None, class_id: int | None = None, threshold: float | None = None,
                          ax=None) -> Display:
    """Precision-recall curves by slice: precision against recall at every threshold.

    The legend has the share of positives of each slice, which is the precision of guessing: curves of slices with
    different shares do not compare. Marks, thin curves and arguments are those of `plot_roc`. Precision is undefined,
    and not drawn, where nothing is predicted positive.

    Returns:
        `Display`; its frame has a row for each slice and threshold: slice, class, threshold, recall, precision.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={"color": ["blue", "blue", "blue"]})
        >>> evaluation = fairkit.evaluate([.5, .4, .9], examples, ["color"], [.5])
        >>> frame = fairkit.view.plot_precision_recall(evaluation).frame
        >>> frame[frame["slice"] == "color:blue"][["recall", "precision"]].round(2).values.tolist()
        [[1.0, 0.67], [0.5, 0.5], [0.5, 1.0], [0.0, nan]]
    """
    return _plot(evaluation, by, class_id, threshold, ax, "precision-recall", ("recall", "precision"))


def _plot(evaluation, by, class_id, threshold, ax, kind, rates):
    slices, class_id = curve_slices(evaluation, by, class_id)
    threshold = the_choice("threshold", threshold, evaluation.thresholds)
    axes = drawing(ax, 7.8, 4.6)
    area, blocks = axes[0, 0], []
    square_axes(area)
    if kind == "ROC":
        area.plot([0, 1], [0, 1], color="#bdbdbd", linewidth=1, zorder=1)
    areas = dict(zip([s.key for s in slices], evaluation.areas.of(
        [s.key for s in slices], evaluation.members[[evaluation.keys.index(s.key) for s in slices]], class_id),
        strict=True))
    for each in slices:
        scores = each.table.scores
        some = np.unique(np.linspace(0, len(scores) - 1, min(len(scores), _MOST_POINTS)).astype(int))
        at = np.concatenate([[-np.inf], scores[some]])
        x, y = _rates(each.table.counts(at), rates)
        block = pd.DataFrame({"slice": each.name, "class": np.full(len(at), class_id, object), "threshold": at,
                              rates[0]: x, rates[1]: y})
        blocks.append(block)
        _draw(area, each, x, y, kind, areas[each.key], rates, threshold)
    labels = [f"{spoken(name)} (share of {RATES[name].meaning.replace(' that are predicted', ' predicted')})"
              for name in rates]
    area.set_xlabel(labels[0], fontsize="small", color=INK)
    area.set_ylabel(labels[1], fontsize="small", color=INK)
    of_class = "" if class_id is None else f", class {class_id} against the rest"
    title = f"{'ROC curves' if kind == 'ROC' else 'Precision-recall curves'}{of_class}"
    area.set_title(title, loc="left", color=INK, fontsize=11)
    area.plot([], [], "o", color=GRAY, markersize=8, markeredgecolor=INK, label=f"marks: threshold {threshold:.4g}")
    beside(area, len(slices), ax is None)
    said = "; ".join(f"{each.text} {_said(each, kind, areas[each.key], rates, threshold)}" for each in slices)
    return Display(kind, pd.concat(blocks, ignore_index=True), axes, f"{title} by slice: {said}.", ax is not None)


def _said(each, kind, found, rates, threshold):
    """A curve in words: its area; of precision and recall, whose area that is not, where it stands at the threshold."""
    if kind == "ROC":
        return f"AUC {_area_text(found)}"
    negatives, positives = each.table.sizes
    share = f"{percent(positives / (positives + negatives))} positive, " if positives + negatives else ""
    (x,), (y,) = _rates(each.table.counts(np.array([threshold])), rates)
    return f"{share}at threshold {threshold:.4g} {rates[0]} {percent(x)}, {rates[1]} {percent(y)}"


def _area_text(found):
    lower, upper = area_interval(found.value, found.variance, found.positive_size, found.negative_size)
    ends = "" if np.isnan(lower) else f" [{lower:.3f}, {upper:.3f}]"
    return "undefined" if np.isnan(found.value) else f"{found.value:.3f}{ends}"


def _rates(counts, rates):
    with np.errstate(divide="ignore", invalid="ignore"):
        return [RATES[name].numerator(counts)[..., 1] / RATES[name].over(counts)[..., 1] for name in rates]


def _draw(ax, each, x, y, kind, found, rates, threshold):
    negatives, positives = each.table.sizes
    about = f"{each.text}: AUC {_area_text(found)}\n" if kind == "ROC" else f"{each.text}\n"
    about += f"  {count_text(positives)} positives, {count_text(negatives)} negatives"
    if kind != "ROC" and positives and negatives:
        about += f" ({percent(positives / (positives + negatives))} positive)"
    if not (positives and negatives):
        about += "\n  undefined: one label is missing"
    elif each.few:
        about += "\n  too few examples"
    thin = each.few or not each.key
    # A marker at no point shows in the legend alone.
    marked = {"marker": each.style.marker, "markevery": [], "markersize": 6} if each.key else {}
    ax.plot(x, y, color=each.style.color, linestyle=each.style.line, linewidth=1.0 if thin else 1.9, label=about,
            drawstyle="default" if kind == "ROC" else "steps-post", zorder=2 if thin else 3, **marked)
    if each.key:
        (at_x,), (at_y,) = _rates(each.table.counts(np.array([threshold])), rates)
        ax.plot([at_x], [at_y], each.style.marker, color=each.style.color, markersize=9, markeredgecolor=INK,
                zorder=6)
