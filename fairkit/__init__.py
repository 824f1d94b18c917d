"""fairkit finds the gap between groups in a Keras classifier, closes it, and proves that it closed."""

from fairkit.lazy import lazy_names

__version__ = "0.1.0"

# Neither TensorFlow nor pandas is loaded before it is needed. Types are in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "Comparison": "fairkit.evaluation.comparison",
    "Evaluation": "fairkit.evaluation.evaluation",
    "Examples": "fairkit.examples",
    "FairkitError": "fairkit.errors",
    "Predictions": "fairkit.predictions",
    "RATES": "fairkit.counts.rates",
    "add_rate": "fairkit.evaluation.own_rates",
    "bias_report": "fairkit.bias.reporting",
    "bins": "fairkit.numeric_groups",
    "compare": "fairkit.evaluation.comparison",
    "evaluate": "fairkit.evaluation.evaluating",
    "load_evaluation": "fairkit.evaluation.files",
    "only": "fairkit.groups",
    "predict": "fairkit.predictions",
    "quantiles": "fairkit.numeric_groups",
    "remediate": "fairkit.remediation.remediating",
    "sweep": "fairkit.remediation.sweeps.sweeping",
}, rooms=("analysis", "bias", "counts", "data", "evaluation", "models", "remediation", "view"))
