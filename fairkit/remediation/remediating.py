"""Training a model again with MinDiff, or with another remedy, in one call."""

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.lazy_rows import plain_errors
from fairkit.models.inputs import fed
from fairkit.models.one_output import compile_whole
from fairkit.models.outputs import declared_outputs
from fairkit.models.seeding import seeded
from fairkit.quiet import keras
from fairkit.remediation.applications import applications, by_name
from fairkit.remediation.class_score import ClassScore
from fairkit.remediation.counterfactual_pairs import each_set
from fairkit.remediation.fitting_checks import warn_of_lost_loss
from fairkit.remediation.legacy_keras import compile_as, is_legacy
from fairkit.remediation.loss_by_name import get_loss, loss_text
from fairkit.remediation.loss_weights import get_loss_weights
from fairkit.remediation.min_diff_model import MinDiffModel
from fairkit.remediation.model_to_train import (
    check_labels,
    check_logits,
    compile_if_needed,
    count_outputs,
    model_to_train,
    one_output,
)
from fairkit.remediation.packed_examples import order_seed, packed_examples
from fairkit.remediation.summed_gradients import summed_gradients
from fairkit.remediation.training_examples import slice_reweighting, training_examples

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

    def plot(self, metrics: Sequence[str] | None = None, **options):
        """Training curves, as `fairkit.view.plot_training` draws them."""
        from fairkit.view import plot_training

        return plot_training(self, metrics, **options)

    def report(self, *evaluations, **options):
        """A report on the remedied model: a `fairkit.view.Report`.

        Args:
            evaluations: of the model before and of this one (or of this one alone), or their `Comparison`; without
                any the report tells how the model was trained, and that nothing is known of gaps.
            options: those of `fairkit.view.make_report`.
        """
        from fairkit.view.report.report import make_report, training_report

        if not evaluations:
            return training_report(self, **options)
        return make_report(*evaluations, **{"history": self, **options})


