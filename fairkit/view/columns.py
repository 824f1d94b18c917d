"""The columns of a file as text for a terminal."""

import textwrap

from fairkit.view.description import shortened
from fairkit.view.text import aligned_table

__all__ = ["overview_text"]

_WIDTH = 100
_MOST_COLUMNS = 60


def overview_text(overview):
    """What an `Overview` says, in lines of 100 columns; of more than 60 columns the first."""
    grid = [["column", "kind", "missing", "distinct"]]
    for column in overview.columns[:_MOST_COLUMNS]:
        distinct = f"> {overview.cap:,}" if column.distinct is None else f"{column.distinct:,}"
        counted = column.distinct is not None or column.kind in ("texts", "numbers", "whole numbers")
        grid.append([shortened(column.name), shortened(column.kind, 16), f"{column.missing:,}",
                     distinct if counted else "-"])
    widths = [max(len(row[k]) for row in grid) for k in range(4)]
    room = _WIDTH - 2 - sum(2 + width for width in widths)
    about = ["", *(_about(column, overview.rows, max(room, 20)) for column in overview.columns[:_MOST_COLUMNS])]
    lines = aligned_table([[row[0], row[1], row[2].rjust(widths[2]), row[3].rjust(widths[3]), text]
                           for row, text in zip(grid, about, strict=True)])
    more = len(overview.columns) - _MOST_COLUMNS
    return "\n".join([f"{overview.rows:,} rows, {len(overview.columns):,} columns", "", *lines,
                      *([f"  and {more:,} more columns"] if more > 0 else []), "", *_candidates(overview)])


def _about(column, rows, room):
    """What the values of a column are like, in so many characters."""
    if column.values and column.distinct <= 2 * len(column.values):
        shown = ""
        for value, n in column.values:
            longer = f"{shown}{', ' if shown else ''}{shortened(_text(value), 24)} {n / rows:.1%}"
            if len(longer) > room - 5:
                break
            shown = longer
        else:
            return shown + (", ..." if column.distinct > len(column.values) else "")
        return (shown + ", ...") if shown else shortened(_text(column.values[0][0]), room)
    if column.low is not None:
        return shortened(f"{_text(column.low)} to {_text(column.high)}", room)
    if column.mean_length is not None:
        units = {"texts": "characters", "lists": "values", "bytes": "bytes"}[column.kind]
        return f"{column.mean_length:,.1f} {units} on average"
    return ""


def _text(value):
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _candidates(overview):
    names = [shortened(name) for name in overview.candidates]
    if not names:
        return ["No column has 2 to 50 distinct values, as labels and groups have."]
    listed = [column.name for column in overview.columns if column.name in overview.candidates and column.values
              and all(isinstance(v, str) and v[:1] == "[" and v[-1:] == "]" for v, _ in column.values)]
    lines = textwrap.wrap("2 to 50 distinct values, so perhaps labels or groups: " + ", ".join(names), _WIDTH,
                          subsequent_indent="  ")
    if listed:
        lines += textwrap.wrap("cells that look like lists: " + ", ".join(map(shortened, listed))
                               + " (--separator list)", _WIDTH, subsequent_indent="  ")
    return lines
