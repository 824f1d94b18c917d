"""Fitting one threshold for each group, from cells alone."""

import math
from collections.abc import Sequence

import numpy as np

from fairkit.arguments import is_number
from fairkit.counts.cells import Cells
from fairkit.counts.rates import RATES, Counts
from fairkit.counts.sparse_sums import MOMENTS
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.specs import checked_metric, checked_min_examples
from fairkit.groups import group_names
from fairkit.predictions import Predictions
from fairkit.remediation.group_thresholds import GroupThresholds
from fairkit.remediation.group_thresholds_achieved import Fitted, accuracy_of, achieved, group_name, without_groups
from fairkit.remediation.group_thresholds_counts import at_each_threshold, at_thresholds, score_counts
from fairkit.remediation.group_thresholds_optimum import Options, cheapest

__all__ = ["fit_group_thresholds"]


def fit_group_thresholds(evaluation: Evaluation | Cells | Predictions, by: str | Sequence[str],
                         rate: str = "false_positive_rate", tolerance: float = 0.01, *, level: float | None = None,
                         class_id: int | None = None, min_examples: int = 30, false_positive_cost: float = 1.0,
                         false_negative_cost: float = 1.0) -> GroupThresholds:
    """One threshold for each group, so that a rate is equal within a tolerance at the least cost in accuracy.

    Fit it on validation examples: neither on those that the model was trained on, whose scores are too good, nor on
    those that it is judged on. See `GroupThresholds` for what deciding by group may mean in law.

    Groups must be disjoint, so only examples with exactly one value in each column of `by` are in a group. All others,
    and groups with too few examples, have one overall threshold, at which their common rate is that of the groups, so
    that this is the rate of all decisions, too. Where these others are too few themselves, it is the threshold at which
    the rate of all examples would be the common one. Their shares are in the result and in its text.

    The method is that of Hardt, Price and Srebro (2016, "Equality of opportunity in supervised learning") without
    randomised decisions. The choice is the exact optimum over all thresholds that tell two scores of a group apart (in
    the middle between the two), by the algorithm of `fairkit.remediation.group_thresholds_optimum.cheapest`: of all
    choices whose rates lie within `tolerance` of one common rate, the one with the least weighted number of wrong
    decisions. The overall threshold is chosen together with the others.

    Args:
        evaluation: an `Evaluation` that is sliced by the columns of `by` or holds its predictions, its `Cells`, or
            `Predictions`. From the rows only score buckets by group and label are taken; an evaluation that has neither
            these buckets nor its predictions knows the scores at its own thresholds only, and these are the candidates.
        by: a group column, or a list of these, whose crosses are the groups then.
        rate: the rate to make equal; one whose denominator does not depend on the threshold, such as
            "false_positive_rate", "true_positive_rate" or "positive_rate".
        tolerance: how far a group's rate may lie from the common one; two groups differ by at most twice this.
        level: the common rate, such as the overall rate at the present threshold; None takes the one that costs least,
            which can be far from the present one. A group that has no threshold within the tolerance of a given level
            gets the one nearest to it, and the result says so: rates of n examples come in steps of 1 / n, and all
            examples with one score change sides together.
        class_id: the class of a softmax model that is judged against the rest; needed where there are several.
        min_examples: groups with fewer examples in the rate's denominator get the overall threshold, since little is
            known of their rate. From 1 / (2 tolerance) examples with distinct scores on, every level can be reached.
        false_positive_cost, false_negative_cost: what one wrong decision of each kind costs; where they are alike, the
            accuracy is what counts.

    Returns:
        `GroupThresholds`.

    Raises:
        FairkitError: for a column, rate or class that is not there, numbers out of range, fewer than two groups with
            enough examples, or candidates of which no choice is equal within the tolerance.

    Example:
        >>> import fairkit, numpy as np
        >>> rng = np.random.default_rng(0)
        >>> labels, color = rng.integers(0, 2, 2000), rng.choice(["blue", "orange"], 2000)
        >>> scores = np.clip(0.3 + 0.3 * labels + 0.2 * (color == "orange") + rng.normal(0, 0.1, 2000), 0, 1)
        >>> validation = fairkit.evaluate(scores, fairkit.Examples(labels=labels, groups={"color": color}), ["color"])
        >>> fitted = fairkit.remediation.fit_group_thresholds(validation, by="color")
        >>> {color: round(threshold, 2) for color, threshold in fitted.thresholds.items()}
        {'blue': 0.47, 'orange': 0.65}
        >>> round(fitted.one_threshold["accuracy"], 2), round(fitted.accuracy, 2)
        (0.85, 0.94)
    """
    by = tuple(group_names(by))
    measure = _fixed(rate)
    for name, value, limit in (("tolerance", tolerance, 1), ("false_positive_cost", false_positive_cost, math.inf),
                               ("false_negative_cost", false_negative_cost, math.inf), ("level", level, 1)):
        _check_number(name, value, limit)
    counted, class_id = score_counts(evaluation, by, class_id)
    parts = counted.parts()
    options = _Options(counted, measure, false_positive_cost, false_negative_cost)
    groups = _large_enough(counted, measure, max(checked_min_examples(min_examples), 1))
    everyone = np.ones(len(counted.groups), bool)
    rest = everyone & ~np.any([parts[group] for group in groups], axis=0)
    choices = [options.of(parts[group]) for group in groups]
    # Few others tell too little of their own rate: at their threshold everybody's would be the common one.
    overall = options.of(rest)
    if options.examples(rest) < max(min_examples, 1) or not len(overall.rates):
        overall = options.of(everyone, rest)
    picks, found = cheapest([*choices, overall] if rest.any() else choices, tolerance, level)
    if picks is None:
        raise FairkitError("no choice of these thresholds makes the rate equal", "a larger tolerance, or an evaluation "
                           "that knows the scores between its thresholds", f"tolerance {tolerance:g}")
    if not rest.any():  # nobody has it yet
        picks += cheapest([overall], tolerance, found)[0]
    thresholds = [float(each.thresholds[at]) for each, at in zip([*choices, overall], picks)]
    single = options.of(everyone)
    one_threshold = float(single.thresholds[cheapest([single], tolerance, level)[0][0]])
    fitted = Fitted(counted, measure, dict(zip(groups, thresholds)), thresholds[-1], found, float(tolerance))
    decided, one = fitted.decided(), fitted.decided_by_one(one_threshold)
    return GroupThresholds(by, rate, float(tolerance), found, class_id,
                           {group_name(group): threshold for group, threshold in fitted.thresholds.items()},
                           fitted.overall, achieved(fitted, decided, one, max(min_examples, 1)), accuracy_of(decided),
                           without_groups(fitted, one_threshold, one))


