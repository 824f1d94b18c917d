"""Result folders: run.json names what is in one, with a digest of each part: a mixture is not taken for a result."""

import contextlib
import datetime
import hashlib
import json
import os
import re
from pathlib import Path, PurePosixPath

from fairkit.errors import FairkitError, quote
from fairkit.storage import FORMAT, as_path, check_writable, replaced_folder

__all__ = ["RUN", "check_file", "check_output", "described", "new_folder", "part", "read_about"]

RUN = "run.json"
_FREE = ("report.html",)   # made of the parts for people, at any time: no part itself
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1 << 26   # bytes of run.json


@contextlib.contextmanager
def new_folder(path, about):
    """A scratch folder that takes the place of `path`, with run.json, if the block ends without an exception.

    Args:
        path: where to; checked as `check_output` does.
        about: dict of plain values for run.json; the block may add to it. The format, the time and the sha256 of each
            file are added.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp()) / "result"
        >>> with new_folder(folder, {"command": "example"}) as new:
        ...     _ = (new / "a.txt").write_text("whole")
        >>> part(folder, "a.txt").read_text(), read_about(folder)["command"]
        ('whole', 'example')
        >>> _ = (folder / "a.txt").write_text("changed")
        >>> part(folder, "a.txt")
        Traceback (most recent call last):
        fairkit.errors.FairkitError: 'a.txt' is not what this folder was written with...
    """
    path = check_output(path)
    with replaced_folder(path) as new:
        yield new
        for place in (*new.rglob("*"), new):
            place.chmod(0o700 if place.is_dir() else 0o600)
        parts = {name: _digest(new / name) for name in _files_in(new) if name not in _FREE}
        whole = {"format": FORMAT, **about, "parts": parts,
                 "written": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
        (new / RUN).touch(mode=0o600)
        (new / RUN).write_text(text, encoding="utf-8", errors="surrogatepass")


def check_output(path, *inputs):
    """The path, if a result may be put there: nothing is there, or a folder that fairkit wrote and nobody added to.

    Args:
        path: of the folder.
        inputs: paths that are read; None and what is no path on this machine are left alone.

    Raises:
        FairkitError: for a file, a folder with anything that fairkit did not write, a place that cannot be written to,
            and a folder that is an input, lies in one, or holds one.
    """
    path = as_path(path)
    for given in inputs:
        if given is not None and os.path.exists(given):
            one, other = (Path(os.path.realpath(place)) for place in (path, given))
            if one == other or one in other.parents or (other in one.parents and other.is_dir() and _is_result(other)):
                raise FairkitError("the output would replace its own input", "another folder", quote(str(path)))
    if path.exists() and not path.is_dir():
        raise FairkitError("a folder cannot be made where a file is", "the path of a folder", quote(str(path)))
    if path.is_dir() and (foreign := _foreign(path)):
        more = f" and {len(foreign) - 5} more" if len(foreign) > 5 else ""
        raise FairkitError("the output folder holds what fairkit did not write there, which would be lost",
                           "a new or empty folder, or one that fairkit wrote",
                           f"{quote(str(path))} with {', '.join(map(quote, foreign[:5]))}{more}")
    check_writable(path)
    return path


def check_file(path, *inputs):
    """The path, if a file may be written there: it is neither an input nor a part of a result, and can be written.

    Args:
        path: of the file; an older file there is replaced.
        inputs: paths of files that are read; None and what is no path on this machine are left alone.

    Raises:
        FairkitError: otherwise.
    """
    path = as_path(path)
    check_writable(path)
    if path.is_dir():
        raise FairkitError(f"{quote(str(path))} is a folder", "the path of a file in it", quote(str(path)))
    for given in inputs:
        if given is not None and path.exists() and os.path.exists(given) and os.path.samefile(path, given):
            raise FairkitError("the output would replace its own input", "another file", quote(str(path)))
    for folder in Path(os.path.realpath(path)).parents:
        if _is_result(folder):
            name = Path(os.path.realpath(path)).relative_to(folder).as_posix()
            if name == RUN or name in read_about(folder)["parts"]:
                raise FairkitError(f"{quote(name)} is a part of the result in {quote(str(folder))}",
                                   "another file, such as report.html there", quote(str(path)))
    return path


def described(path):
    """What a folder of fairkit's holds, in a few words; None for one that is empty or not there."""
    if not (Path(path) / RUN).is_file():
        return None
    about = read_about(path)
    return f"a result of fairkit {about.get('command', 'evaluate')}, written {about.get('written', 'before')}"


def read_about(folder):
    """What run.json of a folder holds.

    Raises:
        FairkitError: if there is none, it is damaged or not fairkit's, or a newer fairkit wrote it.
    """
    path = Path(folder) / RUN
    if not path.is_file():
        raise FairkitError("there is no run here",
                           f"a folder with {RUN}, as fairkit train and fairkit evaluate -o write it", str(folder))
    if path.stat().st_size > _LARGEST:
        raise FairkitError(f"{RUN} cannot be read", f"at most {_LARGEST:,} bytes",
                           f"{path.stat().st_size:,} in {path!s}")
    try:
        about = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    except (ValueError, RecursionError):
        about = None
    version = about.get("format") if isinstance(about, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FairkitError(f"{RUN} cannot be read", "a file that fairkit wrote", str(path))
    if version > FORMAT:
        raise FairkitError("this run was written by a newer fairkit", f"format {FORMAT} or older", version)
    parts = about.get("parts")
    if not isinstance(parts, dict) or not all(_is_name(name) and isinstance(digest, str) and _DIGEST.fullmatch(digest)
                                              for name, digest in parts.items()):
        raise FairkitError(f"{RUN} does not say what belongs to this folder",
                           "parts with their digests, as fairkit writes them since 0.1: make the run once more",
                           str(path))
    return about


def part(folder, name, about=None):
    """The path of a part whose content is what run.json says; None if run.json names no such part.

    Args:
        folder: of the result.
        name: of the file, with "/" for one in a folder of it.
        about: run.json, where it has been read.

    Raises:
        FairkitError: for a file that is missing, has changed, or is not named by run.json.
    """
    about = read_about(folder) if about is None else about
    path, digest = Path(folder) / name, about["parts"].get(name)
    if digest is None:
        if path.exists():
            raise FairkitError(f"{quote(name)} does not belong to this run", f"what {RUN} names", str(path))
        return None
    if not path.is_file():
        raise FairkitError(f"{quote(name)} of this run is missing", f"what {RUN} names", str(path))
    if _digest(path) != digest:
        raise FairkitError(f"{quote(name)} is not what this folder was written with", "the same content",
                           f"a file that has changed since: {path!s}")
    return path


def _foreign(folder):
    """What is in a folder that fairkit has not written, by name."""
    names = _files_in(folder)
    if not names:
        return []
    try:
        known = {RUN, *_FREE, *read_about(folder)["parts"]}
    except FairkitError:
        return names
    return [name for name in names if name not in known]


def _is_result(folder):
    return (folder / RUN).is_file()


def _files_in(folder):
    """Names of the files, links and empty folders below a folder."""
    folder = Path(folder)
    return sorted(place.relative_to(folder).as_posix() for place in folder.rglob("*")
                  if place.is_symlink() or not place.is_dir() or not any(place.iterdir()))


def _is_name(name):
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
