"""Bias of data and predictions by facet: the 21 metrics of SageMaker Clarify, with intervals."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "BiasReport": "fairkit.bias.report",
    "METRICS": "fairkit.bias.definitions",
    "Metric": "fairkit.bias.definitions",
    "bias_report": "fairkit.bias.reporting",
    "clarify_report": "fairkit.bias.clarify",
})
