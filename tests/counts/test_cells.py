"""Cells against counting one example after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairkit.counts.atoms import atoms_of
from fairkit.counts.counting import count
from fairkit.counts.slices import atoms_in, membership
from fairkit.groups import GroupColumn

CELLS = st.one_of(st.none(), st.sampled_from("ab"), st.lists(st.sampled_from("abc"), max_size=3))
SCORES = st.sampled_from([0.0, 0.1, float(np.float32(0.1)), 0.25, 0.5, 0.7, 1.0])
ROWS = st.lists(st.tuples(CELLS, CELLS, st.integers(0, 2), st.tuples(SCORES, SCORES, SCORES), st.floats(0, 5)),
                min_size=1, max_size=25)
THRESHOLDS = [0.0, 0.1, 0.5, 1.0]


def encoded(rows):
    columns = {name: GroupColumn.encode(name, [row[i] for row in rows]) for i, name in enumerate(["g", "h"])}
    return columns, *atoms_of(columns, len(rows))


def in_slice(row, key):
    cells = {"g": row[0], "h": row[1]}
    return all(value in (cells[feature] or ()) for feature, value in key)


@given(ROWS)
def test_counts_of_every_slice_class_and_threshold(rows):
    _, atoms, codes = encoded(rows)
    labels, scores = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    weights = np.array([r[4] for r in rows])
    cells = count(atoms, codes, labels, scores, weights, THRESHOLDS, [0, 2])
    keys, matrix = membership(atoms, [(("g", None),), (("g", None), ("h", None))])
    for class_id in (0, 2):
        counts = cells.by_atom(class_id).over(matrix)
        for s, key in enumerate(keys):
            for t, threshold in enumerate(THRESHOLDS):
                expected = {name: np.zeros(3) for name in ("tp", "fp", "tn", "fn")}
                for row in rows:
                    if in_slice(row, key):
                        above, positive = row[3][class_id] > threshold, row[2] == class_id
                        name = ("tp" if above else "fn") if positive else ("fp" if above else "tn")
                        expected[name] += [1, row[4], row[4] ** 2]
                for name, sums in expected.items():
                    np.testing.assert_allclose(getattr(counts, name)[s, t], sums, atol=1e-12)
    right = cells.top1_by_atom().over(matrix).tp[0, 0, 0]
    assert right == sum(np.argmax(row[3]) == row[2] for row in rows)


@given(ROWS)
def test_atoms_partition_the_examples(rows):
    _, atoms, codes = encoded(rows)
    for i, row in enumerate(rows):
        cell = atoms.cells[codes[i]]
        assert [set(values) for values in cell] == [set(row[0] or ()), set(row[1] or ())]
    assert len(set(codes.tolist())) == len(atoms) == len(set(atoms.cells))


def test_keys_that_do_not_occur_hold_no_atoms():
    _, atoms, _ = encoded([("a", "b", 0, (0, 0, 0), 1)])
    assert atoms_in(atoms, ()).all()
    assert not atoms_in(atoms, (("g", "b"),)).any()


def test_a_score_equal_to_a_threshold_does_not_exceed_it():
    atoms, codes = atoms_of({}, 3)
    scores = np.array([0.1, float(np.float32(0.1)), 0.5])  # float32's .1 lies above float64's
    counts = count(atoms, codes, np.zeros(3, int), scores, None, [0.1, 0.5], [None]).by_atom(None)
    assert counts.fp[0, :, 0].tolist() == [2, 0]
