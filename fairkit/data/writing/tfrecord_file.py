"""TFRecord files of tf.Examples."""

import struct

from fairkit.data.writing.tf_examples import serialized

__all__ = ["write_tfrecord"]

_DELTA = 0xA282EAD8


def write_tfrecord(columns, n, file):
    """Writes one record a row to an open file: length, its masked CRC-32C, tf.Example, its masked CRC-32C."""
    from google_crc32c import value as crc32c

    lengths, checksum = {}, struct.Struct("<I").pack
    for records in serialized(columns, n):
        parts = []
        for record in records:
            size = len(record)
            if size not in lengths:
                length = struct.pack("<Q", size)
                lengths[size] = length + checksum(_masked(crc32c(length)))
            parts += lengths[size], record, checksum(_masked(crc32c(record)))
        file.write(b"".join(parts))


def _masked(crc):
    return ((crc >> 15 | crc << 17) + _DELTA) & 0xFFFFFFFF
