"""Models on disk: .keras files and SavedModel folders."""

import contextlib
import importlib
import json
import logging
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.models.keras_errors import in_one_line
from fairkit.quiet import keras, tf
from fairkit.storage import new_file, new_folder

__all__ = ["SavedModel", "export", "load", "save"]


def save(model, path):
    """Saves a Keras model as a .keras file: under a temporary name first, so that no half file is ever seen.

    Args:
        model: a `keras.Model`.
        path: of the file, ending in .keras; folders above it are made.

    Raises:
        FairkitError: for anything but a Keras model, or another suffix.

    Example:
        >>> import fairkit, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> model = fairkit.models.digit_classifier(seed=0)
        >>> fairkit.models.save(model, f"{folder.name}/model.keras")
        >>> fairkit.models.load(f"{folder.name}/model.keras").name
        'digit_classifier'
        >>> folder.cleanup()
    """
    _require_keras(model, "saved")
    path = Path(path)
    if path.suffix != ".keras" or path.is_dir():
        raise FairkitError("a Keras model is saved as a .keras file", "a path that ends in .keras", repr(str(path)))
    with new_file(path) as unfinished:
        model.save(unfinished)


def export(model, folder):
    """Exports a Keras model as a SavedModel, for TFMA and for serving.

    TensorFlow Model Analysis evaluates the folder on tf.Examples whose features bear the names of the model's inputs:
    a string, or the numbers of an image in row-major order. A SavedModel that is already there is replaced.

    Args:
        model: a built `keras.Model`.
        folder: to be made; folders above it are made too.

    Raises:
        FairkitError: for anything but a Keras model, a model that has never seen an input, or a folder that holds
            something other than a SavedModel.

    Example:
        >>> import fairkit, numpy as np, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> fairkit.models.export(fairkit.models.digit_classifier(seed=0), f"{folder.name}/saved_model")
        >>> fairkit.models.load(f"{folder.name}/saved_model")(np.zeros((2, 28, 28, 3), np.uint8)).shape
        (2, 10)
        >>> folder.cleanup()
    """
    _require_keras(model, "exported")
    if not model.built:
        raise FairkitError("the model has not seen an input yet, so it has nothing to export",
                           "a model that is built: one with an Input, or one that has been called", quote(model.name))
    folder = Path(folder)
    if folder.exists() and not _is_saved_model(folder) and (folder.is_file() or any(folder.iterdir())):
        raise FairkitError("the place of the export is taken", "a new or empty folder, or a SavedModel to replace",
                           repr(str(folder)))
    with new_folder(folder) as unfinished, contextlib.redirect_stdout(None), _tensorflow_silent():
        try:
            model.export(str(unfinished), format="tf_saved_model", verbose=False)
        except ValueError as error:
            odd = [name for name in model.input if " " in name] if isinstance(model.input, Mapping) else []
            if not odd:
                raise
            raise FairkitError("TensorFlow exports no input of such a name", "names without blanks", quote(odd[0])) \
                from error


