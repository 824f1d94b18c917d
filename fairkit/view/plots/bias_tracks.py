"""Where a bias metric lies on its own range: a track from one end to the other with the fair value in the middle."""

import math
from dataclasses import dataclass

import numpy as np

from fairkit.bias.definitions import METRICS
from fairkit.view.plots.labels import MINUS

__all__ = ["Track", "tracks_of"]

_ENDS = {"-1": -1.0, "0": 0.0, "1": 1.0, "ln 2": math.log(2), "sqrt 2": math.sqrt(2), "-inf": -math.inf,
         "inf": math.inf, "(n - 1) / 2": math.inf}
_PARTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_DISPARATE_TOP = 2.0  # twice as often lies as far from fair as never


@dataclass(frozen=True)
class Track:
    """The part of a metric's range that is drawn: `low` at -1 (fair where nothing lies below), `high` at 1."""

    low: float
    fair: float
    high: float

    @property
    def start(self):
        """Where the track begins: at the fair value, 0, where that is the metric's bound."""
        return 0.0 if self.low == self.fair else -1.0

    @property
    def ends(self):
        """What stands at the two ends."""
        return _text(self.low), _text(self.high)

    def place(self, value):
        """Where a value is drawn, in [-1, 1]; an infinite one at the end."""
        if math.isnan(value):
            return math.nan
        side = self.high - self.fair if value >= self.fair else self.fair - self.low
        return 0.0 if side == 0 else float(np.clip((value - self.fair) / side, -1, 1))


def tracks_of(rows):
    """dict of short name -> `Track` of some rows of a `BiasReport`'s frame.

    Metrics with two bounds are drawn on the same part of their range, the smallest of 1, .5, .2, .1... that holds them
    all, so that their bars can be compared; CI, which is of sizes, on all of it. The others end at the next of 1, 2, 5,
    10... that holds them, or at that part.
    """
    rows = {row["metric"]: row for row in rows}
    bounds = {short: _bounds(short) for short in rows}
    reach = {short: _reach(row) for short, row in rows.items()}
    bounded = [reach[short] / (bounds[short][1] - METRICS[short].fair) for short in rows
               if math.isfinite(bounds[short][1]) and short != "CI"]
    part = next(part for part in _PARTS if part >= min(max(bounded, default=0), 1))
    return {short: _track(METRICS[short].fair, *bounds[short], reach[short],
                          1.0 if short == "CI" else part) for short in rows}


def _track(fair, low, high, reach, part):
    if fair == 1:
        return Track(0.0, 1.0, 1 + max(_DISPARATE_TOP - 1, _nice(reach)))
    end = part * (high - fair) if math.isfinite(high) else max(part, _nice(reach))
    return Track(fair if low == fair else fair - end, fair, fair + end)


def _bounds(short):
    low, high = METRICS[short].range.strip("[]()").split(", ") if short != "GE" else ("0", "inf")
    return _ENDS[low], _ENDS[high]


def _reach(row):
    """How far value and interval lie from the fair value, as far as they are finite."""
    found = [abs(row[name] - row["fair"]) for name in ("value", "lower", "upper") if math.isfinite(row[name])]
    return max(found, default=0.0)


def _nice(number):
    """The next of 1, 2, 5 times a power of ten; 0 for 0."""
    if number <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(number))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= number * (1 - 1e-9))


def _text(number):
    return f"{number:.3g}".replace("-", MINUS)
