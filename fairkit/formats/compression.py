"""Compressed files read as if they were not: gzip, bzip2, xz, Zstandard, and a zip archive of one file."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from pathlib import Path

from fairkit.errors import FairkitError

__all__ = ["COMPRESSED_ENDINGS", "DAMAGED", "compression_of", "ending_of", "only_member", "open_bytes",
           "uncompressed_size"]

_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd",
          b"PK\x03\x04": "zip"}
COMPRESSED_ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".zstd", ".zip")
DAMAGED = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What reading a damaged compressed file raises."""


def compression_of(head):
    """The compression of a file that begins with these bytes, or None."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def ending_of(path):
    """The ending that tells the kind, in small letters: ".csv" of "posts.csv.gz"."""
    path = Path(path)
    if path.suffix.lower() in COMPRESSED_ENDINGS:
        path = path.with_suffix("")
    return path.suffix.lower()


def open_bytes(path, compression=None, raw=None):
    """A file opened for reading its bytes, uncompressed.

    Args:
        path: of the file.
        compression: as `compression_of` gives it.
        raw: the opened file, if it is open.

    Raises:
        FairkitError: for a zip archive that does not hold exactly one file.
    """
    raw = open(path, "rb") if raw is None else raw  # noqa: SIM115 - the caller closes what is returned
    if compression == "gzip":
        return gzip.GzipFile(fileobj=raw)
    if compression == "bzip2":
        return bz2.BZ2File(raw)
    if compression == "xz":
        return lzma.LZMAFile(raw)
    if compression == "zstd":
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
    if compression == "zip":
        archive = _archive(raw, path)
        return archive.open(_only_member(archive, path))
    return raw


def uncompressed_size(path, compression):
    """How many bytes the uncompressed file has, where that is written down: of plain and zip files; else None."""
    if compression is None:
        return Path(path).stat().st_size
    if compression == "zip":
        with open(path, "rb") as raw, _archive(raw, path) as archive:
            return _only_member(archive, path).file_size
    return None


def _archive(raw, path):
    try:
        return zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        raise FairkitError(f"{str(path)!r} cannot be read", "a whole zip archive", str(error)) from None


def only_member(path):
    """The name of the one file in a zip archive; raises `FairkitError` where it does not hold exactly one."""
    with open(path, "rb") as raw, _archive(raw, path) as archive:
        return _only_member(archive, path).filename


def _only_member(archive, path):
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename for member in members]
    if {"[Content_Types].xml", "xl/workbook.xml"} & set(names):
        raise FairkitError(f"{str(path)!r} is an Excel file", "a CSV file: in Excel, Save As, CSV UTF-8; or "
                           "pandas.read_excel, whose frame is read as well", "an Excel workbook")
    if names and all(name.endswith(".npy") for name in names):
        raise FairkitError(f"{str(path)!r} is an archive of arrays", "fairkit.data.handwritten_numbers(source=...) for "
                           "an mnist.npz, or fairkit.Examples(inputs=..., labels=...) of its arrays",
                           ", ".join(names[:5]))
    if len(members) != 1:
        raise FairkitError(f"the archive {str(path)!r} does not hold one file", "one file, or unpacked files",
                           ", ".join(names[:5]) or "none")
    return members[0]
