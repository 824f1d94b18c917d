"""What a report asks about where nobody says it: what the runs were asked, or what the plots would show."""

from fairkit.counts.rates import OTHER_NAMES, RATES
from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import name_of
from fairkit.view.plots.wanted import rows_at, the_choice, the_class, the_metric

__all__ = ["the_class_of", "the_metric_of", "the_reference_of", "the_remedied_slice", "the_threshold_of"]

_WITHOUT_THRESHOLD = ("accuracy", "auc")


def _asked(models, name):
    """What any of the runs was asked for under this name, the last one first."""
    found = ((model.about.get("asked") or {}).get(name) for model in reversed(models))
    return next((value for value in found if value is not None), None)


def _remedy(models):
    """What a remedy was asked for; of one in Python what its settings say, as far as that is a slice."""
    found = _asked(models, "remediation")
    if found is not None:
        return found
    settings = next((each for model in reversed(models) if (each := model.about.get("settings"))), {})
    slices = {f"{name} = {value}": {name: value} for key in _keys(models[0]) if len(key) == 1 for name, value in key}
    found = {name: settings.get(name) for name in ("error_rate", "classes")}
    for name in ("sensitive", "nonsensitive"):
        said = settings.get(name)
        found[name] = slices.get(said) if isinstance(said, str) else None
    return found


def _keys(model):
    return model.evaluation.keys if model.has_counts else [key for key, *_ in model.evaluation.values]


def the_metric_of(models, metric, class_id, comparison):
    """The metric: what is said, a comparison's own, what a remedy was to close, what was asked for, or a usual one."""
    first = models[0].evaluation
    if comparison is not None:
        if metric not in (None, comparison.metric):
            raise FairkitError(f"this comparison is about {quote(comparison.metric)}",
                               f"fairkit.compare(before, after, metric={quote(metric)})", f"metric={quote(metric)}")
        return comparison.metric
    names = set(first.frame["metric"])
    if metric is None:
        rates = _remedy(models).get("error_rate")
        wanted = [_asked(models, "metric"), rates if isinstance(rates, str) else next(iter(rates or ()), None)]
        several = first.classes is not None and len(first.classes) > 1 and class_id is None
        if several and _class_of_remedy(models) is None:
            wanted = []
        metric = next((name for name in (*wanted, *(getattr(first, "asked_metrics", None) or ())) if name in names
                       and _is_told(name)), None)
        metric = the_metric(first, metric, class_id)
    elif not _is_told(metric):
        raise FairkitError(f"a report tells no gaps of {quote(metric)}",
                           nearest(metric, [*_WITHOUT_THRESHOLD, *RATES], other_names=OTHER_NAMES), quote(metric))
    return the_metric(first, metric, class_id)


def _is_told(name):
    return name in RATES or name in _WITHOUT_THRESHOLD


def _class_of_remedy(models):
    classes = _remedy(models).get("classes") or ()
    return classes[0] if len(classes) == 1 else None


def the_class_of(models, metric, class_id):
    """The class judged against the rest: what is said, that of a remedy, or the first; None where there is none."""
    evaluation = models[0].evaluation
    if metric == "accuracy" or evaluation.classes is None:
        if class_id is not None and metric == "accuracy" and evaluation.classes is not None:
            raise FairkitError("'accuracy' is of all classes together", "another metric, or no class", class_id)
        return the_class(evaluation, class_id) if evaluation.classes is None else None
    of_remedy = _class_of_remedy(models)
    return the_class(evaluation, of_remedy if class_id is None and of_remedy in evaluation.classes else class_id)


def the_threshold_of(models, metric, threshold, class_id, comparison):
    """The threshold: what is said, what a run was asked for, or the middle one; None of a metric without."""
    evaluation = models[0].evaluation
    if metric in _WITHOUT_THRESHOLD:
        return None
    known = rows_at(evaluation, metric, None, class_id)[1]
    if known != known:  # a metric of TFMA's without thresholds
        return None
    if threshold is None:
        threshold = _asked(models, "threshold")
    among = evaluation.thresholds
    if comparison is not None:
        among = sorted({match.before for match in comparison.matches})
        return the_choice("threshold", threshold, among)
    if threshold is not None and threshold not in among and evaluation.predictions is not None:
        from fairkit.evaluation.specs import checked_thresholds

        return checked_thresholds(threshold)[0]
    return the_choice("threshold", threshold, among)


def the_reference_of(models):
    """The group that a remedy brought the others closer to, where it is one value of one feature that is sliced by."""
    if (asked := _asked(models, "reference")) is not None:
        return asked
    named = _remedy(models).get("nonsensitive")
    specs = models[0].evaluation.specs if models[0].has_counts else ()
    sliced = {name for spec in specs for name, _ in spec}
    if isinstance(named, dict) and len(named) == 1 and set(named) <= sliced \
            and all(isinstance(value, (str, int, float)) for value in named.values()):
        return {name: name_of(value) for name, value in named.items()}
    return {}


def the_remedied_slice(models):
    """The key of the slice that a remedy was for, where it is one value of one feature; else None."""
    named = _remedy(models).get("sensitive")
    if isinstance(named, dict) and len(named) == 1:
        [(feature, value)] = named.items()
        if isinstance(value, (str, int, float)):
            return ((feature, name_of(value)),)
    return None
