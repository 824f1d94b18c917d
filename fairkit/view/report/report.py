"""Report: one document on what a model does to whom, in HTML, Markdown, JSON, and as a model card."""

import hashlib
import json
from functools import cached_property
from html import escape
from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.storage import FORMAT, new_file
from fairkit.view.report.building import content_of, training_content
from fairkit.view.report.page import html_of
from fairkit.view.report.subject import Model, Subject, subject_of

__all__ = ["FORMATS", "PICTURES", "Report", "make_report"]

FORMATS = ("html", "md", "json")
PICTURES = ("all", "few", "none")


class Report:
    """A report, ready to be shown or saved; made by `fairkit.view.make_report` and the `report` methods of results.

    The last expression of a notebook cell shows it: the page in a frame, with the Markdown beside it.

    Attributes:
        content: the `Content`: what it says, before it is written in a format.
        subject: the `Subject`: what it is about.
    """

    def __init__(self, content, subject, height=900):
        self.content, self.subject, self._height = content, subject, height

    @cached_property
    def html(self) -> str:
        """The whole page: it needs no network and no other file."""
        return html_of(self.content)

    @cached_property
    def markdown(self) -> str:
        """The same in Markdown, with pictures in words and without the board."""
        from fairkit.view.report.markdown import markdown_of

        return markdown_of(self.content)

    def to_dict(self) -> dict:
        """The same as plain values, with every figure behind the sentences; what is undefined is None."""
        return {"format": FORMAT, "kind": "fairkit report", **self.content.to_dict()}

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False, default=str) + "\n"

    def model_card(self, **options) -> str:
        """A model card in Hugging Face's format, of the last model; see `fairkit.view.report.model_card.model_card_of`.
        """
        from fairkit.view.report.model_card import model_card_of

        return model_card_of(self.content, self.subject, **options)

    def save(self, path) -> Path:
        """Writes .html, .md or .json, whichever the path ends with, whole or not at all, readable by its owner.

        Raises:
            FairkitError: for another ending, or a place that cannot be written to.
        """
        path = checked_path(path)
        text = {".html": lambda: self.html, ".md": lambda: self.markdown, ".json": self.to_json}[path.suffix.lower()]()
        return write_text(path, text)

    def show(self):
        """Shows the report right away: in a notebook as output of the cell, elsewhere in the browser."""
        from fairkit.view.showing import show_page

        show_page(self)

    def _repr_html_(self):
        # Without allow-same-origin the frame can reach neither the notebook nor its cookies. A place that takes the
        # frame away (GitHub, a notebook that is not trusted) takes the style away too, so that the answer shows.
        frame = escape(self.html, quote=True)
        without = f"fairkit-{hashlib.sha256(frame.encode()).hexdigest()[:12]}"
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.text.splitlines() if line)
        return (f'<iframe srcdoc="{frame}" sandbox="allow-scripts" '
                f'title="{escape(self.content.title)}" width="100%" height="{self._height}" '
                'style="border: 1px solid #dde1e6; border-radius: 8px; background: #fff"></iframe>'
                f'<style>.{without} {{ display: none }}</style><div class="{without}">{lines}</div>')

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": quote(self), "text/markdown": self.markdown}

    @property
    def text(self) -> str:
        """The answer in plain text."""
        lines = [self.content.title, self.content.question, ""]
        for part in self.content.sections[0].parts:
            if part.kind == "paragraph":
                lines.append(part.text)
            elif part.kind == "bullets":
                lines += [f"- {item}" for item in part.items]
        return "\n".join(lines)

    def __repr__(self):
        return f'{self.text}\n\n.save("report.html") writes it whole; .md and .json too'


