"""The three data sets of the handwritten numbers workshop: starting, customer and augmented."""

import numpy as np

from fairkit.analysis import balance
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["CUSTOMER_NOISE", "NAMES", "NOISY_DIGIT", "checked_name", "resampled"]

CUSTOMER_NOISE = 0.07
"""The share of noisy pixels on the 4s of customer's test split; docs/handwritten_numbers.md says how it was found."""

NOISY_DIGIT = 4

_RARE = {"starting": (3, 6), "customer": (3, 6), "augmented": (6,)}
_RARE_SHARE = 0.3     # of the images that each other digit has

NAMES = tuple(_RARE)


def checked_name(name, noise):
    """Refuses a name that is none, and a share of noise where there is no noise."""
    if name is not None and name not in NAMES:
        hint = "; a source is given as source=..." if isinstance(name, str) else ""
        raise FairkitError("no such set of handwritten numbers", f"{nearest(name, NAMES)}, or None{hint}", quote(name))
    if noise is not None and name != "customer":
        raise FairkitError("noise is for the customer's test images", "name='customer', or fairkit.data.corrupt for "
                           "any other examples", f"noise={quote(noise)} with name={quote(name)}")


def resampled(train, name, seed):
    """The training images of a named set: each digit as often as the rarest of all, the rare ones at .3 of that."""
    digits, counts = np.unique(train.labels, return_counts=True)
    for digit in (*_RARE["starting"], NOISY_DIGIT):
        if digit not in digits:
            raise FairkitError(f"{quote(name)} needs images of {digit}", "all ten digits in training",
                               f"the digits {digits.tolist()}")
    least = int(counts.min())
    rare = max(1, int(_RARE_SHARE * least + 0.5))
    return balance(train, "label", {digit: rare if digit in _RARE[name] else least for digit in digits.tolist()}, seed)
