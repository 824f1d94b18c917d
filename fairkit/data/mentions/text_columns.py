"""The texts among the inputs of examples, as an Arrow column."""

import re

import numpy as np

from fairkit.errors import FairkitError, quote
from fairkit.examples import chosen_input
from fairkit.texts import Texts

__all__ = ["text_column"]


def text_column(inputs, name=None):
    """The texts among the inputs, as a `pyarrow.ChunkedArray` of strings.

    Args:
        inputs: what `Examples.inputs` may be.
        name: which of several named inputs.

    Raises:
        FairkitError: if there are none, or they are no texts.
    """
    import pyarrow as pa

    _, inputs = chosen_input(inputs, name, "to look for mentions in")
    if isinstance(inputs, Texts):
        return inputs.column
    array = np.asarray(inputs)
    if array.ndim != 1 or array.dtype.kind not in "OUS":
        raise FairkitError("the inputs are no texts", "one text an example", f"{array.dtype} of shape {array.shape}")
    if array.dtype.kind == "O":
        odd = [i for i, text in enumerate(array) if not isinstance(text, (str, bytes))][:1]
        if odd:
            raise FairkitError("an input is no text", "one text an example", f"{quote(array[odd[0]])} in row {odd[0]}")
        if len(array) and not all(isinstance(text, str) for text in array):
            array = np.array([t.decode("utf-8", "replace") if isinstance(t, bytes) else t for t in array], object)
    elif array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    try:
        column = pa.array(array, pa.string())
    except UnicodeEncodeError:
        row = next(i for i, text in enumerate(array) if re.search("[\ud800-\udfff]", text))
        raise FairkitError("an input is no text", "texts that UTF-8 can write", f"half a surrogate pair in row {row}") \
            from None
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
