"""TFRecord files of tf.Examples."""

import struct

from fairkit.data.writing.tf_examples import serialized
from fairkit.formats.tfrecords import masked_crc

__all__ = ["write_tfrecord"]


def write_tfrecord(columns, n, file):
    """Writes one record a row to an open file: length, its masked CRC-32C, tf.Example, its masked CRC-32C."""
    lengths, checksum = {}, struct.Struct("<I").pack
    for records in serialized(columns, n):
        parts = []
        for record in records:
            size = len(record)
            if size not in lengths:
                length = struct.pack("<Q", size)
                lengths[size] = length + checksum(masked_crc(length))
            parts += lengths[size], record, checksum(masked_crc(record))
        file.write(b"".join(parts))
