"""One value out of the frame of an evaluation."""

import numpy as np

from fairkit.errors import FairkitError, nearest

__all__ = ["value_in"]


def value_in(frame, metric, slice="Overall", threshold=None, class_id=None):
    """The value in the row of a frame for a metric, slice, threshold (None for none) and class (None for none).

    Raises:
        FairkitError: if there is no such row.
    """
    rows = frame
    for column, wanted in (("metric", metric), ("slice", slice), ("class", class_id), ("threshold", threshold)):
        missing = wanted is None or (isinstance(wanted, float) and np.isnan(wanted))
        hit = rows[rows[column].isna() if missing else rows[column] == wanted]
        if hit.empty:
            raise FairkitError(f"this evaluation has no {column} {wanted!r} for {metric!r}",
                               nearest(wanted, rows[column].drop_duplicates()), repr(wanted))
        rows = hit
    return float(rows["value"].iloc[0])
