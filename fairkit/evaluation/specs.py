"""What the user asks for, checked: slices, thresholds, classes, metrics, references."""

from collections.abc import Iterable, Mapping

import numpy as np

from fairkit.arguments import is_number, is_whole
from fairkit.column_names import column_text, is_name
from fairkit.counts.rates import ACCURACY, OTHER_NAMES, RATES
from fairkit.errors import FairkitError, nearest, quote
from fairkit.group_values import known_name, name_of, values_in
from fairkit.numeric_groups import Bins

__all__ = ["check_slices", "check_values", "checked_classes", "checked_metric", "checked_metrics",
           "checked_min_examples", "checked_reference", "checked_slices", "checked_thresholds", "compared_rate",
           "cut_groups", "metric_names", "reference_of"]

SCORE_METRICS = ("mean_label", "mean_prediction", "calibration")
DEFAULT_THRESHOLDS = tuple(round(k / 10, 1) for k in range(1, 10))


def checked_slices(slices, groups):
    """(specs, bins): slice specifications, and how numeric features are cut.

    Args:
        slices: a list of features ("color"), crosses (("digit", "color")), dicts that name values
            ({"religion": ["muslim", "jewish"]}, None for every value) or bins ({"age": fairkit.bins(18, 65)}), tuples
            that mix these, TFMA's SlicingSpec, or () for overall, which is always there.
        groups: the names of the group columns.

    Returns:
        A tuple of specs, each a tuple of (feature, value texts or None for every value) sorted by feature; and a dict
        of feature -> `Bins`.
    """
    one = is_name(slices) and not isinstance(slices, tuple)
    if one or isinstance(slices, Mapping) or hasattr(slices, "feature_keys"):
        slices = [slices]
    if not isinstance(slices, Iterable):
        raise FairkitError("slices are listed", "a list of slices such as ['color', ('color', 'digit')]", quote(slices))
    specs, bins = [], {}
    for slice_ in slices:
        known = isinstance(slice_, tuple) and is_name(slice_) and column_text(slice_) in groups and \
            isinstance(groups, Mapping)
        wanted = {column_text(slice_): None} if known else _wanted(slice_)
        for name, values in wanted.items():
            if name not in groups:
                raise FairkitError(f"no group column {quote(name)} to slice by", nearest(name, groups), quote(name))
            cut = values if isinstance(values, Bins) else None
            if bins.setdefault(name, cut) != cut:
                raise FairkitError(f"{quote(name)} is sliced in two ways",
                                   "one way of cutting a feature in an evaluation",
                                   quote(cut or bins[name]))
        spec = tuple((name, _texts(wanted[name], groups, name)) for name in sorted(wanted))
        if spec and spec not in specs:
            specs.append(spec)
    return tuple(specs), {name: cut for name, cut in bins.items() if cut is not None}


def _wanted(slice_):
    """dict of feature -> values asked for, None for every value."""
    if is_name(slice_) and not isinstance(slice_, tuple):
        return {column_text(slice_): None}
    if isinstance(slice_, Mapping):
        return {column_text(name): values for name, values in slice_.items()}
    if hasattr(slice_, "feature_keys"):  # TFMA's SlicingSpec
        from fairkit.evaluation.tfma.request import given_spec

        return _wanted(given_spec(slice_))
    if isinstance(slice_, (list, tuple)) and all(is_name(part) or isinstance(part, Mapping) for part in slice_):
        return {name: values for part in slice_ for name, values in _wanted(part).items()}
    raise FairkitError("a slice is a feature, a tuple of features, or a dict of values",
                       "such as 'color', ('color', 'digit') or {'color': 'orange'}", quote(slice_))


def _texts(values, groups, name):
    if values is None or isinstance(values, Bins):
        return None
    several = values_in(values)
    if not several:
        raise FairkitError("a slice names no value", "values, or None for every value", quote(values))
    known = _known(groups, name)
    return tuple(sorted({known_name(value, known, name) for value in several}))


def _known(groups, name):
    """The names of a group column's values, where the columns are there."""
    column = groups[name] if isinstance(groups, Mapping) else None
    return {str(value) for value in column.values} if hasattr(column, "values") else ()


def checked_min_examples(least):
    """A number of examples, 0 or more."""
    if not is_whole(least) or least < 0:
        raise FairkitError("min_examples is no number of examples", "an integer, 0 or more", quote(least))
    return int(least)


def cut_groups(groups, bins):
    """(group columns with the numeric ones cut, the bins with the edges that were used)."""
    if not bins:
        return groups, {}
    cut = {name: bins[name].cut(name, groups[name]) for name in bins}
    return {**groups, **{name: column for name, (column, _) in cut.items()}}, {n: used for n, (_, used) in cut.items()}


def check_slices(slices, groups):
    """Refuses slices that cannot be had of some `GroupColumn`s, before anything is computed."""
    check_values(checked_slices(slices, groups)[0], lambda feature: [str(value) for value in groups[feature].values])


