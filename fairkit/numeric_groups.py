"""Numeric group columns in bins: explicit ones, or quantiles."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fairkit.arguments import is_number, is_whole, python_value
from fairkit.encoding import renumbered
from fairkit.errors import FairkitError, quote
from fairkit.groups import GroupColumn

__all__ = ["Bins", "bins", "quantiles"]

_MOST_PARTS = 10_000


@dataclass(frozen=True)
class Bins:
    """How a numeric column is cut: at `edges`, or into `parts` of about equally many examples."""

    edges: tuple = ()
    parts: int = 0

    def cut(self, name, column):
        """(`GroupColumn` of bins, `Bins` with the edges that were used).

        Raises:
            FairkitError: where a value of the column is no number, or all quantiles are the same.
        """
        values = [[_number(name, value) for value in cell] for cell in column.cells]
        edges = self.edges or _quantile_edges(name, column, values, self.parts)
        names = _names(edges)
        cells, table = {}, []
        for cell in values:
            found = tuple(dict.fromkeys(names[i] for i in sorted(np.searchsorted(edges, cell, side="right"))))
            table.append(cells.setdefault(found, len(cells)))
        codes = renumbered(column.codes, np.array(table, np.min_scalar_type(max(len(cells) - 1, 0))))
        return GroupColumn(codes, tuple(cells)), Bins(tuple(edges))


def bins(*edges: float) -> Bins:
    """Cuts a numeric feature at the given numbers, for `slices=`: k edges make k + 1 bins.

    Args:
        edges: ascending numbers. A value equal to an edge is in the bin above it; the first and the last bin are open,
            so that no value is lost.

    Raises:
        FairkitError: for edges that are no finite, ascending numbers.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={"age": [17, 30, 71]})
        >>> evaluation = fairkit.evaluate([.2, .6, .9], examples, [{"age": fairkit.bins(18, 65)}], [.5])
        >>> evaluation.frame["slice"].unique().tolist()
        ['Overall', 'age:< 18', 'age:[18, 65)', 'age:>= 65']
    """
    numeric = all(is_number(edge) and np.isfinite(edge) for edge in edges)
    if not edges or not numeric or list(edges) != sorted(set(edges)):
        raise FairkitError("bins are cut at ascending numbers", "such as fairkit.bins(18, 30, 65)", quote(edges))
    return Bins(tuple(map(python_value, edges)))


def quantiles(parts: int) -> Bins:
    """Cuts a numeric feature into so many bins of about equally many examples, for `slices=`.

    Args:
        parts: from 2 to 10,000.

    Raises:
        FairkitError: for another number.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1] * 4, groups={"age": [20, 25, 31, 38, 44, 52, 60, 75]})
        >>> evaluation = fairkit.evaluate([.2, .6] * 4, examples, [{"age": fairkit.quantiles(2)}], [.5])
        >>> evaluation.slices  # the edges that were found, for another evaluation
        [{'age': Bins(edges=(41.0,), parts=0)}]
    """
    if not is_whole(parts) or not 2 <= parts <= _MOST_PARTS:
        raise FairkitError("quantiles cut into two parts or more",
                           f"2 to {_MOST_PARTS:,}, such as fairkit.quantiles(4)", quote(parts))
    return Bins(parts=int(parts))


def _quantile_edges(name, column, values, parts):
    sizes = np.bincount(column.codes, minlength=len(values))
    pairs = np.array([(value, n) for cell, n in zip(values, sizes.tolist(), strict=True) for value in cell if n])
    if not len(pairs):
        raise FairkitError(f"group column {quote(name)} has no number to cut", "numbers", "empty cells only")
    distinct, place = np.unique(pairs[:, 0], return_inverse=True)
    below = np.concatenate([[0], np.cumsum(np.bincount(place, pairs[:, 1]))])  # examples below each distinct value
    cuts = {int(np.abs(below - below[-1] * k / parts).argmin()) for k in range(1, parts)} - {0, len(distinct)}
    edges = [float((distinct[cut - 1] + distinct[cut]) / 2) for cut in sorted(cuts)]
    if not edges:
        raise FairkitError(f"the quantiles of group column {quote(name)} are all the same number",
                           "numbers that differ",
                           distinct[0])
    return edges


def _names(edges):
    texts = [f"{edge:g}" if float(f"{edge:g}") == edge else quote(edge) for edge in edges]
    inner = [f"[{low}, {high})" for low, high in pairwise(texts)]
    return [f"< {texts[0]}", *inner, f">= {texts[-1]}"]


def _number(name, value):
    try:
        return float(value)
    except ValueError:
        raise FairkitError(f"group column {quote(name)} cannot be cut into bins", "numbers", quote(value)) from None
