"""TFRecord files of tf.Examples as Arrow tables, some rows at a time."""

import re

import numpy as np

from fairkit.errors import FairkitError
from fairkit.formats.tfrecords import FORM, records

__all__ = ["kinds_in", "tables"]

_ROWS = 1 << 15
_LOOKED_AT = 1000
_SEARCHED = 20_000
_INTERNAL = re.compile(r"\{\{.*?\}\}|Name: <unknown>,?|\[Op:.*?\]")


def kinds_in(file, path, names=()):
    """dict of feature -> "bytes_list", "float_list" or "int64_list": from the first examples of a file.

    Args:
        file: opened for reading bytes.
        path: for messages.
        names: features to look further for.
    """
    from fairkit.quiet import tf

    kinds, seen = {}, 0
    for some in records(file, path):
        for record in some:
            if seen >= _SEARCHED or (seen >= _LOOKED_AT and kinds.keys() >= set(names)):
                return kinds
            try:
                features = tf.train.Example.FromString(record).features.feature
            except Exception:  # protobuf's own, which has moved between versions
                raise FairkitError(f"{str(path)!r} holds something other than tf.Examples", FORM,
                                   f"row {seen}") from None
            for name in features:
                kind = features[name].WhichOneof("kind")
                if kind is not None:
                    kinds.setdefault(name, kind)
            seen += 1
    return kinds


def tables(file, path, names, kinds, odd=None):
    """Yields (`pyarrow.Table` of list columns, its first row in the file, or the numbers of its rows).

    Args:
        file: opened for reading bytes.
        path: for messages.
        names: of the features that are wanted.
        kinds: dict of feature -> kind, as `kinds_in` gives it.
        odd: takes the `FairkitError` of a record that cannot be parsed, which is left out then; None to raise it.

    Raises:
        FairkitError: for a file that is damaged, or that holds something other than tf.Examples of these kinds.
    """
    import pyarrow as pa

    names, first = list(dict.fromkeys(names)), 0
    for found in records(file, path):
        for start in range(0, len(found), _ROWS):
            some = found[start:start + _ROWS]
            parsed, rows = _parsed(some, names, kinds, path, first, odd)
            if parsed is not None:
                yield pa.table([_lists(parsed[name]) for name in names], names=names), rows
            first += len(some)


def _parsed(serialized, names, kinds, path, first, odd):
    """(dict of ragged tensors or None, the first row or the numbers of the rows)."""
    from fairkit.quiet import tf

    types = {"bytes_list": tf.string, "float_list": tf.float32, "int64_list": tf.int64}
    features = {name: tf.io.RaggedFeature(types[kinds[name]]) for name in names}
    try:
        return tf.io.parse_example(serialized, features), first
    except tf.errors.InvalidArgumentError:
        pass
    kept = []
    for row, record in enumerate(serialized):  # some of them are refused: which?
        try:
            tf.io.parse_example([record], features)
            kept.append(row)
        except tf.errors.InvalidArgumentError as error:
            refused = FairkitError(f"row {first + row} of {str(path)!r} is no tf.Example with features of the expected "
                                   "kinds", ", ".join(f"{name}: {kinds[name]}" for name in names),
                                   _refused(record, names, kinds, error))
            if odd is None:
                raise refused from None
            odd(first + row, refused)
    if not kept:
        return None, first
    return tf.io.parse_example([serialized[row] for row in kept], features), first + np.array(kept)


def _refused(record, names, kinds, error):
    """What is wrong with a record that TensorFlow does not parse."""
    from fairkit.quiet import tf

    try:
        features = tf.train.Example.FromString(record).features.feature
    except Exception:  # protobuf's own, which has moved between versions
        return "bytes that are no tf.Example"
    found = {name: features[name].WhichOneof("kind") for name in names if name in features}
    odd = [f"{name}: {kind}" for name, kind in found.items() if kind not in (None, kinds[name])]
    return ", ".join(odd) or _INTERNAL.sub("", " ".join(error.message.split()))[:200]


def _lists(ragged):
    import pyarrow as pa

    from fairkit.quiet import tf

    if ragged.dtype == tf.string:  # told apart in TensorFlow, so that each distinct text becomes Python's once
        distinct, index = tf.unique(ragged.values)
        values = pa.array(distinct.numpy().tolist(), pa.binary()).take(pa.array(index.numpy()))
    else:
        values = pa.array(ragged.values.numpy())
    return pa.ListArray.from_arrays(pa.array(ragged.row_splits.numpy(), pa.int32()), values)
