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
        opposite: the same of the opposite rate, or None where there is none; then only unchanged thresholds are judged.

    Returns:
        A DataFrame; share_of_closing is the part of the gap's change that the better-served side's loss makes up.
    """
    better = compared_rate(metric).better
    if better is None:
        return pd.DataFrame(columns=COLUMNS)
    worse = 1 if better == "lower" else -1
    rows, others = _by_key(frame), {} if opposite is None else _by_key(opposite)
    found = []
    for key, row in rows.items():
        reference = rows.get((*key[:-1], row["reference"]))
        if reference is None or np.isnan(row["gap_change"]):
            continue
        closing = abs(row["gap_before"]) - abs(row["gap_after"])
        served = reference if worse * row["gap_before"] > 0 else row
        lost = worse * served["change"]
        if closing <= _ROUNDING or lost <= 0 or served["verdict"] != "worse":
            continue
        if np.isnan(row["threshold_before"]):
            why = f"its {metric} got worse"
        elif row["threshold_before"] == row["threshold_after"] and row["thresholds"] != "matched":
            why = f"its {metric} got worse at the unchanged threshold"
        else:
            other = others.get((*key[:-1], served["slice"]))
            if other is None or other["verdict"] != "worse":
                continue
            why = f"its {metric} and its {other['metric']} both got worse at the {row['thresholds']} thresholds"
        found.append({**{c: row[c] for c in COLUMNS if c in row}, "better_served": served["slice"], "why": why,
                      "share_of_closing": min(lost / abs(row["gap_change"]), 1.0)})
    return pd.DataFrame(found, columns=COLUMNS)


def _by_key(frame):
    keys = ["thresholds", "class", "threshold_before", "threshold_after", "slice"]
    return {tuple(None if row[k] != row[k] else row[k] for k in keys): row for row in frame.to_dict("records")}
