"""AUC against scikit-learn, its variance against the bootstrap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from fairkit.counts.atom_sets import AtomSets, Parts
from fairkit.counts.auc import area, covariance, ranking


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.floats(0.1, 3)), min_size=2, max_size=40))
def test_area_is_scikit_learns(rows):
    positive, scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    if positive.all() or not positive.any():
        assert np.isnan(area(positive, scores, weights).value)
        return
    assert area(positive, scores).value == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)
    assert area(positive, scores, weights).value == pytest.approx(
        roc_auc_score(positive, scores, sample_weight=weights), abs=1e-12)


def test_delongs_variance_and_covariance_are_the_bootstraps():
    rng = np.random.default_rng(3)
    n = 400
    positive = rng.random(n) < 0.4
    first = rng.normal(size=n) + positive
    second = 0.7 * first + 0.5 * rng.normal(size=n)
    a, b = area(positive, first), area(positive, second)
    draws = []
    for _ in range(2000):
        rows = np.concatenate([rng.choice(np.flatnonzero(side), side.sum()) for side in (positive, ~positive)])
        draws.append([area(positive[rows], s[rows]).value for s in (first, second)])
    observed = np.cov(np.array(draws).T)
    assert covariance(a, a) == pytest.approx(observed[0, 0], rel=0.12)
    assert covariance(b, b) == pytest.approx(observed[1, 1], rel=0.12)
    assert covariance(a, b) == pytest.approx(observed[0, 1], rel=0.12)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2), st.floats(0.1, 3)), min_size=2,
                max_size=60))
def test_areas_of_slices_from_one_ranking(rows):
    positive, scores, codes, weights = (np.array(column) for column in zip(*rows, strict=True))
    ranked = ranking(codes, positive, scores, weights)
    for atoms in ([True, False, False], [True, True, False], [True, True, True]):
        inside = np.array(atoms)[codes]
        own, other = ranked.area(np.array(atoms)), area(positive[inside], scores[inside], weights[inside])
        assert own.value == pytest.approx(other.value, abs=1e-12, nan_ok=True)
        assert covariance(own, own) == pytest.approx(covariance(other, other), abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("others", [[False, True, True], [True, True, True], [True, False, True]])
def test_the_variance_of_a_gap_is_the_bootstraps(others):
    """Disjoint, nested and partly overlapping slices."""
    rng = np.random.default_rng(5)
    n = 600
    positive, codes = rng.random(n) < 0.4, rng.integers(0, 3, n)
    scores = rng.normal(size=n) + positive * (1 + codes / 2)
    slices = np.array([True, True, False]) if others[0] and not others[1] else np.array([True, False, False])
    a, b, variance = ranking(codes, positive, scores).gap(slices, np.array(others))
    draws = []
    for _ in range(600):
        rows = rng.integers(0, n, n)
        again = ranking(codes[rows], positive[rows], scores[rows])
        draws.append(again.area(slices).value - again.area(np.array(others)).value)
    assert a.value - b.value == pytest.approx(np.mean(draws), abs=0.01)
    assert variance == pytest.approx(np.var(draws), rel=0.2)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_areas_of_many_sets_are_those_of_each(seed, weighted):
    rng = np.random.default_rng(seed)
    n, atoms = int(rng.choice([3, 40, 3000])), 30
    codes, positive = rng.integers(0, atoms, n), rng.random(n) < rng.choice([0.05, 0.4])
    scores = rng.integers(0, 9, n) / 9 if seed % 2 else rng.random(n)
    weights = rng.choice([0.0, 1e-6, 0.3, 2.0, 1e6], n) if weighted else None
    ranked = ranking(codes, positive, scores, weights)
    rows = rng.random((12, atoms)) < rng.choice([0.03, 0.3, 1], (12, 1))
    others = rng.random((3, atoms)) < [[0.1], [0.6], [1]]
    of = rng.integers(0, 3, 12)
    own, other, variance = ranked.gaps(Parts(AtomSets.of(rows), AtomSets.of(others), of))
    for place, inside in enumerate(rows):
        a, b, spread = ranked.gap(inside, others[of[place]])
        for areas, row, auc in ((own, place, a), (other, of[place], b)):
            expected = [auc.value, covariance(auc, auc), auc.positives, auc.negatives, *auc.sizes, auc.bound]
            found = [getattr(areas, name)[row] for name in areas.NUMBERS]
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(variance[place], spread, rtol=1e-10, atol=1e-12)
        kept = inside[codes] & (True if weights is None else weights > 0)
        if 0 < positive[kept].sum() < kept.sum():
            assert own.value[place] == pytest.approx(roc_auc_score(
                positive[kept], scores[kept], sample_weight=None if weights is None else weights[kept]))
