"""The counts of facet d and of facet a, of which all metrics but the flip test are made."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fairkit.counts.atom_sets import AtomSets, Parts, union_sums
from fairkit.counts.atoms import atoms_of
from fairkit.counts.counting import count
from fairkit.counts.rates import OUTCOMES, Counts

__all__ = ["Classes", "Sides", "sides_of"]

_GROUP, _LABEL = "\0group", "\0label"  # names that no column has


@dataclass(frozen=True)
class Classes:
    """Disjoint classes of atoms, such as strata: `codes` (atoms,) is which class each is in, -1 where in none; `size`
    is the number of classes."""

    codes: np.ndarray
    size: int


@dataclass(frozen=True)
class Sides:
    """Counts by atom of one facet, and who is on which side.

    Facet d of each value is held by its atoms, and facet a, which is everybody else, is never listed: memory and time
    grow with the values, not with values x atoms.

    Attributes:
        texts: the facet values, one a set of `disfavoured`.
        disfavoured: `AtomSets`: facet d of each value.
        known: (atoms,) booleans: who has a facet value, and so is in facet d or in facet a.
        counts: `Counts` of predictions at thresholds, (atoms, thresholds, 3).
        labels: (atoms, 2, 3): n, sum of weights and of squared weights of the negative and the positive labels.
        strata: `Classes` of the group variable; None without one.
        kinds: `Classes` of label values, where distributions are over these; None else.
        missing: the number of examples on neither side.
        codes: (n,) which atom each row is in.
    """

    texts: list
    disfavoured: AtomSets
    known: np.ndarray
    counts: Counts
    labels: np.ndarray
    strata: Classes | None
    kinds: Classes | None
    missing: int
    codes: np.ndarray

    @cached_property
    def predicted(self):
        """`Counts` of facet a and of facet d: (2, values, thresholds, 3)."""
        return Counts(*(self.sums(getattr(self.counts, outcome))[:, :, 0] for outcome in OUTCOMES))

    @cached_property
    def labelled(self):
        """(2, values, 2, 3): labels of facet a and of facet d."""
        return self.sums(self.labels)[:, :, 0]

    @cached_property
    def sizes(self):
        """(2, values, 3): n, sum of weights and of squared weights of facet a and of facet d."""
        return self.labelled.sum(-2)

    def sums(self, moments, within=None):
        """(2, values, classes, ..., 3): the sums of moments (atoms, ..., 3) over facet a and over facet d.

        Args:
            within: `strata` or `kinds`, for the sums within each of its classes; None for a single one.
        """
        size = 1 if within is None else within.size
        found = union_sums(self._whole if within is None else self._parts(within), moments)
        return np.moveaxis(found[:, [2, 1]].reshape(len(self.texts), size, 2, *moments.shape[1:]), 2, 0)

    def rows(self, place):
        """((n,) booleans of facet d, of facet a): which rows are on which side of one value."""
        d = self.disfavoured.mask(place)
        return d[self.codes], (self.known & ~d)[self.codes]

    @cached_property
    def _whole(self):
        return self._parts(Classes(np.zeros(len(self.known), np.int64), 1))

    def _parts(self, classes):
        """Facet d within each class, value after value, against all who have a value in that class."""
        d, size = self.disfavoured, classes.size
        inside = d.where(classes.codes[d.members] >= 0)
        everybody = AtomSets.of([np.flatnonzero(self.known & (classes.codes >= 0))], len(self.known))
        return Parts(_divided(inside, classes), _divided(everybody, classes), np.tile(np.arange(size), len(d)))


def sides_of(facet, positive, outcomes, weights, group=None, values=None):
    """Counts once what every count metric of one facet needs.

    Args:
        facet: `Facet`.
        positive: (n,) int8: 1 for a positive label.
        outcomes: `Outcomes` of predictions, or None.
        weights: (n,) float64 or None.
        group: `GroupColumn` of strata, or None.
        values: `GroupColumn` of label values, or None.
    """
    extra = {what: column for what, column in ((_GROUP, group), (_LABEL, values)) if column is not None}
    atoms, codes = atoms_of({**facet.columns, **extra}, len(positive))
    scores, thresholds = (np.zeros(len(positive)), (0.5,)) if outcomes is None else \
        (outcomes.scores, outcomes.thresholds)
    cells = count(atoms, codes, positive, scores, weights, thresholds, (None,))
    texts, disfavoured, known = facet.sides(atoms)
    labels = cells.labels_by_atom(None)
    strata, kinds = (None if column is None else _classes(atoms, what)
                     for what, column in ((_GROUP, group), (_LABEL, values)))
    return Sides(texts, disfavoured, known, cells.by_atom(None), labels, strata, kinds,
                 int(labels[~known, :, 0].sum()), codes)


def _classes(atoms, what):
    """The `Classes` of atoms by their cell of a column, in the order of the cells; an empty one is in none."""
    row, = atoms.rows_of([what])
    held = [cells[row] for cells in atoms.cells]
    places = {cell: place for place, cell in enumerate(sorted({cell for cell in held if cell}))}
    return Classes(np.array([places.get(cell, -1) for cell in held], np.int64), len(places))


def _divided(sets, classes):
    """Each of some `AtomSets` divided by class: set 0 within class 0, within class 1, ..., set 1 within class 0, ..."""
    owners = sets.owners * classes.size + classes.codes[sets.members]
    order = np.argsort(owners, kind="stable")  # members stay ascending
    starts = np.searchsorted(owners[order], np.arange(len(sets) * classes.size + 1))
    return AtomSets(starts, sets.members[order], sets.atoms)
