"""Training curves: losses and metrics by epoch."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.colors import INK, styles_for
from fairkit.view.plots.curve_slices import frame_look
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import capital, drawn_text

__all__ = ["plot_training"]

_VALIDATION = "val_"
_MOST = 12


def plot_training(history, metrics=None, ax=None) -> Display:
    """Losses and metrics by epoch, a panel each; training solid, validation dashed.

    Args:
        history: a `Remediation`, a Keras `History`, or a dict of name -> values, one an epoch; names that begin with
            "val_" are of the validation examples.
        metrics: names of panels, such as ["loss", "min_diff_loss", "accuracy"]; all if not given.
        ax: `matplotlib.axes.Axes` to draw on, one for each panel.

    Returns:
        `Display`; its frame has a row for each metric, set ("training" or "validation") and epoch (from 1): metric,
        set, epoch, value.

    Raises:
        FairkitError: for what holds no history, and a metric that is not in it.

    Example:
        >>> import fairkit
        >>> history = {"loss": [.9, .4], "val_loss": [1.0, .6], "accuracy": [.6, .8]}
        >>> fairkit.view.plot_training(history, ["loss"]).frame["value"].tolist()
        [0.9, 0.4, 1.0, 0.6]
    """
    values = getattr(history, "history", history)
    if not isinstance(values, Mapping) or not values or not all(np.ndim(v) == 1 for v in values.values()):
        raise FairkitError("there is no training history here",
                           "a Remediation, a Keras History, or a dict of name -> values, one an epoch",
                           type(history).__name__ if values else "an empty history")
    names = list(dict.fromkeys(str(name).removeprefix(_VALIDATION) for name in values))
    for name in [metrics] if isinstance(metrics, str) else metrics or ():
        if name not in names:
            raise FairkitError(f"the history has no {quote(name)}", nearest(name, names), quote(name))
    names = ([metrics] if isinstance(metrics, str) else list(metrics)) if metrics else names[:_MOST]
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    shape = (rows, columns) if ax is None else (1, len(names))
    panels = list(drawing(ax, 0.6 + 3.0 * columns + (1.2 if columns == 1 else 0), 2.7 * rows + 0.2, *shape).flat)
    both, blocks = any(str(name).startswith(_VALIDATION) for name in values), []
    for panel, name in zip(panels, names):
        blocks += _draw(panel, values, name, both)
    for panel in panels[len(names):]:
        panel.set_visible(False)
    if both:
        panels[0].legend(frameon=False, fontsize="small")
    frame = pd.concat(blocks, ignore_index=True)
    last = frame.groupby(["metric", "set"], sort=False).last().reset_index()
    said = ", ".join(f"{r.metric} ({r.set}) {r.value:.4g}" for r in last.itertuples())
    return Display("training", frame, panels[:len(names)], f"Training curves; after the last epoch: {said}.",
                   ax is not None)


def _draw(ax, values, name, both):
    frame_look(ax)
    styles, blocks = styles_for(["training", "validation"]), []
    for which, key, style in (("training", name, styles[0]), ("validation", _VALIDATION + name, styles[1])):
        if key in values:
            y = np.asarray(values[key], float)
            epoch = np.arange(1, len(y) + 1)
            ax.plot(epoch, y, color=style.color, linestyle=style.line, marker=style.marker, label=which,
                    markersize=4 if len(y) <= 30 else 0)
            blocks.append(pd.DataFrame({"metric": name, "set": which, "epoch": epoch, "value": y}))
        elif both:
            ax.plot([], [], color=style.color, linestyle=style.line, marker=style.marker, label=which)
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    ax.set_title(drawn_text(_title(name)), loc="left", fontsize=10, color=INK)
    ax.set_xlabel("epoch", fontsize="small", color=INK)
    return blocks


def _title(name):
    """"MinDiff loss" for min_diff_loss, "Accuracy" for accuracy."""
    return capital(name.replace("_", " ").replace("min diff", "MinDiff"))
