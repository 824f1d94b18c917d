"""Training weights that follow a metric of slices from epoch to epoch: a Keras callback."""

import copy
import math
from collections.abc import Mapping, Sequence

import numpy as np

from fairkit.counts.atoms import atoms_of
from fairkit.counts.intervals import estimate
from fairkit.counts.rates import ACCURACY, RATES
from fairkit.counts.slices import OVERALL, membership, slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.prediction_counts import count_predictions
from fairkit.evaluation.specs import check_values, checked_min_examples, checked_slices, cut_groups
from fairkit.examples import Examples
from fairkit.predictions import Predictions, predict
from fairkit.quiet import keras, tf
from fairkit.remediation.counterfactual_data import CounterfactualPackedInputs

__all__ = ["METRICS", "SliceReweighting"]

METRICS = {"false_positive_rate": 0, "false_negative_rate": 1, "accuracy": None, "loss": None}
"""The metrics by which slices can be weighted, each with the label of the examples on which it depends, if any."""


class SliceReweighting(keras.callbacks.Callback):
    """Weights training examples by how badly the model does on their slices, anew after each epoch.

    The fair data reweighting of TensorFlow Model Remediation (tensorflow_model_remediation/experimental/
    fair_data_reweighting, in its repository; not part of its release 0.1.7.1), which draws a new training set once, as
    a callback that sets weights, so that nothing is drawn and the slices are followed while they change. With m_k the
    metric of slice k as a loss (accuracy counts as 1 - accuracy), slice k has the share

        pi_k = exp(beta m_k) / sum_j exp(beta m_j)

    of the slices' part gamma of the total weight N, spread evenly over its n_k examples, and all examples share the
    rest. So an example i weighs, besides its own weight,

        w_i = (1 - gamma) + gamma * sum over slices k that hold i of  pi_k N / n_k

    which is how often TFMR draws it on average, but that TFMR rounds the number of draws of each slice up. For a rate
    that is one of a label (false positive rate: negatives) only the slice's examples with that label share pi_k. An
    example may be in several slices or in none. The mean of w_i, weighted by the examples' own weights, is 1. Weights
    above `max_weight` are cut to it, and what was cut is given to all others in proportion.

    It weighs up what is rare, too: with beta = 0 all slices have the same total weight, whatever their size.

    Args:
        train: the training `Examples`: labels, groups, and the weights they have. Inputs are for `batches` alone.
        validation: the `Examples` on which the slices are measured; not those the result is judged by.
        slices: as for `fairkit.evaluate`: "religion", ("religion", "gender"), {"religion": ["muslim", "jewish"]}, ...
        metric: "false_positive_rate", "false_negative_rate", "accuracy", or "loss", the mean cross-entropy.
        gamma: the part of the total weight that goes by slices, from 0 (weights stay as they are) to 1.
        beta: how much a larger metric counts, 0 or above. A slice whose metric is larger by d has exp(beta d) times the
            share of another.
        threshold: for the two rates and for the accuracy of a binary score: predicted positive above it.
        classes: for a softmax model the class ids that count as positive: their probabilities are summed. None: labels
            and scores are binary, or accuracy and loss are those of all classes.
        smoothing: what share of a metric is kept from the epoch before, at least 0 and below 1; the rest is measured
            anew. It damps the jumps of small slices.
        max_weight: the largest w_i, above 1.
        min_examples: a slice with fewer validation examples in its metric's denominator counts as the overall one.
        from_logits: the model's outputs are logits.

    Attributes:
        weights: (n,) float64: what the training examples weigh now, their own weights included.
        history: a list with a dict of slice name -> metric for each update ("Overall" among them; None where a metric
            has no examples), after smoothing.
        state: the updates so far, as a dict that JSON can hold; `restore` takes it up.

    It draws nothing, so it needs no seed: the weights depend on the metrics alone.

    Raises:
        FairkitError: for slices, a metric or numbers that do not fit, and where no slice has a training example. When
            training begins: where every slice has fewer than `min_examples` validation examples.

    Example:
        >>> import fairkit, keras, numpy as np
        >>> from fairkit.remediation import SliceReweighting
        >>> labels, color = np.array([0, 1] * 8), np.repeat(["blue", "orange"], [12, 4])
        >>> train = fairkit.Examples(inputs=np.eye(16, dtype="float32"), labels=labels, groups={"color": color})
        >>> model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(1, activation="sigmoid")])
        >>> model.compile("adam", "binary_crossentropy")
        >>> reweighting = SliceReweighting(train, train, ["color"], min_examples=1)
        >>> history = model.fit(reweighting.batches(8), epochs=2, callbacks=[reweighting], verbose=0)
        >>> len(reweighting.history), float(reweighting.weights.mean().round(6))
        (2, 1.0)

        Weights of given metrics: of the 16 examples 6 are blue negatives, 2 orange ones, and 8 are positives.

        >>> reweighting = SliceReweighting(train, train, ["color"])
        >>> reweighting.update({"color:blue": 0.1, "color:orange": 0.3})
        >>> reweighting.weights[[0, 12, 1]].round(3).tolist()
        [0.859, 3.424, 0.5]
    """

    def __init__(self, train: Examples, validation: Examples, slices: Sequence, metric: str = "false_positive_rate", *,
                 gamma: float = 0.5, beta: float = 5.0, threshold: float = 0.5, classes: Sequence[int] | None = None,
                 smoothing: float = 0.5, max_weight: float = 10.0, min_examples: int = 30, from_logits: bool = False):
        super().__init__()
        if metric not in METRICS:
            raise FairkitError(f"slices cannot be weighted by the metric {quote(metric)}", nearest(metric, METRICS),
                               quote(metric))
        for name, value, fits, expected in (
                ("gamma", gamma, lambda v: 0 <= v <= 1, "a number from 0 to 1"),
                ("beta", beta, lambda v: 0 <= v < math.inf, "a number, 0 or above"),
                ("threshold", threshold, lambda v: 0 <= v <= 1, "a number from 0 to 1"),
                ("smoothing", smoothing, lambda v: 0 <= v < 1, "a number, at least 0 and below 1"),
                ("max_weight", max_weight, lambda v: v > 1, "a number above 1")):
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not fits(value):
                raise FairkitError(f"{name} does not fit", expected, quote(value))
        for name, examples in (("training", train), ("validation", validation)):
            if not isinstance(examples, Examples) or not len(examples):
                raise FairkitError(f"the {name} data cannot be used", "fairkit.Examples, one at least", quote(examples))
        self.metric, self.gamma, self.beta, self.threshold = metric, float(gamma), float(beta), float(threshold)
        self.smoothing, self.max_weight = float(smoothing), float(max_weight)
        self.min_examples, self.from_logits = checked_min_examples(min_examples), bool(from_logits)
        self.classes = None if classes is None else np.atleast_1d(classes).tolist()
        self._train, self._validation = train, validation
        self._specs, bins = checked_slices(slices, train.groups)
        checked_slices(slices, validation.groups)
        groups, self._bins = cut_groups(train.groups, bins)
        atoms, self._atom = atoms_of({name: groups[name] for spec in self._specs for name, _ in spec}, len(train))
        check_values(self._specs, atoms.values_of)
        keys, sets = membership(atoms, self._specs)
        self._own = np.ones(len(train)) if train.weights is None else train.weights
        if not self._own.any():
            raise FairkitError("there is nothing to weight", "an example with a weight above 0",
                               "weights that are all 0")
        self._counts = self._with_the_label(train.labels)
        totals = sets.sums(np.bincount(self._atom, self._own * self._counts, len(atoms)))
        held = [row for row, (key, total) in enumerate(zip(keys, totals)) if key != OVERALL and total > 0]
        if not held:
            raise FairkitError("no slice has a training example on which the metric depends", "slices that occur",
                               quote(slices))
        self._keys, self._sets, self._totals = [keys[row] for row in held], sets[held], totals[held]
        self._values, self.history = None, []
        self._tensor = tf.Variable(self._own, trainable=False, dtype=tf.float64)

    @property
    def weights(self):
        return self._tensor.numpy()

    @property
    def state(self):
        return {"metric": self.metric, "history": copy.deepcopy(self.history)}

    def restore(self, state: Mapping):
        """Goes on from the `state` of another one with the same slices and metric: its history and its weights."""
        if not isinstance(state, Mapping) or {"metric", "history"} - {*state}:
            raise FairkitError("this is no state of a SliceReweighting", "what its attribute state gave", quote(state))
        if state["metric"] != self.metric:
            raise FairkitError("the state is that of another metric", quote(self.metric), quote(state["metric"]))
        self._values, self.history = None, []
        if state["history"]:
            self._set(self._named(state["history"][-1]))
            self.history = copy.deepcopy(list(state["history"]))

    def batches(self, batch_size: int = 64, shuffle: bool = True, seed: int = 0):
        """A `tf.data.Dataset` of (inputs, labels, weights), as `Examples.batches`, with the weights of the moment.

        A batch has the weights that hold when it is trained on, also where the data set repeats.
        """
        return self.weighted(self.numbered().batches(batch_size, shuffle=shuffle, seed=seed))

    def numbered(self) -> Examples:
        """The training examples with their row numbers in the place of weights, for `weighted`."""
        numbered = copy.copy(self._train)
        numbered.weights = np.arange(len(self._train), dtype=np.float64)
        return numbered

    def weighted(self, dataset):
        """Batches with the weights of the moment in the place of row numbers.

        Args:
            dataset: a `tf.data.Dataset` of batches (x, y, rows), or what `pack_min_diff_data` and
                `pack_counterfactual_data` make of such. rows are the positions (batch,) of the examples in `train`.
                Map, shuffle and repeat before, not after: what reads ahead would read old weights.
        """
        @tf.autograph.experimental.do_not_convert
        def replaced(*element):
            if len(element) == 1 and isinstance(element[0], CounterfactualPackedInputs):
                return CounterfactualPackedInputs(replaced(*element[0].original_input), element[0].counterfactual_data)
            x, y, rows = element
            return x, y, tf.gather(self._tensor, tf.cast(rows, tf.int64))

        spec = getattr(dataset, "element_spec", None)
        spec = spec.original_input if isinstance(spec, CounterfactualPackedInputs) else spec
        if not isinstance(spec, tuple) or len(spec) != 3:
            raise FairkitError("these batches cannot be weighted", "a tf.data.Dataset of (x, y, rows)",
                               type(dataset).__name__ if spec is None else quote(spec))
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False   # it would read ahead into the next epoch's weights
        return dataset.map(replaced).with_options(options)

    def on_train_begin(self, logs=None):
        examples = self._validation
        groups, _ = cut_groups(examples.groups, self._bins)
        atoms, codes = atoms_of({name: groups[name] for spec in self._specs for name, _ in spec}, len(examples))
        keys, sets = membership(atoms, self._specs)
        numbers = dict(zip(keys, sets.sums(np.bincount(codes, self._with_the_label(examples.labels), len(atoms)))))
        most = max(numbers.get(key, 0) for key in self._keys)
        if most < self.min_examples:
            among = "examples" if METRICS[self.metric] is None else RATES[self.metric].among
            raise FairkitError("every slice of the validation examples is too small to be measured",
                               f"a slice with {self.min_examples} {among}, or a smaller min_examples "
                               "(--reweight-min-examples on the command line)",
                               f"at most {most:g}")

    def on_epoch_end(self, epoch, logs=None):
        model = self.model
        while hasattr(model, "original_model"):   # of MinDiff and pairs: the model that predicts
            model = model.original_model
        self.update(model)

    def update(self, what):
        """Measures the slices and sets the weights.

        Args:
            what: a model or scores of the validation examples, as for `fairkit.predict`; their `Predictions`; or a dict
                of slice name -> metric, such as {"color:blue": .1, "color:orange": .3, "Overall": .12}.
        """
        measured = self._named(what) if isinstance(what, Mapping) else self._measured(
            what if isinstance(what, Predictions) else predict(what, self._validation, from_logits=self.from_logits))
        self._set(self._smoothed(measured))

    def _named(self, given):
        names = {slice_name(key): key for key in [OVERALL, *self._keys]}
        for name, value in given.items():
            if name not in names:
                raise FairkitError(f"no slice {quote(name)} among the training examples", nearest(name, names),
                                   quote(name))
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float, np.number))
                                      or not math.isfinite(value)):
                raise FairkitError(f"the metric of {quote(name)} is not a number", "a finite number, or None",
                                   quote(value))
        return {key: given.get(name) for name, key in names.items()}

    def _measured(self, predictions):
        """dict of slice key -> metric; None where too few examples have it."""
        predictions = predictions.with_groups(cut_groups(predictions.groups, self._bins)[0])
        if self.classes is not None:
            predictions = self._positive(predictions)
        if self.metric == "loss":
            found = self._losses(predictions)
        else:
            outputs = predictions.classes
            if METRICS[self.metric] is not None and outputs not in (None, 2):
                raise FairkitError("it is not said which class is the positive one", f"classes=[...] out of 0 to "
                                   f"{outputs - 1}", "classes=None")
            class_id = None if outputs is None else 1
            cells, _ = count_predictions(predictions, self._specs, [self.threshold], [class_id])
            keys, sets = membership(cells.atoms, self._specs)
            if self.metric == "accuracy":
                rate = ACCURACY
                counts = cells.top1_by_atom().at(0) if outputs else cells.by_atom(None).at(self._place(cells))
            else:
                rate, counts = RATES[self.metric], cells.by_atom(class_id).at(self._place(cells))
            counts = counts.over(sets)
            found = keys, estimate(rate, counts)[0], rate.examples(counts)
        return {key: float(value) if examples >= self.min_examples and not math.isnan(value) else None
                for key, value, examples in zip(*found)}

    def _place(self, cells):
        return cells.thresholds.tolist().index(self.threshold)

    def _positive(self, predictions):
        """Binary predictions: the classes that count as positive against all others."""
        if predictions.classes is None or max(self.classes) >= predictions.classes:
            raise FairkitError("the classes are none of the model's", "class ids of its outputs, of which there are "
                               f"{predictions.classes or 1}", f"classes={self.classes}")
        scores = predictions.scores[:, self.classes].sum(axis=1).clip(0, 1)
        labels = np.isin(predictions.labels, self.classes).astype(np.int64)
        return Predictions.of_checked(labels, scores, predictions.groups, predictions.weights, predictions.given_ids)

    def _losses(self, predictions):
        """(slice keys, mean cross-entropy, number of examples)."""
        scores, labels = predictions.scores, predictions.labels
        right = np.where(labels == 1, scores, 1 - scores) if scores.ndim == 1 else \
            np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
        losses = -np.log(right.clip(keras.config.epsilon(), 1))
        atoms, codes = atoms_of({name: predictions.groups[name] for spec in self._specs for name, _ in spec},
                                len(predictions))
        keys, sets = membership(atoms, self._specs)
        weights = np.ones(len(predictions)) if predictions.weights is None else predictions.weights
        sums, totals, numbers = (sets.sums(np.bincount(codes, column, len(atoms)))
                                 for column in (weights * losses, weights, np.ones(len(predictions))))
        return keys, np.divide(sums, totals, out=np.full(len(sums), np.nan), where=totals > 0), numbers

    def _smoothed(self, measured):
        values = {key: measured.get(key) for key in [OVERALL, *self._keys]}
        if self._values is None or not self.smoothing:
            return values
        kept = self.smoothing
        return {key: before if now is None else now if before is None else kept * before + (1 - kept) * now
                for (key, now), before in zip(values.items(), self._values.values())}

    def _set(self, values):
        """Sets the weights by the metrics of the slices."""
        self._values = values
        self.history.append({slice_name(key): value for key, value in values.items()})
        known = [value for value in [values[OVERALL]] if value is not None] or \
            [value for value in values.values() if value is not None]
        common = float(np.mean(known)) if known else 0.0
        metrics = np.array([common if values[key] is None else values[key] for key in self._keys])
        losses = 1 - metrics if self.metric == "accuracy" else metrics
        shares = np.exp(self.beta * (losses - losses.max()))
        shares /= shares.sum()
        each = self.gamma * self._own.sum() * shares / self._totals
        of_atoms = np.bincount(self._sets.members, each[self._sets.owners], self._sets.atoms)
        factors = (1 - self.gamma) + of_atoms[self._atom] * self._counts
        self._tensor.assign(self._own * _bounded(factors, self._own, self.max_weight))

    def _with_the_label(self, labels):
        """(n,) 1.0 for the examples on which the metric depends."""
        label = METRICS[self.metric]
        if label is None:
            return np.ones(len(labels))
        if self.classes is None and not np.isin(labels, [0, 1]).all():
            raise FairkitError("it is not said which class is the positive one", "classes=[...] for labels other than "
                               "0 and 1", f"labels like {quote(labels[~np.isin(labels, [0, 1])][0])}")
        return (np.isin(labels, [1] if self.classes is None else self.classes) == bool(label)).astype(np.float64)


def _bounded(factors, own, most):
    """Factors of at most `most` with the same weighted sum.

    What is cut goes to the others in proportion, evenly where they are all 0. Each round cuts one more at least, so it
    ends; since the weighted mean is 1 and `most` is above, some are always left to take it.
    """
    total, cut, bounded = (own * factors).sum(), np.zeros(len(factors), bool), factors
    while (over := ~cut & (bounded > most)).any():
        cut |= over
        left, others = total - most * own[cut].sum(), own[~cut]
        shared = others @ factors[~cut]
        bounded = np.where(cut, most, factors * (left / shared) if shared > 0 else left / others.sum())
    return bounded
