"""The title of a plot of slices, and under it the legend, in as many columns as the axes have room for."""

from fairkit.view.plots.colors import INK

__all__ = ["write_heading"]

_GAP = 5           # points between axes, legend and title
_ALONE = 12        # points between axes and title without a legend
_ROW_COUNTED = 0.2  # inches of legend that the heights of figures count on


def write_heading(ax, title, own):
    """Writes title and legend above the axes, where neither lies on the other; a figure of our `own` grows for it.

    To be called last: what else is drawn says how wide the axes are.
    """
    handles, _ = ax.get_legend_handles_labels()
    look = {"loc": "left", "color": INK, "fontsize": 11}
    ax.set_title(title, pad=_ALONE, **look)
    if not handles:
        return
    figure = ax.figure
    if own:
        figure.draw_without_rendering()   # the layout gives the axes their width
    room = ax.get_window_extent().width
    for columns in range(len(handles), 0, -1):
        legend = ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=columns, frameon=False, fontsize="small",
                           borderaxespad=0.1, borderpad=0.2, columnspacing=1.4)
        size = legend.get_window_extent().size / figure.dpi
        if size[0] * figure.dpi <= room:
            break
    ax.set_title(title, pad=72 * size[1] + _GAP, **look)
    if own:
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + max(size[1] - _ROW_COUNTED, 0))
