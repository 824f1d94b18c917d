"""Confusion matrices by slice, a panel each."""

import math

import numpy as np
import pandas as pd

from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError
from fairkit.view.plots.colors import INK
from fairkit.view.plots.curve_slices import MOST_CURVES
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import count_text, ordered, slice_text
from fairkit.view.plots.wanted import the_choice, wanted_slices

__all__ = ["plot_confusion"]

_WRITTEN = 12  # classes whose cells have room for numbers


def plot_confusion(evaluation, by=None, threshold: float | None = None, ax=None) -> Display:
    """Confusion matrices by slice: of each label (row), the share that is predicted as each class (column).

    Slices in which a label has fewer examples than the evaluation's `min_examples` say so in their title.

    Args:
        evaluation: an `Evaluation`.
        by: a feature, a tuple of features (their cross), or a list of these; the first feature if not given. () shows
            overall alone.
        threshold: of a binary score, one of the evaluation's; the middle one if not given.
        ax: `matplotlib.axes.Axes` to draw on, one for each panel.

    Returns:
        `Display`; its frame has a row for each slice and cell: slice, label, predicted, count (sum of weights), value
        (the share of the label's row).

    Raises:
        FairkitError: for a feature or threshold that is not there, and more than 12 slices.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={"color": ["blue"] * 3})
        >>> evaluation = fairkit.evaluate([.2, .6, .3], examples, ["color"], [.5])
        >>> fairkit.view.plot_confusion(evaluation, by=()).frame["value"].tolist()
        [1.0, 0.0, 0.5, 0.5]
    """
    if not hasattr(evaluation, "confusion"):
        raise FairkitError("confusion matrices are drawn of an evaluation", "what fairkit.evaluate gives",
                           type(evaluation).__name__)
    families = {} if by == () else wanted_slices(evaluation.keys, by)
    if by is None:
        families = dict(list(families.items())[:1])
    keys = [(), *(key for found in families.values() for key in found)]
    if len(keys) - 1 > MOST_CURVES:
        raise FairkitError("so many panels cannot be read", f"at most {MOST_CURVES} slices", f"{len(keys) - 1} slices")
    binary = evaluation.classes is None
    threshold = the_choice("threshold", threshold, evaluation.thresholds) if binary else None
    tables = {key: evaluation.confusion(slice_name(key), threshold) for key in keys}
    classes = len(tables[()])
    columns = min(len(keys), 4 if classes <= 3 else 3 if classes <= 6 else 2)
    rows, size = math.ceil(len(keys) / columns), 2.3 if classes <= 3 else 3.0 if classes <= 6 else 4.4
    given = None if ax is None else np.array(ax, object)
    shape = (rows, columns) if given is None else (1, len(keys))
    axes = drawing(ax, max(size * columns, 4) + 0.3, size * rows + 0.7, *shape)
    panels = list(axes.flat)
    for panel, key in zip(panels, keys):
        _draw(panel, tables[key], ordered(slice_text(key, 14 if classes <= 3 else 24)), evaluation.min_examples)
    for panel in panels[len(keys):]:
        panel.set_visible(False)
    title = "Of each label, the share predicted as each class (%)"
    at = f", threshold {threshold:.4g}" if binary else ""
    if ax is None:
        panels[0].figure.suptitle(title + at, fontsize=11, color=INK)
    frame = pd.concat([_long(slice_name(key), table) for key, table in tables.items()], ignore_index=True)
    right = ", ".join(f"{slice_text(key)} {np.trace(table) / max(table.to_numpy().sum(), 1):.1%}"
                      for key, table in tables.items())
    return Display("confusion", frame, panels[:len(keys)], f"Confusion matrices{at}; predicted rightly: {right}.",
                   ax is not None)


def _shares(table):
    counts = table.to_numpy(float)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


def _draw(ax, table, name, least):
    import matplotlib

    shares, classes = _shares(table), len(table)
    ax.imshow(shares, cmap=matplotlib.colormaps["Blues"].with_extremes(bad="#f2f2f2"), vmin=0, vmax=1)
    few = "\ntoo few examples of a label" if table.to_numpy().sum(axis=1).min() < least else ""
    ax.set_title(f"{name} (n = {count_text(table.to_numpy().sum())}){few}", fontsize=10, color=INK)
    ax.set_xticks(range(classes), [str(c) for c in table.columns])
    ax.set_yticks(range(classes), [str(c) for c in table.index])
    ax.set_xlabel("predicted", fontsize="small", color=INK)
    ax.set_ylabel("label", fontsize="small", color=INK)
    ax.tick_params(length=0, labelsize="small")
    if classes > _WRITTEN:
        return
    for place in np.ndindex(shares.shape):
        share, count = shares[place], table.to_numpy()[place]
        if np.isnan(share) or (classes > 3 and count == 0):
            continue
        text = f"{100 * share:.1f} %\n{count_text(count)}" if classes <= 3 else f"{100 * share:.0f}"
        ax.text(place[1], place[0], text, ha="center", va="center", fontsize="small",
                color="white" if share > 0.5 else INK)


def _long(name, table):
    labels, predicted = np.meshgrid(table.index, table.columns, indexing="ij")
    return pd.DataFrame({"slice": name, "label": labels.ravel(), "predicted": predicted.ravel(),
                         "count": table.to_numpy(float).ravel(), "value": _shares(table).ravel()})
