"""What stands in for a Clarify predictor: a Keras model, a callable, or a file of its results."""

import json
from pathlib import Path

import numpy as np

from fairkit.bias.clarify_data import records_of
from fairkit.bias.clarify_paths import parts_of
from fairkit.errors import FairkitError, one_line, quote

__all__ = ["predicted_labels", "requests", "results_of"]


def requests(frame, predictor, kind):
    """The lines that a predictor is sent, one a row: JSON by the content_template, or CSV.

    Args:
        frame: the feature columns.
        predictor: of `ClarifyConfig`.
        kind: the type of the data set, where the predictor names no content_type.
    """
    rows = frame.to_numpy(object).tolist()
    template = predictor.get("content_template")
    if predictor.get("content_type", kind) == "text/csv" and template is None:
        return [",".join("" if cell is None or cell != cell else str(cell) for cell in row) for row in rows]
    if template is None or template.count("$features") != 1:
        raise FairkitError("the content_template has not one $features", '{"Features": $features}', quote(template))
    _check_template(template)
    return [template.replace("$features", json.dumps([_plain(cell) for cell in row])) for row in rows]


def results_of(path):
    """The results in a file: records of JSON Lines, or the rows of a CSV file without a header."""
    path = Path(path)
    if not path.is_file():
        raise FairkitError(f"there are no results at {str(path)!r}", "a file of JSON Lines or CSV", repr(str(path)))
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.read(1)
    if first in "{[":
        return records_of(path, "application/jsonlines")
    import pandas as pd

    try:
        return pd.read_csv(path, header=None).to_numpy(object).tolist()
    except Exception as error:
        raise FairkitError(f"{str(path)!r} holds no results", "JSON Lines, or CSV without a header", one_line(error)) \
            from None


def predicted_labels(results, config, labels):
    """(n,) predicted labels.

    Args:
        results: one a row: a dict, a list, a number, or a text of JSON. The predictor's `label` and `probability` say
            where in it these stand.
        config: `ClarifyConfig`.
        labels: the distinct labels of the data set, to tell a probability from a label.
    """
    results = [_decoded(one) for one in results]
    where, probability, headers = (config.predictor.get(name) for name in ("label", "probability", "label_headers"))
    said = None if where is None else _picked(results, where)
    scores = None if probability is None else _picked(results, probability)
    if said is None and scores is None:
        said = [one[0] if isinstance(one, list) and len(one) == 1 else one for one in results]
    if said is not None and all(isinstance(one, list) for one in said):
        if scores is None:
            return _highest(said, headers)
        return [names[int(np.argmax(row))] for names, row in zip(said, scores, strict=True)]
    if said is not None and not _are_scores(said, labels):
        return said
    scores = said if said is not None else scores
    if all(isinstance(one, list) for one in scores):
        return _highest(scores, headers)
    return labels_of_scores(np.asarray(scores, float), config, labels)


def labels_of_scores(scores, config, labels):
    """Labels of (n,) probabilities of the positive class, or (n, k) of k classes."""
    headers = config.predictor.get("label_headers")
    if scores.ndim == 2 and scores.shape[1] > 1:
        return _highest(scores.tolist(), headers)
    above = scores.reshape(-1) > config.threshold
    headers = [headers] if isinstance(headers, str) else headers
    if headers and len(headers) <= 2:
        other = headers[0] if len(headers) == 2 else next((one for one in labels if one != headers[-1]), None)
        return [headers[-1] if one else other for one in above]
    if {str(label).removesuffix(".0") for label in labels} <= {"0", "1", "True", "False"}:
        return above.astype(int).tolist()
    raise FairkitError("a probability cannot be told as one of these labels", 'predictor: {"label_headers": [...]}',
                       ", ".join(map(quote, labels[:5])))


def _highest(rows, headers):
    names = list(range(len(rows[0]))) if headers is None else headers
    if len(names) != len(rows[0]):
        raise FairkitError("label_headers are not one for each score", f"{len(rows[0])} names", quote(names))
    return [names[int(np.argmax(row))] for row in rows]


def _are_scores(said, labels):
    """Whether what a model says are numbers in [0, 1] with fractions, which no label has."""
    if not all(isinstance(one, (int, float)) and not isinstance(one, bool) and 0 <= one <= 1 for one in said):
        return False
    return any(one != int(one) for one in said) and \
        not any(isinstance(label, float) and label != int(label) for label in labels)


def _picked(results, where):
    """What is said in each result at a place; at each of a list of places."""
    if isinstance(where, list):
        return [list(parts) for parts in zip(*(_picked(results, one) for one in where), strict=True)]
    bare = next((place for place, one in enumerate(results) if not isinstance(one, (dict, list))), None)
    if bare is None:
        return parts_of(results, where, "result")
    if where in (0, "0") and not any(isinstance(one, (dict, list)) for one in results):
        return results
    raise FairkitError(f"result {bare} has no {quote(where)}", "an object or a list", quote(results[bare]))


def _decoded(result):
    if isinstance(result, (str, bytes)):
        try:
            return json.loads(result)
        except json.JSONDecodeError:
            return result if isinstance(result, str) else result.decode("utf-8", "replace")
    return result.tolist() if isinstance(result, (np.ndarray, np.generic)) else result


def _check_template(template):
    try:
        json.loads(template.replace("$features", "[]"))
    except json.JSONDecodeError as error:
        raise FairkitError("the content_template is no JSON", '{"Features": $features}',
                           f"{quote(template)}: {one_line(error)}") from None


def _plain(cell):
    cell = cell.item() if isinstance(cell, np.generic) else cell
    return None if cell is None or cell != cell else cell
