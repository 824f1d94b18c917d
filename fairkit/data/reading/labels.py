"""Which cells of the label column are positive, or which class they name; nothing is guessed."""

import re

import numpy as np

from fairkit.data.reading.number_columns import numbers_of, plain, shown, single_values
from fairkit.errors import FairkitError, nearest

__all__ = ["labels_of"]

_THRESHOLD = re.compile(r"(>=|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_NAME_THE_POSITIVE = ("0 and 1; else say which values are positive (positive=...) or which are not (negative=...), "
                      "or name the classes (classes=[...])")


def labels_of(name, column, places, bad_rows, positive=None, negative=None, classes=None):
    """(n,) int64 labels: 0 and 1, or the ids of classes; of bad rows 0.

    Args:
        name: the column's.
        column: chunked Arrow column.
        places: `Places` of its rows.
        bad_rows: `BadRows`.
        positive, negative, classes: as `fairkit.data.read` takes them.

    Raises:
        FairkitError: for labels that do not say what is positive, a value that never occurs, or a bad row.
    """
    given = {what: value for what, value in (("positive", positive), ("negative", negative), ("classes", classes))
             if value is not None}
    if len(given) > 1:
        raise FairkitError(f"both {' and '.join(given)} are given", "one of them",
                           " and ".join(repr(value) for value in given.values()))
    column = single_values("label", name, column)
    threshold = _THRESHOLD.fullmatch(positive.strip()) if isinstance(positive, str) else None
    if threshold:
        scores, limit = numbers_of("a label", name, column, places, bad_rows), float(threshold[2])
        return (scores >= limit if threshold[1] == ">=" else scores > limit).astype(np.int64)
    encoded = plain(column).combine_chunks().dictionary_encode()
    distinct, codes = encoded.dictionary.to_pylist(), encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    missing = np.array([value is None or value != value for value in [*distinct, None]])[codes]
    bad_rows.mark(missing, places, name, f"label column {name!r} has empty cells", "a label in every row",
                  lambda row: "nothing")
    distinct = [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in distinct]
    present = [value for value in distinct if value is not None and value == value]
    if classes is not None:
        return _class_ids(name, column, distinct, codes, missing, places, bad_rows, classes)
    if positive is None and negative is None:
        if not all(value in ("0", "1", True, False) and not isinstance(value, float) for value in present):
            raise FairkitError(f"the labels in column {name!r} are not 0 and 1", _NAME_THE_POSITIVE, _listed(present))
        hit = [value == "1" or value is True or value == 1 for value in distinct]
    else:
        wanted = _wanted(name, positive if negative is None else negative, present)
        hit = [any(_same(value, one) for one in wanted) == (negative is None) for value in distinct]
    return np.array([*hit, False])[codes].astype(np.int64)


def _wanted(name, given, present):
    wanted = list(given) if isinstance(given, (list, tuple, set, frozenset)) else [given]
    if not wanted:
        raise FairkitError("no value counts as positive or negative", _NAME_THE_POSITIVE, "an empty list")
    for value in wanted:
        if not any(_same(one, value) for one in present):
            raise FairkitError(f"no label in column {name!r} is {value!r}", nearest(value, present), repr(value))
    return wanted


def _same(cell, named):
    """Whether a cell is the value that a user named: by its text, or as a number."""
    if str(cell) == str(named):
        return True
    if isinstance(cell, str):
        return False
    if isinstance(cell, bool):
        return str(cell).lower() == str(named).lower()
    try:
        return float(named) == cell
    except (TypeError, ValueError):
        return False


def _class_ids(name, column, distinct, codes, missing, places, bad_rows, classes):
    if isinstance(classes, (int, np.integer)) and not isinstance(classes, bool) and classes >= 2:
        names, expected = range(int(classes)), f"class ids from 0 to {classes - 1}"
    elif isinstance(classes, (list, tuple)) and len(set(map(str, classes))) == len(classes) >= 2:
        names, expected = list(classes), ", ".join(map(repr, classes))
    else:
        raise FairkitError("the classes are not named", "a list of at least two distinct class names in the order of "
                           "their ids, or the number of class ids", repr(classes))
    ids = np.array([next((i for i, one in enumerate(names) if _same(value, one)), -1) for value in [*distinct, None]])
    labels = ids[codes]
    bad_rows.mark((labels < 0) & ~missing, places, name, f"a label in column {name!r} is no class", expected,
                  shown(plain(column)))
    return np.maximum(labels, 0).astype(np.int64)


def _listed(values, shown=8):
    values = sorted(values, key=str)
    more = len(values) - shown
    return ", ".join(repr(v) for v in values[:shown]) + (f" and {more} more" if more > 0 else "")
