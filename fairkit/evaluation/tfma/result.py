"""TfmaEvaluation: values that TFMA computed, without the counts behind them."""

from pathlib import Path

import numpy as np
import pandas as pd

from fairkit.counts.rates import RATES
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.checking import check_values
from fairkit.evaluation.cross_slices import cross_slice_frame
from fairkit.evaluation.lookup import rows_in, value_in
from fairkit.evaluation.shown import Shown
from fairkit.evaluation.table import COLUMNS
from fairkit.evaluation.tfma.config import thresholds_of
from fairkit.evaluation.tfma.format import (
    cross_values_of,
    files_of,
    left_out_of,
    loaded,
    not_numbers_in,
    put_files,
    result_folder,
    tfma_place,
    values_of,
)
from fairkit.evaluation.tfma.metrics import INDICATORS
from fairkit.evaluation.tfma.request import read_config, spec_of
from fairkit.evaluation.tfma.running import require_indicators
from fairkit.evaluation.tfma.sliced import metrics_in
from fairkit.evaluation.tfma.validation import validated
from fairkit.handed_out import HandedOut, kept

__all__ = ["TfmaEvaluation", "load_tfma", "tfma_evaluation", "with_values"]

_NEED_COUNTS = {"areas", "bins", "bootstrap", "cells", "detectable_gap", "keys", "members", "specs", "weighted"}


