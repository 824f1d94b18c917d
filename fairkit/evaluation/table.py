"""The tidy table of an evaluation: a row for each slice, class, metric and threshold."""

import numpy as np
import pandas as pd

from fairkit.counts.auc import area, auc_interval, covariance
from fairkit.counts.intervals import estimate
from fairkit.counts.rates import ACCURACY, RATES
from fairkit.evaluation.tfma_names import slice_name

__all__ = ["BINARY_ACCURACY_THRESHOLD", "COLUMNS", "auc_table", "one_against_rest", "tidy"]

COLUMNS = ("slice", "class", "metric", "threshold", "value", "lower", "upper", "numerator", "denominator", "examples",
           "note")
BINARY_ACCURACY_THRESHOLD = 0.5


def auc_table(predictions, codes, keys, matrix, classes):
    """(slice key, class) -> (exact area, DeLong's variance, sums of the positives' and the negatives' weights)."""
    table = {}
    for class_id in classes:
        scores, positive = one_against_rest(predictions, class_id)
        for key, atoms in zip(keys, matrix, strict=True):
            rows = slice(None) if atoms.all() else atoms[codes]
            weights = None if predictions.weights is None else predictions.weights[rows]
            auc = area(positive[rows], scores[rows], weights)
            table[key, class_id] = (auc.value, covariance(auc, auc), auc.positives, auc.negatives)
    return table


def one_against_rest(predictions, class_id):
    """(scores, positive): the scores of one class, (n,), and which examples are of it."""
    if class_id is None:
        return predictions.scores, predictions.labels == 1
    return predictions.scores[:, class_id], predictions.labels == class_id


def tidy(evaluation):
    """The frame of an evaluation from its cells and areas."""
    cells, keys, matrix = evaluation.cells, evaluation.keys, evaluation.matrix
    names = np.array([slice_name(key) for key in keys], object)
    totals = matrix.astype(float) @ cells.totals_by_atom()
    examples = totals[:, 0]
    columns = {"slice": names, "class": None, "threshold": np.nan, "lower": np.nan, "upper": np.nan,
               "numerator": np.nan, "denominator": np.nan, "examples": examples, "note": ""}
    blocks = [{**columns, "metric": "example_count", "value": examples}]
    if evaluation.weighted:
        blocks.append({**columns, "metric": "weighted_example_count", "value": totals[:, 1]})
    blocks.append(_accuracy(cells, matrix, columns))
    at = [int(np.flatnonzero(cells.thresholds == threshold)[0]) for threshold in evaluation.thresholds]
    for class_id in cells.classes:
        blocks.append({**columns, **_auc(evaluation.areas, keys, class_id)})
        counts = cells.by_atom(class_id).over(matrix)
        for name, rate in RATES.items():
            for threshold, position in zip(evaluation.thresholds, at, strict=True):
                blocks.append({**columns, "class": class_id, "metric": name, "threshold": threshold,
                               **_rate(rate, counts.at(position))})
    frame = pd.DataFrame({column: _stacked(blocks, column, len(names)) for column in COLUMNS})
    order = np.argsort(np.tile(np.arange(len(names)), len(blocks)), kind="stable")
    return frame.iloc[order].astype({"examples": np.int64}).reset_index(drop=True)


def _stacked(blocks, column, rows):
    """One column of all blocks; texts and classes stay objects, so that None and class ids stay what they are."""
    stacked = np.empty((len(blocks), rows), object if column in ("slice", "class", "metric", "note") else float)
    for i, block in enumerate(blocks):
        stacked[i] = block[column]
    return stacked.reshape(-1)


def _rate(rate, counts):
    value, lower, upper, numerator, denominator = estimate(rate, counts)
    note = np.where(denominator > 0, "", f"undefined: no {rate.among} in this slice")
    return {"value": value, "lower": lower, "upper": upper, "numerator": numerator, "denominator": denominator,
            "note": note}


def _accuracy(cells, matrix, columns):
    if cells.classes == (None,):
        position = int(np.flatnonzero(cells.thresholds == BINARY_ACCURACY_THRESHOLD)[0])
        counts = cells.by_atom(None).over(matrix).at(position)
    else:
        counts = cells.top1_by_atom().over(matrix).at(0)
    return {**columns, "metric": "accuracy", **_rate(ACCURACY, counts)}


def _auc(areas, keys, class_id):
    value, variance, positives, negatives = np.array([areas[key, class_id] for key in keys]).T
    lower, upper = auc_interval(value, variance)
    note = np.select([positives <= 0, negatives <= 0, np.isnan(lower)],
                     ["undefined: no positives in this slice", "undefined: no negatives in this slice",
                      "no interval: DeLong's variance is 0 or unknown here"], "")
    return {"class": class_id, "metric": "auc", "value": value, "lower": lower, "upper": upper, "note": note}
