"""Training weights under which group and label are independent (reweighing)."""

from collections.abc import Sequence

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.groups import group_names

__all__ = ["training_weights"]


def training_weights(examples: Examples, by: str | Sequence[str], classes: int | Sequence[int] | None = None):
    """Weights for training, under which the group of an example says nothing about its label.

    An example of group g and label y weighs P(g) P(y) / P(g, y), times its own weight if it has one; the shares P are
    those of the examples, counted with their own weights (Kamiran and Calders, 2012, "Data preprocessing techniques for
    classification without discrimination", Knowledge and Information Systems 33:1-33, who call it reweighing). Groups
    and labels keep their shares of the total weight; only the cells where they meet change.

    They are an argument of training and of nothing else: an evaluation with them would give the rates of a population
    that does not exist. So an array is returned, and the examples stay as they are.

    Args:
        examples: the training `Examples`.
        by: a group column, or a list of these, whose crosses are the groups then. Each distinct cell is a group of its
            own: "muslim", "muslim and jewish" and no value at all are three groups. So every example is in exactly one,
            which the formula needs.
        classes: a class id or a list of them, which together are one label and all other classes the other; None takes
            each distinct label for a label of its own.

    Returns:
        (n,) float64, 0 or above, with mean 1, so that learning rates and loss weights mean what they mean without.
        The examples' own weights are in them already: they take the place of these. Only examples that weigh 0
        themselves weigh 0.

        Where a group has examples of one label only there is no weight that could make it independent of the label, and
        its examples weigh P(y) times what they did, before all weights are scaled to mean 1; the other groups are not
        affected.

    Raises:
        FairkitError: for no examples, a column or class that is not there, classes that leave no other, or examples
            that all weigh 0.

    Example:
        >>> import fairkit
        >>> train = fairkit.Examples(labels=[1, 1, 1, 0, 1, 0, 0, 0], groups={"color": ["orange"] * 4 + ["blue"] * 4})
        >>> fairkit.remediation.training_weights(train, "color").round(2).tolist()
        [0.67, 0.67, 0.67, 2.0, 2.0, 0.67, 0.67, 0.67]
    """
    if not isinstance(examples, Examples):
        raise FairkitError("training weights are those of examples", "fairkit.Examples", type(examples).__name__)
    if not len(examples):
        raise FairkitError("there is nothing to weight", "at least one example", "none")
    names = group_names(by, "to weight by", examples.groups)
    atoms, groups = atoms_of({name: examples.groups[name] for name in names}, len(examples))
    labels, outcomes = _label_codes(examples.labels, classes)
    own = np.ones(len(examples)) if examples.weights is None else examples.weights
    if not own.any():
        raise FairkitError("there is nothing to weight", "an example with a weight above 0", "weights that are all 0")
    own = own / own.max()  # whatever their scale: sums of very small or large weights would lose digits or overflow
    shares = np.bincount(groups.astype(np.int64) * outcomes + labels, own, len(atoms) * outcomes)
    shares = shares.reshape(len(atoms), outcomes) / own.sum()
    independent = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0)
    factors = np.divide(independent, shares, out=np.zeros_like(shares), where=shares > 0)
    weights = own * factors[groups, labels]
    return weights / weights.mean()


def _label_codes(labels, classes):
    """(n,) integers from 0 on, and how many different ones there are."""
    known, codes = np.unique(labels, return_inverse=True)
    if classes is None:
        return codes.reshape(-1), len(known)
    wanted = np.atleast_1d(np.asarray(classes)).tolist()
    for value in wanted:
        if value not in known.tolist():
            raise FairkitError(f"no example is labelled {quote(value)}", nearest(value, known.tolist()), quote(value))
    positive = np.isin(known, wanted)
    if positive.all() or not positive.any():
        raise FairkitError("the classes do not divide the examples", f"some of {known.tolist()}", quote(classes))
    return positive[codes.reshape(-1)].astype(np.int64), 2
