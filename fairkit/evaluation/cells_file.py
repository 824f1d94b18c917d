"""Cells as plain arrays and JSON: in files, and between the workers of a pipeline."""

import io
import json
import math
import zipfile
import zlib

import numpy as np

from fairkit.counts.atoms import Atoms
from fairkit.counts.cells import Cells
from fairkit.counts.fine_scores import FineScores
from fairkit.errors import FairkitError, quote
from fairkit.formats.memory import free_memory
from fairkit.storage import FORMAT

__all__ = ["ARRAYS", "FINE_ARRAYS", "cells_as_arrays", "cells_from_arrays", "cells_from_bytes", "cells_to_bytes",
           "read_arrays"]

ARRAYS = ("thresholds", "keys", "moments", "confusion_keys", "confusion_moments", "score_keys", "score_sums")
FINE_ARRAYS = ("fine_keys", "fine_moments")
_MOST_CLASSES = 1 << 20


def cells_as_arrays(cells):
    """(about, arrays) of `Cells`: a dict that JSON holds, and a dict of name -> array."""
    about = {"features": cells.atoms.features, "cells": cells.atoms.cells, "classes": cells.classes,
             "dropped": None if cells.fine is None else cells.fine.dropped}
    arrays = {name: getattr(cells, name) for name in ARRAYS}
    if cells.fine is not None:
        arrays |= dict(zip(FINE_ARRAYS, (cells.fine.keys, cells.fine.moments), strict=True))
    return about, arrays


def cells_from_arrays(about, arrays):
    """The `Cells` of what `cells_as_arrays` gave, also after a way through JSON and `np.savez`.

    Raises:
        FairkitError: if an array is missing or not as `Cells` has it: a value out of its range, counts that are not
            whole or do not add up.
    """
    try:
        has_fine = about["dropped"] is not None
        if missing := [name for name in (*ARRAYS, *(FINE_ARRAYS if has_fine else ())) if name not in arrays]:
            raise FairkitError("the cells are incomplete", "those of fairkit 0.1 or newer: evaluate or train once more",
                               f"no {' and no '.join(missing)}")
        atoms = Atoms(tuple(about["features"]), tuple(tuple(map(tuple, cells)) for cells in about["cells"]))
        fine = FineScores(arrays["fine_keys"], arrays["fine_moments"], about["dropped"]) if has_fine else None
        cells = Cells(atoms, tuple(about["classes"]), **{name: arrays[name] for name in ARRAYS}, fine=fine)
        wrong = _wrong_in(cells)
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError):
        wrong = "they have another form"
    if wrong:
        raise FairkitError("these cells are damaged", "the counts that fairkit wrote", wrong)
    return cells


def read_arrays(source, names):
    """(about, arrays) of an .npz file: those of the given names that are there, and nothing else of it.

    Args:
        source: the path, or an opened file.
        names: of arrays, beside "about".

    Raises:
        FairkitError: for arrays that would not fit into memory.
        ValueError, KeyError, OSError, zipfile.BadZipFile, zlib.error: for what is no such file.
    """
    with zipfile.ZipFile(source) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        known = [name for name in ("about", *names) if name in members]
        size, free = sum(members[name].file_size for name in known), free_memory()
        if size > free // 2:
            raise FairkitError("these cells are too large for the memory of this machine",
                               f"at most {free // 2:,} bytes", f"{size:,} bytes")
        arrays = {name: _array(archive, members[name]) for name in known}
    about = json.loads(str(arrays.pop("about")))
    if not isinstance(about, dict):
        raise ValueError("about is not an object")
    return about, arrays


