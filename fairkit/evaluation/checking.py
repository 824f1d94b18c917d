"""check: are all gaps below a limit? For use in a build."""

from collections.abc import Mapping, Sequence

import pandas as pd

from fairkit.errors import FairkitError, quote
from fairkit.evaluation.gap_tables import gap_table
from fairkit.evaluation.verdicts import limit_verdicts

__all__ = ["Check", "check"]

COLUMNS = ["metric", "class", "threshold", "slice", "reference", "gap", "lower", "upper", "limit", "verdict", "note"]


class Check:
    """The outcome of `check`.

    Attributes:
        verdict: "pass", "fail" or "not enough data".
        passed: whether the verdict is "pass"; so is its truth value, for `assert evaluation.check(...)`.
        frame: a DataFrame with a row for each metric, class, threshold and slice: gap with lower and upper (95 %),
            limit, verdict of that row, note.
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
        return f"Check({self.verdict}, {len(self.frame)} gaps)"


def check(evaluation, limits: Mapping[str, float], reference: Mapping | None = None, threshold: float | None = None,
          class_id: int | Sequence[int] | None = None) -> Check:
    """Whether every slice's gap is below a limit, by its interval and not by its value.

    Pass: every interval of a gap lies wholly within (-limit, limit). Fail: any lies wholly outside of [-limit, limit].
    Otherwise there is not enough data: an interval reaches over the limit, a gap is undefined, or a slice is the whole
    of its reference, so that there is nothing to compare it with.

    Args:
        evaluation: `Evaluation`.
        limits: metric -> the largest gap that is accepted, above 0 and at most 1.
        reference: the slice that gaps are taken against, such as {"color": "blue"}; None is overall.
        threshold: one of the evaluation's; None for all of them.
        class_id: one of the evaluation's classes, or a list of them; None for all of them.

    Returns:
        `Check`.

    Raises:
        FairkitError: for limits that are no numbers in (0, 1], and for a metric, threshold, class or reference that
            this evaluation does not have.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.checking import check
        >>> examples = fairkit.Examples(labels=[0] * 400, groups={"color": ["orange", "blue"] * 200})
        >>> evaluation = fairkit.evaluate([0.9, 0.1] * 200, examples, slices=["color"], thresholds=[0.5])
        >>> print(check(evaluation, {"false_positive_rate": 0.02}, reference={"color": "blue"}))
        fail: 1 gap above its limit
          verdict  gap                                                    value (95 % interval)    limit
          fail     false_positive_rate at 0.5, color:orange - color:blue  +1.000 [+0.973, +1.000]  0.02
    """
    classes = list(class_id) if isinstance(class_id, (list, tuple)) else [class_id]
    frames = [gap_table(evaluation, metric, threshold, reference, one).assign(limit=float(limit))
              for metric, limit in _checked_limits(limits).items()
              for one in ([None] if metric == "accuracy" else classes)]
    frame = pd.concat(frames, ignore_index=True)
    note = frame["note"].str.partition("; ")[0]
    frame["note"] = note.where(note.str.startswith(("undefined", "too few")), "")  # others are not about the gap
    frame["verdict"] = limit_verdicts(frame["limit"], frame["lower"], frame["upper"])
    itself = (frame["gap"] == 0) & (frame["lower"] == frame["upper"])  # no width: both hold the same examples
    frame.loc[itself, ["verdict", "note"]] = ["not enough data", "the slice is the whole of its reference"]
    return Check(frame[COLUMNS])


def _checked_limits(limits):
    if not isinstance(limits, Mapping) or not limits:
        raise FairkitError("limits name metrics", "a dict such as {'false_positive_rate': 0.02}", quote(limits))
    for metric, limit in limits.items():
        if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not 0 < limit <= 1:
            raise FairkitError(f"the limit of {quote(metric)} is no gap", "a number above 0 and at most 1",
                               quote(limit))
    return limits
