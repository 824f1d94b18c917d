"""Short plain-text tables for terminals."""

import numpy as np
import pandas as pd

from fairkit.counts.rates import RATES
from fairkit.errors import visible
from fairkit.evaluation.specs import metric_names

__all__ = ["aligned_table", "check_text", "evaluation_text", "frame_text", "interval", "plain", "signed"]


def check_text(check, limit=20):
    """The verdict of a `Check` in one line, then what did not pass, those outside their limit first.

    Args:
        check: a `Check`.
        limit: rows shown.
    """
    frame = check.frame
    is_gap = frame["requirement"] == "gap below"
    kinds = [(one, frame[rows]) for one, rows in (("gap", is_gap), ("value", ~is_gap)) if rows.any()]
    if check.passed:
        counts = " and ".join(_counted(len(rows), kind) for kind, rows in kinds)
        return f"pass: {counts} within {'its' if len(frame) == 1 else 'their'} limits"
    counts, shown = [], []
    for verdict in ("fail", "not enough data"):
        for kind, rows in kinds:
            rows = rows[rows["verdict"] == verdict]
            missed = {"gap": "above", "value": "outside"}[kind] + f" {'its' if len(rows) == 1 else 'their'} limit"
            if len(rows):
                counts.append(f"{_counted(len(rows), kind)} {missed if verdict == 'fail' else 'too uncertain to tell'}")
            far = rows["gap"].abs() if kind == "gap" else (rows["value"] - rows["limit"]).abs()
            shown.append((kind, rows.iloc[np.argsort(-far.to_numpy(), kind="stable")]))
    passed = int((frame["verdict"] == "pass").sum())
    counts += [f"{passed} within"] if passed else []
    grid = [["verdict", " or ".join(kind for kind, _ in kinds), "value (95 % interval)", "limit", "note"]]
    for kind, rows in shown:
        for r in rows.itertuples():
            what = f"{_what(r)}, {r.slice}"
            cells = [f"{what} - {r.reference}", interval(r.gap, r.lower, r.upper), f"{r.limit:g}"] if kind == "gap" \
                else [what, interval(r.value, r.lower, r.upper, form=_plain), f"{r.requirement} {r.limit:g}"]
            grid.append([r.verdict, *cells, r.note])
    if not any(row[-1] for row in grid[1:]):
        grid = [row[:-1] for row in grid]
    hidden = len(grid) - 1 - limit
    return "\n".join([f"{check.verdict}: {', '.join(counts)}", *aligned_table(grid[:limit + 1]),
                      *([f"  and {hidden} more, all in frame"] if hidden > 0 else [])])


def _counted(number, kind):
    return f"{number} {kind}" if number == 1 else f"{number} {kind}s"


def _plain(number, digits):
    return f"{number:g}" if number >= 10 else f"{number:.{digits}f}"


def _what(row):
    """"false_positive_rate at 0.5 of class 8", of a row with metric, threshold and class."""
    at = "" if np.isnan(row.threshold) else f" at {row.threshold:g}"
    return f"{row.metric}{at}" + ("" if pd.isna(row[2]) else f" of class {row[2]}")


def evaluation_text(evaluation, limit=12):
    """The main rates of an evaluation in a few lines: overall quality, then error rates by slice with intervals.

    Args:
        evaluation: an `Evaluation`.
        limit: slices shown of each table; overall and single features come before crosses.
    """
    frame, has = evaluation.frame, set(evaluation.metrics)
    lines = [_overall(evaluation, "accuracy", None)] if "accuracy" in has else []
    shown = evaluation.cells.classes if len(evaluation.cells.classes) <= 2 else ()
    lines += [_overall(evaluation, "auc", class_id) for class_id in shown if "auc" in has]
    if not shown:
        if "accuracy" in has:
            table = frame[frame["metric"] == "accuracy"]
            lines += ["", "accuracy of the most likely class", *_rates({"accuracy": table}, limit)]
        lines.append(f"  one against the rest for classes {evaluation.classes}: see the board, or name --classes")
    rates = [name for name in ("false_positive_rate", "false_negative_rate") if name in has] or \
        [name for name in evaluation.metrics if name in RATES][:2]
    for class_id in shown if rates else ():
        for threshold in evaluation.thresholds:
            at = frame[(frame["threshold"] == threshold) & frame["class"].map(lambda c, wanted=class_id: c == wanted)]
            tables = {name.replace("_", " "): at[at["metric"] == name] for name in rates}
            about = "" if class_id is None else f", class {class_id} against the rest"
            lines += ["", f"threshold {threshold:g}{about}", *_rates(tables, limit)]
    for name in frame["metric"].drop_duplicates():
        if name not in metric_names():
            lines += ["", name, *_rates({name: frame[frame["metric"] == name]}, limit)]
    empty = {feature: n for feature, n in evaluation.without_group.items() if n}
    if empty:
        total = evaluation.examples
        lines += ["", *(f"{n:,} of {total:,} examples have no {visible(feature)} and are in no slice of it"
                        for feature, n in empty.items())]
    from fairkit.view.validation_text import config_lines

    return "\n".join([*lines, *config_lines(evaluation)])


def frame_text(frame, limit=200):
    """The rows of a frame in the form of `Evaluation.frame`: what TFMA computed, as it is."""
    grid = [["slice", "class", "metric", "threshold", "value", "examples"]]
    for row in frame.head(limit).itertuples(index=False):
        _, class_id, _, threshold, value, lower, upper, *_, examples, _ = row
        grid.append([row.slice, "-" if class_id is None else str(class_id), row.metric, plain(threshold, 3),
                     interval(value, lower, upper, 4, plain), plain(float(examples), 0)])
    return "\n".join(aligned_table(grid) + ([f"  and {len(frame) - limit} more rows"] if len(frame) > limit else []))


def _overall(evaluation, metric, class_id):
    row = evaluation.frame[(evaluation.frame["metric"] == metric) & (evaluation.frame["slice"] == "Overall")]
    row = row[row["class"].map(lambda c: c == class_id)].iloc[0]
    about = "" if class_id is None else f" of class {class_id}"
    return f"{metric}{about}: {interval(row['value'], row['lower'], row['upper'], 4, plain)}"


def _rates(tables, limit):
    """A table of slices by rates, aligned; the tables have the same slices in the same order."""
    names = next(iter(tables.values()))["slice"].tolist()
    order = sorted(range(len(names)), key=lambda i: "_X_" in names[i])[:limit]
    grid = [["slice", *(f"{column} (n)" for column in tables)]]
    for i in order:
        cells = [table.iloc[i] for table in tables.values()]
        grid.append([names[i], *(f"{interval(c['value'], c['lower'], c['upper'], 3, plain)} "
                                 f"({plain(c['denominator'], 0)})" for c in cells)])
    return aligned_table(grid) + ([f"  and {len(names) - limit} more slices"] if len(names) > limit else [])


def plain(value, digits=3):
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def signed(value, digits=3):
    return "-" if np.isnan(value) else f"{value:+.{digits}f}"


def interval(value, lower, upper, digits=3, form=signed):
    """A value with its interval, such as "+0.131 [+0.101, +0.164]"; "-" where there is no value."""
    if np.isnan(value):
        return "-"
    if np.isnan(lower):
        return form(value, digits)
    return f"{form(value, digits)} [{form(lower, digits)}, {form(upper, digits)}]"


def aligned_table(grid):
    """Rows of texts as lines with columns aligned, the first row as header."""
    grid = [list(map(visible, row)) for row in grid]
    widths = [max(len(row[k]) for row in grid) for k in range(len(grid[0]))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in grid]
