"""Comparison: what changed between two models, slice by slice, and what it cost."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairkit.counts.atoms import atoms_of
from fairkit.counts.rates import RATES
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.change_tables import change_tables, references_of, rows_by_slice, worse_rows
from fairkit.evaluation.compared_rows import compared_rows, match_at
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.levelling import levelling_down
from fairkit.evaluation.matching import TOLERANCE, Match, matched_by, nearest_threshold, overall_rate, rates_at_scores
from fairkit.evaluation.pairing import aligned, decisions, quality, why_unpaired
from fairkit.evaluation.shown import Shown
from fairkit.evaluation.specs import checked_reference, checked_thresholds, compared_rate, cut_groups
from fairkit.handed_out import handing_out

__all__ = ["Comparison", "compare"]


@handing_out("frame", "quality", "got_worse", "levelling_down", "warnings", "matches")
class Comparison(Shown):
    """Two evaluations compared; made by `fairkit.compare`.

    Attributes:
        before, after: the evaluations.
        metric: the rate that the comparison is about, or "accuracy".
        reference: dict that names the slice gaps are taken against; {} is overall.
        paired: whether both judged the same examples, so that intervals of changes are paired.
        matches: a list of `Match`: the pairs of thresholds, with the overall rates achieved at them.
        decided: for each match the `Decisions` of the two models, counted by atom.
        slices: for each of the two the atoms of the slices of `before`, `AtomSets`.
        frame: a DataFrame with a row for each pair of thresholds and slice: thresholds ("matched", "unchanged" or
            "given"), class, threshold_before, threshold_after, slice, before, after, change with its interval, verdict
            ("improved", "worse", "no evidence", "undefined"; "no direction" for rates that are neither good nor bad),
            reference, gap_before, gap_after and gap_change, each with its interval, gap_verdict (whether the gap's
            size is "smaller" or "larger", it is "reversed", or there is "no evidence"), denominator, note. Accuracy of
            several classes has no threshold: both are missing, and thresholds is "unchanged".
        quality: a DataFrame of accuracy and AUC before and after, the change with its interval.
        got_worse: a DataFrame of every slice and rate (the metric or its opposite) that got worse with an interval
            that excludes 0.
        levelling_down: a DataFrame of gaps that closed because the better-served side got worse.
        warnings: texts: what a reader has to know before believing the numbers.
    """

    def __init__(self, before, after, metric, reference, paired, matches, decided, slices, frame, opposite, quality,
                 warnings):
        self.before, self.after = before, after
        self.metric, self.reference, self.paired, self.matches = metric, reference, paired, matches
        self.decided, self.slices = decided, slices
        self.frame, self.quality, self.warnings = frame, quality, warnings
        self.got_worse = worse_rows(frame, opposite)
        self.levelling_down = levelling_down(metric, frame, opposite)

    @property
    def threshold_pairs(self):
        """dict of class (or None) -> list of (before, after): the matched (or given) thresholds."""
        pairs = {}
        for match in self.matches:
            if match.kind != "unchanged":
                pairs.setdefault(match.class_id, []).append((match.before, match.after))
        return pairs

    def best_and_worst(self, threshold: float | None = None, class_id: int | None = None) -> pd.DataFrame:
        """The best and the worst served slice of each feature, before and after.

        See `fairkit.evaluation.served.best_and_worst_compared`.
        """
        from fairkit.evaluation.served import best_and_worst_compared

        return best_and_worst_compared(self, threshold, class_id)

    # How its tables are read; the comparison is the first argument there.
    match = match_at
    rows = compared_rows

    def __str__(self):
        from fairkit.view.comparison_text import comparison_text

        return comparison_text(self)

    def __repr__(self):
        return f"Comparison({self.metric}, {len(self.frame)} rows, {'paired' if self.paired else 'unpaired'})"


def compare(before: Evaluation, after: Evaluation, metric: str = "false_positive_rate",
            reference: Mapping | None = None, thresholds: Mapping[float, float] | None = None) -> Comparison:
    """What changed between two evaluations, with paired intervals where they judged the same examples.

    Args:
        before, after: `Evaluation`s that hold their predictions.
        metric: one of the rates, or "accuracy": of binary scores at each threshold; of several classes that of the
            class with the highest score, where there is no threshold and nothing to match.
        reference: the slice that gaps are taken against, such as {"color": "blue"}; None is overall.
        thresholds: None compares at each threshold of `before`, unchanged, and matched: among the distinct scores of
            the second model the one at which its overall rate is nearest to the first one's (for accuracy the share
            of predicted positives is matched: `fairkit.evaluation.matching.matched_by`). A dict {before: after}
            compares at these instead.

    Returns:
        `Comparison`.

    Raises:
        FairkitError: for evaluations without predictions or with different classes, and for a metric, reference or
            threshold that is not there.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["orange", "blue"] * 4})
        >>> before = fairkit.evaluate([.9, .1, .9, .1, .9, .8, .2, .1], examples, ["color"], [.5])
        >>> after = fairkit.evaluate([.9, .1, .4, .1, .9, .8, .2, .9], examples, ["color"], [.5])
        >>> rows = fairkit.compare(before, after, reference={"color": "blue"}).rows("unchanged", slice="color:orange")
        >>> rows[["gap_before", "gap_after"]].values.tolist()
        [[0.5, 0.0]]
    """
    rate = compared_rate(metric)
    if thresholds is not None and (not isinstance(thresholds, Mapping) or not thresholds):
        raise FairkitError("thresholds pair those of the two models", "a dict {before: after} such as {0.5: 0.4}",
                           quote(thresholds))
    for value in (*(thresholds or {}), *(thresholds or {}).values()):
        if value is None:
            raise FairkitError("a threshold is missing", "a dict {before: after} such as {0.5: 0.4}", quote(thresholds))
    first, second = (_predictions(which, one, getattr(before, "bins", {}))
                     for which, one in (("before", before), ("after", after)))
    if before.classes != after.classes:
        raise FairkitError("the two evaluations judge different classes", f"classes {before.classes}", after.classes)
    reference = checked_reference(reference, before.cells.atoms)
    features = before.cells.atoms.features
    for feature in features:
        if feature not in second.groups:
            raise FairkitError(f"the second evaluation's examples have no group column {quote(feature)}",
                               f"the columns {list(features)}", sorted(second.groups))
    in_order = aligned(first, second, features)
    paired, second, warnings = in_order is not None, second if in_order is None else in_order, []
    if not paired:
        warnings.append(f"Changes are not paired: {why_unpaired(first, second, features)}.")
    if metric == "accuracy" and before.classes is not None:
        matches = [_without_threshold(rate, first, second, thresholds)]
    else:
        matches = [match for class_id in before.cells.classes
                   for match in _matches(metric, first, second, class_id, before.thresholds, thresholds)]
    warnings += [said for match in matches if (said := _far_apart(metric, match, first, second))]
    # The same examples have the same atoms.
    places = [atoms_of({name: p.groups[name] for name in features}, len(p)) for p in (first, second)[:2 - paired]]
    sides = [rows_by_slice(atoms, before, reference) for atoms, _ in places]
    places, sides = ([each[0], each[-1]] for each in (places, sides))
    decided = [decisions(first, second, m.class_id, m.before, m.after, places, paired) for m in matches]
    frame, opposite = change_tables(metric, rate.opposite, before.keys, references_of(before, reference), matches,
                                    decided, sides, before.min_examples)
    paid = _quality_frame(quality(first, second, paired, before.cells.classes))
    return Comparison(before, after, metric, reference, paired, matches, decided, [side.slices for side in sides],
                      frame, opposite, paid, warnings)


def _quality_frame(rows):
    columns = ["class", "metric", "before", "after", "change", "lower", "upper"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["class"] = np.array([row[0] for row in rows], object)  # None and class ids stay what they are
    return frame


def _predictions(which, evaluation, bins):
    """The predictions of an evaluation, numeric features cut as the first evaluation has them."""
    if not hasattr(evaluation, "predictions"):
        raise FairkitError(f"what is compared {which} is no evaluation", "what fairkit.evaluate gives",
                           quote(evaluation))
    if evaluation.predictions is None:
        raise FairkitError(f"the evaluation {which} holds no predictions, so it cannot be paired or matched",
                           "an evaluation made by fairkit.evaluate, or loaded from a run with predictions.parquet",
                           quote(evaluation))
    groups = evaluation.predictions.groups
    cut, _ = cut_groups(groups, {name: bins[name] for name in bins if name in groups})
    return evaluation.predictions.with_groups(cut)


def _matches(metric, first, second, class_id, own, given):
    """The pairs of thresholds of one class."""
    rate, equal = compared_rate(metric), RATES[matched_by(metric)]
    pairs = [("unchanged", t, t) for t in own] if given is None else \
        [("given", checked_thresholds(t)[0], checked_thresholds(after)[0]) for t, after in given.items()]
    rates = {t: overall_rate(rate, first, class_id, t) for _, t, _ in pairs}
    if given is None:
        targets = rates if equal is rate else {t: overall_rate(equal, first, class_id, t) for t in own}
        candidates = rates_at_scores(equal, second, class_id)
        pairs += [("matched", t, nearest_threshold(*candidates, targets[t])) for t in own if not np.isnan(targets[t])]
    return [Match(kind, class_id, t, after, rates[t], overall_rate(rate, second, class_id, after))
            for kind, t, after in pairs]


def _without_threshold(rate, first, second, given):
    """The one pair of top-1 predictions: they have no threshold, and so none that could be matched."""
    if given is not None:
        raise FairkitError("accuracy of several classes is that of the class with the highest score, at no threshold",
                           "thresholds=None, or another metric", quote(given))
    return Match("unchanged", None, None, None, *(overall_rate(rate, each, None, None) for each in (first, second)))


def _far_apart(metric, match, first, second):
    """The warning that what is to be equal at matched (or given) thresholds is not; None where it is."""
    name, found = matched_by(metric), (match.rate_before, match.rate_after)
    if match.kind == "unchanged":
        return None
    if name != metric:
        found = [overall_rate(RATES[name], each, match.class_id, at)
                 for each, at in ((first, match.before), (second, match.after))]
    if not abs(found[0] - found[1]) > TOLERANCE:
        return None
    where = "" if match.class_id is None else f" of class {match.class_id}"
    return (f"The overall {name.replace('_', ' ')}{where} is {found[0]:.4f} at threshold {match.before:g} before and "
            f"{found[1]:.4f} at {match.after:g} after: they differ by more than {TOLERANCE:g}.")
