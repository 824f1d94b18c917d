"""What is in a data set, and for whom there is too little of it to judge a model by."""

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fairkit.analysis.description import COLUMNS, Description
from fairkit.analysis.imbalances import check_threshold, imbalance_of
from fairkit.analysis.input_checks import input_findings
from fairkit.analysis.label_counts import Labels, counts_by_slice
from fairkit.arguments import is_number, is_whole
from fairkit.column_names import column_text, is_name, known_column, names_in
from fairkit.counts.intervals import share
from fairkit.counts.power import detectable_shift
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.groups import GroupColumn
from fairkit.numeric_groups import Bins

__all__ = ["describe"]

_CROSSED = 50  # columns with more values are crossed only where that is asked for
_MOST_VALUES = 10_000
_POWER = 0.8


def describe(examples: Examples, by: str | Sequence | None = None, min_examples: int = 30,
             base_rate: float = 0.1, threshold: float = 0.5) -> Description:
    """Counts examples and labels by group, before any model is trained or judged.

    Args:
        examples: `Examples`; labels 0 and 1, or class ids or names of which each is judged against the rest.
        by: what to slice by: a list of group columns ("color"), crosses (("digit", "color")) and numeric columns cut
            into bins ({"age": fairkit.bins(18, 65)}). None takes every group column, and every pair of those that have
            at most 50 values.
        min_examples: a group with fewer negatives is marked as too small to judge its false positive rate, one with
            fewer positives its false negative rate.
        base_rate: the error rate outside a group that the detectable gaps are worked out for, in (0, 1).
        threshold: as for `imbalance`: a group, or a group of one label, is marked if it has fewer than this share of
            the examples of the largest one beside it.

    Returns:
        `Description`.

    Raises:
        FairkitError: for a column that is not there or whose values are no groups (more than 10,000 of them), labels
            that are missing or no classes, no example, a min_examples or base_rate out of range.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 0, 0, 1] * 25, groups={"color": ["blue"] * 80 + ["orange"] * 20})
        >>> description = fairkit.analysis.describe(examples)
        >>> description.frame[["slice", "n", "positives", "cannot_judge"]]
                  slice    n  positives                              cannot_judge
        0       Overall  100         25                       false_negative_rate
        1    color:blue   80         20                       false_negative_rate
        2  color:orange   20          5  false_positive_rate, false_negative_rate
    """
    if not isinstance(examples, Examples):
        raise FairkitError("only examples can be described", "fairkit.Examples", type(examples).__name__)
    if not len(examples):
        raise FairkitError("there is nothing to describe", "at least one example", "none")
    if not is_whole(min_examples) or min_examples < 0:
        raise FairkitError("min_examples is no number of examples", "an integer, 0 or more", quote(min_examples))
    if not is_number(base_rate) or not 0 < base_rate < 1:
        raise FairkitError("the base rate lies outside its range", "a number above 0 and below 1", quote(base_rate))
    specs, columns, not_crossed = _ways(by, examples.groups)
    labels = Labels.encode(examples.labels)
    keys, moments = counts_by_slice(labels, examples.weights, columns, specs)
    classes = (None,) if labels.binary else labels.values
    blocks = [_block(keys, moments, class_, k, int(min_examples), float(base_rate))
              for k, class_ in enumerate(classes, start=int(labels.binary))]
    frame = pd.concat(blocks).sort_index(kind="stable").reset_index(drop=True)
    return Description(
        frame, tuple(keys), len(examples), classes,
        missing={name: _without_value(column) for name, column in examples.groups.items()},
        inputs=input_findings(examples.inputs, labels.codes), weighted=examples.weights is not None,
        min_examples=int(min_examples), base_rate=float(base_rate), not_crossed=not_crossed,
        imbalance=_imbalance(examples, labels, specs, columns, threshold))


def _imbalance(examples, labels, specs, columns, threshold):
    """Of each way of slicing, and of the single columns by a binary label; of more classes the table says it."""
    check_threshold(threshold)
    families, groups = list(specs), dict(columns)
    if "label" not in groups and labels.binary:
        groups["label"] = GroupColumn(labels.codes, tuple((value,) for value in labels.values))
        families += [(*spec, "label") for spec in specs if len(spec) == 1]
    families = [family for family in families
                if math.prod(len(groups[name].values) for name in family) <= _MOST_VALUES]
    used = {name: groups[name] for name in dict.fromkeys(name for family in families for name in family)}
    return imbalance_of(used, families, len(examples), examples.weights, threshold)


