"""What `correlations` found."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fairkit.errors import FairkitError, nearest, quote
from fairkit.handed_out import handing_out

__all__ = ["COLUMNS", "Correlations"]

COLUMNS = ["a", "b", "measure", "value", "n", "missing", "note"]
_KINDS = ("heat_map", "dendrogram")


@handing_out("frame")
@dataclass(frozen=True)
class Correlations:
    """How strongly columns go together; `print` shows the strongest pairs.

    Attributes:
        frame: a DataFrame with a row for each pair of columns: a, b; measure ("pearson", "spearman", "cramers_v" or
            "correlation_ratio"); value, NaN where it is not defined; n, the rows in which both have a value; missing,
            all other rows; note, why there is no value.
        columns: the names, in the order of the data.
        kinds: dict of column -> "number" or "category".
        bias_corrected: whether Cramer's V and correlation ratios are.
    """

    frame: pd.DataFrame = field(repr=False)
    columns: tuple
    kinds: dict
    bias_corrected: bool

    @property
    def matrix(self):
        """The values as a square DataFrame, 1 on the diagonal (NaN for columns without any value)."""
        square = np.full((len(self.columns),) * 2, np.nan)
        place = {name: k for k, name in enumerate(self.columns)}
        a, b = (self.frame[side].map(place).to_numpy() for side in "ab")
        square[a, b] = square[b, a] = self.frame["value"]
        some = ~np.isnan(square).all(axis=1)
        square[some, some] = 1.0
        return pd.DataFrame(square, list(self.columns), list(self.columns))

    def of(self, column: str) -> pd.DataFrame:
        """The rows of one column, the strongest first.

        Raises:
            FairkitError: for a column that is not there.
        """
        if column not in self.columns:
            raise FairkitError(f"no column {quote(column)} was correlated", nearest(column, self.columns),
                               quote(column))
        rows = self.frame[(self.frame["a"] == column) | (self.frame["b"] == column)]
        return _strongest(rows)

    @property
    def strongest(self):
        """The rows of `frame`, the strongest first, whatever their sign."""
        return _strongest(self.frame)

    def clusters(self):
        """Which columns go together, and those that go with these, by average linkage.

        The distance of two columns is 1 - |value|, and 1 where the value is missing.

        Returns:
            (names, linkage): the columns that have a value with any other, and (names - 1, 4) floats as
            `scipy.cluster.hierarchy.linkage` gives them; None instead where fewer than two columns have one.
        """
        from scipy.cluster.hierarchy import linkage
        from scipy.spatial.distance import squareform

        matrix = self.matrix
        names = [name for name in self.columns if not np.isnan(matrix.loc[name, name])]
        if len(names) < 2:
            return names, None
        distance = 1 - matrix.loc[names, names].abs().fillna(0).to_numpy()
        np.fill_diagonal(distance, 0)
        return names, linkage(squareform(distance, checks=False), "average", optimal_ordering=len(names) <= 200)

    def plot(self, kind: str = "heat_map", ax=None):
        """A "heat_map" of all pairs, those that go together side by side, or a "dendrogram".

        Returns:
            `fairkit.view.Display`.
        """
        if kind not in _KINDS:
            raise FairkitError(f"there is no plot of kind {quote(kind)} here", nearest(kind, _KINDS), quote(kind))
        if kind == "heat_map":
            from fairkit.view.plots.correlation_map import plot_correlations

            return plot_correlations(self, ax)
        from fairkit.view.plots.correlation_tree import plot_dendrogram

        return plot_dendrogram(self, ax)

    def __str__(self):
        from fairkit.view.analysis_text import correlations_text

        return correlations_text(self)

    def _repr_html_(self):
        from fairkit.view.analysis_text import frame_html

        return frame_html(self.strongest, f"{len(self.frame):,} pairs of {len(self.columns):,} columns")


def _strongest(rows):
    order = np.argsort(-rows["value"].abs().fillna(-1).to_numpy(), kind="stable")
    return rows.iloc[order].reset_index(drop=True)
