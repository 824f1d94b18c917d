"""The kind and the compression of the file that is to be written, told by the endings of its name."""

import bz2
import contextlib
import gzip
import lzma
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.formats.content import ENDINGS

__all__ = ["KINDS", "compressed", "kind_of"]

KINDS = ("csv", "jsonl", "parquet", "arrow", "tfrecord")
_ENDINGS = {ending: kind for ending, kind in ENDINGS.items() if ending not in (".tsv", ".tab", ".txt")}
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zstd": "zstd"}
_TAKEN = {"csv": ("gzip", "bzip2", "xz", "zstd"), "jsonl": ("gzip", "bzip2", "xz", "zstd"), "tfrecord": ("gzip",),
          "parquet": (), "arrow": ()}
_GZIP_LEVEL = 4    # texts take a third of the time of level 6, and are 7 % larger


def kind_of(path, kind=None):
    """(kind, compression) of a file to be written: one of `KINDS`, and "gzip", "bzip2", "xz", "zstd" or None.

    Raises:
        FairkitError: for an ending or a kind that is unknown, or a compression that the format does not take.
    """
    path = Path(path)
    compression = _COMPRESSIONS.get(path.suffix.lower())
    bare = path.with_suffix("") if compression else path
    if kind is None:
        kind = _ENDINGS.get(bare.suffix.lower())
        if kind is None:
            raise FairkitError(f"the ending of {quote(path.name)} names no format",
                               nearest(bare.suffix.lower(), _ENDINGS)
                               + f"; or kind={quote(KINDS[0])} and the like", repr("".join(path.suffixes[-2:])))
    elif kind not in KINDS:
        raise FairkitError("no such kind of file can be written", nearest(kind, KINDS), quote(kind))
    if compression is not None and compression not in _TAKEN[kind]:
        raise FairkitError(f"{quote(path.name)} would be compressed in a way that {kind} files are not",
                           f"a name that ends in {_way_out(kind, path)}", quote(path.suffix))
    return kind, compression


def _way_out(kind, path):
    if kind == "tfrecord":
        return "'.tfrecord' or '.tfrecord.gz'"
    inside = " (Parquet compresses inside)" if kind == "parquet" else " (it is not compressed, to be mapped to memory)"
    return f"{quote('.' + kind)}{inside}"


@contextlib.contextmanager
def compressed(path, compression=None):
    """A file opened for writing bytes that are compressed on their way; the same bytes give the same file."""
    with open(path, "wb") as raw, contextlib.ExitStack() as stack:
        if compression == "gzip":
            raw = stack.enter_context(gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0))
        elif compression == "bzip2":
            raw = stack.enter_context(bz2.BZ2File(raw, "wb"))
        elif compression == "xz":
            raw = stack.enter_context(lzma.LZMAFile(raw, "wb"))
        elif compression == "zstd":
            import pyarrow as pa

            raw = stack.enter_context(pa.CompressedOutputStream(pa.PythonFile(raw, "w"), "zstd"))
        yield raw
