"""Flips: how often a decision changes when an example is replaced by its counterfactual."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from fairkit.counts.atom_sets import AtomSets
from fairkit.counts.atoms import atoms_of
from fairkit.counts.clustered import clustered_share
from fairkit.counts.intervals import share
from fairkit.counts.paired import join
from fairkit.counts.slices import membership, slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.areas import one_against_rest
from fairkit.evaluation.specs import (
    check_values,
    checked_classes,
    checked_min_examples,
    checked_slices,
    checked_thresholds,
    cut_groups,
)
from fairkit.evaluation.table import COLUMNS, too_few
from fairkit.handed_out import HandedOut, kept
from fairkit.predictions import Predictions, predict

__all__ = ["FLIP_RATES", "Flips", "flips"]

# What each metric counts of (negative to negative, negative to positive, positive to negative, positive to positive):
# the decision on the original, then the one on the counterfactual. Rates are over all pairs.
FLIP_RATES = {"flip_rate/overall": (0, 1, 1, 0), "flip_rate/positive_to_negative": (0, 0, 1, 0),
              "flip_rate/negative_to_positive": (0, 1, 0, 0)}
_COUNTS = {"flip_count/positive_to_negative": (0, 0, 1, 0), "flip_count/negative_to_positive": (0, 1, 0, 0),
           "flip_count/positive_examples_count": (0, 0, 1, 1), "flip_count/negative_examples_count": (1, 1, 0, 0)}


@dataclass(frozen=True)
class Flips:
    """Flip rates and counts by slice and threshold; made by `flips`.

    Attributes:
        original, counterfactual: `Predictions` of the two sides, pair by pair.
        keys: the slices, overall first.
        members: the slices' atoms, `AtomSets`.
        codes: (n,) the atom of each pair.
        thresholds: the thresholds; a score above one is a positive decision.
        classes: class ids, each judged against the rest; [None] for a binary score.
        min_examples: slices with fewer pairs are noted.
        clusters: (n,) which original each pair is of, or None: each is of another.
    """

    original: Predictions
    counterfactual: Predictions
    keys: list
    members: AtomSets
    codes: np.ndarray
    thresholds: list
    classes: list
    min_examples: int
    clusters: np.ndarray | None = None

    def __repr__(self):
        return f"Flips({len(self.original)} pairs, {len(self.keys)} slices, thresholds {self.thresholds})"

    @HandedOut
    def frame(self) -> pd.DataFrame:
        """A row for each class, threshold, metric and slice, with the columns of `Evaluation.frame`.

        The metrics bear the names that TensorFlow Model Analysis gave them: flip_rate/overall, the share of pairs whose
        decision differs; flip_rate/positive_to_negative and flip_rate/negative_to_positive, the shares by direction
        (from the original's decision to the counterfactual's), which sum to it; flip_count/... the sums of weights
        behind these, and how many originals were decided positively and negatively. Rates have Wilson intervals; in a
        slice with several pairs of one original, those of `fairkit.counts.clustered.clustered_share`.
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
        return value_in(kept(self), metric, slice, threshold, class_id)

    def above(self, class_id, threshold):
        """(original, counterfactual): booleans (n,), which decisions are positive."""
        return tuple(one_against_rest(side, class_id)[0] > threshold for side in (self.original, self.counterfactual))

    def flipped(self, metric, class_id, threshold):
        """(n,) booleans: which pairs a rate counts."""
        original, counterfactual = self.above(class_id, threshold)
        return np.asarray(FLIP_RATES[metric], bool)[2 * original + counterfactual]

    @cached_property
    def clustered(self):
        """The slices that hold several pairs of one original: list of (position, rows, clusters, weights or None)."""
        if self.clusters is None or len(np.unique(self.clusters)) == len(self.clusters):
            return []
        starts, examples = self.members.examples(self.codes)
        slices = ((k, examples[starts[k]:starts[k + 1]]) for k in range(len(self.keys)))
        weights = self.original.weights
        return [(k, rows, self.clusters[rows], None if weights is None else weights[rows]) for k, rows in slices
                if len(np.unique(self.clusters[rows])) < len(rows)]

    def _blocks(self, class_id, threshold):
        joint = join(self.codes, self.members.atoms, np.ones(len(self.codes), bool), *self.above(class_id, threshold),
                     self.original.weights)
        moments = joint.over(self.members).table[:, 1].reshape(len(self.keys), 4, 3)
        pairs = moments[..., 0].sum(axis=1)
        note = np.where(pairs > 0, "", "undefined: no pairs in this slice").astype(object)
        too_few(note, pairs, "pairs", self.min_examples)
        shared = {"slice": [slice_name(key) for key in self.keys], "class": np.full(len(self.keys), class_id, object),
                  "threshold": threshold, "examples": pairs.astype(int), "note": note}
        for metric, counted in FLIP_RATES.items():
            value, lower, upper, numerator, denominator = share(moments, counted, (1, 1, 1, 1))
            flipped = self.flipped(metric, class_id, threshold)
            for k, rows, *clusters in self.clustered:
                _, lower[k], upper[k] = clustered_share(flipped[rows], *clusters)
            yield pd.DataFrame({**shared, "metric": metric, "value": value, "lower": lower, "upper": upper,
                                "numerator": numerator, "denominator": denominator})
        for metric, counted in _COUNTS.items():
            yield pd.DataFrame({**shared, "metric": metric, "value": moments[..., 1] @ counted,
                                **dict.fromkeys(("lower", "upper", "numerator", "denominator"), np.nan)})


