"""bias_report: from data and predictions to a report of bias metrics."""

import numpy as np

from fairkit.bias import disparity, distances, entropy, outcome_ratios, rate_gaps
from fairkit.bias.conditions import Values, condition_of
from fairkit.bias.definitions import DISTANCES, METRICS, POST_TRAINING, chosen_metrics
from fairkit.bias.facets import facets_of
from fairkit.bias.flip_features import Features
from fairkit.bias.flip_test import KIND as FLIP_KIND
from fairkit.bias.flip_test import flip_test
from fairkit.bias.found import unknown
from fairkit.bias.outcomes import labelled, predicted
from fairkit.bias.report import BiasReport, FacetReport
from fairkit.bias.rows import left_out_of, taken, weights_of
from fairkit.bias.sides import sides_of
from fairkit.bias.table import LABEL, numbers_of, table_of
from fairkit.column_names import column_text
from fairkit.errors import FairkitError, one_line, quote
from fairkit.groups import GroupColumn

__all__ = ["bias_report"]

_OVER = ("positive", "values")
_COUNTED = {"CI": rate_gaps.class_imbalance, "DPL": rate_gaps.label_gap, "CDDL": disparity.disparity_in_labels,
            "DI": rate_gaps.disparate_impact, "DCA": outcome_ratios.conditional_acceptance,
            "DCR": outcome_ratios.conditional_rejection, "TE": outcome_ratios.treatment_equality,
            "CDDPL": disparity.disparity_in_predictions}


def bias_report(examples_or_frame, label=None, positive=1, facet=None, facet_values=None, predictions=None, group=None,
                methods="all", *, thresholds=None, weights=None, classes=None, features=None, scale=False,
                embedding=None, distributions="positive", batch_size=256, seed=0,
                output=None) -> BiasReport:
    """Whether labels, or predictions, favour one facet over another, in the metrics of SageMaker Clarify.

    Facet d is the group that is named, facet a everybody else who has a value; who has none is in neither, and counted.

    Args:
        examples_or_frame: `Examples` (facets are its group columns), a table (pandas, polars, Arrow) or a dict of
            columns.
        label: the column of labels; of `Examples` their labels if None.
        positive: which labels are positive (favourable): a value, a list of values (4 and 5 stars), or a threshold such
            as ">0.5" or ">=40". It says the same of predicted labels.
        facet: a column; a tuple of columns, crossed; a dict of these with the values of each, as `facet_values` takes
            them; or a list of any of these, one after the other.
        facet_values: facet d: a value, a list of values that are one group together, or a threshold such as ">40"; of a
            cross a tuple of these. None judges every value in turn.
        predictions: a column of predicted labels, or of scores (with thresholds); an array of either; `Predictions`; a
            Keras model or its path; a callable that takes the inputs of examples, or columns of the frame as a
            DataFrame (see `features`). None gives the metrics before training alone.
        group: a column of strata for CDDL and CDDPL.
        methods: "all", "pre_training", "post_training", "counts" (all but the flip test), or a list of short names.
        thresholds: of scores: a number, or several, which give the metrics at each. A score above one is positive.
        weights: a column of example weights, or an array; those of `Examples` if None.
        classes: the labels that the outputs of a softmax model stand for; 0, 1, 2... if None.
        features: the columns of a frame that a model or a callable is fed, and that the flip test compares by. If None,
            models and callables are fed all but the label and the weights (facet and group columns as well: they may be
            features; a Keras model with named inputs takes just the columns of these names), and the flip test compares
            by all but the label, the predictions, the weights and the facet.
        scale: whether the flip test divides features by their standard deviation. Off gives Clarify's values.
        embedding: for the flip test on texts or images: a function of the inputs that gives (n, k) numbers.
        distributions: what KL, JS, LP, TVD and KS compare: "positive" labels against the rest, as Clarify's reports do,
            or all "values" of the label.
        batch_size: of a Keras model.
        seed: of what is drawn for tests and limits.
        output: which output of a Keras model with several, as for `fairkit.predict`.

    Returns:
        `BiasReport`.

    Raises:
        FairkitError: for columns, values or metrics that are not there, and predictions that do not fit.

    Example:
        >>> import fairkit
        >>> people = {"hired": [1, 0, 1, 1, 0, 0, 1, 0], "sex": ["m", "f", "m", "m", "f", "f", "f", "m"]}
        >>> report = fairkit.bias_report(people, label="hired", facet="sex", facet_values="f")
        >>> report.value("DPL")
        0.5
    """
    table = table_of(examples_or_frame)
    if not len(table):
        raise FairkitError("there are no rows to judge", "one or more", "none")
    metrics = chosen_metrics(methods)
    condition = condition_of("positive", positive)
    label = _label_name(table, label)
    if distributions not in _OVER:
        raise FairkitError("distributions are over something else", " or ".join(map(quote, _OVER)),
                           quote(distributions))
    group = None if group is None else table.checked("group", group)
    weight, of_predictions = table.found(weights), table.found(predictions)
    weights = weight if weight is not None else weights
    column, said_of = (table.examples.labels, LABEL) if label is None else (table.columns[label], column_text(label))
    if isinstance(condition, Values):
        column = GroupColumn.encode(said_of, column)  # once
    said = labelled(said_of, column, condition)
    _check_positive(condition, said_of, column, said)
    if predictions is None and output is not None:
        raise FairkitError("output names an output of a model, and there are no predictions", "predictions=", "None")
    if predictions is None and classes is not None:
        raise FairkitError("classes name the outputs of a model, and there are no predictions", "predictions=", "None")
    outcomes = None if predictions is None else \
        predicted(predictions, table, condition, label, thresholds, classes, features, batch_size,
                  weight, output)
    metrics = metrics if outcomes is not None else _without_predictions(metrics, methods)
    w = weights_of(table, weights)
    facets = facets_of(facet, facet_values, table)
    names = {label, weight, of_predictions}
    flips = Features(table, features, names, scale, embedding)
    strata = None if group is None else table.groups(group)
    kinds = GroupColumn.encode(said_of, column) if distributions == "values" else None
    kept, left_out = left_out_of(said, outcomes)
    if kept is not None:
        said, outcomes, w, facets, strata, kinds, flips = taken(kept, said, outcomes, w, facets, strata, kinds, flips)
    found = []
    for one in facets:
        sides = sides_of(one, said.scores.astype(np.int8), outcomes, w, strata, kinds)
        if not sides.texts:
            raise FairkitError(f"no row has a value of facet {quote(one.name)}", "one or more", "empty cells only")
        found.append(FacetReport(one, sides, _metrics(metrics, one, sides, flips, outcomes, w, seed)))
    return BiasReport(found, metrics, outcomes, said_of, condition, _label_text(condition, column), left_out,
                      None if group is None else column_text(group), w is not None)


