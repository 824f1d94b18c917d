"""What stands out in inputs before a model is fed with them: empty and repeated texts, numbers that are none."""

from collections.abc import Mapping

import numpy as np

from fairkit.texts import Texts

__all__ = ["input_findings"]

_CHUNK = 1 << 22  # numbers looked at at a time
_MANY_TIMES = 20  # texts that occur so often, in the mean, are values of a category


def input_findings(inputs, labels):
    """Counts of examples by what stands out in their inputs; only what occurs.

    Looks at texts and at arrays of floating point numbers, in memory or mapped from a file. Readers of files are not
    opened.

    Args:
        inputs: of `Examples`.
        labels: (n,) codes of the labels.

    Returns:
        dict of words -> number of examples. In a dict of inputs each is named: "age: not finite".

    Example:
        >>> import numpy as np
        >>> from fairkit.analysis.input_checks import input_findings
        >>> input_findings(np.array(["a", "", "a", "b"], object), np.array([0, 0, 1, 1]))
        {'empty texts': 1, 'texts that occur more than once': 2, 'texts that occur with different labels': 2}
    """
    if isinstance(inputs, Mapping):
        return {f"{name}: {what}": n for name, part in inputs.items()
                for what, n in input_findings(part, labels).items()}
    if not len(labels):
        found = {}
    elif isinstance(inputs, Texts):
        found = _text_findings(*_arrow_codes(inputs.column), labels)
    elif isinstance(inputs, np.ndarray) and inputs.ndim == 1 and inputs.dtype.kind in "OU":
        found = _text_findings(*_object_codes(inputs), labels)
    elif isinstance(inputs, np.ndarray) and inputs.dtype.kind == "f":
        found = {"not finite": _not_finite(inputs)}
    else:
        found = {}
    return {what: n for what, n in found.items() if n}


def _text_findings(codes, empty, labels):
    """From the codes of n texts, and which of the distinct texts are empty."""
    times = np.bincount(codes, minlength=len(empty))
    classes = int(labels.max()) + 1
    if len(codes) >= _MANY_TIMES ** 2 and len(empty) * _MANY_TIMES <= len(codes):  # values of a category
        return {"empty texts": int(times[empty].sum())}
    pairs = np.unique(codes.astype(np.int64) * classes + labels)
    different = np.bincount(pairs // classes, minlength=len(empty)) > 1
    return {"empty texts": int(times[empty].sum()),
            "texts that occur more than once": int(times[(times > 1) & ~empty].sum()),
            "texts that occur with different labels": int(times[different & ~empty].sum())}


def _object_codes(array):
    import pandas as pd

    codes, distinct = pd.factorize(array, use_na_sentinel=False)
    return codes, np.array([not (isinstance(text, str) and text.strip()) for text in distinct], bool)


def _arrow_codes(column):
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.nbytes >= 1 << 31:  # Arrow's small strings hold no dictionary of more than 2 GiB
        column = column.cast(pa.large_string())
    encoded = column.dictionary_encode()
    if not all(chunk.dictionary.equals(encoded.chunk(0).dictionary) for chunk in encoded.chunks):
        encoded = encoded.unify_dictionaries()  # slow, and hardly ever needed
    chunks, distinct = encoded.chunks, encoded.chunk(0).dictionary
    empty = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(distinct)), 0).to_numpy(zero_copy_only=False)
    return np.concatenate([chunk.indices.to_numpy() for chunk in chunks]), empty


def _not_finite(array):
    """The number of examples with a NaN or an infinity."""
    step = max(1, _CHUNK // max(1, int(np.prod(array.shape[1:]))))
    found = 0
    for start in range(0, len(array), step):
        part = array[start:start + step]
        found += int((~np.isfinite(part)).reshape(len(part), -1).any(axis=1).sum())
    return found
