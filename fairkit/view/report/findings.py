"""Findings: for each slice its rate, its reference's, the gap between them, and what became of it."""

import math
from dataclasses import asdict, dataclass, field

import numpy as np

from fairkit.counts.significance import two_valued
from fairkit.counts.slices import slice_name
from fairkit.evaluation.gap_tables import compared_slices
from fairkit.evaluation.specs import reference_of
from fairkit.group_values import name_of
from fairkit.view.plots.labels import rate_of
from fairkit.view.plots.wanted import rows_at
from fairkit.view.report.figures import includes_zero

__all__ = ["Change", "Finding", "Gap", "Rate", "findings_of"]

_NAN = float("nan")


@dataclass(frozen=True)
class Rate:
    """A rate of one model in one slice, with its interval, what was counted, and what to know of it."""

    value: float
    lower: float = _NAN
    upper: float = _NAN
    numerator: float = _NAN
    denominator: float = _NAN
    note: str = ""

    @property
    def few(self):
        return self.note.startswith("too few")


@dataclass(frozen=True)
class Gap:
    """A slice's rate minus its reference's.

    Attributes:
        detectable: the smallest gap that would have been shown with a chance of 80 %; NaN where none is known.
        p_adjusted: of the score test, adjusted (Holm) over the slices of the same feature; NaN where there is none.
        note: why there is none, or what to know of it.
    """

    value: float
    lower: float = _NAN
    upper: float = _NAN
    detectable: float = _NAN
    p_adjusted: float = _NAN
    note: str = ""

    @property
    def verdict(self):
        """"shown", "not shown", "no interval", "undefined", or "nothing to compare" of two sets that are the same."""
        if math.isnan(self.value):
            return "undefined"
        if math.isnan(self.lower) or math.isnan(self.upper):
            return "no interval"
        if self.value == 0 and self.lower == self.upper:
            return "nothing to compare"
        return "not shown" if includes_zero(self.lower, self.upper) else "shown"


@dataclass(frozen=True)
class Change:
    """What became of a slice under a later model.

    Attributes:
        model: its name.
        thresholds: "matched", "unchanged" or "given"; "" where the models were not compared, but each judged alone.
        rate, reference_rate, gap: as of the first model.
        change, lower, upper: of the gap; NaN where they were not compared.
        verdict: of the gap: "smaller", "larger", "reversed", "no evidence", "undefined", or "not compared".
        rate_change, rate_lower, rate_upper, rate_verdict: of the rate itself.
    """

    model: str
    thresholds: str
    rate: Rate
    reference_rate: Rate
    gap: Gap
    change: float = _NAN
    lower: float = _NAN
    upper: float = _NAN
    verdict: str = "not compared"
    rate_change: float = _NAN
    rate_lower: float = _NAN
    rate_upper: float = _NAN
    rate_verdict: str = "not compared"

    @property
    def few(self):
        """Whether too few examples were counted to judge by."""
        return self.rate.few or self.reference_rate.few


@dataclass(frozen=True)
class Finding:
    """One slice against its reference."""

    key: tuple
    reference_key: tuple
    rate: Rate
    reference_rate: Rate
    gap: Gap
    changes: tuple = field(default_factory=tuple)

    @property
    def slice(self):
        return slice_name(self.key)

    @property
    def few(self):
        """Whether too few examples were counted to judge by."""
        return self.rate.few or self.reference_rate.few

    def to_dict(self):
        """Plain values; what is undefined is None."""
        found = _plain(asdict(self))
        found.pop("key"), found.pop("reference_key")
        found["gap"]["verdict"] = self.gap.verdict
        for change, plain in zip(self.changes, found["changes"]):
            plain["gap"]["verdict"] = change.gap.verdict
        return {"slice": self.slice, "values": dict(self.key), "reference": slice_name(self.reference_key), **found}


def findings_of(subject):
    """A list of `Finding`, one for each slice that has a reference, in the order of the evaluation."""
    found = [_alone(subject, place) for place in range(len(subject.models))]
    rows = []
    for key, (reference, rate, other, gap) in found[0].items():
        changes = []
        for i, model in enumerate(subject.models[1:]):
            comparison, there = subject.comparisons[i], found[i + 1].get(key)
            if comparison is not None:
                changes.append(_compared(subject, comparison, model.name, key, reference, there))
            elif there is not None:
                changes.append(Change(model.name, "", *there[1:]))
        rows.append(Finding(key, reference, rate, other, gap, tuple(changes)))
    return rows


def _alone(subject, place):
    """dict of slice key -> (reference's key, Rate, reference's Rate, Gap) of one model at its threshold."""
    evaluation, threshold = subject.evaluations[place], subject.thresholds_of[place]
    rows = {key: _rate(row) for key, row in rows_at(evaluation, subject.metric, threshold, subject.class_id)[0].items()}
    if not subject.models[place].has_counts:
        return _without_counts(rows, subject)
    if evaluation.keys == [()]:
        return {}
    keys, references, *_ = compared_slices(evaluation, subject.reference)
    table = evaluation.gaps(subject.metric, threshold, subject.reference, subject.class_id)
    detectable = _detectable(evaluation, subject, threshold)
    found = {}
    for place, (key, reference) in enumerate(zip(keys, references)):
        row = table.iloc[place]
        other = rows.get(reference)
        if other is None:
            other = Rate(float(row["reference_value"]), denominator=float(row["reference_denominator"]))
        found[key] = (reference, rows[key], other,
                      Gap(float(row["gap"]), float(row["lower"]), float(row["upper"]), detectable[place],
                          float(row["p_adjusted"]), _gap_note(row["note"])))
    return found


def _without_counts(rows, subject):
    """Of TFMA's values: differences without intervals."""
    found = {}
    for key, rate in rows.items():
        reference = reference_of(key, {name: name_of(value) for name, value in subject.reference.items()})
        if reference is not None and reference in rows:
            note = "TFMA's files hold rates without counts, so there is no interval"
            found[key] = (reference, rate, rows[reference], Gap(rate.value - rows[reference].value, note=note))
    return found


def _rate(row):
    return Rate(*(float(row[name]) for name in ("value", "lower", "upper", "numerator", "denominator")),
                str(row["note"]))


def _gap_note(note):
    first = str(note).partition("; ")[0]
    return first if first.startswith(("undefined", "too few", "no test")) else ""


def _detectable(evaluation, subject, threshold):
    rate = rate_of(subject.metric)
    if rate is None or two_valued(rate) is None:
        return [_NAN] * len(evaluation.keys)
    table = evaluation.detectable_gap(subject.metric, threshold, subject.reference, subject.class_id)
    return np.abs(table["detectable_gap"].to_numpy(float)).tolist()


def _compared(subject, comparison, name, key, reference, alone):
    match = subject.match(comparison)
    place = next(i for i, each in enumerate(comparison.matches) if each is match)
    size = len(comparison.before.keys)
    row = comparison.frame.iloc[place * size + comparison.before.keys.index(key)]
    _, rate, other, gap = alone if alone is not None else (None, Rate(_NAN), Rate(_NAN), Gap(_NAN))
    triple = [float(row[f"gap_change{end}"]) for end in ("", "_lower", "_upper")]
    changed = [float(row[f"change{end}"]) for end in ("", "_lower", "_upper")]
    return Change(name, match.kind, rate, other, gap, *triple, str(row["gap_verdict"]), *changed, str(row["verdict"]))


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
