"""Cells of parts, merged, are the cells of the whole; and so are those of many chunks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from fairkit.counts import counting, fine_scores, sparse_sums
from fairkit.counts.atoms import atoms_of
from fairkit.counts.auc import Ranking
from fairkit.counts.counting import count
from fairkit.counts.merging import merge
from fairkit.groups import GroupColumn

ROWS = st.lists(st.tuples(st.sampled_from([None, "a", "b", ("a", "c")]), st.integers(0, 2), st.integers(0, 10),
                          st.floats(0, 5)), min_size=1, max_size=30)


def counted(rows, weighted=True, fine=True):
    column = GroupColumn.encode("g", [row[0] for row in rows])
    atoms, codes = atoms_of({"g": column}, len(rows))
    scores = np.array([[row[2] / 10, 1 - row[2] / 10, 0.5] for row in rows])
    weights = np.array([row[3] for row in rows]) if weighted else None
    return count(atoms, codes, np.array([row[1] for row in rows]), scores, weights, [0.1, 0.5], (0, 2), fine)


def as_dicts(cells):
    """Everything by what it is about rather than by position."""
    atom = dict(enumerate(cells.atoms.cells))
    tables = ((cells.keys, cells.moments, 0), (cells.confusion_keys, cells.confusion_moments, 0),
              (cells.score_keys, cells.score_sums, 0), (cells.fine.keys, cells.fine.moments, 2))
    return [{(atom[key[place]], *np.delete(key, place).tolist()): tuple(sums)
             for key, sums in zip(keys, values, strict=True)} for keys, values, place in tables]


def equal(a, b):
    for one, other in zip(as_dicts(a), as_dicts(b), strict=True):
        assert one.keys() == other.keys()
        for key in one:
            assert one[key] == pytest.approx(other[key], rel=1e-12, abs=1e-12)


@given(ROWS, st.integers(0, 30), st.booleans())
def test_parts_merged_are_the_whole(rows, at, weighted):
    parts = [part for part in (rows[:at], rows[at:]) if part]
    equal(merge(counted(part, weighted) for part in parts), counted(rows, weighted))


@given(ROWS)
def test_however_the_rows_are_chunked_and_the_sums_kept(rows):
    whole = counted(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_sums, "_DENSE", 0)  # by sorting rather than in a table
        patch.setattr(sparse_sums.Tally, "chunk", 3)
        patch.setattr(fine_scores, "_CHUNK", 2)
        equal(counted(rows), whole)
        patch.setattr(counting, "_COMPARED", 0)
        equal(counted(rows), whole)


def test_cells_of_different_kinds_are_not_merged():
    rows = [("a", 1, 3, 1.0)]
    column = GroupColumn.encode("h", ["a"])
    other = count(*atoms_of({"h": column}, 1), np.array([1]), np.array([[0.3, 0.7, 0]]), None, [0.1, 0.5], (0, 2), True)
    with pytest.raises(ValueError, match="cannot be merged"):
        merge([counted(rows), other])


@pytest.mark.parametrize("limit", [20, 300, 10**6])
def test_the_area_of_buckets_lies_within_its_bound(limit, monkeypatch):
    monkeypatch.setattr(fine_scores, "LIMIT", limit)
    rng = np.random.default_rng(7)
    positive = rng.random(5000) < 0.2
    scores = 1 / (1 + np.exp(-rng.normal(-3 + 2 * positive, 2)))
    fine = fine_scores.fine_scores(np.zeros(5000, int), positive.astype(int), scores, None, (None,)).limited(limit)
    assert len(fine.keys) <= limit
    ranked = Ranking(fine.keys[:, 0], fine.keys[:, 2], fine.keys[:, 3] == 1, fine.moments[:, 1], fine.moments[:, 2])
    auc = ranked.area(np.ones(1, bool))
    exact = roc_auc_score(positive, scores)
    assert abs(auc.value - exact) <= auc.bound + 1e-12
    assert auc.bound < {20: 0.1, 300: 0.01, 10**6: 1e-6}[limit]


def test_how_wide_buckets_get_does_not_depend_on_the_chunks():
    rng = np.random.default_rng(8)
    scores, labels = rng.random(3000), rng.integers(0, 2, 3000)
    parts = [fine_scores.fine_scores(np.zeros(k.stop - k.start, int), labels[k], scores[k], None, (None,)).limited(100)
             for k in (slice(0, 90), slice(90, 1000), slice(1000, 3000))]
    dropped = max(part.dropped for part in parts)
    keys = np.concatenate([part.coarser(dropped).keys for part in parts])
    moments = np.concatenate([part.coarser(dropped).moments for part in parts])
    merged = fine_scores.FineScores(*sparse_sums.summed(keys, moments), dropped).limited(100)
    whole = fine_scores.fine_scores(np.zeros(3000, int), labels, scores, None, (None,)).limited(100)
    assert merged.dropped == whole.dropped
    assert merged.keys.tolist() == whole.keys.tolist()
    assert merged.moments.tolist() == whole.moments.tolist()


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_buckets_ascend_with_the_score(scores):
    scores = np.sort(np.array(scores))
    assert (np.diff(fine_scores.score_buckets(scores)) >= 0).all()
