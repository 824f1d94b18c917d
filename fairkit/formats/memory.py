"""Whether what is about to be read fits into the memory that is free."""

from pathlib import Path

from fairkit.errors import FairkitError

__all__ = ["check_fits", "free_memory", "in_words"]

_WAY_OUT = ("a smaller file, fewer columns, or fairkit.evaluation.beam.evaluate_on_beam, which holds no more than a "
            "part of the data")


def free_memory():
    """The bytes of memory that this process may still take: of the machine, the container, and `ulimit -v`."""
    import psutil

    limits = [psutil.virtual_memory().available, _free_in_container()]
    try:
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        limits.append(None if most == resource.RLIM_INFINITY else most - psutil.Process().memory_info().vms)
    except ImportError:   # Windows
        pass
    return max(min(limit for limit in limits if limit is not None), 0)


def _free_in_container(root="/sys/fs/cgroup", own="/proc/self/cgroup"):
    """The bytes that the control groups of this process leave it, version 2 or 1; None where they set no limit.

    Pages of files that the system would give back at once do not count as taken.
    """
    try:
        groups = [line.split(":", 2) for line in Path(own).read_text().splitlines()]
    except OSError:
        return None
    left = []
    for _, controllers, path in groups:
        if controllers == "":
            base, limit, taken = Path(root), "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            base, limit, taken = Path(root) / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        inner = base / path.lstrip("/")
        for place in {base, *(inner, *inner.parents)}:   # in a container its own group is the root
            if place != base and base not in place.parents:
                continue
            try:
                most = int((place / limit).read_text())
                stat = dict(line.split() for line in (place / "memory.stat").read_text().splitlines())
                used = int((place / taken).read_text()) - int(stat.get("inactive_file", 0))
            except (OSError, ValueError):   # "max", or no such group seen from here
                continue
            left.append(most - used)
    return min(left, default=None)


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
