"""evaluate: from a model, scores or predictions to an Evaluation."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fairkit.counts.rates import RATES
from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.areas import FoundAreas
from fairkit.evaluation.chunk_counts import ChunkCounts
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.prediction_counts import count_predictions
from fairkit.evaluation.specs import check_values, checked_classes, checked_slices, checked_thresholds, cut_groups
from fairkit.evaluation.table import SCORE_METRICS
from fairkit.examples import Examples
from fairkit.predictions import Predictions, predict

__all__ = ["count_predictions", "evaluate"]

ENGINES = ("counts", "tfma")


def evaluate(what, examples: Examples | None = None, slices: Sequence = (), thresholds: Sequence[float] | None = None,
             classes: Sequence[int] | None = None, from_logits: bool = False, engine: str = "counts",
             batch_size: int = 256, *, metrics: Sequence[str] | None = None, min_examples: int = 30) -> Evaluation:
    """Rates at thresholds, accuracy and AUC, overall and by slice, each with its interval.

    Args:
        what: a Keras model, the path of a .keras file or SavedModel folder, a callable predict(inputs) -> scores, an
            array of scores; or, without examples, `Predictions`, an iterable of these (chunks, of which only the
            counts are kept), or the path of a Parquet or TFRecord file or folder of predictions, which is read in
            chunks as `fairkit.evaluation.read_predictions` does.
        examples: the `Examples` to judge on.
        slices: group features ("color"), crosses of any number of them (("digit", "color")), dicts of given values
            ({"religion": ["muslim", "jewish"]}) or of bins of a numeric feature ({"age": fairkit.bins(18, 65)},
            {"age": fairkit.quantiles(4)}), tuples that mix these, and TFMA's SlicingSpec. Overall is always there.
        thresholds: numbers in [0, 1]; an example is predicted positive where its score exceeds the threshold (both as
            float64, as in TFMA). By default .1, .2, ... .9.
        classes: class ids of a model with several outputs, each judged against the rest; None for all of them.
        from_logits: the model's outputs are logits.
        engine: "counts" (in process), or "tfma" (TFMA's own pipeline on Apache Beam; needs fairness-indicators).
        batch_size: examples a batch where a model predicts.
        metrics: the names of the metrics to show; None shows all.
        min_examples: rates with fewer examples in the denominator are marked "too few" in their note, not dropped.
            Below 30, fairkit's own simulation of its intervals (docs/coverage.md) vouches for nothing.

    Returns:
        `Evaluation`.

    Raises:
        FairkitError: for scores of another length, outside [0, 1] or not finite, a feature, value, threshold or class
            that is not there, labels that do not fit the model.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 0, 1, 1], groups={"color": ["blue", "orange", "blue", "orange"]})
        >>> evaluation = fairkit.evaluate([0.2, 0.8, 0.7, 0.9], examples, slices=["color"], thresholds=[0.5])
        >>> evaluation.value("false_positive_rate", "color:orange", threshold=0.5)
        1.0
    """
    if engine not in ENGINES:
        raise FairkitError(f"no engine {engine!r}", nearest(engine, ENGINES), repr(engine))
    asked = {"metrics": _checked_metrics(metrics), "min_examples": min_examples}
    predictions = _predictions(what, examples, from_logits, batch_size)
    thresholds = checked_thresholds(thresholds)
    if not isinstance(predictions, Predictions):
        return _evaluate_chunks(predictions, slices, thresholds, classes, asked)
    if len(predictions) == 0:
        raise FairkitError("there are no examples to evaluate on", "at least one example", 0)
    specs, bins = checked_slices(slices, predictions.groups)
    classes = checked_classes(classes, predictions.classes)
    groups, bins = cut_groups(predictions.groups, bins)
    judged = predictions.with_groups(groups)
    cells, codes = count_predictions(judged, specs, thresholds, classes)
    check_values(specs, cells.atoms.values_of)
    values = None
    if engine == "tfma":
        from fairkit.evaluation.tfma_engine import evaluate_with_tfma

        features = list(dict.fromkeys(tuple(name for name, _ in spec) for spec in specs))
        values = evaluate_with_tfma(judged, features, thresholds, None if classes == [None] else classes)
    return Evaluation(cells, FoundAreas.of_rows(predictions, cells.atoms, codes), specs, thresholds,
                      predictions.weights is not None, predictions, values, bins=bins, **asked)


def _predictions(what, examples, from_logits, batch_size):
    """`Predictions`, or an iterable of them."""
    if isinstance(what, Predictions) or (examples is None and isinstance(what, Iterable) and _are_chunks(what)):
        if examples is not None:
            raise FairkitError("predictions already hold their examples", "evaluate(predictions) without examples",
                               type(examples).__name__)
        return what
    if examples is None and isinstance(what, (str, Path)):
        from fairkit.evaluation.prediction_chunks import read_predictions

        return read_predictions(what)
    if examples is None:
        raise FairkitError("there are no examples to evaluate on", "evaluate(model, examples)", "examples=None")
    return predict(what, examples, batch_size=batch_size, from_logits=from_logits)


def _are_chunks(what):
    """Whether an iterable is one of predictions: arrays and texts are iterable, too."""
    if isinstance(what, (list, tuple)):
        return len(what) > 0 and all(isinstance(chunk, Predictions) for chunk in what)
    return not (isinstance(what, (str, Path)) or hasattr(what, "shape") or hasattr(what, "predict"))


def _evaluate_chunks(chunks, slices, thresholds, classes, asked):
    counts = ChunkCounts(slices, thresholds, classes)
    for chunk in chunks:
        counts.add(chunk)
    return counts.evaluation(**asked)


def _checked_metrics(metrics):
    if metrics is None:
        return None
    known = ["example_count", "weighted_example_count", "accuracy", "auc", *SCORE_METRICS, *RATES]
    metrics = [metrics] if isinstance(metrics, str) else list(metrics)
    for metric in metrics:
        if metric not in known:
            raise FairkitError(f"no metric {metric!r}", nearest(metric, known), repr(metric))
    return tuple(metrics)
