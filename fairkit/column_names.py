"""Names of columns: texts inside fairkit, whatever a frame or a dict calls its columns."""

import numbers

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import is_nothing, name_of

__all__ = ["column_text", "is_name", "known_column", "names_in"]


def column_text(name):
    """The name of a column as a text: 1 and numpy.int64(1) are "1", ("a", 1) is "('a', 1)".

    Raises:
        FairkitError: for what is not a name: nothing, an empty text, a list.

    Example:
        >>> import numpy as np
        >>> from fairkit.column_names import column_text
        >>> column_text("age"), column_text(np.int64(1)), column_text(("a", 1))
        ('age', '1', "('a', 1)")
    """
    if not is_name(name):
        raise FairkitError("a column has no proper name", "a text that is not empty, a number, or a tuple of these",
                           quote(name))
    return quote(tuple(part.item() if isinstance(part, np.generic) else part for part in name)) \
        if isinstance(name, tuple) else name_of(name)


def is_name(name):
    """Whether something can be the name of a column."""
    if isinstance(name, tuple):
        return bool(name) and all(isinstance(part, str) or is_name(part) for part in name)
    return bool(name) if isinstance(name, str) else not is_nothing(name) and (
        isinstance(name, (numbers.Number, np.bool_)) or hasattr(name, "isoformat") or isinstance(name, np.datetime64))


def names_in(given, known=()):
    """What an argument names, as a list: one name, or a list or tuple of names; a known tuple is one name.

    Example:
        >>> from fairkit.column_names import names_in
        >>> names_in("age"), names_in([0, "age"]), names_in(("a", 1), known={"('a', 1)"})
        (['age'], [0, 'age'], [('a', 1)])
    """
    if isinstance(given, tuple) and is_name(given) and column_text(given) in known:
        return [given]
    return list(given) if isinstance(given, (list, tuple, set, frozenset)) else [given]


def known_column(name, known, what="column", purpose=""):
    """The text of a name that is among the known ones.

    Raises:
        FairkitError: for one that is not; the message names the nearest.
    """
    text = column_text(name) if is_name(name) else None
    if text not in known:
        raise FairkitError(f"no {what} {quote(name)} {purpose}".rstrip(), nearest(name, known), quote(name))
    return text
