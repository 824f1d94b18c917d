import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit import Examples, FairkitError
from fairkit.remediation.reweighting import training_weights

CELLS = st.sampled_from([None, "a", "b", ("a", "b"), ("b", "a"), 3])
OWN = st.sampled_from([0, 0.25, 1.0, 2.5])


def by_pandas(labels, cells, own):
    """Kamiran and Calders' formula, a group-by a share."""
    table = pd.DataFrame({"label": labels, "group": cells, "own": own})
    total = table.own.sum()
    joint = table.groupby(["group", "label"], dropna=False).own.transform("sum") / total
    group = table.groupby("group", dropna=False).own.transform("sum") / total
    label = table.groupby("label").own.transform("sum") / total
    weight = (table.own * group * label / joint.where(joint > 0, 1)).to_numpy()
    return weight / weight.mean()


def names(cells):
    """Each distinct cell as one text."""
    return ["+".join(sorted(map(str, cell))) if isinstance(cell, tuple) else str(cell) for cell in cells]


@given(st.lists(st.tuples(CELLS, st.integers(0, 2), OWN), min_size=1, max_size=40), st.booleans())
def test_the_weights_are_those_of_the_formula(rows, weighted):
    cells, labels, own = zip(*rows)
    if weighted and not any(own):
        return
    own = np.array(own if weighted else [1.0] * len(rows))
    examples = Examples(labels=list(labels), groups={"g": list(cells)}, weights=own if weighted else None)
    weights = training_weights(examples, "g")
    np.testing.assert_allclose(weights, by_pandas(labels, names(cells), own), rtol=1e-12)
    assert weights.dtype == np.float64 and weights.mean() == pytest.approx(1)
    assert ((weights > 0) == (own > 0)).all()
    if weighted:
        np.testing.assert_array_equal(examples.weights, own)


@pytest.mark.parametrize("classes", [None, [2], (0, 1)])
@pytest.mark.parametrize("weighted", [False, True])
def test_group_and_label_are_independent_under_the_weights(classes, weighted):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 4000)
    faith = np.where(rng.random(4000) < 0.1 + 0.3 * labels, "muslim", "christian").astype(object)
    faith[rng.random(4000) < 0.1] = None
    own = rng.uniform(0.2, 3, 4000) if weighted else None
    examples = Examples(labels=labels, groups={"faith": faith, "sex": rng.choice(["f", "m"], 4000)}, weights=own)
    weights = training_weights(examples, ["sex", "faith"], classes)
    label = labels if classes is None else np.isin(labels, classes)
    group = pd.Series(names(faith)) + examples.groups["sex"].to_list()
    table = pd.crosstab(group, label, weights, aggfunc="sum", normalize=True).to_numpy()
    assert table.shape == (6, 3 if classes is None else 2)
    np.testing.assert_allclose(table, np.outer(table.sum(1), table.sum(0)), rtol=1e-12)
    # Groups and labels keep their shares of the total.
    before = pd.crosstab(group, label, np.ones(4000) if own is None else own, aggfunc="sum", normalize=True).to_numpy()
    np.testing.assert_allclose(table.sum(0), before.sum(0), rtol=1e-12)
    np.testing.assert_allclose(table.sum(1), before.sum(1), rtol=1e-12)


def test_every_distinct_cell_is_a_group_of_its_own():
    cells = [["a"], ["a", "b"], None, ["b", "a"], [], "a"]
    weights = training_weights(Examples(labels=[0, 0, 0, 1, 1, 1], groups={"g": cells}), "g")
    np.testing.assert_allclose(weights, 1)  # each of the three groups has one example of either label


def test_a_group_of_one_label_is_weighted_by_the_share_of_that_label():
    examples = Examples(labels=[1, 1, 0, 1, 0, 0], groups={"g": ["x", "x", "y", "y", "y", "y"]})
    weights = training_weights(examples, "g")
    # P(1) = 1/2; x: 1/3 * 1/2 / (2/6) = 1/2; y, label 0: 2/3 * 1/2 / (3/6) = 2/3; y, label 1: 2/3 * 1/2 / (1/6) = 2
    by_hand = np.array([1 / 2, 1 / 2, 2 / 3, 2, 2 / 3, 2 / 3])
    np.testing.assert_allclose(weights, by_hand / by_hand.mean())


@pytest.mark.parametrize("scale", [1e-100, 1e99])
def test_the_scale_of_own_weights_makes_no_difference(scale):
    own = np.array([1.0, 2, 3, 4])
    groups = {"g": ["x", "x", "y", "y"]}
    plain, scaled = (training_weights(Examples(labels=[0, 1, 0, 1], groups=groups, weights=w), "g")
                     for w in (own, own * scale))
    np.testing.assert_allclose(scaled, plain, rtol=1e-12)


def examples(**changed):
    return Examples(**{"labels": [0, 1, 2], "groups": {"color": ["blue", "orange", None]}, **changed})


@pytest.mark.parametrize("given, by, classes, match", [
    ([1], "color", None, "training weights are those of examples"),
    (examples(), "colour", None, "no group column 'colour' to weight by. Expected: 'color' .the nearest."),
    (examples(), [], None, "by names no group column"),
    (examples(), {"color": "blue"}, None, "by names no group column"),
    (examples(), "color", [4], "no example is labelled 4"),
    (examples(), "color", [0, 1, 2], "the classes do not divide the examples"),
    (examples(), "color", [], "the classes do not divide the examples"),
    (examples(weights=[0, 0, 0]), "color", None, "weights that are all 0"),
    (Examples(labels=[], groups={"color": []}), "color", None, "at least one example"),
])
def test_what_cannot_be_weighted_is_refused(given, by, classes, match):
    with pytest.raises(FairkitError, match=match):
        training_weights(given, by, classes)
