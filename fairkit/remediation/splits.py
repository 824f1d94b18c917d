"""The two sets of examples between which MinDiff equalizes the predictions."""

from collections.abc import Mapping

import numpy as np

from fairkit.counts.rates import OTHER_NAMES
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.group_values import name_of, values_in
from fairkit.groups import Only, select

__all__ = ["condition_text", "members", "min_diff_splits", "split_rows"]

_KINDS = {"false_positive_rate": "negatives", "false_negative_rate": "positives"}


def min_diff_splits(examples, sensitive, nonsensitive, error_rate="false_positive_rate", classes=None,
                    allow_overlap=False):
    """Takes from both groups the examples on which an error rate is measured.

    A batch must hold enough of each group to show its distribution of scores; the rule of thumb of TFMR's guide is
    5,000 examples a split, which is not enforced here. `fairkit.remediate` refuses splits smaller than a batch.

    Args:
        examples: the training `Examples`.
        sensitive: the group whose error rate is to come closer, as conditions like those of `Examples.where`; a list of
            such conditions pools several groups: the examples that meet any of them.
        nonsensitive: the group that it is to come closer to, likewise; None for every example outside the sensitive
            group.
        error_rate: "false_positive_rate" takes the negatives of both groups, "false_negative_rate" the positives.
        classes: of a task with several classes, a class id or a list of them: these together are the positive class.
            None for labels 0 and 1.
        allow_overlap: let examples that belong to both groups be in both splits.

    Returns:
        (sensitive `Examples`, nonsensitive `Examples`)

    Raises:
        FairkitError: for a column, value or class that no example has, an empty split, or splits that overlap.

    Example:
        >>> import fairkit
        >>> from fairkit.remediation import min_diff_splits
        >>> examples = fairkit.Examples(labels=[3, 8, 1, 3], groups={"color": ["orange", "orange", "blue", "blue"]})
        >>> a, b = min_diff_splits(examples, {"color": "orange"}, {"color": "blue"}, classes=[8])
        >>> a.labels, b.labels
        (array([3]), array([1, 3]))
    """
    if not isinstance(examples, Examples):
        raise FairkitError("splits are made of examples", "fairkit.Examples", type(examples).__name__)
    in_sensitive = members(examples, sensitive)
    in_nonsensitive = ~in_sensitive if nonsensitive is None else members(examples, nonsensitive)
    texts = condition_text(sensitive), condition_text(nonsensitive, sensitive)
    rows = split_rows(examples, (in_sensitive, in_nonsensitive), texts, error_rate, classes, allow_overlap)
    return tuple(map(examples.take, rows))


def split_rows(examples, masks, texts, error_rate, classes=None, allow_overlap=False):
    """The positions in both splits, for groups that are given as masks (n,) and named by texts in messages."""
    if not isinstance(error_rate, str) or error_rate not in _KINDS:
        raise FairkitError(f"MinDiff does not know the error rate {quote(error_rate)}",
                           nearest(error_rate, _KINDS, other_names=OTHER_NAMES),
                           quote(error_rate))
    positive = _positive(examples.labels, classes)
    wanted = positive if error_rate == "false_negative_rate" else ~positive
    for name, text, mask in zip(("sensitive", "nonsensitive"), texts, masks):
        _refuse_empty(name, text, mask, wanted, _KINDS[error_rate])
    both = int((masks[0] & masks[1] & wanted).sum())
    if both and not allow_overlap:
        raise FairkitError(f"the splits overlap: {texts[0]} and {texts[1]}",
                           "groups without a common example (fairkit.only(value), COLUMN==V on the command line, takes "
                           "cells that hold nothing else), or allow_overlap=True", f"{both} examples in both")
    return tuple(np.flatnonzero(mask & wanted) for mask in masks)


def members(examples, conditions):
    """A boolean array (n,): which examples meet the conditions, or any of a list of conditions.

    Example:
        >>> import fairkit
        >>> from fairkit.remediation.splits import members
        >>> examples = fairkit.Examples(labels=[0, 0, 0], groups={"age": [17, 44, 80], "color": ["red", "red", "blue"]})
        >>> members(examples, [{"age": 17}, {"color": "blue"}])
        array([ True, False,  True])
    """
    if not isinstance(conditions, (list, tuple)):
        return select(examples.groups, conditions)
    if not conditions:
        raise FairkitError("a group is named by columns and values", "a dict such as {'color': 'orange'}, or a list of "
                           "such dicts", quote(conditions))
    return np.logical_or.reduce([select(examples.groups, condition) for condition in conditions])


def _refuse_empty(name, group, mask, wanted, kind):
    if not (mask & wanted).any():
        raise FairkitError(f"the {name} split is empty: no {kind[:-1]} example with {group}",
                           f"{kind} in both groups, for an error rate among {kind}",
                           f"{int(mask.sum())} examples in the group, {int(wanted.sum())} {kind} in all")


def condition_text(where, otherwise=None):
    """Conditions in words, for records and messages.

    Example:
        >>> from fairkit.remediation.splits import condition_text
        >>> condition_text({"color": "orange", "digit": [3, 8]})
        'color = orange and digit = 3 or 8'
    """
    if where is None:
        return "all others" if otherwise is None else f"not ({condition_text(otherwise)})"
    if not isinstance(where, Mapping):
        return " or ".join(condition_text(part) for part in where)
    return " and ".join(f"{name} {_value_text(condition)}" for name, condition in where.items())


def _value_text(condition):
    if isinstance(condition, Only):
        return "= only " + " and ".join(map(name_of, condition.values))
    if callable(condition):
        return f"meets {getattr(condition, '__name__', quote(condition))}"
    return "= " + " or ".join(map(name_of, values_in(condition)))


def _positive(labels, classes):
    known = np.unique(labels)
    if classes is None:
        odd = [value for value in known.tolist() if value not in (0, 1)]
        if odd:
            raise FairkitError("it is not said which class is the positive one",
                               "classes=[...] for labels other than 0 and 1", f"label {quote(odd[0])}")
        return labels == 1
    classes = np.atleast_1d(np.asarray(classes))
    if not classes.size:
        raise FairkitError("no class is named", "a class id, or several", "none")
    for value in classes.tolist():
        if value not in known.tolist():
            raise FairkitError(f"no example is labelled {quote(value)}", nearest(value, known.tolist()), quote(value))
    return np.isin(labels, classes)
