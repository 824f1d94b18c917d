"""A Keras model that trains another one with a penalty beside its loss: what MinDiff and CLP models have in common."""

import inspect

from fairkit.errors import FairkitError, quote
from fairkit.lazy_rows import plain_errors
from fairkit.models.files import write_saved_model
from fairkit.models.inputs import declared_inputs
from fairkit.quiet import keras, tf
from fairkit.remediation.endless_batches import counted
from fairkit.remediation.fitting_checks import refuse_compiled_texts, warn_of_overridden_steps
from fairkit.remediation.loss_weights import get_loss_weights
from fairkit.remediation.replicas import with_mixed_groups
from fairkit.remediation.summed_gradients import summed_gradients

__all__ = ["PenalizedModel", "each"]


class PenalizedModel(keras.Model):
    """Wraps a model; its predictions, its weights and its export are the original's.

    Args:
        original_model: the `keras.Model` to train.
        loss: a loss object, or a dict of them.
        loss_weight: a number, or a dict of numbers by the keys of the losses.
        predictions_transform: None, or a function from the model's outputs to the tensor that the losses see.
    """

    penalty_name = None
    """The name of the penalty's metric; in a dict of losses it follows the key and an underline."""
    may_wrap = ()
    """The penalized models that this one can be put around; of others it would go round the penalty."""

    def __init__(self, original_model, loss, loss_weight, predictions_transform=None, **kwargs):
        kind = type(self).__name__
        if not isinstance(original_model, keras.Model):
            raise FairkitError(f"{kind} trains a Keras 3 model", "a keras.Model", type(original_model).__name__)
        if predictions_transform is not None and not callable(predictions_transform):
            raise FairkitError("predictions_transform is no function", "a callable", quote(predictions_transform))
        if isinstance(original_model, PenalizedModel) and not isinstance(original_model, self.may_wrap):
            raise FairkitError(f"a {kind} would go round the penalty of a {type(original_model).__name__}",
                               "CounterfactualModel(MinDiffModel(model)) for both penalties, a dict of losses for "
                               "several of one kind", f"{kind}({type(original_model).__name__})")
        warn_of_overridden_steps(original_model, kind, self.may_wrap)
        kwargs.setdefault("dtype", original_model.dtype_policy)
        super().__init__(autocast=False, **kwargs)
        self._penalty_loss, self._penalty_weight = loss, get_loss_weights(loss, loss_weight)
        self._predictions_transform = predictions_transform
        self._original_model = original_model
        if isinstance(loss, dict):
            self._penalty_metric = {key: self._mean(f"{key}_{self.penalty_name}") for key in loss}
        else:
            self._penalty_metric = self._mean(self.penalty_name)
        self.built = original_model.built

    @property
    def original_model(self):
        """The model that is trained."""
        return self._original_model

    @property
    def predictions_transform(self):
        """The function from outputs to what is compared; the identity if none was given."""
        return self._predictions_transform or (lambda predictions: predictions)

    @property
    def metrics(self):
        # Keras leaves out what a model inside a model measures.
        inner = self._original_model
        return super().metrics + ([metric for *_, metric in inner._penalties()]
                                  if isinstance(inner, PenalizedModel) else [])

    def compile(self, optimizer="rmsprop", *args, **kwargs):
        """Compiles this model and the original one alike: they share the optimizer."""
        super().compile(optimizer, *args, **kwargs)
        self._original_model.compile(self.optimizer, *args, **kwargs)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def fit(self, x=None, *args, **kwargs):
        with plain_errors():
            fitted = super().fit(self._checked(x), *args, **kwargs)
        if fitted.epoch:
            _refuse_nothing("fit", x, fitted.history)
        return fitted

    def evaluate(self, x=None, *args, **kwargs):
        with plain_errors():
            reported = super().evaluate(self._checked(x), *args, **kwargs)
        _refuse_nothing("evaluate on", x, reported)
        return reported

    def train_step(self, data):
        with summed_gradients(self.optimizer):
            return super().train_step(data)

    def export(self, filepath, **kwargs):
        """Exports the original model, which is all that predictions need."""
        if kwargs:
            return self._innermost.export(filepath, **kwargs)
        return write_saved_model(self._innermost, filepath)

    @property
    def declared_inputs(self):
        """The inputs that the original model declares, for `fairkit.models.inputs`."""
        return declared_inputs(self._innermost)

    def save_original_model(self, path, save_format=None):
        """Saves the original model: a .keras file if the path ends so, a SavedModel folder otherwise."""
        from fairkit.models import export, save

        if save_format is not None:
            raise FairkitError("the path decides the format", "a path ending in .keras, or a folder for a SavedModel, "
                               "without save_format", f"save_format={quote(save_format)}")
        (save if str(path).endswith(".keras") else export)(self._innermost, path)

    def get_config(self):
        config = {"original_model": self._original_model, "loss": each(self._penalty_loss, self.loss_to_config),
                  "loss_weight": self._penalty_weight, "name": self.name}
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
        config["loss"] = cls.loss_from_config(config["loss"]) if single else each(config["loss"], cls.loss_from_config)
        return cls(**config)

    def get_build_config(self):
        return None

    # How one loss is kept in a saved model; a subclass whose losses need more says so here.
    loss_to_config = staticmethod(keras.saving.serialize_keras_object)
    loss_from_config = staticmethod(keras.saving.deserialize_keras_object)

    @property
    def _innermost(self):
        """The model that predicts, without any wrapper."""
        inner = self._original_model
        return inner._innermost if isinstance(inner, PenalizedModel) else inner

    def _checked(self, x):
        refuse_compiled_texts(self, x)
        return with_mixed_groups(x) if self.distribute_strategy.num_replicas_in_sync > 1 else x

    def _build_original(self, input_shape):
        # A subclassed model is built by its first call, which only then knows its layers' shapes.
        if not self._original_model.built and isinstance(self._original_model, keras.Sequential):
            self._original_model.build(input_shape)
        self.built = True

    def _call_original(self, inputs, training, mask=None):
        if all(part is None for part in tf.nest.flatten(mask)):
            mask = None
        accepted = inspect.signature(self._original_model.call).parameters
        given = {"training": training, "mask": mask}
        return self._original_model(inputs, **{name: value for name, value in given.items()
                                               if value is not None and name in accepted})

    def _compared(self, outputs):
        """What the losses see of the model's outputs."""
        compared = self.predictions_transform(outputs)
        if not tf.is_tensor(compared):
            raise FairkitError("one tensor of predictions is compared",
                               "a predictions_transform that gives a tensor (n, 1) or (n, d)",
                               f"{type(compared).__name__} from the "
                               f"{'transform' if self._predictions_transform else 'model'}")
        return compared

    def _penalties(self):
        """(key, loss, weight, metric) of each penalty in the order of the keys; the key of a single one is None."""
        parts = self._penalty_loss, self._penalty_weight, self._penalty_metric
        if not isinstance(self._penalty_loss, dict):
            return [(None, *parts)]
        return [(key, *(part[key] for part in parts)) for key in sorted(self._penalty_loss)]

    def _without_penalties(self, reported):
        """What `test_step` reports of data on which there is no penalty."""
        names = {metric.name for *_, metric in self._penalties()}
        return {name: value for name, value in reported.items() if name not in names}

    @staticmethod
    def _update(metric, value):
        # Unless it waits for the value, the metric counts the step in which data of unknown length turn out to end.
        with tf.control_dependencies([value]):
            metric.update_state(value)

    def _mean(self, name):
        """A metric of that name, or one with a number behind it where the original model has such a metric."""
        taken = {metric.name for metric in self._original_model.metrics}
        count, unused = 0, name
        while unused in taken:
            count += 1
            unused = f"{name}_{count}"
        return keras.metrics.Mean(unused)


def _refuse_nothing(purpose, data, reported):
    """Raises where Keras has nothing to report since the data have no batch, which it lets pass."""
    if isinstance(reported, (dict, list)) and not reported:
        raise FairkitError(f"the data to {purpose} are empty", "at least one batch",
                           counted(data) if isinstance(data, tf.data.Dataset) else "0 batches")


def each(loss, change):
    """A function of a loss, or of each loss of a dict."""
    return {key: change(value) for key, value in loss.items()} if isinstance(loss, dict) else change(loss)
