"""Intervals of shares of examples that come in clusters, such as the counterfactuals of one original.

Sources: Rao and Scott 1992 (Biometrics 48:577), the variance of a share as a ratio of cluster sums, and the effective
size that goes with it; Korn and Graubard 1998 (Survey Methodology 24:193), Student's t for its degrees of freedom;
Wilson's interval at that size, as compared by Franco, Little, Louis and Slud 2019 (Journal of Survey Statistics and
Methodology 7:334).
"""

import numpy as np

from fairkit.counts.intervals import Z95, linear, wilson

__all__ = ["clustered_change", "clustered_share"]


def clustered_share(hit, clusters, weights=None, z=Z95):
    """A share with its interval, from examples in clusters that are independent of each other.

    Wilson's interval at the effective size share (1 - share) / variance, z replaced by the quantile of Student's t with
    one degree of freedom less than there are clusters. The variance is the larger of two: that of Rao and Scott, from
    what the clusters add to the share; and the one that the sizes of all clusters give at the correlation that the
    examples of a cluster have, since the few clusters that are hit may happen to be small. To the clusters that tell
    of this correlation (as many as are hit, or missed, whichever are fewer) one is added in which all examples agree.
    Where all examples of all clusters agree, a cluster counts as one example: the effective size is (sum s)^2 /
    sum s^2 of the sums s of their weights.

    Args:
        hit: (n,) booleans: what is counted.
        clusters: (n,) which cluster each example is in, whole numbers.
        weights: (n,), or None.
        z: the normal quantile.

    Returns:
        (value, lower, upper); NaN where there is no weight.

    Example: 3 hits in each of 5 clusters of 3, and none in 45 more, tell hardly more than 5 hits among 50 examples.
        >>> import numpy as np
        >>> clusters = np.repeat(np.arange(50), 3)
        >>> [round(x, 3) for x in clustered_share(clusters < 5, clusters)]
        [0.1, 0.042, 0.219]
        >>> [round(float(bound), 3) for bound in wilson(0.1, 50)]
        [0.043, 0.214]
    """
    hit, clusters, weights = _arrays(hit, clusters, weights)
    if not len(hit):
        return np.nan, np.nan, np.nan
    sums = np.bincount(clusters, weights)
    total, number = weights.sum(), len(sums)
    value = float(min((weights @ hit) / total, 1.0))
    size = total**2 / (sums @ sums)
    if number > 1 and 0 < value < 1:
        from scipy.special import stdtrit
        from scipy.stats import norm

        apart = weights * (hit - value)
        added = np.bincount(clusters, apart)
        spread, pairs = value * (1 - value), sums @ sums - weights @ weights
        together = (added @ added - apart @ apart) / (spread * pairs) if pairs > 0 else 0.0
        sides = [np.bincount(clusters, weights * part) for part in (hit, 1 - hit)]
        few = min(side.sum() ** 2 / (side @ side) for side in sides)
        together = (few * np.clip(together, 0, 1) + 1) / (few + 1)
        variance = max(added @ added, spread * (weights @ weights + together * pairs))
        variance *= number / (number - 1) / total**2
        size = spread / variance * (z / stdtrit(number - 1, norm.cdf(z))) ** 2
    return value, *map(float, wilson(value, size, z))


def clustered_change(first, second, clusters, weights=None, z=Z95):
    """The second share minus the first with its interval, both of the same examples: MOVER on `clustered_share`.

    The correlation is that of what the clusters add to both; where positive, half an effective cluster is taken off,
    as Newcombe's continuity correction does with examples (see `fairkit.counts.paired.Joint.correlation`).

    Args:
        first, second: (n,) booleans: what each counts.
        clusters, weights: as for `clustered_share`.

    Returns:
        (value, lower, upper); NaN where there is no weight.
    """
    one, two = (clustered_share(hit, clusters, weights, z) for hit in (first, second))
    if np.isnan(one[0]):
        return np.nan, np.nan, np.nan
    first, codes, kept = _arrays(first, clusters, weights)
    second, _, _ = _arrays(second, clusters, weights)
    sums = np.bincount(codes, kept)
    added = [np.bincount(codes, kept * (hit - found[0])) for hit, found in ((first, one), (second, two))]
    both, spread = added[0] @ added[1], np.sqrt((added[0] @ added[0]) * (added[1] @ added[1]))
    if both > 0:
        both = max(both - ((sums @ sums) / sums.sum()) ** 2 / 2, 0.0)
    correlation = np.clip(both / spread, -1, 1) if spread > 0 else 0.0
    terms = [np.array([pair]) for pair in zip(two, one, strict=True)]
    value, lower, upper = linear(np.array([[1, -1]]), *terms, np.array([correlation]))
    return float(value), float(max(lower, -1)), float(min(upper, 1))


def _arrays(hit, clusters, weights):
    """Examples that weigh something: 0 and 1, clusters numbered from 0 on, weights."""
    weights = np.ones(len(hit)) if weights is None else np.asarray(weights, float)
    there = weights > 0
    return np.asarray(hit)[there].astype(float), np.unique(np.asarray(clusters)[there], return_inverse=True)[1], \
        weights[there]
