"""Flips: how often a decision changes when an example is replaced by its counterfactual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from fairkit.counts.atoms import atoms_of
from fairkit.counts.intervals import share
from fairkit.counts.paired import join
from fairkit.counts.rates import RATES
from fairkit.counts.slices import membership, slice_name
from fairkit.errors import FairkitError
from fairkit.evaluation.areas import one_against_rest
from fairkit.evaluation.pairing import Decisions
from fairkit.evaluation.specs import (
    check_values,
    checked_classes,
    checked_min_examples,
    checked_slices,
    checked_thresholds,
    cut_groups,
)
from fairkit.evaluation.table import COLUMNS, too_few
from fairkit.evaluation.verdicts import change_verdicts
from fairkit.predictions import Predictions, predict

__all__ = ["Flips", "compare_flips", "flips"]

# What each metric counts of (negative to negative, negative to positive, positive to negative, positive to positive):
# the decision on the original, then the one on the counterfactual. Rates are over all pairs.
_RATES = {"flip_rate/overall": (0, 1, 1, 0), "flip_rate/positive_to_negative": (0, 0, 1, 0),
          "flip_rate/negative_to_positive": (0, 1, 0, 0)}
_COUNTS = {"flip_count/positive_to_negative": (0, 0, 1, 0), "flip_count/negative_to_positive": (0, 1, 0, 0),
           "flip_count/positive_examples_count": (0, 0, 1, 1), "flip_count/negative_examples_count": (1, 1, 0, 0)}


@dataclass(frozen=True)
class Flips:
    """Flip rates and counts by slice and threshold; made by `flips`.

    Attributes:
        original, counterfactual: `Predictions` of the two sides, pair by pair.
        keys: the slices, overall first.
        matrix: (slices, atoms) booleans.
        codes: (n,) the atom of each pair.
        thresholds: the thresholds; a score above one is a positive decision.
        classes: class ids, each judged against the rest; [None] for a binary score.
        min_examples: slices with fewer pairs are noted.
    """

    original: Predictions
    counterfactual: Predictions
    keys: list
    matrix: np.ndarray
    codes: np.ndarray
    thresholds: list
    classes: list
    min_examples: int

    def __repr__(self):
        return f"Flips({len(self.original)} pairs, {len(self.keys)} slices, thresholds {self.thresholds})"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row for each class, threshold, metric and slice, with the columns of `Evaluation.frame`.

        The metrics bear the names that TensorFlow Model Analysis gave them: flip_rate/overall, the share of pairs whose
        decision differs; flip_rate/positive_to_negative and flip_rate/negative_to_positive, the shares by direction
        (from the original's decision to the counterfactual's), which sum to it; flip_count/... the sums of weights
        behind these, and how many originals were decided positively and negatively. Rates have Wilson intervals.
        """
        blocks = [block for class_id in self.classes for threshold in self.thresholds
                  for block in self._blocks(class_id, threshold)]
        return pd.concat(blocks, ignore_index=True)[list(COLUMNS)]

    def value(self, metric: str = "flip_rate/overall", slice: str = "Overall", threshold: float | None = None,
              class_id: int | None = None) -> float:
        """One value of the frame; see `Evaluation.value`. A single threshold or class need not be named."""
        from fairkit.evaluation.lookup import value_in

        if threshold is None and len(self.thresholds) == 1:
            threshold = self.thresholds[0]
        if class_id is None and len(self.classes) == 1:
            class_id = self.classes[0]
        return value_in(self.frame, metric, slice, threshold, class_id)

    def above(self, class_id, threshold):
        """(original, counterfactual): booleans (n,), which decisions are positive."""
        return tuple(one_against_rest(side, class_id)[0] > threshold for side in (self.original, self.counterfactual))

    def _blocks(self, class_id, threshold):
        joint = join(self.codes, self.matrix.shape[1], np.ones(len(self.codes), bool), *self.above(class_id, threshold),
                     self.original.weights)
        moments = joint.over(self.matrix).table[:, 1].reshape(len(self.keys), 4, 3)
        pairs = moments[..., 0].sum(axis=1)
        note = np.where(pairs > 0, "", "undefined: no pairs in this slice").astype(object)
        too_few(note, pairs, "pairs", self.min_examples)
        shared = {"slice": [slice_name(key) for key in self.keys], "class": np.full(len(self.keys), class_id, object),
                  "threshold": threshold, "examples": pairs.astype(int), "note": note}
        for metric, counted in _RATES.items():
            value, lower, upper, numerator, denominator = share(moments, counted, (1, 1, 1, 1))
            yield pd.DataFrame({**shared, "metric": metric, "value": value, "lower": lower, "upper": upper,
                                "numerator": numerator, "denominator": denominator})
        for metric, counted in _COUNTS.items():
            yield pd.DataFrame({**shared, "metric": metric, "value": moments[..., 1] @ counted,
                                **dict.fromkeys(("lower", "upper", "numerator", "denominator"), np.nan)})


