"""The confusion matrix of a slice."""

import numpy as np
import pandas as pd

from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.tfma_names import slice_name

__all__ = ["confusion_matrix"]


def confusion_matrix(evaluation, name, threshold):
    """A DataFrame of sums of weights by label and predicted class; see `Evaluation.confusion`."""
    names = [slice_name(key) for key in evaluation.keys]
    if name not in names:
        raise FairkitError(f"this evaluation has no slice {name!r}", nearest(name, names), repr(name))
    atoms = evaluation.matrix[names.index(name)].astype(float)
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
        raise FairkitError("this evaluation has several thresholds", f"one of {evaluation.thresholds}", "threshold=None")
    (_, counts, _, _), = evaluation.counts_of("recall", evaluation.thresholds[0] if threshold is None else threshold)
    return counts
