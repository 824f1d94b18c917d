"""evaluate(..., engine="tfma"): on predictions, on a config, or on a model with TFRecords."""

from fairkit.errors import FairkitError
from fairkit.evaluation.evaluating import evaluate_counts
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.specs import cut_groups, metric_names
from fairkit.evaluation.tfma.engine import evaluate_config_with_tfma, tfma_values
from fairkit.evaluation.tfma.records import evaluate_records_with_tfma
from fairkit.predictions import Predictions

__all__ = ["evaluate_with_tfma"]


def evaluate_with_tfma(what, records, slices, thresholds, classes, *, metrics, min_examples, config, intervals, beam,
                       **columns):
    """What `fairkit.evaluate` gives with engine="tfma".

    Args:
        what: a model where there are `records` (the path of TFRecords), `Predictions` otherwise.
        columns: label and weight, the features of the records.
    """
    shown, further = _sorted_out(metrics)
    if records is not None:
        return evaluate_records_with_tfma(what, records, slices, thresholds, classes, metrics=further,
                                          intervals=intervals, config=config, beam=beam, **columns)
    if not isinstance(what, Predictions):
        raise FairkitError("TFMA takes predictions at once, not in chunks",
                           "fairkit.Predictions, or a model with TFRecords", type(what).__name__)
    if config is not None:
        return evaluate_config_with_tfma(what, config, beam)
    counted = evaluate_counts(what, slices, thresholds, classes, metrics=shown, min_examples=min_examples)
    judged = what.with_groups(cut_groups(what.groups, counted.bins)[0])
    values = tfma_values(judged, [dict(spec) for spec in counted.specs], counted.thresholds, counted.classes, further,
                         intervals, beam)
    if shown is not None:
        hidden = {*metric_names()} - {*shown}
        values = {place: value for place, value in values.items() if place[2] not in hidden}
    return Evaluation(counted.cells, counted.areas, counted.specs, counted.thresholds, counted.weighted, what, values,
                      shown, min_examples, counted.bins)


def _sorted_out(metrics):
    """(names of fairkit's metrics, or None for all; metrics of TFMA)."""
    if metrics is None:
        return None, ()
    metrics = [metrics] if isinstance(metrics, (str, dict)) else list(metrics)
    known = metric_names()
    further = [metric for metric in metrics if not (isinstance(metric, str) and metric in known)]
    shown = tuple(metric for metric in metrics if isinstance(metric, str) and metric in known)
    return (shown or None), further
