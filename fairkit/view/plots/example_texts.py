"""Texts by group that a model got wrong, or that there are before there is a model, as a table."""

import textwrap
from html import escape
from pathlib import Path

import pandas as pd

from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError
from fairkit.examples import chosen_input
from fairkit.storage import new_file
from fairkit.view.description import shortened
from fairkit.view.plots.example_choice import KINDS, choose_examples

__all__ = ["TextExamples", "example_texts"]

_LONGEST = 500


class TextExamples:
    """Texts with their labels, and with scores where there is a model, group by group; made by `example_texts`.

    In a notebook a table, printed plain text. Texts are escaped and cut to 500 characters; the frame has them whole.

    Attributes:
        frame: a DataFrame with a row for each text: slice, id, label, predicted, score, text; predicted and score only
            where there is a model.
        counts: dict of slice -> (how many are of the kind, among how many).
        title: what is shown.
    """

    def __init__(self, frame, counts, title, counted):
        self.frame, self.counts, self.title, self._counted = frame, counts, title, counted

    def save(self, path) -> Path:
        """Writes the table as one page, .html, readable by its owner only; returns the path."""
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise FairkitError("texts are saved as a page", "a path that ends with .html", str(path))
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        page = ('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
                f"<title>{escape(self.title)}</title></head>\n"
                f'<body style="font: 15px/1.45 system-ui, sans-serif; margin: 2em">{self._repr_html_()}</body>'
                "</html>\n")
        with new_file(path) as temporary:
            temporary.write_text(page, encoding="utf-8", errors="replace")
        return path

    def _repr_html_(self):
        rows, numbers = [], self._numbers()
        for name, of_slice in self._groups():
            rows.append(f'<tr><th scope="rowgroup" colspan="{len(numbers) + 1}" style="text-align:left;'
                        f'padding-top:.7em"><bdi>{escape(name)}</bdi>: {escape(self._counted[name])}</th></tr>')
            for row in of_slice.to_dict("records"):
                cells = "".join(f'<td style="text-align:left;padding-right:1em">{escape(text(row[column]))}</td>'
                                for column, text in numbers.items())
                rows.append(f'<tr style="vertical-align:top">{cells}<td style="text-align:left;overflow-wrap:anywhere;'
                            f'max-width:48em"><bdi>{escape(_one_line(row["text"]))}</bdi></td></tr>')
        heads = "".join(f'<th scope="col" style="text-align:left;padding-right:1em">{name}</th>' for name in numbers)
        return (f'<table><caption style="text-align:left;font-weight:bold">{escape(self.title)}</caption><thead><tr>'
                f'{heads}<th scope="col" style="text-align:left">text</th>'
                f"</tr></thead><tbody>{''.join(rows)}</tbody></table>")

    def __str__(self):
        lines, (column, text) = [self.title], next(iter(self._numbers().items()))
        for name, of_slice in self._groups():
            lines += ["", f"{shortened(name, 60)}: {self._counted[name]}"]
            for row in of_slice.to_dict("records"):
                first = f"  {text(row[column])}  "
                lines += textwrap.wrap(_one_line(row["text"]), 100, initial_indent=first,
                                       subsequent_indent=" " * len(first))
        return "\n".join(lines)

    def __repr__(self):
        return f"TextExamples({len(self.frame)} texts; print() shows them)"

    def _groups(self):
        return [(name, self.frame[self.frame["slice"] == name]) for name in self.counts]

    def _numbers(self):
        """The columns before the text, and how each is written."""
        score = {"score": "{:.3f}".format} if "score" in self.frame else {}
        return {**score, "label": str}


def example_texts(result, examples, by=None, show: str | None = None, most: int = 5, class_id: int | None = None,
                  threshold: float | None = None, order: str | None = None, seed: int = 0,
                  input: str | None = None) -> TextExamples:
    """Texts that a model judged wrongly, by group: by default those that were wrongly flagged, the surest first.

    Texts are people's: they are shown only where this is called, and in no report by default.

    Args:
        result: an `Evaluation` that holds its predictions, or `Predictions`; None to show the data alone, drawn at
            random.
        examples: the `Examples`, those that were judged, with texts as inputs.
        by: a group column, or a tuple of several for their cross; all examples together if not given.
        show: "false_positives" (if not given), "false_negatives", "errors", "correct" or "all". Without a result it is
            "all", and no other.
        most: texts a group.
        class_id: of a model with several outputs: the class judged against the rest.
        threshold: of the score; the evaluation's only one, or .5.
        order: "score" (if not given): the most surely predicted first; or "random".
        seed: of the random choice.
        input: which of several named inputs.

    Returns:
        `TextExamples`.

    Raises:
        FairkitError: for inputs that are no texts, examples that were not judged, and options that ask what a model
            predicted where there is none.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1], groups={"tone": ["kind", "rude"]}, inputs=["you <b>", "me"])
        >>> print(fairkit.view.example_texts(fairkit.evaluate([.9, .8], examples), examples, by="tone"))
        Texts that are wrongly flagged (false positives)
        <BLANKLINE>
        tone:kind: 1 of 1 negatives
          0.900  you <b>
        <BLANKLINE>
        tone:rude: 0 of 0 negatives
    """
    shown_first, ordered = ("all", "random") if result is None else ("false_positives", "score")
    show, order = shown_first if show is None else show, ordered if order is None else order
    chosen = choose_examples(result, examples, by, show, most, class_id, threshold, order, seed)
    _, inputs = chosen_input(examples.inputs, input, "to show")
    blocks, counts, counted = [], {}, {}
    for group in chosen:
        name = slice_name(group.key)
        texts = [inputs[i] for i in group.rows.tolist()]
        if not all(isinstance(text, str) for text in texts):
            raise FairkitError("the inputs are no texts", "a list, array or column of texts",
                               type(next(text for text in texts if not isinstance(text, str))).__name__)
        counts[name], counted[name] = (group.found, group.among), group.counted
        blocks.append(group.table(examples.ids).assign(text=pd.Series(texts, dtype=object)))
    of_class = "" if class_id is None else f", class {class_id} against the rest"
    title = "Texts with their labels" if result is None else f"Texts that are {KINDS[show]}{of_class}"
    return TextExamples(pd.concat(blocks, ignore_index=True), counts, title, counted)


def _one_line(text):
    return shortened(" ".join(str(text).split()), _LONGEST)
