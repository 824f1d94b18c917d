"""evaluate: from a model, scores or predictions to an Evaluation."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.areas import FoundAreas
from fairkit.evaluation.chunk_counts import ChunkCounts, sliced_features
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.prediction_counts import count_predictions
from fairkit.evaluation.specs import (
    check_values,
    checked_classes,
    checked_metrics,
    checked_min_examples,
    checked_slices,
    checked_thresholds,
    cut_groups,
)
from fairkit.examples import Examples
from fairkit.predictions import Predictions, predict

__all__ = ["evaluate", "evaluate_counts"]

ENGINES = ("counts", "tfma")


def evaluate(what, examples: Examples | str | Path | None = None, slices: Sequence = (),
             thresholds: Sequence[float] | None = None, classes: Sequence[int] | None = None, from_logits: bool = False,
             engine: str = "counts", batch_size: int = 256, *, metrics: Sequence | None = None, min_examples: int = 30,
             config=None, intervals: str | None = None, beam=None, label: str | None = None,
             weight: str | None = None, output: str | int | None = None) -> Evaluation:
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
        engine: "counts" (in process), or "tfma" (TFMA's own pipeline on Apache Beam; needs fairness-indicators): on
            predictions, or on a model (Keras, .keras or SavedModel) with the path of TFRecords as `examples`.
        batch_size: examples a batch where a model predicts.
        metrics: the names of the metrics to show; None shows all. With engine="tfma" also any metric of TFMA or
            tf_keras, which is added: "MeanAbsoluteError", a dict of class_name and config, or TFMA's MetricConfig.
        min_examples: rates with fewer examples in the denominator are marked "too few" in their note, not dropped.
            Below 30, fairkit's own simulation of its intervals (docs/coverage.md) vouches for nothing.
        config: a TFMA EvalConfig (proto, text, JSON, or the path of a file) in place of slices, thresholds, classes and
            metrics. What the counts engine does not compute is named; engine="tfma" runs it as it is.
        intervals: for engine="tfma": "jackknife" or "poisson_bootstrap", TFMA's own; None keeps those of the counts.
        beam: for engine="tfma": Beam pipeline options, such as ["--direct_num_workers=2"].
        label, weight: for files: the columns of the label ("label") and of the weight (none); scores in other columns
            than "scores" are named to `read_predictions`.
        output: of a model with several outputs the one that is judged, as for `fairkit.predict`.

    Returns:
        `Evaluation`; `fairkit.evaluation.TfmaEvaluation`, which has no counts, where TFMA ran a config or a model.

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
        raise FairkitError(f"no engine {quote(engine)}", nearest(engine, ENGINES), quote(engine))
    min_examples = checked_min_examples(min_examples)
    if config is not None:
        _refuse_beside_config(slices=slices or None, thresholds=thresholds, classes=classes, metrics=metrics,
                              intervals=intervals, label=label, weight=weight)
    if engine == "tfma":
        from fairkit.evaluation.tfma.evaluating import evaluate_with_tfma

        options = {"metrics": metrics, "min_examples": min_examples, "config": config, "intervals": intervals,
                   "beam": beam}
        if isinstance(examples, (str, Path)):
            if from_logits:
                raise FairkitError("from_logits is for predictions of fairkit, and TFMA calls the model itself",
                                   "a model that gives scores, or fairkit.Examples in place of records",
                                   "from_logits=True")
            return evaluate_with_tfma(what, examples, slices, thresholds, classes, label=label or "label",
                                      weight=weight, output=output, **options)
        _refuse_columns(label=label, weight=weight)
        predictions = _predictions(what, examples, from_logits, batch_size, output=output)
        return evaluate_with_tfma(predictions, None, slices, thresholds, classes, **options)
    columns = {name: value for name, value in (("label", label), ("weight", weight)) if value is not None}
    in_file = examples is None and isinstance(what, (str, Path))
    _refuse_options_of_tfma(examples, intervals=intervals, beam=beam)
    if not in_file:
        _refuse_columns(**columns)
    request = None if config is None else _counted_config(config)
    if request is not None:
        slices, thresholds, classes, metrics = request.slices, request.thresholds, request.classes, request.metrics
        columns = {name: value for name, value in (("label", request.label), ("scores", request.prediction),
                                                   ("weight", request.weight)) if value is not None}
    predictions = _predictions(what, examples, from_logits, batch_size, slices, columns, output)
    if request is not None:
        predictions = _weighed(predictions, request) if isinstance(predictions, Predictions) else \
            (_weighed(chunk, request) for chunk in predictions)
    asked = {"metrics": checked_metrics(metrics), "min_examples": min_examples}
    if request is not None:
        asked |= {"config": request.config, "min_slice_size": request.min_examples}
    if not isinstance(predictions, Predictions):
        counts = ChunkCounts(slices, thresholds, classes)
        for chunk in predictions:
            counts.add(chunk)
        return counts.evaluation(**asked)
    return evaluate_counts(predictions, slices, thresholds, classes, **asked)


def evaluate_counts(predictions, slices, thresholds, classes, **asked):
    """The `Evaluation` of `Predictions`; `asked` are its checked metrics and min_examples."""
    thresholds = checked_thresholds(thresholds)
    if len(predictions) == 0:
        raise FairkitError("there are no examples to evaluate on", "at least one example", 0)
    specs, bins = checked_slices(slices, predictions.groups)
    classes = checked_classes(classes, predictions.classes)
    groups, bins = cut_groups(predictions.groups, bins)
    cells, codes = count_predictions(predictions.with_groups(groups), specs, thresholds, classes)
    check_values(specs, cells.atoms.values_of)
    return Evaluation(cells, FoundAreas.of_rows(predictions, cells.atoms, codes), specs, thresholds,
                      predictions.weights is not None, predictions, bins=bins, **asked)


def _predictions(what, examples, from_logits, batch_size, slices=(), columns=None, output=None):
    """`Predictions`, or an iterable of them."""
    if examples is None and output is not None:
        raise FairkitError("output names an output of a model", "evaluate(model, examples, output=...)", quote(output))
    if from_logits and (examples is None or isinstance(what, Predictions)):
        raise FairkitError("from_logits is for what a model gives, and predictions hold probabilities",
                           "evaluate(model or scores, examples, from_logits=True); of logits in a column, "
                           "fairkit.data.read(path, ...) gives the examples", "from_logits=True")
    if isinstance(what, Predictions) or (examples is None and isinstance(what, Iterable) and _are_chunks(what)):
        if examples is not None:
            raise FairkitError("predictions already hold their examples", "evaluate(predictions) without examples",
                               type(examples).__name__)
        return what
    if examples is None and isinstance(what, (str, Path)):
        from fairkit.evaluation.prediction_chunks import read_predictions

        return read_predictions(what, groups=sliced_features(slices), **(columns or {}))
    if examples is None:
        raise FairkitError("there are no examples to evaluate on", "evaluate(model, examples)", "examples=None")
    return predict(what, examples, batch_size, from_logits, output)


def _are_chunks(what):
    """Whether an iterable is one of predictions: arrays and texts are iterable, too."""
    if isinstance(what, (list, tuple)):
        return len(what) > 0 and all(isinstance(chunk, Predictions) for chunk in what)
    return not (isinstance(what, (str, Path)) or hasattr(what, "shape") or hasattr(what, "predict"))


def _counted_config(config):
    """The `TfmaRequest` of a config, which the counts engine can answer."""
    from fairkit.evaluation.tfma.request import read_config

    request = read_config(config)
    request.require_counted()
    return request


def _weighed(predictions, request):
    """Predictions with weights only where a config names a weight: so TFMA weighs."""
    if request.weight is None:
        return Predictions.of_checked(predictions.labels, predictions.scores, predictions.groups, None,
                                      predictions.given_ids)
    if predictions.weights is None:
        raise FairkitError(f"the config weighs examples by {quote(request.weight)}", "predictions with weights",
                           "predictions without")
    return predictions


def _refuse_beside_config(**given):
    for name, value in given.items():
        if value is not None:
            raise FairkitError(f"{name} are given beside a config", "one of the two", f"{name}={quote(value)}")


def _refuse_columns(**columns):
    for name, value in columns.items():
        if value is not None:
            raise FairkitError(f"{name} names a column of a file, and there is none",
                               f"Examples(..., {name}s=...), without {name}=; or the path of a file in place of "
                               "scores and examples", f"{name}={quote(value)}")


def _refuse_options_of_tfma(examples, **options):
    if isinstance(examples, (str, Path)):
        raise FairkitError("a model is evaluated on records by TFMA only", "engine='tfma', or fairkit.Examples",
                           repr(str(examples)))
    for name, value in options.items():
        if value is not None:
            other = ", or evaluation.bootstrap(...)" if name == "intervals" else ""
            raise FairkitError(f"{name} is an option of engine='tfma'", f"engine='tfma'{other}",
                               f"{name}={quote(value)}")
