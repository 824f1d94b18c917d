"""Grey images in two colours."""

from collections.abc import Mapping, Sequence

import numpy as np

from fairkit.arguments import probability, whole_number
from fairkit.data.digits.attributes import attribute_columns
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples

__all__ = ["COLORS", "USUAL_ORANGE", "chances", "checked_grey", "colored", "colored_images", "share_of_each"]

COLORS = {"blue": (0, 0, 255), "orange": (255, 165, 0)}
"""The two colours of an image, as red, green and blue in 0..255."""

USUAL_ORANGE = 0.2
"""The share of orange of the labels that a dict does not name."""

_INK = 128   # a pixel of this grey or above is painted, any below is background


def colored_images(images: np.ndarray, labels: Sequence[int], orange: float | Mapping[int, float] = USUAL_ORANGE,
                   attributes: Mapping[str, Mapping[int, object]] | None = None, seed: int = 0, *,
                   exact: bool = False, ids: Sequence | None = None) -> Examples:
    """Grey images, painted orange or blue on black, with their groups: the way of `handwritten_numbers` for any images.

    Each image is thresholded: pixels of grey 128 or above (of 0..255) take the image's colour, orange (255, 165, 0)
    or blue (0, 0, 255), and all others are black.

    Args:
        images: n grey images (n, height, width) or (n, height, width, 1) of any size: uint8, or floats in [0, 1].
        labels: n class ids, whole numbers of 0 or more.
        orange: the probability that an image is orange: one number, or a dict of label -> probability, with 0.2 for the
            labels that it leaves out.
        attributes: group columns that follow from the label: a dict of column -> dict of label -> value. A label that
            is left out is in none of that column's groups. None makes no column but color.
        seed: of the colours; the same seed gives the same ones on every machine.
        exact: instead of drawing each image's colour on its own, gives every label its share of orange to within one
            image.
        ids: n distinct ids; the row numbers if not given.

    Returns:
        `Examples` with inputs uint8 (n, height, width, 3), labels int64 (n,), the columns of `attributes`, and the
        column color ("orange", "blue").

    Raises:
        FairkitError: for images that are no grey images, labels that are none or of another number, a probability
            outside [0, 1], a key of `orange` that no image has as its label.

    Example:
        >>> import fairkit, numpy as np
        >>> from fairkit.data.digits import colored_images
        >>> shapes = np.full((4, 9, 16), 255, np.uint8)
        >>> examples = colored_images(shapes, [0, 0, 1, 1], orange={1: 1.0, 0: 0.0}, attributes={"kind": {1: "shoe"}})
        >>> examples.inputs.shape, examples.groups["color"].to_list(), examples.groups["kind"].to_list()
        ((4, 9, 16, 3), ['blue', 'blue', 'orange', 'orange'], [None, None, 'shoe', 'shoe'])
    """
    images, labels = checked_grey("images", images, "labels", labels)
    if isinstance(orange, Mapping):
        present = np.unique(labels).tolist()
        for key in orange:
            if key not in present:
                raise FairkitError("a key of orange is no image's label", nearest(key, present), quote(key))
    wanted = chances(orange, int(labels.max()))[labels]
    drawn = np.random.default_rng([whole_number("the seed", seed), 4]).random(len(labels))
    is_orange = share_of_each(labels, wanted, drawn) if exact else drawn < wanted
    return colored(images, labels, is_orange, attribute_columns(labels, {} if attributes is None else attributes), ids)


def checked_grey(images_name, images, labels_name, labels):
    """Images as (n, height, width) of uint8 or of floats in [0, 1], and labels as int64 (n,); `FairkitError` else."""
    expected = "grey images (n, height, width) or (n, height, width, 1), uint8 or floats in [0, 1]"
    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.size == 0 or not (images.dtype == np.uint8 or images.dtype.kind == "f"):
        raise FairkitError(f"{images_name} does not fit" if images_name != "images" else "the images do not fit",
                           expected, f"{images.dtype} {images.shape}")
    if images.dtype.kind == "f" and not (images.min() >= 0 and images.max() <= 1):  # NaN fails both
        raise FairkitError(f"a pixel of {images_name} lies outside [0, 1]", expected,
                           f"{images.min()} to {images.max()}")
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise FairkitError(f"{labels_name} does not fit" if labels_name != "labels" else "the labels do not fit",
                           f"{len(images)} whole numbers, one an image", f"{labels.dtype} {labels.shape}")
    if labels.min() < 0 or labels.max() > 9999:
        raise FairkitError(f"{labels_name} holds what is no class id", "whole numbers from 0 to 9999",
                           f"{labels.min()} to {labels.max()}")
    return images, labels.astype(np.int64)


def chances(orange, most):
    """(most + 1,) the probability of orange for each label from 0 to `most`."""
    if not isinstance(orange, Mapping):
        return np.full(most + 1, probability("orange", orange))
    by_label = np.full(most + 1, USUAL_ORANGE)
    for label, chance in orange.items():
        by_label[whole_number("a key of orange", label, most=most)] = probability(f"orange[{label}]", chance)
    return by_label


def share_of_each(labels, wanted, drawn):
    """A random share of each label's rows, to within one, and as many in all to within one.

    In the order by label, then by draw, a row is chosen where the sum of the shares up to it passes a whole number.
    """
    order = np.lexsort((drawn, labels))
    upto = np.cumsum(wanted[order])
    chosen = np.zeros(len(labels), bool)
    chosen[order] = np.ceil(upto - 1e-6) > np.ceil(upto - wanted[order] - 1e-6)
    return chosen


def colored(images, labels, is_orange, columns, ids=None):
    """`Examples` of checked grey images, painted; `columns` are their groups beside color."""
    ink = images >= (_INK if images.dtype == np.uint8 else images.dtype.type(_INK / 255))
    palette = np.array([COLORS["blue"], COLORS["orange"]], np.uint8)
    painted = np.empty((*images.shape, 3), np.uint8)
    for channel in range(3):
        np.multiply(ink, palette[is_orange.astype(np.intp), channel][:, None, None], out=painted[..., channel])
    groups = {**columns, "color": np.where(is_orange, "orange", "blue")}
    return Examples(inputs=painted, labels=labels, groups=groups, ids=ids)