class TfmaEvaluation(Shown):
    """What TFMA measured, read from its files; made by `load_tfma`, or by a run of TFMA on a config or on records.

    TFMA's files hold rates, not counts. So there are values and, where TFMA was asked for them, intervals; whatever
    needs the counts (gaps, detectable_gap, bootstrap, a comparison) is refused.

    Attributes:
        slices: the slice specifications, usable as `slices=` of `fairkit.evaluate`.
        thresholds: ascending; empty if TFMA was asked for no rate at a threshold.
        classes: the class ids judged against the rest, ascending; None if there is none.
        frame: a tidy DataFrame with a row for each slice, class, metric and threshold, and the columns of
            `Evaluation.frame`. numerator and denominator are missing. examples is missing where TFMA did not count
            them. lower and upper are TFMA's interval, which may reach outside the metric's range.
        values: dict of (slice key, class or None, metric, threshold or None) -> (value, lower, upper).
        config: TFMA's `EvalConfig`.
        cross_slices: the gaps between pairs of slices that the config names, as `Evaluation.cross_slices`; or None.
        validation: what became of the thresholds that the config sets on values, as `Evaluation.validation`; or None.
        left_out: the names of slices with fewer examples than the config's min_slice_size.
        not_shown: TFMA's names of what it computed and no number holds: plots and matrices. They are in the files that
            `save` writes: `tfma.load_plots(folder)`, `tfma.load_eval_result(folder)`.
    """

    predictions = None

    def __init__(self, values, config, files, crossed=None, validation=None, left_out=(), not_shown=()):
        self.values = values
        self.cross_slices = cross_slice_frame({
            pair: {place: (*numbers, "undefined" if np.isnan(numbers[0]) else "") for place, numbers in found.items()}
            for pair, found in crossed.items()}) if crossed else None
        self.validation = validation
        self.left_out, self.not_shown = [slice_name(key) for key in left_out], list(not_shown)
        self.config = config
        self.slices = [spec_of(spec) for spec in config.slicing_specs] or [()]
        self.thresholds = sorted({*thresholds_of(config), *(key[3] for key in values if key[3] is not None)})
        self.classes = sorted({key[1] for key in values if key[1] is not None}) or None
        self.tfma_files = files

    @HandedOut
    def frame(self) -> pd.DataFrame:
        metrics = {metric: place for place, metric in enumerate(dict.fromkeys(key[2] for key in self.values))}
        shown = [item for item in self.values.items() if not _is_repeated(item[0], self.values)]
        return _frame(sorted(shown, key=lambda item: _order(item[0], metrics)), self.values)

    def value(self, metric: str, slice: str = "Overall", threshold: float | None = None,
              class_id: int | None = None) -> float:
        """One value of the frame.

        Raises:
            FairkitError: if there is no such row.
        """
        return value_in(kept(self), metric, slice, threshold, class_id)

    def rows(self, metric: str, by=None, threshold: float | None = None, class_id: int | None = None,
             slice: str | None = None) -> pd.DataFrame:
        """The rows of `frame` for one metric; as `Evaluation.rows`."""
        return rows_in(kept(self), list(dict.fromkeys(key for key, *_ in self.values)), metric, by, threshold, class_id,
                       slice)

    def check(self, limits=None, reference=None, threshold: float | None = None, class_id=None, *, at_least=None,
              at_most=None):
        """Whether every slice's values are within limits, by TFMA's intervals; as `Evaluation.check`, without gaps.

        Raises:
            FairkitError: for limits of gaps, which need counts, and as `Evaluation.check` does.
        """
        if limits is not None or reference is not None:
            raise FairkitError("check needs counts for limits of gaps, and TFMA's files hold rates only",
                               "at_least=, at_most=, or an evaluation by engine='counts'",
                               f"limits={quote(limits)}, reference={quote(reference)}")
        if at_least is None and at_most is None:
            raise FairkitError("there is nothing to check", "at_least= or at_most=, such as {'auc': 0.9}", "neither")
        return check_values(self.frame, at_least, at_most, threshold, class_id)

    def save(self, folder):
        """Writes TFMA's own files, as they were, into a folder; see `fairkit.load_evaluation`.

        The folder is there whole or not at all, readable by its owner only; an older TFMA result there is replaced.
        `tfma.load_eval_result`,
        `tfma.load_plots` and `tfma.load_validation_result` read it.

        Raises:
            FairkitError: if TFMA's files are not at hand, or the folder holds anything but a TFMA result.
        """
        if not self.tfma_files:
            raise FairkitError("this evaluation was made of an EvalResult, without TFMA's files",
                               "an evaluation by fairkit.load_evaluation(folder), which can be saved", quote(self))
        with result_folder(folder) as new:
            put_files(new, self.tfma_files)

    def __getattr__(self, name):
        """Refuses whatever an `Evaluation` has and this has not; asked for only where a name is not found."""
        from fairkit.evaluation.evaluation import Evaluation

        if name in _NEED_COUNTS or (not name.startswith("_") and hasattr(Evaluation, name)):
            raise FairkitError(f"{name} needs counts, and TFMA's files hold rates only",
                               "an evaluation by engine='counts', or a folder with cells.npz in it", quote(self))
        raise AttributeError(f"'TfmaEvaluation' has no attribute {quote(name)}")

    def __repr__(self):
        classes = "" if self.classes is None else f", classes {self.classes}"
        slices = len({key[0] for key in self.values})
        hidden = f"; not shown: {', '.join(self.not_shown)}" if self.not_shown else ""
        return f"TfmaEvaluation({slices} slices, thresholds {self.thresholds}{classes}; values without counts{hidden})"


def load_tfma(folder, model=None, output=None):
    """The `TfmaEvaluation` of a folder with TFMA's files, whoever wrote them.

    Args:
        folder: with eval_config.json and metrics-*.tfrecord in it, or in its subfolder `evaluation`.
        model, output: the names of one model and of one output, where the result is of several.

    Raises:
        FairkitError: if it holds no TFMA result or a damaged one, or the model or output has to be named.

    Example:
        >>> import fairkit, tempfile
        >>> from fairkit.evaluation.tfma.result import load_tfma
        >>> examples = fairkit.Examples(labels=[0, 1], groups={"color": ["blue", "orange"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     fairkit.evaluate([0.3, 0.9], examples, slices=["color"], thresholds=[0.5]).save(folder)
        ...     loaded = load_tfma(folder)
        >>> loaded.value("recall", "color:orange", threshold=0.5)
        1.0
    """
    folder = tfma_place(folder) or Path(folder)
    result = loaded(folder, model, output)
    return tfma_evaluation(result, files_of(folder), _validation_in(folder, result.config))


