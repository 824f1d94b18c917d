"""Two models' predictions side by side: on the same examples, row by row, or on different ones."""

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.counts.auc import area, covariance
from fairkit.counts.auc_intervals import area_interval
from fairkit.counts.intervals import estimate, linear
from fairkit.counts.paired import join
from fairkit.counts.rates import ACCURACY
from fairkit.evaluation.areas import one_against_rest
from fairkit.evaluation.gaps import coefficients, gap, is_nested, membership, widened
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD

__all__ = ["Decisions", "aligned", "decisions", "quality", "why_unpaired"]


_ID_KINDS = {"i": "whole numbers", "u": "whole numbers", "f": "decimal numbers", "U": "texts", "S": "bytes",
             "M": "dates"}


class Decisions:
    """What two models decide at one threshold each, counted by atom.

    Attributes:
        joint: `Joint` by atom where both judged the same examples, else None.
        first, second: `Counts` by atom of the two models, (atoms, 3) each: of the joint table where they are not given.
    """

    def __init__(self, joint, first=None, second=None):
        self.joint, self._first, self._second = joint, first, second

    @property
    def first(self):
        return self.joint.first if self._first is None else self._first

    @property
    def second(self):
        return self.joint.second if self._second is None else self._second

    def over(self, first_rows, second_rows):
        """The decisions in unions of atoms: `AtomSets`, `Parts`, or 0 and 1, of each of the two models."""
        return Decisions(None if self.joint is None else self.joint.over(first_rows), self.first.over(first_rows),
                         self.second.over(second_rows))

    def change(self, rate):
        """Second minus first: (before, after, (value, lower, upper)).

        `before` and `after` are as `estimate` gives them. Paired where a joint table is there: MOVER with the
        correlation of the two estimates.
        """
        before, after = estimate(rate, self.first), estimate(rate, self.second)
        terms = [np.stack(pair, axis=-1)[..., None, :] for pair in zip(after[:3], before[:3], strict=True)]
        value, lower, upper = linear([1, -1], *terms, self._correlation(rate, before)[..., None])
        return before, after, (value, np.clip(lower, -1, 1), np.clip(upper, -1, 1))

    def gap_change(self, rate):
        """The gap before, after, after - before, and after + before, of decisions in `Parts`.

        Each is (value, lower, upper). The sum is there for the signs: it tells a gap that shrank from one that turned.
        """
        before, after = estimate(rate, self.first), estimate(rate, self.second)
        own, earlier = coefficients(after[4]), coefficients(before[4])
        terms = [np.stack(pair, axis=-1) for pair in zip(after[:3], before[:3], strict=True)]
        correlation = self._correlation(rate, before)
        moved, total = (widened(*linear(np.stack([own, sign * earlier], axis=-1), *terms, correlation),
                                *self._membership(rate, before, after, sign)) for sign in (-1, 1))
        return gap(rate, self.first), gap(rate, self.second), *((value, np.clip(lower, -2, 2), np.clip(upper, -2, 2))
                                                                for value, lower, upper in (moved, total))

    def _membership(self, rate, before, after, sign):
        """The variance of after + sign x before that comes from which examples are in slice and reference, and whether
        it vanishes where that is 0."""
        sides = []
        for counts, (share, _, _, _, sizes) in ((self.first, before), (self.second, after)):
            own, reference, variances = membership(rate, counts, share, sizes)
            sides.append((own - reference, variances, sizes))
        (earlier, v, sizes), (later, w, others) = sides
        together = self.joint is not None and np.array_equal(sizes, others)   # of the very same examples
        terms = (later + sign * earlier) ** 2 * w if together else later**2 * w + earlier**2 * v
        return np.nan_to_num(terms).sum(-1), together & is_nested(sizes)

    def _correlation(self, rate, before):
        return np.zeros_like(before[0]) if self.joint is None else self.joint.correlation(rate)


def decisions(first, second, class_id, before, after, places, paired):
    """The `Decisions` of two `Predictions` at the thresholds `before` and `after`.

    Args:
        before, after: thresholds; None for the class with the highest score, where right ones are counted as true
            positives and wrong ones as false negatives.
        places: for each of the two the (`Atoms`, codes) of its examples, as `atoms_of` gives them.
    """
    if not paired:
        sides = [_joined(p, p, class_id, at, at, place)
                 for p, at, place in ((first, before, places[0]), (second, after, places[1]))]
        return Decisions(None, sides[0].first, sides[1].second)
    return _joined(first, second, class_id, before, after, places[0])


def _joined(first, second, class_id, before, after, place):
    atoms, codes = place
    if before is None:
        positive = np.ones(len(first), bool)
        above_a, above_b = (p.scores.argmax(1) == p.labels for p in (first, second))
    else:
        scores, positive = one_against_rest(first, class_id)
        above_a, above_b = scores > before, one_against_rest(second, class_id)[0] > after
    return Decisions(join(codes, len(atoms), positive, above_a, above_b, first.weights))


