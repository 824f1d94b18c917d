"""Families: the slices of one feature, or of one cross of features, which are asked about together."""

from fairkit.column_names import column_text
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["families_by", "families_of", "family_name"]


def families_of(keys):
    """dict of features -> positions of their slices among `keys`; overall belongs to none.

    Example:
        >>> families_of([(), (("color", "blue"),), (("color", "orange"),), (("color", "blue"), ("digit", "8"))])
        {('color',): [1, 2], ('color', 'digit'): [3]}
    """
    found = {}
    for position, key in enumerate(keys):
        if key:
            found.setdefault(tuple(name for name, _ in key), []).append(position)
    return found


def family_name(features):
    """The features as they are written in the names of slices: "color_X_digit"."""
    return "_X_".join(features)


def families_by(keys, by):
    """dict of features -> keys of their slices, of those that are asked for.

    Args:
        keys: of slices.
        by: a feature, a tuple of features for their cross in any order, or a list of these.

    Raises:
        FairkitError: for features that there are no slices of.

    Example:
        >>> families_by([(), (("color", "blue"),), (("digit", "8"),)], "color")
        {('color',): [(('color', 'blue'),)]}
    """
    families, chosen = families_of(keys), {}
    for each in by if isinstance(by, list) else [by]:
        features = tuple(sorted(map(column_text, each))) if isinstance(each, tuple) else (column_text(each),)
        if isinstance(each, tuple) and (column_text(each),) in families:   # a column that is named by a tuple
            features = (column_text(each),)
        if features not in families:
            raise FairkitError("there are no slices by these features",
                               nearest(family_name(features), map(family_name, families)), quote(each))
        chosen[features] = [keys[position] for position in families[features]]
    return chosen
