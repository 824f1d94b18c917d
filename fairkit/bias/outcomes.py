"""Which examples are labelled positive, and which are predicted so."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fairkit.arguments import is_number
from fairkit.bias.conditions import Above, Values
from fairkit.bias.table import numbers_of
from fairkit.errors import FairkitError, nearest, one_line, quote
from fairkit.examples import Examples
from fairkit.groups import GroupColumn
from fairkit.inputs import as_given
from fairkit.predictions import Predictions, predict
from fairkit.tables import table_columns

__all__ = ["Outcomes", "labelled", "model_scores", "predicted"]


@dataclass(frozen=True)
class Outcomes:
    """What rows are said to be.

    Attributes:
        scores: (n,) float64; NaN where nothing is said. Positive is what exceeds a threshold.
        thresholds: ascending; [.5] for outcomes that are 0 or 1.
        scored: whether the thresholds are thresholds of scores that a reader knows.
        of_classes: whether they are of the class with the highest score of several.
    """

    scores: np.ndarray
    thresholds: tuple = (0.5,)
    scored: bool = False
    of_classes: bool = False


def labelled(name, column, condition):
    """`Outcomes` of a column of labels: 1 where the condition holds, 0 where not, NaN where there is no label."""
    if isinstance(condition, Above):
        numbers = numbers_of(name, column)
        hit = numbers >= condition.threshold if condition.equal else numbers > condition.threshold
        return Outcomes(np.where(np.isnan(numbers), np.nan, hit))
    column = GroupColumn.encode(str(name), column)
    several = next((cell for cell in column.cells if len(cell) > 1), None)
    if several is not None:
        raise FairkitError(f"a cell of the label column {quote(name)} holds several values", "one label",
                           quote(several))
    table = np.array([condition.holds(cell[0]) if cell else np.nan for cell in column.cells], np.float64)
    return Outcomes(table[column.codes])


def predicted(what, table, condition, label, thresholds=None, classes=None, features=None, batch_size=256,
              weights=None, output=None):
    """`Outcomes` of predictions.

    Args:
        what: the name of a column, a column, a Keras model, its path, a callable or `Predictions`, as
            `fairkit.bias_report` takes them.
        table: `Table`.
        condition: which labels are positive; says the same of predicted labels.
        label: the column of labels.
        thresholds: a number or several, which makes `what` scores; None for predicted labels, and for .5 of a model.
        classes: the labels of a model with several outputs, in their order; 0, 1, 2... if None.
        features: the columns that a model or a callable is fed; of a frame all but labels and weights if None.
        batch_size: of a Keras model.
        weights: the name of the column of example weights, if they are one.
        output: which output of a model with several.
    """
    limits = _thresholds(thresholds)
    outcomes = _predicted(what, table, condition, label, limits, classes, features, batch_size, weights, output)
    if classes is not None and not outcomes.of_classes:
        raise FairkitError("classes are for models with several outputs, and this one has a single one", "no classes",
                           quote(list(classes)))
    return outcomes


def _predicted(what, table, condition, label, limits, classes, features, batch_size, weights, output):
    if (found := table.found(what)) is not None:
        return _column(f"column {quote(found)}", table.columns[found], table, condition, limits, classes, label)
    if isinstance(what, Predictions):
        return _scores(what.scores, condition, limits, classes)
    if isinstance(what, str) and not Path(what).exists():
        raise FairkitError(f"predictions: no column {quote(what)} and no model there", nearest(what, table.columns),
                           quote(what))
    if isinstance(what, (str, Path)) or hasattr(what, "predict"):
        return _scores(model_scores(what, table, features, label, batch_size, weights, output), condition, limits,
                       classes)
    if output is not None:
        raise FairkitError("output names an output of a Keras model", "output=None for a column or a callable",
                           quote(output))
    if callable(what):
        found = what(as_given(_inputs(table, features, label, weights)))
        return _column("what the callable gave", found, table, condition, limits, classes, label)
    return _column("predictions", what, table, condition, limits, classes, label)


def _column(title, column, table, condition, limits, classes, label):
    """Outcomes of a column of labels or scores, or of an array of class scores."""
    if not isinstance(column, GroupColumn) and np.ndim(column) == 2:
        return _scores(np.asarray(column, np.float64), condition, limits, classes)
    if not hasattr(column, "__len__"):
        raise FairkitError(f"{title}: one value is not a column", f"{len(table)} rows", quote(column))
    if len(column) != len(table):
        raise FairkitError(f"{title} has another length than the data", f"{len(table)} rows", len(column))
    if limits is None:
        return _checked(title, column, labelled(title, column, condition), table, condition, label)
    return _scored(title, numbers_of(title, column), limits)


def _scored(title, scores, limits):
    """Outcomes of scores at thresholds; probabilities are judged at no threshold outside [0, 1]."""
    given = scores[~np.isnan(scores)]
    outside = [limit for limit in limits if not 0 <= limit <= 1]
    if outside and ((given >= 0) & (given <= 1)).all():
        raise FairkitError(f"{title}: the scores lie in [0, 1], and a threshold does not", "thresholds in [0, 1]",
                           f"{outside[0]:g}")
    return Outcomes(scores, limits, True)


def _checked(title, column, found, table, condition, label):
    """The outcomes; raises `FairkitError` where predictions are scores and not labels, judged by all their values: a
    single score may happen to be 0 or 1."""
    if isinstance(condition, Values):
        known = table.examples.labels if label is None else table.columns[label]
        labels, said = ({str(value) for cell in GroupColumn.encode(title, one).cells for value in cell}
                        for one in (known, column))
        others = sorted(said - labels)
        fractions = [text for text in others if _is_fraction(text)]
        if fractions or (len(others) > len(said & labels) and not (found.scores == 1).any()):
            raise FairkitError(f"{title}: these predictions are no labels", f"values such as {sorted(labels)[:5]}; or "
                               "thresholds= for scores", (fractions or others)[:3])
    return found


def _is_fraction(text):
    try:
        return not float(text).is_integer()
    except (ValueError, OverflowError):
        return False


def _scores(scores, condition, limits, classes):
    """Outcomes of a model's scores: (n,) compared with thresholds, (n, k) by the class of the highest."""
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if scores.ndim == 1:
        if isinstance(condition, Above) and limits is None:
            return labelled("predictions", scores, condition)
        return _scored("the model", np.asarray(scores, np.float64), limits or (0.5,))
    names = list(range(scores.shape[1])) if classes is None else list(classes)
    if len(names) != scores.shape[1]:
        raise FairkitError("the classes are not those of the model", f"{scores.shape[1]} classes", quote(names))
    if limits is not None and len(limits):
        raise FairkitError("a model with several outputs predicts its highest class", "no thresholds", list(limits))
    hit = np.array([condition.holds(name) for name in names], np.float64)
    if not hit.any():
        raise FairkitError("no class of the model is positive", f"positive labels among {names}", condition.text)
    return Outcomes(hit[np.argmax(scores, axis=1)], of_classes=True)


