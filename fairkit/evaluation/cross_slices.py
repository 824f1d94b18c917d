"""Gaps between pairs of slices that a TFMA config names."""

import numpy as np
import pandas as pd

from fairkit.counts.rates import RATES
from fairkit.counts.slices import slice_name
from fairkit.evaluation.gap_tables import gaps_between

__all__ = ["COLUMNS", "cross_slice_frame", "cross_slices", "cross_values"]

COLUMNS = ["baseline", "comparison", "class", "metric", "threshold", "gap", "lower", "upper", "note"]


def cross_slices(evaluation):
    """The frame of `Evaluation.cross_slices`; None where its config has no cross slicing spec."""
    return cross_slice_frame(cross_values(evaluation)) if _pairs(evaluation) else None


def cross_values(evaluation):
    """The gaps of all pairs.

    Returns:
        dict of (baseline key, comparison key) -> {(class, metric, threshold or None): (gap, lower, upper, note)}.
    """
    pairs = _pairs(evaluation)
    found = {pair: {} for pair in pairs}
    if not pairs:
        return found
    for metric in evaluation.metrics:
        if metric in RATES or metric in ("accuracy", "auc"):
            table = gaps_between(evaluation, metric, pairs)
            rows = zip(*(table[c] for c in ("class", "threshold", "gap", "lower", "upper", "note")), strict=True)
            for place, (class_id, threshold, *numbers, note) in enumerate(rows):
                at = None if np.isnan(threshold) else threshold
                found[pairs[place % len(pairs)]][class_id, metric, at] = (*numbers, _about_gap(note))
        else:
            _differences(evaluation, metric, found)
    return found


def cross_slice_frame(values):
    """The frame of what `cross_values` gives."""
    rows = [(slice_name(baseline), slice_name(comparison), class_id, metric, np.nan if at is None else at, *numbers)
            for (baseline, comparison), found in values.items() for (class_id, metric, at), numbers in found.items()]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"class": object})
    frame["class"] = pd.Series([row[2] for row in rows], dtype=object)
    return frame


def _pairs(evaluation):
    if evaluation.config is None:
        return []
    from fairkit.evaluation.tfma.request import read_config
    from fairkit.evaluation.tfma.sliced import asked_keys, cross_pairs

    config = read_config(evaluation.config).config
    return cross_pairs(config, asked_keys(config, evaluation.keys)) if config.cross_slicing_specs else []


def _about_gap(note):
    """What a note of `gap_table` says of the gap, without what it says of the ratio and the test."""
    return "; ".join(part for part in note.split("; ") if not part.startswith(("no ratio", "no test")))


def _differences(evaluation, metric, found):
    """Of what has no gaps with intervals: means, calibration, counts."""
    frame = evaluation.frame
    rows = np.flatnonzero(frame["metric"] == metric)
    values = {}
    for row in rows:
        values.setdefault(evaluation.row_keys[row], {})[frame["class"].iloc[row]] = frame["value"].iloc[row]
    for (baseline, comparison), places in found.items():
        for class_id, value in values[baseline].items():
            gap = value - values[comparison][class_id]
            places[class_id, metric, None] = gap, np.nan, np.nan, "undefined" if np.isnan(gap) else ""
