"""A SavedModel, such as a text embedding of TF Hub, as a layer of a Keras 3 model."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.models.keras_errors import in_one_line
from fairkit.quiet import keras, tf

__all__ = ["SavedModelLayer", "trust_saved_model", "trusted_digests"]

_trusted = set()   # digests of SavedModels that this program has named itself


@keras.saving.register_keras_serializable(package="fairkit")
class SavedModelLayer(keras.layers.Layer):
    """A SavedModel as a layer: what `hub.KerasLayer` is for Keras 2.

    The model that holds it is built, fitted, rebuilt by `fairkit.remediate` and `fairkit.sweep`, saved as a .keras file
    and exported like any other. A rebuilt model starts again from the weights in the folder, which for a pretrained
    embedding are its fresh ones.

    The layer is saved with the path of the folder and a sha256 of what is in it, and the folder must be there, with the
    same content, when the model is loaded; a relative path is looked for under the working directory. Weights that were
    trained are saved with the model. `fairkit.models.load` knows the layer, `keras.models.load_model` once it has been
    imported.

    A SavedModel is a program, which can read and write files. So a .keras file that names one is loaded only where the
    program has said that it trusts the folder: it has made a layer of it before, has called `trust_saved_model`, or
    loads with Keras's `safe_mode=False`. Only a folder of this machine is taken.

    Args:
        folder: a local folder with a SavedModel: of TF Hub (TF2 format; `tensorflow_hub.resolve` and kagglehub download
            one), of `fairkit.models.export` or Keras's `export`, or of `tf.saved_model.save`.
        trainable: whether its weights are trained with the model; those that it marks as not trainable never are.
        signature: which of its signatures is called. None calls the object itself, as TF Hub's are meant to be, or
            what Keras exported, or the signature "serving_default".
        output: of several outputs the one that the layer gives, by its key; None gives the only one, or a dict of all.
        digest: the content that is expected, as the attribute has it; None takes what is there.

    Attributes:
        folder, signature, digest: as above; `digest` is the sha256 of the names and contents of the files.
        output_name: `output`.

    Raises:
        FairkitError: for a folder that is not there, is no SavedModel or has another content than expected, a
            signature or output that it does not have, and trainable=True where it has no weights to train.

    Example:
        >>> import fairkit, keras, tempfile, tensorflow as tf
        >>> class Embedding(tf.Module):
        ...     def __init__(self):
        ...         self.table = tf.Variable([[0.0, 0.0], [1.0, 2.0]])
        ...     @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        ...     def __call__(self, texts):
        ...         return tf.gather(self.table, tf.cast(texts == "good", tf.int32))
        >>> folder = tempfile.TemporaryDirectory()
        >>> tf.saved_model.save(Embedding(), folder.name)
        >>> texts = keras.Input((), dtype="string", name="text")
        >>> embedded = fairkit.models.SavedModelLayer(folder.name, trainable=True)(texts)
        >>> model = keras.Model(texts, keras.layers.Dense(1, activation="sigmoid")(embedded))
        >>> model(tf.constant(["good", "bad"])).shape.as_list(), fairkit.models.rebuild(model).count_params()
        ([2, 1], 7)
        >>> folder.cleanup()
    """

    def __init__(self, folder, trainable=False, signature=None, output=None, digest=None, **kwargs):
        folder = os.fspath(folder)
        # Keras would cast floats that stand for something else, and XLA has no texts.
        super().__init__(trainable=trainable, **{"autocast": False, **kwargs})
        self.supports_jit = False
        self.folder, self.signature, self.output_name, self.digest = folder, signature, output, _digest_of(folder)
        if digest is not None and digest != self.digest:
            raise FairkitError(f"the SavedModel {quote(folder)} is not the one that this layer was saved with",
                               "the same files", "files that have changed since")
        try:
            self._loaded = tf.saved_model.load(folder)
        except Exception as error:
            raise FairkitError(f"TensorFlow cannot load the SavedModel {quote(folder)}",
                               "a folder written by an export", in_one_line(error)) from error
        self._function = _function(self._loaded, signature, folder)
        self._takes_training = _takes_training(self._function)
        for variable in _variables(self._loaded, self._function):
            # Made of a tf.Variable, a variable of Keras is that one, which the functions of the SavedModel read.
            self._track_variable(keras.Variable(initializer=variable, shape=variable.shape, dtype=variable.dtype.name,
                                                trainable=variable.trainable, name=variable.name.replace("/", "_")))
        if trainable and not self.trainable_variables:
            raise FairkitError(f"the SavedModel {quote(folder)} has no weights to train", "trainable=False",
                               "trainable=True")
        _trusted.add(self.digest)
        self.built = True

    def call(self, inputs, training=False):
        # As BatchNormalization: a frozen layer behaves in training as it does in use.
        given = {"training": bool(training and self.trainable)} if self._takes_training else {}
        by_name = isinstance(inputs, Mapping) and hasattr(self._function, "structured_input_signature")
        outputs = self._function(**inputs) if by_name else self._function(inputs, **given)
        if not isinstance(outputs, Mapping):
            if self.output_name is not None:
                raise FairkitError(f"the SavedModel {quote(self.folder)} has one output, without a name", "output=None",
                                   quote(self.output_name))
            return outputs
        if self.output_name is None:
            return next(iter(outputs.values())) if len(outputs) == 1 else dict(outputs)
        if self.output_name not in outputs:
            raise FairkitError(f"the SavedModel {quote(self.folder)} has no output {quote(self.output_name)}",
                               nearest(self.output_name, outputs), quote(self.output_name))
        return outputs[self.output_name]

    def get_config(self):
        return {**super().get_config(), "folder": self.folder, "signature": self.signature, "output": self.output_name,
                "digest": self.digest}

    @classmethod
    def from_config(cls, config):
        folder, digest = config.get("folder"), config.get("digest")
        if not isinstance(folder, str) or not isinstance(digest, str):
            raise FairkitError("the config of a SavedModelLayer cannot be read", "the path and digest of its folder",
                               quote(folder)[:80])
        # Where only the digest in the file is known, the constructor refuses the folder that has changed.
        if not _unsafe_asked() and not {digest, _digest_of(folder)} & _trusted:
            raise FairkitError(f"this model runs the SavedModel {quote(folder)}, which can read and write files",
                               "fairkit.models.trust_saved_model(folder) first, if you trust who made it",
                               "a folder that nobody has said to trust")
        return cls(**config)


def trust_saved_model(folder):
    """Lets .keras files that hold a `SavedModelLayer` of this folder, as it is now, be loaded in this process.

    Args:
        folder: a local folder with a SavedModel, from people whom you trust: it is a program.

    Raises:
        FairkitError: if there is no SavedModel in it.

    Example:
        >>> import fairkit, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> fairkit.models.export(fairkit.models.digit_classifier(seed=0), f"{folder.name}/digits")
        >>> fairkit.models.trust_saved_model(f"{folder.name}/digits")
        >>> folder.cleanup()
    """
    _trusted.add(_digest_of(os.fspath(folder)))


def _unsafe_asked():
    """Whether Keras was asked to load with safe_mode=False."""
    from keras.src.saving import serialization_lib  # which has no public name

    return serialization_lib.in_safe_mode() is False


def trusted_digests(more=()):
    """The digests of what this process trusts, after adding `more`: for processes that it starts."""
    _trusted.update(more)
    return sorted(_trusted)


def _function(loaded, signature, folder):
    """What is called of a loaded SavedModel."""
    signatures = getattr(loaded, "signatures", {})
    if signature is not None:
        if signature not in signatures:
            raise FairkitError(f"the SavedModel {quote(folder)} has no signature {quote(signature)}",
                               nearest(signature, signatures), quote(signature))
        return signatures[signature]
    if callable(loaded):
        return loaded.__call__
    if callable(getattr(loaded, "serve", None)):   # of Keras 3
        return loaded.serve
    if "serving_default" not in signatures:
        raise FairkitError(f"the SavedModel {quote(folder)} has nothing to call", "a SavedModel that is callable, "
                           "or has the signature 'serving_default'; signature=", f"signatures {sorted(signatures)}")
    return signatures["serving_default"]


def _takes_training(function):
    """Whether a function of a SavedModel tells training from use."""
    described = getattr(function, "function_spec", None)
    return "training" in getattr(getattr(described, "fullargspec", None), "args", ())


def _variables(loaded, function):
    """The `tf.Variable`s of a SavedModel, each once: those that it lists, and those that the function reads."""
    listed = [*getattr(loaded, "trainable_variables", ()), *getattr(loaded, "variables", ())]
    read = [variable for one in getattr(function, "concrete_functions", [function])
            for variable in getattr(one, "variables", ())]
    return list({id(variable): variable for variable in (*listed, *read)}.values())


_known = {}   # digests of folders, by what tells that they have not changed


def _digest_of(path):
    """sha256 of the names and contents of the files of a SavedModel folder, as hexadecimal digits."""
    if not any(os.path.isfile(os.path.join(path, name)) for name in ("saved_model.pb", "saved_model.pbtxt")):
        raise FairkitError(f"there is no SavedModel in {quote(path)}", "a local folder with saved_model.pb",
                           "none there")
    files = sorted(file for file in Path(path).rglob("*") if file.is_file())
    key = tuple((str(file.absolute()), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    if key not in _known:
        content = hashlib.sha256()
        for file in files:
            with open(file, "rb") as opened:
                of_file = hashlib.file_digest(opened, "sha256").hexdigest()
            content.update(f"{file.relative_to(path).as_posix()}\x00{of_file}\n".encode())
        _known[key] = content.hexdigest()
    return _known[key]
