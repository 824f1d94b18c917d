"""One value out of the frame of an evaluation, and the rows of one metric."""

import numpy as np

from fairkit.counts.rates import OTHER_NAMES
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.families import families_by

__all__ = ["rows_in", "value_in"]


def value_in(frame, metric, slice="Overall", threshold=None, class_id=None):
    """The value in the row of a frame for a metric, slice, threshold (None for none) and class (None for none).

    Raises:
        FairkitError: if there is no such row.
    """
    for what, given in (("a metric", metric), ("a slice", slice)):
        if not isinstance(given, str):
            raise FairkitError(f"{what} is asked for by its name", "a text", quote(given)[:80])
    rows = frame
    for column, wanted in (("metric", metric), ("slice", slice), ("class", class_id), ("threshold", threshold)):
        missing = wanted is None or (isinstance(wanted, float) and np.isnan(wanted))
        hit = rows[rows[column].isna() if missing else rows[column] == wanted]
        if hit.empty:
            raise _none(rows, column, wanted, metric)
        rows = hit
    return float(rows["value"].iloc[0])


def rows_in(frame, keys, metric, by=None, threshold=None, class_id=None, slice=None):
    """The rows of a frame for one metric, and for the slices, threshold and class that are asked for; None for all.

    Args:
        frame: in the form of `Evaluation.frame`.
        keys: of its slices.
        metric: its name.
        by: a feature, a tuple of features (their cross), or a list of these: their slices only.
        threshold, class_id, slice: of the rows.

    Returns:
        The columns slice, class and threshold (where the metric has them), value, lower, upper, numerator,
        denominator, examples, note.

    Raises:
        FairkitError: if there is no such row.
    """
    rows = frame[frame["metric"] == metric]
    if rows.empty:
        raise _none(frame, "metric", metric, metric)
    without = ["metric", *(column for column in ("class", "threshold") if rows[column].isna().all())]
    for column, wanted in (("slice", slice), ("class", class_id), ("threshold", threshold)):
        if wanted is not None:
            hit = rows[rows[column] == wanted]
            if hit.empty:
                raise _none(rows, column, wanted, metric)
            rows = hit
    if by is not None:
        names = {slice_name(key) for found in families_by(keys, by).values() for key in found}
        rows = rows[rows["slice"].isin(names)]
    return rows.drop(columns=without).reset_index(drop=True)


def _none(rows, column, wanted, metric):
    about = "" if column == "metric" else f" for {quote(metric)}"
    there = rows[column].dropna().drop_duplicates()
    name = {"class": "class_id"}.get(column, column)
    expected = nearest(wanted, there, other_names=OTHER_NAMES if column == "metric" else None) if len(there) else \
        f"no {name}=, since {quote(metric)} has none here"
    return FairkitError(f"this evaluation has no {column} {quote(wanted)}{about}", expected, quote(wanted))
