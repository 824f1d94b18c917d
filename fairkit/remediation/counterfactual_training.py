"""What `fairkit.remediate` fits for counterfactual logit pairing: the wrapped model, and its data with pairs."""

from dataclasses import replace

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.models.inputs import fed
from fairkit.remediation.counterfactual_data import pack_counterfactual_data
from fairkit.remediation.counterfactual_losses import get_counterfactual_loss, refuse_constant
from fairkit.remediation.counterfactual_model import CounterfactualModel
from fairkit.remediation.counterfactual_pairs import CounterfactualPairs
from fairkit.remediation.loss_weights import get_loss_weights
from fairkit.remediation.penalized_model import each

__all__ = ["counterfactual_training"]


def counterfactual_training(model, data, pairs, outputs, loss="mse", loss_weight=1.0, batch_size=64, seed=0):
    """The wrapped model, its data and a record of both.

    Args:
        model: a built and compiled `keras.Model`, or a compiled `MinDiffModel` of one; it is what will be trained.
        data: the batches that it would be fitted to without pairs, a `tf.data.Dataset` without end.
        pairs: `CounterfactualPairs`, or a dict of them, each with a penalty of its own. Each step sees as many of each
            as examples.
        outputs: the number of outputs an example.
        loss: as for `CounterfactualModel`, one for all sets of pairs or a dict of losses; the cosine loss not for a
            model with one output.
        loss_weight: its weight, or a dict of weights; 0 trains the same way without any effect of the pairs.
        batch_size: pairs of each set a step.
        seed: of the order of the pairs.

    Returns:
        (`CounterfactualModel`, its data, a dict of plain values).

    Raises:
        FairkitError: for pairs that are none, a loss that is not known or constant, a weight that is no number, and for
            losses or weights by other names than the pairs'.

    Example:
        >>> import fairkit, numpy as np
        >>> shapes = np.random.default_rng(0).integers(0, 256, (40, 28, 28)).astype(np.uint8)
        >>> train = fairkit.data.colored_images(shapes, np.arange(40) % 10)
        >>> pairs = fairkit.remediation.counterfactuals(train, "color")
        >>> fixed = fairkit.remediate(fairkit.models.digit_classifier(), train, counterfactuals=pairs, epochs=1)
        >>> fixed.settings["method"], fixed.settings["swapped"], fixed.settings["pairs"]
        ('counterfactual', ['color'], 40)
    """
    losses = each(_losses(pairs, loss), get_counterfactual_loss)
    each(losses, lambda loss: refuse_constant(loss, outputs))
    weights = get_loss_weights(losses, loss_weight)
    fair = CounterfactualModel(model, losses, weights)
    fair.compile(**model._compile_config.config)
    named = pairs if isinstance(pairs, dict) else {None: pairs}
    _, *orders = np.random.SeedSequence(int(seed)).generate_state(1 + len(named)) >> 1
    in_turn = {key: _fed(model, part).batches(batch_size, seed=int(order)).repeat()
               .rebatch(batch_size, drop_remainder=True) for (key, part), order in zip(sorted(named.items()), orders)}
    return fair, pack_counterfactual_data(data, in_turn if isinstance(pairs, dict) else in_turn[None]), {
        "counterfactual_loss": each(losses, lambda loss: loss.name), "counterfactual_weight": weights,
        "swapped": each(pairs, lambda part: list(part.swapped)), "pairs": each(pairs, len),
        "pairs_of": each(pairs, lambda part: part.of)}


def _fed(model, pairs):
    """Pairs with what the model is fed of their inputs."""
    return replace(pairs, original=fed(model, pairs.original), counterfactual=fed(model, pairs.counterfactual))


def _losses(pairs, loss):
    """A loss, or a dict of losses with the keys of the sets of pairs."""
    several = isinstance(pairs, dict)
    for part in pairs.values() if several and pairs else [pairs]:
        if not isinstance(part, CounterfactualPairs):
            raise FairkitError("there are no pairs to train on", "what fairkit.remediation.counterfactuals gives, or a "
                               "dict of these", type(part).__name__)
    if not several:
        return loss
    losses = loss if isinstance(loss, dict) else dict.fromkeys(pairs, loss)
    for key in losses:
        if key not in pairs:
            raise FairkitError(f"there are no pairs {quote(key)} for a counterfactual loss", nearest(key, pairs),
                               quote(key))
    for key in pairs:
        if key not in losses:
            raise FairkitError(f"there is no counterfactual loss for the pairs {quote(key)}", "a loss for each set of "
                               "pairs, or one for all", sorted(losses))
    return losses
