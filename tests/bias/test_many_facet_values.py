"""Facets with very many values: what is counted, against plain booleans and pandas, and what it holds in memory."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.bias import bias_report, distances
from fairkit.bias.facets import facets_of
from fairkit.bias.sides import sides_of
from fairkit.bias.table import table_of
from fairkit.groups import GroupColumn

cells = st.lists(st.one_of(st.none(), st.sampled_from("abcd"), st.lists(st.sampled_from("abcd"), max_size=3)),
                 min_size=1, max_size=30)


def own_values(cell):
    return set() if cell is None else {cell} if isinstance(cell, str) else set(cell)


@settings(max_examples=150)
@given(first=cells, seed=st.integers(0, 10**6), weighted=st.sampled_from(["none", "some", "whole"]),
       crossed=st.booleans(), chosen=st.booleans())
def test_sums_are_those_of_plain_booleans(first, seed, weighted, crossed, chosen):
    """Row by row: who is in facet d, in facet a, in which stratum; empty and several values, crosses, weights 0."""
    rng, n = np.random.default_rng(seed), len(first)
    second = [None if x < .2 else str(rng.choice(["x", "y"])) for x in rng.random(n)]
    job = [None if x < .2 else str(rng.choice(["u", "v", "w"])) for x in rng.random(n)]
    labels = rng.integers(0, 2, n).astype(np.int8)
    weights = {"none": None, "some": rng.random(n) * (rng.random(n) > .2),
               "whole": rng.integers(0, 3, n).astype(float)}[weighted]
    table = table_of({"f": first, "h": second, "job": job})
    given_value = next((value for cell in first for value in own_values(cell)), None) if chosen else None
    if crossed:
        facet, = facets_of(("f", "h"), (given_value, None), table)
    else:
        facet, = facets_of("f", given_value, table)
    sides = sides_of(facet, labels, None, weights, GroupColumn.encode("job", job))

    held = [own_values(cell) for cell in first]
    known = np.array([bool(one) and (not crossed or two is not None) for one, two in zip(held, second)])
    values, others = [given_value] if given_value else "abcd", "xy" if crossed else " "
    pairs = [(value, other) for value in values for other in others]
    inside = {",".join(pair).removesuffix(", "): known & np.array(
        [pair[0] in one and (not crossed or two == pair[1]) for one, two in zip(held, second)]) for pair in pairs}
    inside = {text: d for text, d in inside.items() if d.any()}
    assert sides.texts == list(inside) and sides.missing == (~known).sum()
    w = np.ones(n) if weights is None else weights
    moments = np.stack([np.ones(n), w, w**2], -1)
    strata = sorted({one for one in job if one})
    within = sides.sums(sides.labels, sides.strata)
    for place, d in enumerate(inside.values()):
        for side, rows in enumerate((known & ~d, d)):
            for label in (0, 1):
                right = moments[rows & (labels == label)].sum(0)
                np.testing.assert_allclose(sides.labelled[side, place, label], right, rtol=1e-12, atol=0)
                for k, stratum in enumerate(strata):
                    right = moments[rows & (labels == label) & (np.array(job, object) == stratum)].sum(0)
                    np.testing.assert_allclose(within[side, place, k, label], right, rtol=1e-12, atol=0)
            np.testing.assert_array_equal(sides.rows(place)[1 - side], rows)


@pytest.mark.parametrize("weighted", [False, True])
def test_thousands_of_values_against_pandas(weighted):
    """A matrix of values x joint values of floats would take 500 MB for each side."""
    rng, values = np.random.default_rng(4), 3000
    n = 10 * values
    frame = pd.DataFrame({"g": rng.integers(0, values, n), "job": rng.choice(["u", "v", "w"], n),
                          "y": rng.integers(0, 2, n), "said": rng.integers(0, 2, n),
                          "w": rng.random(n) + .1 if weighted else np.ones(n)})
    tracemalloc.start()
    report = bias_report(frame, "y", 1, "g", predictions="said", group="job", weights="w" if weighted else None,
                         methods=["CI", "DPL", "DPPL", "DI", "AD", "CDDL", "CDDPL"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6
    found = report.frame.pivot(index="facet_value", columns="metric", values="value")
    frame = frame.assign(yw=frame["y"] * frame["w"], pw=frame["said"] * frame["w"],
                         right=(frame["y"] == frame["said"]) * frame["w"])
    d = frame.groupby("g")[["w", "yw", "pw", "right"]].sum()
    d.index = d.index.astype(str)
    a = frame[["w", "yw", "pw", "right"]].sum() - d
    d, a = d.loc[found.index], a.loc[found.index]
    right = {"CI": (a["w"] - d["w"]) / (a["w"] + d["w"]), "DPL": a["yw"] / a["w"] - d["yw"] / d["w"],
             "DPPL": a["pw"] / a["w"] - d["pw"] / d["w"], "DI": (d["pw"] / d["w"]) / (a["pw"] / a["w"]),
             "AD": a["right"] / a["w"] - d["right"] / d["w"]}
    for short, expected in right.items():
        np.testing.assert_allclose(found[short], expected, atol=1e-9, err_msg=short)
    for short, column in (("CDDL", "y"), ("CDDPL", "said")):
        at = pd.crosstab([frame["job"], frame["g"]], frame[column], frame["w"], aggfunc="sum").fillna(0)
        total = at.groupby("job").sum()
        shares = (at / total).rename(index=str, level="g")
        size = total.sum(axis=1) / total.to_numpy().sum()
        terms = (shares[0] - shares[1]).mul(size, level="job")
        np.testing.assert_allclose(found[short], terms.groupby("g").sum().loc[found.index], atol=1e-9, err_msg=short)


def test_facet_values_with_the_same_counts_share_a_test(monkeypatch):
    """The test is drawn anew for other counts alone, and says the same as of a single value."""
    frame = pd.DataFrame({"g": np.repeat([f"g{k:02}" for k in range(30)], 4),
                          "y": [1, 0, 0, 0] * 20 + [1, 1, 0, 0] * 10})
    asked, drawn = distances.homogeneity, []
    monkeypatch.setattr(distances, "homogeneity", lambda *args: drawn.append(1) or asked(*args))
    found = bias_report(frame, "y", 1, "g", methods=["TVD"]).frame.set_index("facet_value")
    assert len(drawn) == 2
    for value in ("g00", "g19", "g29"):
        alone = bias_report(frame, "y", 1, "g", value, methods=["TVD"]).frame.iloc[0]
        assert (found.loc[value, "p_value"], found.loc[value, "value"]) == (alone["p_value"], alone["value"])


def test_the_report_of_many_values_shows_those_that_matter():
    """One value among 600 is treated otherwise: it comes first, in sentences, tables and the JSON of all."""
    rng = np.random.default_rng(5)
    g = np.repeat([f"g{k}" for k in range(600)], 10)
    y = rng.integers(0, 2, len(g))
    y[g == "g417"] = 0
    examples = fairkit.Examples(labels=y, groups={"g": g})
    said = np.where(g == "g417", 1 - y, y)
    report = bias_report(examples, facet="g", predictions=said, methods=["DPL", "DPPL", "AD"])
    page = report.report(pictures="none").markdown
    assert "g417" in page[page.index("What stands out"):page.index("How to read it")].split("\n- ")[1]
    assert "576 more facet values have no table here" in page
    facets = report.to_dict()["pre_training_bias_metrics"]["facets"]["g"]
    assert [one["value_or_threshold"] for one in facets] == sorted({f"g{k}" for k in range(600)})
    of_frame = report.frame[report.frame["metric"] == "DPL"].set_index("facet_value")["value"]
    assert {one["value_or_threshold"]: one["metrics"][0]["value"] for one in facets} == of_frame.to_dict()
    assert len(str(report).splitlines()) < 1000
