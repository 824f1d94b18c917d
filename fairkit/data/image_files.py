"""Images in files, decoded when they are asked for."""

import io
import operator
import os
import stat
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fairkit.arguments import is_whole
from fairkit.data.image_headers import bits_of, channels_of, ends_as_it_should
from fairkit.data.reading.bad_rows import BadRows
from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.places import Places

__all__ = ["ImageFiles"]

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")    # Pillow's other ones include such as run programs
_PIXELS = 1 << 26      # an image of 200 MB; beyond it a small file may be made to fill the memory
_CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}
_READABLE = "a PNG, JPEG, BMP, GIF or WebP image of 8 bits a channel"


class ImageFiles:
    """n images that are read from their files when they are indexed; inputs for `fairkit.Examples`.

    `images[3]` is a uint8 array (height, width, channels); `images[1:5]`, `images[mask]` and `images[positions]` are
    `ImageFiles` again, and `numpy.asarray(images)` is a uint8 array (n, height, width, channels). Of an animation the
    first frame is taken; the orientation that a camera notes in a photo is not applied.

    Args:
        images: n paths of files, or n encoded images as bytes: a list, an array, or an Arrow column of strings or of
            binary values.
        folder: what relative paths are relative to; the working folder if not given.
        size: (height, width) to which every image is resized. None takes them as they are, all of one size.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which every image is converted. None takes as many as the first
            image has; another one is converted if that loses nothing, so grey to RGB.
        places: `fairkit.formats.places.Places` of the images, for messages.
        bad_rows: `fairkit.data.reading.bad_rows.BadRows` that takes images that are missing; None raises.
        name: of the column that the images come from, for `bad_rows`.

    Raises:
        FairkitError: for a path that names no file, at once; when it is read, for a file that is no whole image of the
            allowed formats (PNG, JPEG, BMP, GIF, WebP), has over 67 million pixels, or another size than the first.

    Example:
        >>> import fairkit, numpy, pathlib, tempfile
        >>> from fairkit.data.image_files import ImageFiles
        >>> grey = fairkit.Examples(inputs=numpy.zeros((2, 28, 28), "uint8"), labels=[0, 1], groups={})
        >>> path = fairkit.data.write(grey, pathlib.Path(tempfile.mkdtemp()) / "digits.csv")
        >>> images = ImageFiles(["digits_images/input_000000.png", "digits_images/input_000001.png"], path.parent)
        >>> images.shape, images[1].shape
        ((2, 28, 28, 1), (28, 28, 1))
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, images, folder=None, size=None, channels=None, places=None, bad_rows=None, name=None):
        self._column = _column(images)
        self._folder = Path(folder) if folder is not None else Path()
        self._size, self._channels = _checked_size(size), channels
        if channels is not None and channels not in _CHANNELS:
            raise FairkitError("images have no such number of channels", "1 (grey), 3 (RGB) or 4 (RGBA)",
                               quote(channels))
        self._places = places or Places("the images")
        self._rows = np.arange(len(self._column))
        self._like = self._as_asked()
        missing = self._missing()
        self._first = int(np.argmin(missing)) if len(missing) else 0
        (bad_rows or BadRows("raise")).mark(missing, self._places, name, "an image is no file",
                                            "paths of files, absolute or relative to the folder of the file that names "
                                            "them", self._found)

    @property
    def shape(self):
        """(n, height, width, channels), for which the first image is opened."""
        return (len(self), *self._shape())

    def __len__(self):
        return len(self._rows)

    def __repr__(self):
        size = "x".join(map(str, self._like)) if self._like else "not opened yet"
        return f"ImageFiles({len(self)} images, {size})"

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        if not isinstance(index, (slice, list, tuple, np.ndarray)) or getattr(index, "ndim", 1) == 0:
            return self._decoded(int(self._rows[operator.index(index)]))
        part = object.__new__(ImageFiles)
        part.__dict__.update(self.__dict__)
        index = index if isinstance(index, slice) else np.asarray(index)
        part._rows = self._rows[index.astype(np.int64) if getattr(index, "size", 1) == 0 else index]
        return part

    def __array__(self, dtype=None, copy=None):
        array = np.empty((len(self), *self._shape()), np.uint8)
        for i, row in enumerate(self._rows.tolist()):
            array[i] = self._decoded(row)
        return array if dtype is None else array.astype(dtype, copy=False)

    def _as_asked(self):
        """The shape of each image, where it does not depend on the first of them."""
        return None if self._size is None or self._channels is None else (*self._size, self._channels)

    def _shape(self):
        if self._like is None:
            # By the first of the whole column, not of a part: so that all parts have one shape.
            if len(self._column) == 0:
                raise FairkitError("there are no images whose size could be told", "at least one image", 0)
            with self._opened(self._first) as image:
                self._like = (*(self._size or image.size[::-1]), self._channels or channels_of(image))
        return self._like

    def _decoded(self, row):
        """One image as a uint8 array (height, width, channels); `row` counts in the whole column."""
        from PIL import Image

        height, width, channels = self._shape()
        with self._fitting(row) as image:
            try:
                image = image.convert(_CHANNELS[channels])
            except Exception as error:    # whatever a decoder raises for bytes that are no image
                raise self._refused(row, "cannot be decoded", f"{_READABLE}, whole", one_line(error)) from None
            if image.size != (width, height):
                image = image.resize((width, height), Image.Resampling.BILINEAR)
            return np.asarray(image).reshape(height, width, channels)

    @contextmanager
    def _fitting(self, row):
        """The opened image of a row, which has the size and the channels of the others."""
        height, width, channels = self._shape()
        with self._opened(row) as image:
            if self._size is None and image.size != (width, height):
                raise self._refused(row, "has another size than the first one",
                                    f"{height} x {width} (height x width); or size=({height}, {width}), to which all "
                                    f"images are resized (in fairkit.data.read: images=({height}, {width}))",
                                    f"{image.size[1]} x {image.size[0]}")
            if self._channels is None and channels_of(image) > channels:
                raise self._refused(row, "has more channels than the first one",
                                    f"channels={channels_of(image)}, or channels={channels} to leave out what is too "
                                    "much (in fairkit.data.read: images=(height, width, channels))",
                                    f"mode {image.mode}")
            yield image

    def _opened(self, row):
        """The opened image of a row, whose header is read and whose pixels are not."""
        from PIL import Image

        source = self._column[row].as_py()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)    # the limit here is lower
                image = Image.open(io.BytesIO(source) if isinstance(source, bytes) else self._path(source),
                                   formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise self._refused(row, "has too many pixels", f"at most {_PIXELS:,}", one_line(error)) from None
        except Exception as error:
            raise self._refused(row, "cannot be read", _READABLE, one_line(error)) from None
        if image.size[0] * image.size[1] > _PIXELS:
            image.close()
            raise self._refused(row, "has too many pixels", f"at most {_PIXELS:,}",
                                f"{image.size[1]} x {image.size[0]}")
        if image.mode[:1] in "IF" or bits_of(image) > 8:
            mode = image.mode if image.mode[:1] in "IF" else f"{image.mode} of {bits_of(image)} bits"
            image.close()
            raise self._refused(row, "has more than 8 bits a channel", _READABLE, f"mode {mode}")
        return image

    def _path(self, text):
        return os.path.join(self._folder, text)

    def _refused(self, row, wrong, expected, received):
        source = self._column[row].as_py()
        name = "" if isinstance(source, bytes) else f" {quote(source)}"
        return FairkitError(f"the image{name} in {self._places.of(row)} {wrong}", expected, received)

    def check(self, bad_rows, name=None):
        """Looks at the headers of all images, and decodes those that seem to be cut short (20,000 PNG files in 1.4 s).

        Args:
            bad_rows: `BadRows` that takes images that cannot be read, or are of another size than the first good one.
            name: of the column that the images come from.

        Raises:
            FairkitError: for the first such image, unless bad rows are set aside.
        """
        errors, good = {}, None
        for row in np.flatnonzero(~self._missing()).tolist():
            self._first = row if good is None else good
            try:
                with self._fitting(row) as image:
                    whole = ends_as_it_should(image)
                if not whole:
                    self._decoded(row)
                good = self._first
            except FairkitError as error:
                if bad_rows.raises:
                    raise
                errors[row] = error
                if good is None and self._like is not None:
                    self._like = self._as_asked()
        bad_rows.mark(np.isin(np.arange(len(self._column)), list(errors)), self._places, name,
                      "an image cannot be used", "images that can be decoded, of one size",
                      lambda row: str(errors[row]))

    def _missing(self):
        """(n,) booleans. All files are looked for before a training begins, which would stop in its middle."""
        import pyarrow as pa

        if pa.types.is_string(self._column.type):
            return np.array([path is None or not _is_file(self._path(path)) for path in self._column.to_pylist()], bool)
        return self._column.is_null().to_numpy(zero_copy_only=False)

    def _found(self, row):
        """What is there instead of an image, in words."""
        source = self._column[row].as_py()
        if source is None:
            return "nothing"
        return f"{quote(source)}, " + ("a folder or the like" if os.path.exists(self._path(source)) else
                                  f"and nothing at {quote(self._path(source))}")


def _column(images):
    """Images as one Arrow column of strings or binary values."""
    import pyarrow as pa

    if not isinstance(images, (pa.Array, pa.ChunkedArray)):
        values = list(images)
        values = [str(value) if isinstance(value, os.PathLike) else value for value in values]
        try:
            images = pa.array(values, pa.binary() if values and isinstance(values[0], bytes) else pa.string())
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
            odd = next((v for v in values if type(v) is not type(values[0])), values[0])
            raise FairkitError("images are named by paths or given as bytes", "texts, or bytes, all of one kind",
                               f"{quote(odd):.80}") from None
    if pa.types.is_dictionary(images.type):
        images = images.cast(images.type.value_type)
    if pa.types.is_large_string(images.type):
        images = images.cast(pa.string()) if images.nbytes < 2**31 else images
    if not any(is_kind(images.type) for is_kind in (pa.types.is_string, pa.types.is_binary, pa.types.is_large_binary)):
        raise FairkitError("images are named by paths or given as bytes", "a column of texts or of bytes",
                           str(images.type))
    return images


def _checked_size(size):
    if size is None:
        return None
    whole = isinstance(size, (list, tuple)) and len(size) == 2 and \
        all(is_whole(v) and v > 0 for v in size)
    if not whole or int(size[0]) * int(size[1]) > _PIXELS:
        raise FairkitError("images have no such size", "(height, width) in pixels, such as (224, 224)", quote(size))
    return int(size[0]), int(size[1])


def _is_file(path):
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
