"""fairkit finds the gap between groups in a Keras classifier, closes it, and proves that it closed."""

import importlib

__version__ = "0.1.0"

# Loaded when first used, so that `import fairkit` costs neither TensorFlow nor pandas.
_HOME = {
    "Comparison": "fairkit.evaluation.comparison",
    "Evaluation": "fairkit.evaluation.evaluation",
    "Examples": "fairkit.examples",
    "FairkitError": "fairkit.errors",
    "Predictions": "fairkit.predictions",
    "compare": "fairkit.evaluation.comparison",
    "evaluate": "fairkit.evaluation.evaluating",
    "load_evaluation": "fairkit.evaluation.files",
    "only": "fairkit.groups",
    "predict": "fairkit.predictions",
    "remediate": "fairkit.remediation",
}
_ROOMS = ("counts", "data", "evaluation", "models", "remediation", "view")

__all__ = sorted([*_HOME, *_ROOMS])


def __getattr__(name):
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"fairkit.{name}")
    else:
        raise AttributeError(f"module 'fairkit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return __all__
