"""Evaluations, their comparison, and TFMA both ways."""

import importlib

_HOME = {
    "Comparison": "comparison",
    "Evaluation": "evaluation",
    "compare": "comparison",
    "evaluate": "evaluating",
    "load_evaluation": "files",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
