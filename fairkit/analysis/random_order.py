"""A random order of examples that is the same on every machine."""


import numpy as np

from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote

__all__ = ["random_order", "ranks_within"]

# A stream of its own: data that someone drew with `numpy.random.default_rng(0)` must not be chosen by the very numbers
# that they are made of, where the seed is 0 here as well.
_OWN = (1634956129,)


def random_order(length, seed):
    """A random permutation of `length` positions; the beginning of a longer one says nothing of a shorter.

    NumPy promises the same raw 64-bit draws of PCG64 on every machine and in every version; sorted by a stable method
    they are a permutation.

    Raises:
        FairkitError: for a seed that is no whole number of 0 or more.

    Example:
        >>> from fairkit.analysis.random_order import random_order
        >>> random_order(5, seed=0).tolist() == random_order(5, seed=0).tolist()
        True
    """
    return np.argsort(_draws(length, seed, _OWN), kind="stable")


def ranks_within(codes, seed, among=None, stream=_OWN):
    """The place of each example among those of its group, in a random order: (n,) integers from 0.

    Args:
        codes: (n,) integers: the group of each.
        seed: of the order. An example's draw depends on its position and the seed alone.
        among: (n,) booleans: only these get a place, the others -1; all if None.
        stream: a tuple of integers, of which each has draws of its own; () are those of `numpy.random.PCG64(seed)`.
    """
    draws = _draws(len(codes), seed, stream)
    drawn = np.arange(len(codes)) if among is None else np.flatnonzero(among)
    ranks = np.full(len(codes), -1, np.int64)
    if len(drawn):
        order = drawn[np.argsort(draws[drawn], kind="stable")]
        order = order[np.argsort(codes[order], kind="stable")]
        sizes = np.bincount(codes[drawn])
        ranks[order] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return ranks


def _draws(length, seed, stream):
    if not is_whole(seed) or seed < 0:
        raise FairkitError("the seed is none", "a whole number, 0 or above", quote(seed))
    return np.random.PCG64(np.random.SeedSequence(int(seed), spawn_key=stream)).random_raw(length)
