"""Where people look at fairness: the Fairness Indicators board."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "Board": "fairkit.view.fairness_indicators",
    "board": "fairkit.view.fairness_indicators",
})
