"""Runs a Clarify analysis_config.json, with a local data set and model in place of its storage and its predictor."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from fairkit.bias.clarify_config import parsed
from fairkit.bias.clarify_data import column_named, dataset
from fairkit.bias.clarify_predictor import labels_of_scores, predicted_labels, requests, results_of
from fairkit.bias.conditions import Above
from fairkit.bias.definitions import POST_TRAINING
from fairkit.bias.outcomes import model_scores
from fairkit.bias.reporting import bias_report
from fairkit.bias.table import table_of
from fairkit.errors import FairkitError, one_line, quote

__all__ = ["clarify_report"]

_MANY = 20  # more distinct whole numbers than this are taken for a quantity, which a single value cuts


def clarify_report(config, data, model=None, predictions=None, seed=0, output=None):
    """The bias report that a Clarify configuration asks for.

    Args:
        config: the path of an analysis_config.json, or the object in it.
        data: the path of the data set (a file or a folder), or a DataFrame.
        model: in place of the predictor: a Keras model, its path, or a callable that takes the lines that Clarify would
            send (by `content_template`, or CSV) and gives a result for each: a dict, a list, a number or JSON.
        predictions: a file of such results, one a line; or a list of them.
        seed: of what is drawn for tests and limits.
        output: which output of a Keras model with several, as for `fairkit.predict`.

    Returns:
        (`BiasReport`, list of what was asked for and is not done, or was decided, in words).

    Raises:
        FairkitError: for what is not supported, and for data that do not fit the configuration.
    """
    config = parsed(_read(config) if isinstance(config, (str, Path)) else config)
    frame, label, predicted = dataset(config, data)
    notes = list(config.notes)
    positive = _condition(config.positive, frame[label], f"label {quote(label)}", notes)
    facets = []
    for name, values in config.facets:
        column = column_named(frame, name, "facet")
        facets.append({column: None if values in (None, []) else
                       _condition(values, frame[column], f"facet {quote(column)}", notes)})
    group = None if config.group is None else column_named(frame, config.group, "group_variable")
    kept_out = {label, predicted} | {column_named(frame, one, "excluded_columns") for one in config.excluded}
    if config.joined is not None:
        kept_out.add(column_named(frame, config.joined, "joinsource_name_or_index"))
    said = predicted
    after = any(short in POST_TRAINING for short in config.metrics)
    if after and predicted is None:
        fed = frame[[name for name in frame.columns if name not in kept_out]]
        said = _predictions(config, frame, label, fed, model, predictions, output)
    notes += [f"{name}: not used, because " + ("predicted_label names the predictions" if after else
                                               "no metric after training is asked for")
              for name, given in (("--model", model), ("--predictions", predictions)) if given is not None and
              (predicted is not None or not after)]
    asked = {"predictions": said, "group": group, "methods": list(config.metrics), "seed": seed}
    if kept_out == {label, predicted}:
        return bias_report(frame, label, positive, facets, **asked), notes
    reports = []  # a facet is no feature of its own flip test, but one of the others'
    for facet in facets:
        compared = [name for name in frame.columns if name not in kept_out and name not in facet]
        reports.append(bias_report(frame, label, positive, facet, features=compared, **asked))
    return replace(reports[0], facets=[found for one in reports for found in one.facets]), notes


def _predictions(config, frame, label, fed, model, predictions, output):
    if model is not None and predictions is not None:
        raise FairkitError("predictions are named twice", "--model, or --predictions", "both")
    labels = frame[label].dropna().unique().tolist()
    if predictions is not None:
        found = predicted_labels(results_of(predictions) if isinstance(predictions, (str, Path)) else predictions,
                                 config, labels)
    elif model is None:
        raise FairkitError("metrics after training need predictions", "predicted_label in the configuration, --model, "
                           "or --predictions with the results of a model", "none of them")
    elif isinstance(model, (str, Path)) or hasattr(model, "predict"):
        found = labels_of_scores(np.asarray(model_scores(model, table_of(fed), output=output)), config, labels)
    else:
        found = predicted_labels(list(model(requests(fed, config.predictor, config.kind))), config, labels)
    if len(found) != len(frame):
        raise FairkitError("there is not one prediction a row", f"{len(frame)} results", len(found))
    import pandas as pd

    return pd.Series(found)


def _condition(given, column, what, notes):
    """Values or a threshold. A bare number is a threshold; a list holds values, unless it is a single number on a
    column of quantities, which Clarify takes for a threshold: that is said.

    Raises:
        FairkitError: for a number that the column lacks, and that cuts nothing off.
    """
    values = given if isinstance(given, list) else [given]
    number = len(values) == 1 and isinstance(values[0], (int, float)) and not isinstance(values[0], bool)
    quantity = column.dtype.kind in "iuf"
    if number and quantity and not isinstance(given, list) and not set(column.dropna().unique()) <= {0, 1}:
        return Above(float(given))
    if number and quantity:
        why = _quantity(values[0], np.unique(column.dropna()), what)
        if why is not None:
            notes.append(f"{what}: {values} is taken for a threshold (above it), because {why}")
            return Above(float(values[0]))
    return values


def _quantity(number, distinct, what):
    """Why a number is a threshold of a column with these ascending numbers; None where it is one of its values."""
    fractions = bool((distinct != np.floor(distinct)).any())
    few = not fractions and len(distinct) <= _MANY
    if few and number in distinct:
        return None
    cuts = len(distinct) and distinct[0] <= number < distinct[-1]
    if few and (not cuts or number == int(number)):
        raise FairkitError(f"{what}: the column has no value {number:g}", "one of " + ", ".join(
            f"{one:g}" for one in distinct) if len(distinct) else "a column with values", f"[{number:g}]")
    if not cuts:
        raise FairkitError(f"{what}: the threshold {number:g} leaves nobody on one side", f"at least {distinct[0]:g} "
                           f"and below {distinct[-1]:g}", f"[{number:g}]")
    if few:
        return "it is a fraction and the column holds whole numbers"
    return "the column holds " + ("fractions" if fractions else f"{len(distinct)} different numbers")


def _read(path):
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FairkitError(f"the configuration {str(path)!r} cannot be read", "an analysis_config.json",
                           one_line(error)) from None
