"""Texts in an Arrow column: a third of the memory of Python's, and no object made before it is looked at."""

import operator

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["Texts"]

_PIECE = 1 << 17   # texts that are taken at a time


class Texts:
    """A sequence of n texts over an Arrow column; what `fairkit.data.read` gives a model that is fed texts.

    `texts[3]` is a str; `texts[1:5]`, `texts[mask]` and `texts[positions]` are `Texts` again, and
    `numpy.asarray(texts)` is an object array of str.

    Args:
        column: a `pyarrow.Array` or `ChunkedArray` of texts, without nulls.

    Raises:
        FairkitError: for a column of another type, or with nulls.

    Example:
        >>> import pyarrow
        >>> from fairkit.texts import Texts
        >>> texts = Texts(pyarrow.array(["good", "bad", "ugly"]))
        >>> texts[-1], texts[[1, 0]].tolist(), len(texts)
        ('ugly', ['bad', 'good'], 3)
    """

    dtype = np.dtype(object)

    def __init__(self, column):
        import pyarrow as pa

        kind = getattr(column, "type", None)
        if not (kind is not None and (pa.types.is_string(kind) or pa.types.is_large_string(kind))):
            raise FairkitError("these are no texts", "an Arrow column of strings", str(kind or type(column).__name__))
        if column.null_count:
            raise FairkitError("a text is missing", "a text in every row, if an empty one",
                               f"{column.null_count} missing")
        self.column = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column], kind)
        self._ends = np.cumsum([len(chunk) for chunk in self.column.chunks], dtype=np.int64)

    @property
    def shape(self):
        return (len(self),)

    def __len__(self):
        return len(self.column)

    def __repr__(self):
        shown = ", ".join(quote(text if len(text) <= 40 else text[:39] + "…") for text in self[:3])
        return f"Texts({len(self)}: {shown}{', …' if len(self) > 3 else ''})"

    def __iter__(self):
        for chunk in self.column.chunks:
            for start in range(0, len(chunk), 1 << 13):
                yield from chunk.slice(start, 1 << 13).to_pylist()

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.column.to_numpy(), dtype or object)

    def __getitem__(self, index):
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return Texts(self.column.slice(start, max(stop - start, 0)))
            index = np.arange(start, stop, step)
        if not isinstance(index, (list, tuple, np.ndarray)) or np.ndim(index) == 0:
            return self.column[operator.index(index)].as_py()
        index = np.asarray(index)
        if index.dtype.kind == "b":
            if len(index) != len(self):
                raise IndexError(f"a mask of {len(index)} for {len(self)} texts")
            index = np.flatnonzero(index)
        elif index.size == 0:
            index = index.astype(np.int64)
        return self._take(np.where(index < 0, index + len(self), index))

    def tolist(self):
        """The texts as a list of str."""
        return self.column.to_pylist()

    def _take(self, index):
        """Arrow's own take first puts all chunks into one; here only the chunks that are asked are looked at."""
        import pyarrow as pa

        if len(index) and (index.min() < 0 or index.max() >= len(self)):
            raise IndexError(f"positions {index.min()} to {index.max()} of {len(self)} texts")
        chunks = self.column.chunks
        if len(index) == 0 or len(chunks) <= 1:
            return Texts(chunks[0].take(pa.array(index)) if chunks else self.column)
        if len(index) > _PIECE:  # so that no chunk outgrows Arrow's 2 GiB of texts
            pieces = [self._take(index[start:start + _PIECE]) for start in range(0, len(index), _PIECE)]
            return Texts(pa.chunked_array([chunk for piece in pieces for chunk in piece.column.chunks]))
        which = np.searchsorted(self._ends, index, side="right")
        order = np.argsort(which, kind="stable")
        found, starts = np.unique(which[order], return_index=True)
        within = (index - (self._ends - np.diff(self._ends, prepend=0))[which])[order]
        parts = [chunks[c].take(pa.array(part)) for c, part in zip(found, np.split(within, starts[1:]))]
        if np.array_equal(order, np.arange(len(order))):  # already by chunk: parts as they come
            return Texts(pa.chunked_array(parts))
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return Texts(pa.concat_arrays(parts).take(pa.array(back)))
