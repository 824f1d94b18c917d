"""What a report is about: named results, and the metric, threshold, class and reference that it asks about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from fairkit.arguments import python_value
from fairkit.counts.rates import RATES
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD
from fairkit.view.report.choices import the_class_of, the_metric_of, the_reference_of, the_threshold_of
from fairkit.view.report.words import Words, words_of

__all__ = ["Model", "Subject", "subject_of"]

@dataclass(frozen=True)
class Model:
    """One model under its name.

    Attributes:
        evaluation: `Evaluation` or `TfmaEvaluation`; None where training alone is reported.
        about: what is known of it besides, in the form of run.json: asked, data, settings, history, training,
            architecture, versions, written.
    """

    name: str
    evaluation: object = None
    about: dict = field(default_factory=dict)

    @property
    def has_counts(self):
        return isinstance(self.evaluation, Evaluation)


@dataclass(frozen=True)
class Subject:
    """What a report is about.

    Attributes:
        models: the first is what the others are compared with.
        metric, threshold (None for a metric without), class_id, reference ({} is overall).
        words: `Words` of the data and the class.
        comparisons: for each model after the first its `Comparison` with the first, or None.
        why_not: why there is none, or "".
        examples: the `Examples` to show some of; None shows none.
    """

    models: tuple
    metric: str | None = None
    threshold: float | None = None
    class_id: int | None = None
    reference: dict = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    comparisons: tuple = ()
    why_not: str = ""
    examples: object = None

    @property
    def first(self):
        return self.models[0]

    @property
    def last(self):
        return self.models[-1]

    @cached_property
    def thresholds_of(self):
        """The threshold of each model, where there are thresholds: a matched one where the models are compared."""
        if self.threshold is None:
            return [None] * len(self.models)
        matches = [self.match(comparison) for comparison in self.comparisons]
        return [self.threshold, *(self.threshold if match is None else match.after for match in matches)]

    @cached_property
    def evaluations(self):
        """The evaluation of each model that has the threshold of `thresholds_of`: made again from its predictions
        where the model's own has not."""
        return [_with_threshold(model.evaluation, threshold, self.class_id)
                for model, threshold in zip(self.models, self.thresholds_of)]

    def match(self, comparison, kinds=("given", "matched", "unchanged")):
        """The `Match` of thresholds that a comparison is told by: of equal overall rate where there is one."""
        if self.metric == "accuracy":  # of binary scores it is told at one threshold
            kinds = ("unchanged",)
        for kind in kinds if comparison is not None else ():
            for match in comparison.matches:
                if match.kind == kind and match.class_id == self.class_id and self.threshold in (None, match.before):
                    return match
        return None


def subject_of(models, metric=None, threshold=None, class_id=None, reference=None, comparison=None, examples=None,
               **spoken):
    """The `Subject` of some `Model`s: what is not said is what the runs were asked, or what the plots show.

    Raises:
        FairkitError: for a metric, threshold, class or reference that is not there, and models that judge other
            classes or groups than the first.
    """
    models = tuple(models)
    first = models[0]
    _check_kinds(models)
    metric = the_metric_of(models, metric, class_id, comparison)
    class_id = the_class_of(models, metric, class_id)
    threshold = the_threshold_of(models, metric, threshold, class_id, comparison)
    if threshold is not None and first.has_counts:
        models = tuple(_at(model, threshold) for model in models)
    reference = _given(reference)
    if comparison is not None:
        if reference is not None and {name: str(value) for name, value in reference.items()} != comparison.reference:
            raise FairkitError("a comparison has its own reference", comparison.reference or "overall",
                               quote(reference))
        reference = comparison.reference
    elif reference is None:
        reference = the_reference_of(models)
    _check_class_names(first, spoken.get("class_names"))
    words = words_of(first.about.get("data") or {}, class_id, **spoken)
    subject = Subject(models, metric, threshold, class_id, dict(reference or {}), words, examples=examples)
    told = comparison is not None and (metric != "accuracy" or first.evaluation.classes is not None)
    comparisons, why_not = ([comparison], "") if told else _compared(subject)
    return replace(subject, comparisons=tuple(comparisons), why_not=why_not)


def _given(reference):
    if reference is None:
        return None
    if not isinstance(reference, Mapping):
        raise FairkitError("a reference names a slice", "a dict such as {'color': 'blue'}", quote(reference))
    return {str(name): python_value(value) for name, value in reference.items()}


def _check_class_names(model, names):
    predictions = getattr(model.evaluation, "predictions", None)
    outputs = None if predictions is None else predictions.classes
    if names is not None and (isinstance(names, str) or (outputs is not None and len(names) != outputs)):
        raise FairkitError("class_names do not fit the model",
                           "a list of names" if outputs is None else f"a list of {outputs} names", quote(names))


def _check_kinds(models):
    """That all have classes, or none."""
    for model in models[1:]:
        if (model.evaluation.classes is None) != (models[0].evaluation.classes is None):
            kinds = ["a score for one question" if each.evaluation.classes is None else "a score for each class"
                     for each in (models[0], model)]
            raise FairkitError("the models cannot be compared: they answer different questions",
                               f"models that give what {quote(models[0].name)} gives: {kinds[0]}",
                               f"{quote(model.name)} gives {kinds[1]}")


def _at(model, threshold):
    """A model whose evaluation has a threshold, evaluated again from its predictions where it had not."""
    evaluation = model.evaluation
    if threshold in evaluation.thresholds or evaluation.predictions is None:
        return model
    return replace(model, evaluation=evaluation.at_thresholds([*evaluation.thresholds, threshold]))


def _compared(subject):
    """(the `Comparison` of each later model with the first, or None; why there is none)."""
    from fairkit.evaluation.comparison import compare

    later = subject.models[1:]
    if not later:
        return [], ""
    if not all(model.has_counts for model in subject.models):
        return [None] * len(later), "TFMA's files hold rates without counts"
    if subject.metric not in (*RATES, "accuracy"):
        return [None] * len(later), \
            f"fairkit.compare works out what becomes of rates at a threshold, not of {subject.metric}"
    without = [model.name for model in subject.models if model.evaluation.predictions is None]
    if without:
        return [None] * len(later), f"the predictions of {' and '.join(without)} are not at hand"
    if subject.metric == "accuracy":
        first, *others = (model.evaluation if model.evaluation.classes is not None else
                          model.evaluation.at_thresholds(BINARY_ACCURACY_THRESHOLD) for model in subject.models)
        return [compare(first, other, "accuracy", subject.reference) for other in others], ""
    first = _narrow(subject.first.evaluation, subject)
    return [compare(first, _narrow(model.evaluation, subject), subject.metric, subject.reference)
            for model in later], ""


def _narrow(evaluation, subject):
    """An evaluation at the one threshold and class that the report is about: the others would only cost time."""
    if evaluation.values is not None or (evaluation.thresholds == [subject.threshold]
                                         and len(evaluation.cells.classes) == 1):
        return evaluation
    if evaluation.classes is not None and subject.class_id not in evaluation.classes:
        raise FairkitError("the evaluations judge different classes", f"class {subject.class_id}", evaluation.classes)
    return _of_class(evaluation, subject.threshold, subject.class_id)


def _with_threshold(evaluation, threshold, class_id):
    if threshold is None or threshold in evaluation.thresholds or evaluation.predictions is None:
        return evaluation
    return _of_class(evaluation, threshold, class_id)


def _of_class(evaluation, threshold, class_id):
    return evaluation.at_thresholds(threshold, None if class_id is None else [class_id])
