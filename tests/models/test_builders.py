import numpy as np
import pytest

from fairkit import FairkitError, models


def test_digits_are_bytes_or_floats():
    model = models.digit_classifier(seed=0)
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 3)).astype(np.uint8)
    scores = model.predict(images, verbose=0)
    assert scores.shape == (3, 10) and not model.compiled and model.inputs[0].name == "image"
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(scores, model.predict(images.astype(np.float32), verbose=0))


def test_comments_are_strings():
    model = models.toxicity_classifier(["you are kind", "you are a fool"], length=5, seed=0)
    scores = model.predict(np.array(["kind", "you fool", "never seen before"], object), verbose=0)
    assert scores.shape == (3, 1) and not model.compiled and model.inputs[0].name == "text"
    assert ((scores > 0) & (scores < 1)).all() and len(np.unique(scores)) == 3


def test_the_vocabulary_keeps_the_most_frequent_words():
    texts = ["common"] * 3 + ["rarer"] * 2 + ["rare"]
    layer = models.toxicity_classifier(texts, vocabulary_size=4).layers[1]
    assert layer.get_vocabulary() == ["", "[UNK]", "common", "rarer"]


@pytest.mark.parametrize("build", [models.digit_classifier,
                                   lambda seed: models.toxicity_classifier(["a b"], seed=seed)])
def test_the_seed_decides_the_weights(build):
    first, same, other, free = (build(seed).get_weights() for seed in (1, 1, 2, None))
    assert all((a == b).all() for a, b in zip(first, same))
    assert not (first[-2] == other[-2]).all() and not (first[-2] == free[-2]).all()


@pytest.mark.parametrize("texts, named", [("one text", "one text"), ([], "none"), (["a", 3], "3"),
                                          (["...", ""], "no word")])
def test_texts_are_checked(texts, named):
    with pytest.raises(FairkitError, match=named):
        models.toxicity_classifier(texts)
