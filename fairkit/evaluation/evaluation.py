"""Evaluation: the cells of one model's predictions, and the questions that they answer."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from fairkit.counts.intervals import estimate
from fairkit.counts.rates import ACCURACY
from fairkit.counts.slices import atoms_in, membership
from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.gaps import gap, parts_of
from fairkit.evaluation.shown import Shown
from fairkit.evaluation.specs import checked_metric, checked_reference, reference_of
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD, tidy
from fairkit.evaluation.tfma_names import slice_name

__all__ = ["Evaluation"]


class Evaluation(Shown):
    """Rates by slice, class and threshold, with intervals and gaps; made by `fairkit.evaluate`.

    Attributes:
        slices: the slice specifications, usable as `slices=` of another evaluation.
        thresholds: ascending.
        classes: the class ids judged against the rest, or None for a binary score.
        frame: a tidy DataFrame with a row for each slice, class, metric and threshold: slice ("Overall",
            "color:blue", "color_X_digit:blue_X_8"), class (None for binary and top-1 metrics), metric, threshold,
            value, lower and upper (95 % interval: Wilson's for rates, DeLong's for AUC), numerator, denominator (sums
            of weights), examples (of the slice), note (why a value is missing).
        cells: the `Cells` that everything comes from.
        predictions: the `Predictions`, where they are at hand: matched thresholds and paired comparison need them.
    """

    def __init__(self, cells, areas, specs, thresholds, weighted, predictions=None, values=None):
        self.cells = cells
        self.areas = areas
        self.specs = tuple(specs)
        self.thresholds = list(thresholds)
        self.weighted = weighted
        self.predictions = predictions
        self.keys, self.matrix = membership(cells.atoms, self.specs)
        self.values = values

    @property
    def slices(self):
        return [dict(spec) if any(values is not None for _, values in spec) else tuple(name for name, _ in spec)
                for spec in self.specs]

    @property
    def classes(self):
        return None if self.cells.classes == (None,) else list(self.cells.classes)

    @cached_property
    def frame(self) -> pd.DataFrame:
        frame = tidy(self)
        if self.values is not None:  # another engine's values stand in place of the counted ones
            frame["value"] = [
                self.values[key, row[0], row.metric, None if np.isnan(row.threshold) else row.threshold]
                for key, row in zip(self.row_keys(frame),
                                    frame[["class", "metric", "threshold"]].itertuples(index=False), strict=True)]
        return frame

    def row_keys(self, frame=None):
        """The slice key of each row of `frame`: names may coincide where values hold "_X_", keys do not."""
        rows = len(self.frame if frame is None else frame) // len(self.keys)
        return [key for key in self.keys for _ in range(rows)]

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

    def gaps(self, metric: str, threshold: float | None = None, reference: Mapping | None = None,
             class_id: int | None = None) -> pd.DataFrame:
        """How far each slice's rate lies above (positive) or below (negative) its reference's.

        Args:
            metric: one of the Fairness Indicators rates, or "accuracy".
            threshold: one of the evaluation's; None for all of them.
            reference: a dict that names a slice, such as {"color": "blue"}; on a cross it compares each cell with the
                cell that differs only in that. None compares with overall.
            class_id: one of the evaluation's classes; None for all of them.

        Returns:
            A DataFrame with a row for each slice that has a reference: slice, reference, class, metric, threshold,
            value, reference_value, gap, lower, upper, denominator, reference_denominator, note. The interval (95 %) is
            Newcombe's for disjoint slices, and MOVER on the disjoint parts for overlapping ones.

        Raises:
            FairkitError: for a metric, threshold, class or reference that this evaluation does not have.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["orange", "blue"] * 4})
            >>> scores = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.2, 0.8]
            >>> evaluation = fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.5])
            >>> gaps = evaluation.gaps("false_positive_rate", threshold=0.5, reference={"color": "blue"})
            >>> gaps[["slice", "value", "reference_value", "gap"]].values.tolist()
            [['color:orange', 0.75, 0.25, 0.5]]
        """
        reference = checked_reference(reference, self.cells.atoms)
        pairs = [(i, ref) for i, key in enumerate(self.keys) if (ref := reference_of(key, reference)) is not None]
        if not pairs:
            raise FairkitError("no slice of this evaluation can be compared with the reference",
                               f"a reference on features that are sliced: {list(self.cells.atoms.features)}",
                               repr(reference or "overall"))
        references = np.stack([atoms_in(self.cells.atoms, ref) for _, ref in pairs])
        slices = self.matrix[[i for i, _ in pairs]]
        parts = parts_of(slices, references)
        blocks = [self._gap_block(rate, counts, parts, slices, references)
                  | {"class": np.full(len(pairs), class_, object), "metric": metric, "threshold": at}
                  for rate, counts, class_, at in self._counts(metric, threshold, class_id)]
        names = {"slice": [slice_name(self.keys[i]) for i, _ in pairs],
                 "reference": [slice_name(ref) for _, ref in pairs]}
        columns = ["slice", "reference", "class", "metric", "threshold", "value", "reference_value", "gap", "lower",
                   "upper", "denominator", "reference_denominator", "note"]
        frames = [pd.DataFrame({**names, **block}, columns=columns) for block in blocks]
        return pd.concat(frames, ignore_index=True)

    def _counts(self, metric, threshold, class_id):
        """(rate, counts by atom, class, threshold) for each class and threshold asked for."""
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

    @staticmethod
    def _gap_block(rate, counts, parts, slices, references):
        value, lower, upper = gap(rate, counts.over(parts))
        own, _, _, _, size = estimate(rate, counts.over(slices))
        other, _, _, _, other_size = estimate(rate, counts.over(references))
        missing = f"undefined: no {rate.among} in"
        note = np.select([size <= 0, other_size <= 0], [f"{missing} this slice", f"{missing} the reference"], "")
        return {"value": own, "reference_value": other, "gap": value, "lower": lower, "upper": upper,
                "denominator": size, "reference_denominator": other_size, "note": note}

    def __repr__(self):
        classes = "" if self.classes is None else f", classes {self.classes}"
        return f"Evaluation({len(self.keys)} slices, thresholds {self.thresholds}{classes})"

    def save(self, folder):
        """Writes the cells, TFMA's result files and the predictions into a folder; see `fairkit.load_evaluation`."""
        from fairkit.evaluation.files import save_evaluation

        save_evaluation(self, folder)
