"""The 21 bias metrics: name, formula, range, fair value and what a positive value means, each here and nowhere else.

Names, formulas and signs are those of SageMaker Clarify (PyPI smclarify 0.5).
"""

import re
from dataclasses import dataclass

from fairkit.errors import FairkitError, nearest, quote

__all__ = ["ALIASES", "COUNTED", "DISTANCES", "METRICS", "OTHER_NAMES", "POST_TRAINING", "PRE_TRAINING", "Metric",
           "chosen_metrics", "markdown_table"]


@dataclass(frozen=True)
class Metric:
    """One bias metric.

    Attributes:
        short: its short name, as in Clarify's reports.
        name: its name.
        stage: "pre_training" (of labels) or "post_training" (of predictions).
        formula: in the terms of `fairkit.bias.definitions`: n counts examples, of facet a (everybody else) or d (the
            facet value that is named), of label 1 (positive) or 0; ^ marks predictions.
        positive: what a value above the fair one means.
        range: where it lies.
        fair: the value of a fair outcome.
        negative: what a value below the fair one means; "" where there is none.
        needs: what it is made of: "counts" of labels and predictions, "strata" (counts by a group variable), or "rows".
    """

    short: str
    name: str
    stage: str
    formula: str
    positive: str
    range: str
    fair: float = 0.0
    negative: str = ""
    needs: str = "counts"

    @property
    def title(self):
        """The name with the short name in brackets, as Clarify writes it."""
        return f"{self.name} ({self.short})"


_PRE, _POST = "pre_training", "post_training"
_UNIT, _LINE = "[-1, 1]", "(-inf, inf)"

METRICS = {metric.short: metric for metric in (
    Metric("CI", "Class Imbalance", _PRE, "(n_a - n_d) / (n_a + n_d)", "d is under-represented", _UNIT,
           negative="d is over-represented"),
    Metric("DPL", "Difference in Positive Proportions in Labels", _PRE, "n_a1 / n_a - n_d1 / n_d",
           "a is labelled positive more often", _UNIT,
           negative="d is labelled positive more often"),
    Metric("KL", "Kullback-Leibler Divergence", _PRE, "sum_y P_a(y) ln(P_a(y) / P_d(y))",
           "the label distributions differ", "[0, inf)"),
    Metric("JS", "Jensen-Shannon Divergence", _PRE, "(KL(P_a, P) + KL(P_d, P)) / 2, P = (P_a + P_d) / 2",
           "the label distributions differ", "[0, ln 2]"),
    Metric("LP", "L-p Norm", _PRE, "(sum_y |P_a(y) - P_d(y)|^2)^(1/2)", "the label distributions differ",
           "[0, sqrt 2]"),
    Metric("TVD", "Total Variation Distance", _PRE, "sum_y |P_a(y) - P_d(y)| / 2", "the label distributions differ",
           "[0, 1]"),
    Metric("KS", "Kolmogorov-Smirnov Distance", _PRE, "max_y |P_a(y) - P_d(y)|", "the label distributions differ",
           "[0, 1]"),
    Metric("CDDL", "Conditional Demographic Disparity in Labels", _PRE,
           "sum_i n_i DD_i / n, DD_i = n_d0i / n_0i - n_d1i / n_1i in stratum i",
           "within strata, d is a larger share of the negative than of the positive labels", _UNIT,
           negative="within strata, d is a larger share of the positive than of the negative labels", needs="strata"),
    Metric("DPPL", "Difference in Positive Proportions in Predicted Labels", _POST, "n^_a1 / n_a - n^_d1 / n_d",
           "a is predicted positive more often", _UNIT,
           negative="d is predicted positive more often"),
    Metric("DI", "Disparate Impact", _POST, "(n^_d1 / n_d) / (n^_a1 / n_a)",
           "d is predicted positive more often", "[0, inf)", 1.0,
           negative="a is predicted positive more often"),
    Metric("DCA", "Difference in Conditional Acceptance", _POST, "c_a - c_d, c = n_1 / n^_1",
           "a has more positive labels for each positive prediction than d", _LINE,
           negative="d has more positive labels for each positive prediction than a"),
    Metric("DCR", "Difference in Conditional Rejection", _POST, "r_d - r_a, r = n_0 / n^_0",
           "d has more negative labels for each negative prediction than a", _LINE,
           negative="a has more negative labels for each negative prediction than d"),
    Metric("RD", "Recall Difference", _POST, "TP_a / (TP_a + FN_a) - TP_d / (TP_d + FN_d)", "recall is higher for a",
           _UNIT,
           negative="recall is higher for d"),
    Metric("SD", "Specificity Difference", _POST, "TN_d / (TN_d + FP_d) - TN_a / (TN_a + FP_a)",
           "specificity is higher for d", _UNIT,
           negative="specificity is higher for a"),
    Metric("DAR", "Difference in Acceptance Rates", _POST, "TP_a / n^_a1 - TP_d / n^_d1", "precision is higher for a",
           _UNIT,
           negative="precision is higher for d"),
    Metric("DRR", "Difference in Rejection Rates", _POST, "TN_d / n^_d0 - TN_a / n^_a0",
           "negative predictions are right more often for d", _UNIT,
           negative="negative predictions are right more often for a"),
    Metric("AD", "Accuracy Difference", _POST, "(TP_a + TN_a) / n_a - (TP_d + TN_d) / n_d",
           "predictions are right more often for a", _UNIT,
           negative="predictions are right more often for d"),
    Metric("TE", "Treatment Equality", _POST, "FN_d / FP_d - FN_a / FP_a",
           "d has more false negatives for each false positive than a", _LINE,
           negative="a has more false negatives for each false positive than d"),
    Metric("CDDPL", "Conditional Demographic Disparity in Predicted Labels", _POST,
           "sum_i n_i DD_i / n, DD_i = n^_d0i / n^_0i - n^_d1i / n^_1i in stratum i",
           "within strata, d is a larger share of the negative than of the positive predictions", _UNIT,
           negative="within strata, d is a larger share of the positive than of the negative predictions",
           needs="strata"),
    Metric("FT", "Counterfactual Flip Test", _POST,
           "(F+ - F-) / n_d; F+: members of d predicted 1 whose nearest neighbours in a are predicted 0, F-: the "
           "reverse", "d is predicted positive where like members of a are not", _UNIT,
           negative="d is predicted negative where like members of a are not", needs="rows"),
    Metric("GE", "Generalized Entropy", _POST, "sum((b_i / mean b)^2 - 1) / (2 n), b_i = y^_i - y_i + 1",
           "predictions benefit examples unequally", "[0, (n - 1) / 2]"),
)}
"""All metrics by short name, those before training first."""

