"""A bias report as a table of plain text, and the words that its HTML has as well."""

import math

import numpy as np

from fairkit.bias.definitions import METRICS

__all__ = ["heading", "means", "number", "p_text", "records", "report_text", "verdict"]

_LONGEST = 200
_HEADS = ("metric", "value", "95 % interval", "fair", "")


def report_text(report, longest=_LONGEST):
    """A block for each facet value and threshold, at most `longest` rows."""
    lines, rows, shown = [heading(report)], report.frame, 0
    for key, part in blocks(rows):
        if shown + len(part) > longest and shown:
            lines.append(f"\n... and {len(rows) - shown} more rows; all of them: .frame")
            break
        shown += len(part)
        lines += ["", title(key, part), *_table([_HEADS, *(_row(row) for row in records(part))])]
    return "\n".join([*lines, "", *_legend(report.metrics)])


def heading(report):
    """What a report is of, in one line."""
    parts = [f"positive: {report.label} {_words(report.positive)}"]
    parts += [f"{n} rows with {what} left out" for what, n in report.left_out.items()]
    parts += [f"{n} rows without a value of {facet} are in neither facet" for facet, n in report.missing.items() if n]
    parts += ["weighted"] if report.weighted else []
    return f"Bias report ({'; '.join(parts)})"


def blocks(frame):
    """(facet, facet value, threshold) and the rows of each; rows before training come with the first threshold."""
    filled = frame["threshold"].where(frame["threshold"].notna(), -np.inf)
    return frame.groupby([frame["facet"], frame["facet_value"], filled], sort=False)


def records(frame):
    """The rows of a report's frame as dicts; much quicker than frame.to_dict("records") on many small parts of it."""
    columns = (frame[name].tolist() for name in frame.columns)
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def title(key, part):
    """The heading of a block."""
    facet, value, threshold = key
    at = f", scores above {threshold:g}" if math.isfinite(threshold) else ""
    return f"{facet}: {value} (d, {part['n_d'].iloc[0]:,}) against the rest (a, {part['n_a'].iloc[0]:,}){at}"


def number(value):
    """Three digits after the point; "inf", or a dash for nothing."""
    if math.isnan(value):
        return "-"
    return f"{value:.3f}" if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def interval(row):
    """The interval, or the upper limit, in words."""
    if row["test"]:
        return "-" if math.isnan(row["upper"]) else f"up to {number(row['upper'])}"
    return "-" if math.isnan(row["lower"]) else f"[{number(row['lower'])}, {number(row['upper'])}]"


def verdict(row):
    """What a value says, in words: of an unfair one what it means, of another that it may be fair."""
    excludes = row["excludes_fair"]
    said = ""
    if str(excludes) == "True":
        said = means(row)
    elif str(excludes) == "False":
        said = "not told apart from fair"
    if row["test"] and not math.isnan(row["p_value"]):
        said += f" ({p_text(row['p_value'])})"
    return f"{said}; {row['note']}" if said and row["note"] else said or row["note"]


def p_text(value):
    """A p-value: "p = 0.023", "p < 0.001"."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def means(row):
    """What a value on its side of the fair one means."""
    metric = METRICS[row["metric"]]
    return metric.positive if row["value"] > metric.fair else metric.negative


def _row(row):
    return row["metric"], number(row["value"]), interval(row), f"{row['fair']:g}", verdict(row)


def _table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]


def _legend(metrics):
    width = max(map(len, metrics), default=0)
    return [f"{short.ljust(width)}  {METRICS[short].name}: {METRICS[short].formula}" for short in metrics]


def _words(condition):
    return condition.text if condition.text[:1] == ">" else f"= {condition.text}"
