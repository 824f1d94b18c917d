"""The tables of a comparison: what became of each slice's rate and gap, and which rates got worse."""

import numpy as np
import pandas as pd

from fairkit.counts.significance import sums_of
from fairkit.counts.slices import atoms_in, slice_name
from fairkit.evaluation.gaps import parts_of
from fairkit.evaluation.specs import compared_rate, reference_of
from fairkit.evaluation.table import too_few
from fairkit.evaluation.verdicts import change_verdicts, gap_verdicts

__all__ = ["change_table", "rows_by_slice", "worse_rows"]


def rows_by_slice(atoms, keys, reference):
    """(slices, parts): which atoms are in each slice, and in each slice and its reference."""
    slices = np.stack([atoms_in(atoms, key) for key in keys])
    compared = [reference_of(key, reference) for key in keys]
    none = np.zeros(len(atoms), bool)
    references = np.stack([none if key is None else atoms_in(atoms, key) for key in compared])
    return slices, parts_of(slices, references)


def change_table(metric, keys, reference, matches, decided, sides, least):
    """`Comparison.frame` of one metric.

    Args:
        keys, reference: of the slices, and what their gaps are taken against.
        matches, decided: `Match`es and their `Decisions`.
        sides: for each of the two models what `rows_by_slice` gives.
        least: fewer examples in a denominator are "too few".
    """
    rate = compared_rate(metric)
    compared = [reference_of(key, reference) for key in keys]
    names = {"slice": [slice_name(key) for key in keys],
             "reference": [None if key is None else slice_name(key) for key in compared]}
    (slices_a, parts_a), (slices_b, parts_b) = sides
    blocks = []
    for match, both in zip(matches, decided, strict=True):
        before, after, change = both.change(rate, slices_a, slices_b)
        *gaps, total = both.gap_change(rate, parts_a, parts_b)
        note = np.where(np.isnan(change[0]), f"undefined: no {rate.among} in this slice", "").astype(object)
        too_few(note, sums_of(rate, both.first.over(slices_a)).members, rate.among, least)
        blocks.append(pd.DataFrame({
            "thresholds": match.kind, "class": np.full(len(keys), match.class_id, object), "metric": metric,
            **_thresholds(match), **names,
            "before": before[0], "after": after[0], **_named("change", change),
            "verdict": change_verdicts(rate.better, *change), **_named("gap_before", gaps[0]),
            **_named("gap_after", gaps[1]), **_named("gap_change", gaps[2]),
            "gap_verdict": gap_verdicts(gaps[2], total, *gaps[:2]), "denominator": before[4], "note": note}))
    frame = pd.concat(blocks, ignore_index=True)
    alone = frame["reference"].isna()
    frame.loc[alone, [c for c in frame if c.startswith("gap_") and c != "gap_verdict"]] = np.nan
    frame.loc[alone, "gap_verdict"] = None
    return frame


def _thresholds(match):
    return {"threshold_before": np.nan if match.before is None else match.before,
            "threshold_after": np.nan if match.after is None else match.after}


def _named(name, triple):
    return {name: triple[0], f"{name}_lower": triple[1], f"{name}_upper": triple[2]}


def worse_rows(frame, opposite):
    """Rows of the metric and its opposite whose verdict is "worse"."""
    columns = ["thresholds", "class", "metric", "threshold_before", "threshold_after", "slice", "before", "after",
               "change", "change_lower", "change_upper", "denominator"]
    tables = [table for table in (frame, opposite) if table is not None]
    return pd.concat([table[table["verdict"] == "worse"][columns] for table in tables], ignore_index=True)