PRE_TRAINING = tuple(short for short, metric in METRICS.items() if metric.stage == _PRE)
POST_TRAINING = tuple(short for short, metric in METRICS.items() if metric.stage == _POST)
DISTANCES = ("KL", "JS", "LP", "TVD", "KS")
COUNTED = tuple(short for short, metric in METRICS.items() if metric.needs != "rows")
ALIASES = {"DCAcc": "DCA", "DCACC": "DCA"}
OTHER_NAMES = {
    **{re.sub(r"[\s-]+", "_", metric.name.lower()): short for short, metric in METRICS.items()},
    **dict.fromkeys(("statistical_parity", "statistical_parity_difference", "demographic_parity", "selection_rate",
                     "demographic_parity_difference", "acceptance_rate", "positive_rate", "independence"), "DPPL"),
    **dict.fromkeys(("demographic_parity_ratio", "disparate_impact_ratio", "four_fifths_rule", "80_percent_rule"),
                    "DI"),
    **dict.fromkeys(("equal_opportunity", "equal_opportunity_difference", "true_positive_rate", "tpr", "recall",
                     "sensitivity"), "RD"),
    **dict.fromkeys(("true_negative_rate", "tnr", "specificity", "false_positive_rate", "fpr", "predictive_equality"),
                    "SD"),
    **dict.fromkeys(("equalized_odds", "equalised_odds", "equalized_odds_difference", "separation"), "RD SD"),
    **dict.fromkeys(("predictive_parity", "precision", "ppv", "positive_predictive_value"), "DAR"),
    **dict.fromkeys(("npv", "negative_predictive_value"), "DRR"),
    **dict.fromkeys(("accuracy", "overall_accuracy_equality"), "AD"),
}
"""What others call a metric, in lower case with underscores -> its short name; several where it is about several."""
_SETS = {"all": tuple(METRICS), "pre_training": PRE_TRAINING, "post_training": POST_TRAINING, "counts": COUNTED}


def chosen_metrics(methods):
    """The short names that `methods` means, in the order of `METRICS`.

    Args:
        methods: "all", "pre_training", "post_training", "counts" (all but FT, which looks at rows), a short name, or a
            list of these. DCA may be called DCAcc.

    Example:
        >>> from fairkit.bias.definitions import chosen_metrics
        >>> chosen_metrics(["DI", "CI", "DCAcc"])
        ('CI', 'DI', 'DCA')
    """
    wanted, found = [methods] if isinstance(methods, str) else methods, set()
    if not isinstance(wanted, (list, tuple)) or not wanted:
        raise FairkitError("methods name no metric", f"'all', or a list of {', '.join(METRICS)}", quote(methods))
    for name in wanted:
        if name in _SETS:
            found.update(_SETS[name])
        elif ALIASES.get(name, name) in METRICS:
            found.add(ALIASES.get(name, name))
        else:
            raise FairkitError(f"no bias metric {quote(name)}", nearest(name, [*METRICS, *_SETS], 30, OTHER_NAMES),
                               quote(name))
    return tuple(short for short in METRICS if short in found)


def markdown_table():
    """The definitions as a Markdown table, which docs/bias.md holds."""
    lines = ["| metric | formula | above its fair value means | range | fair |", "|---|---|---|---|---|"]
    for stage, title in ((_PRE, "**before training**"), (_POST, "**after training**")):
        lines.append(f"| {title} | | | | |")
        for metric in METRICS.values():
            if metric.stage == stage:
                formula = metric.formula.replace("|", "\\|")
                lines.append(f"| {metric.short}: {metric.name} | `{formula}` | {metric.positive} | {metric.range} | "
                             f"{metric.fair:g} |")
    return "\n".join(lines)
