"""A classifier of tables: columns of numbers and of categories."""

from collections.abc import Mapping

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, nearest, quote
from fairkit.models.builders import probabilities
from fairkit.models.seeding import seeded
from fairkit.models.tabular_columns import Category, Numbers, column_of
from fairkit.quiet import keras
from fairkit.tables import is_frame, table_columns

__all__ = ["tabular_classifier"]


def tabular_classifier(inputs, seed: int | None = None, classes: int = 1, *, categorical=(), hidden=(64, 32),
                       most_values: int = 1000):
    """A small network for tables.

    Inputs: one for each column, by its name: (n,) numbers, or (n,) texts. Output: (n, 1) probabilities of the positive
    label, or (n, classes). All that is learnt from the table beforehand is a part of the model, so it takes plain
    columns wherever it is loaded:

    - numbers are normalized by the mean and variance of the table. A missing one (NaN) counts as the mean, and where
      the table has missing ones in a column, an input of its own tells the network so;
    - texts become vectors (an embedding), one for each value of the table. A missing text is the empty one; values that
      the table does not have share a vector, which nothing was learnt for and which lies near 0. So do whole numbers
      that are named as codes.

    Args:
        inputs: the training inputs: a DataFrame, `Examples.inputs` or another dict of columns. Not the label, and only
            such groups as the model is to know of.
        seed: of the initial weights; None draws them anew each time, as Keras does.
        classes: the number of classes; 1 for the probability of a positive label.
        categorical: names of columns whose whole numbers are codes of something, such as postal areas.
        hidden: units of the hidden layers.
        most_values: values of a column that are told apart, the most frequent ones.

    Returns:
        An uncompiled `keras.Model`.

    Raises:
        FairkitError: for what is no table, a name that Keras does not take (one with "/"), and a column that holds
            nothing, or neither numbers nor texts.

    Example:
        >>> import fairkit, pandas as pd
        >>> people = pd.DataFrame({"age": [39, None, 52], "job": ["cook", "judge", None]})
        >>> model = fairkit.models.tabular_classifier(people, seed=0)
        >>> sorted(model.input), model.output_shape
        (['age', 'job'], (None, 1))
    """
    columns = _columns_of(inputs, categorical, most_values)
    with seeded(seed):
        fed = {column.name: keras.Input((), name=column.name, dtype=column.dtype) for column in columns}
        numbers = [column for column in columns if isinstance(column, Numbers)]
        parts = _normalized(numbers, fed) if numbers else []
        parts += [_embedded(column, fed[column.name]) for column in columns if isinstance(column, Category)]
        x = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
        for units in hidden:
            x = keras.layers.Dense(units, activation="relu")(x)
        return keras.Model(fed, probabilities(classes, "score")(x), name="tabular_classifier")


def _columns_of(inputs, categorical, most_values):
    table = table_columns(inputs) if is_frame(inputs) else inputs
    if not isinstance(table, Mapping) or not table:
        raise FairkitError("this is no table", "a DataFrame, or a dict of columns such as Examples.inputs",
                           type(inputs).__name__ if not isinstance(table, Mapping) else "no column")
    coded = [categorical] if isinstance(categorical, str) else list(categorical)
    for name in coded:
        if name not in table:
            raise FairkitError(f"no column {quote(name)} to take for categories", nearest(name, table), quote(name))
    for name in table:
        if not isinstance(name, str) or not name or "/" in name:
            raise FairkitError("Keras takes no input of this name", "a text without /", quote(name))
    if not is_whole(most_values) or most_values < 1:
        raise FairkitError("most_values is no number of values", "a whole number of 1 or more", quote(most_values))
    return [column_of(name, part, name in coded, int(most_values)) for name, part in table.items()]


def _normalized(columns, fed):
    """[(n, k) normalized numbers, and (n, m) flags of missing ones where the table has any]."""
    layers, ops = keras.layers, keras.ops
    each = [layers.Reshape((1,))(fed[column.name]) for column in columns]
    x = layers.Concatenate()(each) if len(each) > 1 else each[0]
    missing = ops.isnan(x)
    # 0 and not the mean: the mean is subtracted afterwards, so what is missing is set to 0 behind the normalization.
    x = layers.Normalization(mean=[column.mean for column in columns],
                             variance=[column.variance for column in columns], name="normalization")(x)
    parts = [ops.where(missing, ops.zeros_like(x), x)]
    flagged = [k for k, column in enumerate(columns) if column.missing]
    if flagged:
        parts.append(ops.cast(ops.take(missing, flagged, axis=1), "float32"))
    return parts


def _embedded(column, fed):
    """(n, units) vectors of a column of categories."""
    layers, ops = keras.layers, keras.ops
    if column.dtype == "string":
        codes = layers.StringLookup(vocabulary=column.values, oov_token=column.unknown)(fed)
    else:
        whole = ops.where(ops.isnan(fed), ops.full_like(fed, column.nothing), fed)
        codes = layers.IntegerLookup(vocabulary=column.values, oov_token=column.unknown)(ops.cast(whole, "int64"))
    return layers.Embedding(len(column.values) + 1, column.units)(codes)
