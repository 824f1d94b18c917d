"""A line that shows how far a long reading has come, and how long it will still take."""

__all__ = ["progress_of_bytes", "progress_of_rows"]

_QUIET_FOR = 2.0   # seconds; what is read by then shows nothing


def progress_of_bytes(total, what):
    """A tqdm bar over bytes, on a terminal only; total is None where it is not known."""
    return _bar(total, what, unit="B", unit_scale=True, unit_divisor=1000)


def progress_of_rows(total, what):
    """A tqdm bar over rows, on a terminal only."""
    return _bar(total, what, unit=" rows", unit_scale=True)


def _bar(total, what, **options):
    from tqdm.auto import tqdm

    return tqdm(total=total, desc=f"reading {what}", delay=_QUIET_FOR, leave=False, disable=None, **options)
