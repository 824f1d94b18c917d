"""Comparison: what changed between two models, slice by slice, and what it cost."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairkit.counts.atoms import atoms_of
from fairkit.counts.significance import sums_of
from fairkit.counts.slices import atoms_in, slice_name
from fairkit.errors import FairkitError
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.gaps import parts_of
from fairkit.evaluation.levelling import levelling_down
from fairkit.evaluation.matching import TOLERANCE, Match, nearest_threshold, overall_rate, rates_at_scores
from fairkit.evaluation.pairing import aligned, decisions, quality, why_unpaired
from fairkit.evaluation.shown import Shown
from fairkit.evaluation.specs import (
    checked_metric,
    checked_reference,
    checked_thresholds,
    cut_groups,
    reference_of,
)
from fairkit.evaluation.table import too_few
from fairkit.evaluation.verdicts import change_verdicts, gap_verdicts

__all__ = ["Comparison", "compare"]


class Comparison(Shown):
    """Two evaluations compared; made by `fairkit.compare`.

    Attributes:
        before, after: the evaluations.
        metric: the rate that the comparison is about.
        reference: dict that names the slice gaps are taken against; {} is overall.
        paired: whether both judged the same examples, so that intervals of changes are paired.
        matches: a list of `Match`: the pairs of thresholds, with the overall rates achieved at them.
        decided: for each match the `Decisions` of the two models, counted by atom.
        slices: for each of the two the atoms of the slices of `before`, (slices, atoms) booleans.
        frame: a DataFrame with a row for each pair of thresholds and slice: thresholds ("matched", "unchanged" or
            "given"), class, threshold_before, threshold_after, slice, before, after, change with its interval, verdict
            ("improved", "worse", "no evidence", "undefined"; "no direction" for rates that are neither good nor bad),
            reference, gap_before, gap_after and gap_change, each with its interval, gap_verdict (whether the gap's
            size is "smaller" or "larger", it is "reversed", or there is "no evidence"), denominator, note.
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
        self.got_worse = _got_worse(frame, opposite)
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

    def rows(self, thresholds="matched", threshold=None, class_id=None, slice=None):
        """The rows of `frame` for one kind of thresholds, one threshold of `before`, class or slice."""
        wanted = {"thresholds": thresholds, "threshold_before": threshold, "class": class_id, "slice": slice}
        rows = self.frame
        for column, value in wanted.items():
            if value is not None:
                rows = rows[rows[column] == value]
        return rows.reset_index(drop=True)

    def __str__(self):
        from fairkit.view.text import comparison_text

        return comparison_text(self)

    def __repr__(self):
        return f"Comparison({self.metric}, {len(self.frame)} rows, {'paired' if self.paired else 'unpaired'})"


