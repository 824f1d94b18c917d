"""Bias metrics in sentences: what stands out of a facet value, said with its name in place of "d"."""

import math
import re
from dataclasses import dataclass

from fairkit.bias.report_text import means, p_text, records
from fairkit.view.report.figures import count, figure, share
from fairkit.view.report.words import quoted

__all__ = ["Block", "block_clauses", "block_sentence", "blocks_of", "counted", "facet_label", "figures_of", "is_told",
           "named"]

STAGES = {"pre_training": "labels", "post_training": "predictions"}
# "a" and "d" alone; the article stands before "larger"
_SIDES = re.compile(r"\b(a(?! larger)|d)\b")


@dataclass(frozen=True)
class Block:
    """The metrics of one facet value and stage, at one threshold.

    Attributes:
        facet, value: the facet and its value d.
        stage: "pre_training" or "post_training".
        threshold: of scores; None where there is none.
        rows: dicts of the report's frame.
        shares: (of facet a, of facet d): the share of positive labels, or of positive predictions; None if unknown.
    """

    facet: str
    value: str
    stage: str
    threshold: float | None
    rows: tuple
    shares: tuple | None

    @property
    def label(self):
        return facet_label(self.facet, self.value)

    @property
    def who(self):
        """The value by itself where it can stand so: "Female", but "age > 40"."""
        return self.label if self.value.startswith(">") else quoted(self.value)


def facet_label(facet, value):
    """A facet value by its name: "gender Female"."""
    return f"{quoted(facet)} {quoted(value)}"


def blocks_of(report):
    """The `Block`s of a `BiasReport`, by facet, value, stage and threshold."""
    parts, found = {}, []
    shares = {(facet, value): each for facet, value, each in _shares(report)}
    for row in records(report.frame):
        at = None if math.isnan(row["threshold"]) else row["threshold"]
        parts.setdefault((row["facet"], row["facet_value"], row["stage"], at), []).append(row)
    for (facet, value, stage, at), rows in parts.items():
        labels, predictions = shares[facet, value]
        known = labels if stage == "pre_training" else predictions.get(at)
        found.append(Block(facet, value, stage, at, tuple(rows), known))
    return found


def _shares(report):
    """(facet, value, shares of positive labels, threshold -> shares of positive predictions) of each facet value."""
    for one in report.facets:
        labels = one.sides.labelled[..., 1]
        predicted, thresholds = None, report.thresholds or (None,)
        if report.outcomes is not None:
            counts = one.sides.predicted
            positive, total = ((counts.tp + counts.fp)[..., 1],
                               (counts.tp + counts.fp + counts.tn + counts.fn)[..., 1])
        for place, value in enumerate(one.sides.texts):
            if report.outcomes is not None:
                predicted = {threshold: _divided(positive[:, place, at], total[:, place, at])
                             for at, threshold in enumerate(thresholds)}
            yield one.facet.name, value, (_divided(labels[:, place, 1], labels[:, place].sum(-1)), predicted or {})


def _divided(top, bottom):
    return tuple(float(x / y) for x, y in zip(top, bottom, strict=True)) if (bottom > 0).all() else None


def is_told(row):
    """Whether a row excludes its fair value; None where that cannot be told."""
    return {"True": True, "False": False}.get(str(row["excludes_fair"]))


def named(words, who):
    """What a metric means with the facets' names: "the rest is predicted positive more often".

    Example:
        >>> named("recall is higher for a", "women"), named("d is under-represented", "women")
        ('recall is higher for the rest', 'women is under-represented')
    """
    return _SIDES.sub(lambda found: "the rest" if found[0] == "a" else who, words)


def figures_of(row):
    """A value with its interval or one-sided limit: "0.196 (0.188 to 0.205)", "0.141 (up to 0.153)"."""
    if math.isinf(row["value"]):
        return "infinite"
    if row["test"]:
        limit = "" if math.isnan(row["upper"]) else f" (up to {figure(row['upper'])})"
        return figure(row["value"]) + limit
    return figure(row["value"], row["lower"], row["upper"])


def block_sentence(block):
    """What stands out of one block, in a sentence."""
    opening, clauses = block_clauses(block)
    return f"{opening}: {'; '.join(clauses)}."


def block_clauses(block):
    """(whose metrics they are, what stands out of them one by one), of one block."""
    at = f", scores above {block.threshold:.4g}" if block.threshold is not None else ""
    first = block.rows[0]
    opening = f"{block.label} ({count(first['n_d'])} against {count(first['n_a'])}), {STAGES[block.stage]}{at}"
    clauses = {}
    for row in block.rows:
        if is_told(row):
            clauses.setdefault(named(means(row), block.who), []).append(row)
    if clauses:
        return opening, [_clause(words, rows, block) for words, rows in clauses.items()]
    judged = counted(block.rows)[0]
    return opening, [f"none of {judged} metrics excludes its fair value" if judged > 1 else
                     "the metric does not exclude its fair value" if judged else "no metric can be judged"]


def _clause(words, rows, block):
    shares = ""
    if block.shares is not None and any(row["metric"] in ("DPL", "DPPL") for row in rows):
        a, d = block.shares
        shares = f", {share(d)} of {block.who} against {share(a)}"
    tests = [row["p_value"] for row in rows if row["test"] and not math.isnan(row["p_value"])]
    if tests and all(row["test"] for row in rows):  # of one test; the distances say the same in five ways
        shown = next((row for row in rows if row["metric"] == "TVD"), rows[0])
        others = ", ".join(row["metric"] for row in rows if row is not shown)
        return f"{words} ({p_text(tests[0])}; {_inline(shown)}{f'; also {others}' if others else ''})"
    return f"{words}{shares} ({'; '.join(map(_inline, rows))})"


def _inline(row):
    """A metric inside brackets: "DPL 0.196, 0.188 to 0.205"."""
    return f"{row['metric']} {figures_of(row)}".replace(" (", ", ").rstrip(")")


def counted(rows):
    """(metrics that can be judged, those of them that exclude their fair value) of rows of a report's frame."""
    told = [is_told(row) for row in rows]
    return sum(each is not None for each in told), sum(each is True for each in told)


