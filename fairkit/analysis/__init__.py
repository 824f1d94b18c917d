"""Looking at a data set before a model is trained: what is in it, for whom, and for whom there is too little."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "Description": "fairkit.analysis.description",
    "balance": "fairkit.analysis.balancing",
    "describe": "fairkit.analysis.describing",
})
