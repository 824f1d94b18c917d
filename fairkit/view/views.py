"""What a board shows: for each class, slices by metrics, for one result or for several that share every key."""

import math
from dataclasses import dataclass

from fairkit.counts.rates import OTHER_NAMES, RATES
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.tfma.names import metric_key

__all__ = ["OVERALL", "TOP_1", "Cell", "Slice", "View", "make_views"]

OVERALL = "Overall"
TOP_1 = " (top-1)"

_COLUMNS = ("class", "slice", "metric", "threshold", "value", "lower", "upper", "numerator", "denominator", "examples",
            "note")
_NUMBERS = ("value", "lower", "upper", "numerator", "denominator")
# Where the asked metric is not there and none was asked for: the board's own order of importance.
_FIRST = ("false_positive_rate", "accuracy", "precision", "recall", "auc", "false_negative_rate")


@dataclass(frozen=True)
class Cell:
    """One number of one slice: NaN where it is undefined."""

    value: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    numerator: float = math.nan
    denominator: float = math.nan
    note: str = ""

    @property
    def bounded(self):
        return math.isfinite(self.value) and math.isfinite(self.lower) and math.isfinite(self.upper)


@dataclass(frozen=True)
class Slice:
    """A slice under its full name, and the short names under which a chart shows it (unique in the view)."""

    full: str
    name: str
    value: str
    feature: str


@dataclass(frozen=True)
class View:
    """All that is shown of one class.

    Attributes:
        class_id: the class, or None for a binary model.
        slices: tuple of `Slice`: overall, single features, then crosses.
        keys: dict of TFMA metric key -> (metric, threshold or None), the leading ones first.
        lead: the names of the metrics that the board opens with, without TFMA's prefix.
        opened: the key of the leading metric at the threshold that the board opens at.
        matched: dict of metric name -> a threshold for each result.
        cells: one dict a result: full slice name -> metric key -> `Cell`; every slice and key is there.
    """

    class_id: object
    slices: tuple
    keys: dict
    lead: tuple
    opened: str
    matched: dict
    cells: tuple


def make_views(frames, metric=None, matched=None, threshold=None):
    """A `View` a class, of one result or of several.

    Args:
        frames: for each result a list of DataFrames in the form of `Evaluation.frame`, which are one table.
        metric: the short name of the metric to lead; false_positive_rate if None and there is one.
        matched: dict of class id (or None) -> list of tuples, a threshold for each result, of equal overall rate.
        threshold: the one to open at; the middle one if None, as TFMA's component does.

    Raises:
        FairkitError: for frames without the columns or the overall slice, a metric or matched threshold that is not
            there, or results that have no metric or class in common.
    """
    tables = [_by_class(result) for result in frames]
    classes = [c for c in tables[0] if c is not None] or [None]
    shared = [c for c in classes if all(c in table for table in tables)]
    if not shared:
        others = [[c for c in table if c is not None] or "no classes" for table in tables[1:]]
        raise FairkitError("the evaluations have no class in common", f"one of {classes}",
                           " and ".join(map(str, others)))
    return [_view(c, [_with_top_1(table, c) for table in tables], metric, (matched or {}).get(c, ()), threshold)
            for c in sorted(shared, key=lambda c: -1 if c is None else c)]


def _by_class(frames):
    """{class: {slice: {(metric, threshold): Cell}}}, in the order of the frames."""
    table = {}
    for frame in frames:
        missing = [column for column in _COLUMNS if column not in frame.columns]
        if missing:
            raise FairkitError("this is no frame of an evaluation", f"columns {', '.join(_COLUMNS)}",
                               f"none named {', '.join(missing)}")
        columns = (_floats(frame[c]) if c in _NUMBERS else frame[c].tolist() for c in _COLUMNS)
        for class_id, name, metric, threshold, *numbers, examples, note in zip(*columns):
            cells = table.setdefault(None if _absent(class_id) else int(class_id), {}).setdefault(str(name), {})
            key = (str(metric), None if _absent(threshold) else float(threshold))
            cells[key] = Cell(*numbers, "" if _absent(note) else str(note))
            if not _absent(examples):
                cells.setdefault(("example_count", None), Cell(float(examples)))
    if not any(OVERALL in slices for slices in table.values()):
        raise FairkitError("the evaluation has no overall slice", f"rows whose slice is {quote(OVERALL)}",
                           f"{sum(map(len, frames))} rows")
    return table


def _floats(column):
    """A list of floats, NaN where a number is missing."""
    if column.dtype == float:
        return column.tolist()
    return [math.nan if _absent(number) else float(number) for number in column.tolist()]


def _with_top_1(table, class_id):
    """The slices of one class, with what is known of all classes together under names of its own."""
    slices = {name: dict(cells) for name, cells in table[class_id].items()}
    if class_id is not None:
        for name, cells in table.get(None, {}).items():
            for (metric, threshold), cell in cells.items():
                own = metric if metric == "example_count" else metric + TOP_1
                if threshold is None:
                    slices.setdefault(name, {}).setdefault((own, None), cell)
    return slices


