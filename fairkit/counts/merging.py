"""merge: cells of several chunks, shards or days as one table."""

import numpy as np

from fairkit.counts.atoms import Atoms
from fairkit.counts.cells import Cells
from fairkit.counts.fine_scores import FineScores
from fairkit.counts.sparse_sums import summed

__all__ = ["merge"]


def merge(tables):
    """One `Cells` of several: keys united, sums added. In whatever order, the result is the same up to rounding.

    Args:
        tables: one `Cells` or more, with the same features, classes and thresholds.

    Raises:
        ValueError: for tables of different features, classes or thresholds.

    Example:
        >>> import numpy as np
        >>> from fairkit.counts.atoms import atoms_of
        >>> from fairkit.counts.counting import count
        >>> one = count(*atoms_of({}, 2), np.array([0, 1]), np.array([0.2, 0.9]), None, [0.5], (None,))
        >>> merge([one, one]).moments[:, 0].tolist()
        [2.0, 2.0]
    """
    tables = list(tables)
    first = tables[0]
    if len(tables) == 1:
        return first
    for other in tables[1:]:
        if (other.atoms.features, other.classes, other.thresholds.tolist()) != \
                (first.atoms.features, first.classes, first.thresholds.tolist()):
            raise ValueError("cells of different features, classes or thresholds cannot be merged")
    atoms = Atoms(first.atoms.features, tuple(sorted({cells for table in tables for cells in table.atoms.cells})))
    places = [atoms.positions_of(table.atoms) for table in tables]

    def united(keys, values, column=0):
        moved = []
        for table, place in zip(tables, places, strict=True):
            moved.append(getattr(table, keys).copy())
            moved[-1][:, column] = place[moved[-1][:, column]]
        return summed(np.concatenate(moved), np.concatenate([getattr(table, values) for table in tables]))

    return Cells(atoms, first.classes, first.thresholds, *united("keys", "moments"),
                 *united("confusion_keys", "confusion_moments"), *united("score_keys", "score_sums"),
                 _fine([table.fine for table in tables], places))


def _fine(parts, places):
    if any(part is None for part in parts):
        return None
    dropped = max(part.dropped for part in parts)
    keys = []
    parts = [part.coarser(dropped) if part.dropped < dropped else part for part in parts]
    for part, place in zip(parts, places, strict=True):
        keys.append(part.keys.copy())
        keys[-1][:, 2] = place[keys[-1][:, 2]]
    moments = np.concatenate([part.moments for part in parts])
    return FineScores(*summed(np.concatenate(keys), moments), dropped).limited()
