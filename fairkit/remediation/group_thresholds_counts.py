"""What every threshold would give each group, from cells alone."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.counts.cells import Cells
from fairkit.counts.fine_scores import bucket_scores, fine_scores, score_buckets
from fairkit.counts.rates import Counts
from fairkit.counts.sparse_sums import MOMENTS
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.evaluation import Evaluation
from fairkit.predictions import Predictions

__all__ = ["NO_VALUE", "SEVERAL", "ScoreCounts", "at_each_threshold", "at_thresholds", "group_of_cells", "score_counts"]

SEVERAL, NO_VALUE = "several values", "no value"
"""The two parts of the examples that are in no group."""

# Between neighbouring buckets a score right in the middle may have been rounded up into the bucket above; next to 1,
# where buckets are narrower than float64, one a few digits further down.
_NUDGES = 4


@dataclass(frozen=True)
class ScoreCounts:
    """Examples by group, label and score bucket: all that group thresholds are fitted on.

    Attributes:
        groups: what each atom is: a tuple of value texts, one a column, or SEVERAL or NO_VALUE.
        atoms, positive, buckets: (m,) for each row its atom's position, label and bucket.
        moments: (m, 3): n, sum of weights, sum of squared weights.
        edges: (t,) ascending thresholds between all buckets, where the scores were counted at these only; None where
            the buckets are fine ones.
        dropped: bits dropped from fine buckets.
    """

    groups: list
    atoms: np.ndarray
    positive: np.ndarray
    buckets: np.ndarray
    moments: np.ndarray
    edges: np.ndarray | None
    dropped: int = 0

    def parts(self):
        """dict of group -> (atoms,) booleans: the groups in order, then SEVERAL and NO_VALUE where there are such."""
        found = {group: [] for group in sorted({each for each in self.groups if isinstance(each, tuple)})}
        for position, group in enumerate(self.groups):
            found.setdefault(group, []).append(position)
        tail = [part for part in (SEVERAL, NO_VALUE) if part in found]
        order = [group for group in found if isinstance(group, tuple)] + tail
        return {group: np.isin(np.arange(len(self.groups)), found[group]) for group in order}


def score_counts(what, by, class_id=None):
    """(`ScoreCounts`, class id) of an `Evaluation`, `Cells` or `Predictions`.

    Fine score buckets are taken where there are any, or counted where predictions are at hand; otherwise the scores
    are known at the evaluation's thresholds only.
    """
    if isinstance(what, Evaluation):
        for name in by:
            if name in what.bins:
                raise FairkitError(f"{quote(name)} was cut into bins in the evaluation, which the model knows "
                                   "nothing of",
                                   "a group column that holds the bins' names", f"{quote(name)} with {what.bins[name]}")
        class_id = _the_class(what.classes, class_id)
        has_rows = what.cells.fine is None and what.predictions is not None
        what = what.predictions if has_rows else what.cells
    if not isinstance(what, (Cells, Predictions)):
        raise FairkitError("group thresholds are fitted on counts", "an Evaluation, Cells or Predictions",
                           type(what).__name__)
    rows = isinstance(what, Predictions)
    known = what.groups if rows else what.atoms.features
    for name in by:
        if name not in known:
            where = "no group column" if rows else "no slice of this evaluation has the feature"
            raise FairkitError(f"{where} {quote(name)}", nearest(name, known), quote(name))
    class_id = _the_class(list(range(what.classes)) if rows and what.classes else None if rows else list(what.classes),
                          class_id)
    if rows:
        atoms, codes = atoms_of({name: what.groups[name] for name in by}, len(what))
        fine, position = fine_scores(codes, what.labels, what.scores, what.weights, [class_id]), 0
    else:
        atoms, fine, position = what.atoms, what.fine, what.classes.index(class_id)
    groups = [group_of_cells([cells[row] for row in atoms.rows_of(by)]) for cells in atoms.cells]
    if fine is None:
        atom, _, positive, bucket = (what.keys[what.keys[:, 1] == position]).T
        moments, edges = what.moments[what.keys[:, 1] == position], what.thresholds
        return ScoreCounts(groups, atom, positive.astype(bool), bucket, moments, edges), class_id
    here = fine.keys[:, 1] == position
    bucket, _, atom, positive = fine.keys[here].T
    return ScoreCounts(groups, atom, positive.astype(bool), bucket, fine.moments[here], None, fine.dropped), class_id


def group_of_cells(cells):
    """The group of a tuple of cells, one a column: the texts of their values, or SEVERAL or NO_VALUE.

    Example:
        >>> group_of_cells([("muslim",), ("female",)]), group_of_cells([("muslim", "jewish"), ()])
        (('muslim', 'female'), 'no value')
    """
    cells = [tuple(str(value) for value in cell if str(value)) for cell in cells]
    if not all(cells):
        return NO_VALUE
    return tuple(cell[0] for cell in cells) if all(len(cell) == 1 for cell in cells) else SEVERAL


def at_each_threshold(counted, in_group, in_part=None):
    """The `Counts`, arrays (thresholds, 3), that each threshold gives some atoms; and the thresholds.

    Args:
        counted: `ScoreCounts`.
        in_group: (atoms,) booleans: whose scores the thresholds lie between.
        in_part: (atoms,) booleans: whom the counts are of; `in_group` if not given.

    Returns:
        (thresholds, counts). The thresholds ascend; the last is 1, which no score exceeds. Between fine buckets they
        lie in the middle, so that scores which differ in the last digit are still on the same side.
    """
    rows = in_group[counted.atoms]
    if counted.edges is None:
        buckets = np.union1d(counted.buckets[rows], [0])
        thresholds = _between(buckets, counted.dropped)
    else:
        buckets, thresholds = np.arange(len(counted.edges) + 1), np.append(counted.edges, 1.0)
    rows = rows if in_part is None else in_part[counted.atoms]
    place = np.searchsorted(buckets, counted.buckets[rows])
    sums, positives, moments = {}, counted.positive[rows], counted.moments[rows]
    for positive, above, below in ((True, "tp", "fn"), (False, "fp", "tn")):
        side = positives == positive
        table = np.column_stack([np.bincount(place[side], moments[side, k], len(buckets)) for k in range(MOMENTS)])
        sums[below] = np.cumsum(table, axis=0)
        # Added up from the other end, and never subtracted: no rounding remainders where nothing is.
        sums[above] = np.concatenate([np.cumsum(table[::-1], axis=0)[::-1][1:], np.zeros((1, MOMENTS))])
    return thresholds, Counts(**sums)


def at_thresholds(counted, thresholds):
    """What each part gets at a threshold of its own: dict of part -> `Counts`, arrays (3,).

    Args:
        counted: `ScoreCounts`.
        thresholds: dict of part, all of `counted.parts()` -> a threshold of `at_each_threshold`.
    """
    values = np.array(list(thresholds.values()), float)
    last = score_buckets(values) >> counted.dropped if counted.edges is None else np.searchsorted(counted.edges, values)
    places = {part: place for place, part in enumerate(thresholds)}
    part = np.array([places[group] for group in counted.groups])[counted.atoms]
    key = (part * 2 + counted.positive) * 2 + (counted.buckets > last[part])
    table = np.column_stack([np.bincount(key, counted.moments[:, k], len(values) * 4) for k in range(MOMENTS)])
    return {name: Counts(tn=each[0, 0], fp=each[0, 1], fn=each[1, 0], tp=each[1, 1])
            for name, each in zip(thresholds, table.reshape(-1, 2, 2, MOMENTS))}


def _between(buckets, dropped):
    """A threshold above each of ascending fine buckets and below the next; 1 above the last."""
    top = bucket_scores(((buckets[:-1] + 1) << dropped) - 1)
    middle = (top + bucket_scores(buckets[1:] << dropped)) / 2
    for _ in range(_NUDGES):
        high = score_buckets(middle) >> dropped > buckets[:-1]
        middle = np.where(high, np.nextafter(middle, 0), middle)
    return np.append(middle, 1.0)


def _the_class(classes, class_id):
    """The one class that is judged: given, or the only one there is."""
    if classes is None or classes == [None]:
        if class_id is not None:
            raise FairkitError("a binary score has no classes to choose from", "class_id=None",
                               f"class_id={quote(class_id)}")
        return None
    if class_id is None and len(classes) == 1:
        return int(classes[0])
    if class_id not in classes:
        raise FairkitError("it is not said which class the thresholds are for" if class_id is None else
                           "that class is not judged here", f"class_id= one of {classes}",
                           f"class_id={quote(class_id)}")
    return int(class_id)
