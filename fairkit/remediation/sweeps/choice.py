"""The mildest candidate of a sweep that meets limits, or how near the best came."""

import math
from dataclasses import dataclass, field

import numpy as np

from fairkit.arguments import is_number
from fairkit.errors import FairkitError, quote
from fairkit.remediation.sweeps.table import checked_quality

__all__ = ["Choice", "checked_limits", "choose"]


@dataclass(frozen=True)
class Choice:
    """What `Sweep.choose` answers; print it to read it, and test it for whether a candidate meets the limits.

    Attributes:
        name: the mildest candidate that meets the limits; None if none does.
        nearest: the candidate that comes nearest to the limits; `name` if there is one.
        row: dict: the row of `nearest` in the sweep's table; None where no candidate could be judged.
        max_gap, max_quality_loss, quality, intervals: what was asked.
        gap_excess, quality_excess: how far `nearest` lies beyond each limit; 0 within it.
        not_judged: the names of candidates that failed for a seed, or whose gap is undefined.
    """

    name: str | None
    nearest: str | None
    row: dict | None = field(repr=False)
    max_gap: float | None
    max_quality_loss: float | None
    quality: str
    intervals: bool
    gap_excess: float = 0.0
    quality_excess: float = 0.0
    not_judged: tuple = ()

    def __bool__(self):
        return self.name is not None

    def __str__(self):
        from fairkit.view.sweep_text import choice_text

        return choice_text(self)


def choose(table, candidates, max_gap=None, max_quality_loss=None, quality="auc", intervals=True):
    """The `Choice` from a sweep's table; see `Sweep.choose`.

    Args:
        table: as `table_of` gives it.
        candidates: its `Candidate`s.
    """
    loss = f"{checked_quality(quality)}_change"
    limits = checked_limits(max_gap=max_gap, max_quality_loss=max_quality_loss)
    columns = ("gap_upper", f"{loss}_lower") if intervals else ("gap", loss)
    if intervals and table["seeds"].max() == 1:
        raise FairkitError("one seed gives no interval", "a sweep with two seeds or more, or intervals=False to choose "
                           "by the single values", "1 seed")
    asked = (*limits, quality, bool(intervals))
    by_name = {candidate.name: candidate for candidate in candidates}
    judged, not_judged = [], []
    for row in table.to_dict("records"):
        worst = [row[column] for column, limit in zip(columns, limits) if limit is not None]
        if row["failed"] or not row["seeds"] or np.isnan(worst).any():
            not_judged.append(row["candidate"])
            continue
        excess = _excess(row[columns[0]], limits[0]), _excess(-row[columns[1]], limits[1])
        candidate = by_name[row["candidate"]]
        mildness = (*candidate.mildness, -row[loss], candidate.position)
        judged.append((max(excess) > 0, max(excess), mildness, excess, row))
    if not judged:
        return Choice(None, None, None, *asked, math.nan, math.nan, tuple(not_judged))
    met = [entry for entry in judged if not entry[0]]
    *_, excess, row = min(met, key=lambda e: e[2]) if met else min(judged, key=lambda e: (e[1], sum(e[3]), e[2]))
    return Choice(row["candidate"] if met else None, row["candidate"], row, *asked, *excess, tuple(not_judged))


def _excess(value, limit):
    # Rounding of a mean is no excess.
    return 0.0 if limit is None or value <= limit + 1e-12 else value - limit


def checked_limits(**limits):
    """The limits of a choice, as floats or None; `FairkitError` for what limits nothing."""
    for name, value in limits.items():
        if value is not None and (not is_number(value) or not 0 <= value <= 1):
            raise FairkitError(f"{name} is no limit", "a number from 0 to 1, or None for no limit", quote(value))
    if all(value is None for value in limits.values()):
        raise FairkitError("nothing limits the choice", "max_gap, max_quality_loss, or both", "neither")
    return tuple(None if value is None else float(value) for value in limits.values())
