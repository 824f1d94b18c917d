"""Predictions: what a model says of each example, made once; everything after that is arithmetic on them."""

from pathlib import Path

import numpy as np

from fairkit.containers import plain_column, plain_values
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.handed_out import read_only
from fairkit.inputs import as_given
from fairkit.labels import class_ids

__all__ = ["Predictions", "predict"]


class Predictions:
    """The scores of one model on n examples, with all that an evaluation needs to know of these.

    Args:
        labels, groups, weights, ids: as `Examples` takes them, in any container.
        scores: (n,) scores of the positive class, or (n, k) scores of k classes, in any container.

    Attributes:
        labels: (n,) integers: 0 or 1 for binary scores, a class id otherwise.
        scores: (n,) float64 scores of the positive class, or (n, k) scores of k classes; all in [0, 1].
        groups: dict of name -> `GroupColumn` of n cells.
        weights: (n,) float64, or None where every example counts once.
        ids: (n,) distinct ids, by which two models' predictions are paired; the row numbers if none were given.

    Raises:
        FairkitError: as `Examples` and `predict`.

    Example:
        >>> import fairkit
        >>> fairkit.Predictions([0, 1], [0.2, 0.9], {"color": ["blue", None]}).scores
        array([0.2, 0.9])
    """

    def __init__(self, labels, scores, groups, weights=None, ids=None):
        examples = Examples(labels=labels, groups=groups, weights=weights, ids=ids)
        checked = _checked_scores(_given(scores), len(examples), way="predict(..., from_logits=True) for logits")
        self.scores = read_only(checked, scores)
        self.labels = read_only(class_ids(examples.labels, self.classes))
        self.groups, self.weights, self.given_ids = examples.groups, examples.weights, examples.given_ids

    @classmethod
    def of_checked(cls, labels, scores, groups, weights=None, ids=None):
        """`Predictions` of arrays and `GroupColumn`s that are as the attributes say, which is not checked again."""
        made = object.__new__(cls)
        made.labels, made.scores, made.groups, made.weights, made.given_ids = labels, scores, groups, weights, ids
        return made

    @property
    def ids(self):
        return np.arange(len(self)) if self.given_ids is None else self.given_ids

    def with_groups(self, groups):
        """The same predictions with other group columns."""
        return Predictions.of_checked(self.labels, self.scores, groups, self.weights, self.given_ids)

    def with_scores(self, scores):
        """Predictions of the same examples with other scores, which are not checked again."""
        return Predictions.of_checked(self.labels, scores, self.groups, self.weights, self.given_ids)

    def __repr__(self):
        classes = "binary" if self.classes is None else f"{self.classes} classes"
        return f"Predictions({len(self)}, {classes}, groups: {', '.join(self.groups) or 'none'})"

    def __len__(self):
        return len(self.labels)

    def take(self, index):
        """The predictions at the given positions, in that order."""
        return Predictions.of_checked(self.labels[index], self.scores[index],
                                      {name: column.take(index) for name, column in self.groups.items()},
                                      None if self.weights is None else self.weights[index], self.ids[index])

    @property
    def classes(self):
        """The number of classes that the model tells apart, or None for a binary score."""
        return None if self.scores.ndim == 1 else self.scores.shape[1]


