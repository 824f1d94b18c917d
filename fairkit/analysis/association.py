"""How strongly two columns go together: correlation, Cramer's V, the correlation ratio.

Sources: Pearson 1895; Spearman 1904; Cramer 1946, with the bias correction of Bergsma 2013 (Journal of the Korean
Statistical Society 42:323); the correlation ratio of Pearson 1905, with the correction of Kelley 1935.
"""

import numpy as np

__all__ = ["correlation_ratio", "cramers_v", "pearson", "ranks"]


def pearson(x, y):
    """Pearson's correlation of (n,) and (n,) floats, in [-1, 1]; NaN where one of them is constant.

    Example:
        >>> from fairkit.analysis.association import pearson
        >>> round(float(pearson([1., 2., 3.], [1., 3., 2.])), 6)
        0.5
    """
    x, y = _centered(x), _centered(y)
    scale = np.sqrt((x @ x) * (y @ y))
    return float(np.clip(x @ y / scale, -1, 1)) if scale > 0 else np.nan


def ranks(x):
    """(n,) ranks from 1, ties sharing their mean: the Pearson correlation of ranks is Spearman's."""
    from scipy.stats import rankdata

    return rankdata(x)


def cramers_v(a, b, bias_corrected=False):
    """Cramer's V of two columns of codes, in [0, 1]; NaN where one of them is constant.

    Args:
        a, b: (n,) integers of 0 and above: the categories.
        bias_corrected: V of few examples is above 0 even where nothing goes together; Bergsma's correction takes the
            expectation of that away.

    Example:
        >>> from fairkit.analysis.association import cramers_v
        >>> cramers_v([0, 0, 1, 1], [1, 1, 0, 0]), cramers_v([0, 0, 1, 1], [0, 1, 0, 1])
        (1.0, 0.0)
    """
    table = _table(a, b)
    n, (r, k) = table.sum(), table.shape
    if min(r, k) < 2:
        return np.nan
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi2 = float(((table - expected) ** 2 / expected).sum() / n)
    if bias_corrected:
        phi2 = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
        r, k = (side - (side - 1) ** 2 / (n - 1) for side in (r, k))
    most = min(r, k) - 1
    return float(np.sqrt(min(phi2 / most, 1.0))) if most > 0 else np.nan


def correlation_ratio(codes, x, bias_corrected=False):
    """The correlation ratio, in [0, 1]: the root of the share of the variance of x that lies between categories.

    Args:
        codes: (n,) integers of 0 and above: the categories.
        x: (n,) floats.
        bias_corrected: takes the share away that is expected where nothing goes together (Kelley's epsilon squared).

    Returns:
        A float; NaN where x is constant, where there is one category, or, corrected, one for each example.

    Example:
        >>> from fairkit.analysis.association import correlation_ratio
        >>> correlation_ratio([0, 0, 1, 1], [1., 1., 3., 3.])
        1.0
    """
    codes, x = _compact(codes), _centered(x)
    sizes, n = np.bincount(codes), len(x)
    total = x @ x
    if len(sizes) < 2 or not total > 0 or (bias_corrected and n <= len(sizes)):
        return np.nan
    between = float((np.bincount(codes, x) ** 2 / sizes).sum() / total)
    if bias_corrected:
        between = between - (1 - between) * (len(sizes) - 1) / (n - len(sizes))
    return float(np.sqrt(np.clip(between, 0, 1)))


def _centered(x):
    """Less its mean, and within [-1, 1], since squares of huge numbers overflow; all 0 exactly where it is constant."""
    x = np.asarray(x, float)
    if not len(x) or x.min() == x.max():
        return np.zeros(len(x))
    x = x / np.abs(x).max()
    x = x - x.mean()
    return x / np.abs(x).max()


def _table(a, b):
    """The counts of the categories that occur: (r, k) floats."""
    a, b = _compact(a), _compact(b)
    r, k = (int(side.max(initial=-1)) + 1 for side in (a, b))
    return np.bincount(a * k + b, minlength=r * k).reshape(r, k).astype(float)


def _compact(codes):
    present = np.bincount(codes) > 0
    return (np.cumsum(present) - 1)[codes]
