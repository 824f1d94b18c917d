"""Groups up- or downsampled: the one place in fairkit where this is done."""

import numbers
from collections.abc import Mapping, Sequence

import numpy as np

from fairkit.analysis.group_sizes import sizes_wanted
from fairkit.counts.atoms import atoms_of
from fairkit.errors import FairkitError, nearest
from fairkit.examples import Examples
from fairkit.groups import GroupColumn, group_names

__all__ = ["balance"]

_MOST = 1 << 28  # examples of a result: positions of more than these would take gigabytes


def balance(examples: Examples, by: str | Sequence[str], to: str | int | float | Mapping = "smallest",
            seed: int = 0, *, several: str = "refuse") -> Examples:
    """The examples with groups up- or downsampled to given sizes.

    For training data only. An evaluation set must keep the shares that the model will meet: rates of a balanced one are
    rates of a population that does not exist. Upsampling adds copies and no information; a split made after it puts
    copies of one example on both sides, so split first.

    Args:
        examples: `Examples`.
        by: a group column, "label" (the labels, unless a group column bears that name), or a list of these, whose
            crosses are the groups then.
        to: how many examples each group is to have.

            - "smallest" or "largest": as many as the smallest or the largest group has;
            - an integer: so many;
            - a float: this share of its present size, rounded to whole examples: 0.3 keeps a random 30 %, 2.0 doubles;
            - a dict of group -> integer or float, where groups that it does not name stay as they are. A group is named
              by its value, and in a cross by a tuple of values in the order of `by`. `None` names the examples without
              a value, `fairkit.only(value, ...)` the cells that hold exactly these. An integer or float of 0 removes a
              group.
        several: what is done where a cell holds several values, so that its example is in several groups: "refuse", or
            "keep" such examples as they are, beside groups of the others.
        seed: of the choice. The same seed gives the same examples on every machine, and of two sizes of a group the
            smaller choice is part of the larger.

    Returns:
        `Examples`. Those that were kept come first, in their order, with their ids; copies follow at the end, in the
        same order. Where there are copies the ids are the row numbers of the result, since ids are distinct. A group of
        n examples that grows to m has each of them m // n times and a random m % n of them once more. Weights are
        kept as they are; sizes count examples, not weights.

        An example without a value in a column of `by` is in no group, as it is in no slice, and stays unless a dict
        names it.

    Raises:
        FairkitError: for a column or group that is not there, a size that is none, no example left. Also where a cell
            holds several values: its example is in several groups, and these cannot all be given their sizes. A dict
            may name such cells with `fairkit.only`, which is exact, but no value that also occurs in other cells.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 0, 1, 1], groups={"color": ["blue", "blue", "red", "blue", None]})
        >>> fairkit.analysis.balance(examples, "color").groups["color"].to_list()
        ['red', 'blue', None]
        >>> fairkit.analysis.balance(examples, "color", to={"red": 3, None: 0}).groups["color"].to_list()
        ['blue', 'blue', 'red', 'blue', 'red', 'red']
    """
    if not isinstance(examples, Examples):
        raise FairkitError("only examples can be balanced", "fairkit.Examples", type(examples).__name__)
    names = group_names(by, "to balance by", examples.groups, also=["label"])
    if not len(examples):
        raise FairkitError("there is nothing to balance", "at least one example", "none")
    columns = {name: _column(name, examples) for name in names}
    atoms, codes = atoms_of(columns, len(examples))
    rows = atoms.rows_of(names)
    cells = [tuple(atom[row] for row in rows) for atom in atoms.cells]
    sizes = np.bincount(codes, minlength=len(cells))
    targets = sizes_wanted(to, names, cells, sizes.tolist(), _checked_several(several))
    _check_total(sum(targets), len(examples), to)
    times = _times(codes, sizes, np.array(targets, np.int64), seed)
    kept, copies = np.flatnonzero(times), np.repeat(np.arange(len(examples)), np.maximum(times - 1, 0))
    result = examples.take(np.concatenate([kept, copies]) if len(copies) else kept)
    if len(copies):
        result.given_ids = None
    return result


def _checked_several(several):
    if several not in ("refuse", "keep"):
        raise FairkitError("no such way with cells of several values", nearest(several, ["refuse", "keep"]),
                           repr(several))
    return several


def _column(name, examples):
    return examples.groups[name] if name in examples.groups else GroupColumn.encode("label", examples.labels)


def _check_total(total, length, to):
    if total == 0:
        raise FairkitError("no example is left", "sizes above 0", repr(to))
    if total > max(_MOST, 2 * length):
        raise FairkitError("the balanced examples would be too many", f"at most {max(_MOST, 2 * length):,} examples",
                           f"{total:,}")


def _times(codes, sizes, targets, seed):
    """How often each example is taken: (n,) integers."""
    times = (targets // sizes)[codes]
    odd = targets % sizes
    drawn = np.flatnonzero((odd > 0)[codes])
    if len(drawn):
        # Raw 64-bit draws, sorted by a stable method: NumPy promises the same ones on every machine, and an example's
        # draw does not depend on how many are wanted.
        order = drawn[np.argsort(_draws(len(codes), seed)[drawn], kind="stable")]
        order = order[np.argsort(codes[order], kind="stable")]
        drawn_sizes = np.where(odd > 0, sizes, 0)
        ranks = np.arange(len(order)) - np.repeat(np.cumsum(drawn_sizes) - drawn_sizes, drawn_sizes)
        times[order[ranks < odd[codes[order]]]] += 1
    return times


def _draws(length, seed):
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise FairkitError("the seed is none", "a whole number, 0 or above", repr(seed))
    return np.random.PCG64(int(seed)).random_raw(length)
