"""Runs a Clarify analysis_config.json, with a local data set and model in place of its storage and its predictor."""

import json
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
from fairkit.errors import FairkitError, one_line

__all__ = ["clarify_report"]

_MANY = 20  # more distinct whole numbers than this are taken for a quantity, which a single value cuts


def clarify_report(config, data, model=None, predictions=None, seed=0):
    """The bias report that a Clarify configuration asks for.

    Args:
        config: the path of an analysis_config.json, or the object in it.
        data: the path of the data set (a file or a folder), or a DataFrame.
        model: in place of the predictor: a Keras model, its path, or a callable that takes the lines that Clarify would
            send (by `content_template`, or CSV) and gives a result for each: a dict, a list, a number or JSON.
        predictions: a file of such results, one a line; or a list of them.
        seed: of what is drawn for tests and limits.

    Returns:
        (`BiasReport`, list of what was asked for and is not done, or was decided, in words).

    Raises:
        FairkitError: for what is not supported, and for data that do not fit the configuration.
    """
    config = parsed(_read(config) if isinstance(config, (str, Path)) else config)
    frame, label, predicted = dataset(config, data)
    notes = list(config.notes)
    positive = _condition(config.positive, frame[label], f"label {label!r}", notes)
    facets = []
    for name, values in config.facets:
        column = column_named(frame, name, "facet")
        facets.append({column: None if values in (None, []) else
                       _condition(values, frame[column], f"facet {column!r}", notes)})
    group = None if config.group is None else column_named(frame, config.group, "group_variable")
    kept_out = {label, predicted} | {column_named(frame, one, "excluded_columns") for one in config.excluded}
    if config.joined is not None:
        kept_out.add(column_named(frame, config.joined, "joinsource_name_or_index"))
    said = predicted
    if any(short in POST_TRAINING for short in config.metrics) and predicted is None:
        fed = frame[[name for name in frame.columns if name not in kept_out]]
        said = _predictions(config, frame, label, fed, model, predictions)
    kept_out -= {label, predicted}
    judged = {column for one in facets for column in one}
    compared = [name for name in frame.columns if name not in {label, predicted, *kept_out, *judged}]
    report = bias_report(frame, label, positive, facets, predictions=said, group=group, methods=list(config.metrics),
                         features=compared if kept_out else None, seed=seed)
    return report, notes


def _predictions(config, frame, label, fed, model, predictions):
    labels = frame[label].dropna().unique().tolist()
    if predictions is not None:
        found = predicted_labels(results_of(predictions) if isinstance(predictions, (str, Path)) else predictions,
                                 config, labels)
    elif model is None:
        raise FairkitError("metrics after training need predictions", "predicted_label in the configuration, --model, "
                           "or --predictions with the results of a model", "none of them")
    elif isinstance(model, (str, Path)) or hasattr(model, "predict"):
        found = labels_of_scores(np.asarray(model_scores(model, table_of(fed))), config, labels)
    else:
        found = predicted_labels(list(model(requests(fed, config.predictor, config.kind))), config, labels)
    if len(found) != len(frame):
        raise FairkitError("there is not one prediction a row", f"{len(frame)} results", len(found))
    import pandas as pd

    return pd.Series(found)


def _condition(given, column, what, notes):
    """Values or a threshold. A bare number is a threshold; a list holds values, unless it is a single number on a
    column of quantities, which Clarify takes for a threshold: that is said."""
    values = given if isinstance(given, list) else [given]
    number = len(values) == 1 and isinstance(values[0], (int, float)) and not isinstance(values[0], bool)
    quantity = column.dtype.kind in "iuf"
    if number and quantity and not isinstance(given, list) and not set(column.dropna().unique()) <= {0, 1}:
        return Above(float(given))
    if number and quantity:
        distinct = column.dropna().unique()
        fractions = bool((distinct != np.floor(distinct)).any())
        if fractions or values[0] not in distinct or len(distinct) > _MANY:
            notes.append(f"{what}: {values} is taken for a threshold (above it), because the column holds "
                         + ("fractions" if fractions else "no such value" if values[0] not in distinct else
                            f"{len(distinct)} different numbers"))
            return Above(float(values[0]))
    return values


def _read(path):
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FairkitError(f"the configuration {str(path)!r} cannot be read", "an analysis_config.json",
                           one_line(error)) from None