def _metrics(metrics, facet, sides, flips, outcomes, weights, seed):
    """dict of short name -> `Found`; a metric that fails says why and does not lose the others."""
    def made(short):
        if short in rate_gaps.GAPS:
            rate, a_minus_d = rate_gaps.GAPS[short]
            return rate_gaps.rate_gap(rate, sides.predicted, a_minus_d)
        if short == "FT":
            return flip_test(sides, facet, flips, outcomes, weights)
        return entropy.generalized_entropy(sides, seed) if short == "GE" else _COUNTED[short](sides)

    found = {}
    wanted = [short for short in metrics if short in DISTANCES]
    if wanted:
        found |= _tried(lambda: distances.distances(sides, wanted, seed),
                        lambda why: {short: unknown((len(sides.texts),), why) for short in wanted})
    for short in metrics:
        if short not in found:
            shape = (len(sides.texts), *(sides.counts.tp.shape[1:2] if METRICS[short].stage == "post_training" else ()))
            found[short] = _tried(lambda short=short: made(short), lambda why, shape=shape, short=short: unknown(
                shape, why, FLIP_KIND if short == "FT" else ""))
    return {short: found[short] for short in metrics}


def _without_predictions(metrics, methods):
    """The metrics before training; raises `FairkitError` where others were asked for by name."""
    asked = [short for short in metrics if short in POST_TRAINING]
    if asked and methods not in ("all", "counts"):
        raise FairkitError(f"{asked[0]} is a metric of predictions, and there are none", "predictions=", "None")
    return tuple(short for short in metrics if short not in POST_TRAINING)


def _tried(made, otherwise):
    try:
        return made()
    except FairkitError as error:
        return otherwise(f"failed: {error}")
    except (ArithmeticError, IndexError, KeyError, MemoryError, TypeError, ValueError) as error:
        return otherwise(f"failed: {type(error).__name__}: {one_line(error)}")


def _label_name(table, label):
    """The checked name of the column of labels; None for the labels of `Examples` themselves."""
    if table.examples is not None and (label is None or (label == LABEL and LABEL not in table.examples.groups)):
        return None
    if label is None:
        raise FairkitError("a frame needs its column of labels named", "label=", "None")
    return table.checked("label", label)


def _check_positive(condition, name, column, said):
    if isinstance(condition, Values):
        condition.check(name, column.values)
    if not (said.scores == 1).any():
        raise FairkitError(f"no label of {quote(name)} is positive", "a threshold that some exceed", condition.text)


def _label_text(condition, column):
    """What is positive, as Clarify writes it: values, or an interval up to the largest number."""
    return condition.text if isinstance(condition, Values) else condition.interval(numbers_of(LABEL, column))
