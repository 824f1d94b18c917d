"""What a reader asks to see of an evaluation: the metric, threshold and class, and the slices by feature."""

import numpy as np

from fairkit.counts.rates import OTHER_NAMES
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.evaluation import Evaluation

__all__ = ["checked_names", "family_of", "rows_at", "the_choice", "the_class", "the_metric", "wanted_slices"]

_FIRST = ("false_positive_rate", "false_negative_rate", "accuracy")


def the_metric(evaluation, metric=None, class_id=None):
    """The metric that is asked for; else accuracy for several classes, or the first error rate that there is."""
    names = list(evaluation.frame["metric"].drop_duplicates())
    if metric is None:
        several = evaluation.classes is not None and len(evaluation.classes) > 1 and class_id is None
        order = ("accuracy", *_FIRST) if several else _FIRST
        return next((name for name in order if name in names), names[0])
    if metric not in names:
        raise FairkitError(f"this evaluation has no metric {quote(metric)}",
                           nearest(metric, names, other_names=OTHER_NAMES), quote(metric))
    return metric


def the_class(evaluation, class_id=None):
    """The class that is asked for, or the first; None for binary scores."""
    classes = evaluation.classes
    if classes is None:
        if class_id is not None:
            raise FairkitError("a binary score has no classes to choose from", "class_id=None", quote(class_id))
        return None
    if class_id is None:
        return classes[0]
    if class_id not in classes:
        raise FairkitError("this evaluation has no such class", f"one of {classes}", quote(class_id))
    return class_id


def the_choice(what, wanted, among):
    """One of several numbers, the middle one if none is asked for, as on the board."""
    among = sorted(among)
    if wanted is None:
        return among[len(among) // 2]
    if wanted not in among:
        raise FairkitError(f"this evaluation has no such {what}", f"one of {among}", quote(wanted))
    return float(wanted)


def rows_at(evaluation, metric, threshold=None, class_id=None):
    """(dict of slice key -> row of the frame, threshold or NaN, class or None) of one metric."""
    frame = evaluation.frame
    hit = (frame["metric"] == metric).to_numpy()
    own = [c for c in frame["class"][hit].drop_duplicates() if c is not None]
    if class_id is not None and not own and evaluation.classes is not None:
        raise FairkitError(f"{quote(metric)} is of all classes together", "class_id=None", quote(class_id))
    class_id = the_class(evaluation, class_id) if own or class_id is not None else None
    if own:
        hit &= frame["class"].map(lambda c: c == class_id).to_numpy(bool)
    thresholds = frame["threshold"][hit].dropna().unique().tolist()
    if thresholds:
        threshold = the_choice("threshold", threshold, thresholds)
        hit &= (frame["threshold"] == threshold).to_numpy()
    else:
        threshold = float("nan")
    places = np.flatnonzero(hit)
    keys = _row_keys(evaluation)
    return ({keys[place]: row for place, row in zip(places, frame.iloc[places].to_dict("records"), strict=True)},
            threshold, class_id)


def _row_keys(evaluation):
    """The slice key of each row of the frame; by name where TFMA's files hold no more than that."""
    if isinstance(evaluation, Evaluation):
        return evaluation.row_keys
    by_name = {slice_name(key): key for key, *_ in evaluation.values}
    return [by_name[name] for name in evaluation.frame["slice"]]


def wanted_slices(keys, by=None):
    """The slices to show, as dict of features -> list of keys; overall is no part of it.

    Args:
        keys: slice keys.
        by: a feature, a tuple of features for their cross, or a list of these. None: single features where there are
            any, else all crosses.

    Raises:
        FairkitError: for features that the evaluation was not sliced by.
    """
    families = {}
    for key in keys:
        if key:
            families.setdefault(family_of(key), []).append(key)
    if by is None:
        single = {family: found for family, found in families.items() if len(family) == 1}
        return single or families
    chosen = {}
    for each in by if isinstance(by, list) else [by]:
        family = tuple(sorted(each)) if isinstance(each, tuple) else (each,)
        if family not in families:
            known = [" x ".join(known) for known in families]
            raise FairkitError("this evaluation was not sliced by these features",
                               nearest(" x ".join(map(str, family)), known), quote(each))
        chosen[family] = families[family]
    return chosen


def family_of(key):
    """The features of a slice key."""
    return tuple(feature for feature, _ in key)


def checked_names(names, count):
    """The names of the results: those given, or "evaluation", "before" and "after", or numbered ones."""
    if names is None:
        return {1: ["evaluation"], 2: ["before", "after"]}.get(count, [f"model {i + 1}" for i in range(count)])
    names = [names] if isinstance(names, str) else [str(name) for name in names]
    if len(names) != count or len(set(names)) != count:
        raise FairkitError("the names do not fit the evaluations", f"{count} distinct names", quote(names))
    return names
