"""The bootstrap from cells against resampling the examples one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairkit.counts.atoms import atoms_of
from fairkit.counts.bootstrap import (
    outcome_replicates,
    percentile_interval,
    replicate_sums,
    t_interval,
    top1_replicates,
)
from fairkit.counts.counting import count
from fairkit.groups import GroupColumn

THRESHOLDS = [0.2, 0.5, 0.8]
ROWS = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 1], [1, 1, 0]], bool)


def counted(weighted, n=300, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n)
    labels, scores = rng.integers(0, 2, n), rng.random(n)
    weights = rng.exponential(size=n) if weighted else None
    atoms, codes = atoms_of({"g": GroupColumn.encode("g", group)}, n)
    return count(atoms, codes, labels, scores, weights, THRESHOLDS, [None]), codes, labels, scores, weights


@pytest.mark.parametrize("weighted", [False, True])
def test_replicates_are_spread_like_resampled_examples(weighted):
    cells, codes, labels, scores, weights = counted(weighted)
    found = outcome_replicates(cells, None, ROWS, 4000, seed=1)
    rng = np.random.default_rng(2)
    copies = rng.poisson(1, (4000, len(codes))) * (1 if weights is None else weights)
    for name, chosen in (("tp", (labels == 1) & (scores > 0.5)), ("fp", (labels == 0) & (scores > 0.5)),
                         ("tn", (labels == 0) & (scores <= 0.5)), ("fn", (labels == 1) & (scores <= 0.5))):
        for row, atoms in enumerate(ROWS):
            one_by_one = copies[:, chosen & atoms[codes]].sum(1)
            own = getattr(found, name)[1, row]
            assert own.mean() == pytest.approx(one_by_one.mean(), abs=5 * one_by_one.std() / np.sqrt(2000))
            assert own.std() == pytest.approx(one_by_one.std(), rel=0.06)


def test_without_weights_a_cell_is_poisson():
    sums = replicate_sums(np.zeros(1, int), np.zeros(1, int), np.array([[7.0, 7, 7]]), 1, np.ones((1, 1)), 20_000, 0)
    values, times = np.unique(sums[0, 0], return_counts=True)
    assert np.all(values == np.floor(values))
    expected = stats.poisson.pmf(values, 7) * 20_000
    large = expected > 20
    assert np.abs((times - expected) / np.sqrt(expected))[large].max() < 4.5


def test_slices_of_one_replicate_fit_together():
    cells, *_ = counted(True)
    found = outcome_replicates(cells, None, ROWS, 50, seed=3)
    np.testing.assert_allclose(found.tp[:, 0], found.tp[:, 1] + found.tp[:, 2])  # a union is the sum of its parts
    np.testing.assert_allclose(found.tp + found.fn, np.broadcast_to((found.tp + found.fn)[:1], found.tp.shape))
    assert (np.diff(found.fp, axis=0) <= 1e-12).all()  # a higher threshold flags no more


def test_the_same_seed_gives_the_same_replicates_whatever_is_asked():
    cells, *_ = counted(True)
    everything = outcome_replicates(cells, None, ROWS, 40, seed=5)
    for row in range(len(ROWS)):
        alone = outcome_replicates(cells, None, ROWS[row:row + 1], 40, seed=5)
        np.testing.assert_allclose(alone.fn[:, 0], everything.fn[:, row])
    assert not np.array_equal(outcome_replicates(cells, None, ROWS, 40, seed=6).fn, everything.fn)


def test_the_number_of_cores_changes_nothing(monkeypatch):
    cells, *_ = counted(True)
    monkeypatch.setattr("fairkit.counts.bootstrap._BLOCK_DRAWS", 70)
    found = []
    for threads in (1, 3):
        monkeypatch.setattr("fairkit.counts.bootstrap._THREADS", threads)
        found.append(outcome_replicates(cells, None, ROWS, 10, seed=5).tp)
    assert np.array_equal(*found)


def test_many_blocks_of_cells_add_up(monkeypatch):
    monkeypatch.setattr("fairkit.counts.bootstrap._BLOCK_DRAWS", 70)
    cells, *_ = counted(False)
    found = outcome_replicates(cells, None, ROWS[:1], 10, seed=5)
    totals = (found.tp + found.fp + found.tn + found.fn)[:, 0]
    assert np.array_equal(totals, np.broadcast_to(totals[:1], totals.shape))
    assert totals[0].mean() == pytest.approx(300, abs=5 * np.sqrt(300 / 10))


def test_top1():
    rng = np.random.default_rng(0)
    scores, labels = rng.random((200, 3)), rng.integers(0, 3, 200)
    atoms, codes = atoms_of({}, 200)
    cells = count(atoms, codes, labels, scores, None, [0.5], [0, 1, 2])
    found = top1_replicates(cells, np.ones((1, 1), bool), 2000, 0)
    right = (scores.argmax(1) == labels).sum()
    assert found.tp.shape == (1, 1, 2000)
    assert found.tp.mean() == pytest.approx(right, abs=5 * np.sqrt(right / 2000))
    assert (found.tp + found.fp).mean() == pytest.approx(200, abs=5 * np.sqrt(200 / 2000))


@given(st.lists(st.floats(-5, 5), min_size=40, max_size=60), st.integers(0, 2))
def test_percentiles_are_numpys(values, missing):
    values = np.array(values)
    values[:missing] = np.nan
    lower, upper = percentile_interval(values[None])
    np.testing.assert_allclose([lower[0], upper[0]], np.nanquantile(values, [0.025, 0.975]), atol=1e-12)


def test_t_interval_is_the_mean_and_its_spread():
    values = np.random.default_rng(0).normal(size=20)
    expected = stats.t.interval(0.95, 19, values.mean(), values.std(ddof=1))
    assert [float(bound) for bound in t_interval(values)] == pytest.approx(expected)


@pytest.mark.parametrize("interval", [percentile_interval, t_interval])
def test_no_interval_where_many_replicates_are_undefined(interval):
    values = np.linspace(0, 1, 40)
    assert np.isfinite(interval(np.where(np.arange(40) < 2, np.nan, values))).all()
    assert np.isnan(interval(np.where(np.arange(40) < 3, np.nan, values))).all()
