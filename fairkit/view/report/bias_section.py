"""The bias metrics of a run, as a section of its report: given, or worked out from the predictions that it keeps."""

import math

from fairkit.bias.definitions import METRICS
from fairkit.errors import FairkitError, quote
from fairkit.view.plots.labels import capital
from fairkit.view.plots.wanted import the_choice
from fairkit.view.report.bias_parts import (
    EXPLANATION,
    absent,
    bias_picture,
    bias_table,
    chance,
    ordered_facets,
    worst,
)
from fairkit.view.report.bias_words import block_sentence, blocks_of, facet_label
from fairkit.view.report.content import Bullets, Heading, Paragraph, Section
from fairkit.view.report.words import quoted

__all__ = ["bias_reports_of", "bias_section"]

_FACETS = 24  # facet values with sentences and tables


def bias_reports_of(bias, subject):
    """(name, `BiasReport`) of each model, or one for all of them.

    Args:
        bias: a `BiasReport`; a list of them, one a model; or facets as `fairkit.bias_report` takes them (a column, a
            tuple of columns, a list, a dict of facet -> values), whose metrics are worked out from the predictions of
            each model, at its threshold in the report.
        subject: the `Subject`.
    """
    if _is_report(bias):
        return [("", bias)]
    if isinstance(bias, (list, tuple)) and bias and all(map(_is_report, bias)):
        if len(bias) not in (1, len(subject.models)):
            raise FairkitError("the bias reports do not fit the models", f"one, or {len(subject.models)}", len(bias))
        return [("" if len(bias) == 1 else model.name, each) for model, each in zip(subject.models, bias)]
    if not isinstance(bias, (str, dict, list, tuple)):
        raise FairkitError("bias is no bias report", "what fairkit.bias_report gives, or a facet such as "
                           "{'gender': 'Female'}", type(bias).__name__)
    names = [model.name if len(subject.models) > 1 else "" for model in subject.models]
    return [(name, _computed(bias, model, evaluation, threshold, subject.class_id)) for name, model, evaluation,
            threshold in zip(names, subject.models, subject.evaluations, subject.thresholds_of)]


def _is_report(bias):
    return hasattr(bias, "facets") and hasattr(bias, "outcomes")


def _computed(facet, model, evaluation, threshold, class_id):
    """The `BiasReport` of one model's predictions: a score above the threshold is positive."""
    from fairkit.bias import bias_report
    from fairkit.examples import Examples

    predictions = getattr(evaluation, "predictions", None)
    if predictions is None:
        raise FairkitError(f"the predictions of {quote(model.name)} are not at hand, so it has no bias metrics",
                           "an evaluation with its predictions, or bias= a report of fairkit.bias_report", "none")
    scores, labels = predictions.scores, predictions.labels
    if predictions.classes is not None:
        if class_id is None:
            raise FairkitError("bias metrics of a model with several classes need the positive one", "class_id= "
                               "(--class) one of them", f"{predictions.classes} classes")
        scores, labels = scores[:, class_id], labels == class_id
    if threshold is None:
        threshold = the_choice("threshold", None, evaluation.thresholds)
    data = Examples(labels=labels.astype(int), groups=predictions.groups, weights=predictions.weights)
    return bias_report(data, positive=1, facet=facet, predictions=scores, thresholds=threshold,
                       methods=[short for short, metric in METRICS.items() if metric.needs == "counts"])


def bias_section(reports, subject, pictures):
    """The `Section` of (name, `BiasReport`) pairs.

    Args:
        reports: as `bias_reports_of` gives them.
        pictures: "all" or "few" (of the facet value that stands out most, of each model), or "none".
    """
    keys = list(dict.fromkeys(key for _, report in reports for key in ordered_facets(report)))
    pairs = list(_aligned(reports, keys[:_FACETS]))
    parts = [Paragraph(_meant(subject)), Bullets(tuple(_sentences(pairs)), "lead"), Paragraph(EXPLANATION)]
    if pictures != "none":
        facet, value = worst(reports[0][1])
        for name, report in reports:
            if (facet, value) in ordered_facets(report):
                whose = f"Bias metrics of {facet_label(facet, value)}" + (f", {quoted(name)}" if name else "")
                parts.append(bias_picture(report, facet, value, name=whose))
    for key, groups in pairs:
        parts += [Heading(facet_label(*key))] * (len(keys) > 1)
        parts += [bias_table([block for _, block in group], [quoted(name) for name, _ in group]) for group in groups]
    if len(keys) > _FACETS:
        parts.append(Paragraph(f"{len(keys) - _FACETS} more facet values are in the JSON of this report."))
    lines = [f"{quoted(name)}: {line}" if name else line for name, report in reports for line in absent(report)]
    if lines:
        parts += [Heading("What could not be computed, or not of all"), Bullets(tuple(lines))]
    rows = [row for _, groups in pairs for group in groups for _, block in group for row in block.rows]
    changed = " Whether a metric changed from one model to the other is not tested: of the gaps above it is." \
        if len(reports) > 1 else ""
    return Section("bias", "Bias metrics", (*parts, Paragraph(chance(rows) + changed)))


def _meant(subject):
    words = subject.words
    return (f"The metrics of SageMaker Clarify. Positive labels are {words.noun} that {words.positive}; positive "
            f"predictions those that {words.flagged}.")


def _aligned(reports, keys):
    """(facet, value) with its groups of (name, `Block`): the same stage and threshold of each model; labels that are
    the same for all once."""
    blocks = [(name, blocks_of(report)) for name, report in reports]
    for key in keys:
        own = [[(name, block) for block in found if (block.facet, block.value) == key] for name, found in blocks]
        own = [each for each in own if each]
        groups = [list(group) for group in zip(*own, strict=False)]
        fitting = len({tuple((b.stage, *(row["metric"] for row in b.rows)) for _, b in each) for each in own}) == 1
        groups = groups if fitting else [[pair] for each in own for pair in each]
        yield key, [_once(group) for group in groups]


def _once(group):
    """One block for all where the models have the same labels."""
    first = group[0][1]
    same = first.stage == "pre_training" and all(_values(block) == _values(first) for _, block in group)
    return [("", first)] if same else group


def _values(block):
    return [(row["n_d"], row["n_a"], None if math.isnan(row["value"]) else row["value"]) for row in block.rows]


def _sentences(pairs):
    return [f"{quoted(name)}: {block_sentence(block)}" if name else capital(block_sentence(block))
            for _, groups in pairs for group in groups for name, block in group]
