"""The numbers of a plot of rates by slice: of one evaluation, of several side by side, or of a comparison."""

from dataclasses import dataclass

import numpy as np

from fairkit.counts.intervals import estimate
from fairkit.counts.rates import RATES
from fairkit.counts.significance import sums_of
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.compared_rows import meant_thresholds
from fairkit.evaluation.comparison import Comparison
from fairkit.evaluation.specs import checked_metric
from fairkit.evaluation.table import too_few
from fairkit.view.plots.labels import MINUS, rate_of
from fairkit.view.plots.wanted import checked_names, rows_at, the_metric
from fairkit.view.wording import spoken

__all__ = ["SHOWN", "Result", "as_errors", "matched_rows", "results_of"]

SHOWN = ("rate", "error")


@dataclass(frozen=True)
class Result:
    """What one model has at one threshold.

    Attributes:
        name: of the model.
        metric: the metric's name.
        threshold: or NaN.
        class_id: or None.
        rows: dict of slice key -> dict of value, lower, upper, numerator, denominator, examples, note.
    """

    name: str
    metric: str
    threshold: float
    class_id: int | None
    rows: dict


def results_of(what, metric=None, threshold=None, class_id=None, thresholds="matched", names=None):
    """(list of `Result`, how the thresholds were paired or None) of evaluations, or of one comparison."""
    if len(what) == 1 and isinstance(what[0], Comparison):
        comparison = what[0]
        names = checked_names(names, 2)
        metric = comparison.metric if metric is None else metric
        if metric in RATES and comparison.matches[0].before is None:
            raise FairkitError("this comparison is about accuracy of several classes, which has no threshold",
                               f"fairkit.compare(before, after, metric={quote(metric)})", f"metric={quote(metric)}")
        if metric in (*RATES, comparison.metric):
            return _compared(comparison, metric, threshold, class_id, thresholds, names), thresholds
        what = (comparison.before, comparison.after)
    odd = [each for each in what if not (hasattr(each, "frame") and hasattr(each, "values"))]
    if odd or not what:
        raise FairkitError("rates are drawn of evaluations", "what fairkit.evaluate or fairkit.compare gives",
                           type(odd[0]).__name__ if odd else "none")
    names = checked_names(names, len(what))
    metric = the_metric(what[0], metric, class_id)
    results = []
    for evaluation, name in zip(what, names, strict=True):
        rows, at, of_class = rows_at(evaluation, the_metric(evaluation, metric), threshold, class_id)
        results.append(Result(name, metric, at, of_class, rows))
        threshold = at if np.isfinite(at) else threshold
    return results, None


def matched_rows(comparison, thresholds, threshold=None, class_id=None):
    """The position of the pair of thresholds that is asked for among `comparison.matches`."""
    thresholds = meant_thresholds(comparison, thresholds)
    classes = list(dict.fromkeys(match.class_id for match in comparison.matches))
    if class_id is None:
        class_id = classes[0]
    if class_id not in classes:
        raise FairkitError("this comparison has no such class", f"one of {classes}", quote(class_id))
    fitting = [i for i, match in enumerate(comparison.matches)
               if match.kind == thresholds and match.class_id == class_id]
    before = sorted({comparison.matches[i].before for i in fitting})
    if threshold is None:
        threshold = before[len(before) // 2]
    if threshold not in before:
        raise FairkitError("this comparison has no such threshold", f"one of {before}", quote(threshold))
    return next(i for i in fitting if comparison.matches[i].before == threshold)


def _compared(comparison, metric, threshold, class_id, thresholds, names):
    place = matched_rows(comparison, thresholds, threshold, class_id)
    match, decided, rate = comparison.matches[place], comparison.decided[place], rate_of(metric)
    results = []
    for name, at, counts, members in zip(names, (match.before, match.after), (decided.first, decided.second),
                                        comparison.slices, strict=True):
        united = counts.over(members)
        columns = dict(zip(("value", "lower", "upper", "numerator", "denominator"), estimate(rate, united),
                           strict=True))
        note = np.where(np.isnan(columns["value"]), f"undefined: no {rate.among} in this slice", "").astype(object)
        columns["note"] = too_few(note, sums_of(rate, united).members, rate.among, comparison.before.min_examples)
        columns["examples"] = united.all[..., 0]
        rows = {key: {"slice": slice_name(key), **{column: found[i] for column, found in columns.items()}}
                for i, key in enumerate(comparison.before.keys)}
        results.append(Result(name, metric, float("nan") if at is None else at, match.class_id, rows))
    return results


def as_errors(result):
    """(name of the error, who is in its numerator, the result with errors for rates).

    The error is the rate itself where lower is better and 1 - rate where higher is better, as in `best_and_worst`; it
    is called by the name of the rate that counts the others, where there is one.
    """
    rate = rate_of(result.metric)
    if rate is None or rate.better is None:
        if rate is None and result.metric not in RATES:
            raise FairkitError(f"{quote(result.metric)} has no error rate", "a rate with a direction, or 'accuracy'",
                               quote(result.metric))
        checked_metric(result.metric)
        raise FairkitError(f"{quote(result.metric)} is neither good nor bad in itself, so it has no error rate",
                           "a rate with a direction, such as 'recall'", quote(result.metric))
    if rate.better == "lower":
        return spoken(result.metric), rate.share, result
    rows = {key: {**row, "value": 1 - row["value"], "lower": 1 - row["upper"], "upper": 1 - row["lower"],
                  "numerator": row["denominator"] - row["numerator"]} for key, row in result.rows.items()}
    return *_others(result.metric, rate), Result(result.name, result.metric, result.threshold, result.class_id, rows)


def _others(metric, rate):
    """(name, who is counted) of the rate of all others in a rate's denominator."""
    top, over = rate.indicators()
    for name, other in RATES.items():
        own_top, own_over = other.indicators()
        if (own_over == over).all() and (own_top == over - top).all():
            return spoken(name), other.share
    if metric == "accuracy":
        return "error rate", "predicted wrongly"
    return f"1 {MINUS} {spoken(metric)}", f"not {rate.share}"
