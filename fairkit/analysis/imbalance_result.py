"""What `imbalance` found."""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fairkit.handed_out import handing_out

__all__ = ["COLUMNS", "Imbalance"]

COLUMNS = ["slice", "by", "value", "n", "weight", "share", "lower", "upper", "of_largest", "marked"]


@handing_out("frame")
@dataclass(frozen=True)
class Imbalance:
    """The sizes of groups; `print` shows those that are marked, `plot()` all of them.

    Attributes:
        frame: a DataFrame with a row for each group, columns first, their cross last:

            - slice: its name, as an evaluation names it; by, value: its columns and their values, with commas between;
            - n, weight: examples, and the sum of their weights (n without weights);
            - share: its share of all examples, by weight; lower, upper: the 95 % Wilson interval of that share, where
              the examples are a sample;
            - of_largest: its size over that of the largest group of the same column or cross, by weight;
            - marked: whether that is below the threshold.
        keys: the groups as tuples of (column, value text), in the order of the frame.
        examples: their number.
        threshold: as it was given.
        missing: dict of column -> examples without a value in it; these are in none of its groups.
        weighted: whether the examples have weights.
        left_out: columns that were not looked at, since nobody asked for them: they have too many values, or hold
            something else than groups.
    """

    frame: pd.DataFrame = field(repr=False)
    keys: tuple = field(repr=False)
    examples: int
    threshold: float
    missing: dict
    weighted: bool
    left_out: tuple = ()

    @property
    def marked(self):
        """The rows of `frame` that are marked, those furthest from the largest group first."""
        return self.frame.iloc[self.marked_rows].reset_index(drop=True)

    @property
    def marked_rows(self):
        """The positions of these rows in `frame`, in that order."""
        few = np.flatnonzero(self.frame["marked"].astype(bool))
        return few[np.argsort(self.frame["of_largest"].to_numpy(float)[few], kind="stable")]

    def plot(self, by: str | None = None, ax=None):
        """Bars of the groups with the threshold: a `fairkit.view.Display`.

        Args:
            by: which of the columns, or crosses, as the frame names it ("gender, loan"); the last one if not given.
            ax: `matplotlib.axes.Axes` to draw on.
        """
        from fairkit.view.plots.imbalance_bars import plot_imbalance

        return plot_imbalance(self, by, ax)

    def to_dict(self):
        """Everything as plain values for JSON; what is undefined is None."""
        return {"examples": self.examples, "threshold": self.threshold, "missing": self.missing,
                "weighted": self.weighted, "left_out": list(self.left_out),
                "groups": [{name: None if isinstance(value, float) and not math.isfinite(value) else value
                            for name, value in row.items()} for row in self.frame.to_dict("records")]}

    def __str__(self):
        from fairkit.view.analysis_text import imbalance_text

        return imbalance_text(self)

    def _repr_html_(self):
        from fairkit.view.analysis_text import frame_html

        return frame_html(self.frame, str(self))
