"""Evaluations of very many slices: the values of a few, by plain booleans, and what many cost."""

import tracemalloc

import numpy as np
import pytest

import fairkit
from fairkit.counts.rates import RATES
from fairkit.counts.significance import score_test, sums_of
from fairkit.counts.slices import atoms_in
from fairkit.evaluation.gaps import coefficients, gap, ratio
from fairkit.evaluation.specs import reference_of


def drawn(seed, n=600):
    """Two evaluations: cells of several values or none, weights (also 0), a cross of which some cells are empty."""
    rng = np.random.default_rng(seed)
    several = [[f"v{k}" for k in np.flatnonzero(rng.random(6) < 0.3)] for _ in range(n)]
    groups = {"g": several if seed % 2 else rng.integers(0, 40, n), "h": rng.choice(["x", "y", "z"], n, p=[.6, .3, .1])}
    weights = [None, rng.gamma(1, 1, n), rng.integers(0, 3, n) * 1e-5, 10.0 ** rng.integers(-6, 6, n)][seed % 4]
    examples = fairkit.Examples(labels=rng.integers(0, 2, n), groups=groups, weights=weights)
    return [fairkit.evaluate(rng.random(n), examples, ["g", "h", ("g", "h")], [0.3, 0.7]) for _ in range(2)]


@pytest.mark.parametrize("reference", [None, {"h": "y"}, {"g": "v1"}, {"g": "v1", "h": "x"}])
@pytest.mark.parametrize("seed", range(8))
def test_gaps_and_their_changes_are_those_of_booleans(seed, reference):
    before, after = drawn(seed)
    if reference and "g" in reference and not seed % 2:
        reference = {**reference, "g": "1"}
    atoms, keys = before.cells.atoms, before.keys
    named = {name: str(value) for name, value in (reference or {}).items()}
    pairs = [(key, other) for key in keys if (other := reference_of(key, named)) is not None]
    own, other = (np.array([atoms_in(atoms, pair[side]) for pair in pairs]) for side in (0, 1))
    parts = np.stack([own & ~other, own & other, ~own & other], 1)
    for name in ("false_positive_rate", "precision", "f1_score"):
        gaps = before.gaps(name, 0.3, reference)
        (_, counts, _, _), = before.counts_of(name, 0.3)
        in_parts = counts.over(parts)
        expected = dict(zip(("gap", "lower", "upper"), gap(RATES[name], in_parts), strict=True))
        expected |= dict(zip(("ratio", "ratio_lower", "ratio_upper"), ratio(RATES[name], in_parts), strict=True))
        expected["p_value"] = score_test(RATES[name], in_parts, coefficients(sums_of(RATES[name], in_parts).over))[1]
        for column, values in expected.items():
            np.testing.assert_allclose(gaps[column], values, rtol=1e-9, atol=1e-12, err_msg=column)
        if name == "false_positive_rate":
            rows = fairkit.compare(before, after, name, reference).rows("unchanged", threshold=0.3)
            rows = rows[rows["reference"].notna()]
            np.testing.assert_allclose(rows["gap_before"], expected["gap"], rtol=1e-9, atol=1e-12)
            later = after.gaps(name, 0.3, reference)["gap"]
            np.testing.assert_allclose(rows["gap_after"], later, rtol=1e-9, atol=1e-12)


def test_memory_grows_with_the_slices_and_not_with_their_square():
    """20,000 slices of 20,000 groups: as booleans they would take 400 MB, as numbers 3 GB."""
    rng = np.random.default_rng(0)
    groups, n = 20_000, 60_000
    examples = fairkit.Examples(labels=rng.integers(0, 2, n), groups={"g": np.arange(n) % groups})
    tracemalloc.start()
    try:
        before, after = (fairkit.evaluate(rng.random(n), examples, ["g"], [0.5], min_examples=1) for _ in range(2))
        gaps, comparison = before.gaps("false_positive_rate"), fairkit.compare(before, after)
        before.gaps("auc"), before.best_and_worst("recall"), before.detectable_gap("recall")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(gaps), len(comparison.rows("unchanged"))) == (groups, groups + 1)
    assert peak < 350e6
