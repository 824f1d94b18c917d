"""The one error that fairkit raises for input it cannot use."""

import difflib
import re

__all__ = ["FairkitError", "nearest", "one_line", "quote", "visible"]


class FairkitError(ValueError):
    """Says what is wrong, what was expected and what was received, in one line.

    Example:
        >>> print(FairkitError("no column 'colour'", expected="one of color, digit", received="'colour'"))
        no column 'colour'. Expected: one of color, digit. Received: 'colour'
    """

    def __init__(self, wrong, expected=None, received=None):
        parts = [wrong.rstrip(".")]
        if expected is not None:
            parts.append(f"Expected: {expected}".rstrip("."))
        if received is not None:
            parts.append(f"Received: {received}")
        super().__init__(". ".join(parts))


def nearest(name, valid, shown=8, other_names=None):
    """Lists the valid names for an error message, the one nearest to `name` first.

    Args:
        name: what was received.
        valid: the names that there are.
        shown: how many of them are listed beside the nearest.
        other_names: dict of what others call it, in lower case with underscores -> one of `valid`, several separated by
            spaces, or "1 - " and one of them; what this says comes before what is spelt alike.

    Example:
        >>> nearest("colour", ["digit", "color"])
        "'color' (the nearest), 'digit'"
        >>> nearest("Hue", ["digit", "color"], other_names={"hue": "color"})
        "'color' (what is called 'Hue' elsewhere), 'digit'"
    """
    valid = [str(v) for v in valid]
    if not valid:
        return "nothing (there is none)"
    plain = _plain(name)
    meant = (other_names or {}).get(plain, "")
    close, why = [v for v in meant.removeprefix("1 - ").split() if v in valid], "the nearest"
    if close:
        why = f"{str(name)!r} is 1 minus it" if meant.startswith("1 - ") else f"what is called {str(name)!r} elsewhere"
    else:
        close = [v for v in valid if _plain(v) == plain][:1] or \
            difflib.get_close_matches(str(name), valid, n=1, cutoff=0.5)
    rest = [v for v in valid if v not in close]
    listed = [f"{v!r} ({why})" for v in close] + [repr(v) for v in rest[:shown]]
    more = len(rest) - shown
    return ", ".join(listed) + (f" and {more} more" if more > 0 else "")


def _plain(name):
    return re.sub(r"[\s-]+", "_", str(name).strip().lower())


def quote(value):
    """A value as a message or a result quotes it: its repr, with a NumPy scalar as the Python value that it holds.

    NumPy 2 writes `np.float64(0.5)` and `np.str_('a')`, NumPy 1.26 `0.5` and `'a'`; a time bears the name of NumPy in
    both. No other module of fairkit calls repr.

    Example:
        >>> import numpy as np
        >>> print(quote([np.float32(0.1), np.str_("a"), np.bool_(True)]), quote(np.datetime64("2026-01-31")))
        [0.1, 'a', True] '2026-01-31'
    """
    if type(value) in (str, int, float, bool, type(None)):
        return repr(value)
    import numpy as np

    # NumPy 2's own switch finds a scalar wherever the repr of a list, a frame or a user's object shows it.
    switch = {"legacy": "1.25"} if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else {}
    with np.printoptions(**switch):
        return repr(_times_as_text(value, (np.datetime64, np.timedelta64)))


def _times_as_text(value, times, depth=8):
    if isinstance(value, times):
        return str(value)
    if type(value) in (list, tuple, set, frozenset) and depth:
        return type(value)(_times_as_text(each, times, depth - 1) for each in value)
    if type(value) is dict and depth:
        return {_times_as_text(key, times, depth - 1): _times_as_text(each, times, depth - 1)
                for key, each in value.items()}
    return value


def one_line(error, length=300):
    """A library's message in one line of at most `length` characters; its type where it says nothing.

    Example:
        >>> one_line(OSError("no\\n  space"))
        'no space'
    """
    return " ".join(str(error).split())[:length] or type(error).__name__


def visible(text):
    r"""A text with what a terminal would obey, or a reader could not see, written out: escapes, newlines, overrides.

    Names and group values come from files; printed raw, they could colour, move or rewrite what stands around them.

    Example:
        >>> print(visible("red\x1b[31m\nnext"), visible("größe"))
        red\x1b[31m\nnext größe
    """
    text = str(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in text)
