"""Examples: what a classifier is trained and evaluated on, with the groups that each example belongs to."""

import numbers
from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from fairkit.arguments import is_number
from fairkit.column_names import column_text, known_column, names_in
from fairkit.containers import plain_values
from fairkit.errors import FairkitError, quote
from fairkit.groups import encode_groups, select
from fairkit.handed_out import read_only
from fairkit.input_columns import held_inputs, rows_at

__all__ = ["WEIGHTS", "Examples", "chosen_input", "odd_weights"]

WEIGHTS = "0, or a number between 1e-100 and 1e100, whose square is a number too"


class Examples:
    """Labelled examples with their groups.

    Args:
        labels: n class ids (0 and 1 for a binary task, 0 to k - 1 for k classes), as integers, truth values or whole
            floats in any container: objects, nullable and categorical columns, Arrow, tensors.
        groups: a dict (or DataFrame) of group columns, n cells each. A cell holds one value, several (a list), or
            nothing (None, NaN, NaT, pandas.NA, an empty list). Values are texts, numbers, truth values, dates or times;
            1, 1.0 and "1" are one group, "1": `fairkit.group_values` says what each value is called.
        inputs: what the model is fed: an array (n, ...), a list of texts, a dict of arrays for a model with named
            inputs, a DataFrame, which becomes such a dict, a tuple or list of arrays for a model with several inputs in
            order (kept as a dict by position: "0", "1"), dicts and tuples of these for nested inputs, or anything with
            a length that takes an integer array as index. pandas and Arrow columns and eager tensors become arrays
            (Arrow's texts `fairkit.texts.Texts`). A model is fed the inputs that it declares, whatever else there is.
            None where only scores are judged.
        weights: n example weights, 0 or between 1e-100 and 1e100. None counts every example once.
        ids: n distinct ids by which two models' predictions are paired; the row numbers if not given.
        missing_inputs: "raise" refuses inputs with cells that hold nothing (None, NaN, NaT, pandas.NA) and names the
            row and column; "keep" makes a missing number NaN and a missing text an empty one, for models that take
            them. Inputs that are read when they are needed are not looked at.

    What was checked stays as it was: labels, groups, weights and ids are read-only copies, whatever becomes of the
    arrays that were given. Inputs, which may be larger than memory, are held as they are given.

    Raises:
        FairkitError: where lengths differ, a column has the wrong type, an input is missing, or inputs have no one
            meaning: sparse matrices, rows of different sizes, times.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0, 1, 0], groups={"color": ["blue", "orange", None]})
        >>> len(examples.where({"color": "orange"}))
        1
    """

    set_aside = None
    """What `fairkit.data.read` left out, where bad rows are set aside."""

    def __init__(self, *, labels, groups, inputs=None, weights=None, ids=None, missing_inputs="raise"):
        self.labels = read_only(_column("labels", labels), labels)
        n = len(self.labels)
        self.groups = encode_groups(groups, n)
        self.inputs = held_inputs(inputs, n, missing_inputs)
        self.weights = None if weights is None else read_only(_weights(weights, n), weights)
        self.given_ids = None if ids is None else read_only(_ids(ids, n), ids)

    @property
    def ids(self):
        """(n,) distinct ids: those given, or the row numbers, which are not stored."""
        return np.arange(len(self)) if self.given_ids is None else self.given_ids

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        groups = ", ".join(f"{name} ({len(column.values)})" for name, column in self.groups.items())
        return f"Examples({len(self)}, groups: {groups or 'none'})"

    def take(self, index) -> "Examples":
        """The examples that a boolean mask (n,) or an array of positions selects, in that order.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 1, 0], groups={})
            >>> examples.take([2, 1]).labels
            array([0, 1])
        """
        index = np.asarray(index)
        if index.size == 0:
            index = index.astype(np.int64)
        if index.ndim != 1 or index.dtype.kind not in "biu":
            raise FairkitError("examples are taken by a mask or by positions", "a 1-D array of booleans or integers",
                               f"{index.dtype} {index.shape}")
        if index.dtype.kind == "b":
            if len(index) != len(self):
                raise FairkitError("the mask has another length than the examples", len(self), len(index))
            index = np.flatnonzero(index)
        elif len(index) and (index.min() < 0 or index.max() >= len(self)):
            raise FairkitError("a position lies outside the examples", f"0 to {len(self) - 1}",
                               f"{index.min()} to {index.max()}")
        part = object.__new__(Examples)
        part.labels, part.given_ids = read_only(self.labels[index]), read_only(self.ids[index])
        part.groups = {name: column.take(index) for name, column in self.groups.items()}
        part.inputs = rows_at(self.inputs, index)
        part.weights = None if self.weights is None else read_only(self.weights[index])
        return part

    def where(self, conditions: Mapping) -> "Examples":
        """The examples whose groups meet every condition.

        Args:
            conditions: a dict of column -> a value or a list of values (the cell contains one of them),
                `fairkit.only(value)` (the cell holds exactly that), or a predicate (true for one of its values).

        Raises:
            FairkitError: for a column that is not there, or a value that occurs in no example.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 1], groups={"age": [17, 44]})
            >>> len(examples.where({"age": lambda years: years >= 18}))
            1
        """
        return self.take(select(self.groups, conditions))

    def split(self, fraction: float, seed: int = 0, stratify: str | Sequence[str] | None = None):
        """Two disjoint parts: a random `fraction` of the examples, and the rest.

        Args:
            fraction: the share of the first part, above 0 and below 1.
            seed: the same seed gives the same parts.
            stratify: "label" or the name of a group column whose distribution both parts keep, or a list of these.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 1] * 50, groups={})
            >>> train, validation = examples.split(0.8, seed=1, stratify="label")
            >>> len(train), len(validation), int(validation.labels.sum())
            (80, 20, 10)
        """
        if not is_number(fraction) or not 0 < fraction < 1:
            raise FairkitError("the fraction of a split leaves nothing on one side", "above 0 and below 1",
                               quote(fraction))
        try:
            rng = np.random.default_rng(seed)
        except (TypeError, ValueError):
            raise FairkitError("seed is not a seed", "a whole number of 0 or more", quote(seed)) from None
        order = rng.permutation(len(self))
        strata = self._strata(stratify)[order]
        by_stratum = np.argsort(strata, kind="stable")
        # Counting over the strata's concatenation keeps both parts exact in size and within one example a stratum.
        position = np.empty(len(self), np.int64)
        position[by_stratum] = np.arange(len(self))
        first = np.floor((position + 1) * fraction + 1e-9) > np.floor(position * fraction + 1e-9)
        return self.take(rng.permutation(order[first])), self.take(rng.permutation(order[~first]))

    def batches(self, batch_size: int = 64, shuffle: bool = True, seed: int = 0, model=None):
        """A `tf.data.Dataset` of (inputs, labels), or (inputs, labels, weights), for Keras `fit`.

        Args:
            batch_size: examples a batch; the last batch of an epoch may be smaller.
            shuffle: a new order every epoch; the same ones for the same seed and the same `tf.random.set_seed`.
            seed: of the order.
            model: the model that they are for, which is then fed the inputs that it declares, as `fairkit.predict` and
                `fairkit.remediate` feed it; None gives all inputs, as they are. Keras takes a spare one for another.
        """
        from fairkit.batches import batches

        if model is None:
            return batches(self, batch_size, shuffle=shuffle, seed=seed)
        from fairkit.models.inputs import fed

        return batches(fed(model, self), batch_size, shuffle=shuffle, seed=seed)

    def _strata(self, stratify):
        names = [] if stratify is None else map(column_text, names_in(stratify, self.groups))
        strata = np.zeros(len(self), np.int64)
        for name in names:
            if isinstance(name, str) and name in self.groups:
                codes = self.groups[name].codes
            elif name == "label":
                codes = np.unique(self.labels, return_inverse=True)[1]
            else:
                raise FairkitError(f"cannot stratify by {quote(name)}", f"'label' or one of {sorted(self.groups)}",
                                   quote(name))
            strata = np.unique(strata * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)[1].reshape(-1)
        return strata


