"""Attributes of images that follow from their labels: of a digit its parity, its magnitude, its curviness."""

from collections.abc import Mapping

import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.groups import GroupColumn

__all__ = ["DIGIT_ATTRIBUTES", "FASHION_ATTRIBUTES", "attribute_columns"]

DIGIT_ATTRIBUTES = {
    "digit": {digit: digit for digit in range(10)},
    "parity": {digit: "odd" if digit % 2 else "even" for digit in range(10)},
    "magnitude": {digit: "small" if digit <= 3 else "medium" if digit <= 6 else "large" for digit in range(10)},
    "curviness": {digit: "curvy" if digit in (0, 3, 8) else "linear" if digit in (1, 4, 7) else "neutral"
                  for digit in range(10)},
}
"""Of handwritten numbers, as the workshop has them (AWS, re:Invent 2022, AIM342: Advancing Responsible AI)."""

_ITEMS = ("t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")

FASHION_ATTRIBUTES = {
    "item": dict(enumerate(_ITEMS)),
    "kind": {label: "shoes" if label in (5, 7, 9) else "bag" if label == 8 else "clothes" for label in range(10)},
}
"""Of Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): its ten classes, and three kinds of them."""


def attribute_columns(labels, attributes):
    """One group column for each attribute; an image whose label an attribute leaves out is in none of its groups.

    Args:
        labels: (n,) integers.
        attributes: a dict of column -> dict of label -> value.

    Raises:
        FairkitError: for what is no such dict, a column named "color", a key that is no whole number.
    """
    if not isinstance(attributes, Mapping):
        raise FairkitError("attributes are not columns", "a dict of column -> dict of label -> value",
                           quote(attributes))
    distinct, positions = np.unique(labels, return_inverse=True)
    columns = {}
    for name, values in attributes.items():
        if name == "color":
            raise FairkitError("an attribute is named 'color'", "another name: the colours stand in that column",
                               quote(name))
        if not isinstance(values, Mapping):
            raise FairkitError(f"attribute {quote(name)} is no dict", "a dict of label -> value", quote(values))
        by_label = {_label(name, key): value for key, value in values.items()}
        cells = [by_label.get(label) for label in distinct.tolist()]
        columns[name] = GroupColumn.encode(name, cells).take(positions.reshape(-1))
    return columns


def _label(name, key):
    if not is_whole(key):
        raise FairkitError(f"a key of attribute {quote(name)} is no label", "a whole number", quote(key))
    return int(key)
