"""What a report says, before it is written in any format: sections of sentences, tables and pictures."""

import base64
from dataclasses import asdict, dataclass, field

__all__ = ["Bullets", "Content", "Embedded", "Facts", "Heading", "Paragraph", "Picture", "Section", "Table"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text; its role is "text", "lead" (what to read if nothing else) or "warning"."""

    text: str
    role: str = "text"
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Bullets:
    """Sentences, one an item; role as of a `Paragraph`."""

    items: tuple
    role: str = "text"
    kind: str = field(default="bullets", init=False)


@dataclass(frozen=True)
class Facts:
    """Pairs of (name, text)."""

    rows: tuple
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Table:
    """A table of texts: the first column names the rows."""

    title: str
    columns: tuple
    rows: tuple
    note: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Picture:
    """A PNG picture, with the picture in words and the width (in CSS pixels) at which it is meant to be seen."""

    name: str
    alt: str
    png: bytes
    width: int
    height: int
    kind: str = field(default="picture", init=False)

    @property
    def data_url(self):
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


@dataclass(frozen=True)
class Embedded:
    """A page in a frame of its own, for HTML only: the board. `text` stands in its place elsewhere."""

    title: str
    html: str
    height: int
    text: str
    kind: str = field(default="embedded", init=False)


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Section:
    """A section: an id for links, a title, its parts."""

    id: str
    title: str
    parts: tuple


@dataclass(frozen=True)
class Content:
    """A whole report.

    Attributes:
        title: its heading.
        question: what was asked, in one sentence.
        sections: the answer first.
        numbers: dict of plain values: what the sentences were made from, for programs.
        written: when the run was written, or None.
    """

    title: str
    question: str
    sections: tuple
    numbers: dict
    written: str | None = None

    def section(self, id):
        """A section by its id, or None."""
        return next((section for section in self.sections if section.id == id), None)

    def to_dict(self):
        """Plain values for JSON; pictures are there by their words, the board by what it opens with."""
        return {"title": self.title, "question": self.question, "written": self.written, **self.numbers,
                "sections": [{"id": section.id, "title": section.title, "parts": [_plain(part) for part in
                                                                                   section.parts]}
                             for section in self.sections]}


def _plain(part):
    values = asdict(part)
    for name in ("png", "html", "width", "height"):
        values.pop(name, None)
    return {"kind": values.pop("kind"), **{name: _lists(value) for name, value in values.items()}}


def _lists(value):
    return [_lists(each) for each in value] if isinstance(value, (tuple, list)) else value
