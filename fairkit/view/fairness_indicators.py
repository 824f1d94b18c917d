"""The Fairness Indicators board of one evaluation, of two side by side, or of several to choose from."""

import hashlib
from html import escape

from fairkit.errors import FairkitError, nearest, quote
from fairkit.storage import as_path, new_file
from fairkit.view.page import make_page
from fairkit.view.results import named_results
from fairkit.view.showing import show_page
from fairkit.view.tables import html_lead_table, html_tables, text_table
from fairkit.view.views import make_views

__all__ = ["Board", "board"]


def board(*evaluations, names=None, metric=None, class_id=None, threshold=None, matched=None, title=None, output=None,
          model=None, height=None):
    """The Fairness Indicators board (TensorFlow Model Analysis's web component) in a self-contained page.

    Args:
        evaluations: `Evaluation`s, or one `Comparison`; whatever TFMA gives (`tfma.EvalResult`, `tfma.EvalResults`, a
            folder that it wrote); folders of fairkit; DataFrames in the form of `Evaluation.frame`; dicts of
            name -> any of these. Two stand side by side; of more than two the reader picks the two that are shown.
        names: what the results are called. By default the keys of a dict, the names of folders or models, else
            "evaluation", or "before" and "after", or "1", "2", "3" and so on.
        metric: the short name of the metric to open on; the one that a comparison is about, the first that the
            evaluation was asked for, or "false_positive_rate" where there is one.
        class_id: the class of a softmax model to open on; the first.
        threshold: the threshold to open at, one of the evaluations'; the middle one.
        matched: dict of class id (None for a binary model) -> list of tuples, a threshold for each result, at which
            the results have equal overall rates; a comparison brings its own. These rates are shown under names of
            their own, and first.
        title: the heading of the page.
        output: the output to show of a TFMA result with several.
        model: the model to show of a folder that TFMA wrote of several; None shows each, the baseline first.
        height: of the frame in a notebook, in pixels; enough for what the board opens with if not given.

    Returns:
        A `Board`: the last expression of a notebook cell shows it.

    Raises:
        FairkitError: for what is no evaluation, a metric, class or threshold that is not there, or several evaluations
            without a class, or a metric and threshold, in common.

    Example:
        >>> import fairkit, pandas
        >>> row = {"class": None, "metric": "false_positive_rate", "threshold": 0.5, "note": ""}
        >>> frame = pandas.DataFrame([
        ...     {**row, "slice": "Overall", "value": 0.2, "lower": 0.11, "upper": 0.33, "numerator": 10,
        ...      "denominator": 50, "examples": 90},
        ...     {**row, "slice": "color:blue", "value": 0.1, "lower": 0.03, "upper": 0.3, "numerator": 2,
        ...      "denominator": 20, "examples": 40}])
        >>> fairkit.view.board(frame)
        false positive rate at threshold 0.5
        slice       evaluation
        Overall     0.200 [0.110, 0.330] 10/50
        color:blue  0.100 [0.030, 0.300] 2/20
    """
    if len(evaluations) == 1 and hasattr(evaluations[0], "threshold_pairs"):
        [comparison] = evaluations
        evaluations = (comparison.before, comparison.after)
        metric = comparison.metric if metric is None else metric
        if matched is None and comparison.metric != "accuracy":  # which the board has at one threshold
            matched = comparison.threshold_pairs
    results = named_results(evaluations, names, output, model)
    names = [result.name for result in results]
    matched = (matched or {}) if len(results) > 1 else {}
    if any(len(each) != len(results) for of_class in matched.values() for each in of_class):
        raise FairkitError("matched thresholds are one for each evaluation", f"tuples of {len(results)}", matched)
    frames = [[result.frame, *_frames_at(result.evaluation, {c: [each[i] for each in matched[c]] for c in matched})]
              for i, result in enumerate(results)]
    views = make_views(frames, _asked_first(results) if metric is None else metric, matched, threshold)
    classes = [view.class_id for view in views]
    if class_id is not None and class_id not in classes:
        raise FairkitError(f"the board has no class {quote(class_id)}", nearest(class_id, classes), quote(class_id))
    if title is None:
        title = ": ".join(["Fairness Indicators", *([_listed(names)] if len(names) > 1 else [])])
    return Board(views, names, str(title), classes.index(class_id) if class_id in classes else 0, height)


class Board:
    """A board, ready to be shown, saved, or printed as a plain table; made by `board`."""

    def __init__(self, views, names, title, opened, height):
        self._views, self._names, self._title = views, names, title
        self._opened = opened
        self._height = _height_of(views[opened]) if height is None else int(height)

    @property
    def html(self):
        """The whole page as text; it needs no network and no other file."""
        return self._page()

    def show(self):
        """Shows the board right away; see `fairkit.view.showing.show_page`."""
        show_page(self)

    def save(self, path):
        """Writes the page to a file, whole or not at all, readable by its owner; returns its `Path`.

        Raises:
            FairkitError: if the file cannot be written.
        """
        path = as_path(path)
        try:
            with new_file(path) as temporary:
                temporary.write_text(self.html, encoding="utf-8")
        except OSError as error:
            raise FairkitError("the board cannot be written", "a file name in a folder that is writable",
                               f"{str(path)!r} ({error.strerror})") from error
        return path

    def _repr_html_(self):
        # Without allow-same-origin the frame can reach neither the notebook nor its cookies. A place that takes the
        # frame away (GitHub, a notebook that is not trusted) takes the style away too, so that the table shows.
        frame = escape(self._page(tables=False), quote=True)
        lead = _encodable(html_lead_table(self._views[self._opened], self._names))
        tables = _encodable(html_tables(self._views, self._names))
        without = f"fairkit-{hashlib.sha256(frame.encode()).hexdigest()[:12]}"   # of this output, not of all in a page
        return (f'<iframe srcdoc="{frame}" sandbox="allow-scripts" title="{escape(_encodable(self._title))}" '
                f'width="100%" height="{self._height}" '
                'style="border: 1px solid #dde1e6; border-radius: 8px; background: #fff">'
                f"</iframe>\n<style>.{without} {{ display: none }}</style>\n"
                f'<div class="{without}"><p>The Fairness Indicators board shows in a notebook that is '
                f"trusted. What it opens with:</p>\n{lead}</div>\n"
                f"<details><summary>All numbers as tables</summary>\n{tables}</details>")

    def __repr__(self):
        return text_table(self._views[self._opened], self._names)

    def _page(self, tables=True):
        return _encodable(make_page(self._views, self._names, self._title, self._opened, tables))


def _height_of(view):
    """Room for the chart and the table that a board opens with, in pixels."""
    features = [s.feature for s in view.slices[1:]]
    return min(940 + 38 * (1 + features.count(features[0]) if features else 1), 1300)


def _encodable(text):
    return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written to a file


def _listed(names):
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _asked_first(results):
    """The first metric that the first result was asked for and that all have, or None."""
    asked = getattr(results[0].evaluation, "asked_metrics", None) or ()
    return next((name for name in asked if all(name in set(r.frame.get("metric", ())) for r in results)), None)


def _frames_at(evaluation, thresholds):
    """The frames of an evaluation at other thresholds (a list a class), where its predictions are at hand."""
    if getattr(evaluation, "predictions", None) is None:
        return []
    return [evaluation.at_thresholds(sorted(missing), None if class_id is None else [class_id]).frame
            for class_id, wanted in thresholds.items() if (missing := {*wanted} - {*evaluation.thresholds})]
