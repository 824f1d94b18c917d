"""The line that slices are seen against: overall, or a slice by name."""

from collections.abc import Mapping

import numpy as np

from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.labels import drawn_text, percent, rate_of, slice_text
from fairkit.view.plots.wanted import family_of

__all__ = ["reference_key", "reference_value"]


def reference_value(results, reference=None):
    """(value, label) of the line, or None where there is none to draw.

    Args:
        results: `Result`s; the value is the first one's.
        reference: a dict of feature -> value, None for overall, False for no line.
    """
    if reference is False:
        return None
    result = results[0]
    key = reference_key(reference, result.rows)
    row = result.rows.get(key)
    if row is None or np.isnan(row["value"]):
        return None
    value = float(row["value"])
    text = ("overall" if not key else slice_text(key)) + (f", {drawn_text(result.name)}" if len(results) > 1 else "")
    return value, f"{text} {percent(value) if rate_of(result.metric) else f'{value:.4g}'}"


def reference_key(reference, keys):
    """The key of the slice that a reference names."""
    if not reference:
        return ()
    if not isinstance(reference, Mapping):
        raise FairkitError("a reference names a slice", "a dict such as {'color': 'blue'}", quote(reference))
    key = tuple(sorted((str(feature), str(value)) for feature, value in reference.items()))
    if key not in keys:
        alike = [each for each in keys if family_of(each) == family_of(key)] or [each for each in keys if each]
        raise FairkitError("the evaluation has no slice for this reference",
                           nearest(slice_name(key), map(slice_name, alike)), quote(reference))
    return key
