"""Salt-and-pepper noise: its share and halves counted, against a loop over single pixels, and what stays untouched."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import fairkit
from fairkit.data.corrupting import corrupt

GREY = 100  # neither black nor white: every noisy pixel shows


def grey_examples(shape, dtype=np.uint8, **columns):
    images = np.full(shape, GREY if dtype == np.uint8 else 0.4, dtype)
    return fairkit.Examples(inputs=images, labels=np.arange(shape[0]) % 10,
                            groups={"digit": np.arange(shape[0]) % 10}, **columns)


@pytest.mark.parametrize("noise", [0.02, 0.3, 1.0])
def test_the_share_of_noisy_pixels_half_black_half_white(noise):
    pixels = corrupt(grey_examples((200, 28, 28)), noise=noise).inputs
    n = pixels.size
    for value in (0, 255):
        assert abs((pixels == value).sum() - n * noise / 2) <= 5 * np.sqrt(n * noise / 2 * (1 - noise / 2))
    assert set(np.unique(pixels)) <= {0, GREY, 255}
    assert noise < 1 or GREY not in pixels


def test_each_image_has_noise_of_its_own_and_everywhere():
    noisy = corrupt(grey_examples((400, 6, 5)), noise=0.5).inputs != GREY
    assert len(np.unique(noisy.reshape(400, -1), axis=0)) > 390
    by_place = noisy.mean(axis=0)
    assert by_place.min() > 0.35 and by_place.max() < 0.65


@given(images=arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, max_side=9)), noise=st.floats(0, 1),
       seed=st.integers(0, 2**40), channels=st.sampled_from([None, 1, 3]), as_floats=st.booleans())
@settings(max_examples=60, deadline=None)
def test_against_a_loop_over_pixels(images, noise, seed, channels, as_floats):
    drawn = iter(np.random.default_rng([seed, 3]).random(images.size).tolist())
    given_images = images if channels is None else np.repeat(images[..., None], channels, axis=3)
    given_images = (given_images / 255).astype(np.float32) if as_floats else given_images
    expected = given_images.copy()
    for place in np.ndindex(images.shape):
        u = next(drawn)
        if u < noise / 2 or u >= 1 - noise / 2:
            expected[place] = 0 if u < noise / 2 else (1 if as_floats else 255)
    examples = fairkit.Examples(inputs=given_images, labels=np.zeros(len(images), int), groups={})
    got = corrupt(examples, noise=noise, seed=seed).inputs
    assert got.dtype == given_images.dtype
    np.testing.assert_array_equal(got, expected)


def test_only_the_chosen_are_touched_and_the_originals_never():
    examples = grey_examples((50, 8, 8, 3), weights=np.arange(50) / 10, ids=np.arange(50) + 1000)
    before = examples.inputs.copy()
    result = corrupt(examples, where={"digit": [4, 7]}, noise=0.5)
    touched = (result.inputs != before).any(axis=(1, 2, 3))
    np.testing.assert_array_equal(np.flatnonzero(touched), np.flatnonzero(np.isin(np.arange(50) % 10, [4, 7])))
    np.testing.assert_array_equal(examples.inputs, before)
    for name in ("labels", "weights", "ids"):
        np.testing.assert_array_equal(getattr(result, name), getattr(examples, name))
    assert result.groups["digit"].to_list() == examples.groups["digit"].to_list()


@given(low=st.floats(0, 1), high=st.floats(0, 1), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_what_is_noisy_at_a_lower_share_is_so_at_a_higher_one(low, high, seed):
    low, high = sorted((low, high))
    examples = grey_examples((5, 10, 10))
    less, more = (corrupt(examples, noise=noise, seed=seed).inputs for noise in (low, high))
    assert (more[less != GREY] == less[less != GREY]).all()


def test_the_same_seed_gives_the_same_bytes():
    digests = [hashlib.sha256(corrupt(grey_examples((30, 28, 28, 3)), noise=0.1, seed=seed).inputs.tobytes())
               .hexdigest()[:16] for seed in (5, 6)]
    assert digests == ["01edaafde014b135", "7cfdbc1d308d48cc"]


def test_no_noise_changes_nothing_and_large_sets_are_taken_in_parts():
    examples = grey_examples((3, 1500, 1500))  # more pixels than are drawn at once
    np.testing.assert_array_equal(corrupt(examples, noise=0).inputs, examples.inputs)
    drawn = np.random.default_rng([0, 3]).random((3, 1500, 1500))
    np.testing.assert_array_equal(corrupt(examples, noise=0.2).inputs == 0, drawn < 0.1)


class Lazy:
    """Images that are made when they are asked for, as readers of image files do it."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return np.repeat(np.arange(self.n, dtype=np.uint8)[index, None, None], 4, axis=1).repeat(4, axis=2)


class WholeLazy(Lazy):
    def __array__(self, dtype=None, copy=None):
        return self[np.arange(self.n)]


@pytest.mark.parametrize("reader", [Lazy, WholeLazy])
def test_lazy_inputs(reader):
    examples = fairkit.Examples(inputs=reader(6), labels=np.arange(6), groups={"digit": np.arange(6)})
    result = corrupt(examples, where={"digit": 5}, noise=1.0)
    assert isinstance(result.inputs, np.ndarray) and set(np.unique(result.inputs[5])) == {0, 255}
    np.testing.assert_array_equal(result.inputs[:5, 0, 0], np.arange(5))


@pytest.mark.parametrize(("arguments", "message"), [
    ({"noise": 1.5}, "noise is no probability.*1.5"),
    ({"noise": -0.1}, "noise.*-0.1"),
    ({"noise": float("nan")}, "noise.*nan"),
    ({"noise": "much"}, "noise.*'much'"),
    ({"noise": True}, "noise.*True"),
    ({"seed": -1}, "seed.*-1"),
    ({"seed": 0.5}, "seed.*0.5"),
    ({"where": {"colour": "blue"}}, "no group column 'colour'.*digit"),
    ({"where": {"digit": 12}}, "no example has digit = '12'"),
    ({"where": {"digit": lambda digit: digit > 50}}, "nothing to corrupt"),
    ({"where": "digit"}, "dict"),
])
def test_bad_arguments(arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        corrupt(grey_examples((20, 4, 4)), **arguments)


@pytest.mark.parametrize(("inputs", "message"), [
    (None, "no inputs"),
    ({"image": np.zeros((2, 4, 4), np.uint8)}, "a dict of inputs"),
    (["one text", "another"], "images.*object"),
    (np.zeros((2, 4), np.uint8), r"\(2, 4\)"),
    (np.zeros((2, 4, 4, 4), np.uint8), r"\(2, 4, 4, 4\)"),
    (np.zeros((2, 4, 4), np.int64), "int64"),
    (np.full((2, 4, 4), 255.0), r"outside \[0, 1\].*255"),
    (np.full((2, 4, 4), np.nan), "nan"),
])
def test_inputs_that_are_no_images(inputs, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        corrupt(fairkit.Examples(inputs=inputs, labels=[0, 1], groups={}, missing_inputs="keep"))


def test_what_is_no_examples():
    with pytest.raises(fairkit.FairkitError, match="ndarray"):
        corrupt(np.zeros((2, 4, 4), np.uint8))
    with pytest.raises(fairkit.FairkitError, match="nothing to corrupt"):
        corrupt(fairkit.Examples(inputs=np.zeros((0, 4, 4), np.uint8), labels=np.zeros(0, int), groups={}))
