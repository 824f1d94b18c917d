"""The page around the board: what it shows in words, the reader's choices, the component, and the plain tables."""

import base64
import hashlib
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
        names: the names of the results, one or two.
        title: the page's heading.
        opened: which of the views the page opens with.
        tables: whether the plain tables are part of the page.
    """
    data = {"names": list(names), "opened": opened, "threshold": views[opened].opened.partition("@")[2] or None,
            "classes": [str(view.class_id) for view in views] if views[0].class_id is not None else [],
            "views": [view_payload(view, len(names)) for view in views]}
    scripts = [_NO_DOWNLOADS, component_source(), _asset("component_repairs.js"), _asset("board.js")]
    policy = ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
              f"script-src {' '.join(map(_hash, scripts))}")
    first, second, third, fourth = (f"<script>{script}</script>" for script in scripts)
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
<form class="choices" id="fairkit-choices" hidden autocomplete="off">
<label id="fairkit-class-choice">Class <select id="fairkit-class"></select></label>
<label id="fairkit-feature-choice">Slices by <select id="fairkit-feature"></select></label>
<p id="fairkit-hint" role="status"></p>
</form>
<p class="matched" id="fairkit-matched" hidden></p>
<main id="fairkit-board"></main>
{_details(views, names) if tables else ""}
<footer>Made with fairkit. The board is the Fairness Indicators component of TensorFlow Model Analysis.</footer>
<script type="application/json" id="fairkit-data">{embedded_json(data)}</script>
{first}
{second}
{third}
{fourth}
</body>
</html>
"""


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
    return (f"<header><h1>{escape(title)}</h1>\n"
            f"<p><strong>{escape(spoken(lead))}</strong> by slice, with intervals. {escape(meaning(lead))}</p>\n"
            f"<dl>{''.join(lines)}</dl></header>")


def _details(views, names):
    return (f'<details class="numbers"><summary>All numbers as tables</summary>\n'
            f"<p>Value, [interval], and what was counted.</p>\n{html_tables(views, names)}</details>")


def _asset(name):
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _hash(script):
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii") + "'"
