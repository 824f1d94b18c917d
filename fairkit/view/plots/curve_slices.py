"""The slices that curves are drawn of: each with a name, a style and its scores."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError
from fairkit.view.plots.colors import GRAY, INK, Style, styles_for
from fairkit.view.plots.labels import legend_text, slice_text
from fairkit.view.plots.score_table import ScoreTable, score_tables
from fairkit.view.plots.wanted import the_class, wanted_slices

__all__ = ["MOST_CURVES", "CurveSlice", "beside", "curve_slices", "frame_look", "square_axes"]

MOST_CURVES = 12
_CURVES = 5.4   # inches that the axes and their labels take beside a legend


@dataclass(frozen=True)
class CurveSlice:
    """One curve's slice.

    Attributes:
        key: of the slice; `name` as in the frame, `text` as in the legend.
        style: how it is drawn.
        table: its `ScoreTable`.
        few: whether it has fewer positives or negatives than the evaluation's min_examples.
    """

    key: tuple
    text: str
    style: Style
    table: ScoreTable
    few: bool

    @property
    def name(self):
        return slice_name(self.key)


def curve_slices(evaluation, by=None, class_id=None, overall=True):
    """(list of `CurveSlice`, class or None): overall first, in black, then the slices of one feature or cross.

    Args:
        by: a feature, a tuple of features, or a list of these; the first feature of the evaluation if not given.

    Raises:
        FairkitError: for features that the evaluation was not sliced by, and more slices than can be told apart.
    """
    if not hasattr(evaluation, "cells"):
        raise FairkitError("curves are drawn of an evaluation with its scores", "what fairkit.evaluate gives",
                           type(evaluation).__name__)
    class_id = the_class(evaluation, class_id)
    families = wanted_slices(evaluation.keys, by)
    if by is None:
        families = dict(list(families.items())[:1])
    keys = [key for found in families.values() for key in found]
    if len(keys) > MOST_CURVES:
        raise FairkitError("so many curves cannot be told apart", f"at most {MOST_CURVES} slices",
                           f"{len(keys)} slices by {' and '.join(' x '.join(family) for family in families)}")
    tables = score_tables(evaluation, [(), *keys], class_id)
    styles = styles_for([" ".join(value for _, value in key) for key in keys])
    found = [CurveSlice((), "overall", Style("#000000", "", (0, (1, 1))), tables[()], False)] if overall else []
    for key, style in zip(keys, styles, strict=True):
        few = min(tables[key].negatives[:, 0].sum(), tables[key].positives[:, 0].sum()) < evaluation.min_examples
        found.append(CurveSlice(key, legend_text(slice_text(key, 24)), style, tables[key], bool(few)))
    return found, class_id


def beside(ax, count, own):
    """A legend right of the axes, small enough for so many entries; a figure of our `own` grows until it fits."""
    legend = ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False, borderaxespad=0, handlelength=4.2,
                       fontsize="small" if count < 9 else "x-small")
    if own:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure = ax.figure
        size = legend.get_window_extent(FigureCanvasAgg(figure).get_renderer()).size / figure.dpi
        height = figure.get_size_inches()[1]
        width, whole = _CURVES + size[0] + 0.2, max(height, size[1] + 0.6)
        legend.set_in_layout(False)   # else a long legend leaves no room for the curves
        figure.set_size_inches(width, whole)
        figure.get_layout_engine().set(rect=(0, 1 - height / whole, _CURVES / width, height / whole))


def frame_look(ax):
    """Thin grey lines, no box, small numbers."""
    ax.grid(color="#e6e6e6", linewidth=0.8)
    ax.set_axisbelow(True)
    for name, side in ax.spines.items():
        side.set_visible(name in ("left", "bottom"))
        side.set_color(GRAY)
    ax.tick_params(colors=INK, labelsize="small")


def square_axes(ax):
    """Axes of two shares, both from 0 to 1, in percent."""
    from fairkit.view.plots.labels import percent_axis

    frame_look(ax)
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    for axis in (ax.xaxis, ax.yaxis):
        percent_axis(axis)
        axis.set_ticks(np.linspace(0, 1, 6))
