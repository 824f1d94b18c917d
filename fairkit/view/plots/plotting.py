"""plot: the picture of a result, by its kind."""

import importlib
from collections.abc import Mapping

from fairkit.analysis.correlation_result import Correlations
from fairkit.analysis.imbalance_result import Imbalance
from fairkit.analysis.importance_result import Importance
from fairkit.analysis.splitting import BalancedSplit
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["plot"]

_HOME = "fairkit.view.plots"
_OF_EVALUATION = {"rates": "rates.plot_rates", "gaps": "gaps.plot_gaps", "heat_map": "heat_map.plot_heat_map",
                  "roc": "score_curves.plot_roc", "precision_recall": "score_curves.plot_precision_recall",
                  "calibration": "calibration.plot_calibration", "thresholds": "threshold_curves.plot_thresholds",
                  "confusion": "confusion_panels.plot_confusion"}
_OF_COMPARISON = {"gaps": "gaps.plot_gaps", "rates": "rates.plot_rates"}
_OF_SWEEP = {"front": "front.plot_front"}
_OF_HISTORY = {"training": "training.plot_training"}
_OF_BIAS = {"bias": "bias_bars.plot_bias"}
_OF_ANALYSIS = {Imbalance: {"imbalance": "imbalance_bars.plot_imbalance"},
                Correlations: {"heat_map": "correlation_map.plot_correlations",
                               "dendrogram": "correlation_tree.plot_dendrogram"},
                Importance: {"importance": "importance_bars.plot_importance"},
                BalancedSplit: {"split": "split_bars.plot_split"}}
_DRAWN = ("an Evaluation, Comparison, Sweep, Remediation, history, BiasReport, Imbalance, Correlations, Importance or "
          "BalancedSplit")


def plot(result, kind: str | None = None, **options):
    """The picture of a result; the first kind named here is the default.

    Args:
        result: an `Evaluation` ("rates", "gaps", "heat_map", "roc", "precision_recall", "calibration", "thresholds",
            "confusion"), a `Comparison` ("gaps", "rates"), a `Sweep` ("front"), a `BiasReport` ("bias"), a
            `Remediation`, a Keras `History` or a dict of its values ("training"), or of `fairkit.analysis` an
            `Imbalance` ("imbalance"), `Correlations` ("heat_map", "dendrogram"), an `Importance` ("importance") or a
            `BalancedSplit` ("split").
        kind: one of these.
        options: those of the function `plot_<kind>`, or of the result's own `plot`.

    Returns:
        `Display`.

    Raises:
        FairkitError: for what has no plot, a kind that the result does not have, or an option that the kind does not
            take.

    Example:
        >>> import fairkit
        >>> fairkit.view.plot({"loss": [.9, .4]})
        Display(training, 2 rows in .frame; .save(path) writes the picture)
    """
    kinds = _kinds_of(result)
    kind = next(iter(kinds)) if kind is None else kind
    if not isinstance(kind, str) or kind not in kinds:
        raise FairkitError(f"there is no plot of kind {quote(kind)} here", nearest(kind, kinds), quote(kind))
    module, name = kinds[kind].split(".")
    function = getattr(importlib.import_module(f"{_HOME}.{module}"), name)
    _check_options(function, options)
    return function(result, **options)


def _kinds_of(result):
    if hasattr(result, "threshold_pairs"):
        return _OF_COMPARISON
    if hasattr(result, "facets") and hasattr(result, "metrics"):
        return _OF_BIAS
    if hasattr(result, "front"):
        return _OF_SWEEP
    if isinstance(result, Mapping) or hasattr(result, "history"):
        return _OF_HISTORY
    if type(result) in _OF_ANALYSIS:
        return _OF_ANALYSIS[type(result)]
    if hasattr(result, "frame") and hasattr(result, "slices"):
        return _OF_EVALUATION
    raise FairkitError("there is no plot of this", _DRAWN, type(result).__name__)


def _check_options(function, options):
    import inspect

    known = [p.name for p in list(inspect.signature(function).parameters.values())[1:]]
    for name in options:
        if name not in known:
            raise FairkitError(f"{function.__name__} takes no {quote(name)}", nearest(name, known, shown=20),
                               quote(name))
