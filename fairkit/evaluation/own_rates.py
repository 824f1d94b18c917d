"""Rates of the user's own."""

from collections.abc import Callable

import numpy as np

from fairkit.counts.rates import OUTCOMES, RATES, Counts, Rate
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.specs import metric_names

__all__ = ["add_rate"]


def add_rate(name: str, numerator: Callable, over: Callable, better: str | None = None) -> None:
    """Adds a rate; tables, intervals, gaps, checks and comparisons made from then on have it at every threshold.

    Args:
        name: a name that no metric has yet, a valid Python identifier.
        numerator, over: functions of counts with the attributes tp, fp, tn, fn (and all, their sum) that give a sum
            of these, each possibly multiplied by a constant. No outcome counts more often in the numerator than in
            the denominator, so that the rate lies in [0, 1].
        better: "lower" or "higher"; None for a rate that is neither good nor bad in itself.

    Raises:
        FairkitError: for a name that is taken or no identifier, functions that are no such sums, another `better`.

    Example:
        >>> import fairkit
        >>> fairkit.add_rate("jaccard", lambda c: c.tp, lambda c: c.tp + c.fp + c.fn, better="higher")
        >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={})
        >>> evaluation = fairkit.evaluate([.7, .6, .9], examples, thresholds=[.5])
        >>> round(evaluation.value("jaccard", threshold=.5), 3)
        0.667
        >>> del fairkit.RATES["jaccard"]
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise FairkitError("a rate has no proper name", "an identifier such as 'jaccard'", quote(name))
    if name in metric_names():
        free = "another name, or del fairkit.RATES[name] before" if name in RATES else "another name"
        raise FairkitError(f"there is a metric {quote(name)} already", free, quote(name))
    if better not in ("lower", "higher", None):
        raise FairkitError(f"the rate {quote(name)} has no such direction", "'lower', 'higher' or None", quote(better))
    top, bottom = _multiples(name, "numerator", numerator), _multiples(name, "over", over)
    if not bottom.any() or (top < 0).any() or (top > bottom).any():
        raise FairkitError(f"the rate {quote(name)} does not lie in [0, 1]",
                           "each outcome at most as often in the numerator as in the denominator",
                           f"numerator {_shown(top)}; denominator {_shown(bottom)}")
    RATES[str(name)] = Rate(numerator, over, better, f"examples that {name} is over", f"counted by {name}")


def _multiples(name, part, function):
    """How often each outcome counts in what a function of counts gives: (4,)."""
    wrong = FairkitError(f"the {part} of rate {quote(name)} is no sum of counts", "such as lambda c: c.tp + 2 * c.fp",
                         quote(function))
    rng = np.random.default_rng(0)
    others = rng.integers(1, 100, (len(OUTCOMES), 7)).astype(float)
    try:
        units = np.asarray(function(Counts(*np.eye(len(OUTCOMES)))), float)
        values = np.asarray(function(Counts(*others)), float)
    except Exception as error:
        raise wrong from error
    if units.shape != (len(OUTCOMES),) or values.shape != (7,) or not np.allclose(units @ others, values):
        raise wrong
    return units


def _shown(multiples):
    return ", ".join(f"{times:g} {outcome}" for times, outcome in zip(multiples, OUTCOMES, strict=True) if times)
