"""Levelling down: gaps that closed because the better-served side got worse."""

import numpy as np
import pandas as pd

from fairkit.evaluation.specs import compared_rate

__all__ = ["levelling_down"]

COLUMNS = ["thresholds", "class", "metric", "threshold_before", "threshold_after", "slice", "reference",
           "better_served", "why", "share_of_closing"]
_ROUNDING = 1e-12  # a gap that did not change differs from itself by that much where it is reached in two ways


def levelling_down(metric, frame, opposite):
    """The findings of levelling down, a row each; empty where there are none.

    At equal overall rate the better-served of two groups always gets worse when a gap closes, so that alone is no
    finding. It is one when that group is worse on both error rates at the matched (or given) thresholds, or when at
    one and the same threshold, or without any, its rate got worse; worse always means by an interval that excludes 0.
    The better-served side may be the slice, its reference, or overall.

    Args:
        metric: the rate's name.
        frame: `Comparison.frame` of the metric.
        opposite: the same of the opposite rate, row by row the same slices, or None where there is none; then only
            unchanged thresholds are judged.

    Returns:
        A DataFrame; share_of_closing is the part of the gap's change that the better-served side's loss makes up.
    """
    better = compared_rate(metric).better
    if better is None:
        return pd.DataFrame(columns=COLUMNS)
    worse = 1 if better == "lower" else -1
    references = _references(frame)
    gap, moved = frame["gap_before"].to_numpy(), frame["gap_change"].to_numpy()
    served = np.where(worse * gap > 0, references, np.arange(len(frame)))  # rows of the better-served side
    lost, verdict = worse * frame["change"].to_numpy()[served], frame["verdict"].to_numpy(object)
    closing = np.abs(gap) - np.abs(frame["gap_after"].to_numpy())
    first, second = (frame[column].to_numpy(float) for column in ("threshold_before", "threshold_after"))
    without, unchanged = np.isnan(first), (first == second) & (frame["thresholds"] != "matched").to_numpy()
    both = np.zeros(len(frame), bool) if opposite is None else opposite["verdict"].to_numpy(object)[served] == "worse"
    found = np.flatnonzero((references >= 0) & ~np.isnan(moved) & (closing > _ROUNDING) & (lost > 0)
                           & (verdict[served] == "worse") & (without | unchanged | both))
    rows, name = frame.iloc[found], None if opposite is None else opposite["metric"].iat[0]
    why = np.where(without, f"its {metric} got worse", f"its {metric} got worse at the unchanged threshold")[found]
    told = why.astype(object)
    for kind in rows["thresholds"].unique():
        told[~(without | unchanged)[found] & (rows["thresholds"] == kind).to_numpy()] = \
            f"its {metric} and its {name} both got worse at the {kind} thresholds"
    return rows.reindex(columns=COLUMNS).assign(
        better_served=frame["slice"].to_numpy(object)[served[found]], why=told,
        share_of_closing=np.minimum(lost[found] / np.abs(moved[found]), 1.0)).reset_index(drop=True)


def _references(frame):
    """For each row the row of its reference at the same thresholds and class, (n,); -1 where there is none."""
    names = pd.Index(frame["slice"].unique())
    own, reference = names.get_indexer(frame["slice"]), names.get_indexer(frame["reference"])
    at = frame.groupby(["thresholds", "class", "threshold_before", "threshold_after"], dropna=False).ngroup().to_numpy()
    rows = np.full((at.max(initial=-1) + 1, len(names) + 1), -1)
    rows[at, own] = np.arange(len(frame))
    return rows[at, reference]  # the last column, at -1, is of no slice
