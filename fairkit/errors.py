"""The one error that fairkit raises for input it cannot use."""

import difflib

__all__ = ["FairkitError", "nearest", "one_line"]


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


def nearest(name, valid, shown=8):
    """Lists the valid names for an error message, the one nearest to `name` first.

    Example:
        >>> nearest("colour", ["digit", "color"])
        "'color' (the nearest), 'digit'"
    """
    valid = [str(v) for v in valid]
    if not valid:
        return "nothing (there is none)"
    close = difflib.get_close_matches(str(name), valid, n=1, cutoff=0.5)
    rest = [v for v in valid if v not in close]
    listed = [repr(v) + " (the nearest)" for v in close] + [repr(v) for v in rest[:shown]]
    more = len(rest) - shown
    return ", ".join(listed) + (f" and {more} more" if more > 0 else "")


def one_line(error, length=300):
    """A library's message in one line of at most `length` characters; its type where it says nothing.

    Example:
        >>> one_line(OSError("no\\n  space"))
        'no space'
    """
    return " ".join(str(error).split())[:length] or type(error).__name__
