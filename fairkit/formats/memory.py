"""Whether what is about to be read fits into the memory that is free."""

from fairkit.errors import FairkitError

__all__ = ["check_fits", "free_memory", "in_words"]

_WAY_OUT = ("a smaller file, fewer columns, or fairkit.evaluation.evaluate_on_beam, which holds no more than a part of "
            "the data")


def free_memory():
    """The bytes of memory that are free."""
    import psutil

    return psutil.virtual_memory().available


def check_fits(what, needed, free=None):
    """Raises `FairkitError` where `needed` bytes are more than are free.

    Args:
        what: is read, for the message.
        needed: bytes.
        free: bytes; what is free now if None.
    """
    free = free_memory() if free is None else free
    if needed > free:
        raise FairkitError(f"{what} does not fit into memory", f"at most {in_words(free)}; {_WAY_OUT}",
                           in_words(needed))


def in_words(size):
    """Bytes in words.

    Example:
        >>> from fairkit.formats.memory import in_words
        >>> in_words(148_000_000), in_words(900)
        ('148 MB', '900 bytes')
    """
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{int(size)} bytes"
