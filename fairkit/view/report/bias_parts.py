"""Bias metrics as parts of a report: sentences, tables, pictures, what could not be computed, how many were judged."""

import math

from fairkit.bias.definitions import METRICS
from fairkit.bias.report_text import records, verdict
from fairkit.view.plots.bias_bars import chosen_facet, plot_bias
from fairkit.view.plots.labels import capital
from fairkit.view.report.bias_words import (
    block_clauses,
    block_sentence,
    blocks_of,
    counted,
    facet_label,
    figures_of,
    is_told,
)
from fairkit.view.report.content import Bullets, Paragraph, Table
from fairkit.view.report.pictures import picture_of

__all__ = ["EXPLANATION", "absent", "bias_picture", "bias_table", "chance", "ordered_facets", "sentences",
           "told", "worst"]

SENTENCES = 24
_FACETS = 6  # named in a line on what is missing
_STAGES = {"pre_training": "Labels, before training", "post_training": "Predictions, after training"}

EXPLANATION = (
    "The group that is named is facet d, everybody else who has a value is facet a. Metrics before training compare "
    "the labels of the two, those after training the predictions, under the names and with the signs of SageMaker "
    "Clarify. Each has a fair value, 0, but for DI 1. A 95 % interval without the fair value excludes it; one with "
    "it says that these data cannot tell the metric from fair, not that it is. KL, JS, LP, TVD and KS are never "
    "below 0, so a test says whether the labels differ, and a one-sided limit how far they may.")


def ordered_facets(report):
    """(facet, value) of a `BiasReport`: first those with most metrics that exclude their fair value."""
    frame = report.frame
    told = frame["excludes_fair"].fillna(False).groupby([frame["facet"], frame["facet_value"]], sort=False).sum()
    return sorted(told.index, key=lambda key: -told[key])


def sentences(report):
    """dict of (facet, value) -> a list of sentences, one a stage and threshold, of facets as `ordered_facets` has them.
    """
    found = {key: [] for key in ordered_facets(report)}
    for block in blocks_of(report):
        found[block.facet, block.value].append(block_sentence(block))
    return found


def told(report, most=SENTENCES):
    """What stands out, as parts: of one facet value item by item, of several in a sentence for each, at most so many.
    """
    found, parts = sentences(report), []
    if len(found) == 1:
        for block in blocks_of(report):
            opening, clauses = block_clauses(block)
            parts += [Paragraph(f"{capital(opening)}:"), Bullets(tuple(f"{each}." for each in clauses))]
        return parts
    lines = [capital(line) for each in found.values() for line in each]
    parts.append(Bullets(tuple(lines[:most]), "lead"))
    if len(lines) > most:
        parts.append(Paragraph(f"{len(lines) - most} more such lines: the tables have the facet values that they are "
                               "about."))
    return parts


def bias_table(blocks, names, title=None):
    """The metrics of a facet value at one stage as a `Table`, for each model a column.

    Args:
        blocks: one `Block` a model, of the same metrics.
        names: of the models; [""] of one.
    """
    first, one = blocks[0], len(blocks) == 1
    rows = []
    for each in zip(*(block.rows for block in blocks), strict=True):
        row, metric = each[0], METRICS[each[0]["metric"]]
        said = [verdict(row) for row in each]
        same = len(set(said)) == 1
        words = said[0] if same else "; ".join(f"{name}: {text or 'not judged'}" for name, text in zip(names, said))
        rows.append((f"{row['metric']}: {metric.name}", *map(figures_of, each), f"{row['fair']:g}", words))
    at = list(dict.fromkeys(block.threshold for block in blocks))
    scores = ", scores above " + " and ".join(f"{x:.4g}" for x in at) if at[0] is not None else ""
    heads = ("value (95 % interval)",) if one else tuple(f"{name} (95 % interval)" for name in names)
    return Table(title or f"{_STAGES[first.stage]}: {first.label} (d) against the rest (a){scores}",
                 ("metric", *heads, "fair", "what it says"), tuple(rows))


def bias_picture(report, facet, value, threshold=None, name=None):
    """The bars of a facet value as a `Picture`."""
    label = facet_label(facet, value)
    return picture_of(plot_bias(report, value, facet, threshold), name or f"Bias metrics of {label}")


def worst(report):
    """(facet, value) with most metrics that exclude their fair value."""
    return chosen_facet(report)[:2]


def absent(report):
    """What could not be computed or judged, and why, a line for each reason."""
    found = {}
    for row in records(report.frame):
        if math.isnan(row["value"]) or (row["metric"] != "GE" and (row["note"] or is_told(row) is None)):
            why = row["note"] or "no interval and no test"
            found.setdefault(why, {}).setdefault(facet_label(row["facet"], row["facet_value"]), []).append(
                row["metric"])
    every = len(report.frame[["facet", "facet_value"]].drop_duplicates())
    return [_reason(why, facets, every) for why, facets in found.items()]


def _reason(why, facets, every):
    metrics = ", ".join(dict.fromkeys(metric for each in facets.values() for metric in each))
    if len(facets) == every > 1:
        whose = f"all {every} facet values"
    else:
        listed = list(facets)
        whose = "; ".join(listed[:_FACETS]) + (f"; and {len(listed) - _FACETS} more" if len(listed) > _FACETS else "")
    return f"{metrics} of {whose}: {why}."


def chance(rows):
    """How many metrics were looked at in rows of reports' frames, and that nothing is adjusted for their number."""
    judged, excluding = counted(rows)
    return (f"{len(rows):,} metrics were looked at; {judged:,} have an interval or a test by which they can be "
            f"judged, and {excluding:,} of these exclude their fair value. Where nothing is unfair, about 1 in 20 "
            "does so by chance. Intervals and p-values are not adjusted for their number. Many look at the same counts "
            "(DPL, KL, JS, LP, TVD and KS at two shares of labels, DPPL and DI at two shares of predictions), so that "
            "one difference shows in several.")
