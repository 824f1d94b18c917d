"""Columns of one array an example: vectors, matrices and images."""

import io

import numpy as np

from fairkit.data.writing.plain_columns import rows_of
from fairkit.errors import FairkitError, quote

__all__ = ["ArrayColumn", "ImageColumn", "is_image"]


class ArrayColumn:
    """An array of one shape and type an example.

    Args:
        name: of the column.
        what: it holds, for messages.
        values: an array (n, ...), or anything with a length and array indexing.
        shape: of one example's array.
        dtype: of the numbers.
    """

    def __init__(self, name, what, values, shape, dtype):
        self.name, self.what, self.values = name, what, values
        self.shape, self.dtype = tuple(shape), np.dtype(dtype).newbyteorder("=")
        self.row_bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        if 0 in self.shape:
            raise FairkitError(f"the {what} of column {quote(name)} are empty arrays", "at least one number an example",
                               f"shape {self.shape}")

    def array(self, start, stop):
        """(stop - start, *shape) array in the column's type."""
        part = rows_of(self.values, start, stop)
        if part.shape[1:] != self.shape or part.dtype.newbyteorder("=") != self.dtype:
            raise FairkitError(f"the {self.what} of column {quote(self.name)} change their shape or type",
                               f"{self.dtype} of shape {self.shape}, as in row 0",
                               f"{part.dtype} of shape {part.shape[1:]} in rows {start} to {stop - 1}")
        return np.ascontiguousarray(part.astype(self.dtype, copy=False))

    def arrow(self, start, stop):
        """Lists of a fixed size for vectors; Arrow's tensors of a fixed shape, which keep it, for the rest."""
        import pyarrow as pa

        array = self.array(start, stop)
        if len(self.shape) == 1:
            return pa.FixedSizeListArray.from_arrays(pa.array(array.reshape(-1)), self.shape[0])
        if self.dtype.kind == "b":    # Arrow packs them into bits, which no array is
            array = array.astype(np.uint8)
        return pa.FixedShapeTensorArray.from_numpy_ndarray(array)


class ImageColumn(ArrayColumn):
    """One uint8 image (height, width) or (height, width, 1, 3 or 4 channels) an example.

    Images that come from files (`fairkit.data.image_files.ImageFiles`) stay encoded in columnar files, arrays arrays.
    """

    def __init__(self, name, what, values, shape, from_files=False):
        super().__init__(name, what, values, shape, np.uint8)
        self.from_files = from_files

    def png(self, start, stop):
        """The images as a list of bytes, each a PNG file."""
        images = self.array(start, stop)
        return [_png(image) for image in (images[..., 0] if self.shape[-1:] == (1,) else images)]

    def arrow(self, start, stop):
        import pyarrow as pa

        return pa.array(self.png(start, stop), pa.binary()) if self.from_files else super().arrow(start, stop)


def is_image(shape, dtype):
    """Whether arrays of this shape and type can be images: uint8, and grey, RGB or RGBA."""
    return dtype == np.uint8 and (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))) and \
        0 < shape[0] <= 65_535 and 0 < shape[1] <= 65_535


def _png(image):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=3)
    return file.getvalue()
