"""Training and test examples with enough of each group in both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fairkit.analysis.group_sizes import cell_text, one_group_each
from fairkit.analysis.named_columns import NamedColumns, group_codes, named_cuts
from fairkit.analysis.random_order import ranks_within
from fairkit.arguments import is_number, is_whole
from fairkit.errors import FairkitError, quote
from fairkit.handed_out import handing_out

__all__ = ["BalancedSplit", "balanced_split"]

_SHOWN = 5   # groups named in a message


@handing_out("frame")
@dataclass(frozen=True)
class BalancedSplit:
    """Disjoint parts of a data set; `train, test = split` takes the first two.

    Attributes:
        train, test, left_out: of the kind that was split, in the order that they had. Nothing is left out unless
            there is a maximum for training.
        train_rows, test_rows, left_out_rows: their positions in what was split, ascending integers.
        frame: a DataFrame with a row for each group, the largest first: group (its values, with commas between), n,
            test, train, left_out. Examples that belong to no one group are in the row of group None.
        groups: the values of each group as a tuple, in the order of the frame; None for group None.
    """

    train: object = field(repr=False)
    test: object = field(repr=False)
    left_out: object = field(repr=False)
    train_rows: np.ndarray = field(repr=False)
    test_rows: np.ndarray = field(repr=False)
    left_out_rows: np.ndarray = field(repr=False)
    frame: pd.DataFrame
    groups: tuple = field(repr=False)

    def __iter__(self):
        return iter((self.train, self.test))

    def plot(self, ax=None):
        """Bars of each group's examples in test, training and neither: a `fairkit.view.Display`."""
        from fairkit.view.plots.split_bars import plot_split

        return plot_split(self, ax)

    def _repr_html_(self):
        from fairkit.view.analysis_text import frame_html

        return frame_html(self.frame, f"{len(self.train_rows):,} training and {len(self.test_rows):,} test examples, "
                                      f"{len(self.left_out_rows):,} left out")


def balanced_split(data, by: str | Mapping | Sequence, test_min: int = 20, test_max: int | None = None,
                   train_min: int = 1, train_max: int | None = None, test_share: float | None = None, seed: int = 0, *,
                   several: str = "refuse") -> BalancedSplit:
    """Splits so that each group has enough examples to be judged by, and enough to be learnt from.

    A group of n examples gives the test set `test_share` of them, or without that `test_max`, or without that
    `test_min`; never fewer than `test_min`, more than `test_max`, or so many that fewer than `train_min` are left. All
    others are training examples, up to `train_max`. No example is ever taken twice: a group that is too small is
    refused, not filled up with copies, which would be in both parts or make the test surer than it is.

    A test set whose groups are equally large says how well each group fares. Its overall rates, and where `by` holds
    the label its precision and positive rates, are those of no population: `test_share` keeps the shares as they are
    wherever the bounds allow it.

    Args:
        data: `Examples`, or a DataFrame, whose index plays no part.
        by: what makes the groups: a column, a dict such as {"age": fairkit.bins(18, 65)}, or a list of these, whose
            crosses are the groups then; of examples "label" is a column, too.
        test_min, test_max, train_min, train_max: examples of each group; None sets no maximum.
        test_share: the share of each group that is wanted for the test, above 0 and below 1.
        seed: the same seed gives the same parts on every machine.
        several: what is done where a cell holds several values: "refuse", or "keep" such examples for training.
            Examples without a value in one of the columns are in no group, and are training examples.

    Returns:
        `BalancedSplit`.

    Raises:
        FairkitError: for groups with fewer than test_min + train_min examples, which are named; for a column that is
            not there; for bounds that contradict each other.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1] * 50, groups={"color": ["blue"] * 80 + ["red"] * 20})
        >>> split = fairkit.analysis.balanced_split(examples, ["color", "label"], test_min=5)
        >>> split.frame
             group   n  test  train  left_out
        0  blue, 0  40     5     35         0
        1  blue, 1  40     5     35         0
        2   red, 0  10     5      5         0
        3   red, 1  10     5      5         0
        >>> train, test = split
        >>> len(train), len(test)
        (80, 20)
    """
    bounds = _checked_bounds(test_min, test_max, train_min, train_max, test_share)
    columns = NamedColumns(data)
    cuts = named_cuts(by, columns, "to split by")
    if several not in ("refuse", "keep"):
        raise FairkitError("no such way with cells of several values", "'refuse' or 'keep'", quote(several))
    if not len(columns):
        raise FairkitError("there is nothing to split", "at least one example", "none")
    cells, codes, sizes = group_codes(columns, cuts)
    alone = np.array(one_group_each(list(cuts), cells, sizes.tolist(), several))
    _check_sizes(list(cuts), cells, sizes, alone, bounds)
    tests, trains = _sizes(sizes, alone, bounds)
    ranks = ranks_within(codes, seed)
    part = np.where(ranks < tests[codes], 0, np.where(ranks < (tests + trains)[codes], 1, 2))
    test, train, left_out = (np.flatnonzero(part == k) for k in range(3))
    return BalancedSplit(*map(columns.take, (train, test, left_out)), train, test, left_out,
                         *_frame(cells, sizes, tests, trains, alone))


