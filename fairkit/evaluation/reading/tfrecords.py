"""TFRecord files of tf.Examples as Arrow tables, some rows at a time."""

import gzip
import struct

from fairkit.errors import FairkitError
from fairkit.evaluation.reading.columns import Columns

__all__ = ["columns_in", "is_tfrecord", "kinds_in", "tables"]

_BLOCK = 1 << 22
_ROWS = 1 << 15
_LOOKED_AT = 1000
_SEARCHED = 20_000
_GZIP = b"\x1f\x8b"
_DELTA = 0xA282EAD8
_FORM = "a TFRecord file of tf.Examples, plain or gzip"


def is_tfrecord(head):
    """Whether a file that begins with these 16 bytes holds TFRecords, plain or in gzip."""
    return _is_plain(head) or head.startswith(_GZIP)


def kinds_in(file, path, names=()):
    """dict of feature -> "bytes_list", "float_list" or "int64_list": from the first examples of a file.

    Args:
        file: opened for reading bytes.
        path: for messages.
        names: features to look further for.
    """
    from fairkit.quiet import tf

    kinds, seen = {}, 0
    for records in _records(file, path):
        for record in records:
            if seen >= _SEARCHED or (seen >= _LOOKED_AT and kinds.keys() >= set(names)):
                return kinds
            try:
                features = tf.train.Example.FromString(record).features.feature
            except Exception:  # protobuf's own, which has moved between versions
                raise FairkitError(f"{str(path)!r} holds something other than tf.Examples", _FORM,
                                   f"row {seen}") from None
            for name in features:
                kind = features[name].WhichOneof("kind")
                if kind is not None:
                    kinds.setdefault(name, kind)
            seen += 1
    return kinds


def columns_in(kinds, path, columns):
    """`Columns` with `groups` spelled out: by default all features of texts that the first examples have."""
    return columns.found_in(list(kinds), sorted(name for name, kind in kinds.items() if kind == "bytes_list"), path)


def tables(file, path, columns: Columns, kinds):
    """Yields (`pyarrow.Table` of list columns, its first row in the file).

    Args:
        file: opened for reading bytes.
        path: for messages.
        columns: `Columns` with `groups` spelled out.
        kinds: dict of feature -> kind, as `kinds_in` gives it.

    Raises:
        FairkitError: for a file that is damaged, or that holds something other than tf.Examples of these kinds.
    """
    import pyarrow as pa

    names, first = list(dict.fromkeys([*columns.single, *columns.groups])), 0
    for records in _records(file, path):
        for start in range(0, len(records), _ROWS):
            some = records[start:start + _ROWS]
            parsed = _parsed(some, names, kinds, path, first)
            yield pa.table([_lists(parsed[name]) for name in names], names=names), first
            first += len(some)


def _parsed(records, names, kinds, path, first):
    from fairkit.quiet import tf

    types = {"bytes_list": tf.string, "float_list": tf.float32, "int64_list": tf.int64}
    features = {name: tf.io.RaggedFeature(types[kinds[name]]) for name in names}
    try:
        return tf.io.parse_example(records, features)
    except tf.errors.InvalidArgumentError as error:
        if len(records) == 1:
            raise FairkitError(f"row {first} of {str(path)!r} is no tf.Example of the kind of the first ones",
                               ", ".join(f"{name}: {kinds[name]}" for name in names),
                               " ".join(error.message.split())[:200]) from None
    for i, record in enumerate(records):  # one of them is refused: which?
        _parsed([record], names, kinds, path, first + i)
    raise FairkitError(f"{str(path)!r} cannot be parsed", _FORM, f"rows {first} to {first + len(records) - 1}")


def _lists(ragged):
    import pyarrow as pa

    from fairkit.quiet import tf

    if ragged.dtype == tf.string:  # told apart in TensorFlow, so that each distinct text becomes Python's once
        distinct, index = tf.unique(ragged.values)
        values = pa.array(distinct.numpy().tolist(), pa.binary()).take(pa.array(index.numpy()))
    else:
        values = pa.array(ragged.values.numpy())
    return pa.ListArray.from_arrays(pa.array(ragged.row_splits.numpy(), pa.int32()), values)


def _records(file, path):
    """Yields lists of records; length and contents are checked by their masked CRC-32C."""
    head = file.read(16)
    file.seek(0)
    if not head:
        return
    if not _is_plain(head):
        if not head.startswith(_GZIP):
            raise FairkitError(f"{str(path)!r} is no TFRecord file", _FORM, f"a file that begins with {head[:8]!r}")
        file = gzip.GzipFile(fileobj=file)
    rest, done = b"", 0
    try:
        while block := file.read(_BLOCK):
            records, rest = _split(rest + block, path, done)
            done += len(records)
            yield records
    except (EOFError, OSError) as error:
        raise FairkitError(f"{str(path)!r} cannot be read to its end", "a whole file", str(error)) from None
    if rest:
        raise FairkitError(f"{str(path)!r} ends within row {done}", "a whole file", f"{len(rest)} bytes of that row")


def _split(data, path, done):
    """(the whole records at the start of `data`, what is left)."""
    from google_crc32c import value as crc32c

    records, position, size = [], 0, len(data)
    length_at, checksum_at = struct.Struct("<Q").unpack_from, struct.Struct("<I").unpack_from
    while position + 12 <= size:
        end = position + 12 + length_at(data, position)[0]
        if end + 4 > size:
            if not _is_plain(data[position:position + 12]):
                raise _damaged(path, done + len(records))
            break
        record = data[position + 12:end]
        crc = crc32c(record)
        if checksum_at(data, end)[0] != (crc >> 15 | crc << 17) + _DELTA & 0xFFFFFFFF:  # _masked(crc), at each record
            raise _damaged(path, done + len(records))
        records.append(record)
        position = end + 4
    return records, data[position:]


def _damaged(path, row):
    return FairkitError(f"{str(path)!r} is damaged", _FORM, f"a wrong checksum of row {row}")


def _is_plain(head):
    from google_crc32c import value as crc32c

    return len(head) >= 12 and struct.unpack("<I", head[8:12])[0] == _masked(crc32c(head[:8]))


def _masked(crc):
    return ((crc >> 15 | crc << 17) + _DELTA) & 0xFFFFFFFF
