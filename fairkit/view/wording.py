"""What each metric means, in words for a reader who sees it for the first time."""

from fairkit.counts.rates import ACCURACY, RATES

__all__ = ["meaning", "spoken"]

_OTHERS = {
    "auc": ("how well the scores rank positive examples above negative ones: 1 is perfect, 0.5 is chance", "higher"),
    "example_count": ("the number of examples in each slice", None),
}


def spoken(metric):
    """A metric's name in words: "false positive rate" for `false_positive_rate`."""
    return "AUC" if metric == "auc" else metric.replace("_", " ")


def meaning(metric):
    """One short text: what the metric is, and whether a low or a high value is the good one.

    Example:
        >>> meaning("false_positive_rate")
        'The share of negatives that are predicted positive. Lower is better.'
    """
    rate = {**RATES, "accuracy": ACCURACY}.get(metric)
    what, better = (f"the share of {rate.meaning}", rate.better) if rate else _OTHERS.get(metric, (None, None))
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in (what, better and f"{better} is better") if part)
