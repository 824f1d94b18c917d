"""The confusion matrix of a slice."""

import numpy as np
import pandas as pd

from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["confusion_matrix"]


def confusion_matrix(evaluation, slice: str = "Overall", threshold: float | None = None) -> pd.DataFrame:
    """The confusion matrix of a slice: sums of weights by label (rows) and predicted class (columns).

    Args:
        evaluation: `Evaluation`.
        slice: the name of a slice, as in the evaluation's frame.
        threshold: of a binary score; None where there is only one. Without meaning for several classes, where the
            prediction is the class with the highest score.

    Raises:
        FairkitError: for a slice or threshold that this evaluation does not have.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={})
        >>> fairkit.evaluate([.2, .6, .3], examples, thresholds=[.5]).confusion().values.tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    names = [slice_name(key) for key in evaluation.keys]
    if slice not in names:
        raise FairkitError(f"this evaluation has no slice {quote(slice)}", nearest(slice, names), quote(slice))
    atoms = evaluation.members.mask(names.index(slice)).astype(float)
    if evaluation.classes is None:
        rate = _binary(evaluation, threshold).over(atoms)
        table = [[rate.tn[1], rate.fp[1]], [rate.fn[1], rate.tp[1]]]
    else:
        labels = evaluation.cells.confusion_keys[:, 1:]
        table = np.tensordot(atoms, evaluation.cells.confusion_by_atom(int(labels.max()) + 1)[..., 1], axes=1)
    frame = pd.DataFrame(table)
    frame.index.name, frame.columns.name = "label", "predicted"
    return frame


def _binary(evaluation, threshold):
    if threshold is None and len(evaluation.thresholds) > 1:
        raise FairkitError("this evaluation has several thresholds", f"one of {evaluation.thresholds}",
                           "threshold=None")
    (_, counts, _, _), = evaluation.counts_of("recall", evaluation.thresholds[0] if threshold is None else threshold)
    return counts
