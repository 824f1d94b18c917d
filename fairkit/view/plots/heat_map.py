"""A cross of two features as a heat map."""

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.colors import GRAY, INK
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.labels import drawn_text, percent, percent_axis, rate_of, title_on
from fairkit.view.plots.rate_numbers import SHOWN, as_errors, results_of
from fairkit.view.plots.rates import frame_of
from fairkit.view.plots.wanted import wanted_slices
from fairkit.view.wording import spoken

__all__ = ["plot_heat_map"]

_MOST = 60
_ANNOTATED = 14  # columns that have room for numbers
_NONE = "\N{EN DASH}"


def plot_heat_map(evaluation, by=None, metric: str | None = None, threshold: float | None = None,
                  class_id: int | None = None, show: str = "rate", ax=None) -> Display:
    """A metric in each cell of a cross of two features; darker is larger.

    Cells whose denominator has fewer examples than the evaluation's `min_examples` have their number in brackets and
    do not stretch the scale of colours; where the metric is undefined there is a dash.

    Args:
        evaluation: an `Evaluation` with a cross of two features among its slices.
        by: a tuple of two features: (rows, columns); the only such cross if not given.
        metric, threshold, class_id, show: as for `plot_rates`.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has the columns of `plot_rates`'.

    Raises:
        FairkitError: for a cross that the evaluation does not have, and as `plot_rates`.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["red", "blue"] * 4, "size": list("sm") * 4})
        >>> evaluation = fairkit.evaluate([.9, .1] * 4, examples, [("color", "size")], [.5], min_examples=1)
        >>> fairkit.view.plot_heat_map(evaluation).frame[["slice", "value"]].values.tolist()
        [['color_X_size:blue_X_m', 0.0], ['color_X_size:red_X_s', 1.0]]
    """
    if show not in SHOWN:
        raise FairkitError(f"there is no show={quote(show)}", nearest(show, SHOWN), quote(show))
    (result,), _ = results_of([evaluation], metric, threshold, class_id)
    name, _, result = as_errors(result) if show == "error" else (spoken(result.metric), "", result)
    (row_feature, column_feature), keys = _cross(result.rows, by)
    values = [list(dict.fromkeys(dict(key)[feature] for key in keys)) for feature in (row_feature, column_feature)]
    if max(map(len, values)) > _MOST:
        raise FairkitError("a heat map of so many cells cannot be read", f"at most {_MOST} values a feature",
                           f"{len(values[0])} x {len(values[1])}")
    table, cells = np.full(tuple(map(len, values)), np.nan), {}
    for key in keys:
        place = tuple(known.index(dict(key)[f]) for known, f in zip(values, (row_feature, column_feature), strict=True))
        table[place], cells[place] = result.rows[key]["value"], result.rows[key]
    width, height = 2.6 + 0.62 * len(values[1]), 1.7 + 0.34 * len(values[0])
    axes = drawing(ax, min(max(width, 5.0), 14), height)
    _draw(axes[0, 0], table, cells, rate_of(result.metric) is not None)
    for axis, feature, known in ((axes[0, 0].yaxis, row_feature, values[0]), (axes[0, 0].xaxis, column_feature,
                                                                              values[1])):
        axis.set_ticks(range(len(known)), [drawn_text(value, 18) or '""' for value in known])
        axis.set_label_text(drawn_text(feature), color=INK, fontweight="bold")
    if max(len(value) for value in values[1]) > 5:
        axes[0, 0].tick_params(axis="x", rotation=45 if len(values[1]) > 3 else 0)
    title = title_on(name, result.threshold, result.class_id)
    axes[0, 0].set_title(title, loc="left", color=INK, fontsize=11, pad=18)
    frame = frame_of([result], keys)
    shown = [percent(v) if rate_of(result.metric) else f"{v:.4g}" for v in (np.nanmin(table), np.nanmax(table))] \
        if np.isfinite(table).any() else ["undefined"] * 2
    alt = f"{title}, by {row_feature} and {column_feature}: from {shown[0]} to {shown[1]}."
    return Display("heat map", frame, axes, alt, ax is not None)


def _cross(keys, by):
    """((feature of the rows, feature of the columns), keys of their cross)."""
    if by is None:
        crosses = list(dict.fromkeys(tuple(f for f, _ in key) for key in keys if len(key) == 2))
        if len(crosses) != 1:
            raise FairkitError("a heat map is of one cross of two features", f"by= one of {crosses}" if crosses else
                               "an evaluation with slices=[('digit', 'color')] or so", "by=None")
        by = crosses[0]
    if not isinstance(by, (tuple, list)) or len(by) != 2:
        raise FairkitError("a heat map is of a cross of two features", "by=('digit', 'color') or so", quote(by))
    (found,) = wanted_slices(keys, tuple(by)).values()
    return tuple(by), found


def _draw(ax, table, cells, share):
    import matplotlib

    colors = matplotlib.colormaps["Blues"].with_extremes(bad="#f2f2f2")
    sure = [place for place, cell in cells.items() if not str(cell["note"]).startswith("too few")]
    finite = np.array([table[place] for place in sure or cells])
    finite = finite[np.isfinite(finite)]
    low, high = (min(0.0, finite.min()) if share else finite.min(), finite.max()) if len(finite) else (0, 1)
    image = ax.imshow(table, cmap=colors, vmin=low, vmax=high if high > low else low + 1e-9, aspect="auto")
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.05, pad=0.02)
    if share:
        percent_axis(bar.ax.yaxis)
    bar.ax.tick_params(labelsize="small")
    bar.outline.set_visible(False)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    if table.shape[1] > _ANNOTATED:
        return
    few = False
    for place in np.ndindex(table.shape):
        cell, value = cells.get(place), table[place]
        text, dark = _NONE, False
        if np.isfinite(value):
            text = f"{100 * value:.1f}" if share else f"{value:.3g}"
            dark = (value - low) > 0.5 * (high - low)
            if str(cell["note"]).startswith("too few"):
                text, few = f"({text})", True
        ax.text(place[1], place[0], text, ha="center", va="center", fontsize="small",
                color="white" if dark else INK if np.isfinite(value) else GRAY)
    notes = [*(["numbers in %"] if share else []), *(["in brackets: too few examples"] if few else []),
             *([f"{_NONE}: undefined or no examples"] if np.isnan(table).any() else [])]
    ax.annotate("; ".join(notes), (0, 1), xytext=(0, 4), xycoords="axes fraction", textcoords="offset points",
                fontsize="small", color=GRAY)
