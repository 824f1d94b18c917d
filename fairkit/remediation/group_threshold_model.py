"""A Keras model that decides at the threshold of the group that somebody belongs to."""

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.models.files import write_saved_model
from fairkit.models.inputs import ModelInputs
from fairkit.models.outputs import chosen_output
from fairkit.quiet import keras, tf
from fairkit.remediation.group_thresholds import GroupThresholds
from fairkit.remediation.group_thresholds_adjusting import COMMON
from fairkit.remediation.group_thresholds_counts import group_of_cells

__all__ = ["GroupThresholdModel"]


@keras.saving.register_keras_serializable(package="fairkit")
class GroupThresholdModel(keras.Model):
    """A model with its group thresholds: from the model's inputs and the group to adjusted scores.

    IT NEEDS THE GROUP AT PREDICTION TIME: its inputs are a dict of the original model's inputs by name and, for each
    column of the thresholds, a string input named after it, (n,) or (n, 1). Texts that are no fitted group (among them
    "", for no value or several) get the overall threshold. Its scores are those of `GroupThresholds.adjusted`: above
    .5 just where the original score is above the threshold of the group, and of the shape of the original scores.

    What it decides depends on the group, which is unlawful in many uses: see `GroupThresholds`.

    It is saved as a .keras file that loads without custom_objects (by `fairkit.models.load`, or by Keras once this
    module is imported), and exports to a SavedModel that needs nothing of fairkit. It is not trained: the original
    model is, and the thresholds are fitted anew after that.

    Args:
        original_model: a `keras.Model` with one output.
        thresholds: `GroupThresholds` (or what its `to_dict` gave).
        from_logits: the original model's outputs are logits; the adjusted scores are probabilities.

    Raises:
        FairkitError: for something else than these, a group column with the name of an input, or where the group is
            missing at prediction time.

    Example:
        >>> import fairkit, numpy as np
        >>> rng = np.random.default_rng(0)
        >>> images, color = rng.integers(0, 256, (200, 28, 28, 3)), rng.choice(["blue", "orange"], 200)
        >>> examples = fairkit.Examples(inputs=images, labels=rng.integers(0, 10, 200), groups={"color": color})
        >>> model = fairkit.models.digit_classifier(seed=0)
        >>> predictions = fairkit.predict(model, examples)
        >>> fitted = fairkit.remediation.fit_group_thresholds(predictions, "color", class_id=8)
        >>> fair = fairkit.remediation.GroupThresholdModel(model, fitted)
        >>> fair.predict({"image": images[:2], "color": color[:2]}, verbose=0).shape
        (2, 10)
        >>> judged = fairkit.evaluate(fair, fair.with_group_inputs(examples), thresholds=[0.5], classes=[8])
        >>> bool(((judged.predictions.scores[:, 8] > 0.5) == fitted.decide(predictions.scores, color)).all())
        True
    """

    def __init__(self, original_model, thresholds, from_logits=False, **kwargs):
        if not isinstance(original_model, keras.Model):
            raise FairkitError("thresholds are put behind a Keras model", "a keras.Model",
                               type(original_model).__name__)
        if isinstance(thresholds, dict):
            thresholds = GroupThresholds.from_dict(thresholds)
        if not isinstance(thresholds, GroupThresholds):
            raise FairkitError("there are no group thresholds", "what fit_group_thresholds gives",
                               type(thresholds).__name__)
        super().__init__(autocast=False, **kwargs)
        self._original_model, self._thresholds, self._from_logits = original_model, thresholds, bool(from_logits)
        self._original_inputs = ModelInputs(original_model)
        for name in thresholds.by:
            if name in self._original_inputs.names:
                raise FairkitError(f"the group column {quote(name)} has the name of an input of the model",
                                   "a group column of another name", f"inputs {self._original_inputs.names}")
        self.built = original_model.built

    @property
    def original_model(self):
        """The model whose scores are adjusted."""
        return self._original_model

    @property
    def thresholds(self):
        """The `GroupThresholds`."""
        return self._thresholds

    def with_group_inputs(self, examples: Examples) -> Examples:
        """The examples with the inputs that this model takes: their own, and the texts of their groups.

        Raises:
            FairkitError: for examples without inputs, or without the group columns.
        """
        if not isinstance(examples, Examples) or examples.inputs is None:
            raise FairkitError("this model takes the inputs of examples", "Examples with inputs", quote(examples)[:80])
        own = self._original_inputs.columns(examples.inputs)
        groups = {}
        for name in self._thresholds.by:
            if name not in examples.groups:
                raise FairkitError(f"the thresholds need the group column {quote(name)}",
                                   nearest(name, examples.groups),
                                   f"columns {sorted(examples.groups)}")
            column = examples.groups[name]
            found = [group_of_cells([cell]) for cell in column.cells]
            texts = np.array([group[0] if isinstance(group, tuple) else "" for group in found], object)
            groups[name] = texts[column.codes]
        return Examples(inputs={**own, **groups}, labels=examples.labels, groups=examples.groups,
                        weights=examples.weights, ids=examples.given_ids, missing_inputs="keep")

    def __call__(self, inputs, *args, **kwargs):
        # Before Keras looks at the inputs, which would make a page of one line.
        self._check_inputs(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, training=None):
        thresholds = self._thresholds_of([inputs[name] for name in self._thresholds.by])
        outputs = chosen_output(self._original_model(self._own_inputs(inputs), training=False))
        class_id = self._thresholds.class_id
        # In float64, in which the thresholds were fitted; a model of float32 would round them to the other side.
        scores = tf.cast(outputs, tf.float64)
        if self._from_logits:
            scores = tf.sigmoid(scores) if class_id is None else tf.nn.softmax(scores)
        one = tf.reshape(scores, [-1]) if class_id is None else scores[:, class_id]
        changed = _moved(one, thresholds)
        if class_id is None:
            return tf.reshape(changed, tf.shape(outputs))
        others = tf.reduce_sum(scores, axis=1) - one
        wanted = tf.cast(tf.maximum(others + one - tf.cast(changed, tf.float64), 0), tf.float32)
        spread = wanted[:, None] / (scores.shape[1] - 1) * tf.ones([1, scores.shape[1]])
        scaled = tf.cast(scores, tf.float32) * (wanted / tf.cast(tf.maximum(others, 1e-300), tf.float32))[:, None]
        rest = tf.where(others[:, None] > 1e-30, scaled, spread)
        return tf.where(tf.range(scores.shape[1])[None] == class_id, changed[:, None], tf.clip_by_value(rest, 0, 1))

    def predict(self, x, *args, **kwargs):
        """As of any Keras model; texts among the inputs may be lists or NumPy arrays."""
        if isinstance(x, dict):
            self._check_inputs(x)
            x = {name: _tensor(column) for name, column in x.items()}
        return super().predict(x, *args, **kwargs)

    def fit(self, *args, **kwargs):
        raise FairkitError("a model with group thresholds is not trained", "training its original_model, and fitting "
                           "the thresholds anew", "fit")

    @property
    def declared_inputs(self):
        """The original model's inputs and the groups, by name, for `fairkit.models.inputs`."""
        if not self._original_inputs.names:
            return None
        own = {name: tf.TensorSpec(shape, dtype, name) for name, (shape, dtype) in self._original_inputs.specs.items()}
        return own | {name: tf.TensorSpec([None], tf.string, name) for name in self._thresholds.by}

    def export(self, filepath, **kwargs):
        """Exports a SavedModel that takes the original model's inputs and the groups, by name."""
        if kwargs:
            return super().export(filepath, **kwargs)
        if not self._original_inputs.names:
            raise FairkitError("a subclassed model does not say what it takes", "export(..., input_signature="
                               "[{name: tf.TensorSpec}])", type(self._original_model).__name__)
        return write_saved_model(self, filepath)

    def get_config(self):
        return {"original_model": self._original_model, "thresholds": self._thresholds.to_dict(),
                "from_logits": self._from_logits, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        if isinstance(config["original_model"], dict):
            config["original_model"] = keras.saving.deserialize_keras_object(config["original_model"],
                                                                             custom_objects=custom_objects)
        return cls(**config)

    def get_build_config(self):
        return None

    def _own_inputs(self, inputs):
        """The original model's inputs in the form that it takes them in: a dict, a tuple, or one tensor."""
        own = {name: value for name, value in inputs.items() if name not in self._thresholds.by}
        if self._original_inputs.names:
            return self._original_inputs.joined(own)
        return own if len(own) > 1 else next(iter(own.values()))

    def _check_inputs(self, inputs):
        wanted, names = ", ".join(map(quote, self._thresholds.by)), self._original_inputs.names
        expected = f"a dict of the model's inputs {names or ''} and the group as texts: {wanted}"
        received = f"inputs {sorted(inputs)}" if isinstance(inputs, dict) else type(inputs).__name__
        if not isinstance(inputs, dict) or any(name not in inputs for name in self._thresholds.by):
            raise FairkitError("this model decides by group and needs the group at prediction time", expected, received)
        for name in names:
            if name not in inputs:
                raise FairkitError(f"the model's input {quote(name)} is missing", expected, received)

    def _thresholds_of(self, texts):
        """(n,) float64: the threshold of each example, from a string tensor for each column."""
        texts = [tf.reshape(column, [-1]) for column in texts]
        keys = [(key,) if isinstance(key, str) else key for key in self._thresholds.thresholds]
        same = [column[:, None] == tf.constant([key[at] for key in keys])[None] for at, column in enumerate(texts)]
        fits = tf.reduce_all(tf.stack(same), axis=0)
        values = tf.constant(list(self._thresholds.thresholds.values()), tf.float64)
        found = tf.reduce_sum(tf.where(fits, values[None], tf.zeros([], tf.float64)), axis=1)
        return tf.where(tf.reduce_any(fits, axis=1), found, tf.constant(self._thresholds.overall, tf.float64))


def _tensor(column):
    """Texts as a tensor, which Keras takes; all else as it is."""
    if isinstance(column, (list, tuple)) or (isinstance(column, np.ndarray) and column.dtype.kind in "OUS"):
        return tf.convert_to_tensor(column)
    return column


def _moved(scores, thresholds):
    """`fairkit.remediation.group_thresholds_adjusting.moved` in TensorFlow, to float32."""
    above = scores > thresholds
    low = tf.where(thresholds > 0, scores / tf.where(thresholds > 0, thresholds, 1) * COMMON, COMMON)
    high = COMMON + (scores - thresholds) / tf.where(thresholds < 1, 1 - thresholds, 1) * (1 - COMMON)
    least_above = float(np.nextafter(np.float32(COMMON), np.float32(1)))
    return tf.where(above, tf.clip_by_value(tf.cast(high, tf.float32), least_above, 1),
                    tf.minimum(tf.cast(low, tf.float32), COMMON))

