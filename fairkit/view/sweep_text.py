"""A sweep and the choice from it, for a terminal."""

import math

import numpy as np

from fairkit.view.text import aligned_table, interval, plain
from fairkit.view.wording import spoken

__all__ = ["choice_text", "front_text", "sweep_text"]


def sweep_text(sweep):
    """How the gap is measured, then a table of all candidates with their intervals, then what failed."""
    table, seeds = sweep.table, sweep.seeds
    grid = [["candidate", "gap", "at the control's threshold", "AUC", "change", "accuracy", "change"]]
    for row in table.itertuples(index=False):
        grid.append([row.candidate, interval(row.gap, row.gap_lower, row.gap_upper, 3, plain),
                     plain(row.gap_unchanged), plain(row.auc),
                     interval(row.auc_change, row.auc_change_lower, row.auc_change_upper, 4), plain(row.accuracy),
                     interval(row.accuracy_change, row.accuracy_change_lower, row.accuracy_change_upper, 4)])
    means = f"means of {len(seeds)} seeds with 95 % intervals over seeds" if len(seeds) > 1 else "one seed"
    notes = [f"  {row.candidate}: {row.note}" for row in table.itertuples(index=False) if row.note]
    return "\n".join([_gap_text(sweep), f"on the validation split; {means}", *aligned_table(grid),
                      *(["failed:"] if notes else []), *notes])


def front_text(sweep, quality="auc"):
    """The candidates that no other beats in both gap and quality."""
    rows = sweep.front(quality)
    lines = [f"  {row.candidate}: gap {row.gap:.3f}, {spoken(quality)} {getattr(row, quality):.4f}"
             for row in rows.itertuples(index=False)]
    return "\n".join([f"not beaten in both gap and {spoken(quality)} (means):", *(lines or ["  none"])])


def choice_text(choice):
    """The chosen candidate with its figures against the limits; or that none meets them, and the nearest."""
    limits = " and ".join([*([f"a gap of at most {choice.max_gap:g}"] if choice.max_gap is not None else []),
                           *([f"a loss of {spoken(choice.quality)} of at most {choice.max_quality_loss:g}"]
                             if choice.max_quality_loss is not None else [])])
    how = "with its interval" if choice.intervals else "by its mean alone"
    beside = f"not judged (failed, or without a gap): {', '.join(choice.not_judged)}" if choice.not_judged else None
    if choice.nearest is None:
        return "\n".join([f"no candidate could be judged against {limits}", *([beside] if beside else [])])
    head = f"chosen: {choice.name}, the mildest candidate that has {limits}, {how}" if choice else \
        f"none: no candidate has {limits}, {how}; the nearest is {choice.nearest}"
    row, change = choice.row, f"{choice.quality}_change"
    gap = interval(row["gap"], row["gap_lower"], row["gap_upper"], 4, plain)
    quality = interval(row[change], row[f"{change}_lower"], row[f"{change}_upper"], 4)
    lines = [f"  gap {gap}{_beyond(choice.gap_excess)}",
             f"  change of {spoken(choice.quality)} {quality}{_beyond(choice.quality_excess)}"]
    return "\n".join([head, *lines, *([beside] if beside else [])])


def _beyond(excess):
    # Enough digits that an excess never reads 0.
    digits = 4 if excess >= 0.00005 else 1 - math.floor(math.log10(excess)) if excess > 0 else 0
    return f", {excess:.{digits}f} beyond the limit" if excess > 0 else ""


def _gap_text(sweep):
    gap, rows = sweep.gap, sweep.rows
    against = "overall" if not gap.reference else ", ".join(f"{k}:{v}" for k, v in gap.reference.items())
    rates = rows["overall_control"].dropna()
    at = f"threshold {0.5 if gap.threshold is None else gap.threshold:g} of the control" if gap.overall_rate is None \
        else f"an overall rate of {gap.overall_rate:g}"
    matched = f" (overall {np.mean(rates):.4f})" if len(rates) and gap.overall_rate is None else ""
    return f"largest gap of the {spoken(gap.metric)} against {against}, at {at}{matched}, matched for the others"
