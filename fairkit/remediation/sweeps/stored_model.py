"""The model of a sweep in files, from which every process makes it, and by which a sweep that goes on knows it."""

import hashlib
import json
import warnings
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError
from fairkit.models import load, save
from fairkit.models.seeding import seeded
from fairkit.quiet import keras
from fairkit.remediation.sweeps.architecture import architecture_of

__all__ = ["NotPortable", "digests_of", "model_digest", "modules_of", "source_of", "store_models"]


MODEL = "model.keras"


class NotPortable(Exception):
    """Why a model cannot be made again in another process."""


def store_models(model_or_builder, seeds, folder, weights=False):
    """Writes model.keras, or what a builder returns for each seed as model-SEED.keras, where it is not there yet.

    Args:
        weights: the weights of a model count, since a training goes on from them; those of a builder always do.

    Returns:
        dict of file name -> digest of the model; what is written is loaded again and compared.

    Raises:
        NotPortable: for a model that does not come back from its file as it was.
    """
    digests = {}
    for name, make in _made(model_or_builder, seeds).items():
        model = make()
        weighty = weights or name != MODEL
        digests[name] = model_digest(model, weighty)
        try:
            path = Path(folder) / name
            if not path.exists():
                save(model, path)
                if model_digest(_loaded(path), weighty) != digests[name]:
                    path.unlink()
                    raise NotPortable("it does not come back from a .keras file as it was")
        except (FairkitError, ValueError, TypeError, NotImplementedError) as error:
            raise NotPortable(" ".join(str(error).split())[:300]) from error
    return digests


def digests_of(model_or_builder, seeds, weights=False):
    """What `store_models` returns, without writing anything."""
    return {name: model_digest(make(), weights or name != MODEL)
            for name, make in _made(model_or_builder, seeds).items()}


def source_of(folder, seed):
    """What `fairkit.remediate` takes in a process that has the files only: a model, or a builder."""
    folder = Path(folder)
    if (folder / MODEL).is_file():
        return _loaded(folder / MODEL)
    return lambda: _loaded(folder / f"model-{seed}.keras")


def modules_of(model_or_builder, seeds):
    """The modules, other than Keras' and fairkit's, that define parts of the model.

    Raises:
        NotPortable: where a part is defined in the program itself, which another process cannot import.
    """
    model = next(iter(_made(model_or_builder, seeds).values()))()
    classes = {type(layer) for layer in model._flatten_layers()}
    if model.compiled:
        classes |= {type(part) for part in keras.tree.flatten(model._compile_config.config)}
    found = {cls.__module__ for cls in classes} - {"builtins"}
    own = sorted(name for name in found if name.split(".")[0] not in ("keras", "fairkit", "numpy", "tensorflow"))
    if "__main__" in own:
        raise NotPortable("a part of it is defined in the program itself, not in a module that can be imported")
    return own


def model_digest(model, weights=False):
    """sha256 of what a training takes over from a model: architecture, compile settings, vocabularies, statistics.

    The names that Keras gives to layers do not count, nor, without `weights`, what a rebuilt model draws anew.
    """
    content = hashlib.sha256(json.dumps(architecture_of(model), sort_keys=True, default=str).encode())
    for layer in model._flatten_layers():
        if isinstance(layer, (keras.layers.TextVectorization, keras.layers.StringLookup, keras.layers.IntegerLookup)):
            content.update(str([str(word) for word in layer.get_vocabulary()]).encode("utf-8", "surrogatepass"))
        elif weights or callable(getattr(layer, "adapt", None)) or not layer.trainable:
            for weight in layer.weights:
                content.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
    return content.hexdigest()


def _loaded(path):
    """A model from its file; the optimizer of a model that was never fitted has no state to load, which is no news."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer", category=UserWarning)
        return load(path)


def _made(model_or_builder, seeds):
    """dict of file name -> function that gives the model."""
    if isinstance(model_or_builder, keras.Model):
        return {MODEL: lambda: model_or_builder}
    if not callable(model_or_builder) or isinstance(model_or_builder, type):
        raise FairkitError("there is no model to remediate", "a keras.Model, or a function that returns one",
                           type(model_or_builder).__name__)

    def build(seed):
        with seeded(seed):
            model = model_or_builder()
        if not isinstance(model, keras.Model):
            raise FairkitError("the builder returns no model", "a keras.Model", type(model).__name__)
        return model

    return {f"model-{seed}.keras": lambda seed=seed: build(seed) for seed in seeds}
