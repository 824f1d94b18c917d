"""The tables of a report: rates by slice, gaps, what it cost, what got worse."""

import pandas as pd

from fairkit.counts.slices import slice_name
from fairkit.view.plots.labels import capital, rate_of
from fairkit.view.plots.wanted import rows_at
from fairkit.view.report.content import Table
from fairkit.view.report.figures import MISSING, count, figure, points, share
from fairkit.view.report.words import quoted, slice_label
from fairkit.view.wording import meaning, spoken

__all__ = ["became", "cost_table", "gap_table", "metric_title", "plain_frame", "rate_table", "worse_rows",
           "worse_table"]

MOST_ROWS = 200


def rate_table(subject, metric, thresholds=None, class_id=None, undefined=True):
    """A metric by slice for each model, each value with its interval and what was counted; None where there is none.

    Args:
        thresholds: one for each model, or None for a metric without.
        undefined: whether slices stay that have a value under no model.
    """
    found = []
    for evaluation, threshold in zip(subject.evaluations, thresholds or [None] * len(subject.models)):
        if metric not in set(evaluation.frame["metric"]):
            return None
        found.append(rows_at(evaluation, metric, threshold, class_id)[0])
    several, rows = len(found) > 1, []
    keys = list(dict.fromkeys(key for each in found for key in each))
    there = [key for key in keys if any(key in each and each[key]["value"] == each[key]["value"] for each in found)]
    left_out = 0 if undefined else len(keys) - len(there)
    for key in (keys if undefined else there)[:MOST_ROWS]:
        cells = []
        for each in found:
            row = each.get(key)
            cells += [MISSING, MISSING] if row is None else [_value(metric, row), _counted(row)]
        notes = "; ".join(dict.fromkeys(str(each[key]["note"]) for each in found if key in each and each[key]["note"]))
        rows.append((slice_label(key), *cells, notes))
    columns = [part for model in subject.models for part in
               ((f"{quoted(model.name)}: value (95 % interval)", f"{quoted(model.name)}: counted") if several else
                ("value (95 % interval)", "counted"))]
    title = metric_title(metric, subject, thresholds)
    columns = ("slice", *columns, "note")
    if not any(row[-1] for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    note = meaning(metric)
    note += f" {left_out} slices in which it is undefined are left out." if left_out else ""
    return _shown(title, columns, rows, note)


def _value(metric, row):
    return (share if rate_of(metric) is not None else figure)(row["value"], row["lower"], row["upper"])


def _counted(row):
    if row["denominator"] == row["denominator"]:
        return f"{count(row['numerator'])} of {count(row['denominator'])}"
    return count(float(row["examples"]))


def metric_title(metric, subject, thresholds=None):
    """"False positive rate at threshold 0.1, class 8 against the rest"."""
    at = list(dict.fromkeys(t for t in thresholds or () if t is not None))
    where = "" if not at else f" at threshold{'s' if len(at) > 1 else ''} " + " and ".join(f"{t:.4g}" for t in at)
    of_class = "" if subject.class_id is None or metric == "accuracy" else \
        f", class {subject.class_id} against the rest"
    return capital(spoken(metric)) + where + of_class


def gap_table(findings, subject):
    """Gaps against the reference, and what became of them."""
    scale = 100 if rate_of(subject.metric) is not None else 1
    unit = "points" if scale == 100 else "difference"
    columns = ["slice", f"gap, {unit} (95 % interval)", "shown"]
    for model in subject.models[1:]:
        name = quoted(model.name)
        columns += [f"{name}: gap (95 % interval)", f"{name}: change of the gap", f"{name}: the gap is"]
    columns += ["detectable", "adjusted p", "against"]  # last, where a narrow page hides them first
    rows = []
    for finding in findings[:MOST_ROWS]:
        gap = finding.gap
        row = [slice_label(finding.key), _gap(gap, scale), _judged(gap, finding.few)]
        for change in finding.changes:
            moved = points(change.change, change.lower, change.upper, scale)
            row += [_gap(change.gap, scale), moved if change.change == change.change else MISSING,
                    _judged(change, change.few)]
        row += [MISSING] * (len(columns) - 3 - len(row))
        rows.append((*row, points(gap.detectable, scale=scale) if gap.detectable == gap.detectable else MISSING,
                     _p(gap.p_adjusted), slice_label(finding.reference_key)))
    note = ("Gap: the slice's rate minus that of what it is compared with. Detectable: the smallest gap that would "
            "have been shown with a chance of 80 %. Adjusted p: of the score test, adjusted (Holm) for the number of "
            "slices of the same feature; test and interval are made differently and may part at the border.")
    return _shown(f"Gaps in {spoken(subject.metric)}", columns, rows, note)


def _judged(gap, few):
    """The verdict on a gap or a change, where there are enough examples for one."""
    return "too few" if few and gap.verdict not in ("undefined", "not compared") else gap.verdict


def _gap(gap, scale):
    return points(gap.value, gap.lower, gap.upper, scale) if gap.value == gap.value else "undefined"


def _p(value):
    return MISSING if value != value else "< 0.001" if value < 0.001 else f"{value:.3f}"


def cost_table(subject):
    """Accuracy and AUC of each later model beside the first; None where they are not compared."""
    rows = []
    for model, comparison in zip(subject.models[1:], subject.comparisons):
        for row in () if comparison is None else comparison.quality.to_dict("records"):
            of_class = "" if row["class"] is None else f" of class {row['class']}"
            rows.append((f"{spoken(row['metric'])}{of_class}", quoted(model.name), _as(row["metric"], row["before"]),
                         _as(row["metric"], row["after"]), _change(row),
                         became(row)))
    columns = ("overall", "model", f"{quoted(subject.first.name)}", "this model", "change (95 % interval)", "verdict")
    return _shown("Overall quality, compared with the first model", columns, rows, "") if rows else None


def _as(metric, value):
    return share(value) if metric == "accuracy" else figure(value)


def _change(row):
    if row["metric"] == "accuracy":
        return points(row["change"], row["lower"], row["upper"]) + " points"
    return points(row["change"], row["lower"], row["upper"], 1)


def became(row):
    """What became of accuracy or AUC, in words."""
    if row["lower"] != row["lower"]:
        return "no interval"
    return "worse" if row["upper"] < 0 else "improved" if row["lower"] > 0 else "no evidence of a change"


def worse_rows(subject):
    """(model, slice key, row of `Comparison.got_worse`, whether it is of too few examples) of what the report is about.
    """
    for model, comparison in zip(subject.models[1:], subject.comparisons):
        if comparison is None:
            continue
        keys, frame = {slice_name(key): key for key in comparison.before.keys}, comparison.got_worse
        at = frame["class"].map(lambda class_id: class_id == subject.class_id).astype(bool)
        if subject.threshold is not None:
            at &= frame["threshold_before"].eq(subject.threshold)
        elif (match := subject.match(comparison)) is not None:
            at &= frame["thresholds"].eq(match.kind)  # accuracy is told at one threshold, or without
        for row in frame[at].to_dict("records"):
            key = keys[row["slice"]]
            yield model, key, row, _has_few(comparison.before, row, key)


def worse_table(subject):
    """Every slice and rate that got worse with an interval that excludes 0; None where nothing was compared."""
    if all(comparison is None for comparison in subject.comparisons):
        return None
    found = list(worse_rows(subject))
    rows = [(slice_label(key), quoted(model.name), spoken(row["metric"]), row["thresholds"],
             share(row["before"]), share(row["after"]),
             points(row["change"], row["change_lower"], row["change_upper"]), count(row["denominator"]))
            for model, key, row, few in found if not few]
    left_out = len(found) - len(rows)
    note = f"{left_out} more {'is' if left_out == 1 else 'are'} left out: of too few examples to judge." \
        if left_out else ""
    return _shown("Rates that got worse by an interval that excludes 0",
                  ("slice", "model", "rate", "thresholds", "before", "after", "change in points (95 % interval)", "n"),
                  rows[:MOST_ROWS], note)


def _has_few(evaluation, row, key):
    """Whether the rate that got worse is of too few examples to judge by."""
    at = row["threshold_before"] if row["metric"] not in ("accuracy", "auc") else None
    found = rows_at(evaluation, row["metric"], at, row["class"])[0].get(key)
    return found is not None and "too few" in str(found["note"])


def _shown(title, columns, rows, note):
    more = f" Only the first {MOST_ROWS} rows are shown." if len(rows) == MOST_ROWS else ""
    return Table(title, tuple(map(str, columns)), tuple(tuple(map(str, row)) for row in rows), (note + more).strip())


def plain_frame(frame):
    """A DataFrame as a list of dicts of plain values, for JSON; what is missing is None."""
    return [{name: None if value is None or (not isinstance(value, (str, list, tuple)) and pd.isna(value)) else
             value.item() if hasattr(value, "item") else value for name, value in row.items()}
            for row in frame.to_dict("records")]
