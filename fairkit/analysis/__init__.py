"""Looking at a data set before a model is trained: what is in it, for whom, and for whom there is too little."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "BalancedSplit": "fairkit.analysis.splitting",
    "Correlations": "fairkit.analysis.correlation_result",
    "Description": "fairkit.analysis.description",
    "Imbalance": "fairkit.analysis.imbalance_result",
    "Importance": "fairkit.analysis.importance_result",
    "balance": "fairkit.analysis.balancing",
    "balanced_split": "fairkit.analysis.splitting",
    "correlations": "fairkit.analysis.correlating",
    "describe": "fairkit.analysis.describing",
    "feature_importance": "fairkit.analysis.permuting",
    "imbalance": "fairkit.analysis.imbalances",
})
