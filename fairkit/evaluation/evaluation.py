"""Evaluation: the cells of one model's predictions, and the questions that they answer."""

from functools import cached_property

import numpy as np
import pandas as pd

from fairkit.arguments import is_number
from fairkit.counts.rates import ACCURACY
from fairkit.counts.slices import membership, sets_of, slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.areas import FoundAreas
from fairkit.evaluation.bootstrapped import bootstrap
from fairkit.evaluation.checking import check
from fairkit.evaluation.confusion import confusion_matrix
from fairkit.evaluation.detectable import detectable_gap
from fairkit.evaluation.gap_tables import gap_table
from fairkit.evaluation.gap_tests import any_gap
from fairkit.evaluation.lookup import rows_in, value_in
from fairkit.evaluation.prediction_counts import count_predictions
from fairkit.evaluation.served import best_and_worst
from fairkit.evaluation.shown import Shown
from fairkit.evaluation.specs import checked_classes, checked_metric, checked_thresholds, cut_groups, metric_names
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD, tidy
from fairkit.handed_out import HandedOut, kept

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
            value, lower and upper (95 % interval: docs/evaluation.md has the methods), numerator, denominator (sums
            of weights), examples (of the slice), note (why a value is missing, or what to know of it).
        cells: the `Cells` that everything comes from.
        keys, members: the slices' keys, and the `AtomSets` of their atoms.
        predictions: the `Predictions`, where they are at hand: matched thresholds and paired comparison need them.
        values: with engine="tfma" TFMA's values and intervals by (slice key, class, metric, threshold), else None.
        config: TFMA's `EvalConfig` that it was asked for by (as JSON text where it was loaded), or None.
        left_out: the names of slices with fewer examples than the config's min_slice_size, of which nothing is shown.
    """

    def __init__(self, cells, areas, specs, thresholds, weighted, predictions=None, values=None, metrics=None,
                 min_examples=0, bins=None, config=None, min_slice_size=0):
        self.cells, self.areas = cells, areas
        self.specs, self.bins = tuple(specs), dict(bins or {})
        self.thresholds = list(thresholds)
        self.weighted, self.min_examples = weighted, min_examples
        self.predictions = predictions
        self.keys, self.members = membership(cells.atoms, self.specs)
        self.values = values
        self.asked_metrics = metrics
        self.config, self.min_slice_size = config, min_slice_size
        small = self.too_small(self.keys)
        self.left_out_keys = [key for key in self.keys if key in small]
        if small:
            shown = [place for place, key in enumerate(self.keys) if key not in small]
            self.keys, self.members = [self.keys[place] for place in shown], self.members[shown]

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
        every = metric_names(self.weighted)
        return every if self.asked_metrics is None else [m for m in every if m in self.asked_metrics]

    thresholds = HandedOut()

    @HandedOut
    def frame(self) -> pd.DataFrame:
        return self._rows[0]

    @property
    def row_keys(self):
        """The slice key of each row of `frame`: names may coincide where values hold "_X_", keys do not."""
        return self._rows[1]

    @cached_property
    def _rows(self):
        frame = tidy(self)
        keys = [key for key in self.keys for _ in range(len(frame) // len(self.keys))]
        if self.values is None:
            return frame, keys
        from fairkit.evaluation.tfma.result import with_values

        return with_values(frame, keys, self.values)

    def too_small(self, keys):
        """The slice keys whose slices hold fewer examples than min_slice_size; overall is never among them."""
        if self.min_slice_size < 2 or not keys:
            return set()
        sizes = sets_of(self.cells.atoms, list(keys)).sums(self.cells.totals_by_atom())[:, 0]
        return {key for key, size in zip(keys, sizes, strict=True) if key and size < self.min_slice_size}

    @property
    def left_out(self):
        return [slice_name(key) for key in self.left_out_keys]

    @HandedOut
    def cross_slices(self) -> pd.DataFrame | None:
        """The gaps between pairs of slices that a TFMA config asks for (cross_slicing_specs); None without such.

        A row for each pair, class, metric and threshold: baseline, comparison, class, metric, threshold, gap (baseline
        minus comparison, as in TFMA), lower, upper (95 %, of rates, accuracy and AUC), note.
        """
        from fairkit.evaluation.cross_slices import cross_slices

        return cross_slices(self)

    @cached_property
    def validation(self):
        """What became of the thresholds that a TFMA config sets on values; None where it sets none.

        A `fairkit.evaluation.tfma.validation.Validation`: `ok` is TFMA's verdict, `frame` has every check.
        """
        from fairkit.evaluation.tfma.judging import validation_of

        return validation_of(self)

    @property
    def examples(self):
        """The number of examples."""
        return int(self.cells.totals_by_atom()[:, 0].sum())

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
        return value_in(kept(self), metric, slice, threshold, class_id)

    def rows(self, metric: str, by=None, threshold: float | None = None, class_id: int | None = None,
             slice: str | None = None) -> pd.DataFrame:
        """The rows of `frame` for one metric: slice, value, lower, upper, numerator, denominator, examples, note.

        Args:
            metric: one of `metrics`.
            by: a feature, a tuple of features (their cross), or a list of these: their slices only; None for all
                slices and overall.
            threshold, class_id, slice: of the rows; None for all. Where the metric has thresholds or classes, they are
                columns.

        Raises:
            FairkitError: if there is no such row.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 0, 1, 1], groups={"color": ["blue", "orange"] * 2})
            >>> evaluation = fairkit.evaluate([.2, .8, .7, .9], examples, ["color"], [.5])
            >>> evaluation.rows("accuracy", by="color")[["slice", "value", "examples"]].values.tolist()
            [['color:blue', 1.0, 2], ['color:orange', 0.5, 2]]
        """
        return rows_in(kept(self), self.keys, metric, by, threshold, class_id, slice)

    def at_thresholds(self, thresholds, classes=None) -> "Evaluation":
        """The same predictions, slices, metrics and min_examples, counted at other thresholds.

        Args:
            thresholds: a number in [0, 1] or several.
            classes: some of the class ids; None for those of this evaluation.

        Returns:
            An `Evaluation`. Its values are counted, where this one's were TFMA's, too.

        Raises:
            FairkitError: for an evaluation without predictions, and as `fairkit.evaluate` for thresholds and classes.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 0, 1, 1], groups={})
            >>> evaluation = fairkit.evaluate([.2, .8, .7, .9], examples, thresholds=[.5])
            >>> evaluation.at_thresholds(.1).value("false_positive_rate", threshold=.1)
            1.0
        """
        if self.predictions is None:
            raise FairkitError("this evaluation holds no predictions, so it cannot be counted at other thresholds",
                               "an evaluation made by fairkit.evaluate, or loaded from a run with predictions.parquet",
                               quote(self))
        thresholds = checked_thresholds(thresholds)
        classes = self.cells.classes if classes is None else checked_classes(classes, self.predictions.classes)
        groups, _ = cut_groups(self.predictions.groups, self.bins)
        cells, codes = count_predictions(self.predictions.with_groups(groups), self.specs, thresholds, classes)
        areas = FoundAreas.of_rows(self.predictions, cells.atoms, codes)
        return Evaluation(cells, areas, self.specs, thresholds, self.weighted, self.predictions,
                          metrics=self.asked_metrics, min_examples=self.min_examples, bins=self.bins,
                          min_slice_size=self.min_slice_size)

    # What is asked of an evaluation, a module each; there the evaluation is the first argument.
    gaps = gap_table
    any_gap = any_gap
    best_and_worst = best_and_worst
    detectable_gap = detectable_gap
    check = check
    bootstrap = bootstrap
    confusion = confusion_matrix

    def counts_of(self, metric, threshold=None, class_id=None):
        """A list of (rate, `Counts` by atom, class or None, threshold or NaN), one for each class and threshold.

        Raises:
            FairkitError: for a metric, threshold or class that this evaluation does not have.
        """
        if metric == "accuracy":
            if self.classes:
                return [(ACCURACY, self.cells.top1_by_atom().at(0), None, np.nan)]
            at = self.cells.thresholds.tolist().index(BINARY_ACCURACY_THRESHOLD)
            return [(ACCURACY, self.cells.by_atom(None).at(at), None, np.nan)]
        rate = checked_metric(metric)
        if threshold is not None and (not is_number(threshold) or float(threshold) not in self.thresholds):
            raise FairkitError("this evaluation has no such threshold", f"one of {self.thresholds}",
                               quote(float(threshold) if is_number(threshold) else threshold))
        if class_id is not None and class_id not in self.cells.classes:
            raise FairkitError("this evaluation has no such class", f"one of {self.classes}", quote(class_id))
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
        """Writes the cells, the predictions and TFMA's result files into a folder; see `fairkit.load_evaluation`.

        `tfma.load_eval_result(folder)` reads the same folder. It is there whole or not at all; one that fairkit wrote
        is replaced, and one with anything else in it is refused by `FairkitError`. Where a TFMA config has slices
        smaller than min_slice_size left out, TFMA's files are all that is written: cells and predictions hold these
        slices.
        """
        from fairkit.evaluation.files import save_evaluation

        save_evaluation(self, folder)