class _Options:
    """The `Options` that thresholds between the scores of some examples are."""

    def __init__(self, counted, rate, false_positive_cost, false_negative_cost):
        self.counted, self.rate = counted, rate
        self.costs = false_positive_cost, false_negative_cost

    def examples(self, whose):
        """How many of some examples, (atoms,) booleans, are in the denominator of the rate."""
        rows = whose[self.counted.atoms]
        positives, negatives = (self.counted.moments[rows & (self.counted.positive == side), :].sum(axis=0)
                                for side in (True, False))
        none = np.zeros(MOMENTS)
        return self.rate.examples(Counts(tp=none, fp=none, tn=negatives, fn=positives))

    def of(self, whose, paid_by=None):
        """The rate is theirs, the cost that of `paid_by`; (atoms,) booleans both."""
        thresholds, counts = at_each_threshold(self.counted, whose)
        paid = counts if paid_by is None else at_each_threshold(self.counted, whose, paid_by)[1]
        with np.errstate(invalid="ignore"):
            rates = self.rate.numerator(counts)[:, 1] / self.rate.over(counts)[:, 1]
        return Options.of(rates, self.costs[0] * paid.fp[:, 1] + self.costs[1] * paid.fn[:, 1], thresholds)


def _large_enough(counted, rate, least):
    """The groups with so many examples in the denominator of the rate, some of which weigh something."""
    decided = at_thresholds(counted, dict.fromkeys(counted.parts(), 1.0))
    counts = {group: found for group, found in decided.items() if isinstance(group, tuple)}
    groups = [group for group, found in counts.items() if rate.examples(found) >= least and rate.over(found)[1] > 0]
    if len(groups) < 2:
        sizes = ", ".join(f"{group_name(group)}: {rate.examples(found):.0f}" for group, found in counts.items())
        raise FairkitError("there are fewer than two groups to make equal", f"two groups with {least} or more "
                           f"{rate.among}", sizes or "no example with one value")
    return groups


def _fixed(name):
    """The `Rate` of a name, with a denominator that no threshold changes."""
    rate = checked_metric(name)
    if not _is_fixed(rate):
        raise FairkitError(f"{name} is a share of what is predicted, so its denominator changes with the threshold",
                           " or ".join(quote(each) for each in RATES if _is_fixed(RATES[each])), quote(name))
    return rate


def _is_fixed(rate):
    tp, fp, tn, fn = rate.indicators()[1]
    return bool(tp == fn and fp == tn)


def _check_number(name, value, limit):
    if value is None and name == "level":
        return
    if not is_number(value) or not 0 <= value <= limit or not math.isfinite(value):
        raise FairkitError(f"{name} is out of range", f"a number from 0 to {limit}" if limit == 1 else "0 or above",
                           quote(value))
