"""Two small classifiers, of images and of texts: ordinary Keras models, uncompiled."""

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.models.seeding import seeded
from fairkit.quiet import keras

__all__ = ["digit_classifier", "probabilities", "toxicity_classifier"]

_LEAST = 10   # pixels that two convolutions and poolings leave something of


def digit_classifier(seed=None, shape=(28, 28, 3), classes=10):
    """A small convolutional network for coloured digits, or other small images.

    Input "image": (n, height, width, channels), values 0 to 255 (bytes or floats). Output: (n, classes) probabilities.

    Args:
        seed: of the initial weights; None draws them anew each time, as Keras does.
        shape: (height, width, channels) of the images, at least 10 pixels high and wide.
        classes: the number of classes; 1 for the probability of a positive label.

    Returns:
        An uncompiled `keras.Model`.

    Raises:
        FairkitError: for images that are too small.

    Example:
        >>> import fairkit
        >>> fairkit.models.digit_classifier(seed=0).output_shape
        (None, 10)
    """
    layers = keras.layers
    if len(shape) != 3 or min(shape[:2]) < _LEAST:
        raise FairkitError("the images have no fitting shape", f"(height, width, channels), {_LEAST} pixels or more",
                           tuple(shape))
    with seeded(seed):
        image = keras.Input(tuple(shape), name="image", dtype="float32")
        x = layers.Rescaling(1 / 255)(image)
        for filters in (16, 32):
            x = layers.Conv2D(filters, 3, activation="relu")(x)
            x = layers.MaxPooling2D()(x)
        x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
        return keras.Model(image, probabilities(classes, "digit")(x), name="digit_classifier")


def toxicity_classifier(texts, vocabulary_size=10_000, length=100, seed=None, classes=1):
    """A small convolutional network for comments.

    Input "text": (n,) strings. Output: (n, 1) probabilities of toxicity, or (n, classes) of several classes. The
    vocabulary is a part of the model, so it takes plain strings wherever it is loaded.

    Args:
        texts: the training texts, from which the vocabulary is learnt.
        vocabulary_size: the most frequent words that are told apart, padding and the unknown word included.
        length: words a text that are read; longer texts are cut.
        seed: of the initial weights; None draws them anew each time, as Keras does.
        classes: the number of classes; 1 for the probability of a positive label.

    Returns:
        An uncompiled `keras.Model`.

    Raises:
        FairkitError: if there are no texts, or they are no strings.

    Example:
        >>> import fairkit
        >>> model = fairkit.models.toxicity_classifier(["you are kind", "you are a fool"], seed=0)
        >>> model.output_shape
        (None, 1)
    """
    layers = keras.layers
    words = _vocabulary(texts, vocabulary_size)
    with seeded(seed):
        text = keras.Input((), name="text", dtype="string")
        # A vocabulary given here is saved in the model's config; one that is adapted is saved as lines of a file,
        # which a word that holds a line separator would break.
        x = layers.TextVectorization(output_sequence_length=length, vocabulary=words)(text)
        x = layers.Embedding(len(words) + 2, 64)(x)
        x = layers.Conv1D(64, 5, activation="relu", padding="same")(x)
        x = layers.GlobalMaxPooling1D()(x)
        x = layers.Dense(32, activation="relu")(x)
        return keras.Model(text, probabilities(classes, "toxicity")(x), name="toxicity_classifier")


def probabilities(classes, name):
    """The last layer: one probability of a positive label, or those of several classes."""
    return keras.layers.Dense(classes, activation="sigmoid" if classes == 1 else "softmax", name=name)


def _vocabulary(texts, size):
    if isinstance(texts, str):
        raise FairkitError("the texts are one text", "a list or array of texts", quote(texts))
    texts = list(texts)
    odd = [text for text in texts if not isinstance(text, str)][:1]
    if odd or not texts:
        raise FairkitError("a vocabulary is learnt from texts", "one text or more", quote(odd[0]) if odd else "none")
    learnt = keras.layers.TextVectorization(max_tokens=size)
    learnt.adapt(np.array(texts, object), batch_size=1024)
    words = learnt.get_vocabulary(include_special_tokens=False)
    if not words:
        raise FairkitError("the texts hold no word", "texts with letters or digits", f"{len(texts)} without")
    return words
