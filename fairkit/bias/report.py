"""BiasReport: what was found of every facet value and metric."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from fairkit.bias.definitions import METRICS, OTHER_NAMES
from fairkit.bias.facets import Facet
from fairkit.bias.sides import Sides
from fairkit.errors import FairkitError, nearest, quote
from fairkit.handed_out import HandedOut

__all__ = ["COLUMNS", "BiasReport", "FacetReport"]

COLUMNS = ("facet", "facet_value", "threshold", "stage", "metric", "name", "value", "lower", "upper", "interval",
           "excludes_fair", "p_value", "test", "fair", "range", "positive_means", "note", "n_a", "n_d")


@dataclass(frozen=True)
class FacetReport:
    """What was found of one facet: `found` is a dict of short name -> `Found`."""

    facet: Facet
    sides: Sides
    found: dict


@dataclass(frozen=True)
class BiasReport:
    """Bias metrics of labels and predictions; made by `fairkit.bias_report`. `print` shows a table.

    Attributes:
        facets: list of `FacetReport`.
        metrics: the short names of the metrics, in order.
        outcomes: the `Outcomes` of predictions, or None.
        label: the name of the label.
        positive: which labels are positive.
        positive_text: the same as Clarify writes it.
        left_out: dict of what rows lack -> how many; they count nowhere.
        group: the name of the group variable, or None.
        weighted: whether rows have weights.
    """

    facets: list = field(repr=False)
    metrics: tuple
    outcomes: object = field(repr=False)
    label: str
    positive: object
    positive_text: str
    left_out: dict
    group: str | None = None
    weighted: bool = False

    @HandedOut
    def frame(self):
        """A DataFrame with a row for each facet value, metric and threshold.

        Columns: facet, facet_value (facet d), threshold (of scores; NaN where there is none), stage, metric (short
        name), name, value (NaN where undefined), lower and upper (95 %; of KL, JS, LP, TVD and KS `upper` is a
        one-sided 95 % limit and there is no lower), interval (how it was made), excludes_fair (whether interval or test
        rule out the fair value; missing where neither can), p_value and test (of KL, JS, LP, TVD and KS), fair, range,
        positive_means, note (why something is missing, what was left out), n_a, n_d (examples of the facets).
        """
        return self._frame_and_places[0]

    @property
    def places(self):
        """(rows, 2) integers: of each row of `frame` which facet it is of, and which of the values of that facet.

        Two facets, and two values of a cross, may have the same name; these never are the same.
        """
        return self._frame_and_places[1]

    @cached_property
    def _frame_and_places(self):
        import pandas as pd

        blocks = [_block(place, one, short, self.outcomes) for place, one in enumerate(self.facets)
                  for short in one.found]
        if not blocks:
            return pd.DataFrame(columns=list(COLUMNS)), np.zeros((0, 2), np.int64)
        columns = {name: np.concatenate([block[name] for block in blocks]) for name in (*COLUMNS, "order")}
        by = columns.pop("order")
        order = np.lexsort(by.T[::-1])
        frame = pd.DataFrame({name: column[order] for name, column in columns.items()})
        frame["excludes_fair"] = pd.array([None if np.isnan(x) else bool(x) for x in frame["excludes_fair"]], "boolean")
        return frame, by[order, :2]

    @property
    def missing(self):
        """dict of facet -> examples without a value, which are in neither facet a nor d."""
        return {one.facet.name: one.sides.missing for one in self.facets}

    @property
    def thresholds(self):
        """The thresholds of scores; () where predictions are labels, or are not there."""
        return tuple(self.outcomes.thresholds) if self.outcomes is not None and self.outcomes.scored else ()

    def value(self, metric, facet_value=None, facet=None, threshold=None):
        """One value.

        Args:
            metric: a short name.
            facet_value, facet, threshold: which; may be left out where there is only one.

        Raises:
            FairkitError: where that names no row, or several that are not one and the same.
        """
        rows = self.frame
        for name, wanted in (("metric", metric), ("facet", facet), ("facet_value", facet_value)):
            if wanted is not None:
                known = rows[name].unique().tolist()
                rows = rows[rows[name] == str(wanted)]
                if not len(rows):
                    others = OTHER_NAMES if name == "metric" else None
                    raise FairkitError(f"this report has no {name} {str(wanted)!r}",
                                       nearest(wanted, known, other_names=others), quote(wanted))
        if threshold is not None:
            rows = rows[rows["threshold"].isna() | (rows["threshold"] == threshold)]
        # The same facet may be asked for twice.
        rows = rows.drop_duplicates(["metric", "facet", "facet_value", "threshold", "value", "n_a", "n_d"])
        if len(rows) != 1:
            raise FairkitError(f"{len(rows)} rows of this report are meant", "one: facet, facet_value, threshold",
                               f"metric={quote(metric)}, facet={quote(facet)}, facet_value={quote(facet_value)}, "
                               f"threshold={quote(threshold)}")
        return float(rows["value"].iloc[0])

    def to_dict(self, threshold=None):
        """The layout of Clarify's analysis.json, with intervals and tests beside each value.

        Args:
            threshold: which of several; the first of them if None.
        """
        from fairkit.bias.analysis_json import analysis

        return analysis(self, threshold)

    def save_json(self, path, threshold=None):
        """Writes `to_dict` as a JSON file that only its owner can read."""
        import json

        from fairkit.storage import new_file

        with new_file(path) as temporary:
            temporary.write_text(json.dumps(self.to_dict(threshold), indent=1, ensure_ascii=False, allow_nan=False))

    def plot(self, facet_value=None, facet=None, threshold=None, ax=None):
        """The metrics of one facet value as bars: a `fairkit.view.Display`; see `fairkit.view.plot_bias`."""
        from fairkit.view import plot_bias

        return plot_bias(self, facet_value, facet, threshold, ax)

    def report(self, title=None, pictures="all"):
        """What stands out in sentences, the metrics in tables and pictures, what could not be computed and why: a
        `fairkit.view.Report`, which is saved as .html, .md or .json.

        Args:
            title: the heading.
            pictures: "all" (of the six facet values with most metrics that exclude their fair value), "few" or "none".
        """
        from fairkit.view.report.bias_document import bias_document

        return bias_document(self, title, pictures)

    def __str__(self):
        from fairkit.bias.report_text import report_text

        return report_text(self)

    def _repr_html_(self):
        from fairkit.bias.report_html import report_html

        return report_html(self)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": str(self)}  # a table beside the HTML: for GitHub, and IPython in a terminal


def _block(facet, one, short, outcomes):
    """The columns of one facet and metric; `order` is what rows are sorted by."""
    metric, found = METRICS[short], one.found[short]
    values = len(one.sides.texts)
    thresholds = found.value.shape[1] if found.value.ndim == 2 else 1
    shape = values, thresholds

    def filled(column, kind=None):
        column = np.asarray(column) if kind is None else np.asarray(column, kind)
        column = column[:, None] if column.ndim == 1 and len(column) == values and values else column
        return np.broadcast_to(column, shape).reshape(-1)

    known = outcomes is not None and outcomes.scored and found.value.ndim == 2
    place, at = np.indices(shape)
    sizes = one.sides.sizes[..., 0]
    order = np.stack([np.full(shape, facet), place, np.full(shape, list(METRICS).index(short)), at], -1)
    return {"facet": filled(np.array(one.facet.name, object)), "facet_value": filled(np.array(one.sides.texts, object)),
            "threshold": np.broadcast_to(outcomes.thresholds if known else [np.nan], shape).reshape(-1),
            "stage": filled(np.array(metric.stage, object)), "metric": filled(np.array(short, object)),
            "name": filled(np.array(metric.name, object)), "value": filled(found.value, float),
            "lower": filled(found.lower, float), "upper": filled(found.upper, float),
            "interval": filled(np.array(found.kind, object)), "excludes_fair": filled(found.excludes(metric.fair)),
            "p_value": filled(np.nan if found.p_value is None else found.p_value, float),
            "test": filled(np.array("" if found.test is None else found.test, object)),
            "fair": filled(metric.fair, float), "range": filled(np.array(metric.range, object)),
            "positive_means": filled(np.array(metric.positive, object)), "note": filled(found.note, object),
            "n_a": filled(sizes[0].astype(np.int64)), "n_d": filled(sizes[1].astype(np.int64)),
            "order": order.reshape(-1, 4)}
