"""Rates: each is defined here and nowhere else, as numerator over denominator on counts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fairkit.counts.atom_sets import union_sums

__all__ = ["ACCURACY", "FAIRNESS_INDICATORS", "OTHER_NAMES", "OUTCOMES", "RATES", "Counts", "Rate"]

OUTCOMES = ("tp", "fp", "tn", "fn")


@dataclass(frozen=True)
class Counts:
    """Examples by outcome: arrays of any one shape whose last axis is (n, sum of weights, sum of squared weights)."""

    tp: np.ndarray
    fp: np.ndarray
    tn: np.ndarray
    fn: np.ndarray

    @property
    def all(self):
        return self.tp + self.fp + self.tn + self.fn

    def over(self, rows):
        """The counts of unions of the rows of the first axis; `rows` as `union_sums` takes them."""
        return Counts(*(union_sums(rows, getattr(self, outcome)) for outcome in OUTCOMES))

    def take(self, places):
        """The counts at positions of the first axis."""
        return Counts(*(getattr(self, outcome)[places] for outcome in OUTCOMES))

    def at(self, threshold):
        """The counts at one position of the threshold axis, which is the last but one."""
        return Counts(*(getattr(self, outcome)[..., threshold, :] for outcome in OUTCOMES))


@dataclass(frozen=True)
class Rate:
    """A share: what `numerator` counts among what `over` counts; both are sums of outcomes, possibly multiplied.

    Attributes:
        numerator: function of `Counts`.
        over: function of `Counts`, the denominator.
        better: "lower" or "higher", or None for a rate that is neither good nor bad in itself.
        among: who is in the denominator, in words.
        share: who of these is in the numerator, in words.
        opposite: the rate that usually pays when this one is improved.
    """

    numerator: Callable
    over: Callable
    better: str | None
    among: str
    share: str
    opposite: str | None = None

    @property
    def meaning(self):
        return f"{self.among} that are {self.share}"

    def indicators(self):
        """How often each of OUTCOMES counts in the numerator and in the denominator: two arrays (4,)."""
        units = Counts(*np.eye(len(OUTCOMES)))
        return np.asarray(self.numerator(units)), np.asarray(self.over(units))

    def examples(self, counts):
        """The number of examples in the denominator, each counted once: the counts' shape without the last axis."""
        over = self.indicators()[1]
        return sum(getattr(counts, outcome)[..., 0] for outcome, times in zip(OUTCOMES, over, strict=True) if times)


RATES = {
    "false_positive_rate": Rate(lambda c: c.fp, lambda c: c.fp + c.tn, "lower",
                                "negatives", "predicted positive", "false_negative_rate"),
    "false_negative_rate": Rate(lambda c: c.fn, lambda c: c.fn + c.tp, "lower",
                                "positives", "predicted negative", "false_positive_rate"),
    "true_positive_rate": Rate(lambda c: c.tp, lambda c: c.fn + c.tp, "higher",
                               "positives", "predicted positive", "true_negative_rate"),
    "true_negative_rate": Rate(lambda c: c.tn, lambda c: c.fp + c.tn, "higher",
                               "negatives", "predicted negative", "true_positive_rate"),
    "positive_rate": Rate(lambda c: c.tp + c.fp, lambda c: c.all, None, "examples", "predicted positive"),
    "negative_rate": Rate(lambda c: c.tn + c.fn, lambda c: c.all, None, "examples", "predicted negative"),
    "false_discovery_rate": Rate(lambda c: c.fp, lambda c: c.tp + c.fp, "lower",
                                 "predicted positives", "negative", "false_omission_rate"),
    "false_omission_rate": Rate(lambda c: c.fn, lambda c: c.tn + c.fn, "lower",
                                "predicted negatives", "positive", "false_discovery_rate"),
    "precision": Rate(lambda c: c.tp, lambda c: c.tp + c.fp, "higher", "predicted positives", "positive", "recall"),
    "recall": Rate(lambda c: c.tp, lambda c: c.fn + c.tp, "higher",
                   "positives", "predicted positive", "true_negative_rate"),
}
"""All rates at a threshold, under TFMA's names; first the ten Fairness Indicators."""

FAIRNESS_INDICATORS = tuple(RATES)

RATES["specificity"] = RATES["true_negative_rate"]
RATES["f1_score"] = Rate(lambda c: 2 * c.tp, lambda c: 2 * c.tp + c.fp + c.fn, "higher",
                         "positives, true or predicted", "both")

OTHER_NAMES = {
    **dict.fromkeys(("fpr", "fall_out", "fallout", "false_alarm_rate", "type_i_error", "type_1_error",
                     "false_positive_rate_parity", "predictive_equality"), "false_positive_rate"),
    **dict.fromkeys(("fnr", "miss_rate", "type_ii_error", "type_2_error"), "false_negative_rate"),
    **dict.fromkeys(("tpr", "sensitivity", "hit_rate", "equal_opportunity", "equal_opportunity_difference",
                     "recall_score"), "true_positive_rate recall"),
    **dict.fromkeys(("tnr", "selectivity"), "true_negative_rate specificity"),
    **dict.fromkeys(("selection_rate", "acceptance_rate", "predicted_positive_rate", "positive_prediction_rate",
                     "predicted_prevalence", "statistical_parity", "statistical_parity_difference",
                     "demographic_parity", "demographic_parity_difference", "demographic_parity_ratio",
                     "disparate_impact", "disparate_impact_ratio", "independence"), "positive_rate"),
    "rejection_rate": "negative_rate",
    **dict.fromkeys(("equalized_odds", "equalised_odds", "equalized_odds_difference", "average_odds_difference",
                     "separation"), "true_positive_rate false_positive_rate"),
    **dict.fromkeys(("ppv", "positive_predictive_value", "precision_score", "predictive_parity", "sufficiency"),
                    "precision"),
    "fdr": "false_discovery_rate",
    "for": "false_omission_rate",
    **dict.fromkeys(("npv", "negative_predictive_value"), "1 - false_omission_rate"),
    **dict.fromkeys(("f1", "f_score", "f_measure", "f1score", "dice"), "f1_score"),
    **dict.fromkeys(("acc", "accuracy_score", "overall_accuracy", "binary_accuracy"), "accuracy"),
    **dict.fromkeys(("error_rate", "misclassification_rate", "zero_one_loss"), "1 - accuracy"),
    **dict.fromkeys(("auroc", "roc_auc", "auc_roc", "roc_auc_score", "c_statistic"), "auc"),
    **dict.fromkeys(("prevalence", "base_rate"), "mean_label"),
}
"""What others call a metric -> its name here: of scikit-learn, fairlearn, AIF360 and the literature; several where it
is about several, "1 - " before a metric that counts the others. A parity or difference is the gap of its rate."""

ACCURACY = Rate(lambda c: c.tp + c.tn, lambda c: c.all, "higher", "examples", "predicted rightly")
"""At threshold .5 for binary scores, of the top-1 prediction for several classes."""
