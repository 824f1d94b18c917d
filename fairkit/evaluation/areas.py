"""Areas under the ROC curve of slices: found when first asked for, from the rows or from fine score buckets."""

from dataclasses import astuple, dataclass

import numpy as np

from fairkit.counts.atom_sets import Parts
from fairkit.counts.auc import Ranking, covariance, ranking
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError

__all__ = ["Area", "FoundAreas", "StoredAreas", "one_against_rest"]

_LARGE = 1 << 14  # examples up to which slices are taken together
_BATCH = 1 << 20  # examples of slices that are taken together


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
        return cls(atoms, _OfRows(predictions, codes), exact=True)

    @classmethod
    def of_cells(cls, cells):
        """From the fine score buckets of `Cells`."""
        return cls(cells.atoms, _OfCells(cells), exact=False)

    def of(self, keys, members, class_id):
        """The `Area` of each slice: keys, and the `AtomSets` of their atoms."""
        missing = np.array([i for i, key in enumerate(keys) if (key, class_id) not in self._found], int)
        if len(missing):
            ranked = self._ranking(class_id)
            for i, large in zip(missing, self._large(ranked, members[missing]), strict=True):
                if large:
                    self._found[keys[i], class_id] = self._area(ranked.area(members.mask(i)))
            small = np.array([i for i in missing if (keys[i], class_id) not in self._found], int)
            for some in self._batches(ranked, members, small):
                for i, area in zip(some, self._each(ranked.areas(members[some])), strict=True):
                    self._found[keys[i], class_id] = area
        return [self._found[key, class_id] for key in keys]

    def gaps(self, keys, parts, class_id):
        """(list of `Area`, list of the references' `Area`, (pairs,) variances of their differences), of `Parts`."""
        ranked, own, other = self._ranking(class_id), [None] * len(parts), [None] * len(parts)
        variance, large = np.empty(len(parts)), self._large(ranked, parts.slices)
        for i in np.flatnonzero(large):
            a, b, variance[i] = ranked.gap(parts.slices.mask(i), parts.references.mask(parts.of[i]))
            own[i], other[i] = self._area(a), self._area(b)
        for some in self._batches(ranked, parts.slices, np.flatnonzero(~large)):
            used, of = np.unique(parts.of[some], return_inverse=True)
            found, others, variance[some] = ranked.gaps(Parts(parts.slices[some], parts.references[used],
                                                              of.reshape(-1)))
            others = list(self._each(others))
            for i, area, place in zip(some, self._each(found), of.reshape(-1), strict=True):
                own[i], other[i] = area, others[place]
        return own, other, variance

    def _large(self, ranked, members):
        """(sets,) booleans: which are gone through by themselves, since they are a good part of all examples."""
        return self._sizes(ranked, members) > max(_LARGE, len(ranked.score) // 64)

    def _batches(self, ranked, members, places):
        """Places a few at a time, so that their examples take a bounded memory."""
        held = np.cumsum(self._sizes(ranked, members)[places]) // max(_BATCH, len(ranked.score))
        return [some for some in np.split(places, np.flatnonzero(np.diff(held)) + 1) if len(some)]

    def _sizes(self, ranked, members):
        return members.sums(np.bincount(ranked.atom, minlength=members.atoms))

    def _each(self, areas):
        columns = [getattr(areas, name).tolist() for name in areas.NUMBERS]
        for *numbers, bound in zip(*columns, strict=True):
            yield Area(*numbers, 0.0 if self.exact else bound)

    def _ranking(self, class_id):
        if class_id not in self._ranked:
            self._ranked = {class_id: self._rankings(class_id)}  # one at a time: each is as long as the data
        return self._ranked[class_id]

    def _area(self, auc):
        return Area(auc.value, covariance(auc, auc), auc.positives, auc.negatives, *auc.sizes,
                    0.0 if self.exact else auc.bound)


@dataclass(frozen=True)
class _OfRows:
    """From a class id to the `Ranking` of the rows' scores."""

    predictions: object
    codes: np.ndarray

    def __call__(self, class_id):
        scores, positive = one_against_rest(self.predictions, class_id)
        return ranking(self.codes, positive, scores, self.predictions.weights)


@dataclass(frozen=True)
class _OfCells:
    """From a class id to the `Ranking` of fine score buckets."""

    cells: object

    def __call__(self, class_id):
        keys = self.cells.fine.keys
        rows = keys[:, 1] == self.cells.classes.index(class_id)
        moments = self.cells.fine.moments[rows]
        return Ranking(keys[rows, 0], keys[rows, 2], keys[rows, 3].astype(bool), moments[:, 1], moments[:, 2])


class StoredAreas:
    """Areas that were stored, where neither rows nor buckets are left."""

    def __init__(self, found):
        self._found = found

    def of(self, keys, members, class_id):
        return [self._found[key, class_id] for key in keys]

    def gaps(self, keys, parts, class_id):
        raise FairkitError("this evaluation holds neither scores nor score buckets, so areas cannot be compared",
                           "an evaluation with its predictions", slice_name(keys[0]))


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