def make_report(*results, names=None, metric=None, threshold=None, class_id=None, reference=None, title=None,
                examples=None, train=None, history=None, model=None, noun=None, positive=None, negative=None,
                class_names=None, about=None, pictures="all", board=True, bias=None, height=900) -> Report:
    """A report on one model, or on several, each compared with the first.

    Args:
        results: `Evaluation`s, or one `Comparison`.
        names: what the models are called; "model", or "before" and "after".
        metric: a rate, "accuracy" or "auc". By default what the runs were asked about, a comparison's own, accuracy
            of several classes, else the false positive rate.
        threshold: the middle one if not given; of an evaluation with its predictions any.
        class_id: the class that is judged against the rest; the first.
        reference: the slice that gaps are taken against, such as {"color": "blue"}; overall if not given.
        title: the heading.
        examples: the `Examples` that were judged: shows some that were judged wrongly. They are people's, so without
            this none is shown.
        train: the training `Examples`, whose groups are counted.
        history: of the last model's training: a Keras History, a `Remediation`, or a dict of name -> values.
        model: the last Keras model, whose architecture is told.
        noun, positive, negative, class_names: how the data are spoken of: "comments", "toxic", "harmless",
            ["cat", "dog"].
        about: a dict for each result in the form of run.json, as the command line has it.
        pictures: "all", "few" (the gaps and the training curves) or "none".
        board: whether the Fairness Indicators board is part of the page.
        bias: a section of bias metrics: a `BiasReport`, a list of them, one a model; or a facet such as
            {"gender": "Female"}, as `fairkit.bias_report` takes it, whose metrics are worked out from the predictions
            at the report's thresholds.
        height: of the frame in a notebook, in pixels.

    Returns:
        `Report`.

    Raises:
        FairkitError: for what is no evaluation, and a metric, threshold, class or reference that is not there.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0] * 200, groups={"color": ["orange", "blue"] * 100})
        >>> evaluation = fairkit.evaluate([.9, .1, .9, .1, .9, .1, .2, .8] * 25, examples, ["color"], [.5])
        >>> report = evaluation.report(reference={"color": "blue"}, noun="tins", positive="bad", pictures="none")
        >>> print(report.to_dict()["findings"][0]["sentence"])  # doctest: +NORMALIZE_WHITESPACE
        Tins with color orange that are not bad are flagged as bad in 75.0 % of cases, those with color blue in 25.0 %:
        gap 50.0 points, 95 % interval 36.8 to 60.5.
    """
    if pictures not in PICTURES:
        raise FairkitError(f"there is no pictures={quote(pictures)}", nearest(pictures, PICTURES), quote(pictures))
    if not results:
        raise FairkitError("a report is about at least one evaluation",
                           "what fairkit.evaluate or fairkit.compare gives", "none")
    comparison = results[0] if len(results) == 1 and hasattr(results[0], "threshold_pairs") else None
    evaluations = results if comparison is None else (comparison.before, comparison.after)
    for evaluation in evaluations:
        if not hasattr(evaluation, "frame") or not hasattr(evaluation, "thresholds") or hasattr(evaluation, "matches"):
            raise FairkitError("a report is about evaluations", "what fairkit.evaluate gives, or one comparison",
                               quote(evaluation)[:200])
    names = _names(names, len(evaluations))
    abouts = [dict(each or {}) for each in (about or [None] * len(evaluations))]
    abouts[-1] |= _known(train, history, model)
    models = [Model(*each) for each in zip(names, evaluations, abouts)]
    subject = subject_of(models, metric, threshold, class_id, reference, comparison, examples, noun=noun,
                         positive=positive, negative=negative, class_names=class_names)
    if bias is not None:
        from fairkit.view.report.bias_section import bias_reports_of

        bias = bias_reports_of(bias, subject)
    return Report(content_of(subject, title, pictures, board, bias), subject, int(height))


def training_report(remediation, name="the remedied model", train=None, title=None, pictures="all"):
    """A report on how a model was trained, without an evaluation: it says that nothing is known of gaps."""
    known = {**_known(train, remediation, remediation.model), "settings": remediation.settings}
    subject = Subject((Model(name, None, known),))
    return Report(training_content(subject, title, pictures), subject)


def checked_path(path):
    """A path that a report can be written to, or `FairkitError`."""
    path = Path(path)
    if path.suffix.lower().lstrip(".") not in FORMATS:
        raise FairkitError("a report is written in a format by the end of its name", "a path that ends with .html, .md "
                           "or .json", repr(str(path)))
    return path


def write_text(path, text):
    """Writes a text whole or not at all, readable by its owner; returns the path."""
    try:
        with new_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise FairkitError("the report cannot be written", "a file name in a folder that is writable",
                           f"{str(path)!r} ({error.strerror})") from error
    return Path(path)


def _names(names, count):
    if names is None:
        return ["model"] if count == 1 else ["before", "after"] if count == 2 else \
            ["before", *(f"after {i}" for i in range(1, count))]
    several = hasattr(names, "__iter__") and not isinstance(names, str)
    names = [str(name) for name in (names if several else [names])]
    if len(names) != count or len(set(names)) != count or not all(names):
        raise FairkitError("the names do not fit the evaluations", f"{count} distinct names", quote(names))
    return names


def _known(train, history, model):
    """What is known of a training that happened in this process, in the form of run.json."""
    found = {}
    if train is not None:
        from fairkit.view.report.group_counts import group_counts

        found["training"] = group_counts(train)
    if history is not None:
        values = getattr(history, "history", history)
        found["history"] = {str(name): [float(value) for value in each] for name, each in values.items()}
        if hasattr(history, "settings"):
            found["settings"] = history.settings
            model = getattr(history, "model", None) if model is None else model
    if model is not None:
        from fairkit.view.report.architecture import architecture_of

        found["architecture"] = architecture_of(model)
    return found
