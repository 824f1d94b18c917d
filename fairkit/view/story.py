"""A page that tells several comparisons one after the other: the answer, the board, and a link to the report."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from fairkit.storage import new_file
from fairkit.view.fairness_indicators import board

__all__ = ["Chapter", "save_story"]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #fff; max-width: 1180px; margin: 2rem auto;
       padding: 0 1.25rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 3rem; }
pre { font: 13px/1.5 ui-monospace, monospace; background: #f5f7fa; border: 1px solid #dde1e6; border-radius: 8px;
      padding: 1rem; overflow-x: auto; }
"""


@dataclass(frozen=True)
class Chapter:
    """One comparison, told.

    Attributes:
        title: a question; about: what it is about; summary: rates and gaps in plain text.
        comparison: the `Comparison`.
        report: its `Report`, whose answer is told here, or None.
        link: where the whole report is, relative to the page, or None.
    """

    title: str
    about: str
    summary: str
    comparison: object
    report: object = None
    link: str | None = None


def save_story(chapters, path, title):
    """Writes one self-contained page of chapters; returns its `Path`."""
    sections = "\n".join(map(_section, chapters))
    page = (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<style>{_STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{sections}\n</body></html>\n")
    with new_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _section(chapter):
    shown = board(chapter.comparison, title=chapter.title, threshold=chapter.comparison.before.thresholds[0])
    return (f"<section><h2>{escape(chapter.title)}</h2>\n<p>{escape(chapter.about)}</p>\n{_answer(chapter)}"
            f"<details><summary>As the terminal shows it</summary><pre>{escape(chapter.summary)}</pre></details>\n"
            f"{shown._repr_html_()}</section>")


def _answer(chapter, most=3):
    """The beginning of the report's answer, and the link to the rest of it."""
    parts = [] if chapter.report is None else chapter.report.content.section("answer").parts
    lead = "".join(f"<p><b>{escape(part.text)}</b></p>\n" for part in parts[:2] if part.kind == "paragraph")
    told = "".join(f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in part.items[:most])}</ul>\n"
                   for part in parts if part.kind == "bullets")
    if chapter.link is None:
        return lead + told
    link = escape(chapter.link, quote=True)
    return f'{lead}{told}<p><a href="{link}">The whole report</a>: all slices, tables, data, training, limits</p>\n'
