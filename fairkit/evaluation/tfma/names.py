"""The names that TFMA and its Fairness Indicators board give to slices and metrics."""

import functools
from collections import Counter

from fairkit.errors import FairkitError, quote

__all__ = ["ACCURACY_NAMES", "PREFIX", "metric_key", "parse_metric_key", "printed_alike", "printed_digits"]

PREFIX = "fairness_indicators_metrics/"

# What TFMA calls accuracy: its default for multi-class models (the name fairkit writes), then the names of the
# metrics BinaryAccuracy, SparseCategoricalAccuracy and CategoricalAccuracy when no other name is given to them.
ACCURACY_NAMES = ("accuracy", "binary_accuracy", "sparse_categorical_accuracy", "categorical_accuracy")


def metric_key(metric, threshold=None, thresholds=()):
    """TFMA's name of a metric; with a threshold, the name that its FairnessIndicators metric gives to that rate.

    Args:
        metric: the short name, such as "false_positive_rate", "auc", "accuracy" or "example_count".
        threshold: in [0, 1], or None for a metric that has no threshold.
        thresholds: all thresholds of the evaluation; each is printed with as many digits as the longest of them.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.tfma.names import metric_key
        >>> metric_key("false_positive_rate", 0.1, [0.1, 0.25])
        'fairness_indicators_metrics/false_positive_rate@0.10'
        >>> metric_key("auc")
        'auc'
    """
    if threshold is None:
        return metric
    texts, digits = _printed(tuple(thresholds))
    if float(threshold) not in texts:
        digits = printed_digits([threshold, *thresholds])
    return f"{PREFIX}{metric}@{float(threshold):.{digits}f}"


def parse_metric_key(key, thresholds=()):
    """The short name and the threshold (or None) of a metric that TFMA named.

    Args:
        key: the name, as `metric_key` gives it.
        thresholds: the thresholds of the evaluation: the one that TFMA prints this way is returned. Without them
            the threshold is the number as it was printed, which may have lost digits.

    Raises:
        FairkitError: if what follows the @ is no number.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.tfma.names import parse_metric_key
        >>> parse_metric_key("fairness_indicators_metrics/false_positive_rate@0.10")
        ('false_positive_rate', 0.1)
    """
    if not key.startswith(PREFIX) or "@" not in key:
        return ("accuracy" if key in ACCURACY_NAMES else key), None
    metric, _, printed = key[len(PREFIX):].rpartition("@")
    texts, _ = _printed(tuple(thresholds))
    if printed in texts:
        return metric, texts[printed]
    try:
        return metric, float(printed)
    except ValueError:
        raise FairkitError("a metric's name ends in no threshold", f"a name such as {quote(metric_key('recall', 0.5))}",
                           quote(key)) from None


@functools.lru_cache(maxsize=64)
def _printed(thresholds):
    """(dict of threshold -> its text and of text -> threshold, the number of digits) of thresholds, for many keys."""
    digits, texts = printed_digits(thresholds) if thresholds else 1, {}
    for threshold in map(float, thresholds):
        text = f"{threshold:.{digits}f}"
        texts.setdefault(threshold, text)
        texts.setdefault(text, threshold)
    return texts, digits


def printed_digits(thresholds):
    """How many decimals are printed of each of these thresholds: as many as TFMA prints, or more.

    More only where TFMA would give two thresholds one name (`printed_alike`): digits are added until no two share one.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.tfma.names import printed_digits
        >>> printed_digits([0.5]), printed_digits([0.5, 0.125]), printed_digits([0.00001, 0.00002])
        (1, 3, 5)
    """
    digits = _tfma_digits(thresholds)
    while _alike(thresholds, digits):
        digits += 1
    return digits


def printed_alike(thresholds):
    """The thresholds to which TFMA would give one name, so that the last would overwrite the others; [] if none.

    TFMA counts the characters after "0." in Python's text of a threshold. Where that text has an exponent (1e-05),
    the count is too small.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.tfma.names import printed_alike
        >>> printed_alike([0.5, 0.00001, 0.00002])
        [1e-05, 2e-05]
    """
    return _alike(thresholds, _tfma_digits(thresholds))


def _tfma_digits(thresholds):
    return max([1, *(len(str(float(threshold))) - 2 for threshold in thresholds)])


def _alike(thresholds, digits):
    distinct = {float(threshold) for threshold in thresholds}
    texts = Counter(f"{threshold:.{digits}f}" for threshold in distinct)
    return sorted(threshold for threshold in distinct if texts[f"{threshold:.{digits}f}"] > 1)
