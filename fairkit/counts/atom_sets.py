"""Sets of atoms, such as slices, and sums over them: the cost grows with their members, not with sets x atoms."""

import itertools
import math
from functools import cached_property

import numpy as np

__all__ = ["AtomSets", "Parts", "union_sums"]

_DENSE = 1 << 20  # sets x atoms up to here are a plain matrix: quicker than loading scipy.sparse
_WHOLE = 2.0**53  # sums of whole numbers are exact up to here


class AtomSets:
    """Sets of atoms, each held by its members.

    Attributes:
        starts: (sets + 1,) where the members of each set start in `members`.
        members: (m,) atoms, ascending within each set.
        atoms: the number of all atoms.
    """

    def __init__(self, starts, members, atoms):
        self.starts, self.members, self.atoms = np.asarray(starts, np.int64), np.asarray(members, np.int64), atoms

    @classmethod
    def of(cls, rows, atoms=None):
        """From lists of atoms, from booleans (sets, atoms), or from `AtomSets`.

        Example:
            >>> sets = AtomSets.of([[0, 2], [1]], 3)
            >>> sets.sums(np.array([1.0, 10.0, 100.0])).tolist()
            [101.0, 10.0]
        """
        if isinstance(rows, AtomSets):
            return rows
        if isinstance(rows, np.ndarray):
            row, member = np.nonzero(rows)
            return cls(_starts(np.bincount(row, minlength=len(rows))), member, rows.shape[1])
        sizes, members = [len(row) for row in rows], np.fromiter(itertools.chain.from_iterable(rows), np.int64)
        found = np.unique(np.repeat(np.arange(len(rows)), sizes) * max(atoms, 1) + members)
        owner, member = np.divmod(found, max(atoms, 1))
        return cls(_starts(np.bincount(owner, minlength=len(rows))), member, atoms)

    def __len__(self):
        return len(self.starts) - 1

    def __getitem__(self, places):
        """The sets at some places: integers, a slice, or booleans."""
        places = np.arange(len(self))[places]
        sizes = self.sizes[places]
        return AtomSets(_starts(sizes), self.members[_runs(self.starts[places], sizes)], self.atoms)

    @property
    def sizes(self):
        """(sets,) numbers of members."""
        return np.diff(self.starts)

    @cached_property
    def owners(self):
        """(m,) the set that each of `members` is in."""
        return np.repeat(np.arange(len(self)), self.sizes)

    def mask(self, place):
        """(atoms,) booleans: which are in one set."""
        inside = np.zeros(self.atoms, bool)
        inside[self.members[self.starts[place]:self.starts[place + 1]]] = True
        return inside

    def where(self, kept):
        """The same sets with only those members for which `kept`, (m,) booleans, holds."""
        return AtomSets(_starts(np.bincount(self.owners[kept], minlength=len(self))), self.members[kept], self.atoms)

    def by_atom(self):
        """(atom, list of the sets that it is in, ascending) of each atom that is in any."""
        order = np.argsort(self.members, kind="stable")
        atoms, first = np.unique(self.members[order], return_index=True)
        for atom, owners in zip(atoms.tolist(), np.split(self.owners[order], first[1:]), strict=False):
            yield atom, owners.tolist()

    def sums(self, table):
        """(sets, ...): the sums over each set's atoms of a table (atoms, ...)."""
        inner = np.shape(table)[1:]
        flat = np.asarray(table, float).reshape(self.atoms, math.prod(inner))
        return np.asarray(self.matrix @ flat).reshape(len(self), *inner)

    def examples(self, codes):
        """(starts, examples): the positions of each set's examples, ascending; `codes` (n,) are their atoms."""
        order = np.argsort(codes, kind="stable")
        sizes = np.bincount(codes, minlength=self.atoms)
        of_member = sizes[self.members]
        found = order[_runs(_starts(sizes)[self.members], of_member)]
        owner = np.repeat(self.owners, of_member)
        kept = np.lexsort((found, owner)) if (self.sizes > 1).any() else slice(None)
        return _starts(np.bincount(owner, minlength=len(self))), found[kept]

    @cached_property
    def matrix(self):
        """(sets, atoms) of 0 and 1: an array, or a matrix of scipy.sparse where that would be large."""
        if len(self) * self.atoms <= _DENSE:
            matrix = np.zeros((len(self), self.atoms))
            matrix[self.owners, self.members] = 1
            return matrix
        from scipy.sparse import csr_matrix

        return csr_matrix((np.ones(len(self.members)), self.members, self.starts), (len(self), self.atoms))