def remediate(model_or_builder, train: Examples, *, sensitive: Mapping | Sequence[Mapping] | None = None,
              nonsensitive: Mapping | Sequence[Mapping] | None = None,
              error_rate: str | Sequence[str] = "false_positive_rate", classes: Sequence[int] | None = None, loss="mmd",
              kernel=None, kernel_length: float | str | None = None, loss_weight: float | Mapping[str, float] = 1.0,
              epochs: int = 5, batch_size: int = 64, min_diff_batch_size: int | None = None, from_logits: bool = False,
              seed: int = 0, warm_start: bool = False, allow_overlap: bool = False,
              balance: str | Sequence[str] | Mapping | None = None, reweight: str | Sequence[str] | None = None,
              reweight_slices: str | Sequence | Mapping | None = None,
              counterfactuals=None, counterfactual_loss="mse",
              counterfactual_weight: float | Mapping[str, float] = 1.0,
              validation: Examples | None = None, callbacks=None, verbose=0,
              output: str | int | None = None) -> Remediation:
    """Trains a classifier so that an error rate comes closer between two groups (MinDiff).

    The model that is given is not touched: the same architecture is trained from fresh weights (see
    `fairkit.models.rebuild` for what is carried over). On one machine the same seed gives the same trained weights.

    Args:
        model_or_builder: a `keras.Model`, or a function without arguments that returns a new one, which is trained as
            it comes. The compile settings are the model's; an uncompiled one is trained with Adam and the cross-entropy
            of its output.
        train: the training `Examples`, with inputs.
        sensitive: the group whose error rate is to come closer, as conditions like those of `Examples.where`. A list of
            conditions pools several groups into one; a dict of name -> conditions compares each of several groups by
            itself ("<name>_min_diff_loss" in the history). None trains without MinDiff, with the same order of the
            examples: the plain control, or `balance` and `reweight` alone.
        nonsensitive: the group that it is to come closer to, one for all or a dict with the names of `sensitive`; None
            for every example outside all sensitive groups.
        error_rate: "false_positive_rate" (predictions for the negatives of both groups are made alike),
            "false_negative_rate" (for the positives), or a list of both: two comparisons, named by the rates.
        classes: for a softmax model the class ids that count as positive: their probabilities are summed.
        loss: "mmd", "adjusted_mmd", "absolute_correlation", "unbiased_mmd", or a MinDiffLoss object.
        kernel: of a loss by name: "gaussian" (the default) or "laplacian".
        kernel_length: of that kernel: a number above 0 (0.1 if not given), or "median", for the median distance between
            the scores of the batch.
        loss_weight: its weight beside the classification loss, or a dict of name -> weight where there are several
            comparisons; 0 trains the same way without any effect of MinDiff, as a control.
        epochs: over the training examples.
        batch_size: training examples a step.
        min_diff_batch_size: examples a step from each of both groups; `batch_size` if not given. Each split must hold
            that many.
        from_logits: the model's outputs are logits.
        seed: of the weights, the order of the examples, and Dropout.
        warm_start: go on from the weights of the model that is given (its optimizer starts anew).
        allow_overlap: let examples that belong to both groups count for both.
        balance: the training examples are up- or downsampled first, by `fairkit.analysis.balance`: a group column,
            "label" or a list of these makes all groups as large as the smallest, a dict such as
            `{"by": "color", "to": "largest"}` says more. Only what the classification loss sees is balanced: the two
            groups that MinDiff compares are drawn from the examples as they are, since it weighs both groups alike
            however large they are, and dropped examples would be lost to it.
        reweight: a group column or a list of these: the classification loss is weighted by
            `fairkit.remediation.training_weights`, after balancing. MinDiff's batches, which compare examples of one
            label, keep the examples' own weights.
        reweight_slices: slices as for `fairkit.evaluate`, or a dict of arguments of `SliceReweighting` such as
            `{"slices": ["religion"], "metric": "false_positive_rate", "beta": 5.0}`: after each epoch the slices are
            measured, and the classification loss weighs up those that are worst. They are measured on `validation`;
            without it, on a share of the training examples that is not trained on then ("validation_share" in the dict,
            .25 by default; drawn by `seed`, stratified by label and slices). Beside `balance`, `reweight`, MinDiff and
            pairs, all of which see the examples that are left.
        counterfactuals: `CounterfactualPairs`, for counterfactual logit pairing, alone or beside MinDiff (the loss is
            then the sum of the main loss and both penalties), with `counterfactual_loss` and `counterfactual_weight`.
            A dict of name -> pairs makes each set a penalty of its own ("<name>_counterfactual_loss" in the history);
            the loss and its weight are one for all or dicts with these names (a weight is 1.0 where one is missing).
        validation: `Examples` to report the plain loss and metrics of after each epoch.
        callbacks, verbose: as for `keras.Model.fit`.
        output: of a functional model with several outputs the one that is trained, as for `fairkit.predict`: with what
            the model is compiled with for it. The model that comes back has this output alone, since nothing trained
            the others. One output in a dict or list needs no name, and comes back as it was.

    Returns:
        `Remediation`.

    Raises:
        FairkitError: for groups or classes that do not occur, a split with fewer examples than a batch (the number that
            is needed is named), a model that cannot be rebuilt or whose output does not fit the labels, and for what
            cannot be balanced or weighted.

    Example:
        >>> import fairkit, numpy as np
        >>> rng = np.random.default_rng(0)
        >>> train = fairkit.Examples(inputs=rng.integers(0, 256, (40, 28, 28, 3)), labels=np.arange(40) % 10,
        ...                          groups={"color": np.where(np.arange(40) % 3, "blue", "orange")})
        >>> fixed = fairkit.remediate(fairkit.models.digit_classifier(), train, sensitive={"color": "orange"},
        ...                           nonsensitive={"color": "blue"}, classes=[8], loss_weight=2.0,
        ...                           epochs=1, batch_size=8)
        >>> fixed.settings["sensitive"], fixed.settings["sensitive_examples"], sorted(fixed.history)
        ('color = orange', 13, ['accuracy', 'loss', 'min_diff_loss'])
    """
    size = batch_size if min_diff_batch_size is None else min_diff_batch_size
    _check(train, validation, epochs=epochs, batch_size=batch_size, min_diff_batch_size=size)
    if sensitive is None and nonsensitive is not None:
        raise FairkitError("there is a nonsensitive group and no sensitive one to compare with it",
                           "sensitive as well, or neither", "nonsensitive alone")
    classes = None if classes is None else np.atleast_1d(classes).tolist()
    penalty, found, reweighting = None, [], None
    if reweight_slices is not None:
        rows, make_reweighting, by_slices = slice_reweighting(train, validation, reweight_slices, classes, from_logits,
                                                              seed)
        if len(rows) < len(train):
            counterfactuals = each_set(counterfactuals, _pairs_of_rows(rows, len(train)))
            train = train.take(rows)
    if sensitive is not None:
        penalty = get_loss(loss, kernel, kernel_length)
        found = applications(train, sensitive, nonsensitive, error_rate, classes, allow_overlap, size)
    main, changed = training_examples(train, balance, reweight, classes, seed)
    if reweight_slices is not None:
        reweighting = make_reweighting(main)
        main = reweighting.numbered()   # the weights come last: whatever reads ahead would read old ones
        callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else callbacks or []
        callbacks = [*callbacks, reweighting]
    whole = model_to_train(model_or_builder, seed, warm_start)
    if reweighting is not None and is_legacy(whole):
        raise FairkitError("reweight_slices trains a Keras 3 model", "a keras.Model",
                           f"the tf_keras model {quote(whole.name)}")
    with seeded(seed):
        model = one_output(whole, output)
        main, train, validation = (part and fed(model, part) for part in (main, train, validation))
        outputs = count_outputs(model, train)
        check_labels(train, outputs, classes, needed=bool(found))
        compile_if_needed(model, outputs, from_logits)
        check_logits(model, from_logits)
        trained, used = model, {"method": "plain"}
        if found:
            score = ClassScore([1] if outputs == 2 and classes is None else classes, from_logits)
            trained, used = _with_min_diff(model, found, penalty, loss_weight, score)
            data = packed_examples(main, train, found, batch_size, size, seed)
            used |= {"error_rate": error_rate if isinstance(error_rate, str) else list(error_rate),
                     "min_diff_batch_size": int(size)}
        else:
            data = main.batches(batch_size, seed=order_seed(seed)).repeat()
        if counterfactuals is not None:
            from fairkit.remediation.counterfactual_training import counterfactual_training

            trained, data, paired = counterfactual_training(
                trained, data, counterfactuals, outputs, counterfactual_loss, counterfactual_weight, batch_size, seed)
            used |= paired | {"method": "min_diff and counterfactual" if found else "counterfactual"}
        if reweighting is not None:
            data = reweighting.weighted(data)
        # The plain training too, so that candidates differ in nothing but what is asked for.
        with plain_errors(), nullcontext() if is_legacy(model) else summed_gradients(model.optimizer):
            fitted = trained.fit(data, epochs=epochs, steps_per_epoch=math.ceil(len(main) / batch_size), shuffle=False,
                                 callbacks=callbacks, verbose=verbose,
                                 validation_data=validation and validation.batches(batch_size, shuffle=False))
    history = {name: [float(value) for value in values] for name, values in fitted.history.items()}
    warn_of_lost_loss(history)
    if reweighting is not None:
        changed["reweight_slices"] = {**by_slices, **reweighting.state}
    settings = {
        **used, "classes": classes, **changed, "train_examples": len(main), "epochs": int(epochs),
        "batch_size": int(batch_size), "optimizer": model.optimizer.name,
        "learning_rate": _learning_rate(model.optimizer), "from_logits": from_logits, "seed": int(seed),
        "warm_start": bool(warm_start),
    }
    if model is not whole and output is not None:
        settings["output"] = output
    if model is not whole and len(declared_outputs(whole)) == 1:
        if not whole.compiled:
            compile_whole(whole, model)
        model = whole
    return Remediation(model, history, settings)


