"""The tidy table of an evaluation: a row for each slice, class, metric and threshold."""

import numpy as np
import pandas as pd

from fairkit.counts.auc_intervals import LEAST, area_interval
from fairkit.counts.intervals import calibration, estimate, mean_score, share
from fairkit.counts.rates import ACCURACY, RATES
from fairkit.counts.slices import slice_name

__all__ = ["BINARY_ACCURACY_THRESHOLD", "COLUMNS", "tidy", "too_few"]

COLUMNS = ("slice", "class", "metric", "threshold", "value", "lower", "upper", "numerator", "denominator", "examples",
           "note")
BINARY_ACCURACY_THRESHOLD = 0.5
_NUMBERS = ("threshold", "value", "lower", "upper", "numerator", "denominator")


def tidy(evaluation):
    """The frame of an evaluation from its cells and areas."""
    names = np.array([slice_name(key) for key in evaluation.keys], object)
    totals = evaluation.members.sums(evaluation.cells.totals_by_atom())
    blocks = [block for block in _blocks(evaluation, totals) if block["metric"] in evaluation.metrics]
    rows = len(names), sum(_width(block) for block in blocks)
    columns = {"slice": np.repeat(names, rows[1])}
    for column in ("class", "metric", *_NUMBERS, "note"):
        stacked = np.empty(rows, float if column in _NUMBERS else object)
        at = 0
        for block in blocks:
            stacked[:, at:at + _width(block)] = block.get(column, np.nan if column in _NUMBERS else "")
            at += _width(block)
        columns[column] = stacked.reshape(-1)
    columns["examples"] = np.repeat(totals[:, 0].astype(np.int64), rows[1])
    return pd.DataFrame({column: columns[column] for column in COLUMNS}, copy=False)


def too_few(note, examples, among, least):
    """The note "too few" where a denominator holds fewer examples than asked for and nothing else is said."""
    few = (examples < least) & (examples > 0) & (note == "")
    numbers, which = np.unique(examples[few], return_inverse=True)
    said = [f"too few {among}: {number:.0f}, at least {least} asked for" for number in numbers]
    note[few] = np.array(said, object)[which.reshape(-1)]
    return note


def _width(block):
    value = block["value"]
    return value.shape[1] if value.ndim == 2 else 1


def _blocks(evaluation, totals):
    """The columns of each metric, (slices, thresholds) arrays; (slices, 1) for a metric without thresholds."""
    cells, members = evaluation.cells, evaluation.members
    yield {"class": None, "metric": "example_count", "value": totals[:, :1]}
    if evaluation.weighted:
        yield {"class": None, "metric": "weighted_example_count", "value": totals[:, 1:2]}
    yield {"class": None, "metric": "accuracy", **_accuracy(cells, members, evaluation.min_examples)}
    at = [cells.thresholds.tolist().index(threshold) for threshold in evaluation.thresholds]
    for class_id in cells.classes:
        if "auc" in evaluation.metrics:
            yield {"class": class_id, "metric": "auc", **_auc(evaluation, class_id)}
        for metric, columns in _scores(cells, members, class_id, evaluation.min_examples).items():
            yield {"class": class_id, "metric": metric, **columns}
        counts = cells.by_atom(class_id).over(members)
        counts = type(counts)(*(outcome[:, at] for outcome in (counts.tp, counts.fp, counts.tn, counts.fn)))
        for name, rate in RATES.items():
            if name in evaluation.metrics:
                yield {"class": class_id, "metric": name, "threshold": np.array(evaluation.thresholds),
                       **_rate(rate, counts, evaluation.min_examples)}


def _rate(rate, counts, least):
    value, lower, upper, numerator, denominator = estimate(rate, counts)
    note = np.where(denominator > 0, "", f"undefined: no {rate.among} in this slice").astype(object)
    return {"value": value, "lower": lower, "upper": upper, "numerator": numerator, "denominator": denominator,
            "note": too_few(note, rate.examples(counts), rate.among, least)}


def _accuracy(cells, members, least):
    if cells.classes == (None,):
        at = cells.thresholds.tolist().index(BINARY_ACCURACY_THRESHOLD)
        counts = cells.by_atom(None).over(members)
        return _rate(ACCURACY, type(counts)(*(outcome[:, at:at + 1] for outcome in (
            counts.tp, counts.fp, counts.tn, counts.fn))), least)
    return _rate(ACCURACY, cells.top1_by_atom().over(members), least)


def _auc(evaluation, class_id):
    areas = evaluation.areas.of(evaluation.keys, evaluation.members, class_id)
    value, variance, positives, negatives, bound, *sizes = np.array(
        [(a.value, a.variance, a.positives, a.negatives, a.bound, a.positive_size, a.negative_size) for a in areas]).T
    lower, upper = area_interval(value, variance, *sizes)
    note = np.select([positives <= 0, negatives <= 0, np.isnan(lower)],
                     ["undefined: no positives in this slice", "undefined: no negatives in this slice",
                      f"no interval: it needs {LEAST} positives and {LEAST} negatives (effective, with weights)"],
                     "").astype(object)
    for place in np.flatnonzero((bound > 0) & (note == "")):
        note[place] = f"from score buckets: within {bound[place]:.2g} of the exact area"
    return {name: column[:, None] for name, column in (
        ("value", value), ("lower", lower), ("upper", upper), ("note", note))}


def _scores(cells, members, class_id, least):
    """Mean label, mean prediction, and the second over the first."""
    labels, scores = (members.sums(table) for table in (cells.labels_by_atom(class_id),
                                                        cells.scores_by_atom(class_id)))
    n, w = labels[..., 0].sum(-1), labels[..., 1]
    scored = scores[..., 0].sum(-1)
    columns = {}
    for metric, found, numerator, denominator, among in (
            ("mean_label", share(labels)[:3], w[:, 1], w.sum(-1), "examples"),
            ("mean_prediction", mean_score(labels.sum(-2), scores.sum(-2)), scored, w.sum(-1), "examples"),
            ("calibration", calibration(labels, scores), scored, w[:, 1], "positives")):
        note = np.where(denominator > 0, "", f"undefined: no {among} in this slice").astype(object)
        columns[metric] = {**dict(zip(("value", "lower", "upper"), found, strict=True)), "numerator": numerator,
                           "denominator": denominator, "note": too_few(note, n, "examples", least)}
    return {metric: {name: column[:, None] for name, column in found.items()} for metric, found in columns.items()}