class Parts:
    """Slices and their references as disjoint parts: only in the slice, in both, only in the reference.

    What is only in the reference is most of the data where that is overall, and is never listed: whole numbers are
    subtracted, which is exact; other sums are added up from the runs of the reference's atoms between those of the
    slice, from a tree of sums of 1, 2, 4, ... neighbours, since a difference of sums would leave rounding remainders.

    Args:
        slices: `AtomSets`.
        references: `AtomSets`, distinct ones.
        of: (slices,) which of `references` each slice is compared with.
    """

    def __init__(self, slices, references, of):
        self.slices, self.references, self.of = slices, references, np.asarray(of, np.int64)
        ordered = references.owners * references.atoms + references.members
        asked = self.of[slices.owners] * references.atoms + slices.members
        places = np.searchsorted(ordered, asked)
        shared = np.zeros(len(asked), bool)
        there = places < len(ordered)
        shared[there] = ordered[places[there]] == asked[there]
        self.only, self.both = slices.where(~shared), slices.where(shared)
        self._places = places[shared]

    def __len__(self):
        return len(self.of)

    def sums(self, table):
        """(slices, 3, ...): the sums over the atoms of each part of a table (atoms, ...)."""
        table = np.asarray(table, float)
        only, both = self.only.sums(table), self.both.sums(table)
        if np.array_equal(table, np.floor(table)) and np.abs(table).sum() < _WHOLE:
            other = self.references.sums(table)[self.of] - both
        else:
            other = self._between(table)
        return np.stack([only, both, other], axis=1)

    def _between(self, table):
        low, high, pair = (each.copy() for each in self._runs)
        level = table.reshape(len(table), math.prod(table.shape[1:]))[self.references.members]
        sums = np.zeros((len(low), level.shape[1]))
        while len(open_ := np.flatnonzero(low < high)):
            # An end that has no neighbour within its run is added here; the rest of the run goes up one level.
            rows = open_[low[open_] % 2 == 1]
            sums[rows] += level[low[rows]]
            low[rows] += 1
            rows = open_[(high[open_] % 2 == 1) & (low[open_] < high[open_])]
            high[rows] -= 1
            sums[rows] += level[high[rows]]
            low, high = low // 2, high // 2
            level = level[:len(level) // 2 * 2].reshape(-1, 2, level.shape[1]).sum(1)
        runs = AtomSets(_starts(np.bincount(pair, minlength=len(self))), np.arange(len(sums)), len(sums))
        return runs.sums(sums).reshape(len(self), *table.shape[1:])

    @cached_property
    def _runs(self):
        """(low, high, pair): the runs of the references' members, one after the other, between shared ones."""
        shared = self.both.sizes
        first = np.arange(len(self)) + self.both.starts[:-1]
        inner = np.ones(len(self._places) + len(self), bool)
        inner[first] = False
        low, high = np.empty(len(inner), np.int64), np.empty(len(inner), np.int64)
        low[first], low[inner] = self.references.starts[self.of], self._places + 1
        last = np.ones(len(inner), bool)
        last[first + shared] = False
        high[first + shared], high[last] = self.references.starts[self.of + 1], self._places
        pair = np.repeat(np.arange(len(self)), shared + 1)
        kept = low < high
        return low[kept], high[kept], pair[kept]


def union_sums(rows, table):
    """Sums over unions of atoms of moments (atoms, ..., 3): n, sums of weights, of squared weights.

    Args:
        rows: `AtomSets`, `Parts`, or (..., atoms) of 0 and 1.
    """
    if not isinstance(rows, (AtomSets, Parts)):
        return np.tensordot(np.asarray(rows, float), table, axes=1)
    if np.array_equal(table[..., 0], table[..., 1]) and np.array_equal(table[..., 1], table[..., 2]):
        return np.repeat(rows.sums(table[..., :1]), 3, axis=-1)  # without weights all three are the same
    return rows.sums(table)


def _starts(sizes):
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _runs(starts, sizes):
    """The positions of several runs, one after the other: starts[0], starts[0] + 1, ..."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(int(np.sum(sizes)))
