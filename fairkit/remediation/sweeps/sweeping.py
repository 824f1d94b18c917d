"""`fairkit.sweep`: trains candidates side by side, and measures each on a validation split."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fairkit.arguments import is_number, is_whole
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.predictions import Predictions
from fairkit.remediation.sweeps.folder import SweepFolder
from fairkit.remediation.sweeps.measures import Gap
from fairkit.remediation.sweeps.options import from_plain
from fairkit.remediation.sweeps.plan import Candidate, checked_seeds, planned
from fairkit.remediation.sweeps.result import Sweep

__all__ = ["load_sweep", "sweep"]


def sweep(model_or_builder, examples: Examples, *, slices: Sequence, methods: Mapping[str, Mapping] | None = None,
          loss_weights: Sequence[float] | None = None, seeds: Sequence[int] = (0, 1, 2),
          metric: str = "false_positive_rate", reference: Mapping | None = None, threshold: float | None = None,
          overall_rate: float | None = None, classes: Sequence[int] | None = None, min_examples: int = 30,
          validation: Examples | None = None, validation_share: float = 0.25, split_seed: int = 0,
          folder: str | Path | None = None, jobs: int | None = None, threads: int = 1, **shared) -> Sweep:
    """Trains several remediations with several seeds, and measures each on a validation split.

    The plain training (no penalty: MinDiff's loss weight 0), called "control", is always among the candidates. Give the
    training examples only: a test split is for what is chosen in the end, once.

    Trainings run in processes, `threads` cores each. The numbers depend on the seeds and on `threads`, and neither on
    `jobs` nor on whether a sweep was stopped in between. A training that fails is reported in the table, and the rest
    go on.

    Args:
        model_or_builder: as for `fairkit.remediate`. A builder is called once for each seed.
        examples: the `Examples` to train on.
        slices: the slices whose gaps count, as for `fairkit.evaluate`.
        methods: dict of name -> dict of arguments of `fairkit.remediate`, each a candidate: `{"reweight": "color"}`,
            `{"balance": "color"}`, `{"sensitive": {...}, "loss": "mmd", "loss_weight": 2.0}`, `{"counterfactuals":
            "religion"}`: counterfactuals may be a swap as for `fairkit.remediation.counterfactuals`, which is made of
            the training examples, or pairs that were made of all of `examples`, of which those of validation examples
            are left out, or a dict of either for several sets of pairs. With `"group_thresholds": {"by": "color"}`
            (arguments of `fit_group_thresholds`; by default the rate is `metric` and its level the control's overall
            rate) thresholds by group follow the training; for the sweep those of one half of the validation split are
            fitted on the other half.
        loss_weights: weights of MinDiff, each a candidate, with `sensitive` and what else `shared` says of it. Without
            these and without methods: .5, 1, 2, 5 and 10.
        seeds: of the trainings. Intervals need two or more.
        metric: the rate whose gap is to close.
        reference: the slice that the others are compared with, such as {"color": "blue"}; None is overall.
        threshold: of the control (default .5). Every other model is judged at the threshold where its overall rate is
            nearest to that of the control of the same seed, and also at the control's threshold.
        overall_rate: in place of `threshold`: the control's threshold is the one at which its overall rate is nearest
            to this.
        classes: for a softmax model the class ids that count as positive, for training and for the gap.
        min_examples: slices with fewer validation examples in the denominator of the rate are left out.
        validation: `Examples` to measure on, which no training sees. By default `validation_share` of `examples` is
            split off, with `split_seed`, stratified by the label and the sliced columns.
        folder: where models, predictions and sweep.json go. The same call with the same folder goes on where it was
            stopped; more methods, loss weights and seeds may be added, and the gap may be measured otherwise, but a
            change to the trainings that are there is refused. Without a folder all is kept as long as the result is.
        jobs: processes at a time; by default as many as there are cores for `threads` each. A model with parts that are
            defined in the program itself, and arguments that are functions or other objects, cannot go to another
            process: such trainings run in this one, one after another.
        threads: cores for each training. Sums of floating-point numbers depend on it, so it is a setting of the sweep,
            not of the machine.
        shared: arguments of `fairkit.remediate` for all candidates, such as epochs and batch_size. MinDiff's
            (sensitive, nonsensitive, error_rate, loss, kernel, kernel_length, loss_weight, min_diff_batch_size,
            allow_overlap) hold for the loss weights, and for methods that name one of them; those of counterfactual
            logit pairing likewise for methods that name one of these.

    Returns:
        `Sweep`: its table, its Pareto front, and `choose`.

    Raises:
        FairkitError: for arguments that do not fit, a validation split on which the gap cannot be measured, a folder
            with another sweep, and a control that fails with every seed.

    Example:
        >>> import fairkit, numpy as np
        >>> from fairkit.quiet import keras
        >>> rng = np.random.default_rng(0)
        >>> color, labels = rng.choice(["blue", "orange"], 800), rng.integers(0, 2, 800)
        >>> inputs = np.stack([labels + rng.normal(0, 1, 800), color == "orange"], axis=1).astype("float32")
        >>> train = fairkit.Examples(inputs=inputs, labels=labels, groups={"color": color})
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        >>> found = fairkit.remediation.sweeps.sweeping.sweep(
        ...     model, train, slices=["color"], sensitive={"color": "orange"}, loss_weights=[0, 2], epochs=1,
        ...     seeds=[0, 1], jobs=1)
        >>> found.table["candidate"].tolist(), found.table["seeds"].tolist()
        (['control', 'loss_weight=2'], [2, 2])
        >>> found.choose(max_gap=1, max_quality_loss=1).name
        'control'
    """
    seeds = checked_seeds(seeds)
    jobs, threads = _checked_count("jobs", jobs), _checked_count("threads", threads)
    gap = Gap(slices, metric, reference, threshold, overall_rate, classes, min_examples)
    options = shared if classes is None else {**shared, "classes": classes}
    own = ("methods", "loss_weights", "seeds", "metric", "reference", "threshold", "overall_rate", "min_examples",
           "validation_share", "split_seed", "folder", "jobs", "threads")
    candidates = planned(methods, loss_weights, options, own)
    train, validation = _split(examples, validation, validation_share, split_seed, gap)
    gap.checked(_like_predictions(validation, classes))
    if train is not examples:
        candidates = [_without_validation(candidate, examples, train) for candidate in candidates]
    from fairkit.remediation.sweeps.trainings import train_all  # TensorFlow, which looking at a sweep does not need

    keep = tempfile.TemporaryDirectory(prefix="fairkit-sweep-") if folder is None else None
    place = SweepFolder(Path(keep.name) / "sweep" if folder is None else folder)
    errors = train_all(place, model_or_builder, train, validation, candidates, seeds, gap, jobs, threads)
    return Sweep(place, candidates, seeds, gap, errors, model_or_builder, keep)


def load_sweep(folder: str | Path) -> Sweep:
    """The sweep in a folder as it stands, finished or not; nothing is trained.

    Args:
        folder: that `fairkit.sweep` wrote.

    Raises:
        FairkitError: if there is no sweep, or it was measured in a way that no file can hold.
    """
    place = SweepFolder(folder)
    about = place.asked()
    if about is None:
        raise FairkitError("there is no sweep here", "a folder that fairkit.sweep wrote", str(folder))
    if about["gap"] is None:
        raise FairkitError("this sweep measures its gap in a way that no file can hold", "the same call of "
                           "fairkit.sweep with this folder, which trains nothing anew", str(folder))
    candidates = [Candidate(c["name"], from_plain(c["options"]), from_plain(c["group_thresholds"]), c["training"], k)
                  for k, c in enumerate(about["candidates"])]
    errors = {(training, seed): error for training, seed, error in about["failed"]}
    return Sweep(place, candidates, about["seeds"], Gap(**from_plain(about["gap"])), errors)


def _split(examples, validation, share, seed, gap):
    """(training examples, validation examples)."""
    for name, part in (("training", examples), ("validation", validation)):
        if part is None and name == "validation":
            continue
        if not isinstance(part, Examples):
            raise FairkitError(f"the {name} data are no examples", "fairkit.Examples", type(part).__name__)
        if part.inputs is None or not len(part):
            raise FairkitError(f"the {name} examples cannot be used", "examples with inputs", quote(part))
        if part.labels.dtype.kind not in "biuf" or part.labels.min() < 0 or (part.labels % 1).any():
            raise FairkitError(f"the labels of the {name} examples are no classes", "whole numbers from 0 on",
                               f"labels like {quote(np.unique(part.labels)[0])}")
    if validation is not None:
        return examples, validation
    from fairkit.evaluation.specs import checked_slices

    if not is_number(share) or not 0 < share < 1:
        raise FairkitError("validation_share leaves nothing on one side", "above 0 and below 1", quote(share))
    specs, _ = checked_slices(gap.slices, examples.groups)
    features = dict.fromkeys(feature for spec in specs for feature, _ in spec)
    held_out, train = examples.split(share, seed, ["label", *(name for name in features if name != "label")])
    return train, held_out


def _without_validation(candidate, examples, train):
    """The candidate with counterfactual pairs of training examples only, in the order of these."""
    from fairkit.remediation.counterfactual_pairs import each_set

    place = {id: k for k, id in enumerate(train.ids.tolist())}

    def of_train(pairs):
        if pairs.of != len(examples):
            raise FairkitError(f"the counterfactual pairs of {quote(candidate.name)} were made of other examples",
                               f"pairs of the {len(examples)} examples that are given, or a swap such as 'religion'",
                               f"pairs of {pairs.of} examples")
        ids = examples.ids[pairs.rows].tolist()
        return pairs.take(sorted((k for k, id in enumerate(ids) if id in place), key=lambda k: place[ids[k]]))

    pairs = candidate.options.get("counterfactuals")
    changed = each_set(pairs, of_train)
    return candidate if changed is pairs else replace(candidate, options={**candidate.options,
                                                                          "counterfactuals": changed})


def _like_predictions(validation, classes):
    """Predictions such as a model could make: enough to see whether the gap can be measured."""
    most = int(max(validation.labels.max(), 0 if classes is None else np.max(classes)))
    scores = np.zeros(len(validation) if classes is None and most <= 1 else (len(validation), most + 1))
    return Predictions.of_checked(validation.labels.astype(np.int64), scores, validation.groups, validation.weights)


def _checked_count(name, value):
    if value is None and name == "jobs":
        return None
    if not is_whole(value) or value < 1:
        raise FairkitError(f"{name} does not fit", "a whole number, 1 or above", quote(value))
    return int(value)
