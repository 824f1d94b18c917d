"""Images by name from the catalogs of Keras and TensorFlow Datasets, which download what is not there yet."""

import numpy as np

from fairkit import quiet
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["KERAS_NAMES", "keras_images", "tfds_images"]

KERAS_NAMES = ("mnist", "fashion_mnist")


def keras_images(name):
    """((x_train, y_train), (x_test, y_test)) of keras.datasets, which keeps them in the folder KERAS_HOME."""
    if name not in KERAS_NAMES:
        raise FairkitError(f"no grey images 'keras:{name}'",
                           nearest(f"keras:{name}", [f"keras:{known}" for known in KERAS_NAMES]), quote(name))
    try:
        return getattr(quiet.keras.datasets, name).load_data()
    # A download fails in many ways: no network, no space, a broken file.
    except Exception as e:
        raise FairkitError(f"'keras:{name}' cannot be had", "a network, or the files of an earlier download in the "
                           "folder KERAS_HOME; or the path of an mnist.npz", _in_one_line(e)) from None


def tfds_images(name, data_dir):
    """((x_train, y_train), (x_test, y_test)) of a data set with the splits train and test, features image and label."""
    try:
        with quiet.silence():
            import tensorflow_datasets as tfds
        quiet.tf  # noqa: B018  imported here, since tfds would do it with all its chatter
    except ImportError:
        raise FairkitError(f"'tfds:{name}' needs TensorFlow Datasets", "pip install tensorflow-datasets",
                           "it is not installed") from None
    try:
        splits = tfds.load(name, split=["train", "test"], data_dir=data_dir, batch_size=-1)
    # Unknown names, splits that are not there and failed downloads each raise errors of their own.
    except Exception as e:
        raise FairkitError(f"'tfds:{name}' cannot be had", "the name of a data set of TensorFlow Datasets with the "
                           "splits train and test, prepared in data_dir or to be downloaded", _in_one_line(e)) from None
    for part in splits:
        if not isinstance(part, dict) or not {"image", "label"} <= set(part):
            found = sorted(part) if isinstance(part, dict) else type(part).__name__
            raise FairkitError(f"'tfds:{name}' holds no labelled images", "the features image and label", found)
    return tuple(tuple(np.asarray(part[feature]) for feature in ("image", "label")) for part in splits)


def _in_one_line(error):
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"
