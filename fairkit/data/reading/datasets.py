"""tf.data.Datasets of dicts, or of (inputs, labels) and (inputs, labels, weights) as Keras takes them."""

import numpy as np

from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.progress import progress_of_rows

__all__ = ["Dataset", "arrow_column", "flat"]

_ROWS = 1 << 13
_PARTS = ("inputs", "label", "weight")


class Dataset(Source):
    """The elements of a `tf.data.Dataset`, batched or not, counted from 0.

    Elements are dicts of tensors, whose inner names are joined by a slash; or tuples as Keras takes them, whose parts
    are called inputs, label and weight (a dict of inputs keeps its names, and those of a tuple are numbered:
    inputs/0). A data set is taken for one of batches where all tensors have one leading dimension, and the label,
    which is a single value, has one.

    Args:
        dataset: `tf.data.Dataset`.
        label: the name of the label; "label", or a tensor of one dimension, if None.
        batched: whether elements are batches; by their shapes if None.

    Raises:
        FairkitError: for elements of another kind, or a data set that never ends.
    """

    def __init__(self, dataset, label=None, batched=None):
        spec = dataset.element_spec
        if isinstance(spec, tuple) and len(spec) <= len(_PARTS):
            spec = dict(zip(_PARTS, spec))
            dataset = dataset.map(_named)
        elif not isinstance(spec, dict):
            raise FairkitError("the elements of the data set have no names",
                               "dicts, (inputs, labels) or (inputs, labels, weights)", quote(spec)[:100])
        self._stripped = "inputs/" if isinstance(spec.get("inputs"), dict) else ""
        self.specs, self.dataset, self.label = self._flat(spec), dataset, label
        for name, part in self.specs.items():
            _check(name, part)
        super().__init__("the data set", self.specs)
        if int(dataset.cardinality()) == -1:
            raise FairkitError("the data set never ends", "a finite data set, such as dataset.take(n)", "repeat()")
        self.batched = self._is_batched() if batched is None else batched

    def chunks(self, columns, bad_rows):
        import pyarrow as pa

        from fairkit.quiet import tf

        total, done = int(self.dataset.cardinality()), 0
        self._check_label(columns)
        with progress_of_rows(total if total >= 0 and not self.batched else None, self.what) as bar:
            try:
                for batch in self._batches(self.dataset.unbatch() if self.batched else self.dataset, columns):
                    table = pa.table({name: arrow_column(batch[name]) for name in columns})
                    yield table, None, done
                    done += len(table)
                    bar.update(len(table))
            except MemoryError:   # which Arrow takes for an error of its own
                raise
            except (tf.errors.OpError, pa.ArrowException) as error:
                raise FairkitError(f"{self.what} cannot be read to its end", "elements as its element_spec says",
                                   f"after {done} rows: {one_line(error)}") from None

    def _is_batched(self):
        shapes = {name: spec.shape for name, spec in self.specs.items()}
        label = shapes.get("label" if self.label is None else self.label)
        single = [shape.rank == 1 for shape in shapes.values()] if label is None else [label.rank >= 1]
        return any(single) and all(shape.rank for shape in shapes.values()) and len(
            {shape[0] for shape in shapes.values()}) == 1

    def _check_label(self, columns):
        """A label is one value a row, or a list of one."""
        if self.label in columns:
            shape = self.specs[self.label].shape.as_list()[int(self.batched):]
            if any(size not in (None, 1) for size in shape):
                raise FairkitError(f"{quote(self.label)} of {self.what} is no label but an array, such as one-hot "
                                   "classes", "one value a row: tf.argmax(label, -1) in dataset.map", f"shape {shape}")

    def _batches(self, dataset, columns):
        """dicts of name -> tensor of some thousand rows."""
        joined = dataset.map(lambda element: {name: self._single(name, part) for name, part in
                                              self._flat(element).items() if name in columns})
        ragged = any(None in (spec.shape.as_list() or []) for name, spec in flat(joined.element_spec).items())
        return (joined.ragged_batch if ragged else joined.batch)(_ROWS)

    def _flat(self, element):
        return {name.removeprefix(self._stripped): part for name, part in flat(element).items()}

    def _single(self, name, part):
        """A label of the shape (1,) as its value."""
        from fairkit.quiet import tf

        is_list = name == self.label and isinstance(part, tf.Tensor) and part.shape.rank and part.shape[-1] == 1
        return tf.reshape(part, []) if is_list and part.shape.num_elements() == 1 else part


def flat(nested, prefix=""):
    """Nested dicts and tuples as one dict whose names are joined by slashes."""
    made = {}
    for name, part in nested.items():
        part = {str(place): one for place, one in enumerate(part)} if isinstance(part, tuple) else part
        made |= flat(part, f"{prefix}{name}/") if isinstance(part, dict) else {f"{prefix}{name}": part}
    return made


def arrow_column(tensor):
    """An eager tensor (n, ...), or a ragged one, as an Arrow array of n cells."""
    import pyarrow as pa

    if hasattr(tensor, "row_splits"):
        values = arrow_column(tensor.values)
        values = values.storage if isinstance(values, pa.FixedShapeTensorArray) else values
        return pa.ListArray.from_arrays(pa.array(tensor.row_splits.numpy(), pa.int32()), values)
    array = tensor.numpy()
    if tensor.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.ndim == 1:
        return pa.array(array)
    if array.dtype.kind == "O":
        rows = array.reshape(len(array), -1)
        return pa.array(rows.tolist(), pa.list_(pa.binary()))
    array = array.astype(np.uint8) if array.dtype.kind == "b" else array
    return pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(array))


def _check(name, spec):
    """That a part of the elements is a tensor that can be read."""
    from fairkit.quiet import tf

    if isinstance(spec, tf.SparseTensorSpec):
        raise FairkitError(f"{quote(name)} of the data set is sparse", "tensors: tf.sparse.to_dense in dataset.map",
                           str(spec))
    if not isinstance(spec, (tf.TensorSpec, tf.RaggedTensorSpec)):
        raise FairkitError(f"{quote(name)} of the data set is no tensor", "tensors", quote(spec)[:100])
    if spec.shape.rank is None:
        raise FairkitError(f"{quote(name)} of the data set has no known shape",
                           "a shape: tf.ensure_shape in dataset.map",
                           str(spec))
    if not (spec.dtype.is_floating or spec.dtype.is_integer or spec.dtype.is_bool or spec.dtype == tf.string):
        raise FairkitError(f"{quote(name)} of the data set holds no numbers or texts", "numbers, booleans or texts",
                           spec.dtype.name)


def _named(*parts):
    return dict(zip(_PARTS, parts))
