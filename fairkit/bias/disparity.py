"""Conditional demographic disparity, in labels (CDDL) and in predictions (CDDPL).

Source: Wachter, Mittelstadt and Russell 2021 (West Virginia Law Review 123:735); the interval is MOVER over the shares
of all strata, at their observed sizes.
"""

import numpy as np

from fairkit.bias.found import Found, unknown
from fairkit.counts.intervals import linear, share

__all__ = ["disparity_in_labels", "disparity_in_predictions"]

_KIND = "MOVER over strata"


def disparity_in_labels(sides):
    """CDDL, (values,)."""
    if sides.strata is None:
        return unknown((len(sides.texts),), "undefined: no group variable is given (group=)", _KIND)
    return _disparity(sides, sides.labels[:, None])[0]


def disparity_in_predictions(sides):
    """CDDPL, (values, thresholds)."""
    thresholds = sides.counts.tp.shape[1]
    if sides.strata is None:
        return unknown((len(sides.texts), thresholds), "undefined: no group variable is given (group=)", _KIND)
    counts = sides.counts
    outcomes = np.stack([counts.tn + counts.fn, counts.tp + counts.fp], -2)
    found = _disparity(sides, outcomes)
    return Found(*(np.stack([getattr(one, name) for one in found], -1) for name in ("value", "lower", "upper", "note")),
                 _KIND)


def _disparity(sides, outcomes):
    """A list of `Found`, one a threshold, of (atoms, thresholds, 2, 3) moments of negative and positive outcomes."""
    found, tables = [], sides.sums(outcomes, sides.strata)
    for threshold in range(outcomes.shape[1]):
        # (values, strata, side, outcome, 3); the share of facet d is the second of the two sides
        table = np.moveaxis(tables[:, :, :, threshold], 0, 2)
        value, lower, upper, _, over = share(np.moveaxis(table, 2, -2))
        told = (over > 0).all(-1)
        size = np.where(told, over.sum(-1), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = size / size.sum(-1, keepdims=True)
        c = np.stack([part, -part], -1).reshape(len(part), -1)
        flat = [np.where(told[..., None], x, 0.0).reshape(len(part), -1) for x in (value, lower, upper)]
        total, low, high = linear(c, *flat)
        none = ~told.any(-1)
        total, low, high = (np.where(none, np.nan, x) for x in (total, low, high))
        found.append(Found(total, np.clip(low, -1, 1), np.clip(high, -1, 1),
                           _notes(sides, table, told, none), _KIND))
    return found


def _notes(sides, table, told, none):
    """What was left out, for each facet value."""
    members = table[..., 0].sum((-1, -2))
    ungrouped = int(sides.labels[sides.known & (sides.strata.codes < 0), :, 0].sum())
    notes = np.full(len(none), "", object)
    for place in range(len(none)):
        empty = members[place] > 0
        left = empty & ~told[place]
        said = [f"{int(left.sum())} of {int(empty.sum())} strata ({int(members[place][left].sum())} examples) left "
                "out: all outcomes are the same there"] if left.any() else []
        said += [f"{ungrouped} examples without a group left out"] if ungrouped else []
        notes[place] = "undefined: no stratum holds both outcomes" if none[place] else "; ".join(said)
    return notes
