"""Families: the slices of one feature, or of one cross of features, which are asked about together."""

__all__ = ["families_of", "family_name"]


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
