"""Evaluations, their comparison, and TFMA both ways."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "Comparison": "fairkit.evaluation.comparison",
    "Evaluation": "fairkit.evaluation.evaluation",
    "Flips": "fairkit.evaluation.flip_rates",
    "TfmaEvaluation": "fairkit.evaluation.tfma.result",
    "compare": "fairkit.evaluation.comparison",
    "compare_flips": "fairkit.evaluation.flip_changes",
    "evaluate": "fairkit.evaluation.evaluating",
    "flips": "fairkit.evaluation.flip_rates",
    "load_evaluation": "fairkit.evaluation.files",
    "read_predictions": "fairkit.evaluation.prediction_chunks",
})
