"""How many examples each group has, beside the largest one."""

import itertools
import math

import numpy as np
import pandas as pd

from fairkit.analysis.imbalance_result import COLUMNS, Imbalance
from fairkit.analysis.named_columns import NamedColumns, named_cuts
from fairkit.arguments import is_number, is_whole
from fairkit.counts.atoms import atoms_of
from fairkit.counts.intervals import share
from fairkit.counts.slices import slice_keys, slice_name
from fairkit.errors import FairkitError, quote
from fairkit.groups import GroupColumn
from fairkit.numeric_groups import Bins

__all__ = ["check_threshold", "even_edges", "imbalance", "imbalance_of"]

_MOST = 10_000   # groups of a cross
_FEW = 50        # values of a column that is looked at unasked


def imbalance(data, *by, bins: int = 10, threshold: float = 0.5) -> Imbalance:
    """Counts the examples of each group, and marks those that are few beside the largest.

    Args:
        data: `Examples`, or a DataFrame.
        by: columns: of a frame any; of examples group columns, "label", and inputs of one value each. A name, or a dict
            such as {"age": fairkit.bins(18, 65)}. Of several both each and their cross is counted, in which crosses
            that never occur have a row, too. None at all counts each column that has at most 50 values or is numeric.
        bins: into about so many bins of equal width, with round edges, a numeric column is cut if it has more distinct
            values; bins of equal size would hide what is looked for. Class labels are never cut.
        threshold: a group is marked if it has fewer than this share of the examples of the largest group of its column
            or cross; in [0, 1].

    Returns:
        `Imbalance`: `frame`, `plot()`, `print`.

    Raises:
        FairkitError: for a column that is not there or whose values are no groups (more than 10,000 of them, or
            crosses), no example, a threshold or number of bins out of range.

    Example:
        >>> import fairkit, pandas as pd
        >>> people = pd.DataFrame({"gender": list("mmmf"), "loan": [1, 1, 0, 0]}, index=[7, 8, 9, 7])
        >>> found = fairkit.analysis.imbalance(people, "gender", "loan")
        >>> found.frame[["by", "value", "n", "of_largest", "marked"]]
                     by value  n  of_largest  marked
        0        gender     f  1    0.333333    True
        1        gender     m  3    1.000000   False
        2          loan     0  2    1.000000   False
        3          loan     1  2    1.000000   False
        4  gender, loan  f, 0  1    0.500000   False
        5  gender, loan  f, 1  0    0.000000    True
        6  gender, loan  m, 0  1    0.500000   False
        7  gender, loan  m, 1  2    1.000000   False
    """
    columns = NamedColumns(data)
    _check(columns, bins, threshold)
    cuts = named_cuts(list(by), columns, "to count by") if by else dict.fromkeys(columns.names)
    groups, left_out = {}, []
    for name, cut in cuts.items():
        try:
            groups[name] = columns.group(name, _automatic(columns, name, bins) if cut is None else cut)
        except FairkitError:  # a column of times, say
            if by:
                raise
            left_out.append(name)
            continue
        if not by and len(groups[name].values) > _FEW:
            left_out.append(name)
    kept = [name for name in groups if name not in left_out]
    families = [(name,) for name in kept] + ([tuple(kept)] if by and len(kept) > 1 else [])
    return imbalance_of({name: groups[name] for name in kept}, families, len(columns), columns.weights, threshold,
                        tuple(left_out))


def imbalance_of(groups, families, length, weights=None, threshold=0.5, left_out=()):
    """The `Imbalance` of some group columns, each family a tuple of names."""
    found = [_family(family, groups, length, weights) for family in families]
    keys = tuple(key for keys, _, _ in found for key in keys)
    moments, total = (np.concatenate([part[k] for part in found]) if found else np.zeros((0, 3)) for k in (1, 2))
    size = moments[:, 1]
    largest = np.repeat([part[:, 1].max(initial=0) for _, part, _ in found], [len(part) for _, part, _ in found])
    of_largest = np.divide(size, largest, out=np.full(len(size), np.nan), where=largest > 0)
    value, lower, upper, _, _ = share(np.stack([(total - moments).clip(0), moments], axis=1))
    frame = pd.DataFrame({
        "slice": [slice_name(tuple(sorted(key))) for key in keys],
        "by": [", ".join(name for name, _ in key) for key in keys],
        "value": [", ".join(text for _, text in key) for key in keys], "n": moments[:, 0].astype(np.int64),
        "weight": size, "share": value, "lower": lower, "upper": upper, "of_largest": of_largest,
        "marked": of_largest < threshold}, columns=COLUMNS)
    missing = {name: _without_value(column) for name, column in groups.items()}
    return Imbalance(frame, keys, length, float(threshold), missing, weights is not None, left_out)


