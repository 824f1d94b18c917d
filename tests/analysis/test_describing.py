"""describe: what pandas counts, Wilson's intervals, and the gaps that an evaluation of such data would show."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

import fairkit
from fairkit import Examples, FairkitError
from fairkit.analysis import describe
from fairkit.evaluation.detectable import detectable_gap

CELLS = st.lists(st.sampled_from(["x", "y", "z"]), max_size=2, unique=True)
ROWS = st.lists(st.tuples(CELLS, st.sampled_from([1, 2, None]), st.integers(0, 1), st.floats(0.1, 5)), min_size=1,
                max_size=60)


def by_pandas(rows, columns, class_=1):
    """n, positives and weights of each slice of some columns, by groupby over exploded cells."""
    frame = pd.DataFrame({name: pd.Series(column, dtype=object if name in ("religion", "age") else None)
                          for name, column in zip(["religion", "age", "label", "weight"], zip(*rows))})
    for column in columns:
        frame = frame.explode(column)
    frame = frame.dropna(subset=list(columns)).assign(positive=lambda f: f["label"] == class_)
    return {tuple(map(str, key)): (len(part), int(part["positive"].sum()), part["weight"].sum(),
                                   part["weight"][part["positive"]].sum())
            for key, part in frame.groupby(list(columns))}


def expected_slices(rows, class_=1):
    found = {}
    for columns in [("age",), ("religion",), ("age", "religion")]:
        for key, numbers in by_pandas(rows, columns, class_).items():
            found["_X_".join(columns) + ":" + "_X_".join(key)] = numbers
    return found


@settings(max_examples=100, deadline=None)
@given(rows=ROWS, weighted=st.booleans())
def test_counts_are_those_of_pandas(rows, weighted):
    religion, age, labels, weights = (list(column) for column in zip(*rows))
    examples = Examples(labels=labels, groups={"religion": religion, "age": age}, weights=weights if weighted else None)
    frame = describe(examples).frame
    expected = expected_slices(rows)
    assert frame["slice"].tolist()[0] == "Overall" and set(frame["slice"][1:]) == set(expected)
    for row in frame.iloc[1:].itertuples():
        n, positives, weight, positive_weight = expected[row.slice]
        assert (row.n, row.positives, row.negatives) == (n, positives, n - positives)
        weight, positive_weight = (weight, positive_weight) if weighted else (n, positives)
        assert row.weight == pytest.approx(weight)
        assert row.share == pytest.approx(weight / (sum(weights) if weighted else len(rows)))
        assert row.positive_share == pytest.approx(positive_weight / weight)
        assert row.lower <= row.positive_share <= row.upper


@settings(max_examples=50, deadline=None)
@given(rows=ROWS)
def test_each_of_several_classes_is_taken_against_the_rest(rows):
    labels = [["a", "b", "c"][k % 3] for k, _ in enumerate(rows)]
    religion, age, _, _ = (list(column) for column in zip(*rows))
    described = describe(Examples(labels=labels, groups={"religion": religion, "age": age}))
    assert described.classes == tuple(sorted(set(labels)))
    for class_ in described.classes:
        expected = expected_slices([(r, a, label, w) for (r, a, _, w), label in zip(rows, labels)], class_)
        frame = described.frame[described.frame["class"] == class_].iloc[1:]
        assert {row.slice: (row.n, row.positives) for row in frame.itertuples()} == \
            {name: numbers[:2] for name, numbers in expected.items()}


def test_intervals_are_wilsons():
    examples = Examples(labels=[0, 1, 1] * 40, groups={"color": ["blue", "blue", "blue", "orange"] * 30})
    for row in describe(examples).frame.itertuples():
        low, high = proportion_confint(row.positives, row.n, method="wilson")
        assert (row.lower, row.upper) == pytest.approx((low, high))


def test_weights_widen_the_intervals_as_fewer_examples_would():
    rng = np.random.default_rng(0)
    labels, weights = rng.integers(0, 2, 2000), rng.exponential(size=2000)
    plain, weighted = (describe(Examples(labels=labels, groups={}, weights=w)).frame.iloc[0] for w in (None, weights))
    assert weighted["upper"] - weighted["lower"] > 1.2 * (plain["upper"] - plain["lower"])
    scaled = describe(Examples(labels=labels, groups={}, weights=weights * 7)).frame.iloc[0]
    assert (scaled["lower"], scaled["upper"]) == pytest.approx((weighted["lower"], weighted["upper"]))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric, label", [("false_positive_rate", 0), ("false_negative_rate", 1)])
def test_the_detectable_gaps_are_those_of_an_evaluation(metric, label, weighted):
    """Where the error rate of all others is the base rate, an evaluation against them has the same detectable gap."""
    color = ["blue"] * 500 + ["orange"] * 80
    weights = np.tile([1.0, 3.0], 290) if weighted else None
    for labels in ([label] * 580, [0, 0, 1, 1] * 145):
        examples = Examples(labels=labels, groups={"color": color}, weights=weights)
        among = np.array(labels) == label
        wrong = np.zeros(580, bool)
        for group in ("blue", "orange"):
            # A fifth of everybody, in pairs of a light and a heavy example.
            pairs = np.flatnonzero(among & (np.array(color) == group)).reshape(-1, 2)
            wrong[pairs[:len(pairs) // 5]] = True
        scores = np.where(wrong, 1 - np.array(labels), labels) * 0.8 + 0.1
        evaluation = fairkit.evaluate(scores, examples, ["color"], [0.5])
        found = detectable_gap(evaluation, metric, reference={"color": "blue"}).set_index("slice").loc["color:orange"]
        assert found["base"] == pytest.approx(0.2)
        row = describe(examples, base_rate=0.2).frame.set_index("slice").loc["color:orange"]
        assert row[f"detectable_{metric}_gap"] == pytest.approx(found["detectable_gap"], rel=1e-9)


def test_what_cannot_be_judged_is_what_an_evaluation_calls_too_few():
    rng = np.random.default_rng(3)
    examples = Examples(labels=rng.integers(0, 2, 300), groups={"age": rng.integers(0, 12, 300)})
    described = describe(examples, min_examples=13)
    notes = fairkit.evaluate(rng.random(300), examples, ["age"], [0.5], min_examples=13).frame
    for rate in ("false_positive_rate", "false_negative_rate"):
        few = notes[(notes["metric"] == rate) & notes["note"].str.startswith("too few")]["slice"]
        assert set(few) == set(described.frame[described.frame["cannot_judge"].str.contains(rate)]["slice"])
    small = described.too_small
    assert 0 < len(small) < 13 and (small["cannot_judge"] != "").all() and small["n"].is_monotonic_increasing
    assert describe(examples, min_examples=0).too_small.empty


def test_examples_without_a_value_are_counted():
    groups = {"color": ["blue", None, "orange", float("nan")], "faith": [["a", "b"], [], "a", "b"]}
    assert describe(Examples(labels=[0, 1, 0, 1], groups=groups)).missing == {"color": 2, "faith": 1}


def test_ways_of_slicing():
    rng = np.random.default_rng(0)
    groups = {"color": rng.choice(["blue", "orange"], 200), "age": rng.integers(18, 90, 200),
              "sex": rng.choice(["f", "m"], 200), "town": rng.choice(["a", "b"], 200)}
    examples = Examples(labels=rng.integers(0, 2, 200), groups=groups)
    described = describe(examples)
    assert described.not_crossed == ("age",)
    assert set(described.frame["by"]) == {"", "color", "age", "sex", "town", "color, sex", "color, town", "sex, town"}
    described = describe(examples, ["sex", ("town", "sex", "color"), {"age": fairkit.bins(30, 65)},
                                    ("sex", {"age": fairkit.bins(30, 65)})])
    assert set(described.frame["by"]) == {"", "sex", "color, sex, town", "age", "age, sex"}
    ages = described.frame[described.frame["by"] == "age"].set_index("value")["n"]
    assert ages["< 30"] == (groups["age"] < 30).sum() and ages[">= 65"] == (groups["age"] >= 65).sum()
    assert describe(examples, "sex").keys == ((), (("sex", "f"),), (("sex", "m"),))


def test_wide_tables_have_every_pair():
    rng = np.random.default_rng(0)
    groups = {f"g{k}": rng.integers(0, 3, 500) for k in range(12)}
    frame = describe(Examples(labels=rng.integers(0, 2, 500), groups=groups)).frame
    assert len(frame) == 1 + 12 * 3 + math.comb(12, 2) * 9
    a, b = pd.Series(groups["g3"]), pd.Series(groups["g7"])
    for x, y in itertools.product(range(3), range(3)):
        assert frame.set_index("slice").loc[f"g3_X_g7:{x}_X_{y}", "n"] == ((a == x) & (b == y)).sum()


def test_json_holds_everything_and_no_nan():
    examples = Examples(labels=[0, 1, 1], groups={"color": ["blue", "orange", None]}, inputs=["a", "a", ""])
    described = describe(examples)
    again = json.loads(json.dumps(described.to_dict(), allow_nan=False))
    assert again["missing"] == {"color": 1} and again["examples"] == 3 and again["classes"] is None
    assert [row["slice"] for row in again["slices"]] == described.frame["slice"].tolist()
    assert again["slices"][0]["detectable_false_positive_rate_gap"] is None
    assert again["inputs"] == {"empty texts": 1, "texts that occur more than once": 2,
                               "texts that occur with different labels": 2}


@pytest.mark.parametrize("labels", [[True, False], [1.0, 0.0], np.array([1, 0], np.uint8), np.array([1, 0], object)])
def test_zero_and_one_of_any_type_are_binary(labels):
    described = describe(Examples(labels=labels, groups={}))
    assert described.frame["positives"].tolist() == [1] and described.classes == (None,)


@pytest.mark.parametrize("arguments, says", [
    ({"by": "colour"}, "no group column 'colour' to describe by. Expected: 'color' (the nearest)"),
    ({"by": [("color", "agee")]}, "no group column 'agee'"),
    ({"by": [None]}, "by names no group column"),
    ({"by": [{"color": "blue"}]}, "by names no group column"),
    ({"by": [{"color": fairkit.bins(3)}]}, "cannot be cut into bins"),
    ({"min_examples": -1}, "min_examples is no number of examples"),
    ({"min_examples": 2.5}, "min_examples is no number of examples"),
    ({"base_rate": 0}, "the base rate lies outside its range"),
    ({"base_rate": "low"}, "the base rate lies outside its range"),
])
def test_mistakes_are_named(arguments, says):
    examples = Examples(labels=[0, 1], groups={"color": ["blue", "orange"], "age": [3, 4]})
    with pytest.raises(FairkitError) as error:
        describe(examples, **arguments)
    assert says in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("examples, says", [
    ([0, 1], "only examples can be described"),
    (Examples(labels=[], groups={}), "nothing to describe"),
    (Examples(labels=[0, np.nan, 1], groups={}), "none in 1 rows, the first of which is row 1"),
    (Examples(labels=np.array([0, 1, None], object), groups={}), "none in 1 rows, the first of which is row 2"),
    (Examples(labels=np.linspace(0, 1, 2000), groups={}), "the labels are no classes"),
    (Examples(labels=np.zeros(10_001, int), groups={"id": np.arange(10_001)}), "the values of 'id' are no groups"),
])
def test_what_cannot_be_described_is_refused(examples, says):
    with pytest.raises(FairkitError, match=says):
        describe(examples)