@contextlib.contextmanager
def _tensorflow_silent():
    """TensorFlow tells where it wrote assets, in notebooks even without verbose."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def load(path):
    """Loads a model.

    Args:
        path: of a .keras file, or of a SavedModel folder.

    Returns:
        A `keras.Model` for a .keras file; for a folder a `SavedModel`, a callable predict(inputs) -> scores.

    Raises:
        FairkitError: if nothing is there, or what is there is no such model.
    """
    path = Path(path)
    if path.is_dir():
        if not _is_saved_model(path):
            raise FairkitError("the folder holds no SavedModel", "a folder with saved_model.pb, or a .keras file",
                               repr(str(path)))
        return SavedModel(path)
    if not path.exists():
        beside = sorted(p.name for p in path.parent.glob("*")) if path.parent.is_dir() else []
        models = [name for name in beside if name.endswith(".keras") or _is_saved_model(path.parent / name)]
        expected = "a .keras file or a SavedModel folder" + (f"; there: {nearest(path.name, models)}" if models else "")
        raise FairkitError(f"there is no model {str(path)!r}", expected, "no such file")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise FairkitError(f"{str(path)!r} is no Keras model", "a .keras file of Keras 3, or a SavedModel folder",
                           f"a {path.suffix or 'suffixless'} file of {path.stat().st_size} bytes")
    try:
        _register_fairkit_parts(path)
        return keras.models.load_model(path)
    except Exception as error:
        raise FairkitError(f"Keras cannot load {str(path)!r}",
                           "a .keras file whose custom classes are imported and registered with Keras",
                           in_one_line(error)) from error


class SavedModel:
    """A SavedModel as a callable: predict(inputs) -> scores, a batch at a time.

    Args:
        path: of the folder.
        signature: which of its signatures; "serving_default" if not given.

    Calling it takes an array (n, ...), a list of texts, or a dict of arrays by input name, and gives its one output as
    an array (n, ...).
    """

    def __init__(self, path, signature="serving_default"):
        try:
            self._loaded = tf.saved_model.load(str(path))
        except Exception as error:
            raise FairkitError(f"TensorFlow cannot load the SavedModel {str(path)!r}", "a folder written by an export",
                               in_one_line(error)) from error
        signatures = self._loaded.signatures
        if signature not in signatures:
            raise FairkitError(f"the SavedModel {str(path)!r} has no signature {quote(signature)}",
                               nearest(signature, signatures), quote(signature))
        self._predict = signatures[signature]
        self.inputs = dict(self._predict.structured_input_signature[1])

    def __call__(self, inputs, batch_size=256):
        columns = self._columns(inputs)
        n = len(next(iter(columns.values())))
        parts = [self._outputs({name: column[start:start + batch_size] for name, column in columns.items()})
                 for start in range(0, n, batch_size)]
        return np.concatenate(parts) if parts else np.zeros((0,), np.float32)

    def _columns(self, inputs):
        if not isinstance(inputs, Mapping):
            if len(self.inputs) != 1:
                raise FairkitError("this SavedModel has several inputs", f"a dict with {sorted(self.inputs)}",
                                   type(inputs).__name__)
            inputs = {next(iter(self.inputs)): inputs}
        # TensorFlow writes "hours-per-week" as "hours_per_week" in a signature.
        given = {re.sub(r"[^A-Za-z0-9_]", "_", str(name)): name for name in inputs} | {name: name for name in inputs}
        for name in self.inputs:
            if name not in given:
                raise FairkitError(f"the SavedModel's input {quote(name)} is missing", sorted(self.inputs),
                                   sorted(inputs))
        return {name: inputs[given[name]] for name in self.inputs}

    def _outputs(self, batch):
        fed = {}
        for name, rows in batch.items():
            spec = self.inputs[name]
            rows = rows if tf.is_tensor(rows) else np.asarray(rows)
            rows = tf.cast(rows, spec.dtype) if spec.dtype != tf.string else tf.convert_to_tensor(rows, tf.string)
            if spec.shape.rank == 2 and spec.shape[1] == 1 and rows.shape.rank == 1:
                rows = rows[:, None]
            if not spec.shape.is_compatible_with(rows.shape):
                raise FairkitError(f"the SavedModel's input {quote(name)} does not fit", f"shape {spec.shape}",
                                   rows.shape)
            fed[name] = rows
        outputs = self._predict(**fed)
        if len(outputs) != 1:
            raise FairkitError("the SavedModel has several outputs", "one", sorted(outputs))
        return next(iter(outputs.values())).numpy()


def _require_keras(model, done):
    if not isinstance(model, keras.Model):
        raise FairkitError(f"only a Keras model can be {done} so", "a keras.Model", type(model).__name__)


def _is_saved_model(folder):
    return any((folder / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt"))


def _register_fairkit_parts(path):
    """Imports the modules of fairkit that a .keras file names, so that Keras knows their classes."""
    with zipfile.ZipFile(path) as archive:
        if "config.json" not in archive.namelist():
            return
        config = json.loads(archive.read("config.json"))
    found = [config]
    while found:
        part = found.pop()
        if isinstance(part, dict):
            module = part.get("module")
            if isinstance(module, str) and module.startswith("fairkit."):
                with contextlib.suppress(ImportError):
                    importlib.import_module(module)
            found.extend(part.values())
        elif isinstance(part, list):
            found.extend(part)
