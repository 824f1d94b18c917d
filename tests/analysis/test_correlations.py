"""correlations: the values of scipy, pandas and statsmodels, pair by pair, and a reason where there is none."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.formula.api import ols

from fairkit import Examples, FairkitError
from fairkit.analysis import correlations
from fairkit.analysis.association import correlation_ratio, cramers_v, pearson

NUMBER = st.one_of(st.none(), st.integers(-3, 3).map(float))
ROWS = st.lists(st.tuples(NUMBER, NUMBER, st.sampled_from(["a", "b", "c", None]), st.sampled_from(["x", "y"])),
                min_size=2, max_size=50)


def value_of(found, a, b):
    row = found.frame[(found.frame["a"] == a) & (found.frame["b"] == b)].iloc[0]
    return row["value"], row["n"], row["note"]


@settings(max_examples=80)
@given(rows=ROWS, method=st.sampled_from(["pearson", "spearman"]))
def test_values_are_those_of_scipy_and_pandas(rows, method):
    frame = pd.DataFrame(rows, columns=["u", "v", "k", "l"]).astype({"u": float, "v": float})
    frame.index = np.arange(len(frame))[::-1] * 3
    found = correlations(frame, method=method)
    value, n, note = value_of(found, "u", "v")
    both = frame[["u", "v"]].dropna()
    assert n == len(both)
    constant = len(both) < 2 or (both.nunique() < 2).any()
    assert np.isnan(value) == constant == bool(note)
    if not constant:
        assert value == pytest.approx(both["u"].corr(both["v"], method=method), abs=1e-9)
    value, n, _ = value_of(found, "k", "l")
    both = frame[["k", "l"]].dropna()
    assert n == len(both)
    if len(both) > 1 and (both.nunique() > 1).all():
        table = pd.crosstab(both["k"], both["l"]).to_numpy()
        assert value == pytest.approx(scipy.stats.contingency.association(table, "cramer"), abs=1e-9)
    else:
        assert np.isnan(value)
    value, n, _ = value_of(found, "u", "k")
    both = frame[["u", "k"]].dropna()
    assert n == len(both)
    if len(both) > 1 and (both.nunique() > 1).all():
        assert value**2 == pytest.approx(max(ols("u ~ k", both).fit().rsquared, 0), abs=1e-9)
    else:
        assert np.isnan(value)


@settings(max_examples=100)
@given(codes=st.lists(st.integers(0, 3), min_size=8, max_size=60), seed=st.integers(0, 99))
def test_corrected_values_are_the_published_formulas(codes, seed):
    other = np.random.default_rng(seed).integers(0, 3, len(codes))
    table = pd.crosstab(np.array(codes), other).to_numpy()
    n, (r, k) = len(codes), table.shape
    if min(r, k) > 1:
        phi2 = scipy.stats.chi2_contingency(table, correction=False)[0] / n   # Bergsma 2013, equations 4 to 6
        phi2 = max(0, phi2 - (k - 1) * (r - 1) / (n - 1))
        r, k = (side - (side - 1) ** 2 / (n - 1) for side in (r, k))
        assert cramers_v(np.array(codes), other, True) == pytest.approx(np.sqrt(phi2 / (min(r, k) - 1)), abs=1e-9)
    x = np.random.default_rng(seed + 1).normal(size=len(codes))
    if len(set(codes)) > 1:
        model = ols("x ~ C(k)", pd.DataFrame({"x": x, "k": codes})).fit()   # the adjusted R squared is epsilon squared
        assert correlation_ratio(np.array(codes), x, True) ** 2 == pytest.approx(max(model.rsquared_adj, 0), abs=1e-9)


def test_corrected_values_are_0_on_average_where_nothing_goes_together():
    rng = np.random.default_rng(0)
    drawn = [(rng.integers(0, 6, 60), rng.integers(0, 4, 60), rng.normal(size=60)) for _ in range(300)]
    plain, corrected = (np.mean([(cramers_v(a, b, c), correlation_ratio(a, x, c)) for a, b, x in drawn], axis=0)
                        for c in (False, True))
    assert (plain > 0.2).all() and (corrected < 0.1).all()


def test_huge_and_nearly_constant_numbers():
    x = np.array([1e200, 2e200, 4e200])
    assert pearson(x, [1, 2, 4]) == pytest.approx(1) and np.isnan(pearson(x, [0.1] * 3))
    assert pearson([1e15, 1e15 + 1, 1e15 + 2], [3, 2, 1]) == pytest.approx(-1)
    assert np.isnan(correlation_ratio([0, 1, 0], [0.1] * 3)) and np.isnan(cramers_v([0, 0], [0, 1]))


def test_a_reason_stands_where_there_is_no_value():
    frame = pd.DataFrame({"c": 1.0, "x": [1.0, 2, None, None], "y": [None, None, 3.0, 4], "u": [5.0, 5, 6, 7],
                          "k": list("aabb"), "empty": None})
    notes = {frozenset(row[["a", "b"]]): row["note"] for _, row in correlations(frame).frame.iterrows()}
    assert notes[frozenset("cx")] == "c is constant"
    assert notes[frozenset("xy")] == "fewer than two rows in which both have a value"
    assert notes[frozenset("xu")] == "u is constant where x has a value"
    assert notes[frozenset(["k", "empty"])] == "fewer than two rows in which both have a value"
    dated = pd.DataFrame({"when": pd.to_timedelta([1, 2], "D"), "x": [1, 2]})
    assert correlations(dated).frame["note"].tolist() == ["a cell of group column 'when' is no group"]
    many = pd.DataFrame({"id": [f"i{k}" for k in range(1200)], "x": range(1200)})
    assert correlations(many).frame["note"].tolist() == ["id has more than 1,000 categories"]


def test_what_counts_as_a_category():
    examples = Examples(labels=[0, 1, 2, 0, 1, 2], groups={"g": [["a", "b"], "a", "b", "a", None, ["b", "a"]]},
                        inputs={"age": np.arange(6.0), "zip": [1, 2, 1, 2, 1, 2], "image": np.zeros((6, 2, 2))})
    found = correlations(examples, categorical="zip")
    assert found.kinds == {"g": "category", "label": "category", "age": "number", "zip": "category"}
    binary = correlations(Examples(labels=[0, 1, 0, 1], groups={"old": [True, False, True, True]}))
    assert binary.kinds == {"old": "category", "label": "number"}


def test_infinite_numbers_are_no_values():
    assert value_of(correlations(pd.DataFrame({"x": [1, 2, 3, np.inf], "y": [1, 2, 4, 4]})), "x", "y")[1] == 3


def test_matrix_and_clusters():
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(2, 300))
    frame = pd.DataFrame({"z": z, "x": x, "minus": -x + 0.1 * z, "const": 1, "g": np.where(x > 0, "up", "down")})
    found = correlations(frame)
    matrix = found.matrix
    assert matrix.loc["x", "minus"] < -0.9 and matrix.equals(matrix.T) and np.isnan(matrix.loc["const", "const"])
    pd.testing.assert_frame_equal(matrix.loc[["z", "x", "minus"], ["z", "x", "minus"]],
                                  frame[["z", "x", "minus"]].corr(), atol=1e-12)
    names, linkage = found.clusters()
    assert names == ["z", "x", "minus", "g"] and linkage.shape == (3, 4)
    assert {names[int(k)] for k in linkage[0, :2]} == {"x", "minus"}
    assert linkage[0, 2] == pytest.approx(1 - abs(matrix.loc["x", "minus"]))
    assert found.of("g")["value"].dropna().is_monotonic_decreasing and len(found.of("g")) == 4
    assert found.strongest["value"].abs().fillna(-1).is_monotonic_decreasing


def test_plots_and_words():
    frame = pd.DataFrame({"<i>": [1.0, 2, 3, 4], "b$": [1.0, 2, 3, 5], "c": 1, "k": list("abab")})
    found = correlations(frame)
    shown, tree = found.plot(), found.plot("dendrogram")
    labels = [text.get_text() for text in shown.ax.get_yticklabels()]
    assert labels[-1] == "c" and set(labels) == {"<i>", "b\\$", "c", "k"}
    assert [text.get_text() for text in tree.ax.get_yticklabels()] == labels[:3] and len(shown.frame) == 6
    assert "<i> and b$ 0.98" in shown.alt and "&lt;i&gt;" in found._repr_html_() and "c is constant" in str(found)
    assert shown._repr_png_()[:4] == b"\x89PNG" == tree._repr_png_()[:4]
    with pytest.raises(FairkitError, match="there is no tree to draw"):
        correlations(frame[["c", "k"]]).plot("dendrogram")
    with pytest.raises(FairkitError, match="'heat_map' \\(the nearest\\)"):
        found.plot("heatmap")


@pytest.mark.parametrize("options, says", [
    ({"columns": ["x", "z"]}, "no column 'z' to correlate"), ({"columns": ["x"]}, "no two columns"),
    ({"columns": ["x", "x"]}, "no two columns"), ({"columns": "x"}, "columns names no columns"),
    ({"method": "kendall"}, "no correlation 'kendall'"), ({"categorical": ["q"]}, "no column 'q'"),
])
def test_mistakes_are_named(options, says):
    with pytest.raises(FairkitError, match=says):
        correlations(pd.DataFrame({"x": [1, 2], "y": [1, 2]}), **options)


def test_an_empty_text_of_inputs_is_missing():
    frame = pd.DataFrame({"job": ["cook", None, "cook", "smith", None, "smith"] * 9, "n": np.arange(54) % 7})
    examples = Examples(labels=np.arange(54) % 2, groups={}, inputs=frame, missing_inputs="keep")
    assert list(examples.inputs["job"][:2]) == ["cook", ""]
    of_examples, of_frame = (correlations(data, ["job", "n"]).strongest for data in (examples, frame))
    assert of_examples["n"].tolist() == of_frame["n"].tolist() == [36]
    assert of_examples["value"].tolist() == pytest.approx(of_frame["value"].tolist())
