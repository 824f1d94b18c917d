"""The same architecture again, from fresh weights."""

from fairkit.errors import FairkitError, quote
from fairkit.models.compiling import compile_like
from fairkit.models.keras_errors import in_one_line
from fairkit.models.seeding import seeded
from fairkit.quiet import keras

__all__ = ["copy_weights", "rebuild"]

_WAY_OUT = "a model whose get_config is complete, or a builder: a function without arguments that returns the model"


def rebuild(model, seed=0):
    """Makes a model of the same architecture with fresh weights, and leaves the given one as it is.

    Carried over is what fitting would not have changed: vocabularies, idf weights, bin boundaries and normalization
    statistics (all that `adapt` learns), and the weights of frozen layers (`trainable = False`), because a frozen layer
    with random weights would be of no use. Everything else starts afresh, also pretrained layers that are not frozen:
    give a builder where these must keep their weights. Seeds that initializers were given are replaced, so that the
    weights depend on `seed` only. The optimizer, losses and metrics of a compiled model are carried over as new
    objects of the same settings.

    Args:
        model: a `keras.Model`: Sequential, functional, or a subclass with get_config.
        seed: of the fresh weights, 0 to 2147483647; the same seed gives the same weights.

    Returns:
        A `keras.Model`, of the same type and with the same layer names.

    Raises:
        FairkitError: if the model is no Keras model or cannot be made again from its config.

    Example:
        >>> import fairkit
        >>> model = fairkit.models.digit_classifier(seed=0)
        >>> fresh = fairkit.models.rebuild(model, seed=1)
        >>> fresh.count_params() == model.count_params()
        True
    """
    if not isinstance(model, keras.Model):
        raise FairkitError("only a Keras model can be rebuilt", _WAY_OUT, type(model).__name__)
    with seeded(seed):
        fresh = _from_config(model)
        _check_alike(model, fresh)
        _carry_over(model, fresh)
        compile_like(fresh, model)
    return fresh


def copy_weights(model, fresh):
    """Gives a rebuilt model all the weights of the first."""
    if not model.built or not fresh.built:
        raise FairkitError("a model without weights yet cannot be gone on from",
                           "a model that has been called or fitted", quote(model.name))
    fresh.set_weights(model.get_weights())


def _from_config(model):
    try:
        config = keras.saving.serialize_keras_object(model)
        _strip(config)
        # Not the safe mode: the config was made a moment ago from an object of this process.
        return keras.saving.deserialize_keras_object(config, custom_objects=_classes(model), safe_mode=False)
    except Exception as error:
        raise FairkitError(f"the model {quote(model.name)} ({type(model).__name__}) cannot be rebuilt", _WAY_OUT,
                           in_one_line(error)) from error


def _strip(part, initializer=False):
    """Takes compile settings and the seeds of initializers out of a serialized model, in place.

    Without a seed an initializer draws one when it is made. One fixed number instead would give layers that copy
    their initializer (attention: query, key, value) equal weights.
    """
    if isinstance(part, list):
        for element in part:
            _strip(element, initializer)
    if not isinstance(part, dict):
        return
    if "class_name" in part and isinstance(part.get("config"), dict):
        part.pop("compile_config", None)
        initializer = initializer or part.get("module") == "keras.initializers"
        if initializer and "seed" in part["config"]:
            part["config"]["seed"] = None
    for key, value in part.items():
        _strip(value, isinstance(key, str) and key.endswith("initializer"))


def _classes(model):
    """The classes of all layers by the names that Keras may look them up under; they need not be registered."""
    classes = {}
    for layer in model._flatten_layers():
        cls = type(layer)
        if not cls.__module__.startswith("keras."):
            classes[cls.__name__] = classes[keras.saving.get_registered_name(cls)] = cls
    return classes


def _check_alike(model, fresh):
    old, new = model._flatten_layers(), fresh._flatten_layers()
    alike = [type(a) for a in old] == [type(b) for b in new]
    if alike and model.built and fresh.built:
        alike = [w.shape for w in model.weights] == [w.shape for w in fresh.weights]
    if not alike or (model.built and not fresh.built):
        sizes = [f"{len(layers)} layers with {made.count_params() if made.built else 'unknown'} weights"
                 for layers, made in ((old, model), (new, fresh))]
        raise FairkitError(f"the model {quote(model.name)} ({type(model).__name__}) comes out otherwise when rebuilt",
                           _WAY_OUT, ", rebuilt ".join(sizes))


def _carry_over(model, fresh):
    done = set()
    for old, new in zip(model._flatten_layers(), fresh._flatten_layers()):
        if old.trainable != new.trainable:
            new.trainable = old.trainable
        if id(old) in done:
            continue
        if callable(getattr(old, "adapt", None)):
            _carry_adapted(old, new)
        elif not old.trainable and old.weights:
            new.set_weights(old.get_weights())
        else:
            continue
        done.update(id(layer) for layer in old._flatten_layers(include_self=False))


def _carry_adapted(old, new):
    layers = keras.layers
    if isinstance(old, (layers.TextVectorization, layers.StringLookup, layers.IntegerLookup)):
        _carry_vocabulary(old, new)
    elif old.weights:
        store = {}
        old.save_own_variables(store)
        if not new.built:
            new.build_from_config(old.get_build_config())
        new.load_own_variables({name: keras.ops.convert_to_numpy(value) for name, value in store.items()})


def _carry_vocabulary(old, new):
    # Not by save_assets: that writes one word a line and splits words that hold a line separator.
    words = old.get_vocabulary(include_special_tokens=False)
    if not len(words) or new.get_vocabulary(include_special_tokens=False) == words:
        return
    lookup = getattr(old, "_lookup_layer", old)
    if lookup.output_mode == "tf_idf":
        store = {}
        lookup.save_own_variables(store)
        new.set_vocabulary(words, idf_weights=store["idf_weights"][-len(words):])
        new.load_own_variables(store)
    else:
        new.set_vocabulary(words)
