"""The content of a report, built once from its subject."""

from fairkit.counts.rates import RATES
from fairkit.errors import FairkitError
from fairkit.view.plots.labels import rate_of
from fairkit.view.report.answer import headline
from fairkit.view.report.answer_section import answer_section, told_sentences
from fairkit.view.report.content import Content, Embedded, Paragraph, Section, Table
from fairkit.view.report.data_section import data_section, evaluated_counts
from fairkit.view.report.findings import findings_of
from fairkit.view.report.limits import limits_section
from fairkit.view.report.pictures import curve_pictures
from fairkit.view.report.result_tables import MOST_ROWS, gap_table, plain_frame, rate_table
from fairkit.view.report.training_section import training_section
from fairkit.view.report.versions import day, versions_section
from fairkit.view.report.words import quoted, slice_label
from fairkit.view.text import interval, plain
from fairkit.view.validation_text import beside_lines

__all__ = ["content_of", "training_content"]


def content_of(subject, title=None, pictures="all", board=True, bias=None):
    """The `Content` of a `Subject`.

    Args:
        subject: with at least one evaluation.
        title: the heading.
        pictures: "all", "few" (the gaps and the training curves) or "none".
        board: whether the Fairness Indicators board is part of it.
        bias: (name, `BiasReport`) pairs, which have a section; None for none.
    """
    findings = findings_of(subject)
    sentences, left_out = told_sentences(findings, subject)
    feature = next((key[0][0] for key in sentences if len(key) == 1), None)  # of the largest gap
    sections = [answer_section(findings, sentences, left_out, subject, pictures),
                _tables(findings, subject, pictures, feature)]
    if bias:
        from fairkit.view.report.bias_section import bias_section

        sections.append(bias_section(bias, subject, pictures))
    if board:
        sections.append(_board(subject))
    if subject.examples is not None:
        from fairkit.view.report.shown_examples import examples_section

        sections.append(examples_section(subject, feature))
    sections += [data_section(subject), training_section(subject, pictures != "none"),
                 limits_section(findings, subject), versions_section(subject)]
    names = [model.name for model in subject.models]
    title = title or f"Fairness report: {' and '.join(names) if len(names) < 3 else ', '.join(names)}"
    return Content(str(title), _question(subject), tuple(sections),
                   {**_numbers(findings, sentences, subject), **_bias_numbers(bias)},
                   day(subject.last.about.get("written")))


def _bias_numbers(bias):
    """The bias metrics in figures, each in the layout of Clarify's analysis.json."""
    return {"bias": [{"model": name or None, **report.to_dict(threshold)} for name, report in bias
                     for threshold in report.thresholds or (None,)]} if bias else {}


def training_content(subject, title=None, pictures="all"):
    """The `Content` of models that were trained and not evaluated: nothing is said on gaps."""
    nothing = Paragraph("No evaluation was given, so nothing is said on gaps: pass what fairkit.evaluate gives, "
                        "before and after, to report().", "warning")
    sections = (Section("answer", "The answer", (nothing,)), training_section(subject, pictures != "none"),
                versions_section(subject))
    return Content(str(title or f"Training report: {subject.last.name}"), "How was the model trained?", sections,
                   {"models": [{"name": model.name} for model in subject.models]}, None)


def _question(subject):
    families = dict.fromkeys(tuple(name for name, _ in key) for key in _keys(subject) if key)
    by = [" x ".join(map(quoted, family)) for family in families]
    listed = by[0] if len(by) == 1 else ", ".join(by[:-1]) + f" and {by[-1]}" if by else ""
    against = f", against {slice_label(tuple(subject.reference.items()))}" if subject.reference else ""
    later = [quoted(model.name) for model in subject.models[1:]]
    changed = "" if not later else ", and what changed afterwards" if later == ["after"] else \
        f", and what did {' and '.join(later)} change"
    return f"{subject.words.question(subject.metric)}{f', by {listed}' if listed else ''}{against}{changed}?"


def _keys(subject):
    evaluation = subject.first.evaluation
    return evaluation.keys if subject.first.has_counts else dict.fromkeys(key for key, *_ in evaluation.values)


