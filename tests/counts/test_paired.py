"""The joint table of two models' decisions, against counting by hand."""

import numpy as np
import pytest

from fairkit.counts.paired import join


@pytest.mark.parametrize(("atoms", "kind"), [(200, np.uint8), (40_000, np.uint16), (40_000, np.int64)])
def test_codes_of_small_types(atoms, kind):
    """Codes come in the smallest type that holds them, which arithmetic must not outgrow."""
    rng = np.random.default_rng(0)
    codes, weights = rng.integers(0, atoms, 5000), rng.random(5000)
    positive, above_a, above_b = rng.random((3, 5000)) < 0.5
    joint = join(codes.astype(kind), atoms, positive, above_a, above_b, weights)
    expected = np.zeros((atoms, 2, 2, 2, 3))
    np.add.at(expected, (codes, positive.astype(int), above_a.astype(int), above_b.astype(int)),
              np.column_stack([np.ones(5000), weights, weights**2]))
    np.testing.assert_allclose(joint.table, expected)
