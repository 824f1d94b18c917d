"""Cells as plain arrays and JSON: in files, and between the workers of a pipeline."""

import io
import json
import zipfile
import zlib

import numpy as np

from fairkit.counts.atoms import Atoms
from fairkit.counts.cells import Cells
from fairkit.counts.fine_scores import FineScores
from fairkit.errors import FairkitError
from fairkit.storage import FORMAT

__all__ = ["cells_as_arrays", "cells_from_arrays", "cells_from_bytes", "cells_to_bytes"]

ARRAYS = ("thresholds", "keys", "moments", "confusion_keys", "confusion_moments", "score_keys", "score_sums")


def cells_as_arrays(cells):
    """(about, arrays) of `Cells`: a dict that JSON holds, and a dict of name -> array."""
    about = {"features": cells.atoms.features, "cells": cells.atoms.cells, "classes": cells.classes,
             "dropped": None if cells.fine is None else cells.fine.dropped}
    arrays = {name: getattr(cells, name) for name in ARRAYS}
    if cells.fine is not None:
        arrays |= {"fine_keys": cells.fine.keys, "fine_moments": cells.fine.moments}
    return about, arrays


def cells_from_arrays(about, arrays):
    """The `Cells` of what `cells_as_arrays` gave, also after a way through JSON and `np.savez`.

    Raises:
        FairkitError: if an array is missing, as in runs from before fairkit 0.1.
    """
    if missing := [name for name in ARRAYS if name not in arrays]:
        raise FairkitError("the cells are incomplete", "those of fairkit 0.1 or newer: evaluate or train once more",
                           f"no {' and no '.join(missing)}")
    atoms = Atoms(tuple(about["features"]), tuple(tuple(map(tuple, cells)) for cells in about["cells"]))
    fine = None
    if about.get("dropped") is not None:   # runs from before fine buckets have none
        fine = FineScores(arrays["fine_keys"], arrays["fine_moments"], about["dropped"])
    return Cells(atoms, tuple(about["classes"]), **{name: arrays[name] for name in ARRAYS}, fine=fine)


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
        with np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        text = json.loads(str(arrays.pop("about")))
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
