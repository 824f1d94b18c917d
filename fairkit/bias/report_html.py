"""A bias report as HTML tables; every text that comes from data is escaped."""

from html import escape

from fairkit.bias.definitions import METRICS
from fairkit.bias.report_text import blocks, heading, interval, number, records, title, verdict

__all__ = ["report_html"]

_LONGEST = 2_000
_HEADS = ("metric", "", "value", "95 % interval", "fair", "what it says")
_CELL = "padding:2px 10px 2px 0;text-align:left;vertical-align:top"
_WHOLE = ";white-space:nowrap"


def report_html(report, longest=_LONGEST):
    """Tables, one for each facet value and threshold, of at most `longest` rows in all."""
    parts, rows, shown = [f"<p>{escape(heading(report))}</p>"], report.frame, 0
    for key, part in blocks(rows):
        if shown + len(part) > longest and shown:
            parts.append(f"<p>... and {len(rows) - shown} more rows; all of them: <code>.frame</code></p>")
            break
        shown += len(part)
        parts.append(_table(title(key, part), records(part)))
    return "\n".join(parts)


def _table(caption, rows):
    heads = "".join(f'<th scope="col" style="{_CELL}">{escape(head)}</th>' for head in _HEADS)
    body = "\n".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return ('<table style="border-collapse:collapse;margin:0 0 1.5em;font-variant-numeric:tabular-nums">'
            f'<caption style="text-align:left;font-weight:bold;padding:4px 0">{escape(caption)}</caption>\n'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table>")


def _cells(row):
    metric = METRICS[row["metric"]]
    about = f"{metric.formula}, in {metric.range}; interval: {row['interval']}"
    strong = ";font-weight:bold" if str(row["excludes_fair"]) == "True" else ""
    cells = "".join(f'<td style="{_CELL}{style}">{escape(text)}</td>' for text, style in (
        (metric.name, ""), (number(row["value"]), _WHOLE + strong), (interval(row), _WHOLE), (f"{row['fair']:g}", ""),
        (verdict(row), "")))
    return f'<th scope="row" title="{escape(about)}" style="{_CELL}">{escape(row["metric"])}</th>{cells}'
