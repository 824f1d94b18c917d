"""Where people look at fairness: the Fairness Indicators board."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "Board": "fairkit.view.fairness_indicators",
    "board": "fairkit.view.fairness_indicators",
    "Display": "fairkit.view.plots.display",
    "Report": "fairkit.view.report.report",
    "make_report": "fairkit.view.report.report",
    "TextExamples": "fairkit.view.plots.example_texts",
    "example_images": "fairkit.view.plots.example_images",
    "example_texts": "fairkit.view.plots.example_texts",
    "plot": "fairkit.view.plots.plotting",
    "plot_bias": "fairkit.view.plots.bias_bars",
    "plot_calibration": "fairkit.view.plots.calibration",
    "plot_confusion": "fairkit.view.plots.confusion_panels",
    "plot_front": "fairkit.view.plots.front",
    "plot_gaps": "fairkit.view.plots.gaps",
    "plot_heat_map": "fairkit.view.plots.heat_map",
    "plot_precision_recall": "fairkit.view.plots.score_curves",
    "plot_rates": "fairkit.view.plots.rates",
    "plot_roc": "fairkit.view.plots.score_curves",
    "plot_thresholds": "fairkit.view.plots.threshold_curves",
    "plot_training": "fairkit.view.plots.training",
})
