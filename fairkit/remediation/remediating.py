"""Training a model again with MinDiff, in one call."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairkit.analysis.balancing import balance as balanced
from fairkit.errors import FairkitError, nearest
from fairkit.examples import Examples
from fairkit.models.compiling import compile_to_fit
from fairkit.models.rebuilding import copy_weights, rebuild
from fairkit.models.seeding import seeded
from fairkit.quiet import keras
from fairkit.remediation.class_score import ClassScore
from fairkit.remediation.min_diff_data import pack_min_diff_data
from fairkit.remediation.min_diff_losses import get_loss, loss_text
from fairkit.remediation.min_diff_model import MinDiffModel
from fairkit.remediation.splits import condition_text, min_diff_splits

__all__ = ["Remediation", "remediate"]


@dataclass(frozen=True)
class Remediation:
    """What a remediation gave.

    Attributes:
        model: the trained `keras.Model`, compiled like the model that was given.
        history: dict of metric -> list of values, one an epoch.
        settings: dict of plain values: what was used.
    """

    model: object
    history: dict
    settings: dict


def remediate(model_or_builder, train: Examples, *, sensitive: Mapping, nonsensitive: Mapping | None = None,
              error_rate: str = "false_positive_rate", classes: Sequence[int] | None = None, loss="mmd",
              loss_weight: float = 1.0, epochs: int = 5, batch_size: int = 64, min_diff_batch_size: int | None = None,
              from_logits: bool = False, seed: int = 0, warm_start: bool = False, allow_overlap: bool = False,
              balance: str | Sequence[str] | Mapping | None = None, validation: Examples | None = None,
              callbacks=None, verbose=0) -> Remediation:
    """Trains a classifier so that an error rate comes closer between two groups (MinDiff).

    The model that is given is not touched: the same architecture is trained from fresh weights (see
    `fairkit.models.rebuild` for what is carried over). On one machine the same seed gives the same trained weights.

    Args:
        model_or_builder: a `keras.Model`, or a function without arguments that returns a new one, which is trained as
            it comes. The compile settings are the model's; an uncompiled one is trained with Adam and the cross-entropy
            of its output.
        train: the training `Examples`, with inputs.
        sensitive: the group whose error rate is to come closer, as conditions like those of `Examples.where`.
        nonsensitive: the group that it is to come closer to; None for every example outside the sensitive group.
        error_rate: "false_positive_rate" (predictions for the negatives of both groups are made alike) or
            "false_negative_rate" (for the positives).
        classes: for a softmax model the class ids that count as positive: their probabilities are summed.
        loss: "mmd", "adjusted_mmd", "absolute_correlation", or a MinDiffLoss object such as
            `fairkit.remediation.MMDLoss("laplacian")`.
        loss_weight: its weight beside the classification loss; 0 trains the same way without any effect of MinDiff, as
            a control.
        epochs: over the training examples.
        batch_size: training examples a step.
        min_diff_batch_size: examples a step from each of both groups; `batch_size` if not given.
        from_logits: the model's outputs are logits.
        seed: of the weights, the order of the examples, and Dropout.
        warm_start: go on from the weights of the model that is given (its optimizer starts anew).
        allow_overlap: let examples that belong to both groups count for both.
        balance: the training examples are up- or downsampled first, by `fairkit.analysis.balance`: a group column,
            "label" or a list of these makes all groups as large as the smallest, a dict such as
            `{"by": "color", "to": "largest"}` says more. Only what the classification loss sees is balanced: the two
            groups that MinDiff compares are drawn from the examples as they are, since it weighs both groups alike
            however large they are, and dropped examples would be lost to it.
        validation: `Examples` to report the plain loss and metrics of after each epoch.
        callbacks, verbose: as for `keras.Model.fit`.

    Returns:
        `Remediation`.

    Raises:
        FairkitError: for groups or classes that do not occur, an empty split, a model that cannot be rebuilt or whose
            output does not fit the labels, and for what cannot be balanced.

    Example:
        >>> import fairkit, numpy as np
        >>> rng = np.random.default_rng(0)
        >>> train = fairkit.Examples(inputs=rng.integers(0, 256, (40, 28, 28, 3)), labels=np.arange(40) % 10,
        ...                          groups={"color": np.where(np.arange(40) % 3, "blue", "orange")})
        >>> fixed = fairkit.remediate(fairkit.models.digit_classifier(), train, sensitive={"color": "orange"},
        ...                           nonsensitive={"color": "blue"}, classes=[8], loss_weight=2.0, epochs=1)
        >>> fixed.settings["sensitive"], fixed.settings["sensitive_examples"], sorted(fixed.history)
        ('color = orange', 13, ['accuracy', 'loss', 'min_diff_loss'])
    """
    min_diff_batch_size = batch_size if min_diff_batch_size is None else min_diff_batch_size
    _check(train, validation, epochs=epochs, batch_size=batch_size, min_diff_batch_size=min_diff_batch_size)
    classes = None if classes is None else np.atleast_1d(classes).tolist()
    penalty = get_loss(loss)
    splits = min_diff_splits(train, sensitive, nonsensitive, error_rate, classes, allow_overlap)
    asked = _balance_asked(balance)
    train = train if asked is None else balanced(train, **asked, seed=seed)
    model = _model_to_train(model_or_builder, seed, warm_start)
    with seeded(seed):
        outputs = _outputs(model, train)
        _check_labels(train, outputs, classes)
        if not model.compiled:
            compile_to_fit(model, outputs, from_logits)
        _check_logits(model, from_logits)
        score = ClassScore([1] if outputs == 2 and classes is None else classes, from_logits)
        fair = MinDiffModel(model, penalty, loss_weight, score)
        fair.compile(**model._compile_config.config)
        fitted = fair.fit(_data(train, splits, batch_size, min_diff_batch_size, seed), epochs=epochs,
                          steps_per_epoch=math.ceil(len(train) / batch_size), shuffle=False, callbacks=callbacks,
                          validation_data=validation and validation.batches(batch_size, shuffle=False), verbose=verbose)
    history = {name: [float(value) for value in values] for name, values in fitted.history.items()}
    settings = {
        "method": "min_diff", "loss": loss_text(penalty), "loss_weight": float(loss_weight), "error_rate": error_rate,
        "classes": classes,
        "sensitive": condition_text(sensitive), "nonsensitive": condition_text(nonsensitive, sensitive),
        "balance": None if asked is None else _balance_record(**asked),
        "train_examples": len(train), "sensitive_examples": len(splits[0]), "nonsensitive_examples": len(splits[1]),
        "epochs": int(epochs), "batch_size": int(batch_size), "min_diff_batch_size": int(min_diff_batch_size),
        "optimizer": model.optimizer.name, "learning_rate": _learning_rate(model.optimizer), "from_logits": from_logits,
        "seed": int(seed), "warm_start": bool(warm_start),
    }
    return Remediation(model, history, settings)


def _check(train, validation, **counts):
    for name, examples in (("training", train), ("validation", validation)):
        if examples is None and name == "validation":
            continue
        if not isinstance(examples, Examples):
            raise FairkitError(f"the {name} data are no examples", "fairkit.Examples", type(examples).__name__)
        if examples.inputs is None or not len(examples):
            raise FairkitError(f"the {name} examples cannot be trained on", "examples with inputs", repr(examples))
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise FairkitError(f"{name} does not fit", "a whole number, 1 or above", repr(value))


def _balance_asked(balance):
    """The arguments of `fairkit.analysis.balance`."""
    if balance is None or isinstance(balance, (str, list, tuple)):
        return None if balance is None else {"by": balance}
    if not isinstance(balance, Mapping) or "by" not in balance:
        raise FairkitError("balance names no group column", "a group column, a list of these, or a dict such as "
                           "{'by': 'color', 'to': 'largest'}", repr(balance))
    for name in balance:
        if name not in ("by", "to"):
            raise FairkitError(f"balance takes no {name!r}", nearest(name, ["by", "to"]), repr(name))
    return dict(balance)


def _balance_record(by, to="smallest"):
    """What was asked for as plain values."""
    if isinstance(to, Mapping):
        to = {str(group): _plain(size) for group, size in to.items()}
    return {"by": [by] if isinstance(by, str) else list(by), "to": _plain(to)}


def _plain(size):
    return size.item() if isinstance(size, np.generic) else size


def _model_to_train(model_or_builder, seed, warm_start):
    if isinstance(model_or_builder, MinDiffModel):
        model_or_builder = model_or_builder.original_model
    if isinstance(model_or_builder, keras.Model):
        model = rebuild(model_or_builder, seed)
        if warm_start:
            copy_weights(model_or_builder, model)
        return model
    if not callable(model_or_builder) or isinstance(model_or_builder, type):
        raise FairkitError("there is no model to remediate", "a keras.Model, or a function that returns one",
                           type(model_or_builder).__name__)
    if warm_start:
        raise FairkitError("a builder has no weights to go on from", "a model, or a builder without warm_start",
                           "a builder and warm_start=True")
    with seeded(seed):
        model = model_or_builder()
    if not isinstance(model, keras.Model):
        raise FairkitError("the builder returns no model", "a keras.Model", type(model).__name__)
    return model


def _outputs(model, train):
    """The number of outputs an example; builds a model that has not seen an input."""
    inputs = next(iter(train.take(np.arange(min(2, len(train)))).batches(2, shuffle=False)))[0]
    try:
        outputs = model(inputs, training=False)
    except Exception as error:
        from fairkit.models.keras_errors import in_one_line

        raise FairkitError("the model does not take these inputs", "examples whose inputs are what the model is fed",
                           in_one_line(error)) from error
    shape = getattr(outputs, "shape", None)
    if shape is None or len(shape) not in (1, 2):
        raise FairkitError("the model's output does not fit a classifier", "one output of shape (n,), (n, 1) or "
                           "(n, classes); MinDiffModel with a predictions_transform takes any other",
                           f"{len(outputs)} outputs" if shape is None else f"shape {tuple(shape)}")
    return 1 if len(shape) == 1 else int(shape[1])


def _check_labels(train, outputs, classes):
    highest = 1 if outputs == 1 else outputs - 1
    labels = train.labels
    numbers = labels.dtype.kind in "biuf"
    if not numbers or labels.min() < 0 or labels.max() > highest or (labels != np.floor(labels)).any():
        raise FairkitError("the labels are no classes of the model",
                           f"whole numbers from 0 to {highest} for a model with {outputs} output{'s'[:outputs - 1]}",
                           f"labels like {np.unique(labels)[-1]!r}")
    if outputs == 1 and classes is not None:
        raise FairkitError("a model with one output has no classes to choose from", "classes=None",
                           f"classes={classes}")
    if outputs > 2 and classes is None:
        raise FairkitError("it is not said which class is the positive one", f"classes=[...] out of 0 to {outputs - 1}",
                           "classes=None")


def _check_logits(model, from_logits):
    said = getattr(model.loss, "from_logits", None)
    if said is not None and bool(said) != bool(from_logits):
        raise FairkitError(f"the model's loss is compiled with from_logits={bool(said)}",
                           f"from_logits={bool(said)} here too", f"from_logits={bool(from_logits)}")


def _data(train, splits, batch_size, min_diff_batch_size, seed):
    order, *orders = (int(s) for s in np.random.SeedSequence(int(seed)).generate_state(3) >> 1)
    # Repeated before it is batched anew, so that all batches are full, however small the split. The main data has no
    # end either: with a new iterator an epoch, its order would depend on how far the last one had been read ahead.
    groups = [split.batches(min_diff_batch_size, seed=s).repeat().rebatch(min_diff_batch_size, drop_remainder=True)
              for split, s in zip(splits, orders)]
    return pack_min_diff_data(train.batches(batch_size, seed=order).repeat(), *groups)


def _learning_rate(optimizer):
    rate = keras.ops.convert_to_numpy(optimizer.learning_rate)
    return float(f"{float(rate):.6g}")
