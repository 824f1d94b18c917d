"""Metrics of counts against values worked by hand, and intervals against other sources."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fairkit.bias import bias_report
from fairkit.bias.outcome_ratios import paired_ratio
from fairkit.counts.intervals import wilson
from fairkit.counts.rates import RATES, Counts
from fairkit.counts.ratios import mover_ratio
from fairkit.evaluation.gaps import gap, ratio

# (facet, label, predicted, how often): facet a has 10 examples, facet d 5.
ROWS = [("a", 1, 1, 4), ("a", 1, 0, 2), ("a", 0, 1, 1), ("a", 0, 0, 3),
        ("d", 1, 1, 1), ("d", 1, 0, 1), ("d", 0, 1, 1), ("d", 0, 0, 2)]
FRAME = pd.DataFrame([row[:3] for row in ROWS for _ in range(row[3])], columns=["side", "truth", "said"])
p, q = np.array([.4, .6]), np.array([.6, .4])   # shares of negative and positive labels of a and of d
BY_HAND = {
    "CI": 5 / 15, "DPL": 6 / 10 - 2 / 5, "KL": .4 * math.log(.4 / .6) + .6 * math.log(.6 / .4),
    "JS": (.4 * math.log(.4 / .5) + .6 * math.log(.6 / .5) + .6 * math.log(.6 / .5) + .4 * math.log(.4 / .5)) / 2,
    "LP": math.sqrt(.2**2 + .2**2), "TVD": .2, "KS": .2,
    "DPPL": 5 / 10 - 2 / 5, "DI": (2 / 5) / (5 / 10), "DCA": 6 / 5 - 2 / 2, "DCR": 3 / 3 - 4 / 5,
    "RD": 4 / 6 - 1 / 2, "SD": 2 / 3 - 3 / 4, "DAR": 4 / 5 - 1 / 2, "DRR": 2 / 3 - 3 / 5, "AD": 7 / 10 - 3 / 5,
    "TE": 1 / 1 - 2 / 1,
    # benefits: 3 of 0 (false negatives), 10 of 1, 2 of 2; their mean is 14 / 15
    "GE": sum(n * ((b / (14 / 15)) ** 2 - 1) for b, n in ((0, 3), (1, 10), (2, 2))) / (2 * 15),
}


@pytest.mark.parametrize("short", BY_HAND)
def test_values_by_hand(short):
    report = bias_report(FRAME, "truth", 1, "side", "d", predictions="said", methods=[short])
    assert report.value(short) == pytest.approx(BY_HAND[short], abs=1e-12)


def test_disparity_by_hand():
    """Two strata of 8 and 4: of facet d 1 of 4 and 2 of 4 in the first, 1 of 2 and 0 of 2 in the second."""
    rows = [("u", "d", 0, 1), ("u", "a", 0, 3), ("u", "d", 1, 2), ("u", "a", 1, 2),
            ("v", "d", 0, 1), ("v", "a", 0, 1), ("v", "a", 1, 2)]
    frame = pd.DataFrame([row[:3] for row in rows for _ in range(row[3])], columns=["job", "side", "truth"])
    report = bias_report(frame, "truth", 1, "side", "d", group="job", predictions="truth", methods=["CDDL", "CDDPL"])
    right = (8 * (1 / 4 - 2 / 4) + 4 * (1 / 2 - 0 / 2)) / 12
    assert report.value("CDDL") == pytest.approx(right) and report.value("CDDPL") == pytest.approx(right)


def test_a_stratum_with_one_outcome_is_left_out_and_said():
    frame = pd.DataFrame({"job": list("uuuuvv"), "side": list("adadad"), "truth": [0, 0, 1, 0, 1, 1]})
    report = bias_report(frame, "truth", 1, "side", "d", group="job", methods=["CDDL"])
    assert report.value("CDDL") == pytest.approx(2 / 3 - 0)
    assert report.frame["note"][0].startswith("1 of 2 strata (2 examples) left out")


counts = st.integers(0, 40)


@given(table=st.lists(counts, min_size=8, max_size=8), seed=st.integers(0, 10))
def test_gaps_and_ratio_are_those_of_an_evaluation(table, seed):
    """The evaluation finds its ratio by halving an interval, this by a formula."""
    sides = np.array(table, float).reshape(2, 4)
    if (sides.sum(1) == 0).any():
        return
    rows = [(side, int(k in (0, 3)), int(k in (0, 1))) for side in (0, 1) for k in range(4)
            for _ in range(int(sides[side, k]))]
    frame = pd.DataFrame(rows, columns=["side", "truth", "said"])
    if not frame["truth"].any():
        return
    report = bias_report(frame, "truth", 1, "side", 1, predictions="said", methods=["DPPL", "RD", "DI"]).frame
    found = report.set_index("metric")
    parts = np.zeros((1, 3, 4))
    parts[0, 0], parts[0, 2] = sides[0], sides[1]
    moments = Counts(*(np.repeat(parts[..., k, None], 3, -1) for k in range(4)))
    for short, rate in (("DPPL", "positive_rate"), ("RD", "recall")):
        expected = [float(x[0]) for x in gap(RATES[rate], moments)]
        np.testing.assert_allclose(found.loc[short, ["value", "lower", "upper"]].astype(float), expected, atol=1e-12)
    moments = Counts(*(np.repeat(parts[:, ::-1, k, None], 3, -1) for k in range(4)))
    expected = [float(x[0]) for x in ratio(RATES["positive_rate"], moments)]
    if not math.isnan(expected[0]):
        np.testing.assert_allclose(found.loc["DI", ["value", "lower", "upper"]].astype(float), expected, rtol=1e-6,
                                   atol=1e-9)


def test_a_ratio_to_nobody_is_undefined():
    row = bias_report({"x": [1, 0, 1], "g": ["f"] * 3, "p": [1, 1, 0]}, "x", 1, "g", predictions="p",
                      methods=["DI"]).frame.iloc[0]
    assert math.isnan(row["value"]) and row["note"] == "undefined: no examples in facet a"


@given(x=st.integers(0, 30), y=st.integers(0, 30), n=st.integers(30, 60))
def test_an_interval_of_a_ratio_holds_it(x, y, n):
    shares = np.array([x, y]) / n
    value, lower, upper = map(float, mover_ratio([1, 0], [0, 1], shares, *wilson(shares, n)))
    if x == y == 0:
        assert math.isnan(value) and math.isnan(lower) and math.isnan(upper)
    else:
        assert 0 <= lower <= value <= upper


def test_a_paired_ratio_as_published():
    """Bonett and Price 2006: their formula for 43 in both, 8 and 5 in one alone, worked step by step."""
    both, first, second, z = 43, 8, 5, 1.959963984540054
    n, x, y = both + first + second, both + first, both + second
    a = math.sqrt((first + second + 2) / ((x + 1) * (y + 1)))
    b, c = (math.sqrt((1 - (k + 1) / (n + 2)) / (k + 1)) for k in (x, y))
    k = a / (b + c) * z

    def score(hits):
        middle, half = 2 * hits + k * k, k * math.sqrt(k * k + 4 * hits * (1 - hits / n))
        return (middle - half) / (2 * (n + k * k)), (middle + half) / (2 * (n + k * k))

    found = paired_ratio(*(np.full(3, float(one)) for one in (both, first, second)))
    expected = x / y, score(x)[0] / score(y)[1], score(x)[1] / score(y)[0]
    np.testing.assert_allclose([float(one) for one in found], expected, rtol=1e-9)


def test_the_homogeneity_test_is_pearsons():
    frame = pd.DataFrame({"side": ["a"] * 100 + ["d"] * 60, "truth": [1] * 50 + [0] * 50 + [1] * 20 + [0] * 40})
    found = bias_report(frame, "truth", 1, "side", "d", methods=["TVD"]).frame
    expected = stats.chi2_contingency([[50, 50], [20, 40]], correction=False).pvalue
    assert found["p_value"][0] == pytest.approx(expected) and found["test"][0] == "chi-square"
    assert math.isnan(found["lower"][0]) and found["upper"][0] > found["value"][0]


def test_a_binary_test_of_few_is_by_permutations():
    frame = pd.DataFrame({"side": ["a"] * 6 + ["d"] * 5, "truth": [1] * 5 + [0] + [1] + [0] * 4})
    found = bias_report(frame, "truth", 1, "side", "d", methods=["TVD"]).frame
    permuted = stats.fisher_exact([[5, 1], [1, 4]]).pvalue
    assert found["p_value"][0] == pytest.approx(permuted, abs=.02)
    assert found["test"][0] == "chi-square, 9999 permutations"


def test_an_undefined_distance_has_no_limit():
    found = bias_report({"y": [0, 1, 1, 0] * 10, "s": ["a"] * 40}, "y", 1, "s", methods=["KL", "JS", "LP", "TVD", "KS"])
    assert len(found.frame) == 5
    assert found.frame[["value", "lower", "upper", "p_value"]].isna().all(axis=None)
    assert found.frame["note"].eq("undefined: no examples in facet a").all()


def test_the_note_of_nothing_over_nothing_names_its_facet():
    """m has positives only, two of them missed; f has negatives only, none of them accepted."""
    said = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]
    frame = pd.DataFrame({"s": list("mmmmmmffff"), "truth": [1] * 6 + [0] * 4, "said": said})
    missing = {"f": "facet d", "m": "facet a"}
    for facet, name in missing.items():
        found = bias_report(frame, "truth", 1, "s", facet, predictions="said", methods=["TE", "DCA"]).frame
        for note, what in zip(found.set_index("metric").loc[["TE", "DCA"], "note"],
                              ("false positives", "positive predictions")):
            assert note == f"undefined: 0 over 0, no {what} in {name}"
        assert found["value"].isna().all()
    none = bias_report(frame.assign(said=0), "truth", 1, "s", "f", predictions="said", methods=["DCA"]).frame
    assert none["note"][0] == "undefined: 0 over 0, no positive predictions in facet d"   # facet a: 6 over 0
    reverse = bias_report(frame.assign(said=0), "truth", 1, "s", "m", predictions="said", methods=["DCA"]).frame
    assert reverse["note"][0] == "undefined: 0 over 0, no positive predictions in facet a"


def test_the_test_over_label_values_is_pearsons_and_exact_when_small():
    large = np.array([[60, 50, 40], [20, 40, 30]])
    small = np.array([[6, 2, 1], [1, 2, 5]])
    for table in (large, small):
        rows = [(side, label) for side in (0, 1) for label in range(3) for _ in range(table[side, label])]
        frame = pd.DataFrame(rows, columns=["side", "truth"])
        found = bias_report(frame, "truth", [1, 2], "side", 1, methods=["TVD", "KL"], distributions="values").frame
        if table is large:
            assert found["p_value"][0] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
        else:
            permuted = stats.chi2_contingency(table, correction=False,
                                              method=stats.PermutationMethod(n_resamples=9999, rng=1)).pvalue
            assert found["p_value"][0] == pytest.approx(permuted, abs=.01)
            assert "permutations" in found["test"][0]
        shares = table / table.sum(1, keepdims=True)
        assert found["value"][1] == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)
        assert found["value"][0] == pytest.approx(stats.entropy(shares[0], shares[1]))


@settings(max_examples=30)
@given(factor=st.floats(.1, 10), seed=st.integers(0, 100))
def test_weights_count(factor, seed):
    """Whole weights are repeated rows as far as values go; a common factor changes neither values nor intervals."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"side": rng.choice(["a", "d"], 60), "truth": rng.integers(0, 2, 60),
                          "said": rng.integers(0, 2, 60), "job": rng.choice(["u", "v"], 60),
                          "w": rng.integers(1, 4, 60)})
    asked = {"label": "truth", "facet": "side", "facet_values": "d", "predictions": "said", "group": "job",
             "methods": "counts"}
    weighted = bias_report(frame, weights="w", **asked).frame
    repeated = bias_report(frame.loc[frame.index.repeat(frame["w"])], **asked).frame
    np.testing.assert_allclose(weighted["value"], repeated["value"], atol=1e-12)
    scaled = bias_report(frame, weights=frame["w"] * factor, **asked).frame
    for name in ("value", "lower", "upper"):
        np.testing.assert_allclose(weighted[name], scaled[name], rtol=1e-6, atol=1e-9)
    surer = repeated["upper"] - repeated["lower"] <= weighted["upper"] - weighted["lower"] + 1e-9
    assert surer[repeated["metric"].isin(["CI", "DPL", "DPPL", "AD"])].all()