def flips(what, pairs=None, slices: Sequence = (), thresholds: Sequence[float] | float | None = None,
          classes: Sequence[int] | None = None, *, from_logits: bool = False, batch_size: int = 256,
          min_examples: int = 0) -> Flips:
    """How often a model decides otherwise on an example and on its counterfactual, by slice and threshold.

    Args:
        what: what `fairkit.predict` takes as a model; or two `Predictions`, of the originals and of the counterfactuals
            in the same order, and no pairs.
        pairs: what `fairkit.remediation.counterfactuals` gives.
        slices, thresholds, classes: as for `fairkit.evaluate`; a slice holds the pairs whose original is in it.
        from_logits, batch_size: as for `fairkit.predict`.
        min_examples: slices with fewer pairs are noted as too small.

    Returns:
        `Flips`. Its intervals count each pair as drawn on its own: with several counterfactuals of one example they are
        too narrow.

    Raises:
        FairkitError: for sides of different lengths, and as `fairkit.evaluate`.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation import flips
        >>> examples = fairkit.Examples(labels=[0, 0, 1, 1], groups={"color": ["blue", "orange", "blue", "orange"]})
        >>> sides = [fairkit.predict(scores, examples) for scores in ([.2, .7, .8, .9], [.6, .3, .7, .9])]
        >>> found = flips(sides, slices=["color"], thresholds=[.5])
        >>> found.value(), found.value("flip_rate/positive_to_negative", "color:orange")
        (0.5, 0.5)
    """
    if pairs is None:
        original, counterfactual = _two_predictions(what)
    elif not all(hasattr(pairs, side) for side in ("original", "counterfactual")):
        raise FairkitError("these are no pairs", "what fairkit.remediation.counterfactuals gives", type(pairs).__name__)
    else:
        original, counterfactual = (predict(what, side, batch_size=batch_size, from_logits=from_logits)
                                    for side in (pairs.original, pairs.counterfactual))
    if len(original) == 0:
        raise FairkitError("there are no pairs to judge", "at least one pair", 0)
    thresholds, classes = checked_thresholds(thresholds), checked_classes(classes, original.classes)
    specs, bins = checked_slices(slices, original.groups)
    groups, _ = cut_groups(original.groups, bins)
    atoms, codes = atoms_of({name: groups[name] for name in {name for spec in specs for name, _ in spec}},
                            len(original))
    check_values(specs, atoms.values_of)
    keys, matrix = membership(atoms, specs)
    return Flips(original, counterfactual, keys, matrix, codes, thresholds, classes, checked_min_examples(min_examples))


