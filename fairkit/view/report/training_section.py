"""How the models were trained: architecture, settings, remedy, the last values of the history."""

from fairkit.view.report.content import Facts, Heading, Paragraph, Section, Table
from fairkit.view.report.figures import MISSING, count
from fairkit.view.report.pictures import training_picture
from fairkit.view.report.words import quoted

__all__ = ["training_section"]

_SETTINGS = ("epochs", "batch_size", "seed")
_REMEDY_FIRST = ("method", "error_rate", "sensitive", "nonsensitive", "loss", "loss_weight", "sensitive_examples",
                 "nonsensitive_examples", "min_diff_batch_size")


def training_section(subject, pictures=True):
    """The `Section`; None where nothing is known of any model's training."""
    parts, last = [], None
    for model in subject.models:
        found = _of_model(model, last, pictures)
        if found:
            parts += [Heading(quoted(model.name))] * (len(subject.models) > 1) + found
            last = model.about.get("architecture") or last
    if not parts:
        parts = [Paragraph("Nothing is known of the training: only predictions or their counts were given.")]
    return Section("training", "How it was trained", tuple(parts))


def _of_model(model, before, pictures):
    about, parts = model.about, []
    architecture = about.get("architecture") or {}
    facts = []
    if architecture:
        facts.append(("architecture", f"{quoted(architecture['name'])}, {len(architecture['layers'])} layers, "
                                      f"{_number(architecture['parameters'])} parameters"
                                      f" ({_number(architecture['trainable'])} trainable)"))
    settings = {**{name: (about.get("asked") or {}).get(name) for name in _SETTINGS}, **(about.get("settings") or {})}
    facts += [(name.replace("_", " "), _text(settings[name])) for name in dict.fromkeys((*_REMEDY_FIRST, *settings))
              if settings.get(name) is not None]
    if isinstance(before_run := (about.get("asked") or {}).get("before"), str):
        facts.append(("trained again from", quoted(before_run.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1])))
    history = about.get("history") or {}
    if facts:
        parts.append(Facts(tuple(facts)))
    if architecture and architecture != before:
        rows = tuple((quoted(layer["name"]), layer["type"], layer["output"] or MISSING, count(layer["parameters"]))
                     for layer in architecture["layers"])
        parts.append(Table("Layers", ("layer", "type", "output", "parameters"), rows))
    if history:
        last = tuple((quoted(name), f"{values[0]:.4g}", f"{values[-1]:.4g}") for name, values in history.items()
                     if values)
        parts.append(Table("Training history", ("value", "after the first epoch", "after the last"), last))
        if pictures:
            parts.append(training_picture(history, model.name))
    return parts


def _number(value):
    return "unknown" if value is None else f"{value:,}"


def _text(value):
    if isinstance(value, dict):
        return "; ".join(f"{quoted(name)}: {_text(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else quoted(value)
