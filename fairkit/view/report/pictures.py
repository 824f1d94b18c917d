"""The pictures of a report: the plots of `fairkit.view`, as PNG with the picture in words."""

import io

from fairkit.errors import FairkitError
from fairkit.view.description import shortened
from fairkit.view.report.content import Picture
from fairkit.view.report.words import quoted

__all__ = ["answer_pictures", "curve_pictures", "picture_of", "training_picture"]

_DOTS, _SEEN = 150, 96  # dots an inch of the file, and of a page
_LONGEST_ALT = 1000


def picture_of(display, name):
    """A `Display` as a `Picture`; the same numbers give the same bytes."""
    file = io.BytesIO()
    display.figure.savefig(file, format="png", dpi=_DOTS, metadata={"Software": None})
    width, height = display.figure.get_size_inches() * _SEEN
    return Picture(name, shortened(display.alt, _LONGEST_ALT), file.getvalue(), round(width), round(height))


def training_picture(history, name):
    """The training curves."""
    from fairkit.view.plots.training import plot_training

    return picture_of(plot_training(history), f"Training of {quoted(name)}")


def answer_pictures(subject):
    """The gaps: before and after for each comparison, or of one model."""
    from fairkit.view.plots.gaps import plot_gaps

    found = []
    for model, comparison in zip(subject.models[1:], subject.comparisons):
        if comparison is not None and subject.match(comparison) is not None:
            kind = subject.match(comparison).kind
            found.append(_tried(plot_gaps, comparison, threshold=subject.threshold, class_id=subject.class_id,
                                thresholds="unchanged" if kind == "unchanged" else "matched", sort=True,
                                names=[subject.first.name, model.name],
                                called="Gaps before and after" if model.name == "after" else
                                f"Gaps before and after {quoted(model.name)}"))
    if not found and subject.first.has_counts:
        found.append(_tried(plot_gaps, subject.first.evaluation, metric=subject.metric, threshold=subject.threshold,
                            class_id=subject.class_id, reference=subject.reference or None, sort=True, called="Gaps"))
    return [picture for picture in found if picture is not None]


def curve_pictures(subject, feature=None):
    """Rates by slice, of each comparison, and the ROC curves by a feature; by the first if none is named."""
    from fairkit.view.plots.rates import plot_rates
    from fairkit.view.plots.score_curves import plot_roc

    options = {"metric": subject.metric, "threshold": subject.threshold, "class_id": subject.class_id,
               "reference": subject.reference or None}
    names, matches = [model.name for model in subject.models], [subject.match(each) for each in subject.comparisons]
    if matches and all(matches):
        found = [_tried(plot_rates, comparison, **options, names=[names[0], name],
                        thresholds="unchanged" if match.kind == "unchanged" else "matched",
                        called="Rates" if len(matches) == 1 else f"Rates, {quoted(names[0])} and {quoted(name)}")
                 for comparison, match, name in zip(subject.comparisons, matches, names[1:])]
    else:
        found = [_tried(plot_rates, *(model.evaluation for model in subject.models), **options, called="Rates",
                        names=names if len(names) > 1 else None)]
    if subject.metric != "accuracy" or subject.first.evaluation.classes is None:
        found += [_tried(plot_roc, evaluation, by=feature, class_id=subject.class_id, threshold=threshold,
                         called=f"ROC curves, {quoted(model.name)}")
                  for model, evaluation, threshold in zip(subject.models, subject.evaluations, subject.thresholds_of)
                  if model.has_counts]
    return [picture for picture in found if picture is not None]


def _tried(plot, *results, called, **options):
    """The picture, or None where these results have none: more curves than can be told apart, no slice, no score."""
    options = {name: value for name, value in options.items() if value is not None}
    try:
        return picture_of(plot(*results, **options), called)
    except FairkitError:
        return None