def model_scores(model, table, features=None, label=None, batch_size=256, weights=None, output=None):
    """The scores that a Keras model, or the one at a path, gives to the rows of a `Table`: (n,) or (n, classes)."""
    if isinstance(model, (str, Path)):
        from fairkit.models import load

        model = load(model)
    inputs = _inputs(table, features, label) if table.examples is not None else \
        _model_inputs(model, table, features, label, weights)
    rows = Examples(labels=np.zeros(len(table), np.int64), groups={}, inputs=inputs,
                    missing_inputs="keep")
    try:
        return predict(model, rows, batch_size, output=output).scores
    except FairkitError:
        raise
    except (TypeError, ValueError) as error:  # of a model that does not declare its inputs
        why = one_line(re.sub(r"\x1b\[[0-9;]*m", "", str(error)) or error)  # Keras writes in bold
        raise FairkitError("the model cannot take these inputs", "what it was trained on: features= in that order",
                           f"{type(error).__name__}: {why}") from error


def _inputs(table, features, label, weights=None):
    """What a callable is given: the inputs of examples, or columns as a DataFrame: `features`, or all but label and
    weights."""
    if table.examples is not None:
        if table.examples.inputs is None:
            raise FairkitError("these examples have no inputs, so nothing can score them", "Examples(inputs=...)",
                               "inputs=None")
        return table.examples.inputs
    names = [table.checked("features", name) for name in features] if features is not None else \
        [name for name in table.columns if name not in (label, weights)]
    return _frame(table, names)


def _frame(table, names):
    """Some columns as a DataFrame."""
    import pandas as pd

    return pd.DataFrame({name: _series(table.columns[name]) for name in names}, index=range(len(table)))


def _series(column):
    import pandas as pd

    if hasattr(column, "iloc"):
        return column.reset_index(drop=True)
    return pd.Series(column if isinstance(column, (list, tuple)) else np.asarray(column))


def _model_inputs(model, table, features, label, weights):
    """What a Keras model is fed from a frame: its named inputs where columns have these names, else one matrix."""
    from fairkit.models.inputs import ModelInputs

    declared = ModelInputs(model)
    named, shape = declared.names, next(iter(declared.shapes.values()), None)
    known = table.columns if features is None else [table.checked("features", name) for name in features]
    lacking = [name for name in named if name not in known]
    if named and not lacking and (len(named) > 1 or _one_a_row(shape)):
        return table_columns(_frame(table, named))
    if lacking and len(named) > 1:
        raise FairkitError(f"no {'column' if features is None else 'feature'} is called as the model's input "
                           f"{quote(lacking[0])}", f"columns {', '.join(map(quote, named))}", list(known))
    frame = _inputs(table, features, label, weights)
    odd = [name for name in frame if frame[name].dtype.kind not in "biuf"]
    if odd:
        raise FairkitError(f"column {quote(odd[0])} holds no numbers, and the model takes them as one matrix",
                           "features=[...] with numbers, or a callable that takes the frame", str(frame[odd[0]].dtype))
    if shape is not None and len(shape) == 1 and shape[0] not in (None, frame.shape[1]):
        raise FairkitError("the model takes another number of features", f"{shape[0]}: features=[...]",
                           f"{frame.shape[1]}: {', '.join(map(str, frame.columns))}")
    return frame.to_numpy(np.float32, na_value=np.nan)


def _one_a_row(shape):
    """Whether an input takes one value of each row, and so a column."""
    return all(size == 1 for size in shape or ())


def _thresholds(given):
    if given is None:
        return None
    several = isinstance(given, (list, tuple, np.ndarray))
    found = sorted({float(value) for value in (given if several else [given])
                    if is_number(value)})
    if not found or len(found) < len(list(given) if several else [given]) or not np.isfinite(found).all():
        raise FairkitError("thresholds are no distinct numbers", "such as 0.5 or [0.3, 0.5]", quote(given))
    return tuple(found)

