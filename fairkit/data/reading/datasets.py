"""tf.data.Datasets of dicts, or of (inputs, labels) and (inputs, labels, weights) as Keras takes them."""

import numpy as np

from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError
from fairkit.formats.progress import progress_of_rows

__all__ = ["Dataset", "arrow_column", "flat"]

_ROWS = 1 << 13
_PARTS = ("inputs", "label", "weight")


class Dataset(Source):
    """The elements of a `tf.data.Dataset`, batched or not, counted from 0.

    Elements are dicts of tensors, whose inner names are joined by a slash; or tuples as Keras takes them, whose parts
    are called inputs, label and weight (a dict of inputs keeps its names). A data set is taken for one of batches
    where every tensor has a leading dimension and the label has no other.

    Raises:
        FairkitError: for elements of another kind, or a data set that never ends.
    """

    def __init__(self, dataset):
        spec = dataset.element_spec
        if isinstance(spec, tuple):
            spec = dict(zip(_PARTS, spec))
            dataset = dataset.map(_named)
        elif not isinstance(spec, dict):
            raise FairkitError("the elements of the data set have no names",
                               "dicts, (inputs, labels) or (inputs, labels, weights)", repr(spec)[:100])
        self.specs = flat(spec)
        if "inputs" in spec and isinstance(spec["inputs"], dict):
            self.specs = {name.removeprefix("inputs/"): part for name, part in self.specs.items()}
        self.dataset = dataset
        super().__init__("the data set", self.specs)
        if int(dataset.cardinality()) == -1:
            raise FairkitError("the data set never ends", "a finite data set, such as dataset.take(n)", "repeat()")

    def chunks(self, columns, bad_rows):
        import pyarrow as pa

        batched = self._is_batched()
        dataset = self.dataset.unbatch() if batched else self.dataset
        total, done = int(self.dataset.cardinality()), 0
        with progress_of_rows(total if total >= 0 and not batched else None, self.what) as bar:
            for batch in self._batches(dataset, columns):
                table = pa.table({name: arrow_column(batch[name]) for name in columns})
                yield table, None, done
                done += len(table)
                bar.update(len(table))

    def _is_batched(self):
        label = self.specs.get("label", next(iter(self.specs.values())))
        return all(spec.shape.rank for spec in self.specs.values()) and label.shape.rank == 1 and label.shape[0] is None

    def _batches(self, dataset, columns):
        """dicts of name -> tensor of some thousand rows."""
        joined = dataset.map(lambda element: {name: part for name, part in self._flat(element).items()
                                              if name in columns})
        ragged = any(None in (spec.shape.as_list() or []) for name, spec in flat(joined.element_spec).items())
        return (joined.ragged_batch if ragged else joined.batch)(_ROWS)

    def _flat(self, element):
        return {name.removeprefix("inputs/"): part for name, part in flat(element).items()}


def flat(nested, prefix=""):
    """Nested dicts as one whose names are joined by slashes."""
    made = {}
    for name, part in nested.items():
        made |= flat(part, f"{prefix}{name}/") if isinstance(part, dict) else {f"{prefix}{name}": part}
    return made


def arrow_column(tensor):
    """An eager tensor (n, ...), or a ragged one of two dimensions, as an Arrow array of n cells."""
    import pyarrow as pa

    if hasattr(tensor, "row_splits"):
        values = tensor.values.numpy()
        return pa.ListArray.from_arrays(pa.array(tensor.row_splits.numpy(), pa.int32()), pa.array(values))
    array = tensor.numpy()
    if array.ndim == 1:
        return pa.array(array)
    if array.dtype.kind == "O":
        rows = array.reshape(len(array), -1)
        return pa.array(rows.tolist(), pa.list_(pa.binary()))
    array = array.astype(np.uint8) if array.dtype.kind == "b" else array
    return pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(array))


def _named(*parts):
    return dict(zip(_PARTS, parts))
