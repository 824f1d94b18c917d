"""Evaluations, their comparison, and TFMA both ways."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "Comparison": "fairkit.evaluation.comparison",
    "Evaluation": "fairkit.evaluation.evaluation",
    "TfmaEvaluation": "fairkit.evaluation.tfma.result",
    "compare": "fairkit.evaluation.comparison",
    "evaluate": "fairkit.evaluation.evaluating",
    "load_evaluation": "fairkit.evaluation.files",
    "read_predictions": "fairkit.evaluation.prediction_chunks",
})
