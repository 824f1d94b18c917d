"""The Fairness Indicators board of one evaluation, or of two side by side."""

from html import escape
from pathlib import Path

from fairkit.errors import FairkitError, nearest
from fairkit.storage import new_file
from fairkit.view.page import make_page
from fairkit.view.tables import html_tables, text_table
from fairkit.view.views import make_views

__all__ = ["Board", "board"]


def board(*evaluations, names=None, metric=None, class_id=None, threshold=None, matched=None, title=None):
    """The Fairness Indicators board (TensorFlow Model Analysis's web component) in a self-contained page.

    Args:
        evaluations: one `Evaluation` or two, or one `Comparison`; DataFrames in the form of `Evaluation.frame` do too.
        names: what the results are called; "evaluation", or "before" and "after".
        metric: the short name of the metric to open on; "false_positive_rate" where there is one.
        class_id: the class of a softmax model to open on; the first.
        threshold: the threshold to open at, one of the evaluations'; the middle one.
        matched: dict of class id (None for a binary model) -> list of (first, second) thresholds at which the two
            results have equal overall rates. These rates are shown under names of their own, and first.
        title: the heading of the page.

    Returns:
        A `Board`: the last expression of a notebook cell shows it.

    Raises:
        FairkitError: for anything but one or two evaluations, a metric, class or threshold that they do not have, or
            two evaluations without a class, a metric and threshold in common.

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
    comparison = evaluations[0] if len(evaluations) == 1 and hasattr(evaluations[0], "threshold_pairs") else None
    if comparison is not None:
        evaluations = (comparison.before, comparison.after)
        metric = comparison.metric if metric is None else metric
        matched = comparison.threshold_pairs if matched is None else matched
    names = _names(names, len(evaluations))
    matched = (matched or {}) if len(names) > 1 else {}
    frames = [[_frame(evaluation), *_frames_at(evaluation, {c: [pair[i] for pair in matched[c]] for c in matched})]
              for i, evaluation in enumerate(evaluations)]
    views = make_views(frames, metric, matched, threshold)
    classes = [view.class_id for view in views]
    if class_id is not None and class_id not in classes:
        raise FairkitError(f"the board has no class {class_id!r}", nearest(class_id, classes), repr(class_id))
    if title is None:
        title = "Fairness Indicators" if len(names) == 1 else f"Fairness Indicators: {names[0]} and {names[1]}"
    opened = classes.index(class_id) if class_id in classes else 0
    return Board(views, names, str(title), opened)


class Board:
    """A board, ready to be shown in a notebook, saved, or printed as a plain table; made by `board`."""

    def __init__(self, views, names, title, opened):
        self._views, self._names, self._title, self._opened = views, names, title, opened

    @property
    def html(self):
        """The whole page as text; it needs no network and no other file."""
        return self._page()

    def save(self, path):
        """Writes the page to a file, whole or not at all, readable by its owner; returns its `Path`.

        Raises:
            FairkitError: if the file cannot be written.
        """
        path = Path(path)
        try:
            with new_file(path) as temporary:
                temporary.write_text(self.html, encoding="utf-8")
        except OSError as error:
            raise FairkitError("the board cannot be written", "a file name in a folder that is writable",
                               f"{str(path)!r} ({error.strerror})") from error
        return path

    def _repr_html_(self):
        # Without allow-same-origin the frame can reach neither the notebook nor its cookies. Where a site takes the
        # frame away (GitHub, untrusted notebooks), the tables under it remain.
        frame = escape(self._page(tables=False), quote=True)
        tables = _encodable(html_tables(self._views, self._names))
        return (f'<iframe srcdoc="{frame}" sandbox="allow-scripts" title="{escape(_encodable(self._title))}" '
                'width="100%" height="900" style="border: 1px solid #dde1e6; border-radius: 8px; background: #fff">'
                f"</iframe>\n<details><summary>The same numbers as tables</summary>\n{tables}</details>")

    def __repr__(self):
        return text_table(self._views[self._opened], self._names)

    def _page(self, tables=True):
        return _encodable(make_page(self._views, self._names, self._title, self._opened, tables))


def _encodable(text):
    return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written to a file


def _frame(evaluation):
    frame = getattr(evaluation, "frame", evaluation)
    if not hasattr(frame, "columns"):
        raise FairkitError("a board shows evaluations", "what fairkit.evaluate or fairkit.load_evaluation returns",
                           type(evaluation).__name__)
    return frame


def _frames_at(evaluation, thresholds):
    """The frames of an evaluation at other thresholds (a list a class), where its predictions are at hand."""
    if getattr(evaluation, "predictions", None) is None:
        return []
    from fairkit.evaluation.evaluating import evaluate

    return [evaluate(evaluation.predictions, slices=evaluation.slices, thresholds=sorted(missing),
                     classes=None if class_id is None else [class_id]).frame
            for class_id, wanted in thresholds.items() if (missing := {*wanted} - {*evaluation.thresholds})]


def _names(names, count):
    if count not in (1, 2):
        raise FairkitError("a board shows one evaluation or two side by side", "1 or 2 evaluations", count)
    if names is None:
        return ("evaluation",) if count == 1 else ("before", "after")
    names = (names,) if isinstance(names, str) else tuple(map(str, names))
    if len(names) != count or len(set(names)) != count or not all(names):
        raise FairkitError("the names do not fit the evaluations", f"{count} distinct names", list(names))
    return names
