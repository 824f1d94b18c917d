"""What the user asks for, checked: slices, thresholds, classes, metrics, references."""

from collections.abc import Mapping

import numpy as np

from fairkit.counts.rates import RATES
from fairkit.errors import FairkitError, nearest

__all__ = ["checked_classes", "checked_metric", "checked_slices", "checked_thresholds", "reference_of"]

DEFAULT_THRESHOLDS = tuple(round(k / 10, 1) for k in range(1, 10))


def checked_slices(slices, groups):
    """Slice specifications, each a tuple of (feature, values) sorted by feature; values None is every value.

    Args:
        slices: a list of features ("color"), crosses (("digit", "color")), dicts that name values
            ({"religion": ["muslim", "jewish"]}), or () for overall, which is always there.
        groups: dict of name -> `GroupColumn`.
    """
    if isinstance(slices, (str, Mapping)):
        slices = [slices]
    specs = []
    for slice_ in slices:
        if isinstance(slice_, str):
            wanted = {slice_: None}
        elif isinstance(slice_, Mapping):
            wanted = dict(slice_)
        elif isinstance(slice_, (list, tuple)) and all(isinstance(part, str) for part in slice_):
            wanted = dict.fromkeys(slice_)
        else:
            raise FairkitError("a slice is a feature, a tuple of features, or a dict of values",
                               "such as 'color', ('color', 'digit') or {'color': 'orange'}", repr(slice_))
        spec = tuple((name, _checked_values(name, wanted[name], groups)) for name in sorted(wanted))
        if spec and spec not in specs:
            specs.append(spec)
    return tuple(specs)


def _checked_values(name, values, groups):
    if name not in groups:
        raise FairkitError(f"no group column {name!r} to slice by", nearest(name, groups), repr(name))
    if values is None:
        return None
    several = values if isinstance(values, (list, tuple, set, frozenset)) else [values]
    groups[name].match(name, list(several))  # refuses a value that occurs in no example
    return tuple(sorted({str(value) for value in several}))


def checked_thresholds(thresholds):
    """Distinct thresholds in [0, 1], ascending."""
    values = DEFAULT_THRESHOLDS if thresholds is None else np.atleast_1d(np.asarray(thresholds)).tolist()
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise FairkitError("a threshold lies outside [0, 1]", "numbers from 0 to 1", repr(value))
    if not values:
        raise FairkitError("there is no threshold", "at least one number from 0 to 1", repr(thresholds))
    return sorted({float(value) for value in values})


def checked_classes(classes, outputs):
    """The class ids to judge against the rest; [None] for a binary score (outputs None)."""
    if outputs is None:
        if classes is not None:
            raise FairkitError("classes are for models with several outputs", "classes=None for a binary score",
                               repr(classes))
        return [None]
    ids = list(range(outputs)) if classes is None else np.atleast_1d(np.asarray(classes)).tolist()
    for class_id in ids:
        if not isinstance(class_id, int) or not 0 <= class_id < outputs:
            raise FairkitError("a class is none of the model's", f"class ids from 0 to {outputs - 1}", repr(class_id))
    return sorted(set(ids))


def checked_metric(metric):
    """The `Rate` of a name."""
    if metric not in RATES:
        raise FairkitError(f"no rate {metric!r}", nearest(metric, RATES), repr(metric))
    return RATES[metric]


def reference_of(key, reference):
    """The key of the slice that a slice is compared with, or None where it is not compared.

    A reference replaces the values of its own features: on a cross it names the cell that differs only in these.
    """
    if not reference:
        return () if key else None
    named = dict(key)
    if not set(reference) <= set(named):
        return None
    compared = tuple(sorted({**named, **reference}.items()))
    return None if compared == key else compared


def checked_reference(reference, atoms):
    """A reference as a dict of feature -> value text; {} is overall."""
    if not reference:
        return {}
    if not isinstance(reference, Mapping):
        raise FairkitError("a reference names a slice", "a dict such as {'color': 'blue'}", repr(reference))
    for name, value in reference.items():
        if name not in atoms.features:
            raise FairkitError(f"no slice of this evaluation has the feature {name!r}", nearest(name, atoms.features),
                               repr(name))
        row = atoms.features.index(name)
        known = sorted({text for cells in atoms.cells for text in cells[row]})
        if str(value) not in known:
            raise FairkitError(f"no example has {name} = {str(value)!r}", nearest(value, known), repr(value))
    return {name: str(value) for name, value in reference.items()}
