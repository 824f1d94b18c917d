"""TFRecord files: records by length, each checked by its masked CRC-32C."""

import struct

from fairkit.errors import FairkitError, quote
from fairkit.formats.compression import DAMAGED, compression_of, open_bytes

__all__ = ["FORM", "is_plain", "is_tfrecord", "masked_crc", "records"]

FORM = "a TFRecord file of tf.Examples, plain or gzip"
_BLOCK = 1 << 22
_LONGEST = 1 << 31    # no protocol buffer is longer
_DELTA = 0xA282EAD8


def is_tfrecord(head):
    """Whether a file that begins with these 16 bytes holds TFRecords, plain or in gzip."""
    return is_plain(head) or compression_of(head) == "gzip"


def is_plain(head):
    """Whether these bytes begin with the length of a record and its checksum."""
    return len(head) >= 12 and struct.unpack("<I", head[8:12])[0] == masked_crc(head[:8])


def records(file, path):
    """Yields lists of records.

    Args:
        file: opened for reading bytes, plain or gzip.
        path: for messages.

    Raises:
        FairkitError: for a file that is damaged or none of TFRecords; the message says at which record.
    """
    rest, done = b"", 0
    try:
        block = file.read(_BLOCK)
        if compression_of(block) == "gzip" and not is_plain(block):
            file.seek(0)
            file = open_bytes(path, "gzip", file)
            block = file.read(_BLOCK)
        if block and not is_plain(block):
            raise FairkitError(f"{str(path)!r} is no TFRecord file", FORM,
                               f"a file that begins with {quote(block[:8])}")
        while block:
            found, rest = _split(rest + block, path, done)
            done += len(found)
            yield found
            block = file.read(_BLOCK)
    except FairkitError:
        raise
    except DAMAGED as error:
        raise FairkitError(f"{str(path)!r} cannot be read to its end", "a whole file", str(error)) from None
    if rest:
        raise FairkitError(f"{str(path)!r} ends within row {done}", "a whole file", f"{len(rest)} bytes of that row")


def _split(data, path, done):
    """(the whole records at the start of `data`, what is left)."""
    found, position, size = [], 0, len(data)
    length_at, checksum_at = struct.Struct("<Q").unpack_from, struct.Struct("<I").unpack_from
    while position + 12 <= size:
        length = length_at(data, position)[0]
        end = position + 12 + length
        if end + 4 > size:
            if length > _LONGEST or not is_plain(data[position:position + 12]):
                raise _damaged(path, done + len(found))
            break
        record = data[position + 12:end]
        if checksum_at(data, end)[0] != masked_crc(record):
            raise _damaged(path, done + len(found))
        found.append(record)
        position = end + 4
    return found, data[position:]


def _damaged(path, row):
    return FairkitError(f"{str(path)!r} is damaged", FORM, f"a wrong checksum of row {row}")


def masked_crc(data):
    """The CRC-32C of bytes as TFRecords store it: rotated right by 15 bits, plus a constant."""
    from google_crc32c import value

    crc = value(data)
    return ((crc >> 15 | crc << 17) + _DELTA) & 0xFFFFFFFF