def _block(keys, moments, class_, k, min_examples, base_rate):
    """The rows of one class against the rest; the index is the position of the slice."""
    positive = moments[:, k]
    negative = np.delete(moments, k, axis=1).sum(axis=1)
    value, lower, upper, _, size = share(np.stack([negative, positive], axis=1))
    n = (positive + negative)[:, 0]
    few = [np.where(side[:, 0] < min_examples, rate, "") for side, rate in
           ((negative, "false_positive_rate"), (positive, "false_negative_rate"))]
    return pd.DataFrame({
        "slice": [slice_name(key) for key in keys], "by": [", ".join(name for name, _ in key) for key in keys],
        "value": [", ".join(text for _, text in key) for key in keys],
        "class": np.full(len(keys), class_, object), "n": n.astype(np.int64), "weight": size,
        "share": np.divide(size, size[0], out=np.full(len(size), np.nan), where=size[0] > 0),
        "positives": positive[:, 0].astype(np.int64), "negatives": negative[:, 0].astype(np.int64),
        "positive_share": value, "lower": lower, "upper": upper,
        "detectable_false_positive_rate_gap": _detectable(negative, base_rate),
        "detectable_false_negative_rate_gap": _detectable(positive, base_rate),
        "cannot_judge": [", ".join(filter(None, pair)) for pair in zip(*few)],
    }, columns=COLUMNS)


def _detectable(moments, base_rate):
    """The smallest gap of an error rate to the rest of the data that is shown with power .8: (slices,), NaN if none.

    Args:
        moments: (slices, 3) sums of 1, w and w^2 of those whom the rate is taken among; overall is first.
    """
    parts = np.stack([moments, moments[:1] - moments], axis=1).clip(0)
    there = parts[..., 0] > 0
    sizes = np.where(there, parts[..., 1], 0.0)
    effective = np.divide(sizes**2, parts[..., 2], out=np.zeros_like(sizes), where=there & (parts[..., 2] > 0))
    gap = detectable_shift(np.full(len(parts), base_rate), 1, sizes, effective, np.array([1, -1]),
                           np.array([True, False]), _POWER)
    return np.where((effective > 0).all(axis=1), gap, np.nan)


def _ways(by, groups):
    """(specs, columns, names that were not crossed): how to slice, with numeric columns cut."""
    if by is not None:
        specs, columns = [], dict(groups)
        for way in [by] if isinstance(by, Mapping) else names_in(by, groups):
            named = _named(way)
            for name, cut in named.items():
                known_column(name, groups, "group column", "to describe by")
                if cut is not None:
                    columns[name] = cut.cut(name, groups[name])[0]
            specs.append(tuple(sorted(named)))
        _refuse_ids(columns, {name for spec in specs for name in spec})
        return list(dict.fromkeys(specs)), columns, ()
    _refuse_ids(groups, groups)
    crossed = [name for name in groups if len(groups[name].values) <= _CROSSED]
    specs = [(name,) for name in groups] + [tuple(sorted(pair)) for pair in itertools.combinations(crossed, 2)]
    return specs, groups, tuple(name for name in groups if name not in crossed)


def _named(way):
    """dict of column -> `Bins`, or None for its values as they are."""
    if is_name(way) and not isinstance(way, tuple):
        return {column_text(way): None}
    if isinstance(way, tuple) and way and all(is_name(part) or isinstance(part, Mapping) for part in way):
        return {name: cut for part in way for name, cut in _named(part).items()}
    if isinstance(way, Mapping) and way and all(cut is None or isinstance(cut, Bins) for cut in way.values()):
        return {column_text(name): cut for name, cut in way.items()}
    raise FairkitError("by names no group column", "a group column, a tuple of these, or a dict such as "
                       "{'age': fairkit.bins(18, 65)}", quote(way))


def _refuse_ids(columns, names):
    for name in names:
        if (values := len(columns[name].values)) > _MOST_VALUES:
            raise FairkitError(f"the values of {quote(name)} are no groups",
                               f"at most {_MOST_VALUES:,} distinct values; "
                               "numbers can be cut with fairkit.bins(...)", f"{values:,} distinct ones")


def _without_value(column):
    empty = np.array([not cell for cell in column.cells], bool)
    return int(np.bincount(column.codes, minlength=len(empty))[empty].sum()) if len(column) else 0
