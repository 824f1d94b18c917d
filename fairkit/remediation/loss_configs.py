"""Losses, kernels and transforms as plain data in a saved model, and back without running anything from the file.

A file is somebody else's data. What it may name are classes of fairkit and those that the reader's own program has
registered with Keras (or given as custom_objects); their arguments are names and numbers. TensorFlow Model Remediation
unpickles what it finds in a config, so none of its deserialization is called here.
"""

import inspect
import math

from fairkit.errors import FairkitError, nearest, quote
from fairkit.quiet import keras

__all__ = ["arguments_from_config", "object_from_config", "taken_by", "transform_from_config", "transform_to_config"]


def object_from_config(config, kind, known, what, also=(), read_kernel=None):
    """The loss or kernel that a config names.

    Args:
        config: as `keras.saving.serialize_keras_object` writes it, or the object itself.
        kind: the base class of what may come out.
        known: dict of class name -> class, of the classes that need no registration.
        what: what to call it in an error message.
        also, read_kernel: as for `arguments_from_config`.

    Raises:
        FairkitError: for a class that is neither known nor registered, one of another kind, and arguments that are not
            its own or not plain.
    """
    if isinstance(config, kind):
        return config
    if not isinstance(config, dict) or not isinstance(config.get("config", {}), dict):
        raise FairkitError(f"the config of a {what} cannot be read", "a dict with class_name and config",
                           _short(config))
    name = config.get("registered_name") or config.get("class_name")
    registered = keras.saving.get_registered_object(name) if isinstance(name, str) else None
    plain = str(name).rpartition(">")[2]
    # TFMR registers some of its classes under the package "Custom", as Keras does with a user's by default.
    if registered is None or _is_tfmrs(registered):
        registered = known.get(plain)
    if registered is None:
        raise FairkitError(f"the {what} {quote(name)} of this config is not known", f"{nearest(plain, known)}, or a "
                           "class registered with keras.saving.register_keras_serializable or given as custom_objects",
                           _short(name))
    if not isinstance(registered, type) or not issubclass(registered, kind):
        raise FairkitError(f"{quote(name)} in this config is no {what}", f"a {kind.__name__}", _short(name))
    arguments = arguments_from_config(registered, config.get("config") or {}, also, read_kernel)
    if _is_tfmrs(registered.from_config):
        return registered(**taken_by(registered, arguments, also))
    return registered.from_config(arguments)


def arguments_from_config(cls, config, also=(), read_kernel=None):
    """The arguments of a loss's or kernel's constructor out of its config.

    Args:
        cls: the class.
        config: dict of argument -> number, text, None, bool or list of them; of `*_kernel` and `*_transform` their own
            configs, or the objects.
        also: names that a base class puts into the config, whether or not the constructor takes them.
        read_kernel: a function from the config of a kernel to the kernel; None for a class that has none.

    Raises:
        FairkitError: for an argument that the class does not take, and one that is not plain.
    """
    names, takes_any = _parameters(cls)
    arguments = {}
    for name, value in config.items():
        if not isinstance(name, str) or (name not in [*names, *also] and not takes_any):
            raise FairkitError(f"{cls.__name__} has no argument {quote(name)}", nearest(name, names), _short(name))
        if read_kernel is not None and (name == "kernel" or name.endswith("_kernel")):
            value = read_kernel(value)
        elif name.endswith("transform"):
            value = transform_from_config(value, f"{name} of {cls.__name__}")
        elif not _plain(value):
            raise FairkitError(f"{name} of {cls.__name__} is not plain data in this config",
                               "a finite number, a text, True, False, None, or a list of these", _short(value))
        arguments[name] = value
    return arguments


def taken_by(cls, arguments, also):
    """The arguments without those of `also` that the constructor sets itself instead of taking them."""
    names, takes_any = _parameters(cls)
    return {name: value for name, value in arguments.items() if takes_any or name in names or name not in also}


def transform_to_config(transform, what):
    """A function as the name under which the reader's program knows it.

    Raises:
        FairkitError: for a function or class that is not registered with Keras: its code would have to be in the file.
    """
    if transform is None:
        return None
    kind = transform if inspect.isfunction(transform) else type(transform)
    name = keras.saving.get_registered_name(kind)
    if keras.saving.get_registered_object(name) is kind or (name in _activations() and
                                                            keras.activations.get(name) is transform):
        return keras.saving.serialize_keras_object(transform)
    raise FairkitError(f"{what} cannot be saved: a file holds no code",
                       "a function or class registered with keras.saving.register_keras_serializable", quote(transform))


def transform_from_config(config, what):
    """The registered function, object of a registered class, or Keras activation that a config names.

    Raises:
        FairkitError: for anything else.
    """
    if config is None or (callable(config) and not isinstance(config, type)):
        return config
    # Keras names a function in "config", a class in "registered_name".
    kind = config.get("class_name") if isinstance(config, dict) else None
    name = config.get("config" if kind == "function" else "registered_name") if isinstance(config, dict) else None
    found = keras.saving.get_registered_object(name) if isinstance(name, str) else None
    if found is not None and kind == "function" and not isinstance(found, type):
        return found
    if isinstance(found, type) and callable(found) and not _is_tfmrs(found) and _plain_tree(config.get("config")):
        return found.from_config(config["config"])
    if found is None and kind == "function" and config.get("module") == "builtins" and name in _activations():
        return keras.activations.get(name)
    raise FairkitError(f"{what} is not known", "a function or class registered with "
                       "keras.saving.register_keras_serializable, or the name of a Keras activation",
                       _short(name if isinstance(name, str) else config))


def _parameters(cls):
    """The names of a constructor's parameters, and whether it takes any others."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    named = [each.name for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    return named, any(each.kind is each.VAR_KEYWORD for each in parameters)


def _is_tfmrs(thing):
    return (getattr(thing, "__module__", None) or "").startswith("tensorflow_model_remediation.")


def _activations():
    return [name for name in dir(keras.activations) if name not in ("get", "deserialize", "serialize")
            and inspect.isfunction(getattr(keras.activations, name))]


def _plain(value):
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    return value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))


def _plain_tree(value):
    return all(map(_plain_tree, value.values())) and "class_name" not in value if isinstance(value, dict) \
        else _plain(value)


def _short(value):
    text = quote(value)
    return text if len(text) <= 80 else text[:77] + "..."
