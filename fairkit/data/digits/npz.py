"""An mnist.npz, read without trusting it: no pickles, and no memory before the sizes are known to be true."""

import math
import zipfile
import zlib
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.formats.memory import check_fits

__all__ = ["FORMAT", "read_mnist_npz"]

FORMAT = "an mnist.npz as of keras.datasets: x_train, y_train, x_test, y_test; grey uint8 images, labels 0-9"

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_DEFLATE_AT_BEST = 1032  # bytes out of one: more is a lie (RFC 1951 allows runs of 258 bytes in 2 bits)


def read_mnist_npz(path):
    """The four arrays of a file in the format of keras.datasets, as ((x_train, y_train), (x_test, y_test)).

    What the header of an array says is held against the size of its zip entry, that against the bytes in the file, and
    the sum against the memory that is free, before an array is made.

    Raises:
        FairkitError: for a file of another format, arrays of another type, sizes that are not true or too large.
    """
    path = Path(path)
    names = [f"{kind}_{part}" for part in ("train", "test") for kind in "xy"]
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [_checked_size(path, archive, name) for name in names]
            check_fits(repr(str(path)), sum(sizes))
            x_train, y_train, x_test, y_test = (_array(archive, name) for name in names)
    except FairkitError:
        raise
    # RuntimeError: an encrypted entry; NotImplementedError: a compression that Python does not know.
    except (ValueError, TypeError, OSError, EOFError, KeyError, RuntimeError, MemoryError, zipfile.BadZipFile,
            zlib.error) as e:
        raise FairkitError(f"{str(path)!r} cannot be read", FORMAT, f"{type(e).__name__}: {e}") from None
    return (x_train, y_train), (x_test, y_test)


def _checked_size(path, archive, name):
    """The bytes that an array takes, if its header and its zip entry say the same and the file can hold them."""
    if f"{name}.npy" not in archive.namelist():
        there = [other.removesuffix(".npy") for other in archive.namelist()]
        raise FairkitError(f"{str(path)!r} has no array {quote(name)}", f"{FORMAT}; it holds {nearest(name, there)}")
    entry = archive.getinfo(f"{name}.npy")
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise FairkitError(f"{name} of {str(path)!r} is in another version of .npy", "1.0 or 2.0", quote(version))
        shape, _, dtype = _HEADERS[version](stream)
        start = stream.tell()
    if dtype != np.uint8 if name[0] == "x" else dtype.kind not in "iu":
        raise FairkitError(f"{name} of {str(path)!r} does not fit", FORMAT, f"{dtype} {shape}")
    size = math.prod(shape) * dtype.itemsize
    if size != entry.file_size - start:
        raise FairkitError(f"{name} of {str(path)!r} is not as large as it says",
                           f"{size:,} bytes for {dtype} {shape}", f"{entry.file_size - start:,} in the file")
    if entry.compress_size > path.stat().st_size or entry.file_size > _DEFLATE_AT_BEST * (entry.compress_size + 1):
        raise FairkitError(f"{name} of {str(path)!r} cannot be as large as it says", "sizes that the file can hold",
                           f"{entry.file_size:,} bytes in {entry.compress_size:,}")
    return size


def _array(archive, name):
    with archive.open(f"{name}.npy") as stream:
        array = np.lib.format.read_array(stream, allow_pickle=False)
        if stream.read(1):  # also reads to the end, where zipfile compares the checksum
            raise ValueError(f"{name} goes on behind its end")
        return array
