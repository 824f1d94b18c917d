"""Display: a picture that keeps its numbers, shows itself in a notebook, and can be saved."""

import base64
import io
from html import escape
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.storage import new_file

__all__ = ["FORMATS", "Display", "drawing"]

FORMATS = ("png", "svg", "pdf")
_SCREEN, _PRINT = 100, 150  # dots an inch


class Display:
    """A drawn plot; made by the `plot_` functions of `fairkit.view` and by the `plot` methods of results.

    The last expression of a notebook cell shows it. Where axes were given, the figure is their owner's to show.

    Attributes:
        frame: a DataFrame of the numbers that are drawn; shares lie in [0, 1].
        figure: the `matplotlib.figure.Figure`.
        axes: a list of its `matplotlib.axes.Axes`, row by row; `ax` is the first.
        alt: the picture in words, for readers who do not see it.
    """

    def __init__(self, kind, frame, axes, alt, given=False):
        self.kind, self.frame, self.alt = kind, frame, alt
        self.axes, self._given = list(np.ravel(axes)), given
        self.figure = self.axes[0].figure
        while not hasattr(self.figure, "savefig"):  # a subfigure
            self.figure = self.figure.figure

    @property
    def ax(self):
        return self.axes[0]

    def save(self, path, dpi: float = _PRINT) -> Path:
        """Writes the picture as .png, .svg or .pdf, whichever the path ends with; returns the path.

        The file appears whole or not at all, readable by its owner only, since groups are personal data.

        Raises:
            FairkitError: for a path with another ending.
        """
        path = Path(path)
        if path.suffix[1:].lower() not in FORMATS:
            raise FairkitError("a picture is saved in a format by the end of its name",
                               nearest(path.suffix[1:], FORMATS), str(path))
        with new_file(path) as temporary:
            self.figure.savefig(temporary, format=path.suffix[1:].lower(), dpi=dpi)
        return path

    def _repr_png_(self):
        if self._given:
            return None
        picture = io.BytesIO()
        self.figure.savefig(picture, format="png", dpi=_SCREEN)
        return picture.getvalue()

    def _repr_html_(self):
        picture = self._repr_png_()
        if picture is None:
            return None
        return (f'<img alt="{escape(self.alt)}" style="max-width: 100%" '
                f'src="data:image/png;base64,{base64.b64encode(picture).decode("ascii")}">')

    def __repr__(self):
        return f"Display({self.kind}, {len(self.frame)} rows in .frame; .save(path) writes the picture)"


def drawing(ax, width, height, rows=1, columns=1, heights=None):
    """Axes to draw on, (rows, columns): those given, or those of a figure of their own.

    No pyplot is involved, so nothing is left open. Heights and widths are of the whole figure in inches;
    `heights` are those of the rows, relative to each other.

    Raises:
        FairkitError: for anything but so many axes.
    """
    if ax is None:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        return figure.subplots(rows, columns, squeeze=False, height_ratios=heights)
    given = np.array(ax, object)
    if given.size != rows * columns or not all(hasattr(each, "get_figure") and hasattr(each, "plot")
                                               for each in given.flat):
        count = "one matplotlib Axes" if rows * columns == 1 else f"{rows * columns} matplotlib Axes"
        raise FairkitError("this plot cannot be drawn on what ax is", count, quote(ax)[:200])
    return given.reshape(rows, columns)
