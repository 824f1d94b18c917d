"""The examples that the classification loss sees: balanced and weighted, if that is asked for."""

import copy
from collections.abc import Mapping

import numpy as np

from fairkit.analysis.balancing import balance as balanced
from fairkit.arguments import is_number
from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import name_of
from fairkit.remediation.reweighting import training_weights

__all__ = ["slice_reweighting", "training_examples"]


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


def slice_reweighting(train, validation, asked, classes=None, from_logits=False, seed=0):
    """What `fairkit.remediate` needs to weight by slice metrics.

    Args:
        train: `Examples`.
        validation: the `Examples` that the slices are measured on, or None to take a share of `train`.
        asked: slices, or the arguments of `SliceReweighting` and `validation_share` as a dict.
        classes: which labels count as positive.
        from_logits: the model's outputs are logits.
        seed: of the split.

    Returns:
        (positions in `train` of the training examples, function from what is trained on to the `SliceReweighting`, a
        dict of plain values: what was asked).
    """
    from fairkit.evaluation.specs import checked_slices
    from fairkit.remediation.slice_reweighting import SliceReweighting
    from fairkit.remediation.sweeps.options import as_recorded

    known = ["slices", "metric", "gamma", "beta", "threshold", "smoothing", "max_weight", "min_examples",
             "validation_share"]
    options = dict(asked) if isinstance(asked, Mapping) and "slices" in asked else {"slices": asked}
    for name in options:
        if name not in known:
            raise FairkitError(f"reweight_slices takes no {quote(name)}", nearest(name, known), quote(name))
    slices, share = options.pop("slices"), options.pop("validation_share", 0.25)
    specs, _ = checked_slices(slices, train.groups)
    if not specs:
        raise FairkitError("reweight_slices names no slice", "slices as for fairkit.evaluate, such as ['religion'], or "
                           "a dict such as {'slices': ['religion'], 'metric': 'false_positive_rate'}", quote(asked))
    rows, measured = np.arange(len(train)), validation
    if validation is None:
        if not is_number(share) or not 0 < share < 1:
            raise FairkitError("validation_share leaves nothing on one side", "above 0 and below 1", quote(share))
        numbered = copy.copy(train)
        numbered.given_ids = rows
        held, kept = numbered.split(share, seed, ["label", *dict.fromkeys(name for spec in specs for name, _ in spec
                                                                          if name != "label")])
        rows, measured = np.sort(kept.ids), train.take(np.sort(held.ids))

    def made(examples):
        return SliceReweighting(examples, measured, slices, classes=classes, from_logits=from_logits, **options)

    record = {**as_recorded({"slices": slices, **options}),
              "measured_on": len(measured) if validation is None else "validation"}
    return rows, made, record


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
        to = {name_of(group): _plain(size) for group, size in to.items()}
    return {"by": [by] if isinstance(by, str) else list(by), "to": _plain(to), "several": several}


def _plain(size):
    return size.item() if isinstance(size, np.generic) else size
