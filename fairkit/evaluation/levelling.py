"""Levelling down: gaps that closed because the better-served side got worse."""

import numpy as np
import pandas as pd

from fairkit.evaluation.specs import checked_metric

__all__ = ["levelling_down"]

COLUMNS = ["thresholds", "class", "metric", "threshold_before", "threshold_after", "slice", "reference",
           "better_served", "why", "share_of_closing"]


def levelling_down(metric, frame, opposite):
    """The findings of levelling down, a row each; empty where there are none.

    At equal overall rate the better-served of two groups always gets worse when a gap closes, so that alone is no
    finding. It is one when that group is worse on both error rates at the matched thresholds (the opposite rate with
    an interval that excludes 0), or when at unchanged thresholds its rate got worse with an interval that excludes 0.

    Args:
        metric: the rate's name.
        frame: `Comparison.frame` of the metric.
        opposite: the same of the opposite rate, or None.

    Returns:
        A DataFrame; share_of_closing is the part of the gap's closing that the better-served side's loss makes up.
    """
    better = checked_metric(metric).better
    if better is None or opposite is None:
        return pd.DataFrame(columns=COLUMNS)
    worse = 1 if better == "lower" else -1
    opposite_worse = 1 if checked_metric(opposite["metric"].iloc[0]).better == "lower" else -1
    keys = ["thresholds", "class", "threshold_before", "slice"]
    rows = {tuple(row[k] for k in keys): row for row in frame.to_dict("records")}
    others = {tuple(row[k] for k in keys): row for row in opposite.to_dict("records")}
    found = []
    for key, row in rows.items():
        reference = rows.get((*key[:3], row["reference"]))
        if row["reference"] in (None, "Overall") or reference is None or np.isnan(row["gap_change"]):
            continue
        closing = abs(row["gap_before"]) - abs(row["gap_after"])
        served = reference if worse * row["gap_before"] > 0 else row
        lost = worse * served["change"]
        if closing <= 0 or lost <= 0:
            continue
        if row["thresholds"] == "unchanged":
            finding, why = _is_worse(served, worse), f"its {metric} got worse at the unchanged threshold"
        else:
            other = others[(*key[:3], served["slice"])]
            finding = _is_worse(served, worse) and _is_worse(other, opposite_worse)
            why = f"its {metric} and its {other['metric']} both got worse at the matched thresholds"
        if finding:
            found.append({**{c: row[c] for c in COLUMNS if c in row}, "better_served": served["slice"], "why": why,
                          "share_of_closing": min(lost / closing, 1.0)})
    return pd.DataFrame(found, columns=COLUMNS)


def _is_worse(row, direction):
    return row["change_lower"] > 0 if direction > 0 else row["change_upper"] < 0
