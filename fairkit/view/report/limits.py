"""What the figures do not say: few examples, levelling down, missing groups, thresholds, chance."""

from fairkit.counts.slices import slice_name
from fairkit.view.report.content import Bullets, Section
from fairkit.view.report.figures import count, share
from fairkit.view.report.words import quoted, slice_label
from fairkit.view.wording import spoken

__all__ = ["limits_section", "thresholds_sentence"]

_LISTED = 6


def limits_section(findings, subject):
    """The `Section`."""
    said = [*_small(findings), *_without_reference(findings, subject), *_unannotated(subject), *_thresholds(subject),
            *_levelling(subject), *_comparisons(findings), *_always(subject)]
    return Section("limits", "Limits", (Bullets(tuple(said)),))


def _small(findings):
    few = [finding for finding in findings if finding.rate.few]
    none = [finding for finding in findings if finding.rate.note.startswith("undefined")]
    said = []
    if few:
        listed = "; ".join(f"{slice_label(f.key)} ({count(f.rate.denominator)})" for f in few[:_LISTED])
        more = f"; and {len(few) - _LISTED} more" if len(few) > _LISTED else ""
        said.append(f"{len(few)} of {len(findings)} slices {'have' if len(few) > 1 else 'has'} too few examples to "
                    f"judge the rate by: {listed}{more}. Their figures are shown and marked.")
    if none:
        said.append(f"In {len(none)} of {len(findings)} slices the rate is undefined: "
                    + "; ".join(slice_label(f.key) for f in none[:_LISTED])
                    + (f"; and {len(none) - _LISTED} more" if len(none) > _LISTED else "") + ".")
    return said


def _without_reference(findings, subject):
    """Features whose slices have nothing to be compared with, since they do not hold the reference's feature."""
    if not subject.reference or not subject.first.has_counts:
        return []
    compared = {tuple(name for name, _ in finding.key) for finding in findings}
    left = dict.fromkeys(tuple(name for name, _ in key) for key in subject.first.evaluation.keys if key)
    left = [" x ".join(map(quoted, names)) for names in left if names not in compared]
    against = slice_label(tuple(subject.reference.items()))
    return [f"No gaps are told by {' and '.join(left)}, whose slices cannot be compared with {against}; a report "
            "against overall tells them."] if left else []


def _unannotated(subject):
    evaluation = subject.first.evaluation
    if not subject.first.has_counts or not evaluation.examples:
        return []
    return [f"{count(n)} of {count(evaluation.examples)} examples ({share(n / evaluation.examples)}) have no "
            f"{quoted(feature)}: they are in no slice of it, and nothing is said about them."
            for feature, n in evaluation.without_group.items() if n]


def thresholds_sentence(subject):
    """At which thresholds the models are compared, a sentence a later model."""
    said = []
    for model, comparison in zip(subject.models[1:], subject.comparisons):
        match = subject.match(comparison)
        if match is None:
            continue
        rates = f"{spoken(subject.metric)} {share(match.rate_before)} and {share(match.rate_after)}"
        if match.before is None:
            said.append(f"Compared by the class with the highest score, without a threshold (overall {rates}).")
            continue
        names = f"{quoted(subject.first.name)} at {match.before:.4g}", f"{quoted(model.name)} at {match.after:.4g}"
        how = {"matched": "at thresholds of equal overall rate", "given": "at the thresholds that were given",
               "unchanged": "at the same threshold"}[match.kind]
        said.append(f"Compared {how}: {names[0]} and {names[1]} (overall {rates}).")
    return said


def _thresholds(subject):
    said = []
    if subject.why_not:
        said.append(f"The models are not compared with each other, since {subject.why_not}: each is judged alone, at "
                    "the same threshold, and whether a gap changed is not tested.")
    said += list(dict.fromkeys(f"{quoted(model.name)}: {warning}" for model, comparison in
                               zip(subject.models[1:], subject.comparisons) if comparison is not None
                               for warning in comparison.warnings))
    classes = subject.first.evaluation.classes
    if subject.metric == "accuracy" and classes is not None:
        said.append("Accuracy is that of the most likely class: no threshold plays a part.")
    elif subject.class_id is not None and len(classes) > 1:
        said.append(f"Class {subject.class_id} alone is judged here, against the rest; the board has the others.")
    return said


def _levelling(subject):
    said = []
    for model, comparison in zip(subject.models[1:], subject.comparisons):
        if comparison is None:
            continue
        keys = {slice_name(key): slice_label(key) for key in comparison.before.keys}
        rows = [row for row in comparison.levelling_down.to_dict("records")
                if row["threshold_before"] == subject.threshold and row["class"] == subject.class_id]
        for row in rows[:_LISTED]:
            why = row["why"].replace("_", " ")
            said.append(f"Levelling down by {quoted(model.name)} ({row['thresholds']} thresholds): "
                        f"{keys[row['better_served']]}, which was served better, got worse ({why}); that is "
                        f"{share(row['share_of_closing'])} of the closing of the gap of {keys[row['slice']]}.")
        if len(rows) > _LISTED:
            said.append(f"Levelling down: {len(rows) - _LISTED} more, in the comparison's levelling_down.")
        if not rows:
            said.append(f"No levelling down is shown for {quoted(model.name)}: no gap closed because the better-served "
                        "side got worse.")
    return said


def _comparisons(findings):
    judged = sum(finding.gap.verdict in ("shown", "not shown") for finding in findings)
    return [f"{judged} gaps were looked at. Where there is no gap at all, about 1 in 20 such intervals excludes 0 by "
            "chance; the adjusted p-values take the number of slices of a feature into account."] if judged > 1 else []


def _always(subject):
    said = []
    if subject.first.has_counts:
        said.append("The intervals speak of other examples like these. They say nothing about the same training with "
                    "another seed, which may move rates by as much.")
    else:
        said.append("TFMA's files hold rates without counts: intervals of gaps, what could have been missed, and "
                    "whether a gap is chance cannot be said. An evaluation by engine=\"counts\" has them.")
    if len(subject.models) > 1:
        said.append("If a remedy or a threshold was chosen by looking at these same examples, the figures are too "
                    "good: such choices belong on a validation split.")
    return said
