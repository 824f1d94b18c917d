"""Where examples come from: handwritten numbers, generated comments, and any CSV file."""

import importlib

_HOME = {
    "comments": "fairkit.data.generated_comments",
    "handwritten_numbers": "fairkit.data.digits",
    "read": "fairkit.data.files",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'fairkit.data' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOME[name]), name)
    return value


def __dir__():
    return __all__
