"""imbalance: pandas' counts, crosses that never occur as well, and what is few beside the largest."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError
from fairkit.analysis import describe, imbalance
from fairkit.analysis.imbalances import even_edges

ROWS = st.lists(st.tuples(st.sampled_from(["m", "f", None]), st.sampled_from([0, 1, 2]), st.floats(0.1, 5)), min_size=1,
                max_size=40)


@settings(max_examples=100)
@given(rows=ROWS, threshold=st.floats(0, 1))
def test_sizes_are_those_of_pandas(rows, threshold):
    frame = pd.DataFrame(rows, columns=["gender", "loan", "weight"])
    index = np.random.default_rng(0).permutation(len(frame)) + 7
    found = imbalance(frame.set_index(index), "gender", "loan", threshold=threshold)
    counts = frame.groupby(["gender", "loan"]).size()
    cross = found.frame[found.frame["by"] == "gender, loan"]
    assert len(cross) == frame["gender"].nunique() * frame["loan"].nunique()
    for key, row in zip(found.keys[-len(cross):] if len(cross) else (), cross.itertuples()):
        expected = counts.get((key[0][1], int(key[1][1])), 0)
        assert row.n == expected and row.share == pytest.approx(expected / len(frame))
        largest = counts.max()
        assert row.of_largest == pytest.approx(expected / largest) and row.marked == (expected / largest < threshold)
    assert found.missing == {"gender": int(frame["gender"].isna().sum()), "loan": 0}
    assert dict(found.frame[found.frame["by"] == "loan"][["value", "n"]].values.tolist()) == \
        {str(k): v for k, v in frame.groupby("loan").size().items()}


@settings(max_examples=50)
@given(rows=ROWS)
def test_weights_are_summed(rows):
    gender, loan, weights = map(list, zip(*rows))
    examples = Examples(labels=loan, groups={"gender": gender}, weights=weights)
    found = imbalance(examples, "label").frame
    sums = pd.Series(weights).groupby(loan).sum()
    assert found["weight"].tolist() == pytest.approx(sums.tolist())
    assert found["share"].tolist() == pytest.approx((sums / sum(weights)).tolist())
    assert found["of_largest"].tolist() == pytest.approx((sums / sums.max()).tolist())
    assert (found["lower"] <= found["share"]).all() and (found["share"] <= found["upper"]).all()


def test_examples_and_a_frame_of_the_same_say_the_same():
    frame = pd.DataFrame({"gender": list("mmfm"), "label": [0, 1, 1, 1]}, index=[3, 3, -1, 9])
    examples = Examples(labels=frame["label"], groups=frame[["gender"]])
    found = [imbalance(data, "gender", "label").frame for data in (frame, examples)]
    pd.testing.assert_frame_equal(*found)


def test_the_interval_of_a_share_is_wilsons():
    from statsmodels.stats.proportion import proportion_confint

    row = imbalance(pd.DataFrame({"g": ["a"] * 30 + ["b"] * 170}), "g").frame.iloc[0]
    assert (row["lower"], row["upper"]) == pytest.approx(proportion_confint(30, 200, method="wilson"))


def test_an_example_in_several_groups_counts_in_each():
    examples = Examples(labels=[0, 0, 1], groups={"religion": [["a", "b"], ["a"], None]})
    found = imbalance(examples, "religion")
    assert found.frame[["value", "n"]].values.tolist() == [["a", 2], ["b", 1]] and found.missing == {"religion": 1}


@pytest.mark.parametrize("low, high", [(17, 90), (0, 99_999), (-3.2, 4.7), (1e-9, 2e-9), (0.5, 0.5000001)])
def test_numbers_are_cut_evenly_at_round_edges_and_none_is_lost(low, high):
    edges = even_edges(low, high, 10)
    assert 4 <= len(edges) <= 15 and low < edges[0] < edges[-1] <= high
    assert np.allclose(np.diff(edges), edges[1] - edges[0], rtol=1e-5)
    values = np.concatenate([np.linspace(low, high, 500), [low, high], edges])
    found = imbalance(pd.DataFrame({"x": values}), "x")
    assert found.frame["n"].sum() == len(values)     # the reference library loses the lowest value
    expected = np.bincount(np.searchsorted(edges, values, side="right"))
    assert found.frame["n"].tolist() == expected[expected > 0].tolist()


def test_whole_numbers_are_cut_so_that_bins_hold_equally_many():
    for high in (12, 29, 47, 230, 999):
        found = imbalance(pd.DataFrame({"x": np.arange(high)}), "x").frame
        assert found["n"].iloc[:-1].nunique() == 1 and found["n"].sum() == high


def test_a_column_that_holds_no_groups_is_left_out_unless_asked_for():
    frame = pd.DataFrame({"when": pd.to_timedelta([1, 2, 3], "D"), "g": list("aab")})
    found = imbalance(frame)
    assert found.left_out == ("when",) and found.frame["by"].tolist() == ["g", "g"] and "when" in str(found)
    with pytest.raises(FairkitError, match="a cell of group column 'when' is no group"):
        imbalance(frame, "when")


def test_bins_can_be_given_and_missing_numbers_are_in_none():
    frame = pd.DataFrame({"age": [17, 18, 64, 65, None, np.inf]})
    found = imbalance(frame, {"age": fairkit.bins(18, 65)})
    assert found.frame[["value", "n"]].values.tolist() == [["< 18", 1], ["[18, 65)", 2], [">= 65", 2]]
    assert found.missing == {"age": 1} and found.keys[1] == (("age", "[18, 65)"),)
    assert imbalance(frame.dropna(), {"age": fairkit.quantiles(2)}).frame["n"].tolist() == [2, 3]


def test_class_labels_are_never_cut_and_other_numbers_are():
    examples = Examples(labels=np.arange(40) % 20, groups={"age": np.arange(40)}, inputs={"pay": np.arange(40) / 3})
    found = imbalance(examples).frame
    assert found.groupby("by", sort=False).size().to_dict() == {"age": 8, "label": 20, "pay": 14}


def test_columns_with_too_many_values_are_looked_at_only_when_asked():
    frame = pd.DataFrame({"name": [f"n{k}" for k in range(100)], "g": ["a"] * 100})
    assert imbalance(frame).left_out == ("name",) and len(imbalance(frame, "name").frame) == 100


def test_a_group_as_large_as_the_threshold_is_not_marked():
    frame = pd.DataFrame({"g": ["a"] * 10 + ["b"] * 5 + ["c"] * 4})
    assert imbalance(frame, "g").marked["value"].tolist() == ["c"]
    assert imbalance(frame, "g", threshold=0).marked.empty


def test_what_it_says():
    frame = pd.DataFrame({"gender": ["<b>m"] * 9 + ["f"], "loan": [1] * 10})
    found = imbalance(frame, "gender", "loan")
    assert "gender x loan: f x 1  1  10.0%  11.1%" in str(found) and "(<b>m, 1: 9)" in str(found)
    assert "&lt;b&gt;m" in found._repr_html_() and "<b>m" not in found._repr_html_()
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["groups"][1]["value"] == "<b>m"
    assert "no group has fewer" in str(imbalance(frame, "loan"))


def test_the_plot_has_the_numbers():
    found = imbalance(pd.DataFrame({"a,": list("mmf"), "b": ["x, y", "z", "z"]}), "a,", "b")
    shown = found.plot()
    assert shown.frame["n"].tolist() == [0, 1, 1, 1] and [bar.get_width() for bar in shown.ax.patches] == [0, 1, 1, 1]
    assert shown.ax.get_yticklabels()[0].get_text() == "f \N{MULTIPLICATION SIGN} x, y"
    assert found.plot("b").frame["n"].tolist() == [1, 2]
    with pytest.raises(FairkitError, match="no groups by 'c' were counted"):
        found.plot("c")


def test_describe_has_it():
    examples = Examples(labels=[0] * 80 + [1] * 20, groups={"g": ["a"] * 70 + ["b"] * 30})
    described = describe(examples)
    pd.testing.assert_frame_equal(described.imbalance.frame.query("by == 'g, label'").reset_index(drop=True),
                                  imbalance(examples, "g", "label").frame.query("by == 'g, label'")
                                  .reset_index(drop=True))
    assert "\n  g: b 43%; the largest: a (70)" in str(described)
    assert "<br>g: b 43%; the largest: a (70)" in described._repr_html_()
    assert "\n  g and label: " in str(described) and "b with label" in str(described)
    assert "g: b 43%" not in str(describe(examples, threshold=0.4))
    assert json.dumps(described.to_dict(), allow_nan=False)


@pytest.mark.parametrize("call, says", [
    (lambda f: imbalance(f, "gendr"), "no column 'gendr' to count by. Expected: 'gender' (the nearest)"),
    (lambda f: imbalance(f, "gender", "gender"), "by names a column twice"),
    (lambda f: imbalance(f, None), "by names no column"),
    (lambda f: imbalance(f, "gender", threshold=50), "the threshold lies outside its range"),
    (lambda f: imbalance(f, "gender", bins=1), "bins is no number of bins"),
    (lambda f: imbalance(f, {"gender": fairkit.bins(3)}), "cannot be cut into bins"),
    (lambda f: imbalance(f.iloc[:0], "gender"), "nothing to count"),
    (lambda f: imbalance([1, 2], "gender"), "only examples and frames have columns"),
    (lambda f: imbalance(pd.concat([f, f], axis=1), "gender"), "several columns bear one name"),
    (lambda f: describe(Examples(labels=[0], groups={}), threshold=2), "the threshold lies outside its range"),
])
def test_mistakes_are_named(call, says):
    with pytest.raises(FairkitError) as error:
        call(pd.DataFrame({"gender": list("mf")}))
    assert says in str(error.value) and "\n" not in str(error.value)
