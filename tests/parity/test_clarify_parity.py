"""Values agree with smclarify 0.5 wherever it is right; where it is not: test_clarify_differences.py."""

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairkit.bias import METRICS, bias_report
from fairkit.bias.definitions import DISTANCES

TOLERANCE = 1e-9


@st.composite
def data_sets(draw):
    """Texts for whatever is categorical, numbers that differ for features: what smclarify reads without guessing."""
    n = draw(st.integers(12, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    stars = draw(st.booleans())
    labels = ["one", "two", "four", "five"] if stars else ["no", "yes"]
    skew = draw(st.sampled_from([(1, 1), (3, 1), (8, 1)]))
    sex = rng.choice(["f", "m", "x"], n, p=draw(st.sampled_from([(.5, .4, .1), (.2, .7, .1), (.05, .9, .05)])))
    share = np.repeat(np.array(skew) / sum(skew) / (len(labels) / 2), len(labels) // 2)
    truth = rng.choice(labels, n, p=share)
    said = np.where(rng.random(n) < draw(st.sampled_from([.6, .9])), truth, rng.choice(labels, n))
    positive = [one for one in (["four", "five"] if stars else ["yes"]) if one in truth]
    return {"columns": {"sex": sex.tolist(), "age": (rng.random(n) * 60 + 18).tolist(), "score": rng.random(n).tolist(),
                        "job": rng.choice(["a", "b", "c"], n).tolist(), "truth": truth.tolist(), "said": said.tolist()},
            "positive": positive}


def compare(ours, theirs):
    """Every metric of one facet value that both have: their short names."""
    compared = []
    for row in ours.to_dict("records"):
        short, value = row["metric"], row["value"]
        if math.isnan(value):
            assert row["note"]
            continue
        if (short in DISTANCES and row["one_sided"]) or "left out" in row["note"]:
            continue   # smclarify drops a label that one side lacks, and takes 0 / 0 for 0
        reference = float(theirs[short])
        assert value == reference or abs(value - reference) <= TOLERANCE, (short, value, reference)
        compared.append(short)
    return compared


def one_sided(frame, d, a, positive):
    """Whether a label is there on one side alone."""
    return len({frame.loc[side, "truth"].isin(positive).nunique() for side in (d, a)} | {2}) > 1


def test_every_metric_of_every_facet_value(smclarify):
    compared = Counter()

    @settings(max_examples=80)
    @given(data=data_sets())
    def of_one(data):
        frame = pd.DataFrame(data["columns"])
        if not frame["said"].isin(data["positive"]).any():
            return
        asked = {"label": "truth", "positive": data["positive"], "facet": "sex", "predicted": "said"}
        theirs = smclarify(columns=data["columns"], group="job", **asked)
        numeric = smclarify(columns={name: cells for name, cells in data["columns"].items() if name != "job"},
                            metrics=["FT"], **asked)   # its flip test takes numbers only
        report = bias_report(frame, "truth", data["positive"], "sex", predictions="said", group="job",
                             features=["age", "score"])
        assert set(frame["sex"]) == set(report.frame["facet_value"])
        for value, rows in report.frame.groupby("facet_value"):
            if rows["n_a"].iloc[0] > 0:
                d = frame["sex"] == value
                rows = rows.assign(one_sided=one_sided(frame, d, ~d, data["positive"]))
                compared.update(compare(rows, {**theirs[value], "FT": numeric[value]["FT"]}))

    of_one()
    assert set(compared) == set(METRICS) and min(compared.values()) >= 40, compared


@settings(max_examples=25)
@given(data=data_sets(), cut=st.floats(25, 70), limit=st.floats(.2, .8))
def test_thresholds_of_facet_and_label(smclarify, data, cut, limit):
    rng = np.random.default_rng(len(data["columns"]["age"]))
    columns = {name: data["columns"][name] for name in ("age", "score")}
    columns["guess"] = np.clip(np.array(columns["score"]) + rng.normal(0, .2, len(columns["age"])), 0, 1).tolist()
    frame = pd.DataFrame(columns)
    if not ((frame["score"] > limit).any() and (frame["guess"] > limit).any() and (frame["age"] > cut).any()
            and (frame["age"] <= cut).any()):
        return
    theirs = smclarify(columns=columns, label="score", positive=[limit], facet="age", facet_values=[cut],
                       predicted="guess", metrics=["all"])
    report = bias_report(frame, "score", f">{limit!r}", "age", f">{cut!r}", predictions="guess", methods="counts")
    d = frame["age"] > cut
    binary = frame.assign(truth=np.where(frame["score"] > limit, "yes", "no"))
    rows = report.frame.assign(one_sided=one_sided(binary, d, ~d, ["yes"]))
    (_, found), = ((key, value) for key, value in theirs.items() if isinstance(value, dict))
    compare(rows, found)


@settings(max_examples=40)
@given(data=data_sets())
def test_distances_over_all_label_values(smclarify, data):
    frame = pd.DataFrame(data["columns"])
    d = frame["sex"] == "f"
    kinds = [set(frame.loc[side, "truth"]) for side in (d, ~d)]
    if not d.any() or d.all() or kinds[0] != kinds[1] or not data["positive"]:
        return
    theirs = smclarify(columns=data["columns"], label="truth", facet="sex", facet_values=["f"], functions=True)
    report = bias_report(frame, "truth", data["positive"], "sex", "f", methods=list(DISTANCES), distributions="values")
    for short in DISTANCES:
        assert report.value(short) == pytest.approx(theirs[short], abs=TOLERANCE)


def test_features_with_many_ties(smclarify):
    """Neighbours at one distance are taken in the same order."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 300), "a": rng.integers(0, 4, 300),
                          "b": rng.integers(0, 3, 300), "truth": rng.choice(["no", "yes"], 300),
                          "said": rng.choice(["no", "yes"], 300)})
    theirs = smclarify(columns=frame.to_dict("list"), label="truth", positive=["yes"], facet="sex", predicted="said",
                       metrics=["FT"])
    report = bias_report(frame, "truth", "yes", "sex", predictions="said", methods=["FT"])
    for value in "fm":
        assert report.value("FT", value) == pytest.approx(theirs[value]["FT"], abs=TOLERANCE)