def _tables(findings, subject, pictures, feature):
    at = subject.thresholds_of if subject.threshold is not None else None
    parts = [rate_table(subject, subject.metric, at, subject.class_id), gap_table(findings, subject)]
    if pictures == "all":
        parts += curve_pictures(subject, feature)
    rate = RATES.get(subject.metric)
    others = [(rate.opposite, at, subject.class_id)] if rate is not None and rate.opposite else []
    others += [("accuracy", None, None)] if subject.metric != "accuracy" else []
    others += [("auc", None, subject.class_id)] if subject.metric not in ("auc", "accuracy") else []
    parts += [_metric_table(subject, *other) for other in others]
    parts += [part for model in subject.models for part in _of_config(model)]
    return Section("tables", "The figures", tuple(part for part in parts if part is not None))


def _of_config(model):
    """What a TFMA config asks for beside rates: its thresholds on values, pairs of slices, what is not shown."""
    evaluation, parts = model.evaluation, []
    if evaluation.validation is not None:
        checks = evaluation.validation.frame.head(MOST_ROWS)
        parts.append(Table(
            f"Thresholds of the TFMA config of {quoted(model.name)}: {'ok' if evaluation.validation.ok else 'failed'}",
            ("check", "value (95 % interval)", "required", "TFMA, by value", "by interval", "note"),
            tuple((f"{row.metric}, {'' if row.baseline is None else f'{row.baseline} - '}{row.slice}",
                   interval(row.value, row.lower, row.upper, form=plain), row.requirement, "ok" if row.ok else "failed",
                   row.verdict, row.note) for row in checks.itertuples())))
    if evaluation.cross_slices is not None:
        parts.append(Table(
            f"Pairs of slices of {quoted(model.name)}", ("baseline - comparison", "metric", "threshold",
                                                         "gap (95 % interval)"),
            tuple((f"{row.baseline} - {row.comparison}", row.metric, plain(row.threshold, 3),
                   interval(row.gap, row.lower, row.upper))
                  for row in evaluation.cross_slices.head(MOST_ROWS).itertuples()), "Baseline minus comparison."))
    return parts + [Paragraph(line) for line in beside_lines(evaluation)]


def _metric_table(subject, metric, thresholds, class_id):
    """The table of a further metric; None where one of the evaluations does not have it at that threshold."""
    try:
        return rate_table(subject, metric, thresholds, class_id, undefined=False)
    except FairkitError:
        return None


def _board(subject):
    from fairkit.view.fairness_indicators import board

    shown = subject.comparisons[0] if len(subject.models) == 2 and subject.comparisons[0] is not None else None
    names = [model.name for model in subject.models]
    options = {"metric": subject.metric, "threshold": subject.threshold}
    if subject.class_id is not None:
        options["class_id"] = subject.class_id
    results = [shown] if shown is not None else [model.evaluation for model in subject.models]
    made = board(*results, names=names if len(names) > 1 else None, title="Fairness Indicators", **options)
    words = Paragraph("Every rate at every threshold, by slice: the Fairness Indicators board. It needs scripts; the "
                      "tables above stand without.")
    return Section("board", "The board", (words, Embedded("Fairness Indicators", made._page(tables=False), 760,
                                                          "The board is part of the HTML report.")))


def _numbers(findings, sentences, subject):
    """Everything in figures, for programs."""
    return {"metric": subject.metric, "threshold": subject.threshold, "class": subject.class_id,
            "reference": subject.reference, "unit": "share" if rate_of(subject.metric) is not None else "number",
            "models": [{"name": model.name, "threshold": threshold,
                        "examples": model.evaluation.examples if model.has_counts else None,
                        "data": model.about.get("data"), "settings": model.about.get("settings"),
                        "versions": model.about.get("versions")}
                       for model, threshold in zip(subject.models, subject.thresholds_of)],
            "headline": headline(findings, subject),
            "findings": [{**finding.to_dict(), "sentence": sentences.get(finding.key)} for finding in findings],
            "quality": [{"model": model.name, **row} for model, comparison in zip(subject.models[1:],
                                                                                 subject.comparisons)
                        if comparison is not None for row in plain_frame(comparison.quality)],
            "got_worse": [{"model": model.name, **row} for model, comparison in zip(subject.models[1:],
                                                                                   subject.comparisons)
                          if comparison is not None for row in plain_frame(comparison.got_worse)],
            "warnings": [warning for comparison in subject.comparisons if comparison is not None
                         for warning in comparison.warnings],
            "evaluated": evaluated_counts(subject.first.evaluation),
            "training": next((found for model in subject.models if (found := model.about.get("training"))), None)}