def _check(train, validation, **counts):
    for name, examples in (("training", train), ("validation", validation)):
        if examples is None and name == "validation":
            continue
        if not isinstance(examples, Examples):
            raise FairkitError(f"the {name} data are no examples", "fairkit.Examples", type(examples).__name__)
        if examples.inputs is None or not len(examples):
            raise FairkitError(f"the {name} examples cannot be trained on", "examples with inputs", quote(examples))
    for name, value in counts.items():
        if not is_whole(value) or value < 1:
            raise FairkitError(f"{name} does not fit", "a whole number, 1 or above", quote(value))


def _pairs_of_rows(rows, of):
    """A function that keeps those pairs of `of` examples that were made of some rows."""
    return lambda pairs: pairs.take(np.isin(pairs.rows, rows)) if pairs.of == of else pairs


def _with_min_diff(model, found, penalty, loss_weight, score):
    """The wrapper to be fitted, and what it was made with."""
    losses = by_name(found, lambda application: penalty)
    weights = get_loss_weights(losses, loss_weight)
    wrapper = MinDiffModel(model, losses, weights, score)
    if is_legacy(model):
        compile_as(wrapper, model)
    else:
        wrapper.compile(**model._compile_config.config)
    return wrapper, {
        "method": "min_diff", "loss": loss_text(penalty), "loss_weight": weights,
        "sensitive": by_name(found, lambda application: application.sensitive),
        "nonsensitive": by_name(found, lambda application: application.nonsensitive),
        "sensitive_examples": by_name(found, lambda application: len(application.rows[0])),
        "nonsensitive_examples": by_name(found, lambda application: len(application.rows[1])),
    }


def _learning_rate(optimizer):
    rate = keras.ops.convert_to_numpy(optimizer.learning_rate)
    return float(f"{float(rate):.6g}")