def _ids(first, second):
    """The ids of both, as arrays that can be compared: as they are where both are numbers, or both texts.

    Otherwise by name, as group values are: 1, "1", b"1" and 1.0 are one id; "01" and "1.0" are texts of their own.
    """
    ids = first.ids, second.ids
    kinds = {"n" if side.dtype.kind in "iuf" else side.dtype.kind for side in ids}
    if len(kinds) == 1 and "O" not in kinds:
        return ids
    named = tuple(np.array([_id_name(value) for value in side.tolist()] or [""])[:len(side)] for side in ids)
    # Ids that are told apart by their type alone have no names: then no id of one model is an id of the other.
    return tuple(names if len(np.unique(names)) == len(names) else
                 np.array([f"{where}:{row}" for row in range(len(names))]) for where, names in enumerate(named))


def _id_name(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _id_types(first, second):
    """What the ids are, where that differs: "whole numbers and texts"."""
    kinds = [_ID_KINDS.get(side.ids.dtype.kind) or " and ".join(sorted({type(value).__name__ for value in side.ids}))
             for side in (first, second)]
    return "" if kinds[0] == kinds[1] else f"; the ids are {kinds[0]} in the first and {kinds[1]} in the second"


def aligned(first, second, features):
    """`second` in the order of `first` by id and with its groups, or None if the two judged different examples."""
    if len(first) != len(second):
        return None
    ids = _ids(first, second)
    if not np.array_equal(*ids):
        order_a, order_b = (np.argsort(side, kind="stable") for side in ids)
        if not np.array_equal(ids[0][order_a], ids[1][order_b]):
            return None
        position = np.empty_like(order_a)
        position[order_a] = order_b
        second = second.take(position)
    same = np.array_equal(first.labels, second.labels) and _same_weights(first.weights, second.weights)
    for name in features:
        same = same and name in second.groups and _same_cells(first.groups[name], second.groups[name])
    return second.with_groups(first.groups) if same else None


def why_unpaired(first, second, features):
    """Why `aligned` gave None, in words."""
    ids = _ids(first, second)
    shared = np.intersect1d(*ids)
    if len(shared) < max(len(first), len(second)):
        return (f"the two models judged different examples ({len(first):,} and {len(second):,}, {len(shared):,} ids in "
                f"common, which count as if they were others){_id_types(first, second)}")
    order = [np.argsort(side, kind="stable") for side in ids]
    apart = int((first.labels[order[0]] != second.labels[order[1]]).sum())
    if apart:
        return f"the ids are the same, but {apart:,} labels differ; ids are row numbers where none were given"
    names = [name for name in features if not _same_cells(first.groups[name].take(order[0]),
                                                          second.groups[name].take(order[1]))]
    what = f"the groups {', '.join(names)}" if names else "the weights"
    return f"the ids are the same, but {what} differ"


def quality(first, second, paired, classes):
    """What a change costs: rows (class, metric, before, after, change, lower, upper) of accuracy and AUC.

    Accuracy is that of the top-1 prediction, or at threshold .5 for binary scores; changes are paired where the
    examples are the same.
    """
    rows = [(None, "accuracy", *_accuracy(first, second, paired))]
    return rows + [(class_id, "auc", *_auc(first, second, class_id, paired)) for class_id in classes]


def _accuracy(first, second, paired):
    at = BINARY_ACCURACY_THRESHOLD if first.classes is None else None
    both = decisions(first, second, None, at, at, [atoms_of({}, len(p)) for p in (first, second)], paired)
    before, after, change = both.over([[1]], [[1]]).change(ACCURACY)
    return float(before[0][0]), float(after[0][0]), *(float(x[0]) for x in change)


def _auc(first, second, class_id, paired):
    areas = [area(positive, scores, p.weights) for p in (first, second)
             for scores, positive in [one_against_rest(p, class_id)]]
    variances = [covariance(x, x) for x in areas]
    lower, upper = area_interval([x.value for x in areas], variances, *np.transpose([x.sizes for x in areas]))
    spread = np.sqrt(variances[0] * variances[1])
    correlation = covariance(*areas) / spread if paired and spread > 0 else 0.0
    values = np.array([x.value for x in areas])
    change = linear([[-1, 1]], [values], [lower], [upper], [correlation])
    return values[0], values[1], *(float(x) for x in change)


def _same_weights(first, second):
    return (first is None) == (second is None) and (first is None or np.array_equal(first, second))


def _same_cells(first, second):
    """Whether two group columns hold the same texts, row by row."""
    known = {}
    numbers = [np.array([known.setdefault(tuple(map(str, cell)), len(known)) for cell in column.cells] or [0])
               for column in (first, second)]
    return np.array_equal(numbers[0][first.codes], numbers[1][second.codes])
