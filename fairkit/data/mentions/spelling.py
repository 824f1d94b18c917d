"""Spellings of one text that a reader takes for the same, made the same."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["folded", "mark_ranges", "spelled"]

_SAME = {**dict.fromkeys("’‘ʼ", "'"), **dict.fromkeys("‐‑", "-"),  # noqa: RUF001
         **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f", "")}  # characters that are not seen


def spelled(text):
    r"""The text in Unicode's compatibility form, with one kind of apostrophe and of hyphen; its case is kept.

    Example:
        >>> from fairkit.data.mentions.spelling import spelled
        >>> spelled("the queen\u2019s ﬂag")
        "the queen's flag"
    """
    text = unicodedata.normalize("NFKC", text)
    for other, one in _SAME.items():
        text = text.replace(other, one)
    return text


def folded(text):
    """`spelled`, without case.

    Example:
        >>> from fairkit.data.mentions.spelling import folded
        >>> folded("STRASSE") == folded("Straße")
        True
    """
    # Turkish İ folds to an i and a dot above it, which no other i has.
    return unicodedata.normalize("NFC", spelled(text).casefold()).replace("i\u0307", "i")


@lru_cache(1)
def mark_ranges():
    """The combining marks, which belong to the letter before them, as the inside of a regular expression's class."""
    marks = "".join("M" if unicodedata.category(chr(c))[0] == "M" else "." for c in range(0x20000))
    spans = [(m.start(), m.end() - 1) for m in re.finditer("M+", marks)] + [(0xE0100, 0xE01EF)]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)
