"""FT, the counterfactual flip test: would members of facet d be predicted otherwise if they were in facet a?

Source: Black, Yeom and Fredrikson 2020 (FAT*, FlipTest), with nearest neighbours in place of transport, as Clarify has
it; the interval of F+ minus F- is that of Bonett and Price 2012 (Statistics in Medicine 31:479) for paired
proportions.
"""

import numpy as np

from fairkit.bias.found import Found
from fairkit.counts.intervals import Z95
from fairkit.errors import FairkitError

__all__ = ["flip_test", "paired_difference"]

NEIGHBOURS, FEW = 5, 10
KIND = "Bonett and Price, members of d resampled, neighbours fixed"
_BLOCK = 20_000


def flip_test(sides, facet, features, outcomes, weights):
    """FT, (values, thresholds).

    Args:
        sides: `Sides`.
        facet: `Facet`.
        features: `Features`.
        outcomes: `Outcomes` of predictions.
        weights: (n,) or None. Neighbours vote and members count by their weight.

    Raises:
        FairkitError: for features that distances cannot be taken of.
    """
    matrix = features.matrix(facet.names)
    hit = outcomes.scores[:, None] > np.asarray(outcomes.thresholds)
    w = np.ones(len(matrix)) if weights is None else weights
    shape = len(sides.texts), hit.shape[1]
    found, note = np.full((3, *shape), np.nan), np.full(shape, "", object)
    for place in range(shape[0]):
        members, others = (np.flatnonzero(side & (w > 0)) for side in sides.rows(place))
        for rows, name in ((members, "facet d"), (others, "facet a")):
            if not len(rows):
                note[place] = f"undefined: no examples in {name}"
        if not note[place, 0]:
            near = others[_nearest(matrix[others], matrix[members])]
            vote = (hit[near] * w[near][..., None]).sum(1) > w[near].sum(1)[:, None] / 2
            found[:, place] = _flips(hit[members], vote, w[members])
    return Found(*found, note, KIND)


def paired_difference(more, less, size, z=Z95):
    """(more - less) / size with its interval, of examples that are more, less or neither.

    Example: 30 of 100 flipped up, 10 down.
        >>> [round(float(x), 3) for x in paired_difference(30, 10, 100)]
        [0.2, 0.078, 0.315]
    """
    up, down = ((np.asarray(part, float) + 1) / (np.asarray(size, float) + 2) for part in (more, less))
    value = (np.asarray(more, float) - less) / size
    half = z * np.sqrt((up + down - (up - down) ** 2) / (np.asarray(size, float) + 2))
    return value, np.fmin(np.clip(up - down - half, -1, 1), value), np.fmax(np.clip(up - down + half, -1, 1), value)


def _flips(own, vote, weights):
    """(3, thresholds): value, lower, upper."""
    total, heaviness = weights.sum(), (weights**2).sum() / weights.sum()
    more, less = weights @ (own & ~vote), weights @ (~own & vote)
    return np.stack(paired_difference(more / heaviness, less / heaviness, total / heaviness))


def _nearest(advantaged, members):
    """(members, k) positions of the nearest rows of facet a, Euclidean."""
    try:
        from sklearn.neighbors import NearestNeighbors
    except ImportError as error:
        raise FairkitError("the flip test needs scikit-learn", "pip install scikit-learn", str(error)) from None
    search = NearestNeighbors(n_neighbors=1 if len(advantaged) < FEW else NEIGHBOURS).fit(advantaged)
    parts = [search.kneighbors(members[start:start + _BLOCK], return_distance=False)
             for start in range(0, len(members), _BLOCK)]
    return np.concatenate(parts)
