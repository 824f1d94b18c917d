"""check: are all gaps below a limit, and all values on the right side of theirs? For use in a build."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fairkit.arguments import is_number
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.gap_tables import gap_table
from fairkit.evaluation.lookup import rows_in
from fairkit.evaluation.verdicts import limit_verdicts, value_verdicts
from fairkit.handed_out import handing_out

__all__ = ["AT_LEAST", "AT_MOST", "GAP", "Check", "check", "check_values"]

GAP, AT_LEAST, AT_MOST = "gap below", "at least", "at most"
COLUMNS = ["metric", "class", "threshold", "slice", "reference", "requirement", "gap", "value", "lower", "upper",
           "limit", "verdict", "note"]
_COUNTS = ("example_count", "weighted_example_count")  # exact: they need no interval


@handing_out("frame")
class Check:
    """The outcome of `check`.

    Attributes:
        verdict: "pass", "fail" or "not enough data".
        passed: whether the verdict is "pass"; so is its truth value, for `assert evaluation.check(...)`.
        frame: a DataFrame with a row for each metric, class, threshold and slice: requirement ("gap below", "at
            least", "at most"), gap (with its reference) or value, lower and upper (95 %), limit, verdict of that row,
            note.
    """

    def __init__(self, frame):
        self.frame = frame
        found = set(frame["verdict"])
        self.verdict = next(v for v in ("fail", "not enough data", "pass") if v in found)

    @property
    def passed(self):
        return self.verdict == "pass"

    def __bool__(self):
        return self.passed

    def __str__(self):
        from fairkit.view.text import check_text

        return check_text(self)

    def __repr__(self):
        requirements = self.frame["requirement"]
        gaps = int((requirements == GAP).sum())
        counts = [f"{n} {kind}" for n, kind in ((gaps, "gaps"), (len(requirements) - gaps, "values")) if n]
        return f"Check({self.verdict}, {', '.join(counts)})"


def check(evaluation, limits: Mapping[str, float] | None = None, reference: Mapping | None = None,
          threshold: float | None = None, class_id: int | Sequence[int] | None = None, *,
          at_least: Mapping[str, float] | None = None, at_most: Mapping[str, float] | None = None) -> Check:
    """Whether every slice's gaps and values are within limits, by their intervals and not by their values.

    Pass: every interval lies wholly within its limit: of a gap in (-limit, limit), of a value from the limit upwards
    (at_least) or downwards (at_most). Fail: any lies wholly outside. Otherwise there is not enough data: an interval
    reaches over the limit, a number is undefined, or a slice is the whole of its reference, so that there is nothing
    to compare it with.

    Args:
        evaluation: `Evaluation`.
        limits: metric -> the largest gap that is accepted, above 0 and at most 1.
        reference: the slice that gaps are taken against, such as {"color": "blue"}; None is overall.
        threshold: one of the evaluation's; None for all of them.
        class_id: one of the evaluation's classes, or a list of them; None for all of them.
        at_least, at_most: metric -> the least or the largest value that is accepted of each slice, overall included:
            of every metric in `frame`. A count of examples is exact and needs no interval.

    Returns:
        `Check`.

    Raises:
        FairkitError: for no limit at all, limits that are not numbers in the metric's range, and for a metric,
            threshold, class or reference that this evaluation does not have.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.checking import check
        >>> examples = fairkit.Examples(labels=[0] * 400, groups={"color": ["orange", "blue"] * 200})
        >>> evaluation = fairkit.evaluate([0.9, 0.1] * 200, examples, slices=["color"], thresholds=[0.5])
        >>> print(check(evaluation, {"false_positive_rate": 0.02}, reference={"color": "blue"}))
        fail: 1 gap above its limit
          verdict  gap                                                    value (95 % interval)    limit
          fail     false_positive_rate at 0.5, color:orange - color:blue  +1.000 [+0.973, +1.000]  0.02
        >>> print(check(evaluation, at_most={"false_positive_rate": 0.6}))
        fail: 1 value outside its limit, 2 within
          verdict  value                                     value (95 % interval)  limit
          fail     false_positive_rate at 0.5, color:orange  1.000 [0.981, 1.000]   at most 0.6
    """
    frames = []
    if limits is not None or (at_least is None and at_most is None):
        classes = list(class_id) if isinstance(class_id, (list, tuple)) else [class_id]
        frames = [gap_table(evaluation, metric, threshold, reference, one).assign(limit=float(limit))
                  for metric, limit in _checked_limits(limits).items()
                  for one in ([None] if metric == "accuracy" else classes)]
    elif reference is not None:
        raise FairkitError("a reference is given, and no gap is asked for", "limits= of gaps, or no reference",
                           f"reference={quote(reference)}")
    if frames:
        frames = [_judged_gaps(pd.concat(frames, ignore_index=True))]
    if at_least is not None or at_most is not None:
        frames.append(check_values(evaluation.frame, at_least, at_most, threshold, class_id).frame)
    return Check(frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True))


def check_values(frame, at_least=None, at_most=None, threshold=None, class_id=None):
    """The `Check` of values in a frame like `Evaluation.frame`; arguments as in `check`."""
    found = []
    for requirement, limits in ((AT_LEAST, at_least), (AT_MOST, at_most)):
        for metric, limit in _checked_values(limits, requirement).items():
            for one in class_id if isinstance(class_id, (list, tuple)) else [class_id]:
                rows = _rows(frame, metric, threshold, one)
                found.append(rows.assign(metric=metric, requirement=requirement, limit=limit))
    rows = pd.concat(found, ignore_index=True)
    exact = rows["metric"].isin(_COUNTS)
    ends = [rows[end].where(~exact, rows["value"]) for end in ("lower", "upper")]
    bounds = [rows["limit"].where(rows["requirement"] == which, other)
              for which, other in ((AT_LEAST, -math.inf), (AT_MOST, math.inf))]
    undefined = rows["value"].isna()
    note = rows["note"].where(rows["note"].str.startswith(("undefined", "too few", "no interval")), "")
    note = note.mask((note == "") & ~undefined & (ends[0].isna() | ends[1].isna()), "no interval")
    rows = rows.assign(verdict=value_verdicts(rows["value"], *ends, *bounds), note=note, reference=None, gap=np.nan)
    return Check(rows[COLUMNS])


def _rows(frame, metric, threshold, class_id):
    """The rows of a metric; threshold and class choose among metrics that have such, if any has."""
    of_metric = frame[frame["metric"] == metric]
    has = {column: of_metric[column].notna().any() or frame[column].isna().all() for column in ("class", "threshold")}
    rows = rows_in(frame, [], metric, threshold=threshold if has["threshold"] else None,
                   class_id=class_id if has["class"] else None)
    rows = rows.assign(**{column: fill for column, fill in (("class", None), ("threshold", np.nan))
                          if column not in rows})
    return rows.astype({"class": object})


def _judged_gaps(frame):
    note = frame["note"].str.partition("; ")[0]
    frame["note"] = note.where(note.str.startswith(("undefined", "too few")), "")  # others are not about the gap
    frame["verdict"] = limit_verdicts(frame["limit"], frame["lower"], frame["upper"])
    itself = (frame["gap"] == 0) & (frame["lower"] == frame["upper"])  # no width: both hold the same examples
    frame.loc[itself, ["verdict", "note"]] = ["not enough data", "the slice is the whole of its reference"]
    return frame.assign(requirement=GAP, value=np.nan)[COLUMNS]


def _checked_limits(limits):
    if not isinstance(limits, Mapping) or not limits:
        raise FairkitError("limits name metrics", "a dict such as {'false_positive_rate': 0.02}", quote(limits))
    for metric, limit in limits.items():
        if not is_number(limit) or not 0 < limit <= 1:
            raise FairkitError(f"the limit of {quote(metric)} is no gap", "a number above 0 and at most 1",
                               quote(limit))
    return limits


def _checked_values(limits, requirement):
    """metric -> float of at_least= or at_most=; {} for None."""
    name = requirement.replace(" ", "_")
    if limits is None:
        return {}
    if not isinstance(limits, Mapping) or not limits:
        raise FairkitError(f"{name} names metrics", "a dict such as {'auc': 0.9}", quote(limits))
    for metric, limit in limits.items():
        share = metric not in _COUNTS and metric != "calibration"
        if not is_number(limit) or not math.isfinite(limit) or (share and not 0 <= limit <= 1):
            raise FairkitError(f"{name} of {quote(metric)} is not a value of this metric",
                               "a number from 0 to 1" if share else "a finite number", quote(limit))
    return {metric: float(limit) for metric, limit in limits.items()}
