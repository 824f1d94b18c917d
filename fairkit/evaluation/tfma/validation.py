"""The thresholds that a TFMA config sets on values: TFMA's own verdict, and what the intervals say."""

import json
import math

import numpy as np
import pandas as pd

from fairkit.counts.slices import slice_name
from fairkit.evaluation.tfma.format import is_pair
from fairkit.evaluation.tfma.sliced import applies
from fairkit.evaluation.verdicts import value_verdicts
from fairkit.handed_out import handing_out

__all__ = ["Validation", "validated", "validation_result"]

COLUMNS = ["slice", "baseline", "model", "metric", "class", "value", "lower", "upper", "requirement", "lower_bound",
           "upper_bound", "ok", "verdict", "note"]
_HIGHER = 2  # MetricDirection.HIGHER_IS_BETTER


@handing_out("frame")
class Validation:
    """What became of the thresholds in a TFMA config; `evaluation.validation`.

    TFMA compares values, and its verdict stands: `ok`. Beside it stands what the 95 % intervals say of each check, by
    the rule of `Evaluation.check`: "pass", "fail" or "not enough data".

    Attributes:
        ok: TFMA's validation_ok; so is the truth value, for `assert evaluation.validation`.
        verdict: "pass", "fail" or "not enough data": that of all checks by their intervals.
        frame: a DataFrame with a row for each check: slice (of a pair: the comparison slice, with `baseline`), model
            ("" for the only one), metric (TFMA's name), class, value (of a pair: baseline minus comparison), lower,
            upper, requirement in words, lower_bound, upper_bound, ok (TFMA's), verdict, note.
        failures: the rows that are not ok.
        result: TFMA's `ValidationResult`, as `tfma.load_validation_result` reads it.
    """

    def __init__(self, frame, result):
        self.frame, self.result = frame, result

    @property
    def ok(self):
        return self.result.validation_ok

    @property
    def failures(self):
        return self.frame[~self.frame["ok"].astype(bool)].reset_index(drop=True)

    @property
    def verdict(self):
        found = set(self.frame["verdict"])
        return next((v for v in ("fail", "not enough data") if v in found), "pass")

    def __bool__(self):
        return self.ok

    def to_json(self):
        """ok, verdict and the checks as JSON text; a number that is missing is null."""
        rows = [{name: None if isinstance(value, float) and not math.isfinite(value) else value
                 for name, value in row.items()} for row in self.frame.astype(object).to_dict("records")]
        return json.dumps({"ok": self.ok, "verdict": self.verdict, "checks": rows}, indent=2, ensure_ascii=False,
                          default=lambda value: value.item()) + "\n"

    def __str__(self):
        from fairkit.view.validation_text import validation_text

        return validation_text(self)

    def __repr__(self):
        return f"Validation(ok={self.ok}, {len(self.failures)} of {len(self.frame)} checks failed)"


def validation_result(sliced, config):
    """TFMA's own `ValidationResult` of metrics, by TFMA's own functions.

    Args:
        sliced: as `tfma.sliced.counted_metrics` gives it.
        config: an `EvalConfig`, completed.
    """
    from tensorflow_model_analysis.evaluators import metrics_validator
    from tensorflow_model_analysis.writers import metrics_plots_and_validations_writer as writer

    combiner, total = writer.CombineValidations(config), None
    for key, metrics in sliced.items():
        single = {name: numbers[0][0] for name, numbers in metrics.items()
                  if not isinstance(numbers, str) and len(numbers) == 1}
        total = combiner.add_input(total, metrics_validator.validate_metrics((key, single), config))
    return combiner.extract_output(total)


def validated(sliced, config, result):
    """The `Validation` of a `ValidationResult`, with a row for each check that the config asks for.

    Args:
        sliced, config: as for `validation_result`.
        result: TFMA's `ValidationResult`.
    """
    from tensorflow_model_analysis.metrics import metric_specs
    from tensorflow_model_analysis.utils import model_util

    baseline = model_util.get_baseline_model_spec(config)
    thresholds = {key: found for key, found in metric_specs.metric_thresholds_from_metrics_specs(
        config.metrics_specs, eval_config=config).items() if baseline is None or key.model_name != baseline.name}
    failed = _failures(result)
    rows, seen = [], set()
    for slice_key, metrics in sliced.items():
        for key, asked in thresholds.items():
            if key not in metrics:
                continue
            for spec, threshold in asked:
                place = _bytes(slice_key), key.to_proto().SerializeToString(), threshold.SerializeToString()
                if place in seen or not _concerns(spec, slice_key):
                    continue
                seen.add(place)
                rows.append(_row(slice_key, key, metrics[key][0], threshold, place not in failed, ""))
    for place, (slice_key, failure) in failed.items():
        if place not in seen:
            rows.append(_row(slice_key, _key_of(failure), (math.nan,) * 3, _threshold_of(failure), False,
                             _why_not_found(failure, slice_key, sliced)))
    for spec in result.missing_slices:
        rows.append(_missing(spec, None))
    for spec in result.missing_cross_slices:
        # TFMA misses every pair of slices, for it looks for it among the slices: only what is not there is missing.
        if not any(is_pair(key) and _concerns(spec, key) for key in sliced):
            rows.append(_missing(None, spec))
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"class": object, "ok": bool})
    if len(frame):
        bounds = (frame["lower_bound"].fillna(-math.inf), frame["upper_bound"].fillna(math.inf))
        verdicts = value_verdicts(frame["value"], frame["lower"], frame["upper"], *bounds)
        verdicts[frame["requirement"].str.contains("(relative)", regex=False)] = "not enough data"  # TFMA's alone
        exact = frame["metric"].str.endswith("example_count") & frame["value"].notna()
        frame["verdict"] = np.where(exact, np.where(frame["ok"], "pass", "fail"), verdicts)
        frame.loc[frame["value"].notna() & frame["lower"].isna() & ~exact & (frame["note"] == ""),
                  "note"] = "no interval"
    return Validation(frame.sort_values("ok", kind="stable", ignore_index=True), result)


