"""A Keras model that trains another one with a penalty beside its loss: what MinDiff and CLP models have in common."""

import abc
import contextlib
import contextvars
import inspect

from fairkit.errors import FairkitError, one_line, quote
from fairkit.lazy_rows import plain_errors
from fairkit.models.files import write_saved_model
from fairkit.models.inputs import declared_inputs
from fairkit.quiet import keras, tf
from fairkit.remediation.endless_batches import counted
from fairkit.remediation.fitting_checks import refuse_compiled_texts, warn_of_overridden_steps
from fairkit.remediation.loss_configs import transform_from_config, transform_to_config
from fairkit.remediation.loss_weights import get_loss_weights
from fairkit.remediation.replicas import with_mixed_groups
from fairkit.remediation.summed_gradients import summed_gradients

__all__ = ["PenalizedModel", "each", "is_predicting"]

_predicting = contextvars.ContextVar("predicting", default=False)


class _Chain(abc.ABCMeta):
    """Puts `_Wrapping` in the place of Keras's Functional and Sequential among the bases of a class.

    In `class Custom(MinDiffModel, CustomModel)`, CustomModel may be one of these, or become one: Keras makes a subclass
    of Model a Functional when it is first built from inputs and outputs. The wrapper itself is not a graph of layers,
    so it takes what CustomModel adds to a keras.Model and leaves the graph to the original model.
    """

    def mro(cls):
        order = super().mro()
        graphs = [base for base in order if base.__module__.startswith("keras.") and issubclass(base, keras.Model)]
        left_out = {part for graph in graphs for part in graph.__mro__}.difference(keras.Model.__mro__)
        kept = [base for base in order if base not in left_out and base.__name__ != "_Wrapping"]
        wrapping = cls if cls.__name__ == "_Wrapping" else _Wrapping
        place = kept.index(keras.Model)
        return [*kept[:place], wrapping, *kept[place:]]


class _Wrapping(keras.Model, metaclass=_Chain):
    """The last of the wrapper's own bases, where constructors and configs of those before it end."""

    def __init__(self, *args, inputs=None, outputs=None, layers=None, **kwargs):
        super().__init__(**kwargs)   # without what a graph would be built from

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)


class _PenaltyMean(keras.metrics.Mean):
    """A mean that only the wrapper adds to: training steps of one's own update every metric with labels and outputs."""

    def update_state(self, *args, **kwargs):
        pass

    def add(self, value):
        # Unless it waits for the value, the metric counts the step in which data of unknown length turn out to end.
        with tf.control_dependencies([value]):
            super().update_state(value)


