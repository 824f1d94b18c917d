"""Closing a gap by training: MinDiff on Keras 3."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
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
})