def compare(before: Evaluation, after: Evaluation, metric: str = "false_positive_rate",
            reference: Mapping | None = None, thresholds: Mapping[float, float] | None = None) -> Comparison:
    """What changed between two evaluations, with paired intervals where they judged the same examples.

    Args:
        before, after: `Evaluation`s that hold their predictions.
        metric: one of the Fairness Indicators rates.
        reference: the slice that gaps are taken against, such as {"color": "blue"}; None is overall.
        thresholds: None compares at each threshold of `before`, unchanged, and matched: among the distinct scores of
            the second model the one at which its overall rate is nearest to the first one's. A dict
            {before: after} compares at these instead.

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
    rate = checked_metric(metric)
    if thresholds is not None and (not isinstance(thresholds, Mapping) or not thresholds):
        raise FairkitError("thresholds pair those of the two models", "a dict {before: after} such as {0.5: 0.4}",
                           repr(thresholds))
    first, second = (_predictions(which, e, before.bins) for which, e in (("before", before), ("after", after)))
    if before.classes != after.classes:
        raise FairkitError("the two evaluations judge different classes", f"classes {before.classes}", after.classes)
    reference = checked_reference(reference, before.cells.atoms)
    features = before.cells.atoms.features
    for feature in features:
        if feature not in second.groups:
            raise FairkitError(f"the second evaluation's examples have no group column {feature!r}",
                               f"the columns {list(features)}", sorted(second.groups))
    in_order = aligned(first, second, features)
    paired, second, warnings = in_order is not None, second if in_order is None else in_order, []
    if not paired:
        warnings.append(f"Changes are not paired: {why_unpaired(first, second, features)}.")
    matches = [match for class_id in before.cells.classes
               for match in _matches(rate, first, second, class_id, before.thresholds, thresholds)]
    warnings += [_far_apart(metric, match) for match in matches
                 if match.kind != "unchanged" and abs(match.rate_before - match.rate_after) > TOLERANCE]
    places = [atoms_of({name: p.groups[name] for name in features}, len(p)) for p in (first, second)]
    sides = [_rows_by_slice(atoms, before.keys, reference) for atoms, _ in places]
    decided = [decisions(first, second, m.class_id, m.before, m.after, places, paired) for m in matches]
    frames = {name: _frame(name, before.keys, reference, matches, decided, sides, before.min_examples)
              for name in (metric, rate.opposite) if name}
    paid = _quality_frame(quality(first, second, paired, before.cells.classes))
    return Comparison(before, after, metric, reference, paired, matches, decided, [slices for slices, _ in sides],
                      frames[metric], frames.get(rate.opposite), paid, warnings)


def _quality_frame(rows):
    columns = ["class", "metric", "before", "after", "change", "lower", "upper"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["class"] = np.array([row[0] for row in rows], object)  # None and class ids stay what they are
    return frame


def _predictions(which, evaluation, bins):
    """The predictions of an evaluation, numeric features cut as the first evaluation has them."""
    if not hasattr(evaluation, "predictions"):
        raise FairkitError(f"what is compared {which} is no evaluation", "what fairkit.evaluate gives",
                           repr(evaluation))
    if evaluation.predictions is None:
        raise FairkitError(f"the evaluation {which} holds no predictions, so it cannot be paired or matched",
                           "an evaluation made by fairkit.evaluate, or loaded from a run with predictions.parquet",
                           repr(evaluation))
    groups = evaluation.predictions.groups
    cut, _ = cut_groups(groups, {name: bins[name] for name in bins if name in groups})
    return evaluation.predictions.with_groups(cut)


def _matches(rate, first, second, class_id, own, given):
    """The pairs of thresholds of one class."""
    if given is None:
        pairs = [("unchanged", t, t) for t in own]
    else:
        pairs = [("given", checked_thresholds(t)[0], checked_thresholds(after)[0]) for t, after in given.items()]
    rates = {t: overall_rate(rate, first, class_id, t) for _, t, _ in pairs}
    if given is None:
        candidates = rates_at_scores(rate, second, class_id)
        pairs += [("matched", t, nearest_threshold(*candidates, rates[t])) for t in own if not np.isnan(rates[t])]
    return [Match(kind, class_id, t, after, rates[t], overall_rate(rate, second, class_id, after))
            for kind, t, after in pairs]


def _far_apart(metric, match):
    name = metric.replace("_", " ")
    where = "" if match.class_id is None else f" of class {match.class_id}"
    return (f"The overall {name}{where} is {match.rate_before:.4f} at threshold {match.before:g} before and "
            f"{match.rate_after:.4f} at {match.after:g} after: they differ by more than {TOLERANCE:g}.")


def _rows_by_slice(atoms, keys, reference):
    """(slices, parts): which atoms are in each slice, and in each slice and its reference."""
    slices = np.stack([atoms_in(atoms, key) for key in keys])
    compared = [reference_of(key, reference) for key in keys]
    none = np.zeros(len(atoms), bool)
    references = np.stack([none if key is None else atoms_in(atoms, key) for key in compared])
    return slices, parts_of(slices, references)


def _frame(metric, keys, reference, matches, decided, sides, least):
    rate = checked_metric(metric)
    compared = [reference_of(key, reference) for key in keys]
    names = {"slice": [slice_name(key) for key in keys],
             "reference": [None if key is None else slice_name(key) for key in compared]}
    (slices_a, parts_a), (slices_b, parts_b) = sides
    blocks = []
    for match, both in zip(matches, decided, strict=True):
        before, after, change = both.change(rate, slices_a, slices_b)
        *gaps, total = both.gap_change(rate, parts_a, parts_b)
        note = np.where(np.isnan(change[0]), f"undefined: no {rate.among} in this slice", "").astype(object)
        too_few(note, sums_of(rate, both.first.over(slices_a)).members, rate.among, least)
        blocks.append(pd.DataFrame({
            "thresholds": match.kind, "class": np.full(len(keys), match.class_id, object), "metric": metric,
            "threshold_before": match.before, "threshold_after": match.after, **names,
            "before": before[0], "after": after[0], **_named("change", change),
            "verdict": change_verdicts(rate.better, *change), **_named("gap_before", gaps[0]),
            **_named("gap_after", gaps[1]), **_named("gap_change", gaps[2]),
            "gap_verdict": gap_verdicts(gaps[2], total, *gaps[:2]), "denominator": before[4], "note": note}))
    frame = pd.concat(blocks, ignore_index=True)
    alone = frame["reference"].isna()
    frame.loc[alone, [c for c in frame if c.startswith("gap_") and c != "gap_verdict"]] = np.nan
    frame.loc[alone, "gap_verdict"] = None
    return frame


def _named(name, triple):
    return {name: triple[0], f"{name}_lower": triple[1], f"{name}_upper": triple[2]}


def _got_worse(frame, opposite):
    """Rows of the metric and its opposite whose verdict is "worse"."""
    columns = ["thresholds", "class", "metric", "threshold_before", "threshold_after", "slice", "before", "after",
               "change", "change_lower", "change_upper", "denominator"]
    tables = [table for table in (frame, opposite) if table is not None]
    return pd.concat([table[table["verdict"] == "worse"][columns] for table in tables], ignore_index=True)
