"""KerasScores: a Keras model for Beam's RunInference, from columns of inputs to predictions."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from apache_beam.io.filesystems import FileSystems
from apache_beam.ml.inference.base import ModelHandler

from fairkit.errors import FairkitError, quote
from fairkit.evaluation.beam.sources import opened
from fairkit.evaluation.reading.arrow import groups_of, labels_of, table_column, weights_of
from fairkit.evaluation.reading.columns import checked_columns
from fairkit.examples import Examples
from fairkit.formats.places import Places
from fairkit.input_columns import checked_missing
from fairkit.predictions import predict

__all__ = ["KerasScores"]


class KerasScores(ModelHandler):
    """For Beam's `RunInference`: Arrow tables or record batches of examples to `fairkit.Predictions`.

    The model is loaded once for each worker process.

    Args:
        model: the path of a .keras file or a SavedModel folder, on any filesystem that the workers reach.
        inputs: the column that the model is fed, as an array or texts; or several, which become a dict by name. The
            numbers of an image, in row-major order, are put into the model's shape.
        label, groups, weight, separator: as in `fairkit.evaluation.read_predictions`.
        from_logits: the model's outputs are logits.
        batch_size: examples that the model is given at once.
        model_output: of a model with several outputs the one that is meant, as `output` of `fairkit.predict`.
        missing_inputs: "raise" refuses inputs with cells that hold nothing, "keep" feeds them, as in
            `fairkit.Examples`.

    Raises:
        FairkitError: for what is no name; while it runs, as `fairkit.predict`.

    Example:
        >>> import fairkit, keras, pyarrow as pa, tempfile
        >>> from fairkit.evaluation.beam import KerasScores
        >>> path = tempfile.mkdtemp() + "/model.keras"
        >>> fairkit.models.save(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")]), path)
        >>> scores = KerasScores(path, inputs="features", groups=["gender"])
        >>> table = pa.table({"features": [[.1, .2], [.3, .4]], "label": [0, 1], "gender": ["female", None]})
        >>> list(scores.run_inference([table], scores.load_model()))
        [Predictions(2, binary, groups: gender)]
    """

    def __init__(self, model: str | Path, inputs: str | Sequence[str], *, groups: str | Sequence[str] = (),
                 label: str = "label", weight: str | None = None, separator: str | None = None,
                 from_logits: bool = False, batch_size: int = 256, model_output: str | int | None = None,
                 missing_inputs: str = "raise"):
        super().__init__()
        self._model, self._from_logits, self._batch_size = str(model), from_logits, batch_size
        self._output, self._missing = model_output, checked_missing(missing_inputs)
        self._columns = checked_columns(label, None, groups, weight, None, separator, inputs)
        if not self._columns.inputs:
            raise FairkitError("a model is fed columns", "inputs= with their names", quote(inputs))

    def load_model(self):
        """The model, from a copy on this machine where it lies elsewhere."""
        from fairkit.models import load

        if "://" not in self._model:
            return load(self._model)
        with tempfile.TemporaryDirectory() as folder:
            return load(_copied(self._model, Path(folder)))

    def run_inference(self, batch: Sequence, model, inference_args=None):
        """Yields the `Predictions` of each table of a batch."""
        for table in batch:
            yield self._predictions(table, model)

    def batch_elements_kwargs(self):
        """Each element is a batch already."""
        return {"min_batch_size": 1, "max_batch_size": 1}

    def get_num_bytes(self, batch):
        return sum(table.nbytes for table in batch)

    def _predictions(self, table, model):
        columns, places = self._columns, Places("a table of examples")
        from fairkit.models.inputs import ModelInputs, in_order

        specs = ModelInputs(model).specs
        first = next(iter(specs.values()), (None, "float32"))
        fed = {name: _array(table_column(table, name), *specs.get(name, first)) for name in columns.inputs}
        examples = Examples(inputs=fed if len(fed) > 1 else next(iter(fed.values())),
                            labels=labels_of(table, columns, places), groups=groups_of(table, columns),
                            weights=weights_of(table, columns, places), missing_inputs=self._missing)
        try:
            return predict(model, in_order(model, examples), self._batch_size, self._from_logits, self._output)
        except FairkitError as error:
            if "output= " not in str(error):
                raise
            raise FairkitError(str(error).replace("output=", "model_output=")) from None   # what it is called here


def _array(column, shape, dtype):
    """A column as (n,) numbers or texts, or (n, ...) numbers in the model's shape where their number fits it."""
    import pyarrow as pa

    shape = (shape or (None,))[1:]
    if pa.types.is_null(column.type):   # a part of the data in which every cell is missing
        column = column.cast(pa.string() if dtype == "string" else pa.float64())
    lists = pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or \
        pa.types.is_fixed_size_list(column.type)
    if not lists:
        return column.to_numpy(zero_copy_only=False)
    flat, n = column.flatten().to_numpy(zero_copy_only=False), max(len(column), 1)
    if flat.dtype == object and len(flat) == len(column):
        return flat
    if shape and None not in shape and len(flat) == n * int(np.prod(shape)):
        return flat.reshape(len(column), *shape)
    return flat.reshape(len(column), -1) if len(flat) > n else flat


def _copied(source, folder):
    """A model on any of Beam's filesystems, copied into a local folder."""
    source = source.rstrip("/")
    base, _, name = source.rpartition("/")
    pattern = source if name.endswith(".keras") else f"{source}/**"
    found = [part.path for part in FileSystems.match([pattern])[0].metadata_list]
    if not found:
        raise FairkitError(f"there is no model {quote(source)}", "a .keras file or a SavedModel folder",
                           "nothing there")
    for path in found:
        local = folder / path[len(base) + 1:]
        local.parent.mkdir(parents=True, exist_ok=True)
        with opened(path) as file:
            local.write_bytes(file.read())
    return folder / name
