"""MinDiff for Keras 3: a model that adds a penalty for telling two groups apart while it trains."""

import fairkit.remediation.class_score  # noqa: F401  a saved model may hold one
from fairkit.errors import FairkitError
from fairkit.quiet import keras, tf
from fairkit.remediation.legacy_keras import is_legacy, legacy_min_diff_model
from fairkit.remediation.loss_by_name import get_loss, loss_from_config, loss_to_config, min_diff_value
from fairkit.remediation.min_diff_data import MinDiffPackedInputs, unpack_min_diff_data, unpack_original_inputs
from fairkit.remediation.one_pass import call_together, treats_examples_alone
from fairkit.remediation.penalized_model import PenalizedModel, each, is_predicting

__all__ = ["MinDiffModel"]


@keras.saving.register_keras_serializable(package="fairkit")
class MinDiffModel(PenalizedModel):
    """Trains a model with a loss on the difference between its predictions for two groups.

    The names, arguments and semantics are those of TensorFlow Model Remediation, whose own class needs Keras 2. It is
    compiled, fitted and evaluated like any model, on what `pack_min_diff_data` gives; the method is MinDiff (Prost,
    Qian, Chen, Chi, Chen and Beutel, 2019, "Toward a better trade-off between performance and fairness with
    kernel-based distribution matching"). Predictions are the original model's. `evaluate` and `predict` take plain data
    as well, for which no min_diff_loss is reported.

    Args:
        original_model: the `keras.Model` to train. With TF_USE_LEGACY_KERAS=1 it may be one of tf_keras: then this call
            returns an object of TFMR's own class.
        loss: a name ("mmd", "adjusted_mmd", "absolute_correlation", "unbiased_mmd"), a MinDiffLoss object, or a dict of
            them, one for each application. Of objects, no summaries are written.
        loss_weight: what the loss is multiplied by, or a dict of such numbers (1.0 where one is missing).
        predictions_transform: a function from the model's outputs to the tensor (n, 1) or (n, d) that is compared. To
            be saved it must be registered with Keras; `ClassScore` is.

    The loss is added by `add_loss`, so it is part of `losses` and of the reported loss; its mean over batches, weight
    included, is the metric "min_diff_loss" ("<key>_min_diff_loss" in a dict). Texts and rows of a table go through the
    model together with the MinDiff batch where every layer is known to treat each example by itself; otherwise the
    MinDiff batch goes first, as in TFMR. So BatchNormalization normalizes either batch by its own statistics, and its
    moving statistics are moved twice a step: by the MinDiff batch, then by the main batch. Where both groups are unlike
    the main data, that shows in what the model predicts; a frozen layer (`trainable=False`) is not moved. Dropout drops
    in both batches, but not in `evaluate`. The gradients of an Embedding are added up before the optimizer sees them,
    as in TFMR; `fit` of a plain Keras 3 model does not do that, and its Adam then trains frequent words more slowly.

    A subclass may override `train_step`, `compute_min_diff_loss`, or `unpack_original_inputs` and
    `unpack_min_diff_data`. The original model's own `train_step`, `compute_loss` and `metrics` are used by a class of
    both, `class Custom(MinDiffModel, CustomModel)`, whose constructor takes the arguments of CustomModel's by keyword;
    without it they are not used, of which it is warned. Under a distribution strategy each replica compares
    its own part of both groups, and the penalty is the mean over the replicas.

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

    penalty_name = "min_diff_loss"
    loss_to_config, loss_from_config = staticmethod(loss_to_config), staticmethod(loss_from_config)

    def __new__(cls, original_model=None, *args, **kwargs):
        if is_legacy(original_model):
            return legacy_min_diff_model(original_model, *args, **kwargs)
        return super().__new__(cls, original_model, *args, **kwargs)

    def __init__(self, original_model, loss, loss_weight=1.0, predictions_transform=None, **kwargs):
        super().__init__(original_model, each(loss, get_loss), loss_weight, predictions_transform, **kwargs)

    def unpack_original_inputs(self, inputs):
        """The original model's part of packed inputs; plain inputs as they are.

        Override it, and `unpack_min_diff_data`, for data that is packed in another way. Each is called once for every
        batch, with what `fit`, `evaluate` or `predict` was given as inputs (`unpack_min_diff_data` not by `predict`).
        """
        return unpack_original_inputs(inputs)

    def unpack_min_diff_data(self, inputs):
        """The MinDiff part of packed inputs: (x, membership[, weights]) or a dict of such; None for plain inputs."""
        return unpack_min_diff_data(inputs)

    def build(self, input_shape):
        if type(self).unpack_original_inputs is MinDiffModel.unpack_original_inputs:
            self._build_original(unpack_original_inputs(input_shape))
        else:   # of which only the inputs themselves can be unpacked, by the first call
            self.built = True

    def call(self, inputs, training=None, mask=None):
        x = self.unpack_original_inputs(inputs)
        data = None if is_predicting() else self.unpack_min_diff_data(inputs)
        self._penalized = data is not None
        mask = _mask_of(x, inputs, mask)
        if data is None:
            if training:
                raise FairkitError("there is no MinDiff data to train on", "data from pack_min_diff_data", "plain data")
            return self._call_original(x, training, mask)
        outputs = self._call_together(x, data, training, mask)
        if outputs is None:
            self._add_losses(self.compute_min_diff_loss(data, training=training))
            return self._call_original(x, training, mask)
        predictions, *min_diff_predictions = outputs
        self._add_losses([self._penalty(part, compared, loss, weight) for (part, loss, weight, _), compared
                          in zip(self._applications(data), min_diff_predictions)])
        return predictions

    def compute_min_diff_loss(self, min_diff_data, training=None, mask=None):
        """The weighted loss on MinDiff data, from a forward pass over that data alone.

        Args:
            min_diff_data: (x, membership) or (x, membership, weights), or a dict of them with the keys of the loss.
            training, mask: as for `call`; the mask is that of the MinDiff inputs.

        Returns:
            A scalar, or a list of scalars (in the order of the sorted keys) for several applications.
        """
        values = []
        for part, loss, weight, _ in self._applications(min_diff_data):
            predictions = self._call_original(_unpack(part)[0], training, mask)
            # What layers added for MinDiff examples (activity regularizers) is not part of the main loss.
            self._original_model._clear_losses()
            values.append(self._penalty(part, predictions, loss, weight))
        return values[0] if len(values) == 1 else values

    def test_step(self, data):
        reported = super().test_step(data)
        return reported if self._penalized else self._without_penalties(reported)

    def _call_together(self, x, data, training, mask):
        """Outputs for the main and every MinDiff batch in one pass; None where it takes a pass for each."""
        if any(part is not None for part in keras.tree.flatten(mask)):
            return None
        if type(self).compute_min_diff_loss is not MinDiffModel.compute_min_diff_loss:
            return None
        if not self._original_model.built or not treats_examples_alone(self._original_model):
            return None
        return call_together(self._original_model, [x, *(_unpack(part)[0] for part, *_ in self._applications(data))],
                             training)

    def _penalty(self, part, predictions, loss, weight):
        _, membership, sample_weight = _unpack(part)
        return weight * min_diff_value(loss, membership, self._compared(predictions), sample_weight)

    def _add_losses(self, values):
        values = values if isinstance(values, (list, tuple)) else [values]
        for (*_, metric), value in zip(self._penalties(), values, strict=True):
            value = tf.cast(value, keras.config.floatx())   # as Keras's own losses are
            metric.add(value)
            self.add_loss(value)   # which Keras divides by the number of replicas, as it does its own losses

    def _applications(self, data):
        """(data, loss, weight, metric) of each application of MinDiff, in the order of the keys."""
        found = sorted(data) if isinstance(data, dict) else None
        wanted = sorted(self._penalty_loss) if isinstance(self._penalty_loss, dict) else None
        if found != wanted:
            raise FairkitError("the MinDiff data does not go with the loss",
                               "one data set" if wanted is None else f"a dict with the keys {wanted}",
                               "one data set" if found is None else f"a dict with the keys {found}")
        return [(data if key is None else data[key], *rest) for key, *rest in self._penalties()]


def _unpack(part):
    return keras.utils.unpack_x_y_sample_weight(tuple(part) if isinstance(part, list) else part)


def _mask_of(x, inputs, mask):
    """The mask of the original model's inputs, out of that of the packed ones."""
    if isinstance(mask, MinDiffPackedInputs):
        return mask.original_inputs
    if x is inputs or not keras.tree.is_nested(mask):
        return mask
    return keras.tree.map_structure(lambda part: getattr(part, "_keras_mask", None), x)
