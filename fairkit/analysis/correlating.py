"""Which columns go together: correlations of numbers, of categories, and of one with the other."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairkit.analysis.association import correlation_ratio, cramers_v, pearson, ranks
from fairkit.analysis.correlation_result import COLUMNS, Correlations
from fairkit.analysis.named_columns import NamedColumns
from fairkit.column_names import is_name, names_in
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["correlations"]

_METHODS = ("pearson", "spearman")
_MOST = 1000    # categories of a column


def correlations(data, columns=None, method: str = "pearson", *, categorical=(),
                 bias_corrected: bool = False) -> Correlations:
    """How strongly each pair of columns goes together.

    Two columns of numbers: Pearson's correlation, or Spearman's, in [-1, 1]. Two columns of categories: Cramer's V, in
    [0, 1]. One of each: the correlation ratio, in [0, 1], the root of the share of the variance of the numbers that
    lies between the categories. A pair is judged by the rows in which both have a value; `n` says how many these are.
    Example weights play no part.

    Args:
        data: `Examples`, or a DataFrame.
        columns: names; all if None. Of examples they are the group columns, "label", and inputs of one value each.
        method: "pearson" or "spearman", for two columns of numbers.
        categorical: names of columns whose numbers are codes. Texts, truth values, pandas categoricals, and class
            labels of more than two classes are categories anyhow. A cell of several values is a category of its own.
        bias_corrected: Cramer's V and the correlation ratio lie above 0 by chance alone, the more so the fewer examples
            there are for a category; corrected they are 0 on average where nothing goes together (Bergsma 2013, Kelley
            1935).

    Returns:
        `Correlations`: `frame`, `matrix`, `plot()`, `plot("dendrogram")`. A correlation that is not defined, as that of
        a constant column, is missing, and the frame says why.

    Raises:
        FairkitError: for a column or method that is not there, fewer than two columns, no rows.

    Example:
        >>> import fairkit, pandas as pd
        >>> people = pd.DataFrame({"age": [20, 30, 40, None], "pay": [1, 2, 3, 9], "job": list("aabb"), "era": 7})
        >>> found = fairkit.analysis.correlations(people)
        >>> found.frame[["a", "b", "measure", "value", "n"]].round(3).head(4)
             a    b            measure  value  n
        0  age  pay            pearson  1.000  3
        1  age  job  correlation_ratio  0.866  3
        2  age  era            pearson    NaN  3
        3  pay  job  correlation_ratio  0.723  4
        >>> found.frame["note"][2]
        'era is constant'
    """
    named = NamedColumns(data)
    names = _checked_names(columns, named)
    if method not in _METHODS:
        raise FairkitError(f"there is no correlation {quote(method)} of numbers", nearest(method, _METHODS),
                           quote(method))
    coded = [named.check(name, "to take for categories") for name in names_in(categorical, named.names)]
    read = [_column(named, name, name in coded) for name in names]
    rows = [_pair(a, b, method, bias_corrected, len(named)) for a, b in itertools.combinations(read, 2)]
    kinds = {column.name: "category" if column.codes is not None else "number" for column in read}
    return Correlations(pd.DataFrame(rows, columns=COLUMNS), tuple(names), kinds, bool(bias_corrected))


@dataclass(frozen=True)
class _Column:
    """A column as numbers or as codes of categories, and where it has a value; or `why` it has no correlations."""

    name: str
    values: np.ndarray | None
    codes: np.ndarray | None
    there: np.ndarray
    whole: bool
    ranks: np.ndarray | None
    why: str = ""


def _checked_names(columns, named):
    names = named.names if columns is None else columns
    if not isinstance(names, (list, tuple)) or not all(map(is_name, names)):
        raise FairkitError("columns names no columns", "a list of names", quote(columns))
    names = [named.check(name, "to correlate") for name in names]
    if len(set(names)) < max(len(names), 2):
        raise FairkitError("there are no two columns to correlate", "two names or more, each once", quote(list(names)))
    if not len(named):
        raise FairkitError("there is nothing to correlate", "at least one row", "none")
    return list(names)


def _column(named, name, coded):
    label = named.is_class_label(name) and len(named.group(name).values) > 2
    values = None if coded or label else _numbers(named, name)
    if values is not None:
        there = np.isfinite(values)
        return _Column(name, values, None, there, bool(there.all()), ranks(values) if there.all() else None)
    try:
        column = named.group(name)
    except FairkitError as error:   # of times, say
        return _Column(name, None, np.zeros(len(named), np.int64), np.ones(len(named), bool), True, None,
                       str(error).split(". ")[0])
    empty = np.array([not cell for cell in column.cells], bool)
    there = ~empty[column.codes] if len(empty) else np.zeros(len(named), bool)
    too_many = int(column.present[~empty].sum()) > _MOST
    return _Column(name, None, np.asarray(column.codes), there, bool(there.all()), None,
                   f"{name} has more than {_MOST:,} categories" if too_many else "")


def _numbers(named, name):
    try:
        return named.number(name)
    except FairkitError:
        return None


def _pair(a, b, method, bias_corrected, length):
    both = None if a.whole and b.whole else a.there & b.there
    n = length if both is None else int(both.sum())
    parts = {"a": a.name, "b": b.name, "n": n, "missing": length - n, "value": np.nan, "note": ""}
    parts["measure"] = method if a.codes is None and b.codes is None else \
        "cramers_v" if a.codes is not None and b.codes is not None else "correlation_ratio"
    if a.why or b.why:
        return {**parts, "note": a.why or b.why}
    x, y = ((column.values if column.codes is None else column.codes) for column in (a, b))
    x, y = (x, y) if both is None else (x[both], y[both])
    if n < 2:
        return {**parts, "note": "fewer than two rows in which both have a value"}
    for column, part in ((a, x), (b, y)):
        if (part == part[0]).all():
            among = "" if _constant(column) else f" where {(b if column is a else a).name} has a value"
            return {**parts, "note": f"{column.name} is constant{among}"}
    if parts["measure"] == "cramers_v":
        value = cramers_v(x, y, bias_corrected)
    elif parts["measure"] == "correlation_ratio":
        value = correlation_ratio(*((x, y) if a.codes is not None else (y, x)), bias_corrected)
    elif method == "spearman":
        value = pearson(*((a.ranks, b.ranks) if both is None else (ranks(x), ranks(y))))
    else:
        value = pearson(x, y)
    return {**parts, "value": value, "note": "a category for each row" if np.isnan(value) else ""}


def _constant(column):
    values = (column.values if column.codes is None else column.codes)[column.there]
    return bool((values == values[:1]).all())

