"""evaluate: from a model, scores or predictions to an Evaluation."""

from collections.abc import Sequence

from fairkit.counts.atoms import atoms_of
from fairkit.counts.cells import count
from fairkit.counts.slices import membership
from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.specs import checked_classes, checked_slices, checked_thresholds
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD, auc_table
from fairkit.examples import Examples
from fairkit.predictions import Predictions, predict

__all__ = ["evaluate"]

ENGINES = ("counts", "tfma")


def evaluate(what, examples: Examples | None = None, slices: Sequence = (), thresholds: Sequence[float] | None = None,
             classes: Sequence[int] | None = None, from_logits: bool = False, engine: str = "counts",
             batch_size: int = 256) -> Evaluation:
    """Rates at thresholds, accuracy and AUC, overall and by slice, each with its interval.

    Args:
        what: a Keras model, the path of a .keras file or SavedModel folder, a callable predict(inputs) -> scores, an
            array of scores, or `Predictions` (then without examples).
        examples: the `Examples` to judge on.
        slices: group features ("color"), crosses (("digit", "color")), or dicts of given values
            ({"religion": ["muslim", "jewish"]}). Overall is always there.
        thresholds: numbers in [0, 1]; an example is predicted positive where its score exceeds the threshold (both as
            float64, as in TFMA). By default .1, .2, ... .9.
        classes: class ids of a model with several outputs, each judged against the rest; None for all of them.
        from_logits: the model's outputs are logits.
        engine: "counts" (in process), or "tfma" (TFMA's own pipeline on Apache Beam; needs fairness-indicators).
        batch_size: examples a batch where a model predicts.

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
    predictions = _predictions(what, examples, from_logits, batch_size)
    if len(predictions) == 0:
        raise FairkitError("there are no examples to evaluate on", "at least one example", 0)
    specs = checked_slices(slices, predictions.groups)
    thresholds = checked_thresholds(thresholds)
    classes = checked_classes(classes, predictions.classes)
    evaluation = _count(predictions, specs, thresholds, classes)
    if engine == "tfma":
        from fairkit.evaluation.tfma_engine import evaluate_with_tfma

        features = list(dict.fromkeys(tuple(name for name, _ in spec) for spec in specs))
        values = evaluate_with_tfma(predictions, features, thresholds, evaluation.classes)
        return Evaluation(evaluation.cells, evaluation.areas, specs, thresholds, evaluation.weighted, predictions,
                          values)
    return evaluation


def _predictions(what, examples, from_logits, batch_size):
    if isinstance(what, Predictions):
        if examples is not None:
            raise FairkitError("predictions already hold their examples", "evaluate(predictions) without examples",
                               type(examples).__name__)
        return what
    if examples is None:
        raise FairkitError("there are no examples to evaluate on", "evaluate(model, examples)", "examples=None")
    return predict(what, examples, batch_size=batch_size, from_logits=from_logits)


def _count(predictions, specs, thresholds, classes):
    features = {name for spec in specs for name, _ in spec}
    atoms, codes = atoms_of({name: predictions.groups[name] for name in features}, len(predictions))
    counted = sorted({*thresholds, BINARY_ACCURACY_THRESHOLD})
    cells = count(atoms, codes, predictions.labels, predictions.scores, predictions.weights, counted, classes)
    areas = auc_table(predictions, codes, *membership(atoms, specs), classes)
    return Evaluation(cells, areas, specs, thresholds, predictions.weights is not None, predictions)