def even_edges(low, high, parts, whole=False):
    """Round numbers that cut from `low` to `high` into about so many bins of equal width.

    Of whole numbers each bin holds equally many: its width is a whole number, too.

    Example:
        >>> even_edges(17, 90, 10)
        [20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
    """
    if not high > low:
        return []
    rough = (high - low) / parts
    power = 10.0 ** math.floor(np.log10(rough))
    steps = [part * power for part in (1, 2, 2.5, 5, 10) if not whole or (part * power).is_integer()] or [1.0]
    step = min(steps, key=lambda step: abs(np.log(step / rough)))
    edges = np.arange(np.floor(low / step) + 1, np.floor(high / step) + 1) * step
    digits = int(max(0, 2 - np.floor(np.log10(step))))
    return [float(edge) for edge in np.round(edges, digits)] or [float((low + high) / 2)]


def _check(columns, bins, threshold):
    if not len(columns):
        raise FairkitError("there is nothing to count", "at least one example", "none")
    if not is_whole(bins) or bins < 2:
        raise FairkitError("bins is no number of bins", "a whole number of 2 or more", quote(bins))
    check_threshold(threshold)


def check_threshold(threshold):
    """Refuses what is no share of the largest group."""
    if not is_number(threshold) or not 0 <= threshold <= 1:
        raise FairkitError("the threshold lies outside its range", "a share of the largest group, 0 to 1",
                           quote(threshold))


def _automatic(columns, name, bins):
    """`Bins` for a numeric column of more than so many values; None for others."""
    values = None if columns.is_class_label(name) else columns.number(name)
    if values is None:
        return None
    values = values[np.isfinite(values)]
    if len(np.unique(values)) <= bins:
        return None
    return Bins(tuple(even_edges(values.min(), values.max(), bins, bool((values == np.floor(values)).all()))))


def _family(family, groups, length, weights):
    """(keys, moments, totals) of one column, or of one cross: moments are (k, 3) sums of 1, w and w^2."""
    values = [groups[name].values for name in family]
    if (crosses := int(np.prod([len(each) for each in values], dtype=object))) > _MOST:
        raise FairkitError(f"the values of {' x '.join(map(quote, family))} are no groups",
                           f"at most {_MOST:,} of them; numbers can be cut with fairkit.bins(...)", f"{crosses:,}")
    atoms, codes = atoms_of({name: groups[name] for name in family}, length)
    powers = [None] * 3 if weights is None else [None, weights, weights**2]
    sums = np.stack([np.bincount(codes, power, len(atoms)) for power in powers], axis=1).astype(float)
    ordered = tuple(sorted(family))
    found = {tuple(text for _, text in key): sums[places].sum(axis=0)
             for key, places in slice_keys(atoms, [(name, None) for name in ordered]).items()}
    order = list(itertools.product(*(_texts(name, groups[name]) for name in family)))
    back = [family.index(name) for name in ordered]
    moments = np.array([found.get(tuple(key[p] for p in back), np.zeros(3)) for key in order]).reshape(-1, 3)
    return [tuple(zip(family, texts)) for texts in order], moments, np.tile(sums.sum(axis=0), (len(order), 1))


def _texts(name, column):
    """The value texts of one column, in the order of slices."""
    distinct = GroupColumn(np.flatnonzero(column.present), column.cells)
    return [key[0][1] for key in slice_keys(atoms_of({name: distinct}, len(distinct))[0], [(name, None)])]


def _without_value(column):
    empty = np.array([not cell for cell in column.cells], bool)
    return int(np.bincount(column.codes, minlength=len(empty))[empty].sum()) if len(column) else 0
