"""The same images in the other colour: for counterfactual pairs."""

from collections.abc import Sequence

import numpy as np

from fairkit.data.digits.coloring import COLORS
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["swap_colors"]


def swap_colors(images: np.ndarray, colors: Sequence = ("orange", "blue")) -> np.ndarray:
    """Exchanges two colours: what was orange is blue, what was blue is orange, every other pixel stays.

    A pixel has a colour if it is exactly that, as in the images of `colored_images` and `handwritten_numbers`; images
    that were corrupted after they were painted keep the pixels that noise has changed.

    Args:
        images: (n, height, width, 3).
        colors: two names ("orange", "blue") or triples of red, green and blue in the units of the images.

    Returns:
        A new array of the same shape and type.

    Raises:
        FairkitError: for images of another shape, or colours that are none.

    Example:
        >>> import fairkit, numpy as np
        >>> examples = fairkit.data.colored_images(np.full((2, 9, 9), 255, np.uint8), [0, 1], orange={0: 1.0, 1: 0.0})
        >>> other = fairkit.data.swap_colors(examples.inputs)
        >>> bool((other == examples.inputs[::-1]).all())
        True
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype.kind not in "iuf":
        raise FairkitError("these are no coloured images", "numbers of shape (n, height, width, 3)",
                           f"{images.dtype} of shape {images.shape}")
    if isinstance(colors, str) or len(colors) != 2:
        raise FairkitError("two colours are exchanged", "two names or two triples", quote(colors))
    first, second = (_triple(color).astype(images.dtype) for color in colors)
    swapped = images.copy()
    for one, other in ((first, second), (second, first)):
        swapped[(images == one).all(axis=-1)] = other
    return swapped


def _triple(color):
    if isinstance(color, str):
        if color not in COLORS:
            raise FairkitError(f"no colour {quote(color)}", nearest(color, COLORS), quote(color))
        color = COLORS[color]
    triple = np.asarray(color)
    if triple.shape != (3,) or triple.dtype.kind not in "iuf":
        raise FairkitError("a colour is no triple", "red, green and blue", quote(color))
    return triple