def _array(archive, member):
    """One array, of numbers or text; no memory is taken for more than the file holds."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, _, dtype = header(file)
    if dtype.hasobject or math.prod(shape) * dtype.itemsize > member.file_size:
        raise ValueError("an array of another size than its file")
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _wrong_in(cells):
    """What is not as `Cells` has it; None where all is."""
    atoms, classes, thresholds = cells.atoms, cells.classes, cells.thresholds
    if not all(isinstance(name, str) for name in atoms.features) or len(set(atoms.features)) != len(atoms.features) \
            or not all(len(cell) == len(atoms.features) and all(isinstance(text, str) for texts in cell
                                                                for text in texts) for cell in atoms.cells) \
            or len(set(atoms.cells)) != len(atoms.cells):
        return "features or atoms that are none"
    if not classes or len(set(classes)) != len(classes) or (None in classes and classes != (None,)) \
            or not all(one is None or (type(one) is int and 0 <= one < _MOST_CLASSES) for one in classes):
        return f"classes {quote(classes)[:60]}"
    if thresholds.ndim != 1 or thresholds.dtype.kind != "f" or not ((thresholds >= 0) & (thresholds <= 1)).all() \
            or not (np.diff(thresholds) > 0).all():
        return f"thresholds {quote(thresholds.tolist())[:60]}"
    limits = (len(atoms), len(classes), 2, len(thresholds) + 1)
    outputs = (len(atoms), _MOST_CLASSES, _MOST_CLASSES)
    for name, keys, moments, below, width in (
            ("keys", cells.keys, cells.moments, limits, 3),
            ("confusion", cells.confusion_keys, cells.confusion_moments, outputs, 3),
            ("scores", cells.score_keys, cells.score_sums, limits[:3], 4),
            *([] if cells.fine is None else [("fine scores", cells.fine.keys[:, (2, 1, 3, 0)], cells.fine.moments,
                                              (*limits[:3], 1 << 31), 3)])):
        if keys.dtype.kind not in "iu" or keys.shape != (len(moments), len(below)) or \
                (keys.size and ((keys < 0) | (keys >= np.array(below))).any()) or _twice(keys, below):
            return f"{name} beyond their table"
        if moments.shape != (len(keys), width) or moments.dtype.kind not in "fiu" or not np.isfinite(moments).all() \
                or (moments < 0).any():
            return f"{name} with counts that are none"
        n, *_ = moments.T
        if name != "scores" and len(keys) and ((n < 1) | (n != np.floor(n))).any():
            return f"{name} with counts that are not whole"
    if cells.fine is not None and not (type(cells.fine.dropped) is int and 0 <= cells.fine.dropped < 32):
        return f"dropped {quote(cells.fine.dropped)}"
    return _not_added_up(cells)


def _twice(keys, below):
    """Whether a row of keys, each below its limit, stands there twice."""
    if math.prod(below) >= 1 << 62:
        return len(np.unique(keys, axis=0)) != len(keys)
    strides = [math.prod(below[place + 1:]) for place in range(len(below))]
    return len(np.unique(keys.astype(np.int64) @ np.array(strides, np.int64))) != len(keys)


def _not_added_up(cells):
    """Each example is counted once a class, once in the confusion of classes, once among fine scores."""
    def examples(keys, moments, atom=0):
        return np.bincount(keys[:, atom], moments[:, 0], len(cells.atoms))

    rows = [cells.keys[:, 1] == position for position in range(len(cells.classes))]
    counts = [examples(cells.keys[of], cells.moments[of]) for of in rows]
    if len(cells.confusion_keys):
        counts.append(examples(cells.confusion_keys, cells.confusion_moments))
    if cells.fine is not None:
        of = [cells.fine.keys[:, 1] == position for position in range(len(cells.classes))]
        counts += [examples(cells.fine.keys[one], cells.fine.moments[one], atom=2) for one in of]
    if any((one != counts[0]).any() for one in counts[1:]):
        return "counts that do not add up"
    return None


def cells_to_bytes(cells, **more):
    """`Cells`, or None, as a few bytes, with `more` that JSON holds.

    Example:
        >>> import numpy as np
        >>> from fairkit.counts.atoms import atoms_of
        >>> from fairkit.counts.counting import count
        >>> cells = count(*atoms_of({}, 2), np.array([0, 1]), np.array([0.2, 0.9]), None, [0.5], (None,))
        >>> back, more = cells_from_bytes(cells_to_bytes(cells, weighted=False))
        >>> back.moments.tolist() == cells.moments.tolist(), more
        (True, {'weighted': False})
    """
    about, arrays = (None, {}) if cells is None else cells_as_arrays(cells)
    text = json.dumps({"format": FORMAT, "about": about, "more": more})
    data = io.BytesIO()
    np.savez(data, about=np.array(text), **{name: _narrow(array) for name, array in arrays.items()})
    return zlib.compress(data.getvalue(), level=1)  # a fifth of the time that np.savez_compressed takes


def cells_from_bytes(data):
    """(`Cells` or None, more) of what `cells_to_bytes` gave.

    Raises:
        FairkitError: for other bytes, or those of a newer fairkit.
    """
    try:
        text, arrays = read_arrays(io.BytesIO(zlib.decompress(data)), (*ARRAYS, *FINE_ARRAYS))
        version, about, more = text["format"], text["about"], text["more"]
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile, zlib.error):
        raise FairkitError("these bytes are no cells", "what cells_to_bytes gave", f"{len(data)} bytes") from None
    if version > FORMAT:
        raise FairkitError("these cells were written by a newer fairkit", f"format {FORMAT} or older", version)
    if about is None:
        return None, more
    wide = {name: array.astype(np.int64 if name.endswith("keys") else np.float64) for name, array in arrays.items()}
    return cells_from_arrays(about, wide), more


def _narrow(array):
    """The same numbers in the smallest unsigned type, where they are whole."""
    if not array.size or array.min() < 0 or (array.dtype.kind == "f" and not np.array_equal(array, np.floor(array))):
        return array
    return array.astype(np.min_scalar_type(int(array.max()))) if array.max() < 2**53 else array
