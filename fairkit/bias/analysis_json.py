"""A report in the layout of Clarify's analysis.json."""

import math

from fairkit.bias.definitions import METRICS
from fairkit.bias.report_text import records
from fairkit.errors import FairkitError

__all__ = ["analysis"]


def analysis(report, threshold=None):
    """`BiasReport.to_dict`: name, description and value of each metric as Clarify writes them; beside these the
    interval, what it says and why something is missing."""
    thresholds = report.thresholds
    if threshold is not None and threshold not in thresholds:
        raise FairkitError(f"this report has no threshold {threshold}", list(thresholds), threshold)
    chosen = thresholds[0] if thresholds and threshold is None else threshold
    frame = report.frame
    frame = frame[frame["threshold"].isna() | (frame["threshold"] == chosen)]
    found = {"version": "1.0"}
    for stage in ("pre_training", "post_training"):
        rows = frame[frame["stage"] == stage]
        if len(rows):
            found[f"{stage}_bias_metrics"] = {"label": str(report.label), "facets": _facets(rows, report),
                                              "label_value_or_threshold": report.positive_text}
    said = {"left_out": report.left_out, "missing_facet_values": report.missing, "weighted": report.weighted}
    if chosen is not None:
        said["threshold"] = chosen
    return {**found, "fairkit": said}


def _facets(rows, report):
    facets, parts = {}, {}
    places = report.places[rows.index].tolist()  # by position: several facets, or values, may have one name
    for place, row in zip(places, records(rows), strict=True):
        parts.setdefault(tuple(place), []).append(row)
    for (place, _), part in parts.items():
        facet, value = report.facets[place].facet, part[0]["facet_value"]
        metrics = [_metric(row) for row in sorted(part, key=lambda row: row["metric"])]
        facets.setdefault(facet.name, []).append({"value_or_threshold": facet.intervals.get(value, value),
                                                  "metrics": metrics})
    return facets


def _metric(row):
    found = {"name": row["metric"], "description": METRICS[row["metric"]].title, "value": _plain(row["value"])}
    if found["value"] is None:
        found["error"] = row["note"]
    elif row["note"]:
        found["note"] = row["note"]
    found |= {"lower": _plain(row["lower"]), "upper": _plain(row["upper"]), "interval": row["interval"]}
    found["excludes_fair"] = {"True": True, "False": False}.get(str(row["excludes_fair"]))  # else missing
    if row["test"]:
        found |= {"p_value": _plain(row["p_value"]), "test": row["test"]}
    return found


def _plain(number):
    """A number of JSON: none for what is undefined, a text for what is infinite, as Clarify has it."""
    if math.isnan(number):
        return None
    return float(number) if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")

