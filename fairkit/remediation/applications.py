"""The applications of MinDiff that one training has: one for each sensitive group and error rate."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.remediation.splits import condition_text, members, split_rows

__all__ = ["Application", "applications", "by_name", "count_applications"]


@dataclass(frozen=True)
class Application:
    """One comparison of two groups.

    Attributes:
        name: None where there is only one.
        sensitive, nonsensitive: the groups in words.
        rows: the positions of the sensitive and of the nonsensitive split among the training examples.
    """

    name: str | None
    sensitive: str
    nonsensitive: str
    rows: tuple


def applications(examples: Examples, sensitive, nonsensitive=None, error_rate="false_positive_rate", classes=None,
                 allow_overlap=False, batch_size=1):
    """The applications of MinDiff for one or several sensitive groups and error rates.

    Args:
        examples: the training `Examples`.
        sensitive: the conditions of one group, a list of conditions (several groups pooled to one), or a dict of name
            -> conditions (several groups, each compared by itself).
        nonsensitive: the conditions of the group that all of them are compared with, a dict of name -> conditions with
            the names of `sensitive`, or None for every example outside all sensitive groups.
        error_rate: one name, or a list of names.
        classes, allow_overlap: as for `min_diff_splits`.
        batch_size: the examples of each group that a step compares.

    Returns:
        List of `Application`. Names are those of the groups, of the error rates, or of both, joined by "_", whichever
        there are several of.

    Raises:
        FairkitError: as `min_diff_splits`, and for a split with fewer examples than a batch.

    Example:
        >>> import fairkit
        >>> from fairkit.remediation.applications import applications
        >>> examples = fairkit.Examples(labels=[0, 1, 0, 1], groups={"color": ["red", "red", "blue", "blue"]})
        >>> rates = ["false_positive_rate", "false_negative_rate"]
        >>> for application in applications(examples, {"reds": {"color": "red"}}, error_rate=rates):
        ...     print(application.name, "|", application.sensitive, "|", application.nonsensitive)
        reds_false_positive_rate | color = red | not (color = red)
        reds_false_negative_rate | color = red | not (color = red)
    """
    groups, rates = sensitive if _is_named(sensitive) else {None: sensitive}, _rates(error_rate)
    references = _references(groups, nonsensitive)
    masks = {group: members(examples, conditions) for group, conditions in groups.items()}
    others = ~np.logical_or.reduce(list(masks.values()))
    found = []
    for group, conditions in groups.items():
        reference = references[group]
        mask = others if reference is None else members(examples, reference)
        texts = condition_text(conditions), condition_text(reference, list(groups.values()))
        for rate in rates:
            name = "_".join(part for part in (group, rate if len(rates) > 1 else None) if part is not None) or None
            rows = split_rows(examples, (masks[group], mask), texts, rate, classes, allow_overlap)
            _refuse_small(rows, texts, rate, batch_size)
            found.append(Application(name, *texts, rows))
    return found


def count_applications(sensitive, error_rate="false_positive_rate"):
    """How many applications `applications` makes of such arguments."""
    return (len(sensitive) if _is_named(sensitive) else 1) * len(_rates(error_rate))


def by_name(found, value):
    """A dict of name -> value(application), or the one value where the one application has no name."""
    return value(found[0]) if found[0].name is None else {each.name: value(each) for each in found}


def _is_named(sensitive):
    return isinstance(sensitive, Mapping) and bool(sensitive) and all(
        isinstance(name, str) and isinstance(part, Mapping | list | tuple) and _conditions(part)
        for name, part in sensitive.items())


def _conditions(part):
    """Whether it is conditions, or a list of them; `{"color": ["orange", "red"]}` holds a list of values."""
    return isinstance(part, Mapping) or (bool(part) and all(isinstance(each, Mapping) for each in part))


def _rates(error_rate):
    rates = [error_rate] if isinstance(error_rate, str) or not isinstance(error_rate, list | tuple) else \
        list(error_rate)
    if not rates or len(set(map(str, rates))) != len(rates):
        raise FairkitError("the error rates are not told apart", "'false_positive_rate', 'false_negative_rate', or a "
                           "list of both", quote(error_rate))
    return rates


def _references(groups, nonsensitive):
    if not _is_named(nonsensitive):
        return dict.fromkeys(groups, nonsensitive)
    for name in nonsensitive:
        if name not in groups:
            raise FairkitError(f"no sensitive group {quote(name)} to compare with",
                               nearest(name, [group for group in groups if group]), quote(name))
    for name in groups:
        if name not in nonsensitive:
            raise FairkitError(f"the sensitive group {quote(name)} has no group to be compared with",
                               f"nonsensitive conditions for {quote(name)} too, or one group for all",
                               list(nonsensitive))
    return dict(nonsensitive)


def _refuse_small(rows, texts, rate, batch_size):
    kind = "positives" if rate == "false_negative_rate" else "negatives"
    for name, text, positions in zip(("sensitive", "nonsensitive"), texts, rows):
        if len(positions) < batch_size:
            raise FairkitError(f"the {name} split has too few examples for a batch: {kind} with {text}",
                               f"at least {batch_size} ({kind}), or min_diff_batch_size={len(positions)} or less",
                               len(positions))
