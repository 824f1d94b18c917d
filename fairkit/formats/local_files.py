"""The files that a path, a folder or a pattern names."""

import glob
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.formats.compression import ending_of

__all__ = ["local_files"]


def local_files(path, what, expected, prefer=".parquet", known=()):
    """The paths of the files that a path, a folder or a pattern names, in the order of their names.

    Of a folder all files are taken but those whose names begin with a dot or an underscore.

    Args:
        path: of a file or folder, or a pattern such as "part-*.csv".
        what: it is for, such as "predictions", for the message.
        expected: what can be read, for the message.
        prefer: an ending; of a folder that holds such files, they alone are taken.
        known: endings, in small letters and without that of a compression; of a folder that holds such files, those
            of other endings are left out, such as a README.md.

    Raises:
        FairkitError: if there is none.
    """
    if not isinstance(path, (str, Path)) or not str(path):
        raise FairkitError(f"{what} are read from a path", expected, quote(path))
    at = Path(path)
    if at.is_file():
        return [at]
    if at.is_dir():
        every = [p for p in sorted(at.rglob("*")) if p.is_file() and
                 not any(part.startswith((".", "_")) for part in p.relative_to(at).parts)]
        files = [p for p in every if p.suffix == prefer] or [p for p in every if ending_of(p) in known] or every
    else:
        files = [Path(p) for p in sorted(glob.glob(str(path), recursive=True)) if Path(p).is_file()]
    if not files:
        beside = sorted(p.name for p in at.parent.glob("[!.]*")) if at.parent.is_dir() else []
        found = "an empty folder" if at.is_dir() else "no such file"
        there = "" if at.is_dir() or not beside else f"; there: {nearest(at.name, beside, shown=3)}"
        raise FairkitError(f"there are no {what} at {str(path)!r}", expected + there, found)
    return files
