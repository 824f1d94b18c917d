"""Models on disk: .keras files and SavedModel folders."""

import contextlib
import importlib
import json
import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.inputs import NestedInputs, as_given, columns_of
from fairkit.models.inputs import ModelInputs
from fairkit.models.keras_errors import in_one_line
from fairkit.models.outputs import declared_outputs, output_names
from fairkit.models.signatures import plain_name, read_inputs, signature_names, write_inputs
from fairkit.quiet import keras, tf
from fairkit.storage import FORMAT, check_writable, new_file, replaced_folder

__all__ = ["SavedModel", "export", "load", "save", "write_saved_model"]

# Whose classes are registered with Keras: what a file may have fairkit import.
_WITH_PARTS = frozenset({
    "fairkit.models.saved_model_layer", "fairkit.remediation.class_score",
    "fairkit.remediation.counterfactual_losses", "fairkit.remediation.counterfactual_model",
    "fairkit.remediation.group_threshold_model", "fairkit.remediation.min_diff_kernels",
    "fairkit.remediation.min_diff_losses", "fairkit.remediation.min_diff_model"})
_RECORD = "assets.extra/fairkit.json"   # what an export of fairkit's consists of
_LARGEST_CONFIG = 1 << 25   # bytes of JSON, which take some 30 times as much when read
_UNPACKED = 100   # times its own size that a .keras file may unpack to; Keras does not compress at all


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
        raise FairkitError("a Keras model is saved as a .keras file", "a path that ends in .keras", quote(str(path)))
    with new_file(path) as unfinished:
        model.save(unfinished)


def export(model, folder):
    """Exports a Keras model as a SavedModel, for TFMA and for serving.

    TensorFlow Model Analysis evaluates the folder on tf.Examples whose features bear the names of the model's inputs:
    a string, or the numbers of an image in row-major order. An older export of fairkit's that is there is replaced.

    TensorFlow takes few names in a signature. An input of another name ("hours-per-week", "größe", "2nd") has one that
    it takes ("hours_per_week", "gr__e", "arg_2nd"), by which a server like TensorFlow Serving is asked; `load` and
    `fairkit.evaluate(..., engine="tfma")` know the input by its own name all the same.

    Args:
        model: a built `keras.Model`.
        folder: to be made; folders above it are made too.

    Raises:
        FairkitError: for anything but a Keras model, a model that has never seen an input, or a folder that holds
            anything but an older export.

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
    if folder.exists() and not _may_be_replaced(folder):
        raise FairkitError("the place of the export is taken", "a new or empty folder, or an export of fairkit's to "
                           "replace", quote(str(folder)))
    check_writable(folder)
    with replaced_folder(folder) as unfinished, contextlib.redirect_stdout(None), _tensorflow_silent():
        if type(model).export is keras.Model.export:
            write_saved_model(model, unfinished)
        else:
            model.export(str(unfinished))
        record = unfinished / _RECORD
        record.parent.mkdir(exist_ok=True)
        files = sorted(file.relative_to(unfinished).as_posix() for file in unfinished.rglob("*") if file.is_file())
        record.write_text(json.dumps({"format": FORMAT, "files": files}), encoding="utf-8")


def write_saved_model(model, folder):
    """Writes the SavedModel of a model into a folder, with names that TensorFlow takes.

    Raises:
        FairkitError: where Keras cannot export the model.
    """
    declared = ModelInputs(model)
    names = signature_names(declared.names)
    named = not declared.unnamed and all(name == other for name, other in names.items())
    flat = not any("/" in name for name in declared_outputs(model))
    own = type(model).export is keras.Model.export
    try:
        if declared.structure is None or (named and flat and own):
            model.export(str(folder), format="tf_saved_model", verbose=False)
        else:
            _export_by_name(model, declared, names, folder)
    except (ValueError, TypeError) as error:
        raise FairkitError(f"Keras cannot export the model {quote(model.name)}",
                           "a functional or Sequential model, or one that has been called on what it takes",
                           in_one_line(error)) from error
    if declared.structure is not None and not (named and isinstance(declared.structure, (str, dict)) and own):
        write_inputs(folder, declared.structure, names)


def _export_by_name(model, declared, names, folder):
    """Exports a model with one signature, whose inputs have the given names, and whose outputs are flat."""
    def serve(inputs):
        outputs = model(declared.joined({name: inputs[names[name]] for name in names}), training=False)
        found = {name: value for name, (value, _) in output_names(outputs).items()}
        return outputs if not any("/" in name for name in found) else found

    specs = {names[name]: tf.TensorSpec(shape, dtype, names[name]) for name, (shape, dtype) in declared.specs.items()}
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serve", tf.function(serve, autograph=False), input_signature=[specs])
    archive.write_out(str(folder), verbose=False)


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

    A .keras file runs nothing of its own: Keras's safe mode is on, losses and kernels come from an allow-list, and a
    `SavedModelLayer` in it is refused until `trust_saved_model` has named its folder. A SavedModel is a program; load
    only those whose makers you trust (SECURITY.md).
    """
    path = Path(path)
    if path.is_dir():
        if not _is_saved_model(path):
            raise FairkitError("the folder holds no SavedModel", "a folder with saved_model.pb, or a .keras file",
                               quote(str(path)))
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
        raise _why_not(path, error) from error


