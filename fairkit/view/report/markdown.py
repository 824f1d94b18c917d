"""A report as Markdown: what comes from data is escaped, so that it stays text."""

import html
import re

from fairkit.view.report.figures import MISSING

__all__ = ["cell", "markdown_of", "markdown_parts", "plain"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$^=:@-])")
_LINES = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+")


def markdown_of(content):
    """The whole report."""
    lines = [f"# {plain(content.title)}", "", plain(content.question), ""]
    if content.written:
        lines += [f"Written {plain(content.written)}.", ""]
    for section in content.sections:
        lines += [f"## {plain(section.title)}", "", *markdown_parts(section, 3)]
    return "\n".join(lines).rstrip() + "\n"


def markdown_parts(section, level):
    """The lines of a section's parts; headings inside it are of that level."""
    lines = []
    for part in section.parts:
        lines += [*_WRITERS[part.kind](part, level), ""]
    return lines


def plain(text):
    """A text that Markdown shows as it is: on one line, no markup, no HTML.

    Example:
        >>> plain("a|b <i> *c*")
        'a\\\\|b &lt;i&gt; \\\\*c\\\\*'
    """
    text = _LINES.sub(" ", str(text)).strip()
    escaped = _SPECIAL.sub(_escaped, html.escape(text, quote=False))
    return re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", escaped)


def _escaped(found):
    """A backslash before what Markdown may read as markup there; not inside words and numbers, where it reads none."""
    character, text, at = found[1], found.string, found.start()
    before, after = text[at - 1:at], text[at + 1:at + 2]
    if character in "-+=:@()" and at > 0 and not (character == ":" and after == "/"):
        return character
    if character == "#" and before == "&":  # of an HTML entity
        return character
    if character == "_" and before.isalnum() and after.isalnum():
        return character
    return "\\" + character


def cell(text):
    """A text in a cell of a table."""
    return plain(text) or " "


def _table(part, level):
    columns = part.columns
    lines = [f"**{plain(part.title)}**", ""]
    if part.rows:
        sides = ["---:" if place and _is_number(part, place) else "---" for place in range(len(columns))]
        lines += [f"| {' | '.join(map(cell, columns))} |", f"| {' | '.join(sides)} |"]
        lines += [f"| {' | '.join(map(cell, row))} |" for row in part.rows]
    return [*lines, *(["", plain(part.note)] if part.note else [])]


def _is_number(part, place):
    first = [row[place][:1] for row in part.rows if row[place]]
    return all(character.isdigit() or character in f"\N{MINUS SIGN}{MISSING}<" for character in first)


_WRITERS = {
    "paragraph": lambda part, level: [f"**{plain(part.text)}**" if part.role == "lead" else
                                      f"> **Note:** {plain(part.text)}" if part.role == "warning" else
                                      plain(part.text)],
    "bullets": lambda part, level: [f"- {plain(item)}" for item in part.items],
    "facts": lambda part, level: [f"- **{plain(name)}**: {plain(text)}" for name, text in part.rows],
    "heading": lambda part, level: [f"{'#' * level} {plain(part.text)}"],
    "picture": lambda part, level: [f"*Picture: {plain(part.alt)}*"],
    "embedded": lambda part, level: [plain(part.text)],
    "table": _table,
}
