"""A sweep's table: each candidate's gap and quality, means over seeds with their intervals."""

import numpy as np
import pandas as pd

from fairkit.errors import FairkitError, nearest, quote
from fairkit.remediation.sweeps.plan import CONTROL

__all__ = ["QUALITIES", "checked_quality", "front_of", "mean_over_seeds", "table_of"]

QUALITIES = ("auc", "accuracy")
ROW_COLUMNS = ("candidate", "seed", "gap", "slice", "class", "threshold_control", "threshold", "overall_control",
               "overall", "gap_unchanged", "auc", "accuracy", "seconds", "error")


def mean_over_seeds(values):
    """(mean, lower, upper): the mean of one value a seed, and its 95 % interval by Student's t.

    The interval speaks of the seeds alone: of how much the mean would move with other seeds, on the same training and
    validation examples. It is NaN for a single seed.

    Example:
        >>> from fairkit.remediation.sweeps.table import mean_over_seeds
        >>> [round(value, 4) for value in mean_over_seeds([0.1, 0.2, 0.3])]
        [0.2, -0.0484, 0.4484]
    """
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if not len(values):
        return np.nan, np.nan, np.nan
    mean = float(values.mean())
    if len(values) == 1:
        return mean, np.nan, np.nan
    from scipy.stats import t

    half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def table_of(candidates, rows):
    """A DataFrame with a row for each candidate, in their order.

    Args:
        candidates: `Candidate`s.
        rows: a DataFrame with `ROW_COLUMNS`: a row for each candidate and seed.

    Returns:
        Columns candidate, penalty, seeds (the number measured), failed (the number that failed), and, each with its
        interval in _lower and _upper: gap (at the matched threshold), gap_change (against the control of the same
        seed), gap_unchanged (at the control's threshold), auc_change and accuracy_change (likewise); the means auc and
        accuracy; note (why runs failed).
    """
    control = rows[rows["candidate"] == CONTROL].set_index("seed")
    return pd.DataFrame([_row(candidate, rows[rows["candidate"] == candidate.name].set_index("seed"), control)
                         for candidate in candidates])


def _row(candidate, own, control):
    done = own[own["error"] == ""]
    row = {"candidate": candidate.name, "penalty": candidate.penalty, "seeds": len(done),
           "failed": len(own) - len(done)}
    beside = control.reindex(done.index)
    for name, values, floor in (
            ("gap", done["gap"], 0), ("gap_change", done["gap"] - beside["gap"], -1),
            ("gap_unchanged", done["gap_unchanged"], 0), ("auc_change", done["auc"] - beside["auc"], -1),
            ("accuracy_change", done["accuracy"] - beside["accuracy"], -1)):
        mean, *ends = mean_over_seeds(values)
        lower, upper = np.clip(ends, floor, 1).tolist()  # none of these numbers can lie beyond
        row |= {name: mean, f"{name}_lower": lower, f"{name}_upper": upper}
    row |= {name: mean_over_seeds(done[name])[0] for name in QUALITIES}
    notes = {}
    for seed, error in own["error"].items():
        if error:
            notes.setdefault(error, []).append(str(seed))
    return row | {"note": "; ".join(f"seed{'s'[:len(seeds) - 1]} {', '.join(seeds)}: {error}"
                                    for error, seeds in notes.items())}


def front_of(table, quality="auc"):
    """The rows that no other row beats: none has a gap and a quality that are both as good, and one of them better.

    Means are compared, not intervals. Rows without a gap or a quality are left out; equal ones stay together.

    Args:
        table: a DataFrame with columns gap and `quality`.
        quality: "auc" or "accuracy".

    Returns:
        The rows in the order of their gap, the smallest first.
    """
    rows = table[table[["gap", checked_quality(quality)]].notna().all(axis=1)]
    rows = rows.iloc[np.lexsort([-rows[quality].to_numpy(), rows["gap"].to_numpy()])]
    kept, best, smallest = [], -np.inf, np.nan
    for place, (gap, value) in enumerate(zip(rows["gap"], rows[quality])):
        if value > best:
            kept, best, smallest = [*kept, place], value, gap
        elif value == best and gap == smallest:
            kept.append(place)
    return rows.iloc[kept].reset_index(drop=True)


def checked_quality(quality):
    """One of `QUALITIES`."""
    if quality not in QUALITIES:
        raise FairkitError(f"no quality {quote(quality)}", nearest(quality, QUALITIES), quote(quality))
    return quality
