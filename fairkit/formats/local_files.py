"""The files that a path, a folder or a pattern names."""

import glob
from pathlib import Path

from fairkit.errors import FairkitError, nearest

__all__ = ["local_files"]


def local_files(path, what, expected):
    """The paths of the files that a path, a folder or a pattern names, in the order of their names.

    Of a folder all Parquet files are taken or, where there is none, all files but those whose names begin with a dot
    or an underscore.

    Args:
        path: of a file or folder, or a pattern such as "part-*.csv".
        what: it is for, such as "predictions", for the message.
        expected: what can be read, for the message.

    Raises:
        FairkitError: if there is none.
    """
    if not isinstance(path, (str, Path)) or not str(path):
        raise FairkitError(f"{what} are read from a path", expected, repr(path))
    at = Path(path)
    if at.is_file():
        return [at]
    if at.is_dir():
        every = [p for p in sorted(at.rglob("*")) if p.is_file() and
                 not any(part.startswith((".", "_")) for part in p.relative_to(at).parts)]
        files = [p for p in every if p.suffix == ".parquet"] or every
    else:
        files = [Path(p) for p in sorted(glob.glob(str(path), recursive=True)) if Path(p).is_file()]
    if not files:
        beside = sorted(p.name for p in at.parent.glob("[!.]*")) if at.parent.is_dir() else []
        found = "an empty folder" if at.is_dir() else "no such file"
        there = "" if at.is_dir() or not beside else f"; there: {nearest(at.name, beside, shown=3)}"
        raise FairkitError(f"there are no {what} at {str(path)!r}", expected + there, found)
    return files
