"""How many examples each group is to have, as a caller of `balance` puts it."""

import math
from collections.abc import Mapping

from fairkit.arguments import is_number, is_whole
from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import is_nothing, known_name
from fairkit.groups import Only

__all__ = ["cell_text", "one_group_each", "sizes_between", "sizes_wanted"]

_EXPECTED = "'smallest', 'largest', a number of examples, a share such as 0.5, or a dict of group -> one of these two"


def sizes_wanted(to, names, cells, sizes, several="refuse"):
    """The number of examples that each distinct cell is to have: a list of integers.

    Args:
        to: as for `balance`.
        names: the columns.
        cells: the distinct cells, each a tuple over the columns of tuples of value texts.
        sizes: the number of examples that each of them has, integers above 0.
        several: "refuse" cells of several values where all groups are treated alike, or "keep" their examples.
    """
    if isinstance(to, Mapping):
        return _named_sizes(to, names, cells, sizes)
    return _equal_sizes(to, names, cells, sizes, several)


def sizes_between(upsample, downsample, names, cells, sizes, several="refuse"):
    """The same for groups that grow to one share of the largest and shrink to another, 0 <= upsample <= downsample."""
    in_one = one_group_each(names, cells, sizes, several)
    largest = max(n for one, n in zip(in_one, sizes) if one)
    low, high = (math.floor(share * largest + 0.5) for share in (upsample, downsample))
    return [min(max(n, low), high) if one else n for one, n in zip(in_one, sizes)]


def one_group_each(names, cells, sizes, several="refuse"):
    """A list of booleans: which cells hold one value in each column.

    Raises:
        FairkitError: where none does, or one holds several and these are to be refused.
    """
    in_one = [all(len(values) == 1 for values in cell) for cell in cells]
    for cell, n in zip(cells, sizes):
        if several == "refuse" and any(len(values) > 1 for values in cell):
            raise FairkitError(
                f"examples with several values in {_listed(names)} are in several groups, so these cannot all be given "
                "their sizes", "one value a cell; several='keep' to leave such examples as they are; or a dict "
                "that names cells with fairkit.only(...)",
                f"{n} examples with {cell_text(names, cell)}")
    if not any(in_one):
        raise FairkitError(f"there is no group in {_listed(names)}", "a value in at least one cell", "none")
    return in_one


def _equal_sizes(to, names, cells, sizes, several):
    """Where all groups are treated alike."""
    in_one = one_group_each(names, cells, sizes, several)
    groups = [n for one, n in zip(in_one, sizes) if one]
    if isinstance(to, str) and to in ("smallest", "largest"):
        to = min(groups) if to == "smallest" else max(groups)
    elif isinstance(to, str):
        raise FairkitError(f"groups cannot be balanced to {quote(to)}",
                           f"{nearest(to, ['smallest', 'largest'])}, a number "
                           "of examples, a share, or a dict", quote(to))
    return [_size(to, n, "every group") if one else n for one, n in zip(in_one, sizes)]


def _named_sizes(to, names, cells, sizes):
    """Where a dict names groups."""
    if not to:
        raise FairkitError("the dict of sizes names no group", _EXPECTED, "{}")
    known = {cell: position for position, cell in enumerate(cells)}
    targets, named = list(sizes), {}
    for key, size in to.items():
        cell = _cell_of(key, names, cells)
        if cell not in known:
            raise FairkitError(f"no example has {cell_text(names, cell)}",
                               nearest(cell_text(names, cell), [cell_text(names, other) for other in cells]),
                               quote(key))
        if cell in named:
            raise FairkitError(f"the dict of sizes names {cell_text(names, cell)} twice", "each group once",
                               f"{quote(named[cell])} and {quote(key)}")
        named[cell] = key
        targets[known[cell]] = _size(size, sizes[known[cell]], cell_text(names, cell))
    return targets


def _cell_of(key, names, cells):
    """The cell, a tuple of value texts for each column, that a key of the dict names."""
    parts = key if len(names) > 1 else (key,)
    if not isinstance(parts, tuple) or len(parts) != len(names):
        raise FairkitError("a key of the dict of sizes names no group", f"a tuple of a value of each of "
                           f"{', '.join(names)}", quote(key))
    return tuple(_values_of(part, name, {cell[k] for cell in cells})
                 for k, (name, part) in enumerate(zip(names, parts)))


def _values_of(part, name, cells):
    """The value texts of one column that a part of a key names; `cells` are the distinct ones of that column."""
    exact = isinstance(part, Only)
    if not exact and isinstance(part, (tuple, list, set, frozenset)):
        raise FairkitError(f"several values of {quote(name)} are not named by a list",
                           "fairkit.only(value, ...) for the "
                           "cells that hold exactly these", quote(part))
    values = () if not exact and is_nothing(part) else part.values if exact else (part,)
    known = sorted({text for cell in cells for text in cell})
    texts = tuple(sorted({known_name(value, known, name) for value in values}))
    for text in texts:
        if text not in known:
            raise FairkitError(f"no example has {name} = {quote(text)}", nearest(text, known), quote(part))
    several = [] if exact else [cell for cell in cells if len(cell) > 1 and set(texts) & set(cell)]
    if several:
        raise FairkitError(f"{name} = {quote(texts[0])} also stands in cells with several values",
                           f"fairkit.only({quote(part)}) for the cells that hold nothing else",
                           f"such as {', '.join(min(several))}")
    return texts


def _size(size, present, group):
    """The number of examples that a group of `present` examples is to have."""
    if not is_number(size):
        raise FairkitError(f"the size for {group} is none", _EXPECTED, quote(size))
    whole = is_whole(size)
    if size < 0 or not (whole or math.isfinite(float(size) * present)):
        raise FairkitError(f"the size for {group} is out of range", "a finite number of 0 or more", quote(size))
    return int(size) if whole else math.floor(float(size) * present + 0.5)


def _listed(names):
    return " and ".join(map(quote, names))


def cell_text(names, cell):
    """A cell in words: "digit = 3 and color = orange"."""
    return " and ".join(f"{name} = {' + '.join(values) if values else 'nothing'}" for name, values in zip(names, cell))
