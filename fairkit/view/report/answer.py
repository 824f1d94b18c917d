"""The answer in sentences: one a slice, in plain words with figures. No sentence contradicts its interval."""

from fairkit.view.plots.labels import capital, rate_of
from fairkit.view.report.figures import figure, includes_zero, points, share, spread
from fairkit.view.report.words import quoted, slice_label
from fairkit.view.wording import spoken

__all__ = ["change_words", "gap_words", "headline", "sentence"]


def sentence(finding, subject):
    """What was found for one slice.

    Example: "Orange digits that are not 8s are read as an 8 in 13.6 % of cases, blue ones in 0.5 %: gap 13.1 points,
    95 % interval 11.9 to 14.4. After MinDiff the gap is smaller: 2.9 points, 1.9 to 4.0."
    """
    scale = _scale(subject.metric)
    said = _rates(finding, subject)
    if finding.rate.note.startswith("undefined"):
        return f"{said}."
    few = _few(finding.rate, finding.reference_rate)
    said += f": {few}; {gap_words(finding.gap, scale, judged=False)}" if few else \
        f": {gap_words(finding.gap, scale)}"
    return ". ".join([said, *(capital(change_words(change, scale)) for change in finding.changes)]) + "."


def _rates(finding, subject):
    """The rates of the slice and of its reference."""
    words, metric = subject.words, subject.metric
    told, other = words.share(metric, finding.key), words.other(finding.key, finding.reference_key)
    value, against = finding.rate.value, finding.reference_rate.value
    if told is None:
        whom = words.subject(finding.key)
        if finding.rate.note.startswith("undefined"):
            return f"The {spoken(metric)} of {whom} is {finding.rate.note}"
        said = share if rate_of(metric) is not None else figure
        return f"The {spoken(metric)} of {whom} is {said(value)}, {_of(other)} {said(against)}"
    whom, what = told
    if finding.rate.note.startswith("undefined"):
        return f"{capital(whom)}: there are none, so nothing can be said"
    return f"{capital(whom)} {what} in {share(value)} of cases, {other} in {share(against)}"


def _of(other):
    return other if other == "overall" else f"of {other}"


def gap_words(gap, scale=100, judged=True):
    """A gap with what its interval allows to be said of it; not judged where too few examples were counted."""
    unit = " points" if scale == 100 else ""
    value = points(gap.value, scale=scale)
    if gap.verdict == "undefined":
        return f"no gap can be given ({gap.note or 'undefined'})"
    if gap.verdict == "nothing to compare":
        return "nothing to compare, both are the same examples"
    if gap.verdict == "no interval":
        return f"a difference of {value}{unit} without an interval, so it may be chance"
    interval = spread(gap.lower, gap.upper, scale)
    value = points(gap.value, gap.lower, gap.upper, scale).partition(" (")[0]
    if gap.verdict == "shown" or not judged:
        return f"gap {value}{unit}, 95 % interval {interval}"
    return f"no difference shown (gap {value}{unit}, 95 % interval {interval}{_missed(gap, scale)})"


def change_words(change, scale=100):
    """What became of a gap: "after MinDiff the gap is smaller: 2.9 points, 1.9 to 4.0"."""
    gap, then = change.gap, _then(change.model)
    if gap.verdict in ("undefined", "nothing to compare"):
        return f"{then} {gap_words(gap, scale)}"
    unit = " points" if scale == 100 else ""
    value = points(gap.value, gap.lower, gap.upper, scale).partition(" (")[0] + unit
    value += f", {spread(gap.lower, gap.upper, scale)}" if gap.verdict != "no interval" else ""
    moved = points(change.change, change.lower, change.upper, scale)
    if change.few:
        untested = "; the change was not tested" if change.verdict == "not compared" else ""
        return f"{then} it is {value}, of too few to judge{untested}"
    none = ", so no difference is shown" + _missed(gap, scale, " (", ")") if gap.verdict == "not shown" else ""
    if change.verdict in ("smaller", "larger", "reversed"):
        return f"{then} the gap is {change.verdict}: {value}{none}"
    if change.verdict != "no evidence":
        why = "the change was not tested" if change.verdict == "not compared" else "no change can be given"
        return f"{then} it is {value}{none}; {why}"
    if includes_zero(change.lower, change.upper):
        return f"{then} it is {value}{none}; no evidence of a change: {moved}"
    return f"{then} it is {value}{none}; it moved by {moved}, but is not shown to be smaller or larger"