def _why_not(path, error):
    """What is said of a file that Keras cannot load; of a part of fairkit's, what that says."""
    said = error
    while said is not None and not isinstance(said, FairkitError):   # Keras puts it into a page of its own
        said = said.__cause__ or said.__context__
    if said is not None:
        return FairkitError(f"Keras cannot load {str(path)!r}: {said}")
    return FairkitError(f"Keras cannot load {str(path)!r}",
                        "a .keras file whose custom classes are imported and registered with Keras", in_one_line(error))


class SavedModel:
    """A SavedModel as a callable: predict(inputs) -> scores, a batch at a time.

    Args:
        path: of the folder.
        signature: which of its signatures; "serving_default" if not given.

    Attributes:
        inputs: dict of input name -> `tf.TensorSpec`. An input that `export` had to rename has its own name here.

    Calling it takes an array (n, ...), a list of texts, a dict of arrays by input name, or a tuple of arrays where its
    model takes one, and gives its one output as an array (n, ...), or a dict of several by name.
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
        specs = dict(self._predict.structured_input_signature[1])
        structure, self._names = read_inputs(path, specs)
        self.inputs = {name: tf.TensorSpec(specs[other].shape, specs[other].dtype, name)
                       for name, other in self._names.items()}
        self.declared_inputs = as_given(NestedInputs(self.inputs, structure))

    def __call__(self, inputs, batch_size=256):
        columns = self._columns(inputs)
        n = len(next(iter(columns.values())))
        parts = [self._outputs({name: column[start:start + batch_size] for name, column in columns.items()})
                 for start in range(0, n, batch_size)]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return np.zeros((0,), np.float32)
        if isinstance(parts[0], dict):
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return np.concatenate(parts)

    def _columns(self, inputs):
        """dict of input name -> column."""
        if isinstance(inputs, Mapping) and not isinstance(inputs, NestedInputs):
            # TensorFlow writes "hours-per-week" as "hours_per_week" in a signature, and keeps no record of it.
            alike = {name: [given for given in inputs if plain_name(str(given)) == name] for name in self.inputs
                     if name not in inputs}
            inputs = {**inputs, **{name: inputs[given[0]] for name, given in alike.items() if len(given) == 1}}
        if isinstance(inputs, (dict, tuple)) or (isinstance(inputs, list) and isinstance(self.declared_inputs, tuple)):
            first = next(iter(inputs.values() if isinstance(inputs, dict) else inputs), ())
            inputs = columns_of(inputs, len(first), lambda rows, _: _column(rows))
        elif isinstance(inputs, list):
            inputs = _column(inputs)
        taken = ModelInputs(self).taken(inputs)
        return taken if isinstance(taken, dict) else {next(iter(self.inputs)): taken}

    def _outputs(self, batch):
        fed = {self._names[name]: _tensor(name, rows, self.inputs[name]) for name, rows in batch.items()}
        outputs = {name: value.numpy() for name, value in self._predict(**fed).items()}
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def _column(rows):
    return np.asarray(rows) if isinstance(rows, (list, tuple)) else rows


def _tensor(name, rows, spec):
    """Rows as the tensor that an input of a SavedModel takes."""
    if not tf.is_tensor(rows):
        rows = np.asarray(rows)
        if rows.dtype.kind == "O" and spec.dtype != tf.string:
            rows = rows.astype(spec.dtype.as_numpy_dtype)
    rows = tf.cast(rows, spec.dtype) if spec.dtype != tf.string else tf.convert_to_tensor(rows, tf.string)
    if spec.shape.rank == 2 and spec.shape[1] == 1 and rows.shape.rank == 1:
        rows = rows[:, None]
    if not spec.shape.is_compatible_with(rows.shape):
        raise FairkitError(f"the SavedModel's input {quote(name)} does not fit", f"shape {spec.shape}", rows.shape)
    return rows


def _require_keras(model, done):
    if not isinstance(model, keras.Model):
        raise FairkitError(f"only a Keras model can be {done} so", "a keras.Model", type(model).__name__)


def _may_be_replaced(folder):
    """Whether a folder is empty, or holds an export of fairkit's and nothing else."""
    if not folder.is_dir():
        return False
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()}
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))["files"]
        return files <= {*record, _RECORD}
    except (OSError, ValueError, KeyError, TypeError):
        return not any(folder.iterdir())


def _is_saved_model(folder):
    return any((folder / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt"))


def _register_fairkit_parts(path):
    """Imports what a .keras file needs of fairkit, so that Keras knows the classes; of a file, only these are imported.

    Raises:
        FairkitError: for a config that is too large to be one, or members that unpack to far more than the file.
    """
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member.file_size for member in archive.infolist()}
        for name in ("config.json", "metadata.json"):
            if members.get(name, 0) > _LARGEST_CONFIG:
                raise FairkitError(f"{name} of {quote(str(path))} is too large", f"at most {_LARGEST_CONFIG:,} bytes",
                                   f"{members[name]:,} bytes")
        unpacked, packed = sum(members.values()), path.stat().st_size
        if unpacked > max(_UNPACKED * packed, 1 << 28):
            raise FairkitError(f"{quote(str(path))} unpacks to far more than a model",
                               f"at most {_UNPACKED} times its {packed:,} bytes", f"{unpacked:,} bytes")
        if "config.json" not in members:
            return
        config = json.loads(archive.read("config.json"))
    modules, found = set(), [config]
    while found:
        part = found.pop()
        if isinstance(part, dict):
            module = part.get("module")
            if isinstance(module, str) and module in _WITH_PARTS:
                modules.add(module)
            found.extend(part.values())
        elif isinstance(part, list):
            found.extend(part)
    for module in sorted(modules):
        importlib.import_module(module)