def compare_flips(before: Flips, after: Flips, thresholds: Mapping[float, float] | None = None) -> pd.DataFrame:
    """What became of the flip rates from one model to another, on the same pairs, with paired intervals.

    Args:
        before, after: `Flips` of the same pairs.
        thresholds: a dict {before: after}; None compares at the thresholds of `before`, unchanged. With matched ones
            (`Comparison.threshold_pairs`) a model does not flip less often for the one reason that it flags less often.

    Returns:
        A DataFrame with a row for each class, pair of thresholds, rate and slice: slice, class, metric,
        threshold_before, threshold_after, before, after, change, lower, upper, verdict ("improved", "worse",
        "no evidence", "undefined"), pairs.

    Raises:
        FairkitError: for flips of other pairs or classes, or thresholds outside [0, 1].

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation import compare_flips, flips
        >>> examples = fairkit.Examples(labels=[0, 1] * 20, groups={})
        >>> original, other = (fairkit.predict([score] * 40, examples) for score in (.8, .2))
        >>> change = compare_flips(flips([original, other], thresholds=.5), flips([original, original], thresholds=.5))
        >>> change[["metric", "before", "after", "verdict"]].values.tolist()[0]
        ['flip_rate/overall', 1.0, 0.0, 'improved']
    """
    for name, found in (("before", before), ("after", after)):
        if not isinstance(found, Flips):
            raise FairkitError(f"what is compared {name} is no count of flips", "what flips gives",
                               type(found).__name__)
    if before.classes != after.classes:
        raise FairkitError("the two judge different classes", before.classes, after.classes)
    if not (np.array_equal(before.original.ids, after.original.ids)
            and np.array_equal(before.original.labels, after.original.labels)):
        raise FairkitError("the two are of different pairs", "flips of both models on the same pairs, in one order",
                           f"{len(before.original)} and {len(after.original)} pairs")
    given = {t: t for t in before.thresholds} if thresholds is None else _checked_pairs(thresholds)
    blocks = [_changes(before, after, class_id, metric, *at)
              for class_id in before.classes for at in given.items() for metric in _RATES]
    return pd.concat(blocks, ignore_index=True)


def _changes(before, after, class_id, metric, first, second):
    flipped = [_counted(found.above(class_id, at), _RATES[metric]) for found, at in ((before, first), (after, second))]
    joint = join(before.codes, before.matrix.shape[1], np.ones(len(before.codes), bool), *flipped,
                 before.original.weights)
    one, two, change = Decisions(joint.first, joint.second, joint).change(RATES["positive_rate"], before.matrix,
                                                                         before.matrix)
    return pd.DataFrame({
        "slice": [slice_name(key) for key in before.keys], "class": np.full(len(before.keys), class_id, object),
        "metric": metric, "threshold_before": first, "threshold_after": second, "before": one[0], "after": two[0],
        **dict(zip(("change", "lower", "upper"), change, strict=True)), "verdict": change_verdicts("lower", *change),
        "pairs": joint.over(before.matrix).table[..., 0].sum(axis=(1, 2, 3)).astype(int)})


def _counted(above, counted):
    original, counterfactual = above
    return np.asarray(counted, bool)[2 * original + counterfactual]


def _two_predictions(what):
    if not (isinstance(what, (list, tuple)) and len(what) == 2 and all(isinstance(p, Predictions) for p in what)):
        raise FairkitError("flips are judged on two sides", "a model and pairs, or two Predictions: of the originals "
                           "and of the counterfactuals", type(what).__name__)
    original, counterfactual = what
    if len(original) != len(counterfactual) or original.classes != counterfactual.classes:
        raise FairkitError("the two sides do not go together", f"{original!r} twice", repr(counterfactual))
    return original, counterfactual


def _checked_pairs(thresholds):
    if not isinstance(thresholds, Mapping) or not thresholds:
        raise FairkitError("thresholds pair those of the two models", "a dict {before: after} such as {0.5: 0.4}",
                           repr(thresholds))
    return {checked_thresholds(before)[0]: checked_thresholds(after)[0] for before, after in thresholds.items()}