def predict(model, examples: Examples, batch_size: int = 256, from_logits: bool = False,
            output: str | int | None = None) -> Predictions:
    """Scores every example once.

    Args:
        model: a Keras model, the path of a .keras file or of a SavedModel folder, a callable
            predict(inputs) -> scores, or an array of scores.
        examples: `Examples`; their inputs are read only if there is a model to feed. A model that declares its inputs
            is fed just these, by name, or in order where they have no names; a model that does not, all of them.
        batch_size: examples a batch.
        from_logits: the model's outputs are logits; a sigmoid (one output) or softmax (several) is applied.
        output: of a model with several outputs the one that is meant: its key in a dict, its position in a list, or the
            name of its layer.

    Returns:
        `Predictions`.

    Raises:
        FairkitError: if the inputs do not fit the model by name or shape, or the output does not fit the labels:
            another length or shape, values outside [0, 1] or NaN, labels that are no class of it.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1], groups={})
        >>> fairkit.predict([0.2, 0.9], examples).scores
        array([0.2, 0.9])
    """
    if not isinstance(examples, Examples):
        raise FairkitError("predictions are made for examples", "fairkit.Examples", type(examples).__name__)
    outputs = _output(model, examples, batch_size, output)
    scores = read_only(_checked_scores(outputs, len(examples), from_logits), outputs)   # a model may keep its array
    labels = read_only(class_ids(examples.labels, None if scores.ndim == 1 else scores.shape[1]))
    return Predictions.of_checked(labels, scores, examples.groups, examples.weights, examples.given_ids)


def _output(model, examples, batch_size, output):
    if isinstance(model, (str, Path)):
        from fairkit.models import load

        model = load(model)
    if not (callable(model) or hasattr(model, "predict")):
        if output is not None:
            raise FairkitError("output names an output of a model", "output=None for scores", quote(output))
        return _given(model)
    if examples.inputs is None:
        raise FairkitError("these examples have no inputs, so no model can score them", "Examples(inputs=...)",
                           "inputs=None")
    from fairkit.models.outputs import chosen_output

    if not hasattr(model, "predict"):
        made = model(as_given(examples.inputs))
        scores = isinstance(made, (list, tuple)) and len(made) == len(examples)
        return np.asarray(made) if scores and output is None else chosen_output(made, output, model)
    from fairkit.batches import input_batches
    from fairkit.lazy_rows import plain_errors
    from fairkit.models.inputs import fed
    from fairkit.quiet import no_retracing_alarm

    given = fed(model, examples)
    with plain_errors(), no_retracing_alarm():
        return chosen_output(model.predict(input_batches(given, batch_size), verbose=0), output, model)


def _given(scores):
    """Scores in any container as an array."""
    scores = plain_column("scores", scores)
    try:
        array = np.asarray(scores)
    except ValueError:
        raise FairkitError("the scores have rows of several lengths", "numbers of shape (n,), (n, 1) or (n, classes)",
                           quote(scores)[:80]) from None
    return plain_values("scores", scores) if array.dtype.kind == "O" and array.ndim == 1 else array


def _checked_scores(outputs, length, from_logits=False, way="from_logits=True for a model that gives logits"):
    scores = np.asarray(outputs)
    if scores.dtype.kind == "V" and not scores.dtype.name.startswith("void"):   # bfloat16 and its like
        scores = scores.astype(np.float32)
    if scores.dtype.kind not in "biuf" or scores.ndim not in (1, 2):
        raise FairkitError("the model's output does not fit", "numbers of shape (n,), (n, 1) or (n, classes)",
                           f"{scores.dtype} of shape {scores.shape}")
    if len(scores) != length:
        raise FairkitError("there is not one score an example", f"{length} scores", len(scores))
    scores = scores.astype(np.float64, copy=False)
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    low, high = (scores.min(), scores.max()) if scores.size else (0.0, 0.0)  # NaN if any is
    if not (np.isfinite(low) and np.isfinite(high)):
        raise _refused(~np.isfinite(scores), scores, "a score is not a finite number", "finite numbers")
    if from_logits:
        from scipy.special import expit, softmax

        return expit(scores) if scores.ndim == 1 else softmax(scores, axis=1)
    if low < 0 or high > 1:
        raise _refused((scores < 0) | (scores > 1), scores, "a score lies outside [0, 1]",
                       f"probabilities in [0, 1]; {way}")
    return scores


def _refused(bad, values, wrong, expected):
    row = int(np.argwhere(bad)[0][0])
    return FairkitError(wrong, expected, f"{values[bad][0]} in row {row} ({int(bad.sum())} such in all)")
