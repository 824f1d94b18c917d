"""The numbers of a board as plain tables: for readers without scripts, for GitHub, and for the terminal."""

import math
from html import escape

from fairkit.view.description import shortened
from fairkit.view.views import OVERALL
from fairkit.view.wording import spoken

__all__ = ["html_lead_table", "html_tables", "text_table"]

_LONGEST = 200   # characters of a slice's name; a longer one has its short name
# Beyond this many numbers only the leading metrics are written out: a page of megabytes helps nobody.
_MOST_NUMBERS = 6000
_MOST_ROWS = 1000   # of a table; of more slices those are written out that matter most


def html_tables(views, names):
    """HTML tables of slices by results, one a class and metric; every text that comes from data is escaped."""
    numbers = sum(len(view.slices) * len(view.keys) for view in views) * len(names)
    parts = []
    if numbers > _MOST_NUMBERS:
        parts.append("<p>Only the leading metrics are written out here; the board has them all.</p>")
    if most := max((len(view.slices) for view in views if len(view.slices) > _MOST_ROWS), default=0):
        parts.append(f"<p>{_MOST_ROWS:,} of {most:,} slices are written out here: those that are surely furthest from "
                     "overall, then those with most examples. The board has them all.</p>")
    for view in views:
        if view.class_id is not None:
            parts.append(f"<h3>Class {escape(str(view.class_id))}</h3>")
        keys = view.keys if numbers <= _MOST_NUMBERS else _lead_keys(view)
        parts += [_html_table(view, key, names) for key in keys]
    return "\n".join(parts)


def html_lead_table(view, names):
    """What the board opens with as an HTML table."""
    about = "" if view.class_id is None else f"<p>Class {escape(str(view.class_id))} against the rest:</p>\n"
    return about + _html_table(view, _lead_key(view), names)


def text_table(view, names, longest=40):
    """What the board opens with as plain text, at most `longest` slices: of more those that matter most."""
    key = _lead_key(view)
    rows = [["slice", *map(shortened, names)]]
    rows += [[shortened(s.name, 60), *(_number(table[s.full][key]) for table in view.cells)]
             for s in _first(view, key, longest)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]
    about = "" if view.class_id is None else f" (class {view.class_id} against the rest)"
    more = len(view.slices) - longest
    return "\n".join([_title(view, key) + about, *lines, *([f"... and {more} more slices"] if more > 0 else [])])


def _first(view, key, most):
    """So many slices: all in their order, or overall, those surely furthest from it, and those with most examples."""
    if len(view.slices) <= most:
        return view.slices
    overall = [table[OVERALL][key].value for table in view.cells]

    def rank(slice_):
        cells = [table[slice_.full] for table in view.cells]
        sure = max((max(cell[key].lower - middle, middle - cell[key].upper) for cell, middle in
                    zip(cells, overall, strict=True) if cell[key].bounded and math.isfinite(middle)), default=0.0)
        examples = max(cell["example_count"].value if "example_count" in cell else 0.0 for cell in cells)
        return (0, -sure) if sure > 0 else (1, -examples)

    return [view.slices[0], *sorted(view.slices[1:], key=rank)[:most - 1]]


def _lead_key(view):
    return view.lead[0] if view.lead[0] in view.matched else view.opened


def _lead_keys(view):
    return [key for key, (metric, _) in view.keys.items() if metric == view.lead[-1]]


def _html_table(view, key, names):
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = []
    for s in _first(view, key, _MOST_ROWS):
        cells = [table[s.full][key] for table in view.cells]
        notes = "; ".join(dict.fromkeys(cell.note for cell in cells if cell.note))
        row = '<tr class="overall">' if s.full == OVERALL else "<tr>"
        rows.append(f'{row}<th scope="row"><bdi>{escape(s.full if len(s.full) <= _LONGEST else s.name)}</bdi></th>'
                    + "".join(f"<td>{escape(_number(cell))}</td>" for cell in cells)
                    + f"<td>{escape(notes)}</td></tr>")
    return (f'<table><caption>{escape(_title(view, key))}</caption><thead><tr><th scope="col">slice</th>{heads}'
            f'<th scope="col">note</th></tr></thead><tbody>{"".join(rows)}</tbody></table>')


def _title(view, key):
    metric, threshold = view.keys[key]
    if key in view.matched:
        at = " and ".join(f"{t:.6g}" for t in view.matched[key])
        return f"{spoken(metric)} at matched thresholds {at}"
    return spoken(metric) if threshold is None else f"{spoken(metric)} at threshold {threshold:g}"


def _number(cell):
    """0.136 [0.120, 0.153] 214/1573: the value, its interval, and what was counted."""
    if not math.isfinite(cell.value):
        return "undefined"
    whole = cell.value == int(cell.value) and not cell.bounded
    text = f"{cell.value:,.0f}" if whole else f"{cell.value:.3f}"
    if cell.bounded:
        text += f" [{cell.lower:.3f}, {cell.upper:.3f}]"
    if math.isfinite(cell.numerator) and math.isfinite(cell.denominator):
        text += f" {_count(cell.numerator)}/{_count(cell.denominator)}"
    return text


def _count(number):
    return f"{number:.0f}" if number == round(number) else f"{number:.1f}"
