"""Gaps of the area under the ROC curve."""

import numpy as np
from scipy.special import ndtr

from fairkit.counts.auc_intervals import area_interval
from fairkit.counts.intervals import linear
from fairkit.errors import FairkitError, quote

__all__ = ["auc_blocks"]


def auc_blocks(evaluation, keys, parts, class_id=None):
    """The columns of `gap_table` for AUC, a block for each class.

    DeLong's variance of the difference counts the examples that are in both slices; the interval is MOVER's from the
    two areas' own intervals and their correlation, the p-value that of the normal test with that variance.

    Raises:
        FairkitError: for a class that this evaluation does not have.
    """
    if class_id is not None and class_id not in evaluation.cells.classes:
        raise FairkitError("this evaluation has no such class", f"one of {evaluation.classes}", quote(class_id))
    for class_ in evaluation.cells.classes if class_id is None else [class_id]:
        *sides, variance = evaluation.areas.gaps(keys, parts, class_)
        own, other = (np.array([(a.value, a.variance, a.positives, a.negatives, a.positive_size, a.negative_size)
                                for a in side]) for side in sides)
        intervals = [area_interval(*side[:, [0, 1, 4, 5]].T) for side in (own, other)]
        with np.errstate(divide="ignore", invalid="ignore"):
            correlation = (own[:, 1] + other[:, 1] - variance) / (2 * np.sqrt(own[:, 1] * other[:, 1]))
            correlation = np.nan_to_num(correlation, posinf=0, neginf=0)
            p_value = 2 * ndtr(-np.abs(own[:, 0] - other[:, 0]) / np.sqrt(variance))
        values = np.stack([own[:, 0], other[:, 0]], -1)[:, None]
        ends = [np.stack([a, b], -1)[:, None] for a, b in zip(*intervals, strict=True)]
        value, lower, upper = linear([1, -1], values, *ends, np.clip(correlation, -1, 1)[:, None])
        note = np.select(
            [own[:, 2] <= 0, own[:, 3] <= 0, other[:, 2] <= 0, other[:, 3] <= 0, np.isnan(lower)],
            ["undefined: no positives in this slice", "undefined: no negatives in this slice",
             "undefined: no positives in the reference", "undefined: no negatives in the reference",
             "no interval: DeLong's is not known for one of the two areas"], "").astype(object)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = [np.exp(x) for x in linear([1, -1], np.log(values), *(np.log(end) for end in ends),
                                                np.clip(correlation, -1, 1)[:, None])]
        yield {"value": own[:, 0], "reference_value": other[:, 0], "gap": value, "lower": np.clip(lower, -1, 1),
               "upper": np.clip(upper, -1, 1), "ratio": ratios[0],
               "ratio_lower": ratios[1], "ratio_upper": ratios[2],
               "p_value": np.where(np.isnan(lower), np.nan, p_value), "note": note, "class": class_,
               "threshold": np.nan}
