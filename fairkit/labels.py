"""Labels as class ids: one reading for evaluation, remediation and whatever else needs a class of each example."""

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["class_ids"]


def class_ids(labels, classes=None):
    """(n,) integers: 0 and 1 for a binary task (classes None), 0 to classes - 1 otherwise.

    Args:
        labels: (n,) array as `Examples.labels` is: integers, truth values and whole floats are class ids.
        classes: how many the model tells apart; None for one output.

    Raises:
        FairkitError: for a label that is missing, not a whole number or not a class; the message quotes it and its row.

    Example:
        >>> import numpy as np
        >>> from fairkit.labels import class_ids
        >>> class_ids(np.array([True, False])), class_ids(np.array([2.0, 0.0]), 3)
        (array([1, 0], dtype=int8), array([2, 0], dtype=int8))
    """
    limit = 2 if classes is None else classes
    expected = "0 and 1 for a model with one output" if classes is None else \
        f"class ids from 0 to {classes - 1} for a model with {classes} outputs"
    if labels.dtype.kind not in "biuf" or not _all_whole(labels):
        row = next((k for k, label in enumerate(labels.tolist()) if not _is_whole(label)), 0)
        raise FairkitError("the labels are no class ids", expected, f"{quote(labels[row])} in row {row}")
    if len(labels) and (labels.min() < 0 or labels.max() >= limit):
        row = int(np.flatnonzero((labels < 0) | (labels >= limit))[0])
        raise FairkitError("a label is no class of the model", expected, f"{labels[row]} in row {row}")
    return labels if labels.dtype.kind in "iu" else labels.astype(np.int8 if limit <= 127 else np.int64)


def _all_whole(labels):
    return labels.dtype.kind != "f" or bool((np.isfinite(labels) & (labels == np.floor(labels))).all())


def _is_whole(label):
    return isinstance(label, (bool, int)) or (isinstance(label, float) and label.is_integer())
