"""The examples that the classification loss sees: balanced and weighted, if that is asked for."""

import copy
from collections.abc import Mapping

import numpy as np

from fairkit.analysis.balancing import balance as balanced
from fairkit.errors import FairkitError, nearest, quote
from fairkit.remediation.reweighting import training_weights

__all__ = ["training_examples"]


def training_examples(train, balance=None, reweight=None, classes=None, seed=0):
    """The training examples up- or downsampled by `fairkit.analysis.balance`, then weighted by `training_weights`.

    Args:
        train: `Examples`.
        balance: a group column, "label", a list of these, or the arguments of `balance` as a dict.
        reweight: a group column or a list of these, in which labels are to be independent of the group.
        classes: which labels count as positive.

    Returns:
        (`Examples`, a dict of plain values: what was asked).
    """
    asked = _asked(balance)
    record = {"balance": None if asked is None else _record(**asked),
              "reweight": None if reweight is None else [reweight] if isinstance(reweight, str) else list(reweight)}
    if asked is not None:
        train = balanced(train, **asked, seed=seed)
    if reweight is not None:
        weights = training_weights(train, reweight, classes)  # the examples' own weights are in them
        train = copy.copy(train)
        train.weights = weights
    return train, record


def _asked(balance):
    """The arguments of `fairkit.analysis.balance`."""
    if balance is None or isinstance(balance, (str, list, tuple)):
        return None if balance is None else {"by": balance}
    if not isinstance(balance, Mapping) or "by" not in balance:
        raise FairkitError("balance names no group column", "a group column, a list of these, or a dict such as "
                           "{'by': 'color', 'to': 'largest'}", quote(balance))
    for name in balance:
        if name not in ("by", "to", "several"):
            raise FairkitError(f"balance takes no {quote(name)}", nearest(name, ["by", "to", "several"]), quote(name))
    return dict(balance)


def _record(by, to="smallest", several="refuse"):
    """What was asked for as plain values."""
    if isinstance(to, Mapping):
        to = {str(group): _plain(size) for group, size in to.items()}
    return {"by": [by] if isinstance(by, str) else list(by), "to": _plain(to), "several": several}


def _plain(size):
    return size.item() if isinstance(size, np.generic) else size
