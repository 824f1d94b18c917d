"""Files and folders that appear whole or not at all, readable by their owner only: groups are personal data."""

import contextlib
import os
import tempfile
from pathlib import Path

from fairkit.errors import FairkitError

__all__ = ["FORMAT", "new_file", "new_folder", "private_folder"]

FORMAT = 1
"""The version of what fairkit writes; readers refuse a newer one."""


@contextlib.contextmanager
def new_file(path):
    """A temporary path beside `path`, with its suffix, renamed to it if the block ends without an exception.

    Example:
        >>> import tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> with new_file(folder / "a.txt") as temporary:
        ...     _ = temporary.write_text("whole")
        >>> (folder / "a.txt").read_text()
        'whole'
    """
    path = Path(path)
    private_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=".new-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o600)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


@contextlib.contextmanager
def new_folder(path):
    """A temporary folder beside `path` that takes its place if the block ends without an exception."""
    path = Path(os.path.abspath(path))
    private_folder(path.parent)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch:
        new, old = Path(scratch) / "new", Path(scratch) / "old"
        new.mkdir(mode=0o700)
        yield new
        if path.exists():
            os.replace(path, old)
        try:
            os.replace(new, path)
        except OSError:
            if old.exists():
                os.replace(old, path)
            raise


def private_folder(path):
    """The folder, made with access for its owner only if it is not there; one that is there stays as it is."""
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise FairkitError("a folder cannot be made where a file is", "the path of a folder", str(path))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
