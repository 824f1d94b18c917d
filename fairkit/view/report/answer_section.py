"""The first section: the answer in sentences, what was asked, what it cost, what else got worse."""

from fairkit.view.plots.labels import rate_of
from fairkit.view.plots.wanted import rows_at
from fairkit.view.report.answer import headline, sentence
from fairkit.view.report.choices import the_remedied_slice
from fairkit.view.report.content import Bullets, Facts, Heading, Paragraph, Section
from fairkit.view.report.cost import cost_sentences
from fairkit.view.report.figures import count, figure, share
from fairkit.view.report.limits import thresholds_sentence
from fairkit.view.report.pictures import answer_pictures
from fairkit.view.report.result_tables import cost_table, worse_table
from fairkit.view.report.words import quoted, slice_label
from fairkit.view.wording import spoken

__all__ = ["answer_section", "told_sentences"]

_SINGLE, _CROSSED = 12, 6  # slices that have a sentence of their own


def answer_section(findings, sentences, left_out, subject, pictures):
    sentences, first = dict(sentences), _first(findings, subject)
    counted = headline(findings, subject)
    parts = [Paragraph(sentences.pop(first), "lead"), Paragraph(counted)] if first in sentences else \
        [Paragraph(counted, "lead")]
    parts += [Paragraph(said) for said in cost_sentences(subject)]
    if subject.why_not:
        parts.append(Paragraph(f"Whether a gap changed is not tested: {subject.why_not}.", "warning"))
    parts += [Paragraph(f"{quoted(model.name)}: {warning}", "warning")
              for model, comparison in zip(subject.models[1:], subject.comparisons) if comparison is not None
              for warning in comparison.warnings]
    few = [finding.key for finding in findings if finding.few and finding.key in sentences]
    few = few if 1 < len(few) < len(sentences) else []   # in one sentence, or they bury those that can be judged
    told = [said for key, said in sentences.items() if key not in few]
    parts += [Bullets(tuple(told), "lead")] if told else []
    if few:
        parts.append(Paragraph(f"Too few examples to judge: {'; '.join(map(slice_label, few))}. Their figures are in "
                               "the tables."))
    if left_out:
        parts.append(Paragraph(f"{left_out} more slice{' is' if left_out == 1 else 's are'} in the table of gaps."))
    parts.append(Facts(_asked(subject)))
    if pictures != "none":
        parts += answer_pictures(subject)
    cost = cost_table(subject)
    if cost is not None:
        parts += [Heading("What it cost"), cost]
    worse = worse_table(subject)
    if worse is not None:
        parts += [Heading("What else got worse"), worse] if worse.rows else \
            [Heading("What else got worse"),
             Paragraph("Nothing, by an interval that excludes 0: neither this rate nor its opposite, in any slice."
                       + (f" {worse.note}" if worse.note else ""))]
    return Section("answer", "The answer", tuple(parts))


def told_sentences(findings, subject):
    """({slice key: sentence} of those that are told one by one, how many slices are not)."""
    single = [f for f in findings if len(f.key) == 1]
    crossed = [f for f in findings if len(f.key) > 1 and f.gap.verdict == "shown" and not f.rate.few]
    single.sort(key=_order), crossed.sort(key=_order)
    told = [*single[:_SINGLE], *crossed[:_CROSSED]]
    if not told:
        told = sorted(findings, key=_order)[:_SINGLE]
    return {f.key: sentence(f, subject) for f in told}, len(findings) - len(told)


def _order(finding):
    """Gaps that are shown first, the largest first; then those that are not; small slices; what is undefined."""
    rank = {"shown": 0, "not shown": 1, "no interval": 1}.get(finding.gap.verdict, 3)
    few = rank < 2 and finding.few
    return 2 if few else rank, -abs(finding.gap.value) if rank < 2 else 0


def _first(findings, subject):
    """The slice that the report is about: the one that was remedied, or the only one; None where there are several.

    The largest of several gaps is not it: it would be picked for being large.
    """
    single = [finding.key for finding in findings if len(finding.key) == 1]
    remedied = the_remedied_slice(subject.models)
    return remedied if remedied in single else single[0] if len(single) == 1 else None


def _asked(subject):
    """What was asked, and at which thresholds."""
    compared = thresholds_sentence(subject)
    return (("models", ", ".join(_counted(model) for model in subject.models)),
            ("rate", _rate_meant(subject)), ("overall", _overall(subject)),
            ("compared with", slice_label(tuple(subject.reference.items())) if subject.reference else "overall"),
            *((("thresholds", " ".join(compared)),) if compared else ()))


def _counted(model):
    examples = getattr(model.evaluation, "examples", None) if model.has_counts else None
    return quoted(model.name) + (f" ({count(examples)} examples)" if examples else "")


def _overall(subject):
    """The overall rate of each model at its threshold."""
    said = []
    for model, evaluation, threshold in zip(subject.models, subject.evaluations, subject.thresholds_of):
        row = rows_at(evaluation, subject.metric, threshold, subject.class_id)[0].get(())
        if row is not None:
            value = (share if rate_of(subject.metric) is not None else figure)(row["value"], row["lower"], row["upper"])
            said.append(f"{quoted(model.name)} {value}" if len(subject.models) > 1 else value)
    return "; ".join(said) or "unknown"


def _rate_meant(subject):
    at = "" if subject.threshold is None else f" at threshold {subject.threshold:.4g}"
    told = subject.words.share(subject.metric, ())
    return f"{spoken(subject.metric)}{at}" + (f": the share of {told[0]} that {told[1]}" if told else "")
