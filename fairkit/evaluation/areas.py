"""Areas under the ROC curve of slices: found when first asked for, from the rows or from fine score buckets."""

from dataclasses import astuple, dataclass

import numpy as np

from fairkit.counts.auc import Ranking, covariance, ranking
from fairkit.counts.slices import atoms_in, slice_name
from fairkit.errors import FairkitError

__all__ = ["Area", "FoundAreas", "StoredAreas", "one_against_rest"]


@dataclass(frozen=True)
class Area:
    """The area of one slice and class.

    Attributes:
        value, variance: the area and DeLong's variance of it.
        positives, negatives: sums of weights.
        positive_size, negative_size: effective numbers of examples.
        bound: how far the exact area can lie from this one; 0 where it is exact.
    """

    value: float
    variance: float
    positives: float
    negatives: float
    positive_size: float
    negative_size: float
    bound: float = 0.0


class FoundAreas:
    """The areas of an evaluation's slices.

    Args:
        atoms: `Atoms`.
        rankings: a function of class id (None for a binary score) -> `Ranking`.
        exact: whether the rankings are of the scores themselves, not of buckets.
    """

    def __init__(self, atoms, rankings, exact):
        self.atoms, self.exact = atoms, exact
        self._rankings, self._ranked, self._found = rankings, {}, {}

    @classmethod
    def of_rows(cls, predictions, atoms, codes):
        """From the rows: exact."""
        def rankings(class_id):
            scores, positive = one_against_rest(predictions, class_id)
            return ranking(codes, positive, scores, predictions.weights)

        return cls(atoms, rankings, exact=True)

    @classmethod
    def of_cells(cls, cells):
        """From the fine score buckets of `Cells`."""
        def rankings(class_id):
            keys = cells.fine.keys
            rows = keys[:, 1] == cells.classes.index(class_id)
            moments = cells.fine.moments[rows]
            return Ranking(keys[rows, 0], keys[rows, 2], keys[rows, 3].astype(bool), moments[:, 1], moments[:, 2])

        return cls(cells.atoms, rankings, exact=False)

    def of(self, keys, members, class_id):
        """The `Area` of each slice: keys, and the `AtomSets` of their atoms."""
        missing = [i for i, key in enumerate(keys) if (key, class_id) not in self._found]
        for i in missing:
            self._found[keys[i], class_id] = self._area(self._ranking(class_id).area(members.mask(i)))
        return [self._found[key, class_id] for key in keys]

    def gap(self, key, reference, class_id):
        """(`Area` of a slice, `Area` of its reference, variance of the difference of the two areas)."""
        a, b, variance = self._ranking(class_id).gap(atoms_in(self.atoms, key), atoms_in(self.atoms, reference))
        return self._area(a), self._area(b), variance

    def _ranking(self, class_id):
        if class_id not in self._ranked:
            self._ranked = {class_id: self._rankings(class_id)}  # one at a time: each is as long as the data
        return self._ranked[class_id]

    def _area(self, auc):
        return Area(auc.value, covariance(auc, auc), auc.positives, auc.negatives, *auc.sizes,
                    0.0 if self.exact else auc.bound)


class StoredAreas:
    """Areas that were stored, where neither rows nor buckets are left."""

    def __init__(self, found):
        self._found = found

    def of(self, keys, members, class_id):
        return [self._found[key, class_id] for key in keys]

    def gap(self, key, reference, class_id):
        raise FairkitError("this evaluation holds neither scores nor score buckets, so areas cannot be compared",
                           "an evaluation with its predictions", slice_name(key))


def as_rows(areas, keys, members, classes):
    """((key, class) pairs, (rows, 7) numbers), for storage."""
    pairs = [(key, class_id) for class_id in classes for key in keys]
    rows = [astuple(found) for class_id in classes for found in areas.of(keys, members, class_id)]
    return pairs, np.array(rows, float).reshape(-1, 7)


def one_against_rest(predictions, class_id):
    """(scores, positive): the scores of one class, (n,), and which examples are of it."""
    if class_id is None:
        return predictions.scores, predictions.labels == 1
    return predictions.scores[:, class_id], predictions.labels == class_id
