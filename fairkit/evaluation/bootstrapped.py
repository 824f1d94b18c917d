"""Bootstrap intervals of an evaluation's rates and gaps: an option beside the default intervals."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairkit.arguments import is_whole
from fairkit.counts.atom_sets import AtomSets
from fairkit.counts.bootstrap import (
    MOST_UNDEFINED,
    outcome_replicates,
    percentile_interval,
    t_interval,
    top1_replicates,
)
from fairkit.counts.rates import ACCURACY, RATES, Counts
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.gap_tables import compared_slices
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD
from fairkit.handed_out import kept

__all__ = ["Bootstrap", "bootstrap"]

FORMS = {"percentile": percentile_interval, "t": t_interval}
_MOST_VALUES = 1 << 25  # numbers of one kind held at once: slices are taken a few at a time beyond that
GAP_COLUMNS = ("slice", "reference", "class", "metric", "threshold", "value", "reference_value", "gap", "lower",
               "upper", "note")
_NOTE = f"no interval: more than {MOST_UNDEFINED:.0%} of the replicates have no denominator"


def bootstrap(evaluation, replicates: int = 1000, seed: int = 0, form: str = "percentile") -> "Bootstrap":
    """Poisson bootstrap intervals of an evaluation's rates and gaps.

    They are here for comparison with other tools. For small slices and rare outcomes they are too narrow
    (docs/coverage.md: 45 % instead of 95 % at n = 30 and a rate of .02), so they are never the default.

    Args:
        evaluation: `Evaluation`.
        replicates: 2 or more.
        seed: 0 or more; the same seed gives the same intervals on any number of cores.
        form: "percentile" (2.5 % and 97.5 % quantiles of the replicates), or "t": the replicates' mean +-
            t(.975, replicates - 1) x their standard deviation, which with 20 replicates is TFMA's own form. Bounds are
            clipped to the metric's range.

    Returns:
        `Bootstrap`.

    Raises:
        FairkitError: for fewer than 2 replicates, a seed that is none, or an unknown form.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.bootstrapped import bootstrap
        >>> examples = fairkit.Examples(labels=[0] * 80, groups={"color": ["orange", "blue"] * 40})
        >>> evaluation = fairkit.evaluate([0.9, 0.1, 0.1, 0.1] * 20, examples, slices=["color"], thresholds=[0.5])
        >>> gaps = bootstrap(evaluation).gaps("false_positive_rate", reference={"color": "blue"})
        >>> gaps[["slice", "reference", "gap"]].values.tolist()
        [['color:orange', 'color:blue', 0.5]]
        >>> bool(0.3 < gaps["lower"][0] < 0.5 < gaps["upper"][0] < 0.7)
        True
    """
    if not is_whole(replicates) or replicates < 2:
        raise FairkitError("too few replicates for an interval", "an integer of 2 or more", quote(replicates))
    if not is_whole(seed) or seed < 0:
        raise FairkitError("the seed is none", "an integer of 0 or more", quote(seed))
    if form not in FORMS:
        raise FairkitError(f"no form of interval {quote(form)}", nearest(form, FORMS), quote(form))
    return Bootstrap(evaluation, int(replicates), int(seed), form)


class Bootstrap:
    """Bootstrap intervals; made by `bootstrap`.

    Every table uses the same replicates: a gap is the difference of two rates of one replicate, so that slices which
    share examples need no special treatment. A replicate in which a rate has no denominator is left out; where more
    than 5 % are, there is no interval, and the note says so.

    Attributes:
        evaluation, replicates, seed, form: as given.
    """

    def __init__(self, evaluation, replicates, seed, form):
        self.evaluation, self.replicates, self.seed, self.form = evaluation, replicates, seed, form
        self._last = None, None

    def __repr__(self):
        return f"Bootstrap({self.replicates} replicates, seed {self.seed}, {quote(self.form)})"

    @property
    def frame(self) -> pd.DataFrame:
        """The rates' rows of the evaluation's frame, with bootstrap intervals in lower and upper."""
        shown, members = kept(self.evaluation), self.evaluation.members
        rows = shown[shown["metric"].isin([*RATES, "accuracy"])].reset_index(drop=True)
        # The frame holds slice after slice, each with the same rows.
        first = rows.iloc[:len(rows) // len(members)][["metric", "class", "threshold"]].values.tolist()
        found = self._bounds(dict.fromkeys((metric, class_id) for metric, class_id, _ in first), members)
        bounds = np.full((2, len(members), len(first)), np.nan)
        for column, (metric, class_id, threshold) in enumerate(first):
            bounds[:, :, column] = found[metric, class_id][:, self._cuts(metric, [threshold])[0]]
        return _filled(rows, *bounds.reshape(2, -1))

    def gaps(self, metric: str | None = None, threshold: float | None = None, reference: Mapping | None = None,
             class_id: int | None = None) -> pd.DataFrame:
        """How far each slice's rate lies above or below its reference's, with bootstrap intervals.

        Args:
            metric: one of the rates, or "accuracy"; None for all that the evaluation shows.
            threshold, reference, class_id: as for `Evaluation.gaps`.

        Returns:
            A DataFrame with a row for each metric, class, threshold and slice that has a reference: slice, reference,
            class, metric, threshold, value, reference_value, gap, lower, upper, note.

        Raises:
            FairkitError: for a metric, threshold, class or reference that the evaluation does not have.
        """
        keys, others, parts = compared_slices(self.evaluation, reference)
        asked = self._asked(metric, threshold, class_id)
        if not asked:
            return pd.DataFrame(columns=GAP_COLUMNS)
        found, values, blocks = self._bounds(asked, parts.slices, parts), self._values(asked, parts), []
        for name, class_ in asked:
            thresholds = self._thresholds(name, threshold)
            cuts = self._cuts(name, thresholds)
            own, other = (side[cuts] for side in values[name, class_])
            shape = own.shape
            blocks.append([np.full(shape, name, object), np.full(shape, class_, object),
                           np.repeat(thresholds, len(keys)), own, other, own - other, *found[name, class_][:, cuts]])
        columns = [np.concatenate([np.reshape(block[k], -1) for block in blocks]) for k in range(8)]
        table = dict(zip(("metric", "class", "threshold", "value", "reference_value", "gap", "lower", "upper"),
                         columns, strict=True))
        repeats = len(columns[0]) // len(keys)
        table |= {"slice": [slice_name(key) for key in keys] * repeats,
                  "reference": [slice_name(key) for key in others] * repeats, "note": ""}
        frame = pd.DataFrame(table, columns=GAP_COLUMNS)
        frame.loc[frame["value"].isna(), "note"] = "undefined: no denominator in this slice"
        frame.loc[frame["reference_value"].isna() & (frame["note"] == ""), "note"] = \
            "undefined: no denominator in the reference"
        return _filled(frame, frame["lower"], frame["upper"])

    def _asked(self, metric, threshold, class_id):
        """(metric, class) pairs; raises for what the evaluation does not have."""
        classes = list(self.evaluation.cells.classes) if class_id is None else [class_id]
        shown = [name for name in self.evaluation.metrics if name in RATES or name == "accuracy"]
        metrics = shown if metric is None else [metric]
        self.evaluation.counts_of("recall" if metric is None else metric, threshold, class_id)
        return [(name, class_) for name in metrics for class_ in ([None] if name == "accuracy" else classes)]

    def _thresholds(self, metric, threshold):
        if metric == "accuracy":
            return [np.nan]
        return self.evaluation.thresholds if threshold is None else [float(threshold)]

    def _cuts(self, metric, thresholds):
        """Where thresholds stand among those that the cells were counted at."""
        if metric == "accuracy" and self.evaluation.classes is not None:  # top-1: class None, of no threshold
            return [0]
        counted = self.evaluation.cells.thresholds.tolist()
        return [counted.index(BINARY_ACCURACY_THRESHOLD if metric == "accuracy" else cut) for cut in thresholds]

    def _values(self, asked, parts):
        """(metric, class) -> ((thresholds, pairs) of the slices, the same of the references)."""
        cells, found = self.evaluation.cells, {}
        for class_id, metrics in _by_class(asked).items():
            counts = cells.by_atom(class_id) if class_id in cells.classes else cells.top1_by_atom()
            sides = [Counts(*(outcome[..., 1].T for outcome in (side.tp, side.fp, side.tn, side.fn)))
                     for side in (counts.over(parts.slices), counts.over(parts.references).take(parts.of))]
            found |= {(name, class_id): [_rate_of(_rate(name), side) for side in sides] for name in metrics}
        return found

    def _bounds(self, asked, slices, pairs=None):
        """(metric, class) -> (2, thresholds, slices): bounds of the rates, or of the gaps of `Parts`."""
        parts = {pair: [] for pair in asked}
        for class_id, metrics in _by_class(asked).items():
            for rows, own, other in self._chunks(slices, pairs):
                counts, known = self._replicates(class_id, rows), {}
                for name in metrics:
                    rate = _rate(name)
                    parts[name, class_id].append(self._rate_bounds(
                        rate, counts, own, None if pairs is None else other, known))
        return {pair: np.concatenate(found, axis=2) for pair, found in parts.items()}

    def _rate_bounds(self, rate, counts, own, other, known):
        """(2, thresholds, rows) of one rate or of its gaps; `known` keeps them, for the rate that is 1 minus this."""
        top, over = (tuple(x.tolist()) for x in rate.indicators())
        rest = tuple(b - a for a, b in zip(top, over, strict=True))
        if (rest, over) in known:
            lower, upper = known[rest, over]
            return np.stack([1 - upper, 1 - lower] if other is None else [-upper, -lower])
        if (top, over) not in known:
            values = _rate_of(rate, counts)
            values = values[:, own] if other is None else values[:, own] - values[:, other]
            known[top, over] = np.clip(FORMS[self.form](values), -1 if other is not None else 0, 1)
        return known[top, over]

    def _chunks(self, slices, pairs):
        """(distinct rows, positions of the slices in them, of the references), for a few pairs at a time.

        Where everything fits, the rows are always the same, so that all tables share what was drawn.
        """
        own = np.arange(len(slices))
        references, of = (slices, own) if pairs is None else (pairs.references, pairs.of)
        most = max(2, _MOST_VALUES // (2 * (len(self.evaluation.cells.thresholds) + 1) * self.replicates))
        rows, _, own_places, places = _distinct(self.evaluation.members, slices, references)
        if len(rows) <= most:
            yield rows, own_places, places[of]
            return
        for start in range(0, len(slices), most // 2):
            chunk = slice(start, start + most // 2)
            used, which = np.unique(of[chunk], return_inverse=True)
            rows, own_places, places = _distinct(slices[chunk], references[used])
            yield rows, own_places, places[which.reshape(-1)]

    def _replicates(self, class_id, rows):
        """`Counts` of the rows in each replicate, (thresholds, rows, replicates); the last ones are kept."""
        key, cells = (class_id, rows.starts.tobytes(), rows.members.tobytes()), self.evaluation.cells
        if self._last[0] != key:
            self._last = key, outcome_replicates(cells, class_id, rows, self.replicates, self.seed) \
                if class_id in cells.classes else top1_replicates(cells, rows, self.replicates, self.seed)
        return self._last[1]


def _by_class(pairs):
    classes = {}
    for metric, class_id in pairs:
        classes.setdefault(class_id, []).append(metric)
    return classes


def _rate(name):
    return ACCURACY if name == "accuracy" else RATES[name]


def _rate_of(rate, counts):
    top, over = rate.numerator(counts), rate.over(counts)
    return np.divide(top, over, out=np.full(top.shape, np.nan), where=over > 0)


def _distinct(*several):
    """(the distinct sets of several `AtomSets` in order of appearance, for each of these the places among them)."""
    seen, places = {}, []
    for sets in several:
        rows = np.split(sets.members, sets.starts[1:-1])
        places.append(np.array([seen.setdefault(row.tobytes(), (len(seen), row))[0] for row in rows]))
    return AtomSets.of([row for _, row in seen.values()], several[0].atoms), *places


def _filled(frame, lower, upper):
    frame["lower"], frame["upper"] = lower, upper
    without = (frame["value"] if "gap" not in frame else frame["gap"]).notna() & frame["lower"].isna()
    frame.loc[without, "note"] = [f"{note}; {_NOTE}" if note else _NOTE for note in frame.loc[without, "note"]]
    return frame
