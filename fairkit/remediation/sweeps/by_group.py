"""Candidates with one threshold for each group, judged on examples that their thresholds were not fitted on."""

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.remediation.group_thresholds_fitting import fit_group_thresholds

__all__ = ["adjusted_by_halves", "fitted_by_group"]


def fitted_by_group(predictions, options, gap, control):
    """`GroupThresholds` fitted on all of the predictions.

    Args:
        options: dict of arguments of `fit_group_thresholds`. Where they do not say otherwise, the rate and the least
            number of examples are those of `gap`, and the level is the control's overall rate.
        gap, control: as for `measured`.
    """
    options = {"min_examples": gap.min_examples, **_settled(predictions, options, gap, control)}
    return fit_group_thresholds(predictions, **options)


def adjusted_by_halves(predictions, options, gap, control):
    """Predictions whose scores exceed .5 where the threshold of the example's group is exceeded.

    The thresholds of each half of the examples are fitted on the other half, so that none is judged on examples that
    it was fitted on. The halves keep the shares of groups and labels; half of the least number is enough for them.

    Args:
        predictions, options, gap, control: as for `fitted_by_group`.

    Returns:
        `Predictions` of the same examples in the same order.
    """
    options = {"min_examples": (gap.min_examples + 1) // 2, **_settled(predictions, options, gap, control)}
    by = [options["by"]] if isinstance(options["by"], str) else options["by"]
    first = _half(predictions, by)
    scores = predictions.scores.copy()
    for half, other in ((first, ~first), (~first, first)):
        thresholds = fit_group_thresholds(predictions.take(np.flatnonzero(other)), **options)
        scores[half] = thresholds.adjusted(predictions.take(np.flatnonzero(half))).scores
    return predictions.with_scores(scores)


def _settled(predictions, options, gap, control):
    """The arguments of `fit_group_thresholds`."""
    classes = gap.classes_of(predictions)
    if "class_id" not in options and len(classes) > 1:
        raise FairkitError("thresholds by group are for one class", "classes=[...] with one class, or class_id in "
                           "group_thresholds", f"classes {classes}")
    if "by" not in options:
        raise FairkitError("group_thresholds name no group column", "{'by': 'color'} or the like", quote(options))
    class_id = options.get("class_id", classes[0])
    rate = options.get("rate", gap.metric)
    level = gap.point(control, class_id)[1] if rate == gap.metric else None
    return {"rate": rate, "level": level, "class_id": class_id, **options}


def _half(predictions, by, seed=0):
    """(n,) booleans: a random half of each stratum of labels and groups."""
    strata = np.unique(predictions.labels, return_inverse=True)[1].reshape(-1)
    for name in by:
        if name not in predictions.groups:
            raise FairkitError(f"no group column {quote(name)} to set thresholds by",
                               f"one of {sorted(predictions.groups)}",
                               quote(name))
        codes = predictions.groups[name].codes.astype(np.int64)
        strata = np.unique(strata * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1].reshape(-1)
    order = np.random.default_rng(seed).permutation(len(predictions))
    order = order[np.argsort(strata[order], kind="stable")]
    half = np.zeros(len(predictions), bool)
    half[order[::2]] = True
    return half
