"""Where people look at fairness: the Fairness Indicators board."""

import importlib

__all__ = ["Board", "board"]

_HOME = {"Board": "fairkit.view.fairness_indicators", "board": "fairkit.view.fairness_indicators"}


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'fairkit.view' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
