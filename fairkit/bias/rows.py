"""Which rows count in a report, and how much."""

from dataclasses import replace

import numpy as np

from fairkit.bias.table import numbers_of
from fairkit.column_names import is_name
from fairkit.errors import FairkitError
from fairkit.examples import WEIGHTS, odd_weights

__all__ = ["left_out_of", "taken", "weights_of"]


def weights_of(table, weights):
    """(n,) float64 of a column, of an array, or of examples; None where every row counts once."""
    if weights is None:
        return None if table.examples is None else table.examples.weights
    found = numbers_of("weights", table.columns[table.checked("weights", weights)] if is_name(weights) else
                       np.asarray(weights))
    if found.shape != (len(table),) or odd_weights(found).any():
        raise FairkitError("the weights do not fit", f"{len(table)} numbers, each {WEIGHTS}",
                           f"shape {found.shape}" if found.shape != (len(table),) else found[odd_weights(found)][0])
    return found


def left_out_of(said, outcomes):
    """(rows with a label and a prediction, or None for all; dict of what is lacking -> rows)."""
    lacking = {"no label": np.isnan(said.scores)}
    if outcomes is not None:
        lacking["no prediction"] = ~lacking["no label"] & np.isnan(outcomes.scores)
    left_out = {what: int(rows.sum()) for what, rows in lacking.items() if rows.any()}
    if not left_out:
        return None, {}
    return np.flatnonzero(~np.logical_or.reduce(list(lacking.values()))), left_out


def taken(kept, said, outcomes, weights, facets, strata, kinds, flips):
    """All of it for some rows."""
    def part(column):
        return None if column is None else column.take(kept)

    outcomes = None if outcomes is None else replace(outcomes, scores=outcomes.scores[kept])
    facets = [replace(facet, columns={name: part(column) for name, column in facet.columns.items()})
              for facet in facets]
    return (replace(said, scores=said.scores[kept]), outcomes, None if weights is None else weights[kept], facets,
            part(strata), part(kinds), flips.taken(kept))
