"""Best and worst served: the two ends of each feature's slices, for one model and for two."""

import numpy as np
import pandas as pd

from fairkit.counts.homogeneity import homogeneity
from fairkit.counts.intervals import estimate
from fairkit.counts.significance import sums_of
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.families import family_name
from fairkit.evaluation.gap_tests import families_to_ask
from fairkit.evaluation.specs import compared_rate

__all__ = ["best_and_worst", "best_and_worst_compared"]

_FOUND = ("best", "best_error", "worst", "worst_error", "difference", "relative_difference", "ratio", "p_value",
          "compared", "left_out", "note")


def best_and_worst(evaluation, metric: str, threshold: float | None = None,
                   class_id: int | None = None) -> pd.DataFrame:
    """The best and the worst served slice of each feature or cross, and how far they are apart.

    The error is the rate itself where lower is better, and 1 - rate where higher is better. No interval is given for
    worst minus best: both are picked after looking, and an interval of the largest difference could not contain 0,
    whatever the truth. The p-value of `any_gap` stands beside it instead: whether the slices differ at all.

    Args:
        evaluation: `Evaluation`.
        metric: a rate with a direction, or "accuracy".
        threshold: one of the evaluation's; None for all of them.
        class_id: one of the evaluation's classes; None for all of them.

    Returns:
        A DataFrame with a row for each feature or cross, class and threshold: slices ("color"), class, metric,
        threshold, best and worst (names of slices; the first by name where several tie), best_error, worst_error,
        difference (worst - best), relative_difference (the difference as a share of the worst error, in [0, 1]: how
        much of it would be gone if the worst served were served as the best), ratio (worst / best; missing where the
        best error is 0), p_value (of all slices of the feature with a denominator), compared, left_out (slices that
        are undefined or have fewer examples in the denominator than min_examples), note.

    Raises:
        FairkitError: for a rate that is neither good nor bad in itself, and for what the evaluation does not have.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.served import best_and_worst
        >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["orange", "blue"] * 4})
        >>> scores = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.2, 0.8]
        >>> evaluation = fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.5], min_examples=1)
        >>> best_and_worst(evaluation, "false_positive_rate")[["best", "worst", "difference", "ratio"]].values.tolist()
        [['color:blue', 'color:orange', 0.5, 3.0]]
    """
    families, rows = families_to_ask(evaluation), []
    for rate, counts, class_, at in evaluation.counts_of(metric, threshold, class_id):
        _check_direction(rate, metric)
        for features, found in _ends(families, evaluation.keys, evaluation.members, rate, counts,
                                     evaluation.min_examples):
            rows.append({"slices": family_name(features), "class": class_, "metric": metric, "threshold": at, **found})
    return _table(rows)


def best_and_worst_compared(comparison, threshold: float | None = None, class_id: int | None = None) -> pd.DataFrame:
    """`best_and_worst` before and after, at each pair of thresholds of a comparison.

    Args:
        comparison: `Comparison`.
        threshold: one of the thresholds of `before`; None for all of them.
        class_id: one of the classes; None for all of them.

    Returns:
        A DataFrame with a row for each pair of thresholds and feature or cross: thresholds ("matched", "unchanged" or
        "given"), class, metric, threshold_before, threshold_after, slices, all columns of `best_and_worst` with
        _before and _after, and the change of best_error, worst_error, difference and relative_difference with
        _change. The slices at the two ends may differ before and after.

    Raises:
        FairkitError: for a rate that is neither good nor bad in itself.
    """
    rate, rows = compared_rate(comparison.metric), []
    _check_direction(rate, comparison.metric)
    families = families_to_ask(comparison.before)
    for match, decided in zip(comparison.matches, comparison.decided, strict=True):
        if (threshold is not None and match.before != threshold) or (class_id is not None
                                                                     and match.class_id != class_id):
            continue
        sides = [_ends(families, comparison.before.keys, members, rate, counts,
                       comparison.before.min_examples)
                 for members, counts in zip(comparison.slices, (decided.first, decided.second), strict=True)]
        for (features, before), (_, after) in zip(*sides, strict=True):
            change = {f"{name}_change": after[name] - before[name]
                      for name in ("best_error", "worst_error", "difference", "relative_difference")}
            rows.append({"thresholds": match.kind, "class": match.class_id, "metric": comparison.metric,
                         "threshold_before": match.before, "threshold_after": match.after,
                         "slices": family_name(features), **{f"{name}_before": before[name] for name in _FOUND},
                         **{f"{name}_after": after[name] for name in _FOUND}, **change})
    if not rows:
        raise FairkitError("this comparison has no such threshold or class",
                           f"one of {sorted({m.before for m in comparison.matches})} and of "
                           f"{comparison.before.classes}", f"threshold {quote(threshold)}, class {quote(class_id)}")
    return _table(rows)


def _check_direction(rate, metric):
    if rate.better is None:
        raise FairkitError(f"{quote(metric)} is neither good nor bad in itself, so no slice is served best",
                           "a rate with a direction, such as 'false_positive_rate'", quote(metric))


def _ends(families, keys, members, rate, counts, least):
    """(features, dict of what was found) of each family, from counts by atom."""
    united = counts.over(members)
    value, _, _, _, size = estimate(rate, united)
    error = value if rate.better == "lower" else 1 - value
    used = (size > 0) & (sums_of(rate, united).members >= least)
    names = [slice_name(key) for key in keys]
    return [(features, _found(np.array(positions), names, error, used,
                              homogeneity(rate, counts, members[positions]).p_value, rate))
            for features, positions in families.items()]


def _found(positions, names, error, used, p_value, rate):
    kept = positions[used[positions]]
    found = {**dict.fromkeys(_FOUND, np.nan), "best": None, "worst": None, "p_value": p_value, "compared": len(kept),
             "left_out": len(positions) - len(kept), "note": ""}
    if len(kept) == 0:
        return {**found, "note": f"undefined: no slice has enough {rate.among}"}
    best, worst = kept[np.argmin(error[kept])], kept[np.argmax(error[kept])]
    low, high = float(error[best]), float(error[worst])
    if len(kept) == 1:
        only = "the only slice" if len(positions) == 1 else f"the only slice with enough {rate.among}"
        return {**found, "best": names[best], "best_error": low, "note": f"nothing to compare: {only}"}
    notes = []
    if low == 0:
        notes.append("no ratio: the best error is 0")
    return {**found, "best": names[best], "best_error": low, "worst": names[worst], "worst_error": high,
            "difference": high - low, "relative_difference": (high - low) / high if high > 0 else np.nan,
            "ratio": high / low if low > 0 else np.nan, "note": "; ".join(notes)}


def _table(rows):
    frame = pd.DataFrame(rows)
    frame["class"] = np.array([row["class"] for row in rows], object)  # None and class ids stay what they are
    return frame
