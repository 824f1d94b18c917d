"""Examples that were judged wrongly, by group: only where they are asked for, since they are people's."""

from collections.abc import Mapping

from fairkit.errors import FairkitError, quote
from fairkit.examples import chosen_input
from fairkit.view.description import shortened
from fairkit.view.report.content import Paragraph, Section, Table
from fairkit.view.report.figures import figure
from fairkit.view.report.pictures import picture_of
from fairkit.view.report.words import quoted

__all__ = ["examples_section"]

_LONGEST = 300
_EACH = 5


def examples_section(subject, feature=None):
    """The `Section`: texts or images of each model's errors, the surest first, by the values of a feature."""
    parts = [Paragraph("These are people's own. They are shown because whoever made this page asked for them.",
                       "warning")]
    for model, evaluation, threshold in zip(subject.models, subject.evaluations, subject.thresholds_of):
        if model.has_counts and evaluation.predictions is not None:
            parts.append(_shown(model, evaluation, threshold, subject, feature))
    if len(parts) == 1:
        raise FairkitError("examples can be shown only of a run with its predictions",
                           "a run with predictions.parquet in its folder", "none")
    return Section("examples", "Examples that were judged wrongly", tuple(parts))


def _shown(model, evaluation, threshold, subject, feature):
    options = {"by": feature, "class_id": subject.class_id, "threshold": threshold, "most": _EACH, "order": "score"}
    if subject.metric in ("false_positive_rate", "true_negative_rate", "specificity"):
        options["show"] = "false_positives"
    elif subject.metric in ("false_negative_rate", "true_positive_rate", "recall"):
        options["show"] = "false_negatives"
    else:
        options["show"] = "errors"
    if subject.class_id is None and evaluation.classes is not None:
        options["show"] = "errors"
    if isinstance(subject.examples.inputs, Mapping) and len(subject.examples.inputs) > 1:
        raise FairkitError("only texts and images can be shown as examples",
                           "examples with one input, or examples=None",
                           f"inputs {', '.join(map(quote, sorted(subject.examples.inputs)))}")
    _, inputs = chosen_input(subject.examples.inputs, None, "to show")
    if len(inputs) and isinstance(inputs[0], str):
        return _texts(model, evaluation, subject, options)
    from fairkit.view.plots.example_images import example_images

    return picture_of(example_images(evaluation, subject.examples, **{**options, "most": 8}),
                      f"Errors of {quoted(model.name)}")


def _texts(model, evaluation, subject, options):
    from fairkit.view.plots.example_texts import example_texts

    found = example_texts(evaluation, subject.examples, **options)
    rows = tuple((quoted(row.slice), figure(float(row.score)), str(row.label),
                  shortened(" ".join(str(row.text).split()), _LONGEST)) for row in found.frame.itertuples())
    return Table(f"{quoted(model.name)}: {found.title}", ("slice", "score", "label", "text"), rows)
