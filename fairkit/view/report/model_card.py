"""A model card in Hugging Face's format: a YAML head with the results, and a body in Markdown.

Format: https://huggingface.co/docs/hub/model-cards and its specification of the head. What nobody said is said to be
not stated; nothing is invented.
"""

import math
import re

from fairkit.errors import FairkitError
from fairkit.view.plots.wanted import rows_at
from fairkit.view.report.markdown import markdown_parts, plain
from fairkit.view.report.result_tables import metric_title
from fairkit.view.report.words import slice_label

__all__ = ["model_card_of"]

_NOT_STATED = "Not stated by whoever trained this model."
_TASKS = {"digits": "image-classification", "comments": "text-classification", "civil_comments": "text-classification"}
_SETS = {"digits": [("ylecun/mnist", "MNIST")], "civil_comments": [("google/civil_comments", "Civil Comments")]}


def model_card_of(content, subject, name=None, license=None, intended_use=None, out_of_scope=None, language=None,
                  datasets=None, tags=(), task=None, contact=None):
    """The model card of the last model of a report, as text.

    Args:
        content, subject: the report's.
        name: the model's.
        license: an identifier such as "apache-2.0"; left out if not given.
        intended_use, out_of_scope, contact: the author's own words, Markdown as they are; what is not given is said to
            be not stated.
        language: codes such as "en", or a list of these.
        datasets: ids on the Hugging Face Hub, where the data are there.
        tags: further tags.
        task: a task of the Hub, such as "text-classification"; guessed from the data where these are known.

    Returns:
        The text, to be saved as README.md beside the model.

    Raises:
        FairkitError: for a report without an evaluation.
    """
    model = subject.last
    if model.evaluation is None:
        raise FairkitError("a model card needs results", "a report on an evaluation", "a report on training alone")
    data = model.about.get("data") or {}
    name = str(name or model.name)
    sets = [datasets] if isinstance(datasets, str) else list(datasets or [])
    head = _head(subject, data, name, license, language, sets, tags, task)
    said = {"intended": intended_use, "scope": out_of_scope, "contact": contact}
    return f"---\n{_yaml(head)}---\n\n{_body(content, subject, name, license, said)}"


def _yaml(head):
    import yaml

    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)


def _head(subject, data, name, license, language, sets, tags, task):
    kind = str(data.get("data", ""))
    task_type = str(task or _TASKS.get(kind) or ("image-classification" if "images" in data else
                                                 "text-classification" if data.get("mentions") else "other"))
    if not sets:
        sets = [hub for hub, _ in _SETS.get(kind, ())]
    head = {"library_name": "keras"}
    if license:
        head["license"] = str(license)
    if language:
        head["language"] = language if isinstance(language, str) else list(language)
    if task_type != "other":
        head["pipeline_tag"] = task_type
    head["tags"] = list(dict.fromkeys(["keras", "fairness", "fairness-indicators", "fairkit", *map(str, tags)]))
    if sets:
        head["datasets"] = sets
    results = _metrics(subject)
    head["metrics"] = list(dict.fromkeys(metric["type"] for metric in results))
    data_name = _SETS.get(kind, [(None, None)])[0][1] or _data_name(kind)
    head["model-index"] = [{"name": name, "results": [{
        "task": {"type": task_type, "name": task_type.replace("-", " ").capitalize()},
        "dataset": {"name": data_name, "type": sets[0] if sets else _slug(data_name), "split": "test"},
        "metrics": results}]}]
    return head


def _data_name(kind):
    known = {"comments": "Generated comments (fairkit)", "": "Not stated"}
    return known.get(kind) or kind.replace("\\", "/").rsplit("/", 1)[-1]


def _slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "unknown"


def _metrics(subject):
    """What was measured, overall and in each slice that is no cross, as the head has it."""
    evaluation, at, found = subject.evaluations[-1], subject.thresholds_of[-1], []
    there = set(evaluation.frame["metric"])
    wanted = [("accuracy", None, None), ("auc", None, subject.class_id), (subject.metric, at, subject.class_id)]
    for metric, threshold, class_id in dict.fromkeys(wanted):
        if metric not in there or (metric == "auc" and subject.metric == "accuracy"):
            continue
        rows = rows_at(evaluation, metric, threshold, class_id)[0]
        for key, row in rows.items():
            if len(key) > 1 or not math.isfinite(row["value"]) or (key and metric != subject.metric):
                continue
            if key and str(row["note"]).startswith("too few"):  # whoever reads the head sees no interval
                continue
            title = metric_title(metric, subject, None if threshold is None else [threshold])
            about = {"type": "roc_auc" if metric == "auc" else metric,
                     "name": f"{title}{', ' + slice_label(key) if key else ''}", "value": round(float(row["value"]), 6)}
            if math.isfinite(row["lower"]):
                about["args"] = {"lower": round(float(row["lower"]), 6), "upper": round(float(row["upper"]), 6),
                                 "interval": "95 %"}
            found.append(about)
    return found


def _body(content, subject, name, license, said):
    sections = {section.id: section for section in content.sections}
    lines = [f"# Model Card for {plain(name)}", "", plain(content.question), ""]

    def add(title, *parts, level=2):
        lines.extend([f"{'#' * level} {title}", "", *(line for part in parts for line in part)])

    def stated(text):
        return [str(text).strip() if text else _NOT_STATED, ""]

    add("Model Details", [f"- **License:** {plain(license) if license else 'not stated'}",
                          "- **Library:** Keras; measured with fairkit",
                          f"- **Contact:** {said['contact'] or 'not stated'}", ""])
    add("Uses", level=2)
    add("Direct Use", stated(said["intended"]), level=3)
    add("Out-of-Scope Use", stated(said["scope"]), level=3)
    add("Bias, Risks, and Limitations", markdown_parts(sections["limits"], 3))
    add("Fairness", markdown_parts(sections["answer"], 3))
    add("Training Details", level=2)
    add("Training Data", markdown_parts(sections["data"], 4), level=3)
    add("Training Procedure", markdown_parts(sections["training"], 4), level=3)
    add("Evaluation", ["Every figure is of the evaluated split, with its 95 % interval.", ""])
    add("Results", markdown_parts(sections["tables"], 4), level=3)
    add("Environment", markdown_parts(sections["versions"], 3))
    return "\n".join(lines).rstrip() + "\n"
