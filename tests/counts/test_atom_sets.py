"""Sums over sets of atoms and over the parts of slices and references, against plain booleans."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairkit.counts import atom_sets
from fairkit.counts.atom_sets import AtomSets, Parts, union_sums


def dense(sets):
    return np.stack([sets.mask(place) for place in range(len(sets))]) if len(sets) else np.zeros((0, sets.atoms), bool)


@st.composite
def pairs(draw):
    """(slices, references, which reference each slice has): booleans, with empty, equal and nested sets among them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    atoms, slices, references = draw(st.integers(1, 70)), draw(st.integers(1, 12)), draw(st.integers(1, 4))
    own = rng.random((slices, atoms)) < rng.choice([0, 0.1, 0.5, 0.9, 1], (slices, 1))
    other = rng.random((references, atoms)) < rng.choice([0, 0.1, 0.5, 0.9, 1], (references, 1))
    other[0] |= draw(st.booleans())  # overall
    if draw(st.booleans()):
        own[0] = other[-1]
    return own, other, rng.integers(0, references, slices), rng


@settings(deadline=None)
@given(pairs(), st.sampled_from(["counts", "weights", "huge and tiny"]), st.booleans())
def test_parts_are_those_of_booleans(drawn, kind, sparse):
    own, other, of, rng = drawn
    table = rng.integers(0, 9, (own.shape[1], 2, 3)).astype(float)
    if kind != "counts":
        table *= rng.random((own.shape[1], 1, 1)) * (10.0 ** rng.integers(-9, 9, (own.shape[1], 1, 1))
                                                     if kind == "huge and tiny" else 1)
    parts = [own & ~other[of], own & other[of], ~own & other[of]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atom_sets, "_DENSE", -1 if sparse else 1 << 20)
        slices, references = AtomSets.of(own), AtomSets.of(other)
        assert (dense(slices) == own).all()
        found = union_sums(Parts(slices, references, of), table)
        np.testing.assert_allclose(slices.sums(table), np.einsum("sa,a...->s...", own, table), rtol=1e-12)
    expected = np.stack([np.einsum("sa,a...->s...", part, table) for part in parts], axis=1)
    # To the part's own size, not to that of the whole: what is left of a slice of nearly all is not a difference.
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=0)


def test_a_rest_of_next_to_nothing_is_exact():
    table = np.repeat([[1e12], [3e11 + 0.1], [1e-4], [0.0]], 3, axis=1)
    table[:, 0] = [5, 7, 1, 0]
    parts = Parts(AtomSets.of([[0, 1], [0, 1, 2]], 4), AtomSets.of([range(4)], 4), [0, 0])
    assert union_sums(parts, table)[:, 2].tolist() == [[1, 1e-4, 1e-4], [0, 0, 0]]


def test_sets_know_their_members_and_examples():
    sets = AtomSets.of([[2, 0], [], [1, 1]], 3)
    assert [dense(sets)[place].tolist() for place in range(3)] == [[True, False, True], [False] * 3,
                                                                   [False, True, False]]
    assert dense(sets[[2, 0]]).tolist() == [[False, True, False], [True, False, True]]
    assert list(sets.by_atom()) == [(0, [0]), (1, [2]), (2, [0])]
    starts, examples = sets.examples(np.array([2, 0, 1, 2]))
    assert [examples[a:b].tolist() for a, b in itertools.pairwise(starts)] == [[0, 1, 3], [], [2]]
    assert union_sums([[1, 0, 1]], np.ones((3, 1, 3))).tolist() == [[[2, 2, 2]]]


def test_memory_and_time_grow_with_members_not_with_sets_times_atoms():
    """A million sets of a million atoms against all of them: as booleans that would be 2 TB."""
    size = 1_000_000
    parts = Parts(AtomSets(np.arange(size + 1), np.arange(size), size), AtomSets.of([range(size)], size),
                  np.zeros(size, int))
    for table in (np.full((size, 3), 2.0), np.full((size, 3), 0.5)):
        assert np.unique(parts.sums(table)[:, 2]).tolist() == [table[0, 0] * (size - 1)]
