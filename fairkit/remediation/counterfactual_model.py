"""Counterfactual logit pairing for Keras 3: a model that learns to say the same of both sides of a pair."""

import contextvars
import inspect

from fairkit.errors import FairkitError
from fairkit.quiet import keras, tf
from fairkit.remediation.counterfactual_data import CounterfactualPackedInputs
from fairkit.remediation.counterfactual_losses import (
    counterfactual_loss_from_config,
    counterfactual_value,
    get_counterfactual_loss,
)
from fairkit.remediation.min_diff_model import MinDiffModel
from fairkit.remediation.one_pass import call_together, treats_examples_alone
from fairkit.remediation.penalized_model import PenalizedModel, each

__all__ = ["CounterfactualModel"]

_step_pairs = contextvars.ContextVar("step_pairs", default=None)   # of the step that is being taken, for its loss


@keras.saving.register_keras_serializable(package="fairkit")
class CounterfactualModel(PenalizedModel):
    """Trains a model with a loss on the difference between its predictions for the two sides of a pair.

    The names, arguments and formats are those of TensorFlow Model Remediation, whose own class needs Keras 2. It is
    compiled, fitted and evaluated like any model, on what `pack_counterfactual_data` gives; the method is
    counterfactual logit pairing (Garg, Perot, Limtiaco, Taly, Chi and Beutel, 2019, "Counterfactual fairness in text
    classification through robustness"), on whatever the model outputs: probabilities or logits. Predictions are the
    original model's. `evaluate` and `predict` take plain data as well, for which no counterfactual_loss is reported.

    Args:
        original_model: the `keras.Model` to train.
        loss: a name ("pairwise_mse", "pairwise_absolute_difference", "pairwise_cosine"; "mse" and so on will do), a
            `CounterfactualLoss` object, or a dict of them: on the pairs of the same key where several sets of pairs are
            packed, and else all on the same pairs.
        loss_weight: what the loss is multiplied by, or a dict of such numbers (1.0 where one is missing).
        predictions_transform: a function from the model's outputs to the tensor (n, d) that is compared, for models
            with several outputs. To be saved it must be registered with Keras.

    Reported are total_loss, original_loss (without the pairs) and counterfactual_loss (weight included;
    "<key>_counterfactual_loss" in a dict), each the mean over batches, beside Keras's own loss.

    The pairs go through the model as in inference: Dropout is off, BatchNormalization takes its moving statistics and
    does not move them. So the two sides differ by what was swapped and by nothing else, and a pair whose sides are the
    same costs nothing. The main batch is trained as ever. TFMR (0.1.7.1) calls the model without `training` throughout,
    so that Dropout and BatchNormalization never train, and it leaves regularization losses out; neither is so here.

    Both penalties in one training: put this model around a `MinDiffModel`, and pack the pairs beside data that
    `pack_min_diff_data` has packed. The loss is then main loss + MinDiff's + this one's, each penalty as it is alone on
    the same batch; min_diff_loss is reported too, and original_loss is without the pairs, with MinDiff.

    The original model's own `train_step`, `compute_loss` and `metrics` are used by a class of both, `class
    Custom(CounterfactualModel, CustomModel)`; without it they are not, of which it is warned.

    Raises:
        FairkitError: for a loss that is not known or constant, a weight that is no number, fitting on data without
            pairs, and for a model with a penalty other than MinDiff's.

    Example:
        >>> import keras, numpy as np, tensorflow as tf
        >>> from fairkit.remediation import CounterfactualModel, pack_counterfactual_data
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        >>> x = np.eye(2, dtype=np.float32)
        >>> main = tf.data.Dataset.from_tensor_slices((x, np.array([0.0, 1.0]))).batch(2)
        >>> pairs = tf.data.Dataset.from_tensor_slices((x, x[::-1])).batch(2)
        >>> fair = CounterfactualModel(model, loss="pairwise_mse", loss_weight=2.0)
        >>> fair.compile("adam", "binary_crossentropy")
        >>> history = fair.fit(pack_counterfactual_data(main, pairs), verbose=0, shuffle=False)
        >>> sorted(history.history)
        ['counterfactual_loss', 'loss', 'original_loss', 'total_loss']

        Pairs and MinDiff:

        >>> from fairkit.remediation import MinDiffModel, pack_min_diff_data
        >>> both = CounterfactualModel(MinDiffModel(model, "mmd", 1.5), "pairwise_mse", 2.0)
        >>> both.compile("adam", "binary_crossentropy")
        >>> packed = pack_counterfactual_data(pack_min_diff_data(main, main, main), pairs)
        >>> sorted(both.fit(packed, verbose=0, shuffle=False).history)
        ['counterfactual_loss', 'loss', 'min_diff_loss', 'original_loss', 'total_loss']
    """

    penalty_name = "counterfactual_loss"
    may_wrap = (MinDiffModel,)
    loss_to_config = staticmethod(keras.saving.serialize_keras_object)
    loss_from_config = staticmethod(counterfactual_loss_from_config)

    def __init__(self, original_model, loss="pairwise_mse", loss_weight=1.0, predictions_transform=None, **kwargs):
        super().__init__(original_model, each(loss, get_counterfactual_loss), loss_weight, predictions_transform,
                         **kwargs)
        self._total_loss_metric, self._original_loss_metric = self._mean("total_loss"), self._mean("original_loss")

    def build(self, input_shape):
        self._build_original(_unpack(input_shape)[0] if isinstance(input_shape, CounterfactualPackedInputs)
                             else input_shape)

    def call(self, inputs, training=None, mask=None):
        if isinstance(inputs, CounterfactualPackedInputs):
            inputs, mask = _unpack(inputs)[0], None
        return self._call_original(inputs, training, mask)

    def train_step(self, data):
        x, y, sample_weight, pairs = _unpack(data)
        if pairs is None:
            raise FairkitError("there are no counterfactuals to train on", "data from pack_counterfactual_data",
                               "plain data")
        with _Step(pairs):
            return super().train_step(_packed(x, y, sample_weight))

    def test_step(self, data):
        x, y, sample_weight, pairs = _unpack(data)
        with _Step(pairs):
            reported = super().test_step(_packed(x, y, sample_weight))
        inner = self._original_model
        if isinstance(inner, MinDiffModel) and not inner._penalized:
            reported = inner._without_penalties(reported)
        return self._without_penalties(reported) if pairs is None else reported

    def predict_step(self, data):
        return super().predict_step((_unpack(data)[0],))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # A base's own compute_loss may be of the time before Keras passed `training`.
        compute, training = super().compute_loss, {"training": training}
        takes = inspect.signature(compute).parameters
        original = compute(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **(
            training if "training" in takes or any(each.kind is each.VAR_KEYWORD for each in takes.values()) else {}))
        replicas, total, step = tf.distribute.get_strategy().num_replicas_in_sync, original, _step_pairs.get()
        if step is not None and step.pairs is not None:
            step.used = True
            values = self.compute_counterfactual_loss(*self._pair_predictions(step.pairs))
            values = values if isinstance(values, (list, tuple)) else [values]
            for (*_, metric), value in zip(self._penalties(), values, strict=True):
                metric.add(value)
                # Keras has divided the main loss by the number of replicas already.
                total = total + tf.cast(value, original.dtype) / replicas
        self._total_loss_metric.add(total * replicas)
        self._original_loss_metric.add(original * replicas)
        return total

    def compute_counterfactual_loss(self, original_predictions, counterfactual_predictions,
                                    counterfactual_sample_weight=None):
        """The weighted loss on the two predictions of each pair; a subclass may compute another one.

        Args:
            original_predictions, counterfactual_predictions: the model's outputs for n pairs.
            counterfactual_sample_weight: None, (n,) or (n, 1).

        Each of the three is a dict by the keys of the losses where several sets of pairs are packed.

        Returns:
            A scalar, or a list of scalars (in the order of the sorted keys) for several losses.
        """
        parts = original_predictions, counterfactual_predictions, counterfactual_sample_weight
        several = isinstance(counterfactual_sample_weight, dict)   # predictions may be dicts of outputs
        values = []
        for key, loss, weight, _ in self._penalties():
            *sides, pair_weight = (part[key] for part in parts) if several else parts
            values.append(weight * counterfactual_value(loss, *map(self._compared, sides), pair_weight))
        return values[0] if len(values) == 1 else values

    def _pair_predictions(self, pairs):
        """The predictions of both sides of each pair, and the pairs' weights; dicts of several sets of pairs."""
        sets = pairs if isinstance(pairs, dict) else {None: pairs}
        if isinstance(pairs, dict) and (not isinstance(self._penalty_loss, dict) or {*pairs} != {*self._penalty_loss}):
            raise FairkitError("the pairs do not go with the loss", f"a dict of losses with the keys {sorted(pairs)}",
                               f"a dict with the keys {sorted(self._penalty_loss)}"
                               if isinstance(self._penalty_loss, dict) else "one loss")
        parts = {key: keras.utils.unpack_x_y_sample_weight(tuple(part)) for key, part in sets.items()}
        sides = [side for key in sorted(parts) for side in parts[key][:2]]
        model = self._innermost
        outputs = call_together(model, sides, training=False) if treats_examples_alone(model) else None
        outputs = outputs or [model(side, training=False) for side in sides]
        made = [dict(zip(sorted(parts), part)) for part in (outputs[::2], outputs[1::2])]
        made.append({key: weight for key, (*_, weight) in parts.items()})
        return made if isinstance(pairs, dict) else [part[None] for part in made]

    def _own_metrics(self):
        return [*super()._own_metrics(), self._total_loss_metric, self._original_loss_metric]

    def _refuse_lost_penalty(self):
        if not _step_pairs.get().used:
            raise FairkitError(f"{type(self).__name__} trains without its penalty", "a train_step that calls "
                               "self.compute_loss", "a train_step that does not")

    def _symbolic_build(self, iterator=None, data_batch=None):
        # Called under a distribution strategy, with a batch as the data set has it.
        batch = _packed(*_unpack(data_batch)[:3]) if isinstance(data_batch, CounterfactualPackedInputs) else data_batch
        return super()._symbolic_build(iterator=iterator, data_batch=batch)


class _Step:
    """While it is open, `compute_loss` finds the pairs of the step, whatever the step hands it."""

    def __init__(self, pairs):
        self.pairs, self.used = pairs, False

    def __enter__(self):
        self._token = _step_pairs.set(self)

    def __exit__(self, *error):
        _step_pairs.reset(self._token)


def _unpack(data):
    """(x, y, sample_weight, pairs) of a batch, packed or plain."""
    x, y, sample_weight = (data, None, None) if isinstance(data, CounterfactualPackedInputs) else \
        keras.utils.unpack_x_y_sample_weight(data)
    if not isinstance(x, CounterfactualPackedInputs):
        return x, y, sample_weight, None
    main, pairs = x
    main = tuple(main) if isinstance(main, list) else main
    return *keras.utils.unpack_x_y_sample_weight(main), pairs


def _packed(x, y, sample_weight):
    """A batch as a training step takes it: with no more parts than there are."""
    return (x,) if y is None else (x, y) if sample_weight is None else (x, y, sample_weight)
