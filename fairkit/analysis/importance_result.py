"""What `feature_importance` found."""

from dataclasses import dataclass

import pandas as pd

from fairkit.handed_out import handing_out

__all__ = ["COLUMNS", "Importance"]

COLUMNS = ["feature", "importance", "lower", "upper", "repeats_sd"]


@handing_out("frame")
@dataclass(frozen=True)
class Importance:
    """How much a model relies on each feature.

    Attributes:
        frame: a DataFrame with a row for each feature, the most important first: feature; importance, how far the score
            falls when it is permuted; lower, upper, its 95 % interval over examples (NaN under ten examples);
            repeats_sd, the standard deviation over repeats on these examples.
        score: the name of the score.
        base: its value with nothing permuted.
        examples, repeats: how many there were.
    """

    frame: pd.DataFrame
    score: str
    base: float
    examples: int
    repeats: int

    def plot(self, most: int = 30, ax=None):
        """The features with their intervals, the most important first: a `fairkit.view.Display`.

        Args:
            most: features that are drawn.
            ax: `matplotlib.axes.Axes` to draw on.
        """
        from fairkit.view.plots.importance_bars import plot_importance

        return plot_importance(self, most, ax)

    def _repr_html_(self):
        from fairkit.view.analysis_text import frame_html

        return frame_html(self.frame, f"{self.score} {self.base:.4g} on {self.examples:,} examples; how far it falls "
                                      f"where a feature is permuted, means of {self.repeats}, with 95 % intervals")
