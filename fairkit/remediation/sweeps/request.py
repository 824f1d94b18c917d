"""What a sweep was asked, for its folder: recorded, and compared when it is asked again."""

import json

from fairkit.errors import FairkitError, quote
from fairkit.remediation.sweeps.options import NotPlain, as_recorded, to_plain

__all__ = ["recorded_request", "refuse_changed"]


def recorded_request(candidates, seeds, gap, models, examples, threads, before=None):
    """The request as plain values; the trainings of an older request stay on record beside the new ones.

    Args:
        candidates: `Candidate`s.
        seeds: whole numbers.
        gap: `Gap`.
        models: dict of file name -> digest.
        examples: dict of "train" and "validation" -> dict of digest and number.
        threads: a training.
        before: the older request, or None.
    """
    trainings = {} if before is None else dict(before["trainings"])
    trainings |= {c.training: as_recorded(c.options) for c in candidates if c.name == c.training}
    try:
        measured = to_plain(vars(gap))
    except NotPlain:
        measured = None
    return {
        "models": {**(before or {}).get("models", {}), **models}, "examples": examples, "threads": threads,
        "trainings": trainings, "seeds": list(seeds), "gap": measured,
        "candidates": [{"name": c.name, "training": c.training, "options": as_recorded(c.options),
                        "group_thresholds": as_recorded(c.group_thresholds)} for c in candidates],
        "failed": [],
    }


def refuse_changed(before, now, finished):
    """Raises `FairkitError` where a folder's finished trainings are others than those asked now, and says what changed.

    Those that failed may be asked otherwise. Other candidates and seeds, and another way of measuring, change no
    training and are taken up.
    """
    changes = [f"{what} examples are others ({before['examples'][what]['number']:,} there, "
               f"{now['examples'][what]['number']:,} now)" for what in ("train", "validation")
               if before["examples"][what]["digest"] != now["examples"][what]["digest"]]
    if {*before["models"]} == {"model.keras"} != {*now["models"]} or \
            {*now["models"]} == {"model.keras"} != {*before["models"]}:
        changes.append("a model there, a builder now" if "model.keras" in before["models"] else
                       "a builder there, a model now")
    elif any(before["models"].get(name, digest) != digest for name, digest in now["models"].items()):
        changes.append("the model is another one (its layers, compile settings, vocabularies or kept weights)")
    if before["threads"] != now["threads"]:
        changes.append(f"threads={before['threads']} there, {now['threads']} now")
    for name, options in now["trainings"].items():
        if name not in finished:
            continue
        changes += [f"{quote(name)}: {change}" for change in _changes(before["trainings"].get(name), options)]
    if changes:
        raise FairkitError("this folder holds another sweep", "what was asked there (further methods, loss weights and "
                           "seeds may be added), or a new folder", "; ".join(changes))


def _changes(there, now):
    if there is None:
        return
    for key in dict.fromkeys([*there, *now]):
        first, second = (json.dumps(options.get(key), ensure_ascii=False) for options in (there, now))
        if first != second:
            yield f"{key} is {first:.80} there, {second:.80} now"
