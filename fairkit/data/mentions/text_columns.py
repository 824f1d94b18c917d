"""The texts among the inputs of examples, as an Arrow column."""

import re
from collections.abc import Mapping

import numpy as np

from fairkit.errors import FairkitError, nearest
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

    inputs = _chosen(inputs, name)
    if isinstance(inputs, Texts):
        return inputs.column
    array = np.asarray(inputs)
    if array.ndim != 1 or array.dtype.kind not in "OUS":
        raise FairkitError("the inputs are no texts", "one text an example", f"{array.dtype} of shape {array.shape}")
    if array.dtype.kind == "O":
        odd = [i for i, text in enumerate(array) if not isinstance(text, (str, bytes))][:1]
        if odd:
            raise FairkitError("an input is no text", "one text an example", f"{array[odd[0]]!r} in row {odd[0]}")
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


def _chosen(inputs, name):
    if inputs is None:
        raise FairkitError("these examples have no inputs to look for mentions in", "Examples(inputs=...)",
                           "inputs=None")
    if not isinstance(inputs, Mapping):
        if name is not None:
            raise FairkitError("these inputs have no names", "inputs=None where the inputs are the texts", repr(name))
        return inputs
    if name is None and len(inputs) > 1:
        raise FairkitError("there are several inputs", f"inputs= one of {sorted(inputs)}", "inputs=None")
    if name is not None and name not in inputs:
        raise FairkitError(f"no input {name!r}", nearest(name, inputs), repr(name))
    return inputs[next(iter(inputs)) if name is None else name]