def _then(name):
    """When it was: "after MinDiff", or "afterwards" where the model is called just that."""
    return "afterwards" if name == "after" else f"after {quoted(name)}"


def _missed(gap, scale, before="; ", after=""):
    """What could have been missed, where that is known."""
    if gap.detectable != gap.detectable:
        return ""
    unit = " points" if scale == 100 else ""
    return f"{before}one below {points(gap.detectable, scale=scale)}{unit} could have been missed{after}"


def _few(rate, other):
    """Where too few examples were counted to judge by."""
    return "; ".join(f"{which}{each.note}" for which, each in (("", rate), ("in the reference ", other)) if each.few)


def headline(findings, subject):
    """All gaps together in one or two sentences."""
    known = [f for f in findings if f.gap.verdict in ("shown", "not shown")]
    few = [f for f in known if f.few]
    judged = [f for f in known if not f.few]
    if not findings:
        return "Nothing was asked about groups, so nothing can be said about them: the evaluation has no slices."
    if not known:
        why = "there is no interval for any slice" if subject.first.has_counts else \
            "TFMA's files hold rates without counts, so there are no intervals"
        return f"No gap can be judged: {why}."
    if not judged:
        return "No gap can be judged: every slice holds too few examples."
    shown = [f for f in judged if f.gap.verdict == "shown"]
    against = slice_label(tuple(subject.reference.items())) if subject.reference else "overall"
    looked = f"{len(judged)} slices were compared with {against}" if len(judged) > 1 else \
        f"One slice was compared with {against}"
    found = {0: "no gap is shown", 1: "one gap is shown by its 95 % interval"}.get(
        len(shown), f"{len(shown)} gaps are shown by their 95 % intervals")
    holds = "slice holds" if len(few) == 1 else "slices hold"
    small = f"; {len(few)} further {holds} too few examples to judge" if few else ""
    return ". ".join([f"{looked}: {found}{small}", *_after(judged, subject)]) + "."


def _after(judged, subject):
    """What became of the gaps that were shown, and how many are shown that were not: for each later model."""
    shown = [f for f in judged if f.gap.verdict == "shown"]
    for i, model in enumerate(subject.models[1:]):
        then = capital(_then(model.name))
        changes = [f.changes[i] for f in shown if len(f.changes) > i and f.changes[i].verdict != "not compared"]
        if changes:
            yield f"{then} {_became(changes)}"
        new = sum(f.changes[i].gap.verdict == "shown" and not f.changes[i].few for f in judged
                  if f.gap.verdict == "not shown" and len(f.changes) > i)
        if new:
            yield f"{then} {'one gap is' if new == 1 else f'{new} gaps are'} shown that " \
                  f"{'was' if new == 1 else 'were'} not shown before"


def _became(changes):
    """What became of gaps that were shown: "none of these 9 is still shown, and 4 are shown to be smaller"."""
    counted = {verdict: sum(change.verdict == verdict for change in changes)
               for verdict in ("smaller", "larger", "reversed")}
    gone, still = (sum(change.gap.verdict == which for change in changes) for which in ("not shown", "shown"))
    if len(changes) == 1:
        became = next((verdict for verdict, n in counted.items() if n), "not shown to have changed")
        return f"it is {became}" + (", and no longer shown" if gone else "")
    kept = f"none of these {len(changes)} is" if not still else f"all of these {still} are" \
        if still == len(changes) else f"{still} of these {len(changes)} {'is' if still == 1 else 'are'}"
    told = [f"{n} {'is' if n == 1 else 'are'} shown to be {verdict}" for verdict, n in counted.items() if n]
    return f"{kept} still shown, and " + (" and ".join(told) or "none is shown to have changed")


def _scale(metric):
    return 100 if rate_of(metric) is not None else 1