def tfma_evaluation(result, files=None, validation=None):
    """The `TfmaEvaluation` of an `EvalResult` of one output.

    Args:
        files: dict of name -> bytes: TFMA's own, which its `save` writes.
        validation: a `Validation`.
    """
    return TfmaEvaluation(values_of(result), result.config, files or {}, cross_values_of(result), validation,
                          left_out_of(result), not_numbers_in(result))


def _validation_in(folder, config):
    """The `Validation` in a folder of TFMA's files; None where the config sets no thresholds on values."""
    from fairkit.quiet import silence, tfma

    if not read_config(config).validates or not any(Path(folder).glob("validations*")):
        return None
    if any(metric.class_name == INDICATORS for spec in config.metrics_specs for metric in spec.metrics):
        require_indicators()
    with silence():
        return validated(metrics_in(tfma.load_metrics(str(folder))), config,
                         tfma.load_validation_result(str(folder)))


def with_values(frame, keys, values):
    """A frame with TFMA's values in place of the counted ones.

    Where any value has an interval, all intervals are TFMA's. Values for which the frame has no row are appended as
    rows; rows for which there is no value stay as they are.

    Args:
        frame: in the form of `Evaluation.frame`.
        keys: the slice key of each of its rows.
        values: dict of (slice key, class or None, metric, threshold or None) -> (value, lower, upper).

    Returns:
        (frame, keys), with the slice keys of the appended rows as well.
    """
    places = [(key, None if pd.isna(class_id) else class_id, metric, None if np.isnan(threshold) else threshold)
              for key, class_id, metric, threshold in
              zip(keys, frame["class"], frame["metric"], frame["threshold"], strict=True)]
    columns = ["value", "lower", "upper"] if any(np.isfinite(lower) for _, lower, _ in values.values()) else ["value"]
    numbers = frame[["value", "lower", "upper"]].to_numpy(copy=True)
    for row, place in enumerate(places):
        if place in values:
            numbers[row] = values[place]
    frame = frame.assign(**{column: numbers[:, ("value", "lower", "upper").index(column)] for column in columns})
    known, wanted = {*places}, {*keys}
    further = [item for item in values.items()
               if item[0] not in known and item[0][0] in wanted and not _is_repeated(item[0], values)]
    if not further:
        return frame, list(keys)
    counted = {(key, None, "example_count", None): (examples, np.nan, np.nan)
               for key, examples in zip(keys, frame["examples"], strict=True)}
    return (pd.concat([frame, _frame(further, counted)], ignore_index=True),
            [*keys, *(place[0] for place, _ in further)])


def _frame(items, counts):
    """The rows of ((slice key, class, metric, threshold), (value, lower, upper)); `counts` holds the examples."""
    rows = []
    for (key, class_id, metric, threshold), (value, lower, upper) in items:
        examples = [counts[place][0] for class_ in (None, class_id)
                    if (place := (key, class_, "example_count", None)) in counts]
        rows.append((slice_name(key), class_id, metric, np.nan if threshold is None else threshold, value, lower, upper,
                     np.nan, np.nan, examples[0] if examples else np.nan, _note(metric, value)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"class": object})
    frame["class"] = pd.Series([place[1] for place, _ in items], dtype=object)
    return frame.astype({"examples": np.int64}) if frame["examples"].notna().all() else frame


def _is_repeated(place, values):
    """Whether this is a count of examples that TFMA repeats for each class."""
    key, class_id, metric, _ = place
    return class_id is not None and metric.endswith("example_count") and (key, None, metric, None) in values


def _note(metric, value):
    if not np.isnan(value):
        return ""
    among = f": no {RATES[metric].among} in this slice" if metric in RATES else ""
    return f"undefined{among}"


def _order(place, metrics):
    """Overall first, then by features and values; within a slice what is of no class first, as TFMA orders metrics."""
    key, class_id, metric, threshold = place
    return (len(key), key, class_id is not None, class_id or 0, metric != "example_count", metrics[metric],
            -1 if threshold is None else threshold)
