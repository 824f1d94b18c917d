"""A report as one HTML page that needs no network and no other file."""

import functools
import html
import re
from pathlib import Path

__all__ = ["html_of"]

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SCRIPTS = re.compile(r"script-src ([^;\"]*)")


def html_of(content):
    """The page as text: what comes from data is escaped by the template."""
    style = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    page = _templates().get_template("report.html.jinja").render(content=content, style=style, policy=_policy(content))
    return page.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written to a file


@functools.cache
def _templates():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["unbroken"] = lambda text: str(text).replace(" %", "\N{NO-BREAK SPACE}%")
    return environment


def _policy(content):
    """The Content-Security-Policy: a frame obeys that of its page too, so the board's scripts are named here."""
    frames = [part for section in content.sections for part in section.parts if part.kind == "embedded"]
    found = [_SCRIPTS.search(html.unescape(part.html[:20_000])) for part in frames]  # the first: its own policy
    hashes = [each for match in found if match for each in match[1].split() if each.startswith("'sha256-")]
    return f"{_POLICY}; script-src {' '.join(dict.fromkeys(hashes)) or repr('none')}"
