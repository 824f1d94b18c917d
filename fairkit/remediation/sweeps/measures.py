"""What is measured of one trained model: its gap at matched thresholds, and its quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairkit.arguments import is_number
from fairkit.counts.rates import ACCURACY
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.evaluating import evaluate
from fairkit.evaluation.matching import match_threshold, overall_rate
from fairkit.evaluation.specs import checked_classes, checked_metric, checked_thresholds

__all__ = ["Gap", "measured"]


@dataclass(frozen=True)
class Gap:
    """How a sweep measures a gap: the largest distance, up or down, of a slice's rate from its reference's.

    Attributes:
        slices, classes, min_examples: as for `fairkit.evaluate`; slices with fewer examples in a denominator are left
            out.
        metric: a rate.
        reference: a dict that names the slice that the others are compared with; None is overall.
        threshold: of the control.
        overall_rate: in place of the threshold: that at which the control's overall rate comes nearest to this.
    """

    slices: Sequence
    metric: str = "false_positive_rate"
    reference: Mapping | None = None
    threshold: float | None = None
    overall_rate: float | None = None
    classes: Sequence[int] | None = None
    min_examples: int = 30

    def checked(self, predictions):
        """This gap, if it can be measured on the examples of some `Predictions`.

        Raises:
            FairkitError: for a rate, slice, reference, class or threshold that is not there, and where every slice is
                too small.
        """
        checked_metric(self.metric)
        if self.threshold is not None and self.overall_rate is not None:
            raise FairkitError("the control's threshold is given twice", "threshold or overall_rate",
                               f"threshold={quote(self.threshold)} and overall_rate={quote(self.overall_rate)}")
        rate = self.overall_rate
        if rate is not None and (not is_number(rate) or not 0 < rate < 1):
            raise FairkitError("the overall rate is no share", "above 0 and below 1", quote(rate))
        if self.threshold is not None and np.ndim(self.threshold):
            raise FairkitError("a sweep judges at one threshold", "a number in [0, 1]", quote(self.threshold))
        checked_thresholds(0.5 if self.threshold is None else self.threshold)
        # Rates whose denominator hangs on the model have examples in it for one of these two models at least.
        large = [_large_enough(self, _gaps(self, _evaluated(self, _constant(predictions, score), c, 0.5)))
                 for score in (0.0, 1.0) for c in self.classes_of(predictions)]
        if not any(names.any() for names in large):
            tables = [_gaps(self, _evaluated(self, _constant(predictions, 1.0), c, 0.5))
                      for c in self.classes_of(predictions)]
            most = max((float(table["denominator"].max()) for table in tables), default=0.0)
            raise FairkitError("every slice of the validation split is too small to measure a gap by",
                               f"a slice with {self.min_examples} {checked_metric(self.metric).among}, or a smaller "
                               "min_examples", f"at most {most:g}")
        return self

    def point(self, control, class_id):
        """(threshold, overall rate) of the control."""
        threshold, rate = 0.5 if self.threshold is None else float(self.threshold), checked_metric(self.metric)
        if self.overall_rate is not None:
            threshold = match_threshold(rate, self.overall_rate, control, class_id)
        return threshold, overall_rate(rate, control, class_id, threshold)

    def classes_of(self, predictions):
        """The class ids that are judged against the rest; [None] for binary scores."""
        if self.classes is None and predictions.classes == 2:
            return [1]
        return checked_classes(self.classes, predictions.classes)


def measured(gap, predictions, control, at=None):
    """A dict of what is measured of one model against the plain one that was trained with the same seed.

    At the threshold of `gap` the control has an overall rate; the model is judged at its own threshold where its
    overall rate is nearest to that ("matched"), and at the control's threshold ("unchanged").

    Args:
        gap: `Gap`.
        predictions, control: `Predictions` of the two models on the same examples.
        at: the threshold of the model, where that is settled, in place of both.

    Returns:
        dict of gap, slice (the one with the gap, and class), threshold_control, threshold, overall_control, overall
        (the rates at these), gap_unchanged, auc (the mean over classes), and accuracy: of binary scores that of the
        decisions at `threshold`, of several classes that of the most likely one. With several classes the gap is the
        largest of them all.
    """
    rate = checked_metric(gap.metric)
    found = {"gap": np.nan, "gap_unchanged": np.nan, "slice": None, "class": None}
    areas = []
    for class_id in gap.classes_of(predictions):
        first, target = gap.point(control, class_id)
        second = at if at is not None else first if predictions is control or np.isnan(target) else \
            match_threshold(rate, target, predictions, class_id)
        enough = _large_enough(gap, _gaps(gap, _evaluated(gap, control, class_id, first)))
        evaluation = _evaluated(gap, predictions, class_id, second)
        matched, worst = _largest(_gaps(gap, evaluation), enough)
        unchanged, _ = _largest(_gaps(gap, evaluation.at_thresholds(first if at is None else at)), enough)
        areas.append(evaluation.value("auc", class_id=class_id))
        if np.isnan(found["gap"]) or matched > found["gap"]:
            found |= {"gap": matched, "slice": worst, "class": class_id, "threshold_control": first,
                      "threshold": second, "overall_control": target,
                      "overall": overall_rate(rate, predictions, class_id, second)}
        found["gap_unchanged"] = np.fmax(found["gap_unchanged"], unchanged)
    accuracy = \
        evaluation.value("accuracy") if predictions.classes else overall_rate(ACCURACY, predictions, None, second)
    return {**found, "auc": float(np.mean(areas)), "accuracy": accuracy}


def _evaluated(gap, predictions, class_id, threshold):
    return evaluate(predictions, slices=gap.slices, thresholds=[threshold],
                    classes=None if class_id is None else [class_id], min_examples=gap.min_examples,
                    metrics=[gap.metric, "auc", "accuracy"])


def _gaps(gap, evaluation):
    return evaluation.gaps(gap.metric, reference=gap.reference)


def _large_enough(gap, table):
    return (table["denominator"] >= gap.min_examples).to_numpy() & \
        (table["reference_denominator"] >= gap.min_examples).to_numpy()


def _largest(table, enough):
    """(size, slice) of the largest gap of the rows that are large enough; (NaN, None) where there is none."""
    sizes = table["gap"].abs().where(enough)
    return (np.nan, None) if sizes.isna().all() else (float(sizes.max()), table["slice"][sizes.idxmax()])


def _constant(predictions, score):
    return predictions.with_scores(np.full(predictions.scores.shape, score))