def chosen_input(inputs, name=None, purpose="to use"):
    """(name, part) of the one input of examples that is meant; the name is None where inputs have none.

    Args:
        inputs: what `Examples.inputs` may be.
        name: which of several named inputs.
        purpose: what it is for, in messages: "to look for mentions in".

    Example:
        >>> from fairkit.examples import chosen_input
        >>> chosen_input({"text": ["one", "two"]})
        ('text', ['one', 'two'])
    """
    if inputs is None:
        raise FairkitError(f"these examples have no inputs {purpose}", "Examples(inputs=...)", "inputs=None")
    if not isinstance(inputs, Mapping):
        if name is not None:
            raise FairkitError("these inputs have no names", "inputs=None where the inputs are not named", quote(name))
        return None, inputs
    if name is None and len(inputs) > 1:
        raise FairkitError("there are several inputs", f"inputs= one of {sorted(inputs)}", "inputs=None")
    name = next(iter(inputs)) if name is None else known_column(name, inputs, "input")
    return name, inputs[name]


def odd_weights(weights):
    """(n,) booleans: which of n float64 are no weights."""
    return ~((weights == 0) | ((weights >= 1e-100) & (weights <= 1e100)))


def _column(what, values, length=None):
    array = plain_values(what, values)
    if length is not None and len(array) != length:
        raise FairkitError(f"{what} have another length than the labels", length, len(array))
    return array


def _weights(weights, length):
    array = _column("weights", weights, length)
    if array.dtype.kind not in "biuf":
        raise FairkitError("weights are not numbers", "finite numbers, 0 or above", f"type {array.dtype}"
                           if array.dtype.kind != "O" or not len(array) else _first_of_other_kind(array))
    array = array.astype(np.float64, copy=False)
    odd = odd_weights(array)
    if odd.any():
        raise FairkitError("a weight is out of range", WEIGHTS,
                           f"{array[odd][0]} at position {int(np.flatnonzero(odd)[0])}")
    return array


def _first_of_other_kind(array):
    place = next(k for k, value in enumerate(array) if not isinstance(value, numbers.Real))
    return f"{quote(array[place])} at position {place}"


def _ids(ids, length):
    array = _column("ids", ids, length)
    missing = array != array if array.dtype.kind == "f" else np.array([one is None for one in array], bool) \
        if array.dtype.kind == "O" else np.zeros(length, bool)
    if missing.any():
        raise FairkitError("an id is missing", "a distinct id of each example",
                           f"nothing in row {int(np.flatnonzero(missing)[0])}")
    odd = next((one for one in array if not isinstance(one, Hashable)), None) if array.dtype.kind == "O" else None
    if odd is not None:
        raise FairkitError("an id must be a single value", "a text or a number", quote(odd)[:80])
    distinct = len(set(array.tolist())) if array.dtype.kind == "O" else len(np.unique(array))
    if distinct != length:
        raise FairkitError("ids are not distinct", f"{length} distinct ids", f"{distinct} distinct ones")
    return array
