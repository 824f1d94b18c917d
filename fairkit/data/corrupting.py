"""Images made worse on purpose: what a bad camera does to a group."""

from collections.abc import Mapping

import numpy as np

from fairkit.arguments import probability, whole_number
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.groups import select

__all__ = ["corrupt", "salt_and_pepper"]

_STREAM = 3         # other draws than those of one seed for colours (1, 2, 4), order (5) and `balance` (0)
_AT_ONCE = 1 << 22  # pixels: their draws take 32 MB


def corrupt(examples: Examples, where: Mapping | None = None, noise: float = 0.02, seed: int = 0) -> Examples:
    """The same examples with salt-and-pepper noise on the images of some of them.

    Each pixel of a chosen image is noisy with probability `noise`, independently of all others: black with half of
    that probability, white with the other half, in all channels at once. So an image has that share of noisy pixels in
    expectation, not exactly; fewer are seen, because a black pixel that turns black is none to the eye.

    Args:
        examples: `Examples` whose inputs are images: (n, height, width) or (n, height, width, channels) with 1 or 3
            channels, uint8 (white is 255) or floats in [0, 1] (white is 1); an array or anything that NumPy can make
            one of, such as lazily read images.
        where: which examples, as in `Examples.where`; None for all of them.
        noise: the probability that a pixel is noisy, in [0, 1]. For one seed, what is noisy at a lower share is so at a
            higher one, in the same way.
        seed: of the noise; the same seed gives the same pixels on every machine.

    Returns:
        New `Examples` of the same order, labels, groups, weights and ids; those given, and their images, are as before.

    Raises:
        FairkitError: for inputs that are no images, conditions that no example meets, a share outside [0, 1].

    Example:
        >>> import fairkit, numpy as np
        >>> from fairkit.data.corrupting import corrupt
        >>> grey = fairkit.Examples(inputs=np.full((2, 8, 8), 128, np.uint8), labels=[4, 5], groups={"digit": [4, 5]})
        >>> noisy = corrupt(grey, where={"digit": 4}, noise=1.0)
        >>> np.unique(noisy.inputs[0]).tolist(), np.unique(noisy.inputs[1]).tolist()
        ([0, 255], [128])
    """
    if not isinstance(examples, Examples):
        raise FairkitError("only examples can be corrupted", "fairkit.Examples", type(examples).__name__)
    noise, seed = probability("noise", noise), whole_number("the seed", seed)
    chosen = np.ones(len(examples), bool) if where is None else select(examples.groups, where)
    if not chosen.any():
        raise FairkitError("there is nothing to corrupt", "conditions that at least one example meets", quote(where))
    images = salt_and_pepper(_images(examples.inputs), np.flatnonzero(chosen), noise, seed)
    return Examples(inputs=images, labels=examples.labels, groups=examples.groups, weights=examples.weights,
                    ids=examples.given_ids, missing_inputs="keep")


def salt_and_pepper(images, rows, noise, seed):
    """A copy of (n, height, width[, channels]) uint8 or float images with noise on those of the given rows."""
    noisy, white = images.copy(), 255 if images.dtype == np.uint8 else 1
    rng, step = np.random.default_rng([seed, _STREAM]), max(1, _AT_ONCE // max(1, images.shape[1] * images.shape[2]))
    for start in range(0, len(rows), step):
        part = rows[start:start + step]
        drawn = rng.random((len(part), *images.shape[1:3]))
        some = noisy[part]
        some[drawn < noise / 2] = 0
        some[drawn >= 1 - noise / 2] = white
        noisy[part] = some
    return noisy


def _images(inputs):
    """Image inputs as an array; refuses all others."""
    expected = "images (n, height, width) or (n, height, width, 1 or 3), uint8 or floats in [0, 1]"
    if inputs is None or isinstance(inputs, Mapping):
        raise FairkitError("noise is for images", expected, "no inputs" if inputs is None else "a dict of inputs")
    lazy = not isinstance(inputs, np.ndarray) and not hasattr(inputs, "__array__")
    images = np.asarray(inputs[np.arange(len(inputs))] if lazy else inputs)
    fits = images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))
    if not fits or not (images.dtype == np.uint8 or images.dtype.kind == "f"):
        raise FairkitError("noise is for images", expected, f"{images.dtype} {images.shape}")
    if images.dtype.kind == "f" and images.size and not (images.min() >= 0 and images.max() <= 1):
        raise FairkitError("a pixel lies outside [0, 1]", expected, f"{images.min()} to {images.max()}")
    return images
