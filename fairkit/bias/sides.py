"""The counts of facet d and of facet a, of which all metrics but the flip test are made."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.counts.counting import count
from fairkit.counts.rates import Counts

__all__ = ["Sides", "sides_of"]

_GROUP, _LABEL = "\0group", "\0label"  # names that no column has


@dataclass(frozen=True)
class Sides:
    """Counts by atom of one facet, and who is on which side.

    Attributes:
        texts: the facet values, one a row of the following.
        disfavoured, advantaged: (values, atoms) of 0 and 1: facet d and facet a.
        counts: `Counts` of predictions at thresholds, (atoms, thresholds, 3).
        labels: (atoms, 2, 3): n, sum of weights and of squared weights of the negative and the positive labels.
        strata: (strata, atoms) of 0 and 1, of the group variable; None without one.
        ungrouped: (atoms,) booleans: who has no value of the group variable.
        kinds: (label values, atoms) of 0 and 1, where distributions are over label values; None else.
        missing: the number of examples on neither side.
        codes: (n,) which atom each row is in.
    """

    texts: list
    disfavoured: np.ndarray
    advantaged: np.ndarray
    counts: Counts
    labels: np.ndarray
    strata: np.ndarray | None
    ungrouped: np.ndarray
    kinds: np.ndarray | None
    missing: int
    codes: np.ndarray

    @property
    def both(self):
        """(2, values, atoms): facet a, facet d."""
        return np.stack([self.advantaged, self.disfavoured]).astype(float)

    @cached_property
    def predicted(self):
        """`Counts` of facet a and of facet d: (2, values, thresholds, 3)."""
        return self.counts.over(self.both)

    @cached_property
    def labelled(self):
        """(2, values, 2, 3): labels of facet a and of facet d."""
        return np.tensordot(self.both, self.labels, axes=1)

    @cached_property
    def sizes(self):
        """(2, values, 3): n, sum of weights and of squared weights of facet a and of facet d."""
        return self.labelled.sum(-2)


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
    texts, disfavoured, advantaged, unknown = facet.sides(atoms)
    labels = cells.labels_by_atom(None)
    strata = _members(atoms, _GROUP) if group is not None else None
    ungrouped = np.zeros(len(atoms), bool) if strata is None else ~strata.any(0)
    return Sides(texts, disfavoured, advantaged, cells.by_atom(None), labels, strata, ungrouped,
                 _members(atoms, _LABEL) if values is not None else None, int(labels[unknown, :, 0].sum()),
                 codes)


def _members(atoms, what):
    """(distinct cells, atoms) booleans: which atoms hold each cell of a column, leaving out the empty one."""
    row, = atoms.rows_of([what])
    held = [cells[row] for cells in atoms.cells]
    distinct = sorted({cell for cell in held if cell})
    return np.array([[cell == one for cell in held] for one in distinct], bool).reshape(len(distinct), len(atoms))