def _view(class_id, results, metric, pairs, threshold):
    shared = _shared_keys(results)
    metric = _leading(metric, [name for name, _ in shared])
    thresholds = sorted({t for _, t in shared if t is not None})
    keys = {metric_key(name, t, thresholds): (name, t) for name, t in shared}
    names = dict.fromkeys(name for result in results for name in result)
    cells = [{name: {key: result.get(name, {}).get(where, _missing(name, result)) for key, where in keys.items()}
              for name in names} for result in results]
    matched = _matched_keys(metric, pairs, results)
    for own, (base, thresholds_at) in matched.items():
        for table, result, at in zip(cells, results, thresholds_at):
            for name in names:
                table[name][own] = result.get(name, {}).get((base, at), _missing(name, result))
    keys = {**{own: (base, None) for own, (base, _) in matched.items()}, **keys}
    keys = dict(sorted(keys.items(), key=lambda item: item[1][0] != metric))
    matched = {own: thresholds_at for own, (_, thresholds_at) in matched.items()}
    opened = _opened(keys, matched, metric, threshold)
    pairs = [own for own in matched if keys[own][0] == metric]
    first = [own for own in pairs if matched[own][0] == keys[opened][1]] or pairs[len(pairs) // 2:]
    return View(class_id, _slices(names), keys, (*first[:1], metric), opened, matched, tuple(cells))


def _opened(keys, matched, metric, threshold):
    found = {t: key for key, (name, t) in keys.items() if name == metric and key not in matched}
    if threshold is None:
        return found[sorted(found)[len(found) // 2]]
    if threshold not in found:
        expected = "no threshold for this metric" if None in found else f"one of {sorted(found)}"
        raise FairkitError(f"the board has no {metric} at threshold {quote(threshold)}", expected, quote(threshold))
    return found[threshold]


def _shared_keys(results):
    """The (metric, threshold) that every result has: the component looks one key up in both."""
    each = [dict.fromkeys(key for cells in result.values() for key in cells) for result in results]
    shared = [key for key in each[0] if all(key in other for other in each)]
    if not any(name != "example_count" for name, _ in shared):
        raise FairkitError("the evaluations have no metric at the same threshold",
                           "evaluations at the same thresholds",
                           [sorted({t for _, t in keys if t is not None}) for keys in each])
    return shared


def _leading(metric, names):
    if metric is None:
        return next((name for name in _FIRST if name in names), names[0])
    for name in (metric, metric + TOP_1):
        if name in names:
            return name
    raise FairkitError(f"the evaluation has no metric {quote(metric)}",
                       nearest(metric, dict.fromkeys(names), other_names=OTHER_NAMES), quote(metric))


def _matched_keys(metric, pairs, results):
    """{name of its own: (metric, a threshold for each result)}: the leading rate and its opposite, matched."""
    pairs = [tuple(map(float, pair)) for pair in pairs]
    for position, result in enumerate(results):
        known = {t for cells in result.values() for _, t in cells}
        for pair in pairs:
            if pair[position] not in known:
                raise FairkitError(f"an evaluation has no rates at the matched threshold {pair[position]:g}",
                                   "an evaluation that was made with this threshold too",
                                   sorted(t for t in known if t is not None))
    labels = {}
    for pair in pairs:
        label = f"matched to {pair[0]:.4g}"
        labels[label if label not in labels else f"matched {' to '.join(map(quote, pair))}"] = pair
    have = {name for result in results for cells in result.values() for name, _ in cells}
    rates, opposite = [metric], RATES[metric].opposite if metric in RATES else None
    if opposite in have and len(labels) <= 3:  # more would drown the other metrics
        rates.append(opposite)
    return {f"{rate} ({label})": (rate, pair) for rate in rates for label, pair in labels.items()}


def _slices(names_in):
    """Overall, single features, crosses; each feature's slices in the order in which they came."""
    features = dict.fromkeys(name.partition(":")[0] for name in names_in if name != OVERALL)
    order = {feature: (feature.count("_X_"), i) for i, feature in enumerate(features)}
    slices, names, values = [Slice(OVERALL, OVERALL, OVERALL, "")], set(), set()
    for full in sorted((n for n in names_in if n != OVERALL), key=lambda n: order[n.partition(":")[0]]):
        feature, _, value = full.partition(":")
        short = _unique(_short(value), lambda text, f=feature: f"{f}:{text}" in names)
        shown = _unique(short, lambda text, f=feature: text == OVERALL or (f, text) in values)
        names.add(f"{feature}:{short}")
        values.add((feature, shown))
        slices.append(Slice(full, f"{feature}:{short}", shown, feature))
    return tuple(slices)


def _short(value, longest=48):
    """A value cut to what a chart can carry; an empty one between quotes."""
    value = value if value.strip() else f'"{value}"'
    return value if len(value) <= longest else value[:longest - 9] + "\N{HORIZONTAL ELLIPSIS}" + value[-8:]


def _unique(text, is_taken):
    candidate, n = text, 2
    while is_taken(candidate):
        candidate, n = f"{text} ({n})", n + 1
    return candidate


def _missing(name, result):
    return Cell(note="not computed" if name in result else "no such slice in this result")


def _absent(value):
    return value is None or value != value or type(value).__name__ in ("NAType", "NaTType")
