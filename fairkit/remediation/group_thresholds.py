"""One threshold for each group: what was fitted, and decisions by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fairkit.counts.atoms import atoms_of
from fairkit.errors import FairkitError, nearest, quote
from fairkit.groups import GroupColumn
from fairkit.predictions import Predictions
from fairkit.remediation.group_thresholds_adjusting import COMMON, moved, with_moved_class
from fairkit.remediation.group_thresholds_counts import group_of_cells
from fairkit.storage import FORMAT

__all__ = ["GroupThresholds"]


@dataclass(frozen=True)
class GroupThresholds:
    """One threshold for each group at which a rate is equal; made by `fairkit.remediation.fit_group_thresholds`.

    A decision by it depends on the group that somebody belongs to: two people with the same score may be decided upon
    differently because of it, and whoever decides must know the group. In many uses (credit, employment, housing, among
    others) that is unlawful in many places, whatever it is meant for. Ask a lawyer before it decides about people.

    Attributes:
        by: the group columns, a tuple.
        rate: the name of the rate that is made equal.
        tolerance: how far a group's rate may lie from `level`.
        level: the common rate.
        class_id: the class judged against the rest, or None for a binary score.
        thresholds: dict of group -> threshold. A group is named by its value's text, in a cross by a tuple of texts.
        overall: the threshold of all others: examples with several values or none, of groups that had too few examples,
            and of groups that were not there when it was fitted.
        achieved: a DataFrame of what it gave where it was fitted, a row for each group, then for the groups with too
            few examples, the examples with several values and with no value, and for all: kind ("group", "too few",
            "several values", "no value", "overall"), group, threshold, rate with lower and upper (95 % interval),
            one_threshold_rate (its rate where all have the threshold of `one_threshold`), among (examples in the
            rate's denominator), examples, share (of all examples), reached (whether the rate lies within the tolerance
            of the level), note. The intervals do not know that the thresholds were chosen on these very examples.
        accuracy: of all decisions where it was fitted.
        one_threshold: dict of what a single threshold for all gives there: threshold, accuracy, and lowest and highest,
            the rates of the groups. Where a level was asked for it is the cheapest threshold of that overall rate,
            otherwise the cheapest of all.
    """

    by: tuple
    rate: str
    tolerance: float
    level: float
    class_id: int | None
    thresholds: dict
    overall: float
    achieved: pd.DataFrame = field(repr=False)
    accuracy: float
    one_threshold: dict

    common = COMMON
    """The threshold at which adjusted scores give the decisions."""

    @property
    def in_no_group(self):
        """The share of examples with several values or none, where it was fitted: these have the overall threshold."""
        kinds = self.achieved["kind"]
        return float(self.achieved.loc[kinds.isin(["several values", "no value"]), "share"].sum())

    def decide(self, scores, groups):
        """Whether each score exceeds the threshold of its group.

        Args:
            scores: (n,) scores in [0, 1], or (n, k) of k classes.
            groups: n cells, or a dict that has such a column for each name in `by`, as `Examples.groups` is.

        Returns:
            (n,) integers, 0 or 1.

        Raises:
            FairkitError: for a column that is not there, or another number of cells than scores.
        """
        scores = self._scores(np.asarray(scores))
        return (scores > self._threshold_of_each(groups, len(scores))).astype(np.int64)

    def adjusted(self, predictions: Predictions) -> Predictions:
        """The predictions with scores moved so that exceeding `common` (.5) is the decision of the group's threshold.

        Whatever judges predictions judges the decisions then: `fairkit.evaluate(adjusted, thresholds=[0.5])` gives
        their rates and, for binary scores, their accuracy; gaps, checks and paired comparison (with
        `thresholds={before's: 0.5}`) are had as ever. Within a group scores keep their order. At any other threshold
        than .5 the rates of the groups are as equal as they happen to be.

        With several classes the other classes' scores are multiplied so that the sum stays what it was.

        Args:
            predictions: `Predictions` with the group columns of `by`.

        Returns:
            `Predictions` of the same examples, groups and ids.
        """
        if not isinstance(predictions, Predictions):
            raise FairkitError("scores are adjusted in predictions", "fairkit.Predictions", type(predictions).__name__)
        scores = self._scores(predictions.scores)
        changed = moved(scores, self._threshold_of_each(predictions.groups, len(scores)))
        if self.class_id is not None:
            changed = with_moved_class(predictions.scores, self.class_id, changed)
        return predictions.with_scores(changed)

    def to_dict(self):
        """Everything as plain values for JSON."""
        groups = [{"values": [key] if isinstance(key, str) else list(key), "threshold": threshold}
                  for key, threshold in self.thresholds.items()]
        records = [{name: _plain(value) for name, value in row.items()} for row in self.achieved.to_dict("records")]
        return {"format": FORMAT, "by": list(self.by), "rate": self.rate, "tolerance": self.tolerance,
                "level": self.level, "class_id": self.class_id, "groups": groups, "overall": self.overall,
                "achieved": records, "accuracy": self.accuracy, "one_threshold": dict(self.one_threshold)}

    @classmethod
    def from_dict(cls, values):
        """What `to_dict` gave, also after a way through JSON.

        Raises:
            FairkitError: for other values, or those of a newer fairkit.
        """
        try:
            if values["format"] > FORMAT:
                raise FairkitError("these thresholds were written by a newer fairkit", f"format {FORMAT} or older",
                                   values["format"])
            by = tuple(values["by"])
            thresholds = {_key(each["values"]): float(each["threshold"]) for each in values["groups"]}
            achieved = pd.DataFrame([{**row, "group": _key(row["group"])} for row in values["achieved"]])
            numbers = ["threshold", "rate", "lower", "upper", "one_threshold_rate"]
            achieved[numbers] = achieved[numbers].astype(float)
            return cls(by, values["rate"], float(values["tolerance"]), float(values["level"]), values["class_id"],
                       thresholds, float(values["overall"]), achieved, float(values["accuracy"]),
                       dict(values["one_threshold"]))
        except FairkitError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError):
            raise FairkitError("these are no group thresholds", "what GroupThresholds.to_dict gave",
                               f"{type(values).__name__}: {str(values)[:80]}") from None

    def __str__(self):
        from fairkit.remediation.group_thresholds_text import group_thresholds_text

        return group_thresholds_text(self)

    def _scores(self, scores):
        several = scores.ndim == 2 and scores.shape[1] > 1
        fits = several and self.class_id < scores.shape[1] if self.class_id is not None else not several
        if not fits or scores.ndim not in (1, 2):
            expected = "(n,)" if self.class_id is None else f"(n, classes) with a class {self.class_id}"
            raise FairkitError("the scores are not of the kind that the thresholds were fitted on",
                               f"scores of shape {expected}", f"shape {scores.shape}")
        return np.asarray(scores[:, self.class_id] if several else scores.reshape(-1), np.float64)

    def _threshold_of_each(self, groups, length):
        """(n,) float64: the threshold of each example."""
        if not isinstance(groups, Mapping) and not hasattr(groups, "columns") and len(self.by) == 1:
            groups = {self.by[0]: groups}
        columns = {}
        for name in self.by:
            if not hasattr(groups, "keys") or name not in groups:
                known = list(groups.keys()) if hasattr(groups, "keys") else []
                raise FairkitError(f"the thresholds need the group column {quote(name)}", nearest(name, known), known)
            columns[name] = GroupColumn.encode(name, groups[name])
            if len(columns[name]) != length:
                raise FairkitError(f"group column {quote(name)} has another length than the scores", f"{length} cells",
                                   len(columns[name]))
        atoms, codes = atoms_of(columns, length)
        rows = atoms.rows_of(self.by)
        found = [group_of_cells([cells[row] for row in rows]) for cells in atoms.cells]
        each = [self.thresholds.get(_key(group), self.overall) if isinstance(group, tuple) else self.overall
                for group in found]
        return np.array(each, float)[codes]


def _key(group):
    """How `thresholds` names a group: the text of its value, for a cross the tuple of them; other texts as they are."""
    if isinstance(group, str):
        return group
    return group[0] if len(group) == 1 else tuple(group)


def _plain(value):
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and value != value else value
