"""The page around the board: what it shows in words, the reader's choices, the component, and the plain tables."""

import base64
import gzip
import hashlib
import json
from html import escape
from pathlib import Path

from fairkit.view.component import component_source
from fairkit.view.payload import embedded_json, view_payload
from fairkit.view.tables import html_tables
from fairkit.view.views import OVERALL
from fairkit.view.wording import meaning, spoken

__all__ = ["make_page"]

# The component asks for the Roboto font and for Google Charts; the board needs neither, and a page has no network.
_NO_DOWNLOADS = ("window.polymerSkipLoadingFontRoboto = true;"
                 "window.google = {charts: {load: () => new Promise(() => {})}};")


def make_page(views, names, title, opened=0, tables=True):
    """A whole HTML page, self-contained and without network access.

    Args:
        views: list of `View`, one a class.
        names: the names of the results; of more than two the reader picks two.
        title: the page's heading.
        opened: which of the views the page opens with.
        tables: whether the plain tables are part of the page.
    """
    data = {"names": list(names), "opened": opened, "threshold": views[opened].opened.partition("@")[2] or None,
            "classes": [str(view.class_id) for view in views] if views[0].class_id is not None else [],
            "views": [view_payload(view, len(names)) for view in views]}
    rates = sorted({metric for view in views for metric, threshold in view.keys.values() if threshold is not None})
    settings = f"{_NO_DOWNLOADS}\nwindow.fairkitRates = {embedded_json(rates)};"
    scripts = [settings, component_source(), *map(_asset, ("component_repairs.js", "slice_choice.js", "board.js"))]
    unpacking = _asset("unpacking.js")
    policy = ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
              f"script-src {' '.join(map(_hash, [unpacking, *scripts]))}")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_asset("board.css")}</style>
</head>
<body>
{_header(views[opened], names, title)}
<noscript><p>The board needs scripts. The same numbers stand in the tables below.</p></noscript>
<div class="choices" id="fairkit-choices" hidden>
{_choices()}
<p id="fairkit-hint" role="status"></p>
</div>
<p class="matched" id="fairkit-matched" hidden></p>
<main id="fairkit-board"></main>
{_details(views, names) if tables else ""}
<footer>Made with fairkit. The board is the Fairness Indicators component of TensorFlow Model Analysis.</footer>
<script type="application/octet-stream" id="fairkit-packed">{_packed({"data": data, "scripts": scripts})}</script>
<script>{unpacking}</script>
</body>
</html>
"""


def _choices():
    """The reader's choices; the script fills them, and hides those that there is no choice of."""
    orders = "".join(f'<option value="{value}" data-order="{text}"></option>'
                     for value, text in (("highest", "surely high"), ("lowest", "surely low")))
    selects = {"first": ("Compare", "Compare", ""), "second": ("with", "Compare with", ""),
               "class": ("Class", "Class", ""), "feature": ("Slices by", "Slices by", ""),
               "order": ("Show first", "Show first", '<option value="gap">largest sure gap</option>'
                         f'<option value="examples">most examples</option>{orders}')}
    labels = [f'<label id="fairkit-{name}-choice">{text} <select id="fairkit-{name}" aria-label="{spoken_as}" '
              f'autocomplete="off">{options}</select></label>' for name, (text, spoken_as, options) in selects.items()]
    return "\n".join([*labels, '<label id="fairkit-search-choice">Find '
                      '<input type="search" id="fairkit-search" autocomplete="off"></label>'])


def _header(view, names, title):
    lead = view.lead[-1]
    thresholds = sorted({t for metric, t in view.keys.values() if metric == lead and t is not None})
    count = "example_count"
    facts = []
    for table, name in zip(view.cells, names):
        examples = table[OVERALL][count].value if count in view.keys else None
        facts.append(f"<b><bdi>{escape(name)}</bdi></b>" + (f" ({examples:,.0f} examples)" if examples else ""))
    lines = [f"<dt>{'Results' if len(names) > 1 else 'Result'}</dt><dd>{', '.join(facts)}</dd>"]
    if thresholds:
        lines.append(f"<dt>Threshold{'s' if len(thresholds) > 1 else ''}</dt>"
                     f"<dd>{', '.join(f'{t:g}' for t in thresholds)} (a score above it is a positive prediction)</dd>")
    bounded = any(cell.bounded for table in view.cells for cells in table.values() for cell in cells.values())
    return (f"<header><h1>{escape(title)}</h1>\n"
            f"<p><strong>{escape(spoken(lead))}</strong> by slice{', with intervals' if bounded else ''}. "
            f"{escape(meaning(lead))}</p>\n"
            f"<dl>{''.join(lines)}</dl></header>")


def _details(views, names):
    return (f'<details class="numbers"><summary>All numbers as tables</summary>\n'
            f"<p>Value, [interval], and what was counted.</p>\n{html_tables(views, names)}</details>")


def _asset(name):
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _packed(value):
    """JSON, compressed, as text of letters and digits: no text from data can end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("ascii"), mtime=0)).decode("ascii")


def _hash(script):
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii") + "'"
