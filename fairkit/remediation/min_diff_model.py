"""MinDiff for Keras 3: a model that adds a penalty for telling two groups apart while it trains."""

import inspect

from fairkit.errors import FairkitError
from fairkit.quiet import keras, tf
from fairkit.remediation.min_diff_data import MinDiffPackedInputs
from fairkit.remediation.min_diff_losses import (
    get_loss,
    get_loss_weights,
    loss_from_config,
    loss_to_config,
    min_diff_value,
)
from fairkit.remediation.one_pass import call_together, treats_examples_alone

__all__ = ["MinDiffModel"]


@keras.saving.register_keras_serializable(package="fairkit")
class MinDiffModel(keras.Model):
    """Trains a model with a loss on the difference between its predictions for two groups.

    The names, arguments and semantics are those of TensorFlow Model Remediation, whose own class needs Keras 2. It is
    compiled, fitted and evaluated like any model, on what `pack_min_diff_data` gives; the method is MinDiff (Prost,
    Qian, Chen, Chi, Chen and Beutel, 2019, "Toward a better trade-off between performance and fairness with
    kernel-based distribution matching"). Predictions are the original model's. `evaluate` and `predict` take plain data
    as well, for which no min_diff_loss is reported.

    Args:
        original_model: the `keras.Model` to train.
        loss: a name ("mmd", "adjusted_mmd", "absolute_correlation"), a MinDiffLoss object, or a dict of them, one for
            each application. Of objects, no summaries are written.
        loss_weight: what the loss is multiplied by, or a dict of such numbers (1.0 where one is missing).
        predictions_transform: a function from the model's outputs to the tensor (n, 1) or (n, d) that is compared. To
            be saved it must be registered with Keras; `ClassScore` is.

    The loss is added by `add_loss`, so it is part of `losses` and of the reported loss; its mean over batches, weight
    included, is the metric "min_diff_loss" ("<key>_min_diff_loss" in a dict). Texts and rows of a table go through the
    model together with the MinDiff batch where every layer is known to treat each example by itself; otherwise (images,
    or a layer such as BatchNormalization, whose moving statistics then see both) the MinDiff batch goes first, as in
    TFMR.

    Raises:
        FairkitError: for a loss that is not known, a weight that is no number, or fitting on data without MinDiff data.

    Example:
        >>> import keras, numpy as np, tensorflow as tf
        >>> from fairkit.remediation import MinDiffModel, pack_min_diff_data
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        >>> rows = tf.data.Dataset.from_tensor_slices((np.eye(2, dtype=np.float32), np.array([0.0, 1.0]))).batch(2)
        >>> fair = MinDiffModel(model, loss="mmd", loss_weight=2.0)
        >>> fair.compile("adam", "binary_crossentropy")
        >>> history = fair.fit(pack_min_diff_data(rows, rows, rows), verbose=0, shuffle=False)
        >>> sorted(history.history)
        ['loss', 'min_diff_loss']
    """

    def __init__(self, original_model, loss, loss_weight=1.0, predictions_transform=None, **kwargs):
        if not isinstance(original_model, keras.Model):
            raise FairkitError("MinDiff trains a Keras 3 model", "a keras.Model", type(original_model).__name__)
        if predictions_transform is not None and not callable(predictions_transform):
            raise FairkitError("predictions_transform is no function", "a callable", repr(predictions_transform))
        kwargs.setdefault("dtype", original_model.dtype_policy)
        super().__init__(autocast=False, **kwargs)
        losses = _each(loss, get_loss)
        self._min_diff_loss = losses
        self._min_diff_weight = get_loss_weights(losses, loss_weight)
        self._predictions_transform = predictions_transform
        self._original_model = original_model
        taken = {metric.name for metric in original_model.metrics}
        self._min_diff_metric = {key: keras.metrics.Mean(_unused(key + "_min_diff_loss", taken)) for key in losses} \
            if isinstance(losses, dict) else keras.metrics.Mean(_unused("min_diff_loss", taken))
        self.built = original_model.built

    @property
    def original_model(self):
        """The model that is trained."""
        return self._original_model

    @property
    def predictions_transform(self):
        """The function from outputs to what is compared; the identity if none was given."""
        return self._predictions_transform or (lambda predictions: predictions)

    def unpack_original_inputs(self, inputs):
        """The original model's part of packed inputs; plain inputs as they are."""
        return inputs.original_inputs if isinstance(inputs, MinDiffPackedInputs) else inputs

    def unpack_min_diff_data(self, inputs):
        """The MinDiff part of packed inputs: (x, membership[, weights]) or a dict of such; None for plain inputs."""
        return inputs.min_diff_data if isinstance(inputs, MinDiffPackedInputs) else None

    def build(self, input_shape):
        # A subclassed model is built by its first call, which only then knows its layers' shapes.
        if not self._original_model.built and isinstance(self._original_model, keras.Sequential):
            self._original_model.build(self.unpack_original_inputs(input_shape))
        self.built = True

    def call(self, inputs, training=None, mask=None):
        x, data = self.unpack_original_inputs(inputs), self.unpack_min_diff_data(inputs)
        mask = self.unpack_original_inputs(mask)
        if all(part is None for part in tf.nest.flatten(mask)):
            mask = None
        if data is None:
            if training:
                raise FairkitError("there is no MinDiff data to train on", "data from pack_min_diff_data", "plain data")
            return self._call_original(x, training, mask)
        outputs = self._call_together(x, data, training) if mask is None else None
        if outputs is None:
            self._add_losses(self.compute_min_diff_loss(data, training=training))
            return self._call_original(x, training, mask)
        predictions, *min_diff_predictions = outputs
        self._add_losses([self._penalty(key, part, compared)
                          for (key, part), compared in zip(self._applications(data), min_diff_predictions)])
        return predictions

    def compute_min_diff_loss(self, min_diff_data, training=None, mask=None):
        """The weighted loss on MinDiff data, from a forward pass over that data alone.

        Args:
            min_diff_data: (x, membership) or (x, membership, weights), or a dict of them with the keys of the loss.
            training, mask: as for `call`.

        Returns:
            A scalar, or a list of scalars (in the order of the sorted keys) for several applications.
        """
        values = []
        for key, part in self._applications(min_diff_data):
            predictions = self._call_original(_unpack(part)[0], training, mask)
            # What layers added for MinDiff examples (activity regularizers) is not part of the main loss.
            self._original_model._clear_losses()
            values.append(self._penalty(key, part, predictions))
        return values[0] if len(values) == 1 else values

    def test_step(self, data):
        reported = super().test_step(data)
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        if self.unpack_min_diff_data(x) is None:
            for metric in self._metrics_by_key().values():
                reported.pop(metric.name, None)
        return reported

    def predict_step(self, data):
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return super().predict_step((self.unpack_original_inputs(x),))

    def compile(self, optimizer="rmsprop", *args, **kwargs):
        """Compiles this model and the original one alike: they share the optimizer."""
        super().compile(optimizer, *args, **kwargs)
        self._original_model.compile(self.optimizer, *args, **kwargs)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def export(self, filepath, **kwargs):
        """Exports the original model, which is all that predictions need."""
        return self._original_model.export(filepath, **kwargs)

    def save_original_model(self, path, save_format=None):
        """Saves the original model: a .keras file if the path ends so, a SavedModel folder otherwise."""
        from fairkit.models import export, save

        if save_format is not None:
            raise FairkitError("the path decides the format", "a path ending in .keras, or a folder for a SavedModel, "
                               "without save_format", f"save_format={save_format!r}")
        (save if str(path).endswith(".keras") else export)(self._original_model, path)

    def get_config(self):
        config = {"original_model": self._original_model, "loss": _each(self._min_diff_loss, loss_to_config),
                  "loss_weight": self._min_diff_weight, "name": self.name}
        if self._predictions_transform is not None:
            config["predictions_transform"] = keras.saving.serialize_keras_object(self._predictions_transform)
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        for key in ("original_model", "predictions_transform"):
            if isinstance(config.get(key), dict):
                config[key] = keras.saving.deserialize_keras_object(config[key], custom_objects=custom_objects)
        single = "class_name" in config["loss"]
        config["loss"] = loss_from_config(config["loss"]) if single else _each(config["loss"], loss_from_config)
        return cls(**config)

    def get_build_config(self):
        return None

    def _call_original(self, inputs, training, mask):
        accepted = inspect.signature(self._original_model.call).parameters
        given = {"training": training, "mask": mask}
        return self._original_model(inputs, **{name: value for name, value in given.items()
                                               if value is not None and name in accepted})

    def _call_together(self, x, data, training):
        """Outputs for the main and every MinDiff batch in one pass; None where it takes a pass for each."""
        if type(self).compute_min_diff_loss is not MinDiffModel.compute_min_diff_loss:
            return None
        if not self._original_model.built or not treats_examples_alone(self._original_model):
            return None
        return call_together(self._original_model, [x, *(_unpack(part)[0] for _, part in self._applications(data))],
                             training)

    def _penalty(self, key, part, predictions):
        _, membership, sample_weight = _unpack(part)
        compared = self.predictions_transform(predictions)
        if not tf.is_tensor(compared):
            raise FairkitError("MinDiff compares one tensor of predictions",
                               "a predictions_transform that gives a tensor (n, 1) or (n, d)",
                               f"{type(compared).__name__} from the "
                               f"{'transform' if self._predictions_transform else 'model'}")
        value = self._weight(key) * min_diff_value(self._loss(key), membership, compared, sample_weight)
        self._metrics_by_key()[key].update_state(value)
        return value

    def _add_losses(self, values):
        for value in values if isinstance(values, (list, tuple)) else [values]:
            self.add_loss(value)

    def _applications(self, data):
        """(key, data) of each application of MinDiff, in the order of the keys; the key of a single one is None."""
        found = sorted(data) if isinstance(data, dict) else None
        wanted = sorted(self._min_diff_loss) if isinstance(self._min_diff_loss, dict) else None
        if found != wanted:
            raise FairkitError("the MinDiff data does not go with the loss",
                               "one data set" if wanted is None else f"a dict with the keys {wanted}",
                               "one data set" if found is None else f"a dict with the keys {found}")
        return [(None, data)] if found is None else [(key, data[key]) for key in found]

    def _loss(self, key):
        return self._min_diff_loss if key is None else self._min_diff_loss[key]

    def _weight(self, key):
        return self._min_diff_weight if key is None else self._min_diff_weight[key]

    def _metrics_by_key(self):
        return dict(self._min_diff_metric) if isinstance(self._min_diff_metric, dict) else {None: self._min_diff_metric}


def _unpack(part):
    return keras.utils.unpack_x_y_sample_weight(tuple(part) if isinstance(part, list) else part)


def _each(loss, change):
    return {key: change(value) for key, value in loss.items()} if isinstance(loss, dict) else change(loss)


def _unused(name, taken):
    count, unused = 0, name
    while unused in taken:
        count += 1
        unused = f"{name}_{count}"
    return unused
