"""Groups up- or downsampled: the one place in fairkit where this is done."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from fairkit.analysis.group_sizes import sizes_between, sizes_wanted
from fairkit.analysis.named_columns import NamedColumns, group_codes, named_cuts
from fairkit.analysis.random_order import ranks_within
from fairkit.arguments import is_number
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["balance"]

Data = TypeVar("Data")

_MOST = 1 << 28  # examples of a result: positions of more than these would take gigabytes


def balance(examples: Data, by: str | Mapping | Sequence, to: str | int | float | Mapping = "smallest",
            seed: int = 0, *, several: str = "refuse", upsample: float | None = None,
            downsample: float | None = None) -> Data:
    """The examples with groups up- or downsampled to given sizes.

    For training data only. An evaluation set must keep the shares that the model will meet: rates of a balanced one are
    rates of a population that does not exist. Upsampling adds copies and no information; a split made after it puts
    copies of one example on both sides, so split first.

    Args:
        examples: `Examples`, or a DataFrame, whose index plays no part.
        by: a group column, "label" (the labels, unless a group column bears that name), any column of a frame, a dict
            that cuts one, such as {"age": fairkit.bins(18, 65)}, or a list of these, whose crosses are the groups then.
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
        upsample, downsample: instead of `to`, shares of the size of the largest group, in [0, 1]: groups below the
            first grow to it, groups above the second shrink to it, and those between stay as they are.
            `upsample=1` makes all as large as the largest.
        seed: of the choice. The same seed gives the same examples on every machine, and of two sizes of a group the
            smaller choice is part of the larger.

    Returns:
        `Examples`, or a frame. Those that were kept come first, in their order, with their ids (their index); copies
        follow at the end, in the same order. Where there are copies the ids are the row numbers of the result, since
        ids are distinct. A group of
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
    columns = NamedColumns(examples)
    cuts = named_cuts(by, columns, "to balance by")
    if not len(columns):
        raise FairkitError("there is nothing to balance", "at least one example", "none")
    cells, codes, sizes = group_codes(columns, cuts)
    about = (list(cuts), cells, sizes.tolist(), _checked_several(several))
    if upsample is None and downsample is None:
        targets = sizes_wanted(to, *about)
    else:
        targets = sizes_between(*_checked_shares(upsample, downsample, to), *about)
    _check_total(sum(targets), len(columns), to)
    times = _times(codes, sizes, np.array(targets, np.int64), seed)
    kept, copies = np.flatnonzero(times), np.repeat(np.arange(len(columns)), np.maximum(times - 1, 0))
    result = columns.take(np.concatenate([kept, copies]) if len(copies) else kept)
    if len(copies) and columns.of_examples:
        result.given_ids = None
    return result.reset_index(drop=True) if len(copies) and not columns.of_examples else result


def _checked_shares(upsample, downsample, to):
    if to != "smallest":
        raise FairkitError("the sizes of groups are said twice", "to=, or upsample= and downsample=",
                           f"to={quote(to)} too")
    for name, share in (("upsample", upsample), ("downsample", downsample)):
        if share is not None and (not is_number(share)
                                  or not 0 <= share <= 1):
            raise FairkitError(f"{name} is no share of the largest group", "a number from 0 to 1", quote(share))
    shares = (0.0 if upsample is None else upsample, 1.0 if downsample is None else downsample)
    if shares[0] > shares[1]:
        raise FairkitError("groups cannot grow above what they shrink to", "upsample at most downsample",
                           f"upsample={upsample}, downsample={downsample}")
    return shares


def _checked_several(several):
    if several not in ("refuse", "keep"):
        raise FairkitError("no such way with cells of several values", nearest(several, ["refuse", "keep"]),
                           quote(several))
    return several


def _check_total(total, length, to):
    if total == 0:
        raise FairkitError("no example is left", "sizes above 0", quote(to))
    if total > max(_MOST, 2 * length):
        raise FairkitError("the balanced examples would be too many", f"at most {max(_MOST, 2 * length):,} examples",
                           f"{total:,}")


def _times(codes, sizes, targets, seed):
    """How often each example is taken: (n,) integers."""
    odd = (targets % sizes)[codes]
    # These very draws, and no stream of their own: the bytes of the workshop's data sets are pinned to them.
    ranks = ranks_within(codes, seed, odd > 0, stream=())
    return (targets // sizes)[codes] + ((ranks >= 0) & (ranks < odd))
