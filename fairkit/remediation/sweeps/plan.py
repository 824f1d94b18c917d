"""Which candidates a sweep has, and which trainings they need."""

import inspect
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fairkit.arguments import is_number, is_whole
from fairkit.errors import FairkitError, nearest, quote
from fairkit.remediation.applications import count_applications
from fairkit.remediation.counterfactual_pairs import named_swaps
from fairkit.remediation.sweeps.options import as_recorded

__all__ = ["CONTROL", "LOSS_WEIGHTS", "Candidate", "checked_seeds", "planned"]

CONTROL = "control"
LOSS_WEIGHTS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""MinDiff's loss weights where neither these nor methods are given."""

_MIN_DIFF = ("sensitive", "nonsensitive", "error_rate", "loss", "kernel", "kernel_length", "loss_weight",
             "min_diff_batch_size", "allow_overlap")
_OWN = {"seed": "seeds=", "validation": "validation= of the sweep", "callbacks": "no callbacks: they keep a state from "
        "one training to the next", "verbose": "nothing: a sweep shows its own progress"}
THRESHOLDS = "group_thresholds"


@dataclass(frozen=True)
class Candidate:
    """One way of remediating.

    Attributes:
        name: given by the user.
        options: dict of arguments of `fairkit.remediate`.
        group_thresholds: dict of arguments of the thresholds by group that follow the training, or None.
        training: the name of the training that it needs; candidates that differ in their thresholds only share one.
        position: in the order in which they were named; 0 is the control.
    """

    name: str
    options: dict
    group_thresholds: dict | None = None
    training: str = ""
    position: int = field(default=0, compare=False)

    @property
    def penalty(self):
        """The sum of the weights of its penalties; 0 where the classification loss is alone."""
        total = 0.0
        if self.options.get("sensitive") is not None:
            rates = self.options.get("error_rate", "false_positive_rate")
            total += _total(self.options.get("loss_weight", 1.0), count_applications(self.options["sensitive"], rates))
        if (pairs := self.options.get("counterfactuals")) is not None:
            total += _total(self.options.get("counterfactual_weight", 1.0), len(pairs) if named_swaps(pairs) else 1)
        return total

    @property
    def mildness(self):
        """Sorts candidates from the mildest on: the control; then those that need no group at prediction time before
        those that do; in these, by the penalty. `choose` puts the better quality first among equals."""
        return (self.name != CONTROL, self.group_thresholds is not None, self.penalty)


def planned(methods, loss_weights, shared, known=()):
    """The `Candidate`s of a sweep, the control first.

    Args:
        methods: dict of name -> dict of arguments of `fairkit.remediate`, and `group_thresholds`; or None.
        loss_weights: MinDiff's loss weights, each a candidate; None for `LOSS_WEIGHTS` where there are no methods.
        shared: arguments of `fairkit.remediate` that hold for all. MinDiff's hold for the loss weights and for methods
            that name one of MinDiff's arguments themselves; those of counterfactual logit pairing likewise.
        known: further names that `shared` may not have, for messages.

    Raises:
        FairkitError: for an argument that `fairkit.remediate` does not have, or a name or weight that is none.
    """
    _check_names(shared, "a sweep", known)
    plain = {name: value for name, value in shared.items() if _penalty_of(name) is None}
    plain["sensitive"] = None
    asked = {CONTROL: (plain, None)}
    weights = LOSS_WEIGHTS if loss_weights is None and methods is None else () if loss_weights is None else loss_weights
    for weight in _checked_weights(weights):
        if shared.get("sensitive") is None:
            raise FairkitError("loss_weights are those of MinDiff, which needs a sensitive group",
                               "sensitive={'color': 'orange'} or the like", "no sensitive group")
        if weight:
            options = {**plain, **_shared(shared, "min_diff"), "loss_weight": weight}
            asked[f"loss_weight={weight:.15g}"] = (options, None)
    for name, method in _checked_methods(methods).items():
        if name in asked:
            raise FairkitError(f"two candidates are called {quote(name)}", "another name for this method", quote(name))
        method = dict(method)
        thresholds = method.pop(THRESHOLDS, None)
        if thresholds is not None and not isinstance(thresholds, Mapping):
            raise FairkitError(f"the group_thresholds of {quote(name)} are not given by arguments",
                               "a dict of arguments of fit_group_thresholds, such as {'by': 'color'}",
                               quote(thresholds))
        _check_names(method, f"the method {quote(name)}")
        penalties = {_penalty_of(argument) for argument in method} - {None}
        taken = {key: value for penalty in sorted(penalties) for key, value in _shared(shared, penalty).items()}
        asked[name] = ({**plain, **taken, **method}, None if thresholds is None else dict(thresholds))
    return _with_trainings(asked)


