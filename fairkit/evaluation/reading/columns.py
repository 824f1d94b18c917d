"""Which column of a file is what."""

from dataclasses import dataclass, replace

from fairkit.column_names import column_text, is_name, names_in
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["STRUCT", "Columns", "checked_columns", "missing_column"]

STRUCT = "groups"
"""The struct column whose fields are group columns too, as in fairkit's own files."""


@dataclass(frozen=True)
class Columns:
    """The names of the columns.

    Attributes:
        label, scores: their columns; scores is None where a model makes them.
        groups: the group columns; None for every other column of texts.
        weight, id: their columns, or None.
        separator: what stands between the values of a group cell that holds several, or None.
        inputs: the columns that a model is fed.
    """

    label: str = "label"
    scores: str | None = "scores"
    groups: tuple | None = None
    weight: str | None = None
    id: str | None = None
    separator: str | None = None
    inputs: tuple = ()

    @property
    def single(self):
        """The named columns other than groups."""
        named = (self.label, self.scores, self.weight, self.id, *self.inputs)
        return list(dict.fromkeys(name for name in named if name is not None))

    @property
    def named(self):
        """All named columns."""
        return list(dict.fromkeys([*self.single, *(self.groups or ())]))

    def found_in(self, present, texts, path):
        """The same with `groups` spelled out.

        Args:
            present: the names of all columns of a file.
            texts: those of them that hold texts.
            path: of the file, for the message.

        Raises:
            FairkitError: if a column is not there.
        """
        for name in self.named:
            if name not in present:
                raise missing_column(path, name, present)
        if self.groups is not None:
            return self
        return replace(self, groups=tuple(name for name in texts if name not in self.single))


def missing_column(path, name, present):
    """The error for a column that a file does not have."""
    return FairkitError(f"{str(path)!r} has no column {quote(name)}",
                        f"{nearest(name, present)}, named as in read_predictions(path, label=, scores=, groups=)",
                        quote(name))


def _texts(names):
    return [column_text(name) if is_name(name) else name for name in names]


def checked_columns(label="label", scores="scores", groups=None, weight=None, id=None, separator=None, inputs=()):
    """`Columns` of what a user gave; raises `FairkitError` for what is no name."""
    groups = None if groups is None else _texts(names_in(groups))
    label, scores, weight, id = _texts([label, scores, weight, id])
    inputs = _texts(names_in(inputs))
    for what, names in (("label", [label]), ("scores", [scores]), ("groups", groups), ("weight", [weight]),
                        ("id", [id]), ("inputs", inputs)):
        optional = what not in ("label", "groups", "inputs")
        if names is not None and not (isinstance(names, (list, tuple)) and all(
                (isinstance(name, str) and name) or (name is None and optional) for name in names)):
            raise FairkitError(f"{what} names no column", "the name of a column, or a list of names", quote(names))
    if separator is not None and (not isinstance(separator, str) or not separator):
        raise FairkitError("the separator is no text", "a text such as '|'", quote(separator))
    return Columns(label, scores, None if groups is None else tuple(dict.fromkeys(groups)), weight, id, separator,
                   tuple(inputs))
