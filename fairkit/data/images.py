"""Columns of paths of images, or of encoded images, as inputs."""

import numpy as np

from fairkit.data.image_files import ImageFiles
from fairkit.data.reading.bad_rows import BadRows
from fairkit.errors import FairkitError
from fairkit.formats.places import Places

__all__ = ["image_inputs"]


def image_inputs(column, folder=None, size=None, channels=None, places=None, bad_rows=None, name=None) -> ImageFiles:
    """A column of a file as `ImageFiles`.

    Args:
        column: Arrow strings (paths), binary values (encoded images, or paths in UTF-8), lists of one of
            these, or the structs of bytes and path that Hugging Face data sets hold.
        folder: of the file that names the paths.
        size, channels, places, bad_rows, name: as in `ImageFiles`.

    Raises:
        FairkitError: as `ImageFiles` and its `check` do.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):    # as tf.Examples have it
        column = _single(column, places or Places("the images"))
    if pa.types.is_struct(column.type):
        names = [field.name for field in column.type]
        if "bytes" in names and ("path" not in names or pc.struct_field(column, "bytes").null_count == 0):
            column = pc.struct_field(column, "bytes")
        elif "path" in names:
            column = pc.struct_field(column, "path")
    images = ImageFiles(_paths_as_texts(column), folder, size, channels, places, bad_rows, name)
    images.check(bad_rows or BadRows("raise"), name)
    return images


def _single(column, places):
    """Lists of one value as that value, empty ones as nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    if len(lengths) and lengths.max() > 1:
        row = int(np.argmax(lengths > 1))
        raise FairkitError("there are several images in a row", "one image in each", f"{lengths[row]} in "
                           f"{places.of(row)}")
    if len(lengths) and lengths.min() == 1:
        return pa.chunked_array([column.combine_chunks().flatten()])
    return pc.list_element(pc.if_else(pa.array(lengths > 0), column, pa.scalar([None], column.type)), 0)


def _paths_as_texts(column):
    """Paths may come as bytes, from a TFRecord for one; an image of the allowed formats has a NUL in its header."""
    import pyarrow as pa

    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        return column
    first = next((value.as_py() for value in column if value.is_valid), b"\0")
    try:
        return column if b"\0" in first[:4096] else column.cast(pa.string())
    except pa.ArrowInvalid:
        return column
