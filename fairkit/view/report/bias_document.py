"""The report of a `BiasReport` alone: what stands out, the figures, what could not be computed, the limits."""

from fairkit.bias.report_text import heading, records
from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.labels import capital
from fairkit.view.report.bias_parts import EXPLANATION, absent, bias_picture, bias_table, chance, ordered_facets, told
from fairkit.view.report.bias_parts import sentences as sentences_of
from fairkit.view.report.bias_words import blocks_of, counted, facet_label
from fairkit.view.report.content import Bullets, Content, Facts, Heading, Paragraph, Section
from fairkit.view.report.figures import count
from fairkit.view.report.report import PICTURES, Report
from fairkit.view.report.subject import Model, Subject
from fairkit.view.report.versions import versions_section
from fairkit.view.report.words import quoted

__all__ = ["bias_document"]

_PICTURES, _TABLES = 6, 24  # facet values with a picture, with tables


def bias_document(report, title=None, pictures="all") -> Report:
    """A `BiasReport` as a `Report`: HTML, Markdown and JSON.

    Args:
        report: the `BiasReport`.
        title: the heading.
        pictures: "all" (of the six facet values with most metrics that exclude their fair value), "few" (of the first
            of these) or "none".

    Raises:
        FairkitError: for other pictures.
    """
    if pictures not in PICTURES:
        raise FairkitError(f"there is no pictures={quote(pictures)}", nearest(pictures, PICTURES), quote(pictures))
    found = sentences_of(report)
    lines = absent(report)
    nothing = (Paragraph("Everything that was asked for could be computed."),)
    sections = (
        Section("answer", "What stands out", (Paragraph(_count(report), "lead"), *told(report), Facts(_asked(report)))),
        Section("reading", "How to read it", (Paragraph(EXPLANATION),)),
        Section("figures", "The figures", tuple(_figures(report, pictures))),
        Section("absent", "What could not be computed, or not of all", (Bullets(tuple(lines)),) if lines else nothing),
        Section("limits", "Limits", (Bullets(tuple(_limits(report))),)),
        versions_section(_subject()))
    facets = ", ".join(quoted(one.facet.name) for one in report.facets)
    content = Content(str(title or f"Bias report: {quoted(report.label)} by {facets}"), _question(report), sections,
                      _numbers(report, found))
    return Report(content, _subject())


def _subject():
    return Subject((Model("bias report"),))


def _question(report):
    facets = " or ".join(f"one {quoted(one.facet.name)}" for one in report.facets)
    what = "the labels" if report.outcomes is None else "the labels, or the predictions,"
    return f"Do {what} favour {facets} over the rest?"


def _count(report):
    parts, said = {}, []
    for row in records(report.frame):
        parts.setdefault((row["facet"], row["facet_value"]), []).append(row)
    for (facet, value), rows in parts.items():
        judged, excluding = counted(rows)
        said.append((judged, excluding, facet_label(facet, value)))
    if len(said) == 1:
        judged, excluding, label = said[0]
        return f"{capital(label)}: {excluding} of the {judged} metrics that can be judged exclude their fair value."
    some = sum(excluding > 0 for _, excluding, _ in said)
    return f"In {some} of {len(said)} facet values some metric excludes its fair value: " \
           f"{sum(each[1] for each in said)} of {sum(each[0] for each in said)} metrics that can be judged."


def _asked(report):
    facts = [("label", quoted(report.label)), ("positive", quoted(report.positive.text)),
             ("facet", ", ".join(quoted(one.facet.name) for one in report.facets)),
             ("predictions", "none" if report.outcomes is None else "labels" if not report.thresholds else
              "scores above " + ", ".join(f"{x:g}" for x in report.thresholds)),
             ("strata (group)", quoted(report.group) if report.group is not None else "none")]
    if report.weighted:
        facts.append(("weights", "every example by its own"))
    facts += [(f"rows with {what}", f"{count(n)}, left out") for what, n in report.left_out.items()]
    facts += [(f"rows without {quoted(facet)}", f"{count(n)}, in neither facet")
              for facet, n in report.missing.items() if n]
    return tuple(facts)


def _figures(report, pictures):
    keys, blocks, parts = ordered_facets(report), blocks_of(report), []
    drawn = {"all": _PICTURES, "few": 1, "none": 0}[pictures]
    for place, (facet, value) in enumerate(keys[:_TABLES]):
        parts += [Heading(facet_label(facet, value))] * (len(keys) > 1)
        if place < drawn:
            parts.append(bias_picture(report, facet, value))
        parts += [bias_table([block], [""]) for block in blocks if (block.facet, block.value) == (facet, value)]
    if len(keys) > _TABLES:
        parts.append(Paragraph(f"{len(keys) - _TABLES} more facet values have no table here; the JSON and .frame have "
                               "them all."))
    return parts


def _limits(report):
    said = [chance(records(report.frame))]
    if len(report.frame[["facet", "facet_value"]].drop_duplicates()) > 1:
        said.append("Each facet value is compared with all others together: where one stands low, the others stand "
                    "high against it.")
    if "GE" in report.metrics:
        said.append("GE is of all examples, whatever their facet, and says nothing of facets.")
    if "FT" in report.metrics:
        said.append("The interval of FT knows of other members of d, not of other neighbours in a.")
    return [*said, "A difference has causes that no count shows; strata (group) that explain one do not excuse it."]


def _numbers(report, found):
    """Everything in figures, for programs: each analysis in the layout of Clarify's analysis.json."""
    judged, excluding = counted(records(report.frame))
    return {"about": heading(report), "metrics_looked_at": len(report.frame), "judged": judged,
            "excluding_fair": excluding,
            "findings": [{"facet": facet, "facet_value": value, "sentences": lines}
                         for (facet, value), lines in found.items()],
            "bias": [report.to_dict(threshold) for threshold in report.thresholds or (None,)]}
