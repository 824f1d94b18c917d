"""Sums by a tuple of integers, of which only those that occur are kept."""

import numpy as np

__all__ = ["MOMENTS", "Tally", "summed"]

MOMENTS = 3  # n, sum of weights, sum of squared weights
_DENSE = 1 << 20  # index spaces up to here are summed in one table


class Tally:
    """Sums values by a flat index into a shape, chunk by chunk.

    Args:
        shape: the sizes of the index tuple.
        columns: the number of values that are summed for each index.
    """

    def __init__(self, shape, columns):
        self.shape, self.columns = shape, columns
        self.size = int(np.prod(shape, dtype=object))
        self.dense = np.zeros((columns, self.size)) if self.size <= _DENSE else None
        self.parts = []

    def add(self, index, *values):
        """Adds a chunk: `index` (k,) flat indices; each of values is (k,) numbers, or None for ones."""
        if self.dense is not None:
            for column, value in zip(self.dense, values, strict=True):
                column += np.bincount(index, value, self.size)
            return
        distinct, index = np.unique(index, return_inverse=True)
        sums = [np.bincount(index, value, len(distinct)) for value in values]
        self.parts.append((distinct, np.column_stack(sums).astype(float)))
        if len(self.parts) > 64:
            self.parts = [_by_index(self.parts)]

    def result(self):
        """(keys, sums): the index tuples that occur, (m, d), in order, and their sums, (m, columns).

        The first value must be a count: an index occurs where that is above 0.
        """
        if self.dense is not None:
            where = np.flatnonzero(self.dense[0])
            sums = self.dense[:, where].T
        else:
            where, sums = _by_index(self.parts)
        return np.column_stack(np.unravel_index(where, self.shape)), np.ascontiguousarray(sums)

    @property
    def chunk(self):
        """How many rows to add at once: so few that they stay in the cache, so many that a table pays."""
        return 1 << 16 if self.dense is None else max(1 << 16, 2 * self.size)


def summed(keys, sums):
    """Adds up the rows of `sums`, (m, c), that have equal `keys`, (m, d) integers >= 0; sorted by key."""
    if not len(keys):
        return keys, sums
    shape = tuple(int(k) + 1 for k in keys.max(axis=0))
    if int(np.prod(shape, dtype=object)) < 1 << 62:
        flat, index = np.unique(np.ravel_multi_index(tuple(keys.T), shape), return_inverse=True)
        distinct = np.column_stack(np.unravel_index(flat, shape))
    else:
        distinct, index = np.unique(keys, axis=0, return_inverse=True)
    index = index.reshape(-1)
    return distinct, np.column_stack([np.bincount(index, column, len(distinct)) for column in sums.T])


def _by_index(parts):
    index = np.concatenate([part[0] for part in parts])
    keys, sums = summed(index[:, None], np.concatenate([part[1] for part in parts]))
    return keys[:, 0], sums
