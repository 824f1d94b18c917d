"""Pairs of an example and its counterfactual: the same example with another group in it."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples, chosen_input
from fairkit.inputs import as_given, with_columns

__all__ = ["CounterfactualPairs", "counterfactuals", "each_set", "named_swaps", "pairs_of"]


@dataclass(frozen=True)
class CounterfactualPairs:
    """n pairs of examples; made by `counterfactuals`.

    Attributes:
        original: `Examples` (n), as they were.
        counterfactual: `Examples` (n) with other inputs. Labels, weights and groups are the original's, so that a slice
            of pairs is a slice of what really occurred.
        rows: (n,) positions in the examples that the pairs were made of.
        of: the number of these examples.
        swapped: what was swapped, in words.
    """

    original: Examples
    counterfactual: Examples
    rows: np.ndarray
    of: int
    swapped: tuple

    def __len__(self):
        return len(self.rows)

    def __repr__(self):
        return f"CounterfactualPairs({len(self)} of {self.of} examples, {' and '.join(self.swapped)})"

    def take(self, index) -> "CounterfactualPairs":
        """The pairs that a boolean mask (n,) or an array of positions selects."""
        return CounterfactualPairs(self.original.take(index), self.counterfactual.take(index),
                                   self.rows[np.asarray(index)], self.of, self.swapped)

    def batches(self, batch_size: int = 64, shuffle: bool = True, seed: int = 0):
        """A `tf.data.Dataset` of (original inputs, counterfactual inputs, weights) for `pack_counterfactual_data`.

        Weights are float32 (batch,): the original's, 1.0 where it has none.
        """
        weights = np.ones(len(self)) if self.original.weights is None else self.original.weights
        both = Examples(inputs={"original": as_given(self.original.inputs),
                                "counterfactual": as_given(self.counterfactual.inputs)},
                        labels=weights.astype(np.float32), groups={}, missing_inputs="keep")
        return both.batches(batch_size, shuffle=shuffle, seed=seed).map(
            lambda sides, weight: (sides["original"], sides["counterfactual"], weight))


def counterfactuals(examples: Examples, swap, *, inputs: str | None = None,
                    seed: int = 0) -> CounterfactualPairs | dict[str, CounterfactualPairs]:
    """Makes a counterfactual of each example in which there is something to swap.

    Args:
        examples: `Examples` with inputs.
        swap: what is swapped:
            - "religion", "gender" or "sexual_orientation": the groups that a text mentions, or a dict of group -> words
              of your own (see `fairkit.data.swap_mentions`; a mention becomes one of another group, drawn by `seed`);
            - "color": orange and blue (see `fairkit.data.swap_colors`);
            - any function from the n inputs to n others, an unchanged one where there is nothing to swap. Choose
              arguments with `functools.partial(fairkit.data.swap_mentions, terms="religion", to="christian")`;
            - a list of these: each makes its own pairs;
            - a dict of name -> one of these, such as `{"faith": "religion", "sex": "gender"}`: several sets of pairs,
              each of which is trained on with a loss of its own. (A dict that holds any other texts than those names
              is one of group -> words.)
        inputs: of several named inputs the one that is swapped.
        seed: of what is drawn.

    Returns:
        `CounterfactualPairs`, those of the first swap first; a dict of these for a dict of swaps.

    Raises:
        FairkitError: for examples without inputs, a swap that is none, a function that gives other than n inputs, and
            where a swap changes nothing.

    Example:
        >>> import fairkit
        >>> from fairkit.remediation import counterfactuals
        >>> examples = fairkit.Examples(inputs=["A Hindu spoke.", "It rains."], labels=[1, 0], groups={})
        >>> pairs = counterfactuals(examples, {"hindu": ["hindu"], "jain": ["jain"]})
        >>> pairs.rows.tolist(), pairs.original.inputs.tolist(), pairs.counterfactual.inputs.tolist()
        ([0], ['A Hindu spoke.'], ['A Jain spoke.'])
    """
    if not isinstance(examples, Examples):
        raise FairkitError("counterfactuals are made of examples", "fairkit.Examples", type(examples).__name__)
    if named_swaps(swap):
        return {key: counterfactuals(examples, one, inputs=inputs, seed=seed) for key, one in swap.items()}
    name, chosen = chosen_input(examples.inputs, inputs, "to swap anything in")
    swaps = list(swap) if isinstance(swap, Sequence) and not isinstance(swap, str) else [swap]
    if not swaps:
        raise FairkitError("nothing is to be swapped", "a swap, or a list of them", quote(swap))
    made = [_swapped(examples, chosen, name, *_function(one, seed)) for one in swaps]
    rows = np.concatenate([rows for rows, _ in made])
    original = examples.take(rows)
    names = tuple(_function(one, seed)[1] for one in swaps)
    ids = original.ids if len(np.unique(rows)) == len(rows) else None  # several pairs of one example: no id of its own
    sides = [Examples(inputs=side, labels=original.labels, groups=original.groups, weights=original.weights, ids=ids,
                      missing_inputs="keep")
             for side in (original.inputs, _joined([changed for _, changed in made]))]
    return CounterfactualPairs(*sides, rows, len(examples), names)


def named_swaps(swap):
    """Whether it is a dict of name -> swap (or pairs), and not one of group -> words.

    Example:
        >>> from fairkit.remediation.counterfactual_pairs import named_swaps
        >>> named_swaps({"faith": "religion", "pet": {"cat": ["cat"], "dog": ["dog"]}}), named_swaps({"cat": ["cat"]})
        (True, False)
    """
    return isinstance(swap, Mapping) and bool(swap) and all(
        isinstance(name, str) and _makes_pairs(part) for name, part in swap.items())


def pairs_of(examples, swap, seed=0):
    """The pairs that a swap makes of examples; what are pairs already, alone or in a dict, stay as they are."""
    if isinstance(swap, CounterfactualPairs):
        return swap
    if named_swaps(swap):
        return {name: pairs_of(examples, part, seed) for name, part in swap.items()}
    return counterfactuals(examples, swap, seed=seed)


def each_set(pairs, change):
    """A function of a set of pairs, or of each of a dict of sets that are pairs already."""
    if named_swaps(pairs):
        return {name: each_set(part, change) for name, part in pairs.items()}
    return change(pairs) if isinstance(pairs, CounterfactualPairs) else pairs


def _makes_pairs(part):
    """Whether a value of a dict is a swap or pairs, and not words."""
    if isinstance(part, str):
        from fairkit.data.mentions.counterparts import COUNTERPARTS

        return part in COUNTERPARTS or part == "color"
    if isinstance(part, (list, tuple)):
        return bool(part) and all(map(_makes_pairs, part))
    return isinstance(part, (Mapping, CounterfactualPairs)) or callable(part)


def _function(swap, seed):
    """(function, name in words) of what the user calls a swap."""
    if callable(swap):
        return swap, _name(swap)
    if swap == "color":
        from fairkit.data.digits.recoloring import swap_colors

        return swap_colors, "color"
    if isinstance(swap, (str, Mapping)):
        from fairkit.data.mentions.counterparts import COUNTERPARTS
        from fairkit.data.mentions.swapping import swap_mentions

        if isinstance(swap, str) and swap not in COUNTERPARTS:
            raise FairkitError(f"nothing is known to swap by the name {quote(swap)}",
                               nearest(swap, [*COUNTERPARTS, "color"])
                               + ", a dict of group -> words, or a function of the inputs", quote(swap))
        named = swap if isinstance(swap, str) else " or ".join(str(group) for group in swap if group is not None)
        return functools.partial(swap_mentions, terms=swap, seed=seed), named
    raise FairkitError("this is no swap", "a name such as 'religion', a dict of group -> words, a function of the "
                       "inputs, or a list of these", quote(swap))


def _name(function):
    if not isinstance(function, functools.partial):
        return getattr(function, "__name__", type(function).__name__)
    given = ", ".join([*map(quote, function.args),
                       *(f"{key}={quote(value)}" for key, value in function.keywords.items())])
    return f"{_name(function.func)}({given})"


def _swapped(examples, chosen, name, function, text):
    """(rows, inputs of these rows with the swap made)."""
    before = np.asarray(chosen[np.arange(len(examples))])
    after = function(before)
    after = np.asarray(after, object) if before.dtype.kind in "OUS" else np.asarray(after)
    if after.shape != before.shape:
        raise FairkitError(f"the swap {text} does not give an input for each input", f"shape {before.shape}",
                           f"shape {after.shape}")
    changed = after != before
    rows = np.flatnonzero(changed.reshape(len(examples), -1).any(axis=1))
    if not len(rows):
        raise FairkitError(f"the swap {text} changes no example", "inputs that hold what is swapped",
                           f"{len(examples)} examples, none changed")
    after = after[rows]
    if name is None:
        return rows, after
    columns = {key: after if key == name else part[rows] for key, part in examples.inputs.items()}
    return rows, with_columns(examples.inputs, columns)


def _joined(parts):
    if isinstance(parts[0], Mapping):
        return with_columns(parts[0], {key: _joined([part[key] for part in parts]) for key in parts[0]})
    return np.concatenate([np.asarray(part) for part in parts])