def check_values(specs, values_of):
    """Refuses a value that is in no cell: `values_of(feature)` gives the value texts that are."""
    for feature, values in {pair for spec in specs for pair in spec if pair[1] is not None}:
        known = values_of(feature)
        for value in values:
            if value not in known:
                raise FairkitError(f"no example has {feature} = {quote(value)}", nearest(value, known), quote(value))


def _listed(values, what):
    """A number or several in any container as a list."""
    try:
        array = np.atleast_1d(np.asarray(values))
    except ValueError:   # rows of several lengths
        array = None
    if array is None or array.ndim != 1:
        raise FairkitError(f"{what} are not a number or a list of numbers", "such as 0.5 or [0.1, 0.5]"
                           if what == "thresholds" else "such as 8 or [1, 8]", quote(values)[:80])
    return array.tolist()


def checked_thresholds(thresholds):
    """Distinct thresholds in [0, 1], ascending."""
    values = DEFAULT_THRESHOLDS if thresholds is None else _listed(thresholds, "thresholds")
    for value in values:
        if not is_number(value) or not 0 <= value <= 1:
            raise FairkitError("a threshold lies outside [0, 1]", "numbers from 0 to 1", quote(value))
    if not values:
        raise FairkitError("there is no threshold", "at least one number from 0 to 1", quote(thresholds))
    return sorted({float(value) for value in values})


def checked_classes(classes, outputs):
    """The class ids to judge against the rest; [None] for a binary score (outputs None)."""
    if outputs is None:
        if classes is not None:
            raise FairkitError("classes are for models with several outputs", "classes=None for a binary score",
                               quote(classes))
        return [None]
    ids = list(range(outputs)) if classes is None else _listed(classes, "classes")
    for class_id in ids:
        if not is_whole(class_id) or not 0 <= class_id < outputs:
            raise FairkitError("a class is none of the model's", f"class ids from 0 to {outputs - 1}", quote(class_id))
    if not ids:
        raise FairkitError("there is no class to judge", f"class ids from 0 to {outputs - 1}", quote(classes))
    return sorted(set(ids))


def checked_metric(metric):
    """The `Rate` of a name."""
    if not isinstance(metric, str):
        raise FairkitError("a rate is given by its name", "one text, such as 'false_positive_rate'", quote(metric))
    if metric in metric_names() and metric not in RATES:
        raise FairkitError(f"{quote(metric)} is no rate at a threshold, which is asked for here", "such as "
                           "'false_positive_rate'; gaps and check also take 'accuracy' and 'auc', compare 'accuracy', "
                           "and compare(before, after).quality has the change of AUC",
                           quote(metric))
    if metric not in RATES:
        raise FairkitError(f"no rate {quote(metric)}", nearest(metric, RATES, other_names=OTHER_NAMES), quote(metric))
    return RATES[metric]


def compared_rate(metric):
    """The `Rate` of a name that two models are compared by: those of `checked_metric`, and accuracy."""
    return ACCURACY if isinstance(metric, str) and metric == "accuracy" else checked_metric(metric)


def checked_metrics(metrics):
    """A tuple of names of metrics; None for all."""
    if metrics is None:
        return None
    metrics = [metrics] if isinstance(metrics, str) or not isinstance(metrics, Iterable) else list(metrics)
    known = metric_names()
    if not metrics:
        raise FairkitError("there is no metric to show", "names of metrics, or None for all", quote(metrics))
    for metric in metrics:
        if metric not in known:
            raise FairkitError(f"no metric {quote(metric)}", nearest(metric, known, other_names=OTHER_NAMES),
                               quote(metric))
    return tuple(map(str, metrics))


def metric_names(weighted=True):
    """The names of all metrics of a frame, in its order."""
    counts = ["example_count", "weighted_example_count"] if weighted else ["example_count"]
    return [*counts, "accuracy", "auc", *SCORE_METRICS, *RATES]


def reference_of(key, reference):
    """The key of the slice that a slice is compared with, or None where it is not compared.

    A reference replaces the values of its own features: on a cross it names the cell that differs only in these.
    """
    if not reference:
        return () if key else None
    named = dict(key)
    if not set(reference) <= set(named):
        return None
    compared = tuple(sorted({**named, **reference}.items()))
    return None if compared == key else compared


def checked_reference(reference, atoms):
    """A reference as a dict of feature -> value text; {} is overall."""
    if not reference:
        return {}
    if not isinstance(reference, Mapping):
        raise FairkitError("a reference names a slice", "a dict such as {'color': 'blue'}", quote(reference))
    reference = {column_text(name): value for name, value in reference.items()}
    for name, value in reference.items():
        if name not in atoms.features:
            raise FairkitError(f"no slice of this evaluation has the feature {quote(name)}",
                               nearest(name, atoms.features),
                               quote(name))
        known = atoms.values_of(name)
        if isinstance(value, (list, tuple, set, frozenset)):
            raise FairkitError("a reference names one value of a feature",
                               f"such as {{{quote(name)}: {quote(known[0])}}}",
                               quote(value))
        if known_name(value, known, name) not in known:
            raise FairkitError(f"no example has {name} = {quote(name_of(value))}", nearest(name_of(value), known),
                               quote(value))
    return {name: known_name(value, atoms.values_of(name)) for name, value in reference.items()}
