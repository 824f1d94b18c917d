"""Views as the rows that TFMA's web component takes, and as JSON that can stand in a page."""

import json
import math

from fairkit.counts.rates import RATES
from fairkit.view.views import OVERALL, TOP_1
from fairkit.view.wording import spoken

__all__ = ["component_rows", "embedded_json", "view_payload"]

_SHARES = {*RATES, "accuracy", "auc"}   # from 0 to 1


def component_rows(view, result, feature=None):
    """The rows of one result for the component's `slicingMetrics`: overall, and the slices of a feature (or all).

    Args:
        view: a `View`.
        result: the place of the result among those of the view, from 0.
        feature: such as "color" or "color_X_digit"; None takes all.

    Returns:
        A list of {"slice": "color:blue", "sliceValue": "blue", "metrics": {key: {"boundedValue": {...}}}}, in TFMA's
        own format: doubleValue where there is no interval, "NaN" where a value is undefined.
    """
    return [{"slice": s.name, "sliceValue": s.value,
             "metrics": {key: _metric_value(view.cells[result][s.full][key], view.keys[key][0]) for key in view.keys}}
            for s in view.slices if feature is None or s.full == OVERALL or s.feature == feature]


def view_payload(view, results):
    """One class as the page's script takes it: rows as `component_rows` has them, with the keys written out once."""
    rows = [[_compact(row) for row in component_rows(view, result)] for result in range(results)]
    features = dict.fromkeys(s.feature for s in view.slices[1:])
    metric = view.lead[-1]
    pairs = [{"thresholds": [f"{t:.6g}" for t in view.matched[key]],
              "overall": [f"{table[OVERALL][key].value:.4f}" for table in view.cells]}
             for key in view.matched if view.keys[key][0] == metric]
    return {"keys": list(view.keys), "lead": list(view.lead), "metric": spoken(metric), "pairs": pairs,
            "opened": list(view.keys).index(view.opened),
            "matched": {name: [f"{t:.6g}" for t in both] for name, both in view.matched.items()},
            "overall": [r[0] for r in rows],
            "features": [{"name": f.replace("_X_", " \N{MULTIPLICATION SIGN} "),
                          "rows": [[row for row, s in zip(r, view.slices) if s.feature == f] for r in rows]}
                         for f in features]}


def embedded_json(value):
    """JSON for a script element: nothing in it ends the element, and no line separator ends a line of script."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _metric_value(cell, metric):
    if not math.isfinite(cell.value):
        return {"doubleValue": "NaN"}
    if not cell.bounded:
        return {"doubleValue": _rounded(cell.value)}
    # Jackknife and t intervals of rates leave [0, 1]; the value itself always lies inside its interval.
    bottom, top = (0.0, 1.0) if metric.removesuffix(TOP_1) in _SHARES else (-math.inf, math.inf)
    low, high = min(max(cell.lower, bottom), cell.value), max(min(cell.upper, top), cell.value)
    return {"boundedValue": {"value": _rounded(cell.value, 6), "lowerBound": _rounded(low, 6),
                             "upperBound": _rounded(high, 6)}}


def _compact(row):
    """[slice, its short name, values in the order of the keys]: a number, "NaN", or [value, lower, upper]."""
    values = [list(value.values()) if kind == "boundedValue" else value
              for metric in row["metrics"].values() for kind, value in metric.items()]
    return [row["slice"], row["sliceValue"], values]


def _rounded(number, digits=9):
    return float(f"{number:.{digits}g}")
