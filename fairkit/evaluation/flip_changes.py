"""What becomes of flip rates from one model to another."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from fairkit.counts.clustered import clustered_change
from fairkit.counts.paired import join
from fairkit.counts.rates import RATES
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.flip_rates import FLIP_RATES, Flips
from fairkit.evaluation.pairing import Decisions
from fairkit.evaluation.specs import checked_thresholds
from fairkit.evaluation.verdicts import change_verdicts

__all__ = ["compare_flips"]


def compare_flips(before: Flips, after: Flips, thresholds: Mapping[float, float] | None = None) -> pd.DataFrame:
    """What became of the flip rates from one model to another, on the same pairs, with paired intervals.

    Args:
        before, after: `Flips` of the same pairs.
        thresholds: a dict {before: after}; None compares at the thresholds of `before`, unchanged. With matched ones
            (`Comparison.threshold_pairs`) a model does not flip less often for the one reason that it flags less often.

    Returns:
        A DataFrame with a row for each class, pair of thresholds, rate and slice: slice, class, metric,
        threshold_before, threshold_after, before, after, change, lower, upper, verdict ("improved", "worse",
        "no evidence", "undefined"), pairs.

    Raises:
        FairkitError: for flips of other pairs or classes, or thresholds outside [0, 1].

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation import compare_flips, flips
        >>> examples = fairkit.Examples(labels=[0, 1] * 20, groups={})
        >>> original, other = (fairkit.predict([score] * 40, examples) for score in (.8, .2))
        >>> change = compare_flips(flips([original, other], thresholds=.5), flips([original, original], thresholds=.5))
        >>> change[["metric", "before", "after", "verdict"]].values.tolist()[0]
        ['flip_rate/overall', 1.0, 0.0, 'improved']
    """
    for name, found in (("before", before), ("after", after)):
        if not isinstance(found, Flips):
            raise FairkitError(f"what is compared {name} is no count of flips", "what flips gives",
                               type(found).__name__)
    if before.classes != after.classes:
        raise FairkitError("the two judge different classes", before.classes, after.classes)
    if not (np.array_equal(before.original.ids, after.original.ids)
            and np.array_equal(before.original.labels, after.original.labels)):
        raise FairkitError("the two are of different pairs", "flips of both models on the same pairs, in one order",
                           f"{len(before.original)} and {len(after.original)} pairs")
    if before.clusters is None:
        before = replace(before, clusters=after.clusters)
    given = {t: t for t in before.thresholds} if thresholds is None else _checked_pairs(thresholds)
    blocks = [_changes(before, after, class_id, metric, *at)
              for class_id in before.classes for at in given.items() for metric in FLIP_RATES]
    return pd.concat(blocks, ignore_index=True)


def _changes(before, after, class_id, metric, first, second):
    flipped = [found.flipped(metric, class_id, at) for found, at in ((before, first), (after, second))]
    joint = join(before.codes, before.members.atoms, np.ones(len(before.codes), bool), *flipped,
                 before.original.weights)
    one, two, change = Decisions(joint).over(before.members, before.members).change(
        RATES["positive_rate"])
    for k, rows, *clusters in before.clustered:
        _, change[1][k], change[2][k] = clustered_change(*(hit[rows] for hit in flipped), *clusters)
    return pd.DataFrame({
        "slice": [slice_name(key) for key in before.keys], "class": np.full(len(before.keys), class_id, object),
        "metric": metric, "threshold_before": first, "threshold_after": second, "before": one[0], "after": two[0],
        **dict(zip(("change", "lower", "upper"), change, strict=True)), "verdict": change_verdicts("lower", *change),
        "pairs": joint.over(before.members).table[..., 0].sum(axis=(1, 2, 3)).astype(int)})


def _checked_pairs(thresholds):
    if not isinstance(thresholds, Mapping) or not thresholds:
        raise FairkitError("thresholds pair those of the two models", "a dict {before: after} such as {0.5: 0.4}",
                           quote(thresholds))
    return {checked_thresholds(before)[0]: checked_thresholds(after)[0] for before, after in thresholds.items()}
