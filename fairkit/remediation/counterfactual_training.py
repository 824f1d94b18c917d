"""What `fairkit.remediate` fits for counterfactual logit pairing: the wrapped model and its data."""

import numpy as np

from fairkit.errors import FairkitError
from fairkit.remediation.counterfactual_data import pack_counterfactual_data
from fairkit.remediation.counterfactual_losses import get_counterfactual_loss, refuse_constant
from fairkit.remediation.counterfactual_model import CounterfactualModel
from fairkit.remediation.counterfactual_pairs import CounterfactualPairs
from fairkit.remediation.packed_examples import order_seed

__all__ = ["counterfactual_training"]


def counterfactual_training(model, train, pairs, loss="mse", loss_weight=1.0, batch_size=64, seed=0):
    """The wrapped model, its data and a record of both.

    Args:
        model: a built and compiled `keras.Model` with one output; it is what will be trained.
        train: the `Examples` of the main loss.
        pairs: `CounterfactualPairs`. Each step sees as many of them as examples.
        loss: as for `CounterfactualModel`; the cosine loss not for a model with one output.
        loss_weight: its weight; 0 trains the same way without any effect of the pairs.
        batch_size: examples a step, and pairs a step.
        seed: of both orders; that of the examples does not depend on pairs and weight.

    Returns:
        (`CounterfactualModel`, a `tf.data.Dataset` without end, a dict of plain values).

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
    refuse_constant(loss, model.output_shape[-1] if len(model.output_shape) > 1 else 1)
    fair = CounterfactualModel(model, loss, loss_weight)
    fair.compile(**model._compile_config.config)
    pair_order = int(np.random.SeedSequence(int(seed)).generate_state(2)[1] >> 1)
    in_turn = pairs.batches(batch_size, seed=pair_order).repeat().rebatch(batch_size, drop_remainder=True)
    data = pack_counterfactual_data(train.batches(batch_size, seed=order_seed(seed)).repeat(), in_turn)
    return fair, data, {"method": "counterfactual", "counterfactual_loss": loss.name,
                        "counterfactual_weight": float(loss_weight), "swapped": list(pairs.swapped),
                        "pairs": len(pairs), "pairs_of": pairs.of}