def _concerns(spec, key):
    """Whether a threshold's spec (None for every slice) is about a slice or a pair of slices."""
    from tensorflow_model_analysis.slicer import slicer_lib

    crossed = spec is not None and hasattr(spec, "baseline_spec")
    if crossed != is_pair(key):
        return False
    if spec is None:
        return True
    return slicer_lib.is_cross_slice_applicable(key, spec) if crossed else applies(spec, key)


def _failures(result):
    """dict of (slice, metric key and threshold as bytes) -> (slice key, failure)."""
    from tensorflow_model_analysis.slicer import slicer_lib

    found = {}
    for part in result.metric_validations_per_slice:
        key = slicer_lib.deserialize_cross_slice_key(part.cross_slice_key) if part.HasField("cross_slice_key") \
            else slicer_lib.deserialize_slice_key(part.slice_key)
        for failure in part.failures:
            place = _bytes(key), _key_of(failure).to_proto().SerializeToString(), \
                _threshold_of(failure).SerializeToString()
            found[place] = key, failure
    return found


def _bytes(key):
    """A slice key as text: TFMA gives a value that is written as a number back as that text or as a number."""
    if is_pair(key):
        return tuple(map(_bytes, key))
    return tuple(sorted((feature, str(value)) for feature, value in key))


def _key_of(failure):
    from tensorflow_model_analysis.metrics import metric_types

    return metric_types.MetricKey.from_proto(failure.metric_key)


def _threshold_of(failure):
    return getattr(failure.metric_threshold, failure.metric_threshold.WhichOneof(
        "validate_absolute") or failure.metric_threshold.WhichOneof("validate_relative"))


def _why_not_found(failure, slice_key, sliced):
    if failure.message != "Metric not found.":
        return " ".join(failure.message.split())
    if not any(not isinstance(numbers, str) for numbers in sliced.get(slice_key, {"": []}).values()):
        return "the slice is left out: it has fewer examples than min_slice_size"
    if not failure.metric_key.HasField("example_weighted"):
        return ("Metric not found: TFMA looks up metrics_specs.thresholds among metrics saved with the model; put the "
                "threshold into the metric")
    return "Metric not found."


def _row(slice_key, key, numbers, threshold, ok, note):
    baseline, compared = slice_key if is_pair(slice_key) else (None, slice_key)
    bounds = _bounds(threshold)
    class_id = key.sub_key.class_id if key.sub_key else None
    return [slice_name(_bytes(compared)), None if baseline is None else slice_name(_bytes(baseline)), key.model_name,
            key.name + ("_diff" if key.is_diff else ""), class_id, *numbers, _words(threshold), *bounds, ok,
            "not enough data", note]


def _bounds(threshold):
    """(lower, upper) of a value or of an absolute change, NaN where it has none."""
    if hasattr(threshold, "lower_bound"):
        return [getattr(threshold, bound).value if threshold.HasField(bound) else math.nan
                for bound in ("lower_bound", "upper_bound")]
    change = threshold.absolute.value if threshold.HasField("absolute") else math.nan
    return [change, math.nan] if threshold.direction == _HIGHER else [math.nan, change]


def _missing(spec, crossed):
    compared = spec if crossed is None else crossed.slicing_specs[0] if crossed.slicing_specs else None
    return [_spec_words(compared), None if crossed is None else _spec_words(crossed.baseline_spec), "", "", None,
            *[math.nan] * 3, "a slice", math.nan, math.nan, False, "not enough data", "no example is in such a slice"]


def _spec_words(spec):
    if spec is None:
        return "any slice"
    return ", ".join([*spec.feature_keys, *(f"{name}:{value}" for name, value in spec.feature_values.items())]) \
        or slice_name(())


def _words(threshold):
    if hasattr(threshold, "lower_bound"):
        parts = [f"{word} {getattr(threshold, bound).value:g}" for word, bound in
                 (("at least", "lower_bound"), ("at most", "upper_bound")) if threshold.HasField(bound)]
        return " and ".join(parts) or "a number"
    word = "at least" if threshold.direction == _HIGHER else "at most"
    return " and ".join(f"change {word} {getattr(threshold, kind).value:g} ({kind})"
                        for kind in ("absolute", "relative") if threshold.HasField(kind)) or "a change"