def checked_seeds(seeds):
    """A list of distinct seeds."""
    values = np.atleast_1d(np.asarray(seeds)).tolist() if not isinstance(seeds, (str, bytes)) else [seeds]
    for value in values:
        if not is_whole(value) or not 0 <= value < 2**31:
            raise FairkitError("a seed is no seed", "integers from 0 to 2147483647", quote(value))
    if not values or len(set(values)) < len(values):
        raise FairkitError("the seeds are not distinct" if values else "there is no seed",
                           "one or more distinct integers, such as seeds=(0, 1, 2)", quote(seeds))
    return values


def _with_trainings(asked):
    candidates, trainings = [], {}
    for position, (name, (options, thresholds)) in enumerate(asked.items()):
        record = json.dumps(as_recorded(options), sort_keys=True)
        # Objects that JSON cannot hold may look alike and yet differ, so they never share a training.
        training = name if "$object" in record else trainings.setdefault(record, name)
        candidates.append(Candidate(name, options, thresholds, training, position))
    return candidates


def _penalty_of(argument):
    """Which penalty an argument of `fairkit.remediate` belongs to, or None."""
    return "min_diff" if argument in _MIN_DIFF else "pairing" if argument.startswith("counterfactual") else None


def _shared(shared, penalty):
    return {name: value for name, value in shared.items() if _penalty_of(name) == penalty}


def _check_names(options, what, further=()):
    from fairkit.remediation.remediating import remediate

    parameters = [name for name, parameter in inspect.signature(remediate).parameters.items()
                  if parameter.kind is parameter.KEYWORD_ONLY]
    for name in options:
        if name in _OWN:
            raise FairkitError(f"{name} is not for {what}", _OWN[name], f"{name}={quote(options[name])}")
        if name not in parameters:
            valid = [*further, *(p for p in parameters if p not in _OWN)]
            raise FairkitError(f"{what} takes no argument {quote(name)}", nearest(name, valid), quote(name))


def _checked_methods(methods):
    if methods is None:
        return {}
    if not isinstance(methods, Mapping):
        raise FairkitError("methods are not given by names", "a dict such as {'reweight': {'reweight': 'color'}}",
                           type(methods).__name__)
    for name, method in methods.items():
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise FairkitError("a method has no proper name", "a text", quote(name))
        if name == CONTROL:
            raise FairkitError(f"a method is called {quote(CONTROL)}, which is the plain training's name and "
                               "always there", "another name", quote(name))
        if not isinstance(method, Mapping):
            raise FairkitError(f"the method {quote(name)} is not given by arguments",
                               "a dict of arguments of fairkit.remediate, such as {'reweight': 'color'}", quote(method))
    return methods


def _checked_weights(weights):
    values = list(weights) if isinstance(weights, (Sequence, set, np.ndarray)) and not isinstance(weights, str) \
        else [weights]
    for value in values:
        if not is_number(value) or not math.isfinite(value) or value < 0:
            raise FairkitError("a loss weight is no weight", "numbers, 0 or above", quote(value))
    return sorted({float(value) for value in values})


def _total(weight, penalties=1):
    parts = [*weight.values(), *[1.0] * (penalties - len(weight))] if isinstance(weight, Mapping) else \
        [weight] * penalties
    return float(sum(part for part in parts if is_number(part)))
