"""Evaluation: the cells of one model's predictions, and the questions that they answer."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from fairkit.counts.rates import ACCURACY, RATES
from fairkit.counts.slices import membership
from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.shown import Shown
from fairkit.evaluation.specs import checked_metric
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD, SCORE_METRICS, tidy

__all__ = ["Evaluation"]


class Evaluation(Shown):
    """Rates by slice, class and threshold, with intervals and gaps; made by `fairkit.evaluate`.

    Attributes:
        slices: the slice specifications, usable as `slices=` of another evaluation.
        thresholds: ascending.
        classes: the class ids judged against the rest, or None for a binary score.
        metrics: the names of the metrics in `frame`.
        min_examples: rates with fewer examples in the denominator are marked "too few" in their note.
        frame: a tidy DataFrame with a row for each slice, class, metric and threshold: slice ("Overall",
            "color:blue", "color_X_digit:blue_X_8"), class (None for binary and top-1 metrics), metric, threshold,
            value, lower and upper (95 % interval: Wilson's for rates, DeLong's for AUC), numerator, denominator (sums
            of weights), examples (of the slice), note (why a value is missing, or what to know of it).
        cells: the `Cells` that everything comes from.
        predictions: the `Predictions`, where they are at hand: matched thresholds and paired comparison need them.
    """

    def __init__(self, cells, areas, specs, thresholds, weighted, predictions=None, values=None, metrics=None,
                 min_examples=0, bins=None):
        self.cells, self.areas = cells, areas
        self.specs, self.bins = tuple(specs), dict(bins or {})
        self.thresholds = list(thresholds)
        self.weighted, self.min_examples = weighted, min_examples
        self.predictions = predictions
        self.keys, self.matrix = membership(cells.atoms, self.specs)
        self.values = values
        self.asked_metrics = metrics

    @property
    def slices(self):
        return [self._as_asked(spec) for spec in self.specs]

    def _as_asked(self, spec):
        wanted = {name: self.bins.get(name, values if values is None else list(values)) for name, values in spec}
        return tuple(wanted) if all(values is None for values in wanted.values()) else wanted

    @property
    def classes(self):
        return None if self.cells.classes == (None,) else list(self.cells.classes)

    @property
    def metrics(self):
        every = ["example_count", *(["weighted_example_count"] if self.weighted else []), "accuracy", "auc",
                 *SCORE_METRICS, *RATES]
        return every if self.asked_metrics is None else [m for m in every if m in self.asked_metrics]

    @cached_property
    def frame(self) -> pd.DataFrame:
        frame = tidy(self)
        if self.values is not None:  # another engine's values stand in place of the counted ones
            rows = frame[["class", "metric", "threshold", "value"]].itertuples(index=False, name=None)
            frame["value"] = [
                self.values.get((key, class_id, metric, None if np.isnan(threshold) else threshold), counted)
                for key, (class_id, metric, threshold, counted) in zip(self.row_keys(frame), rows, strict=True)]
        return frame

    def row_keys(self, frame=None):
        """The slice key of each row of `frame`: names may coincide where values hold "_X_", keys do not."""
        rows = len(self.frame if frame is None else frame) // len(self.keys)
        return [key for key in self.keys for _ in range(rows)]

    @property
    def without_group(self):
        """dict of feature -> number of examples with no value of it, which are in no slice of that feature."""
        atoms, totals = self.cells.atoms, self.cells.totals_by_atom()[:, 0]
        empty = np.array([[not cell for cell in cells] for cells in atoms.cells], bool).reshape(len(atoms), -1)
        return {feature: int(totals[empty[:, row]].sum()) for row, feature in enumerate(atoms.features)}

    def value(self, metric: str, slice: str = "Overall", threshold: float | None = None,
              class_id: int | None = None) -> float:
        """One value of the frame.

        Raises:
            FairkitError: if there is no such row.
        """
        rows = self.frame
        for column, wanted in (("metric", metric), ("slice", slice), ("class", class_id), ("threshold", threshold)):
            missing = wanted is None or (isinstance(wanted, float) and np.isnan(wanted))
            hit = rows[rows[column].isna() if missing else rows[column] == wanted]
            if hit.empty:
                raise FairkitError(f"this evaluation has no {column} {wanted!r} for {metric!r}",
                                   nearest(wanted, rows[column].drop_duplicates()), repr(wanted))
            rows = hit
        return float(rows["value"].iloc[0])

    def confusion(self, slice: str = "Overall", threshold: float | None = None) -> pd.DataFrame:
        """The confusion matrix of a slice: sums of weights by label (rows) and predicted class (columns).

        Args:
            slice: the name of a slice, as in `frame`.
            threshold: of a binary score; None where there is only one. Without meaning for several classes, where the
                prediction is the class with the highest score.

        Raises:
            FairkitError: for a slice or threshold that this evaluation does not have.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 1, 1], groups={})
            >>> fairkit.evaluate([.2, .6, .3], examples, thresholds=[.5]).confusion().values.tolist()
            [[1.0, 0.0], [1.0, 1.0]]
        """
        from fairkit.evaluation.confusion import confusion_matrix

        return confusion_matrix(self, slice, threshold)

    def gaps(self, metric: str, threshold: float | None = None, reference: Mapping | None = None,
             class_id: int | None = None) -> pd.DataFrame:
        """How far each slice's rate (or AUC) lies above or below its reference's: `fairkit.evaluation.gap_tables`.

        Args:
            metric: one of the rates, "accuracy" or "auc".
            threshold: one of the evaluation's; None for all of them.
            reference: a dict that names a slice, such as {"color": "blue"}; on a cross it compares each cell with the
                cell that differs only in that. None compares with overall.
            class_id: one of the evaluation's classes; None for all of them.

        Returns:
            A DataFrame with a row for each slice that has a reference: difference and ratio with 95 % intervals, the
            score test's p-value, and that adjusted over the slices of one feature (Holm).

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["orange", "blue"] * 4})
            >>> scores = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.2, 0.8]
            >>> evaluation = fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.5])
            >>> gaps = evaluation.gaps("false_positive_rate", threshold=0.5, reference={"color": "blue"})
            >>> gaps[["slice", "value", "reference_value", "gap"]].values.tolist()
            [['color:orange', 0.75, 0.25, 0.5]]
        """
        from fairkit.evaluation.gap_tables import gap_table

        return gap_table(self, metric, threshold, reference, class_id)

    def counts_of(self, metric, threshold=None, class_id=None):
        """A list of (rate, `Counts` by atom, class or None, threshold or NaN): one for each class and threshold asked for.

        Raises:
            FairkitError: for a metric, threshold or class that this evaluation does not have.
        """
        if metric == "accuracy":
            if self.classes:
                return [(ACCURACY, self.cells.top1_by_atom().at(0), None, np.nan)]
            at = self.cells.thresholds.tolist().index(BINARY_ACCURACY_THRESHOLD)
            return [(ACCURACY, self.cells.by_atom(None).at(at), None, np.nan)]
        rate = checked_metric(metric)
        if threshold is not None and float(threshold) not in self.thresholds:
            raise FairkitError("this evaluation has no such threshold", f"one of {self.thresholds}", repr(threshold))
        if class_id is not None and class_id not in self.cells.classes:
            raise FairkitError("this evaluation has no such class", f"one of {self.classes}", repr(class_id))
        found = []
        for class_ in self.cells.classes if class_id is None else [class_id]:
            counts = self.cells.by_atom(class_)
            for at in self.thresholds if threshold is None else [float(threshold)]:
                found.append((rate, counts.at(self.cells.thresholds.tolist().index(at)), class_, at))
        return found

    def __repr__(self):
        classes = "" if self.classes is None else f", classes {self.classes}"
        return f"Evaluation({len(self.keys)} slices, thresholds {self.thresholds}{classes})"

    def save(self, folder):
        """Writes the cells, TFMA's result files and the predictions into a folder; see `fairkit.load_evaluation`."""
        from fairkit.evaluation.files import save_evaluation

        save_evaluation(self, folder)
