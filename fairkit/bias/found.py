"""What is found of a metric: its values and how sure they are."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Found", "difference", "unknown"]


@dataclass(frozen=True)
class Found:
    """A metric for each facet value, (values,), or for each facet value and threshold, (values, thresholds).

    Attributes:
        value: NaN where it is undefined.
        lower, upper: its 95 % interval; NaN where there is none.
        note: object array of texts: why a value or an interval is missing, and what was left out.
        kind: how the interval was made.
        p_value: of a test that the value is the fair one; None where there is none.
        test: the names of these tests, object array.
        judged: whether the interval can tell a fair value from an unfair one.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    note: np.ndarray
    kind: str
    p_value: np.ndarray | None = None
    test: np.ndarray | None = None
    judged: bool = True

    def excludes(self, fair):
        """Whether the fair value is ruled out: 1, 0, or NaN where that cannot be told."""
        if self.p_value is not None:
            return np.where(np.isnan(self.p_value), np.nan, self.p_value < 0.05)
        known = ~(np.isnan(self.lower) | np.isnan(self.upper)) & self.judged
        return np.where(known, (self.lower > fair) | (self.upper < fair), np.nan)


def unknown(shape, why, kind=""):
    """A `Found` without values."""
    none = np.full(shape, np.nan)
    return Found(none, none, none, np.full(shape, why, object), kind)


def difference(first, second):
    """First minus second, of independent (value, lower, upper), by MOVER: (value, lower, upper).

    Infinite values give infinite differences without an interval, and none where both are.
    """
    from fairkit.counts.intervals import linear

    values, lowers, uppers = (np.stack(np.broadcast_arrays(x, y), -1) for x, y in zip(first, second, strict=True))
    with np.errstate(invalid="ignore"):
        infinite = np.isinf(values).any(-1)
        value, lower, upper = linear([1, -1], values, lowers, uppers)
        value = np.where(infinite, values[..., 0] - values[..., 1], value)
    return value, np.where(infinite, np.nan, lower), np.where(infinite, np.nan, upper)
