"""The tables of a comparison: what became of each slice's rate and gap, and which rates got worse."""

import numpy as np
import pandas as pd

from fairkit.counts.atom_sets import Parts
from fairkit.counts.significance import sums_of
from fairkit.counts.slices import sets_of, slice_name
from fairkit.evaluation.specs import compared_rate, reference_of
from fairkit.evaluation.table import too_few
from fairkit.evaluation.verdicts import change_verdicts, gap_verdicts

__all__ = ["change_tables", "rows_by_slice", "worse_rows"]

WORSE = ["thresholds", "class", "metric", "threshold_before", "threshold_after", "slice", "before", "after", "change",
         "change_lower", "change_upper", "denominator"]
CHANGED = [*WORSE, "verdict", "note"]
COLUMNS = [*WORSE[:6], "reference", *WORSE[6:11], "verdict", "gap_before", "gap_before_lower", "gap_before_upper",
           "gap_after", "gap_after_lower", "gap_after_upper", "gap_change", "gap_change_lower", "gap_change_upper",
           "gap_verdict", "denominator", "note"]


def rows_by_slice(atoms, evaluation, reference):
    """`Parts` of each slice of an evaluation and its reference, which is empty where a slice has none."""
    compared = references_of(evaluation, reference)
    distinct = {key: place for place, key in enumerate(dict.fromkeys(compared))}
    slices = evaluation.members if atoms == evaluation.cells.atoms else sets_of(atoms, evaluation.keys)
    return Parts(slices, sets_of(atoms, distinct), [distinct[key] for key in compared])


def references_of(evaluation, reference):
    """The key of each slice's reference; None where it has none, or one that min_slice_size leaves out."""
    compared = [reference_of(key, reference) for key in evaluation.keys]
    hidden = evaluation.too_small(dict.fromkeys(key for key in compared if key))
    return [None if key in hidden else key for key in compared]


def change_tables(metric, opposite, keys, compared, matches, decided, sides, least):
    """(`Comparison.frame` of a metric, the same of the opposite one without gaps or None): row by row the same slices.

    Args:
        opposite: another metric, or None.
        keys, compared: of the slices, and of what their gaps are taken against.
        matches, decided: `Match`es and their `Decisions`.
        sides: for each of the two models what `rows_by_slice` gives.
        least: fewer examples in a denominator are "too few".
    """
    names = np.array([slice_name(key) for key in keys], object)
    others = np.array([None if key is None else slice_name(key) for key in compared], object)
    blocks, opposites = [], []
    for match, both in zip(matches, decided, strict=True):
        in_slices = both.over(*(side.slices for side in sides))
        blocks.append(_changes(metric, names, match, in_slices, least)
                      | _gaps(metric, others, both.over(*sides)))
        if opposite is not None:
            opposites.append(_changes(opposite, names, match, in_slices, least))
    return _table(blocks, COLUMNS), _table(opposites, CHANGED) if opposites else None


def _changes(metric, names, match, in_slices, least):
    """The columns of one pair of thresholds but for the gaps, from the `Decisions` in each slice."""
    rate = compared_rate(metric)
    before, after, change = in_slices.change(rate)
    note = np.where(np.isnan(change[0]), f"undefined: no {rate.among} in this slice", "").astype(object)
    too_few(note, sums_of(rate, in_slices.first).members, rate.among, least)
    same = {"thresholds": match.kind, "class": match.class_id, "metric": metric}
    at = {"threshold_before": np.nan if match.before is None else match.before,
          "threshold_after": np.nan if match.after is None else match.after}
    return {**{name: np.full(len(names), value, object) for name, value in same.items()},
            **{name: np.full(len(names), value, float) for name, value in at.items()}, "slice": names,
            "before": before[0], "after": after[0], **_named("change", change),
            "verdict": change_verdicts(rate.better, *change), "denominator": before[4], "note": note}


def _gaps(metric, references, in_parts):
    """The columns of gaps, from the `Decisions` in `Parts`; missing where a slice has no reference."""
    *gaps, total = in_parts.gap_change(compared_rate(metric))
    columns = {"reference": references, **_named("gap_before", gaps[0]), **_named("gap_after", gaps[1]),
               **_named("gap_change", gaps[2]), "gap_verdict": gap_verdicts(gaps[2], total, *gaps[:2])}
    alone = references == None  # noqa: E711  element by element
    for column in columns.values():
        column[alone] = None if column.dtype == object else np.nan
    return columns


def _table(blocks, names):
    """One table of several blocks of columns, which are given up one by one, so that no two copies are held."""
    columns = {name: np.concatenate([block.pop(name) for block in blocks]) for name in names}
    return pd.DataFrame(columns, copy=False)


def _named(name, triple):
    return {name: triple[0], f"{name}_lower": triple[1], f"{name}_upper": triple[2]}


def worse_rows(frame, opposite):
    """Rows of the metric and its opposite whose verdict is "worse"."""
    tables = [table for table in (frame, opposite) if table is not None]
    return pd.concat([table[table["verdict"] == "worse"][WORSE] for table in tables], ignore_index=True)
