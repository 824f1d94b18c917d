"""What each metric means, in words for a reader who sees it for the first time."""

__all__ = ["meaning", "spoken"]

_LOWER, _HIGHER = "Lower is better", "Higher is better"

_MEANING = {
    "false_positive_rate": ("the share of truly negative examples that are predicted positive", _LOWER),
    "false_negative_rate": ("the share of truly positive examples that are predicted negative", _LOWER),
    "true_positive_rate": ("the share of truly positive examples that are predicted positive", _HIGHER),
    "true_negative_rate": ("the share of truly negative examples that are predicted negative", _HIGHER),
    "positive_rate": ("the share of all examples that are predicted positive", None),
    "negative_rate": ("the share of all examples that are predicted negative", None),
    "false_discovery_rate": ("the share of positive predictions that are wrong", _LOWER),
    "false_omission_rate": ("the share of negative predictions that are wrong", _LOWER),
    "precision": ("the share of positive predictions that are right", _HIGHER),
    "recall": ("the share of truly positive examples that are found", _HIGHER),
    "accuracy": ("the share of examples that are predicted right", _HIGHER),
    "auc": ("how well the scores rank positive examples above negative ones: 1 is perfect, 0.5 is chance", _HIGHER),
    "example_count": ("the number of examples in each slice", None),
}


def spoken(metric):
    """A metric's name in words: "false positive rate" for `false_positive_rate`."""
    return "AUC" if metric == "auc" else metric.replace("_", " ")


def meaning(metric):
    """One short text: what the metric is, and whether a low or a high value is the good one."""
    what, better = _MEANING.get(metric, (None, None))
    return " ".join(part + "." for part in (what and what[0].upper() + what[1:], better) if part)
