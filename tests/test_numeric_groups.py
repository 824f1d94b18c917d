"""Bins and quantiles against pandas' cut and NumPy's quantile."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError
from fairkit.groups import GroupColumn


@given(st.lists(st.floats(-10, 10), min_size=1), st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True))
def test_bins_are_pandas_cuts(values, edges):
    edges = sorted(edges)
    column, _ = fairkit.bins(*edges).cut("age", GroupColumn.encode("age", np.array(values)))
    inner = [f"[{a}, {b})" for a, b in pairwise(edges)]
    expected = pd.cut(np.array(values), [-np.inf, *edges, np.inf], right=False,
                      labels=[f"< {edges[0]}", *inner, f">= {edges[-1]}"])
    assert column.to_list() == expected.tolist()


def test_quantiles_are_about_equal_in_size():
    values = np.random.default_rng(0).exponential(size=1000)
    column, used = fairkit.quantiles(4).cut("income", GroupColumn.encode("income", values))
    assert np.bincount(column.codes).tolist() == [250] * 4
    assert used.edges == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75]), rel=0.02)


def test_many_equal_values_make_fewer_bins():
    column, used = fairkit.quantiles(4).cut("kids", GroupColumn.encode("kids", np.array([0] * 80 + [1, 2, 3, 4] * 5)))
    assert used.edges == (0.5,)
    assert np.bincount(column.codes).tolist() == [80, 20]


def test_missing_and_several_numbers_and_numbers_as_text():
    column, _ = fairkit.bins(18).cut("age", GroupColumn.encode("age", [None, [10, 20], "30", [20, 25]]))
    assert column.to_list() == [None, ("< 18", ">= 18"), ">= 18", ">= 18"]


def test_an_evaluation_by_age_can_be_repeated_on_other_examples():
    rng = np.random.default_rng(1)
    examples = Examples(labels=rng.integers(0, 2, 200), groups={"age": rng.integers(10, 90, 200)})
    evaluation = fairkit.evaluate(rng.random(200), examples, [{"age": fairkit.quantiles(3)}], [0.5])
    again = fairkit.evaluate(rng.random(100), examples.take(np.arange(100)), evaluation.slices, [0.5])
    assert evaluation.frame["slice"].tolist() == again.frame["slice"].tolist()


@pytest.mark.parametrize("make, says", [
    (lambda: fairkit.bins(), "bins are cut at ascending numbers"),
    (lambda: fairkit.bins(30, 18), "bins are cut at ascending numbers. Expected: such as fairkit.bins(18, 30, 65). "
                                   "Received: (30, 18)"),
    (lambda: fairkit.quantiles(1), "quantiles cut into two parts or more"),
    (lambda: evaluated({"color": fairkit.bins(3)}), "group column 'color' cannot be cut into bins. Expected: numbers. "
                                                    "Received: 'blue'"),
    (lambda: evaluated({"age": fairkit.quantiles(2)}), "the quantiles of group column 'age' are all the same number"),
    (lambda: evaluated("age", {"age": fairkit.bins(3)}), "'age' is sliced in two ways"),
])
def test_what_cannot_be_cut_is_named(make, says):
    with pytest.raises(FairkitError) as error:
        make()
    assert says in str(error.value)


def evaluated(*slices):
    examples = Examples(labels=[0, 1], groups={"color": ["blue", "blue"], "age": [4, 4]})
    return fairkit.evaluate([0.2, 0.8], examples, list(slices), [0.5])
