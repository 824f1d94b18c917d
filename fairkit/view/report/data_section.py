"""What the data looked like: sizes of the groups and shares of the labels, in training and where it was evaluated."""

from fairkit.evaluation.evaluation import Evaluation
from fairkit.view.plots.labels import capital
from fairkit.view.report.content import Bullets, Facts, Heading, Paragraph, Section, Table
from fairkit.view.report.figures import MISSING, count, share
from fairkit.view.report.group_counts import counts_of_cells, group_counts
from fairkit.view.report.words import quoted

__all__ = ["data_section", "evaluated_counts"]

_LABELS = 12
_MUCH, _LEAST = 0.1, 30   # what stands out: shares so far apart, of groups of so many examples
_OWN = {
    "digits": "Real handwritten digits (MNIST), coloured by fairkit: the colour of a digit says nothing about it but "
              "what was planted.",
    "comments": "Comments that fairkit generated from templates. They show how a gap comes about and closes; they are "
                "no sample of what people write.",
    "civil_comments": "Civil Comments: public comments, annotated for toxicity and for the identities they mention.",
}


def evaluated_counts(evaluation):
    """`group_counts` of what an evaluation judged, or None where there are no counts."""
    if not isinstance(evaluation, Evaluation):
        return None
    counts = group_counts(evaluation.predictions) if evaluation.predictions is not None else \
        counts_of_cells(evaluation)
    for group in counts["groups"] if evaluation.min_slice_size > 1 else ():  # small groups are nowhere
        group["rows"] = [row for row in group["rows"] if row["examples"] >= evaluation.min_slice_size]
        group["values"] = len(group["rows"])
    return counts


def data_section(subject):
    """The `Section`."""
    first, parts = subject.first, []
    described = first.about.get("data") or {}
    facts = _facts(described, first.about)
    if (said := _OWN.get(described.get("data"))) is not None:
        parts.append(Paragraph(said))
    if facts:
        parts.append(Facts(facts))
    training = next((found for model in subject.models if (found := model.about.get("training"))), None)
    evaluated = evaluated_counts(first.evaluation)
    for title, counts in (("The training split", training), ("The evaluated split", evaluated)):
        parts.append(Heading(title))
        if counts is None:
            parts.append(Paragraph("How many examples of each group there were was not kept with this run."
                                   if title.startswith("The training") else
                                   "TFMA's files hold no counts of labels, so nothing can be said on group sizes."))
        else:
            parts += _split(counts, subject)
    notes = [*(_uneven(training, subject) if training else ()),
             *(_apart(training, evaluated, subject) if training and evaluated else ())]
    if notes:
        parts += [Heading("What stands out"), Bullets(tuple(notes))]
    return Section("data", "What the data looked like", tuple(parts))


def _facts(described, about):
    rows = [(name.replace("_", " "), _text(value)) for name, value in described.items() if value not in (None, [], {})]
    if set_aside := (about.get("result") or {}).get("set_aside"):
        rows.append(("rows that could not be read", count(set_aside)))
    return tuple(rows)


def _text(value):
    if isinstance(value, dict):
        return ", ".join(f"{quoted(k)}: {_text(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    text = str(value)
    if "/" in text and not text.startswith(("keras:", "tfds:")):
        text = text.rsplit("/", 1)[-1] or text  # the folders of a machine say nothing about the data
    return quoted(text)


def _split(counts, subject):
    labels = _labels(counts["labels"], subject)
    total = counts["examples"]
    spoken = ", ".join(f"{share(_sum(counts['labels'], ids) / total if total else float('nan'))} {name}"
                       for name, ids in labels.items())
    parts, others = [Paragraph(f"{count(total)} {subject.words.noun}: {spoken}.")], []
    for group in counts["groups"]:
        if not _is_sliced(group["feature"], subject):
            others.append(group["feature"])
            continue
        rows = [(quoted(row["value"]), count(row["examples"]), share(row["examples"] / total),
                 *(share(_sum(row["labels"], ids) / row["examples"]) if row["examples"] else MISSING
                   for ids in labels.values())) for row in group["rows"] if total]
        if group["without"]:
            none = count(group["without"]), share(group["without"] / total)
            rows.append(("no value", *none, *[MISSING] * len(labels)))
        left = group["values"] - len(group["rows"])
        parts.append(Table(f"By {quoted(group['feature'])}",
                           (quoted(group["feature"]), "examples", "share of all", *labels),
                           tuple(rows), f"{left:,} smaller groups are not shown." if left > 0 else ""))
    if others:
        listed = ", ".join(map(quoted, others))
        parts.append(Paragraph(f"Not sliced by, and counted in the JSON report only: {listed}."))
    return parts


def _sum(labels, ids):
    return sum(labels.get(label, 0) for label in ids)


def _is_sliced(feature, subject):
    specs = subject.first.evaluation.specs if subject.first.has_counts else ()
    return not specs or any(feature == name for spec in specs for name, _ in spec)


def _labels(counted, subject):
    """dict of what labels are called -> their ids: the two sides of what is judged, or the most frequent classes."""
    words, sides = subject.words, {"negative": [], "positive": []}
    if subject.class_id is not None or (set(counted) <= {"0", "1"} and subject.first.evaluation.classes is None):
        positive = "1" if subject.class_id is None else str(subject.class_id)
        for label in counted:
            sides["positive" if label == positive else "negative"].append(label)
        return {getattr(words, side).removeprefix("are "): ids for side, ids in sides.items()}
    names = (subject.first.about.get("data") or {}).get("class_names") or ()
    frequent = sorted(counted, key=lambda label: -counted[label])[:_LABELS]
    return {quoted(names[int(label)]) if label.isdigit() and int(label) < len(names) else
            label if label == "others" else f"label {quoted(label)}": [label] for label in counted if label in frequent}


def _uneven(training, subject):
    """Features whose groups have very different shares of a label in training: what a model may learn from them."""
    labels, notes = _labels(training["labels"], subject), []
    if len(labels) > 2:
        return notes
    name, ids = list(labels.items())[-1]
    for group in training["groups"]:
        shares = [(_sum(row["labels"], ids) / row["examples"], row["value"]) for row in group["rows"]
                  if row["examples"] >= _LEAST]
        if group["feature"] == subject.words.class_feature or not _is_sliced(group["feature"], subject) or not shares:
            continue
        (low, fewest), (high, most) = min(shares), max(shares)
        if high - low > _MUCH:
            feature = quoted(group["feature"])
            notes.append(f"In the training split {share(high)} of the {subject.words.noun} with {feature} "
                         f"{quoted(most)} are {name}, and {share(low)} of those with {feature} {quoted(fewest)}: a "
                         "model can learn to tell one by the other.")
    return notes


def _apart(training, evaluated, subject):
    """Groups whose share differs much between the two splits: overall figures do not carry over."""
    notes, groups = [], {group["feature"]: group for group in evaluated["groups"]}
    for group in training["groups"]:
        other = {row["value"]: row for row in groups.get(group["feature"], {"rows": ()})["rows"]}
        for row in group["rows"] if _is_sliced(group["feature"], subject) else ():
            if row["value"] in other and training["examples"] and evaluated["examples"]:
                ours, theirs = row["examples"] / training["examples"], \
                    other[row["value"]]["examples"] / evaluated["examples"]
                if abs(ours - theirs) > _MUCH:
                    whose = f"{capital(quoted(group['feature']))} {quoted(row['value'])}"
                    notes.append(f"{whose} makes up {share(ours)} of the training split and {share(theirs)} of the "
                                 "evaluated one.")
    return notes[:10]
