"""The weights of penalties beside the main loss."""

import math

from fairkit.errors import FairkitError, nearest, quote

__all__ = ["get_loss_weights"]


def get_loss_weights(loss, weight):
    """The weight of a loss, or a dict of the weights of a dict of losses: 1.0 where none is given."""
    if not isinstance(weight, dict):
        number = _number(1.0 if weight is None else weight)
        return dict.fromkeys(loss, number) if isinstance(loss, dict) else number
    if not isinstance(loss, dict):
        raise FairkitError("several loss weights for one loss", "one number", quote(weight))
    for key in weight:
        if key not in loss:
            raise FairkitError(f"no loss {quote(key)} to weight", nearest(key, loss), quote(key))
    return {key: _number(weight.get(key, 1.0)) for key in loss}


def _number(weight):
    try:
        number = float(weight)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise FairkitError("the weight of a loss does not fit", "a finite number, 0 or above", quote(weight))
    return number
