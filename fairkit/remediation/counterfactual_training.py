"""What `fairkit.remediate` fits for counterfactual logit pairing: the wrapped model, and its data with pairs."""

import numpy as np

from fairkit.errors import FairkitError
from fairkit.remediation.counterfactual_data import pack_counterfactual_data
from fairkit.remediation.counterfactual_losses import get_counterfactual_loss, refuse_constant
from fairkit.remediation.counterfactual_model import CounterfactualModel
from fairkit.remediation.counterfactual_pairs import CounterfactualPairs

__all__ = ["counterfactual_training"]


def counterfactual_training(model, data, pairs, outputs, loss="mse", loss_weight=1.0, batch_size=64, seed=0):
    """The wrapped model, its data and a record of both.

    Args:
        model: a built and compiled `keras.Model`, or a compiled `MinDiffModel` of one; it is what will be trained.
        data: the batches that it would be fitted to without pairs, a `tf.data.Dataset` without end.
        pairs: `CounterfactualPairs`. Each step sees as many of them as examples.
        outputs: the number of outputs an example.
        loss: as for `CounterfactualModel`; the cosine loss not for a model with one output.
        loss_weight: its weight; 0 trains the same way without any effect of the pairs.
        batch_size: pairs a step.
        seed: of the order of the pairs.

    Returns:
        (`CounterfactualModel`, its data, a dict of plain values).

    Raises:
        FairkitError: for pairs that are none, a loss that is not known or constant, a weight that is no number.

    Example:
        >>> import fairkit, numpy as np
        >>> shapes = np.random.default_rng(0).integers(0, 256, (40, 28, 28)).astype(np.uint8)
        >>> train = fairkit.data.colored_images(shapes, np.arange(40) % 10)
        >>> pairs = fairkit.remediation.counterfactuals(train, "color")
        >>> fixed = fairkit.remediate(fairkit.models.digit_classifier(), train, counterfactuals=pairs, epochs=1)
        >>> fixed.settings["method"], fixed.settings["swapped"], fixed.settings["pairs"]
        ('counterfactual', ['color'], 40)
    """
    if not isinstance(pairs, CounterfactualPairs):
        raise FairkitError("there are no pairs to train on", "what fairkit.remediation.counterfactuals gives",
                           type(pairs).__name__)
    loss = get_counterfactual_loss(loss)
    refuse_constant(loss, outputs)
    fair = CounterfactualModel(model, loss, loss_weight)
    fair.compile(**model._compile_config.config)
    pair_order = int(np.random.SeedSequence(int(seed)).generate_state(2)[1] >> 1)
    in_turn = pairs.batches(batch_size, seed=pair_order).repeat().rebatch(batch_size, drop_remainder=True)
    return fair, pack_counterfactual_data(data, in_turn), {
        "counterfactual_loss": loss.name, "counterfactual_weight": float(loss_weight), "swapped": list(pairs.swapped),
        "pairs": len(pairs), "pairs_of": pairs.of}
