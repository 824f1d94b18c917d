"""The cheapest choice of one threshold for each group at which a rate is equal within a tolerance."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Options", "cheapest"]

_SLACK = 1e-12   # of rates: .31 - .01 and .3 are not the same floating-point number
_TIES = 1000     # equally cheap choices of which the tightest is looked for


@dataclass(frozen=True)
class Options:
    """What the thresholds of one group give: arrays of one length, rates ascending and distinct.

    Attributes:
        rates: the rate at each threshold.
        costs: what the decisions at it cost.
        thresholds: in [0, 1].
    """

    rates: np.ndarray
    costs: np.ndarray
    thresholds: np.ndarray

    @classmethod
    def of(cls, rates, costs, thresholds):
        """Of the thresholds with the same rate the cheapest, of equally cheap ones the highest; NaN rates go."""
        known = np.flatnonzero(~np.isnan(rates))
        order = known[np.lexsort((-thresholds[known], costs[known], rates[known]))]
        first = np.ones(len(order), bool)
        first[1:] = rates[order][1:] != rates[order][:-1]
        kept = order[first]
        return cls(rates[kept], costs[kept], thresholds[kept])

    def between(self, low, high):
        """Positions [start, end) of the rates from `low` to `high`, both included."""
        return np.searchsorted(self.rates, low - _SLACK), np.searchsorted(self.rates, high + _SLACK, side="right")

    def pick(self, start, end, level):
        """The position of the cheapest in [start, end); among equally cheap ones that nearest to `level`."""
        costs = self.costs[start:end]
        cheap = start + np.flatnonzero(costs <= _least(costs))
        away = np.abs(self.rates[cheap] - level)
        near = cheap[away <= away.min() + _SLACK]
        return int(near[np.argmax(self.thresholds[near])])


def cheapest(options, tolerance, level=None):
    """One threshold of each group, so that every rate lies within `tolerance` of one level, at the least total cost.

    With a level each group is on its own. Without one, all choices whose rates lie within `tolerance` of any level are
    those whose rates lie within a window of width 2 x tolerance, and such a window may be taken to begin at the lowest
    rate chosen. So the windows that begin at any rate of any group are gone through; in each the least cost of every
    group is looked up in a table of minima over ranges, and the window with the least sum wins. That is the exact
    optimum, in O(N log N) for N thresholds in all.

    Args:
        options: a list of `Options`, one a group, none empty.
        tolerance: 0 or above.
        level: a rate, or None for the one at which the total cost is least.

    Returns:
        (positions, level): for each group a position in its options; the level is the given one, or the middle between
        the lowest and the highest rate chosen. A group that has no rate near enough to a given level gets the nearest.
        (None, None) where no level is given and there is none that every group comes near enough to.

    Example:
        >>> import numpy as np
        >>> a = Options.of(np.array([0.0, 0.2, 0.4]), np.array([3, 1, 2]), np.array([1, 0.6, 0.5]))
        >>> b = Options.of(np.array([0.0, 0.3, 0.5]), np.array([4, 2, 0]), np.array([1, 0.7, 0.3]))
        >>> positions, level = cheapest([a, b], tolerance=0.05)
        >>> positions, round(level, 2)
        ([2, 2], 0.45)
    """
    if level is not None:
        return [_pick_near(each, level, tolerance) for each in options], float(level)
    starts = np.unique(np.concatenate([each.rates for each in options]))
    total = np.zeros(len(starts))
    for each in options:
        total += _range_minima(each.costs, *each.between(starts, starts + 2 * tolerance))
    if not np.isfinite(total.min()):
        return None, None
    tied = np.flatnonzero(total <= _least(total))
    tied = tied[np.unique(np.linspace(0, len(tied) - 1, min(len(tied), _TIES)).astype(int))]
    return min((_in_window(options, starts[at], tolerance) for at in tied), key=lambda found: found[0])[1:]


def _least(costs):
    """The least cost, and what adding up in another order may make of it."""
    return costs.min() + 1e-9 * abs(costs.min())


def _pick_near(each, level, tolerance):
    start, end = each.between(level - tolerance, level + tolerance)
    if start == end:
        away = np.abs(each.rates - level).min() + _SLACK
        start, end = each.between(level - away, level + away)
    return each.pick(start, end, level)


def _in_window(options, start, tolerance):
    """(how far the rates lie apart, positions, level) of the cheapest choice in one window."""
    picks = [each.pick(*each.between(start, start + 2 * tolerance), start + tolerance) for each in options]
    rates = [each.rates[at] for each, at in zip(options, picks)]
    return max(rates) - min(rates), picks, float(max(rates) + min(rates)) / 2


def _range_minima(values, starts, ends):
    """The minimum of values[start:end] for arrays of starts and ends; infinite where that is empty."""
    lengths = ends - starts
    power = np.where(lengths > 0, np.frexp(np.maximum(lengths, 1))[1] - 1, -1)  # of two, the largest that fits
    minima = np.full(len(starts), np.inf)
    table, step = np.asarray(values, float), 1
    for exponent in range(int(power.max(initial=-1)) + 1):
        here = power == exponent
        minima[here] = np.minimum(table[starts[here]], table[ends[here] - step])
        table = np.minimum(table[:-step], table[step:]) if len(table) > step else table
        step *= 2
    return minima
