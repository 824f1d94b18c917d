"""Closing a gap by training: MinDiff on Keras 3."""

import importlib

_HOME = {
    "AbsoluteCorrelationLoss": "fairkit.remediation.min_diff_losses",
    "AdjustedMMDLoss": "fairkit.remediation.min_diff_losses",
    "ClassScore": "fairkit.remediation.class_score",
    "GaussianKernel": "fairkit.remediation.min_diff_losses",
    "LaplacianKernel": "fairkit.remediation.min_diff_losses",
    "MMDLoss": "fairkit.remediation.min_diff_losses",
    "MinDiffModel": "fairkit.remediation.min_diff_model",
    "MinDiffPackedInputs": "fairkit.remediation.min_diff_data",
    "Remediation": "fairkit.remediation.remediating",
    "build_min_diff_dataset": "fairkit.remediation.min_diff_data",
    "min_diff_splits": "fairkit.remediation.splits",
    "pack_min_diff_data": "fairkit.remediation.min_diff_data",
    "remediate": "fairkit.remediation.remediating",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'fairkit.remediation' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
