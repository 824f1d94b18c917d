"""Metrics of TFMA 0.52 that count a part of the data twice, and their repair for the time of a run.

Their combiners merge a list of partial sums by taking the first with `next(iter(accumulators))` and then adding all of
the list to it, the first again. So their values are wrong wherever Beam or the jackknife merges lists.
"""

import contextlib
import functools
import importlib

from fairkit.errors import FairkitError

__all__ = ["merged_once", "require_sound"]

_COMBINERS = {"cross_entropy_metrics": "_CrossEntropyCombiner", "flip_metrics": "_BooleanFlipCountsCombiner",
              "mean_regression_error": "_MeanRegressionErrorCombiner",
              "model_cosine_similarity": "_ModelCosineSimilarityCombiner",
              "prediction_difference_metrics": "_SymmetricPredictionDifferenceCombiner"}
_METRICS = {"BinaryCrossEntropy", "BooleanFlipRates", "CategoricalCrossEntropy", "MeanAbsoluteError",
            "MeanAbsolutePercentageError", "MeanSquaredError", "MeanSquaredLogarithmicError", "ModelCosineSimilarity",
            "NegToNegFlipRate", "NegToPosFlipRate", "PosToNegFlipRate", "PosToPosFlipRate", "SymmetricFlipRate",
            "SymmetricPredictionDifference"}


@contextlib.contextmanager
def merged_once():
    """While the block runs, these combiners of this process add each part once."""
    repaired = []
    for module, name in _COMBINERS.items():
        combiner = getattr(importlib.import_module(f"tensorflow_model_analysis.metrics.{module}"), name)
        repaired.append((combiner, combiner.merge_accumulators))
        combiner.merge_accumulators = _over_an_iterator(combiner.merge_accumulators)
    try:
        yield
    finally:
        for combiner, original in repaired:
            combiner.merge_accumulators = original


def require_sound(config):
    """Raises `FairkitError` if an `EvalConfig` asks for one of these metrics: for runs in other processes."""
    found = sorted({metric.class_name for spec in config.metrics_specs for metric in spec.metrics} & _METRICS)
    if found:
        raise FairkitError(f"TFMA's {found[0]} counts a part of the data twice where several processes share the work",
                           "a run in this process (no runner, no --direct_running_mode=multi_processing)", found)


def _over_an_iterator(merge):
    @functools.wraps(merge)
    def merge_once(self, accumulators, *args, **options):
        return merge(self, iter(accumulators), *args, **options)

    return merge_once
