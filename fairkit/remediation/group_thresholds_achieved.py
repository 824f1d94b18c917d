"""What group thresholds give, group by group, beside what a single threshold gives."""

import math
from dataclasses import dataclass

import pandas as pd

from fairkit.counts.intervals import estimate
from fairkit.counts.rates import ACCURACY, OUTCOMES, Counts, Rate
from fairkit.remediation.group_thresholds_counts import ScoreCounts, at_thresholds

__all__ = ["Fitted", "accuracy_of", "achieved", "group_name", "without_groups"]


@dataclass(frozen=True)
class Fitted:
    """The choice that was made, and what it was made on.

    Attributes:
        counted: `ScoreCounts`.
        rate: `Rate`.
        thresholds: dict of group, a tuple of texts -> threshold.
        overall: the threshold of all other examples.
        level, tolerance: of the rate.
    """

    counted: ScoreCounts
    rate: Rate
    thresholds: dict
    overall: float
    level: float
    tolerance: float

    def decided(self):
        """dict of part -> `Counts` of the decisions."""
        return at_thresholds(self.counted, {part: self.thresholds.get(part, self.overall)
                                            for part in self.counted.parts()})

    def decided_by_one(self, threshold):
        """The same where everybody has one threshold."""
        return at_thresholds(self.counted, dict.fromkeys(self.counted.parts(), threshold))


def accuracy_of(decided):
    """The accuracy of all decisions, from a dict of part -> `Counts`."""
    return float(estimate(ACCURACY, _sum(decided))[0])


def achieved(fitted, decided, one, min_examples):
    """The DataFrame that `GroupThresholds.achieved` is; `decided` and `one` are what `Fitted` gives."""
    kinds = {part: part if isinstance(part, str) else "group" if part in fitted.thresholds else "too few"
             for part in decided}
    order = sorted(decided, key=lambda part: [isinstance(part, str), kinds[part] == "too few"])
    rows = [_row(fitted, kinds[part], part, decided[part], one[part], min_examples) for part in order]
    rows.append(_row(fitted, "overall", None, _sum(decided), _sum(one), min_examples))
    table = pd.DataFrame(rows)
    table.insert(table.columns.get_loc("reached"), "share", table["examples"] / rows[-1]["examples"])
    return table


def without_groups(fitted, threshold, one):
    """What one threshold for all gives: a dict of its value, the accuracy, the lowest and highest rate of a group."""
    rates = [float(estimate(fitted.rate, one[group])[0]) for group in fitted.thresholds]
    return {"threshold": threshold, "accuracy": accuracy_of(one), "lowest": min(rates), "highest": max(rates)}


def group_name(group):
    """How a tuple of value texts is shown: the text alone where there is one column."""
    return group[0] if len(group) == 1 else group


def _row(fitted, kind, part, counts, one, min_examples):
    value, lower, upper = (float(found) for found in estimate(fitted.rate, counts)[:3])
    among = int(fitted.rate.examples(counts))
    reached = bool(abs(value - fitted.level) <= fitted.tolerance + 1e-9) if kind == "group" else None
    note = ""
    if kind == "too few":
        note = f"too few {fitted.rate.among}: {among}, at least {min_examples} asked for"
    elif reached is False:
        note = f"no threshold gives a rate nearer to {fitted.level:.4g}"
    return {"kind": kind, "group": group_name(part) if isinstance(part, tuple) else kind,
            "threshold": math.nan if kind == "overall" else fitted.thresholds.get(part, fitted.overall),
            "rate": value, "lower": lower, "upper": upper,
            "one_threshold_rate": float(estimate(fitted.rate, one)[0]), "among": among,
            "examples": int(counts.all[0]), "reached": reached, "note": note}


def _sum(decided):
    return Counts(*(sum(getattr(counts, outcome) for counts in decided.values()) for outcome in OUTCOMES))
