"""Which examples are shown of each group: right ones, wrong ones, one kind of wrong ones, or any."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairkit.arguments import is_number, is_whole
from fairkit.counts.atoms import atoms_of
from fairkit.counts.slices import atoms_in, slice_keys, slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.areas import one_against_rest
from fairkit.evaluation.specs import cut_groups
from fairkit.examples import Examples
from fairkit.groups import group_names
from fairkit.predictions import Predictions

__all__ = ["KINDS", "Chosen", "choose_examples"]

KINDS = {"errors": "wrong", "correct": "right", "false_positives": "wrongly flagged (false positives)",
         "false_negatives": "missed (false negatives)", "all": "of any kind"}
_ORDERS = ("random", "score")


@dataclass(frozen=True)
class Chosen:
    """The examples of one group that are shown.

    Attributes:
        key: the key of the group's slice; () for all examples.
        rows: (k,) positions in the `Examples`.
        labels, predicted, scores: (k,) of these: predicted is a class, or 0 or 1; the score is that of what is
            predicted for top-1 predictions, else that of the positive class; both None where there is no model.
        found: how many of the group are of the kind asked for.
        among: how many there are that could be: negatives for false positives, positives for false negatives.
        counted: both in words: "3 of 70 negatives", or "70 examples" where any kind is shown.
    """

    key: tuple
    rows: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray | None
    scores: np.ndarray | None
    found: int
    among: int
    counted: str

    def table(self, ids):
        """A DataFrame with a row for each: slice, id, label, and, where there is a model, predicted and score."""
        judged = {} if self.scores is None else {"predicted": self.predicted, "score": self.scores}
        return pd.DataFrame({"slice": slice_name(self.key), "id": ids[self.rows], "label": self.labels, **judged})


def choose_examples(result, examples, by=None, show="errors", most=8, class_id=None, threshold=None, order="random",
                    seed=0):
    """A list of `Chosen`, one a group.

    Args:
        result: an `Evaluation` that holds its predictions, or `Predictions`; of these examples, in any order. None
            where there is no model: `show` is "all" then, the order random.
        examples: `Examples` with inputs.
        by: a group column, or several for their cross; all examples together if not given.
        show: one of `KINDS`.
        most: examples a group.
        class_id: judges that class against the rest; without it a model with several classes is judged by its top-1
            prediction.
        threshold: of the score; the evaluation's only one, or .5.
        order: "random", or "score": what is most surely predicted first.
        seed: of the random choice.
    """
    for name, value, known in (("show", show, list(KINDS)), ("order", order, _ORDERS)):
        if value not in known:
            raise FairkitError(f"there is no {name}={quote(value)}", nearest(value, known), quote(value))
    if not is_whole(most) or most < 1:
        raise FairkitError("that is no number of examples to show", "a whole number, 1 or more", quote(most))
    if result is None:
        return _unjudged(examples, by, show, most, class_id, threshold, order, seed)
    predictions, bins = _predictions(result)
    place = _places(predictions, examples)
    labels, predicted, scores = _decided(predictions, class_id, _threshold(result, threshold))
    kind, among, among_text = _kind(show, labels, predicted, predictions.classes, class_id)
    rng, chosen = np.random.default_rng(seed), []
    for key, inside in _groups(predictions, bins, by):
        found = np.flatnonzero(inside & kind)
        sure = np.where(predicted[found] == 0, -scores[found], scores[found]) if predictions.classes is None or \
            class_id is not None else scores[found]
        shown = np.argsort(-sure, kind="stable") if order == "score" else rng.permutation(len(found))
        kept, whole = found[shown[:most]], int((inside & among).sum())
        counted = f"{len(found):,} {'' if show == 'all' else f'of {whole:,} '}{among_text}"
        chosen.append(Chosen(key, place[kept], labels[kept], predicted[kept], scores[kept], len(found), whole, counted))
    return chosen


def _unjudged(examples, by, show, most, class_id, threshold, order, seed):
    """Examples of each group, whatever they are: there is no model that could be right or wrong."""
    for name, value, allowed in (("show", show, "all"), ("order", order, "random"), ("class_id", class_id, None),
                                 ("threshold", threshold, None)):
        if value != allowed:
            raise FairkitError(f"{name}={quote(value)} asks what a model predicted, and there is none",
                               f"{name}={quote(allowed)}, or an Evaluation in the place of None", "None")
    _checked(examples)
    rng, chosen = np.random.default_rng(seed), []
    for key, inside in _groups(examples, {}, by):
        found = np.flatnonzero(inside)
        kept = rng.permutation(found)[:most]
        chosen.append(Chosen(key, kept, examples.labels[kept], None, None, len(found), len(found),
                             f"{len(found):,} examples"))
    return chosen


def _checked(examples):
    if not isinstance(examples, Examples):
        raise FairkitError("these are no examples", "fairkit.Examples with inputs", type(examples).__name__)


def _predictions(result):
    predictions = result if isinstance(result, Predictions) else getattr(result, "predictions", None)
    if predictions is None:
        raise FairkitError("it is not known what was predicted for each example",
                           "an Evaluation that holds its predictions, Predictions, or None to show the data alone",
                           quote(result)[:100])
    return predictions, getattr(result, "bins", {})


def _threshold(result, threshold):
    own = getattr(result, "thresholds", [0.5])
    if threshold is None:
        return own[0] if len(own) == 1 else 0.5
    if not is_number(threshold) or not 0 <= threshold <= 1:
        raise FairkitError("a threshold lies outside [0, 1]", "a number from 0 to 1", quote(threshold))
    return float(threshold)


def _places(predictions, examples):
    """(n,) the position among the examples of each row of the predictions."""
    _checked(examples)
    if len(examples) == len(predictions) and np.array_equal(examples.ids, predictions.ids):
        return np.arange(len(examples))
    order = np.argsort(examples.ids, kind="stable")
    found = np.searchsorted(examples.ids[order], predictions.ids).clip(max=len(order) - 1)
    if not len(order) or not np.array_equal(examples.ids[order][found], predictions.ids):
        raise FairkitError("these are not the examples that were judged", "the Examples given to fairkit.evaluate",
                           f"{len(examples)} examples for {len(predictions)} predictions, with other ids")
    return order[found]


def _decided(predictions, class_id, threshold):
    """(labels, predicted, scores), (n,) each."""
    if predictions.classes is not None and class_id is None:
        predicted = predictions.scores.argmax(axis=1)
        return predictions.labels, predicted, predictions.scores[np.arange(len(predicted)), predicted]
    known = [None] if predictions.classes is None else list(range(predictions.classes))
    if class_id not in known:
        raise FairkitError("the model has no such class", f"one of {known}", quote(class_id))
    scores, positive = one_against_rest(predictions, class_id)
    labels = predictions.labels if class_id is not None else positive.astype(int)
    return labels, (scores > threshold).astype(int), scores


def _kind(show, labels, predicted, classes, class_id):
    """(which rows are of the kind, which could be, what these are called)."""
    if classes is not None and class_id is None:
        if show.startswith("false"):
            raise FairkitError(f"{show} are errors about one class", "class_id=, or show='errors'", "class_id=None")
        wrong, everyone = labels != predicted, np.ones(len(labels), bool)
        return {"errors": wrong, "correct": ~wrong, "all": everyone}[show], everyone, "examples"
    positive = labels == (1 if class_id is None else class_id)
    wrong, everyone = positive != predicted.astype(bool), np.ones(len(labels), bool)
    return {"errors": (wrong, everyone, "examples"), "correct": (~wrong, everyone, "examples"),
            "all": (everyone, everyone, "examples"), "false_positives": (wrong & ~positive, ~positive, "negatives"),
            "false_negatives": (wrong & positive, positive, "positives")}[show]


def _groups(judged, bins, by):
    """(key, (n,) booleans) of each group of `Predictions` or `Examples`."""
    if by is None:
        return [((), np.ones(len(judged), bool))]
    names = sorted(group_names(list(by) if isinstance(by, tuple) else by, "to show examples by", judged.groups))
    groups, _ = cut_groups(judged.groups, {name: bins[name] for name in names if name in bins})
    atoms, codes = atoms_of({name: groups[name] for name in names}, len(judged))
    keys = slice_keys(atoms, tuple((name, None) for name in names))
    return [(key, atoms_in(atoms, key)[codes]) for key in keys]