def _checked_bounds(test_min, test_max, train_min, train_max, test_share):
    for name, value in (("test_min", test_min), ("test_max", test_max), ("train_min", train_min),
                        ("train_max", train_max)):
        if value is None and name.endswith("max"):
            continue
        if not is_whole(value) or value < 0:
            raise FairkitError(f"{name} is no number of examples", "a whole number of 0 or more", quote(value))
    for part, low, high in (("test", test_min, test_max), ("train", train_min, train_max)):
        if high is not None and high < low:
            raise FairkitError(f"{part}_max is below {part}_min", f"{low} or more", high)
    if test_share is not None and (not is_number(test_share)
                                   or not 0 < test_share < 1):
        raise FairkitError("test_share leaves nothing on one side", "above 0 and below 1", quote(test_share))
    return test_min, test_max, train_min, train_max, test_share


def _check_sizes(names, cells, sizes, alone, bounds):
    needed = bounds[0] + bounds[2]
    small = [k for k in np.argsort(sizes, kind="stable") if alone[k] and sizes[k] < needed]
    if small:
        named = "; ".join(f"{cell_text(names, cells[k])}: {sizes[k]:,}" for k in small[:_SHOWN])
        more = f"; and {len(small) - _SHOWN} more groups" if len(small) > _SHOWN else ""
        raise FairkitError(f"the minimum cannot be met in {len(small)} of {alone.sum()} groups",
                           f"{needed:,} examples in each (test_min={bounds[0]} + train_min={bounds[2]})", named + more)


def _sizes(sizes, alone, bounds):
    """(test, train): how many of each cell, where cells that are no one group are training examples."""
    test_min, test_max, train_min, train_max, test_share = bounds
    if test_share is not None:
        tests = np.floor(sizes * test_share + 0.5).astype(np.int64)
    else:
        tests = np.full(len(sizes), test_min if test_max is None else test_max, np.int64)
    tests = np.maximum(tests, test_min) if test_max is None else np.clip(tests, test_min, test_max)
    tests = np.where(alone, np.minimum(tests, sizes - train_min), 0)
    trains = sizes - tests
    return tests, trains if train_max is None else np.where(alone, np.minimum(trains, train_max), trains)


def _frame(cells, sizes, tests, trains, alone):
    names = [tuple(value for values in cell for value in values) for cell in cells]
    table = np.stack([sizes, tests, trains, sizes - tests - trains], axis=1)
    order = sorted(np.flatnonzero(alone), key=lambda k: (-sizes[k], names[k]))
    rows, labels = table[order], [names[k] for k in order]
    if not alone.all():
        rows, labels = np.vstack([rows, table[~alone].sum(axis=0)]), [*labels, None]
    frame = pd.DataFrame(rows, columns=["n", "test", "train", "left_out"])
    frame.insert(0, "group", [None if label is None else ", ".join(label) for label in labels])
    return frame, tuple(labels)
