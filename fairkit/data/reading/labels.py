"""Which cells of the label column are positive, or which class they name; nothing is guessed."""

import re

import numpy as np

from fairkit.arguments import is_whole
from fairkit.data.reading.number_columns import numbers_of, plain, precise, shown, single_values
from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import as_written, name_of

__all__ = ["labels_of"]

_THRESHOLD = re.compile(r"(>=|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_NOTHING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none"})   # how files write a missing label
_BOOLEANS = {"true", "false"}
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
                           " and ".join(quote(value) for value in given.values()))
    column = single_values("label", name, column, places, bad_rows)
    threshold = _THRESHOLD.fullmatch(positive.strip()) if isinstance(positive, str) else None
    if threshold:
        scores, limit = numbers_of("a label", name, column, places, bad_rows), precise(float(threshold[2]), column.type)
        return (scores >= limit if threshold[1] == ">=" else scores > limit).astype(np.int64)
    distinct, codes = _distinct(column)
    told = _listed_in(classes if classes is not None else positive if positive is not None else negative)
    missing = np.array([_is_missing(value, told) for value in [*distinct, None]])[codes]
    bad_rows.mark(missing, places, name, f"label column {quote(name)} has empty cells",
                  "a label in every row; one that "
                  "looks like none has to be named", shown(plain(column)))
    present = [value for value in distinct if not _is_missing(value, told)]
    if classes is not None:
        return _class_ids(name, column, distinct, codes, missing, places, bad_rows, classes)
    if positive is None and negative is None:
        hit = _zeros_and_ones(name, distinct, present)
    else:
        wanted = _wanted(name, told, present)
        hit = [any(_same(value, one) for one in wanted) == (negative is None) for value in distinct]
    return np.array([*hit, False])[codes].astype(np.int64)


def _distinct(column):
    """(the distinct cells, and which of them each row has: -1 for nothing)."""
    import pyarrow as pa

    column = plain(column)
    column = column.cast(pa.float32()) if pa.types.is_float16(column.type) else column   # Arrow cannot encode halves
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for value in encoded.dictionary.to_pylist()], codes


def _listed_in(given):
    """What a user named as a list; of a number of classes nothing."""
    if given is None or (is_whole(given)):
        return [] if given is None else [given]
    return list(given) if isinstance(given, (list, tuple, set, frozenset)) else [given]


def _is_missing(value, told):
    """Whether a cell is no label: nothing, or a text that stands for nothing unless the user named it."""
    if value is None or value != value:
        return True
    return isinstance(value, str) and value.strip().casefold() in _NOTHING and value not in map(str, told)


def _zeros_and_ones(name, distinct, present):
    if all(isinstance(value, str) for value in present) and {value.casefold() for value in present} <= _BOOLEANS:
        return [isinstance(value, str) and value.casefold() == "true" for value in distinct]
    names = {"0": False, "1": True, "False": False, "True": True}
    known = [names.get(as_written(value)) if isinstance(value, str) and value.isascii() and value[:1] in "01" else
             None if isinstance(value, str) else names.get(name_of(value)) for value in distinct]
    if any(hit is None and not _is_missing(value, ()) for hit, value in zip(known, distinct)):
        raise FairkitError(f"the labels in column {quote(name)} are not 0 and 1", _NAME_THE_POSITIVE, _listed(present))
    return list(map(bool, known))


def _wanted(name, wanted, present):
    if not wanted:
        raise FairkitError("no value counts as positive or negative", _NAME_THE_POSITIVE, "an empty list")
    for value in wanted:
        if not any(_same(one, value) for one in present):
            raise FairkitError(f"no label in column {quote(name)} is {quote(value)}", nearest(value, present),
                               quote(value))
    for other in present:
        twin = next((value for value in wanted if _alike(other, value)), None)
        if twin is not None and not any(_same(other, value) for value in wanted):
            raise FairkitError(f"labels in column {quote(name)} differ only in how they are written",
                               f"both named, as in [{quote(twin)}, {quote(other)}], or one spelling",
                               f"{quote(other)} beside {quote(twin)}")
    return wanted


def _alike(one, other):
    """Whether two labels are the same but for blanks and case, or as numbers."""
    one, other = str(one).strip().casefold(), str(other).strip().casefold()
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False


def _same(cell, named):
    """Whether a cell is the value that a user named: by its text, or as a number."""
    if str(cell) == str(named) or (isinstance(cell, str) and as_written(cell) == name_of(named)):
        return True
    if isinstance(cell, str):
        return False
    if isinstance(cell, bool) and str(cell).lower() == str(named).lower():
        return True
    try:
        return float(named) == cell
    except (TypeError, ValueError):
        return False


def _class_ids(name, column, distinct, codes, missing, places, bad_rows, classes):
    if is_whole(classes) and classes >= 2:
        names, expected = range(int(classes)), f"class ids from 0 to {classes - 1}"
    elif isinstance(classes, (list, tuple)) and len(set(map(str, classes))) == len(classes) >= 2:
        names, expected = list(classes), ", ".join(map(quote, classes))
    else:
        raise FairkitError("the classes are not named", "a list of at least two distinct class names in the order of "
                           "their ids, or the number of class ids", quote(classes))
    ids = np.array([next((i for i, one in enumerate(names) if _same(value, one)), -1) for value in [*distinct, None]])
    labels = ids[codes]
    bad_rows.mark((labels < 0) & ~missing, places, name, f"a label in column {quote(name)} is no class", expected,
                  shown(plain(column)))
    return np.maximum(labels, 0).astype(np.int64)


def _listed(values, shown=8):
    values = sorted(values, key=str)
    more = len(values) - shown
    return ", ".join(quote(v) for v in values[:shown]) + (f" and {more} more" if more > 0 else "")
