"""Keras models: two builders, fresh copies of a model, and models on disk."""

import importlib

_HOME = {
    "SavedModel": "fairkit.models.files",
    "digit_classifier": "fairkit.models.builders",
    "export": "fairkit.models.files",
    "load": "fairkit.models.files",
    "rebuild": "fairkit.models.rebuilding",
    "save": "fairkit.models.files",
    "toxicity_classifier": "fairkit.models.builders",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'fairkit.models' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOME[name]), name)
    return value


def __dir__():
    return __all__