def flips(what, pairs=None, slices: Sequence = (), thresholds: Sequence[float] | float | None = None,
          classes: Sequence[int] | None = None, *, from_logits: bool = False, batch_size: int = 256,
          min_examples: int = 0, clusters=None) -> Flips:
    """How often a model decides otherwise on an example and on its counterfactual, by slice and threshold.

    Args:
        what: what `fairkit.predict` takes as a model; or two `Predictions`, of the originals and of the counterfactuals
            in the same order, and no pairs.
        pairs: what `fairkit.remediation.counterfactuals` gives.
        slices, thresholds, classes: as for `fairkit.evaluate`; a slice holds the pairs whose original is in it.
        from_logits, batch_size: as for `fairkit.predict`.
        min_examples: slices with fewer pairs are noted as too small.
        clusters: (n,) what says which original each pair is of, such as its id: pairs of one original are not
            independent, and the intervals count with that. If not given, `pairs` tell; of two `Predictions` without
            it, each pair counts as drawn on its own.

    Returns:
        `Flips`.

    Raises:
        FairkitError: for sides or clusters of different lengths, and as `fairkit.evaluate`.

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
        if from_logits:
            raise FairkitError("from_logits is for what a model gives, and predictions hold probabilities",
                               "flips(model, pairs, from_logits=True)", "from_logits=True")
        original, counterfactual = _two_predictions(what)
    elif not all(hasattr(pairs, side) for side in ("original", "counterfactual")):
        raise FairkitError("these are no pairs", "what fairkit.remediation.counterfactuals gives", type(pairs).__name__)
    else:
        original, counterfactual = (predict(what, side, batch_size=batch_size, from_logits=from_logits)
                                    for side in (pairs.original, pairs.counterfactual))
        clusters = getattr(pairs, "rows", None) if clusters is None else clusters
    if len(original) == 0:
        raise FairkitError("there are no pairs to judge", "at least one pair", 0)
    thresholds, classes = checked_thresholds(thresholds), checked_classes(classes, original.classes)
    specs, bins = checked_slices(slices, original.groups)
    groups, _ = cut_groups(original.groups, bins)
    atoms, codes = atoms_of({name: groups[name] for name in {name for spec in specs for name, _ in spec}},
                            len(original))
    check_values(specs, atoms.values_of)
    keys, members = membership(atoms, specs)
    return Flips(original, counterfactual, keys, members, codes, thresholds, classes,
                 checked_min_examples(min_examples), _checked_clusters(clusters, len(original)))


def _checked_clusters(clusters, length):
    if clusters is None:
        return None
    array = np.asarray(clusters)
    if array.shape != (length,):
        raise FairkitError("the clusters do not say of each pair which original it is of", f"{length} values",
                           f"shape {array.shape}")
    return np.unique(array, return_inverse=True)[1].reshape(-1)


def _two_predictions(what):
    if not (isinstance(what, (list, tuple)) and len(what) == 2 and all(isinstance(p, Predictions) for p in what)):
        raise FairkitError("flips are judged on two sides", "a model and pairs, or two Predictions: of the originals "
                           "and of the counterfactuals", type(what).__name__)
    original, counterfactual = what
    if len(original) != len(counterfactual) or original.classes != counterfactual.classes:
        raise FairkitError("the two sides do not go together", f"{quote(original)} twice", quote(counterfactual))
    return original, counterfactual