class PenalizedModel(_Wrapping):
    """Wraps a model; its predictions, its weights and its export are the original's.

    Args:
        original_model: the `keras.Model` to train.
        loss: a loss object, or a dict of them.
        loss_weight: a number, or a dict of numbers by the keys of the losses.
        predictions_transform: None, or a function from the model's outputs to the tensor that the losses see.
        **kwargs: of keras.Model, and of the constructors of other bases.
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
        warn_of_overridden_steps(original_model, self)
        self._init_bases(original_model, **kwargs)
        self._penalty_loss, self._penalty_weight = loss, get_loss_weights(loss, loss_weight)
        self._predictions_transform = predictions_transform
        self._original_model = original_model
        if isinstance(loss, dict):
            self._penalty_metric = {key: self._mean(f"{key}_{self.penalty_name}") for key in loss}
        else:
            self._penalty_metric = self._mean(self.penalty_name)
        self.built = original_model.built

    def _init_bases(self, original_model, name=None, dtype=None, trainable=None, **kwargs):
        """Calls the constructors of the other bases, with as much of Keras's own arguments as they take."""
        order = type(self).__mro__
        base = next(cls for cls in order[order.index(PenalizedModel) + 1:] if "__init__" in vars(cls))
        parameters = inspect.signature(base.__init__).parameters
        takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        named = {"name": name, "trainable": trainable}
        named = {key: value for key, value in named.items() if value is not None and (takes_any or key in parameters)}
        # What a functional model or a Sequential is made of, for a constructor that insists on it.
        needed = {key: getattr(original_model, key) for key in ("inputs", "outputs", "layers")
                  if key in parameters and key not in kwargs and base is not _Wrapping
                  and parameters[key].default is inspect.Parameter.empty and hasattr(original_model, key)}
        try:
            super().__init__(**needed, **named, **kwargs)
        except FairkitError:
            raise
        except Exception as error:
            raise FairkitError(
                f"the arguments of {type(self).__name__} do not suit its base "
                f"{'keras.Model' if base is _Wrapping else base.__name__}",
                "the base's own arguments by keyword, and a constructor of the base that hands **kwargs on",
                f"keywords {', '.join(kwargs) or '(none)'}: {type(error).__name__}: {one_line(error)}") from error
        self._given = kwargs
        self.autocast, self.dtype_policy = False, original_model.dtype_policy if dtype is None else dtype
        if name is not None:
            self.name = name
        if trainable is not None:
            self.trainable = trainable

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
        # Keras leaves out what a model inside a model measures, and a base may name only its own.
        inner, found = self._original_model, super().metrics
        own = [*self._own_metrics(), *(inner._own_metrics() if isinstance(inner, PenalizedModel) else [])]
        return found + [metric for metric in own if all(metric is not other for other in found)]

    @property
    def losses(self):
        self._losses_read = True
        return super().losses

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
        self._losses_read = False
        with summed_gradients(self.optimizer):
            reported = super().train_step(data)
        self._refuse_lost_penalty()
        return self._with_own_metrics(reported)

    def test_step(self, data):
        return self._with_own_metrics(super().test_step(data))

    def predict_step(self, data):
        token = _predicting.set(True)
        try:
            return super().predict_step(data)
        finally:
            _predicting.reset(token)

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
        """Saves the original model: a .keras file if the path ends so, a SavedModel folder otherwise.

        Args:
            path: of the file or folder.
            save_format: None, "tf" for a folder, or "keras" for a .keras file; the path has to agree.

        Raises:
            FairkitError: for another format, a format that the path contradicts, and what cannot be saved.
        """
        from fairkit.models import export, save

        is_keras = str(path).endswith(".keras")
        if save_format not in (None, "tf", "keras"):
            raise FairkitError(f"models are not saved in the format {quote(save_format)}", "'tf' and a folder for a "
                               "SavedModel, 'keras' and a path ending in .keras, or no save_format",
                               f"save_format={quote(save_format)}")
        if str(path).endswith((".h5", ".hdf5")):
            raise FairkitError("models are not saved as HDF5 files", "a path ending in .keras, or a folder for a "
                               "SavedModel", quote(str(path)))
        if save_format is not None and is_keras != (save_format == "keras"):
            raise FairkitError(f"save_format={quote(save_format)} and the path contradict each other",
                               "a path ending in .keras with 'keras', a folder with 'tf'", quote(str(path)))
        (save if is_keras else export)(self._innermost, path)

    def get_config(self):
        config = super().get_config()
        if type(self)._base_of("get_config") is _Wrapping:
            config = {key: keras.saving.serialize_keras_object(value) for key, value in self._given.items()}
        config |= {"original_model": self._original_model, "loss": each(self._penalty_loss, self.loss_to_config),
                   "loss_weight": self._penalty_weight, "name": self.name}
        if self._predictions_transform is not None:
            config["predictions_transform"] = transform_to_config(self._predictions_transform, "predictions_transform")
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        with keras.saving.custom_object_scope(custom_objects) if custom_objects else contextlib.nullcontext():
            for key, value in config.items():
                by_keras = key == "original_model" or cls._base_of("get_config") is _Wrapping
                if by_keras and isinstance(value, dict) and key not in ("loss", "loss_weight", "predictions_transform"):
                    config[key] = keras.saving.deserialize_keras_object(value)
            if "predictions_transform" in config:
                config["predictions_transform"] = transform_from_config(config["predictions_transform"],
                                                                        "predictions_transform")
            loss = config["loss"]
            single = not isinstance(loss, dict) or "class_name" in loss
            config["loss"] = cls.loss_from_config(loss) if single else each(loss, cls.loss_from_config)
            return super().from_config(config)

    def get_build_config(self):
        return None

    # How one loss is kept in a saved model, and made of what a file holds.
    loss_to_config = loss_from_config = None

    @classmethod
    def _base_of(cls, method):
        """The class behind this one that has a method of that name."""
        order = cls.__mro__
        return next(base for base in order[order.index(PenalizedModel) + 1:] if method in vars(base))

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

    def _refuse_lost_penalty(self):
        """Refuses a training step that has computed the penalty and not added it to the loss."""
        if not self._losses_read:
            raise FairkitError(f"{type(self).__name__} trains without its penalty", "a train_step that calls "
                               "self.compute_loss, or adds self.losses to its loss", "a train_step that does neither")

    def _own_metrics(self):
        return [metric for *_, metric in self._penalties()]

    def _with_own_metrics(self, reported):
        """What a step reports, with the penalties where a base's own step leaves them out."""
        return {**reported, **{metric.name: metric.result() for metric in self._own_metrics()
                               if metric.name not in reported}}

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

    def _mean(self, name):
        """A metric of that name, or one with a number behind it where the original model has such a metric."""
        taken = {metric.name for metric in self._original_model.metrics}
        count, unused = 0, name
        while unused in taken:
            count += 1
            unused = f"{name}_{count}"
        return _PenaltyMean(unused)


def is_predicting():
    """Whether a wrapper is called by `predict`, for which no penalty is computed."""
    return _predicting.get()


def _refuse_nothing(purpose, data, reported):
    """Raises where Keras has nothing to report since the data have no batch, which it lets pass."""
    if isinstance(reported, (dict, list)) and not reported:
        raise FairkitError(f"the data to {purpose} are empty", "at least one batch",
                           counted(data) if isinstance(data, tf.data.Dataset) else "0 batches")


def each(loss, change):
    """A function of a loss, or of each loss of a dict."""
    return {key: change(value) for key, value in loss.items()} if isinstance(loss, dict) else change(loss)
