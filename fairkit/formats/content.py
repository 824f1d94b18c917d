"""The kind of a file, told by its first bytes and, for texts, by its ending."""

from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.compression import DAMAGED, compression_of, ending_of, only_member, open_bytes
from fairkit.formats.tfrecords import is_plain

__all__ = ["ENDINGS", "Content", "content_of"]

ENDINGS = {".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
           ".json": "jsonl", ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow",
           ".ipc": "arrow", ".tfrecord": "tfrecord", ".tfrecords": "tfrecord", ".tfrec": "tfrecord"}
"""Ending -> kind of file."""

_NAMES = {"csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet", "arrow": "Arrow", "tfrecord": "TFRecords"}
_EXPECTED = "CSV, JSON Lines, Parquet, Arrow or TFRecords of tf.Examples, plain or compressed"
_STREAM = b"\xff\xff\xff\xff"    # of Arrow, without the footer that a file has
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Content:
    """What a file is.

    Attributes:
        kind: "csv", "jsonl", "parquet", "arrow" or "tfrecord"; None for an empty file.
        compression: "gzip", "bzip2", "xz", "zstd", "zip" or None.
        ending: that tells the kind, in small letters: ".csv" of "posts.csv.gz", and of a zip archive of "posts.csv".
    """

    def __init__(self, kind, compression, ending):
        self.kind, self.compression, self.ending = kind, compression, ending


def content_of(path):
    """The `Content` of a file.

    Raises:
        FairkitError: for a file of no kind that can be read, or one that is named for another kind than it holds.
    """
    with open(path, "rb") as raw:
        head = raw.read(16)
        compression = compression_of(head)
        if compression is not None:
            raw.seek(0)
            head = _first_bytes(path, compression, raw)
    ending = ending_of(path)
    if compression == "zip" and ending not in ENDINGS:
        ending = ending_of(only_member(path))
    return Content(_kind(head, path, ending), compression, ending)


def _first_bytes(path, compression, raw):
    try:
        with open_bytes(path, compression, raw) as file:
            return file.read(16)
    except FairkitError:
        raise
    except DAMAGED as error:
        raise FairkitError(f"{str(path)!r} cannot be read", "a whole file", one_line(error)) from None


def _kind(head, path, ending):
    named = ENDINGS.get(ending)
    if not head:
        return None
    for magic, kind in ((b"PAR1", "parquet"), (b"ARROW1", "arrow"), (_STREAM, "arrow")):
        if head.startswith(magic):
            return kind
    if is_plain(head):
        return "tfrecord"
    if named in ("parquet", "arrow", "tfrecord"):
        raise FairkitError(f"{str(path)!r} is no {_NAMES[named]} file", f"{_NAMES[named]}, as its ending says",
                           f"a file that begins with {quote(head[:8])}")
    if b"\x00" in head and not head.startswith(_BOMS):
        raise FairkitError(f"{str(path)!r} is of no kind that can be read", _EXPECTED,
                           f"a file that begins with {quote(head[:8])}")
    if named is None:
        return "jsonl" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"
    return named
