"""Files and folders that appear whole or not at all, readable by their owner only: groups are personal data."""

import contextlib
import ctypes
import errno
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from fairkit.errors import FairkitError, one_line, quote

__all__ = ["FORMAT", "as_path", "check_writable", "new_file", "private_folder", "replaced_folder", "scratch_beside"]

FORMAT = 1
"""The version of what fairkit writes; readers refuse a newer one."""

_PREFIX = ".fairkit-"
_SCRATCH = re.compile(re.escape(_PREFIX) + r"[a-z0-9_]{8}")


@contextlib.contextmanager
def new_file(path):
    """A temporary path with the name of `path`, which takes its place if the block ends without an exception.

    Example:
        >>> import tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> with new_file(folder / "a.txt") as temporary:
        ...     _ = temporary.write_text("whole")
        >>> (folder / "a.txt").read_text()
        'whole'
    """
    path = as_path(path)
    with scratch_beside(path) as scratch:
        new = scratch / path.name
        new.touch(mode=0o600)
        yield new
        os.chmod(new, 0o600)
        os.replace(new, path)


@contextlib.contextmanager
def replaced_folder(path):
    """A new folder that takes the place of `path` if the block ends without an exception.

    An older folder there is exchanged in one step where the system can, so that no reader finds nothing, and is then
    removed. Whether it may be replaced is for the caller to know.
    """
    path = Path(os.path.realpath(path))
    with scratch_beside(path) as scratch:
        new = scratch / "new"
        new.mkdir(mode=0o700)
        yield new
        if path.exists():
            _exchange(new, path, scratch)
        else:
            os.replace(new, path)


@contextlib.contextmanager
def scratch_beside(path):
    """A private scratch folder in the folder of `path`, gone when the block ends.

    What writers that were killed have left there is removed first: their folders bear no lock any more.
    """
    parent = private_folder(Path(os.path.abspath(path)).parent)
    _remove_leftovers(parent)
    scratch, lock = _locked_scratch(parent)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def as_path(path):
    """What a caller names a file or folder by, as a `Path`; `FairkitError` for what cannot be a path here."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path) or "\0" in os.fsdecode(path):
        raise FairkitError("a file or folder is named by its path", "a text or a pathlib.Path", quote(path))
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise FairkitError("the path is too long for this file system", "a shorter name",
                               f"{len(os.fspath(path))} characters") from None
    return Path(os.fsdecode(path))


def check_writable(path):
    """Tries, before any work, whether a file or folder could be made at `path`.

    Raises:
        FairkitError: if the folder above it cannot be made or written to, or has no space left.
    """
    parent = Path(os.path.abspath(path)).parent
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    try:
        with tempfile.TemporaryFile(dir=parent) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise FairkitError(f"{quote(str(path))} cannot be written", "a place in a folder that can be written to",
                           one_line(error.strerror or error)) from None


def private_folder(path):
    """The folder, made with access for its owner only if it is not there; one that is there stays as it is."""
    path = as_path(path)
    if path.exists() and not path.is_dir():
        raise FairkitError("a folder cannot be made where a file is", "the path of a folder", str(path))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _locked_scratch(parent):
    """(a new folder, the descriptor whose lock says that its writer lives, or None where there are no locks)."""
    while True:
        scratch = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            lock = _lock(scratch)
        except BlockingIOError:   # another writer took it for a leftover before it was locked
            continue
        if scratch.exists():
            return scratch, lock
        os.close(lock)


def _lock(folder):
    """A descriptor with an exclusive lock on a folder, which ends with the process; None where none can be had.

    Raises:
        BlockingIOError: if another process has it, or has removed the folder.
    """
    try:
        import fcntl
    except ImportError:   # Windows
        return None
    try:
        opened = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        raise BlockingIOError(errno.EWOULDBLOCK, "removed", str(folder)) from None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        raise
    except OSError:   # a file system without locks: its leftovers stay
        os.close(opened)
        return None
    return opened


def _remove_leftovers(parent):
    with os.scandir(parent) as entries:
        found = [Path(entry.path) for entry in entries
                 if _SCRATCH.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)]
    for scratch in found:
        try:
            lock = _lock(scratch)
        except OSError:   # at work, or somebody else's
            continue
        if lock is None:
            continue
        _put_back(scratch)
        shutil.rmtree(scratch, ignore_errors=True)
        os.close(lock)


def _exchange(new, path, scratch):
    """Puts `new` in the place of `path`, and what was there into the scratch."""
    if _exchanged_at_once(new, path):
        return
    (scratch / "target").write_text(path.name, encoding="utf-8")   # for `_put_back`, if it ends between the two
    os.replace(path, scratch / "old")
    try:
        os.replace(new, path)
    except OSError:
        os.replace(scratch / "old", path)
        raise


def _put_back(scratch):
    """Of a writer that was killed between two renames, gives the older folder its name again."""
    target, old = scratch / "target", scratch / "old"
    if target.is_file() and old.is_dir():
        path = scratch.parent / Path(target.read_text(encoding="utf-8")).name
        if not path.exists():
            os.replace(old, path)


def _exchanged_at_once(new, path):
    """Whether the system could exchange two names in one step."""
    names = os.fsencode(new), os.fsencode(path)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return libc.renamex_np(*names, 2) == 0   # RENAME_SWAP
        here = -100   # AT_FDCWD
        return libc.renameat2(here, names[0], here, names[1], 2) == 0   # RENAME_EXCHANGE
    except (OSError, AttributeError, TypeError):   # a system that has no such call
        return False
