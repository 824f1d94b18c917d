"""From the frame of an evaluation to what the component takes."""

import json
import math

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given

from fairkit.errors import FairkitError
from fairkit.view.payload import component_rows, embedded_json
from fairkit.view.views import make_views


def frame(*rows):
    """Rows of (slice, class, metric, threshold, value, lower, upper)."""
    names = ["slice", "class", "metric", "threshold", "value", "lower", "upper"]
    table = pd.DataFrame(list(rows), columns=names)
    return table.assign(numerator=math.nan, denominator=math.nan, examples=50, note="")


def rates(*slices, metric="false_positive_rate", thresholds=(0.1, 0.25), class_id=None):
    return frame(*[(name, class_id, metric, t, 0.2, 0.1, 0.4) for name in ("Overall", *slices) for t in thresholds])


def test_rows_are_tfmas():
    table = frame(("Overall", None, "false_positive_rate", 0.1, 0.5, 0.25, 0.75),
                  ("Overall", None, "false_positive_rate", 0.125, math.nan, math.nan, math.nan),
                  ("Overall", None, "auc", math.nan, 0.75, math.nan, math.nan),
                  ("color_X_digit:blue_X_8", None, "false_positive_rate", 0.1, 0.0, -0.1, 0.2),
                  ("color:blue", None, "false_positive_rate", 0.1, 1.0, 0.9, 1.2))
    [view] = make_views([[table]])
    overall, single, cross = component_rows(view, 0)
    assert overall == {"slice": "Overall", "sliceValue": "Overall", "metrics": {
        "fairness_indicators_metrics/false_positive_rate@0.100":
            {"boundedValue": {"value": 0.5, "lowerBound": 0.25, "upperBound": 0.75}},
        "fairness_indicators_metrics/false_positive_rate@0.125": {"doubleValue": "NaN"},
        "auc": {"doubleValue": 0.75}, "example_count": {"doubleValue": 50.0}}}
    assert (single["slice"], single["sliceValue"]) == ("color:blue", "blue")  # single features before crosses
    assert (cross["slice"], cross["sliceValue"]) == ("color_X_digit:blue_X_8", "blue_X_8")
    key = "fairness_indicators_metrics/false_positive_rate@0.100"
    assert single["metrics"][key]["boundedValue"]["upperBound"] == 1.0
    assert cross["metrics"][key]["boundedValue"]["lowerBound"] == 0.0
    assert cross["metrics"]["auc"] == {"doubleValue": "NaN"}  # never left out: the chart would drop the slice


def test_only_shares_are_kept_within_0_and_1():
    table = pd.concat([frame(("Overall", None, metric, math.nan, *numbers)) for metric, numbers in (
        ("calibration", (1.4, 0.8, 1.9)), ("matthews_correlation_coefficient", (-0.2, -0.5, 0.1)),
        ("auc", (0.9, 0.7, 1.1)))])
    [[row]] = [component_rows(view, 0) for view in make_views([[table]])]
    ends = {name: [value["boundedValue"][part] for part in ("lowerBound", "upperBound")]
            for name, value in row["metrics"].items() if "boundedValue" in value}
    assert ends == {"calibration": [0.8, 1.9], "matthews_correlation_coefficient": [-0.5, 0.1], "auc": [0.7, 1.0]}


def test_two_results_share_every_slice_and_key():
    [view] = make_views([[rates("color:blue")], [rates("color:orange", thresholds=(0.25, 0.5))]])
    first, second = (component_rows(view, i) for i in (0, 1))
    assert [row["slice"] for row in first] == [row["slice"] for row in second]
    assert {tuple(row["metrics"]) for row in first + second} == {
        ("fairness_indicators_metrics/false_positive_rate@0.25", "example_count")}


def test_the_metric_that_leads():
    both = pd.concat([rates(metric="recall"), rates(metric="false_positive_rate"), rates(metric="accuracy")])
    assert make_views([[both]])[0].lead == ("false_positive_rate",)
    assert make_views([[both]], "recall")[0].lead == ("recall",)
    assert make_views([[both]], threshold=0.1)[0].opened == "fairness_indicators_metrics/false_positive_rate@0.10"
    with pytest.raises(FairkitError, match=r"'recall' \(the nearest\).*Received: 'recal'"):
        make_views([[both]], "recal")
    with pytest.raises(FairkitError, match=r"no false_positive_rate at threshold 0.3.*0.1, 0.25"):
        make_views([[both]], threshold=0.3)


def test_classes_come_with_what_is_known_of_all_of_them():
    top_1 = frame(("Overall", None, "accuracy", math.nan, 0.9, 0.8, 0.95))
    tables = [top_1, rates("color:blue", class_id=8), rates("color:blue", class_id=3)]
    views = make_views([tables])
    assert [view.class_id for view in views] == [3, 8]
    assert component_rows(views[1], 0)[0]["metrics"]["accuracy (top-1)"]["boundedValue"]["value"] == 0.9


def test_matched_thresholds_become_one_key_of_both():
    first, second = rates("color:blue", thresholds=(0.1,)), rates("color:blue", thresholds=(0.1, 0.37))
    second.loc[second.threshold == 0.37, "value"] = 0.3
    [view] = make_views([[first], [second]], matched={None: [(0.1, 0.37)]})
    assert view.lead == ("false_positive_rate (matched to 0.1)", "false_positive_rate")
    values = [component_rows(view, i)[1]["metrics"][view.lead[0]]["boundedValue"]["value"] for i in (0, 1)]
    assert values == [0.2, 0.3]
    with pytest.raises(FairkitError, match=r"no rates at the matched threshold 0\.4"):
        make_views([[first], [second]], matched={None: [(0.1, 0.4)]})


@pytest.mark.parametrize(("first", "second", "says"), [
    (rates().drop(columns="lower"), None, "none named lower"),
    (rates().query("slice != 'Overall'"), None, "no overall slice"),
    (rates(thresholds=(0.1,)), rates(thresholds=(0.2,)), "no metric at the same threshold"),
    (rates(class_id=1), rates(class_id=2), "no class in common"),
])
def test_what_cannot_be_shown_is_refused(first, second, says):
    with pytest.raises(FairkitError, match=says):
        make_views([[table] for table in (first, second) if table is not None])


@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_every_slice_has_a_name_of_its_own(values):
    [view] = make_views([[rates(*(f"color:{value}" for value in values))]])
    rows = component_rows(view, 0)
    assert len({row["slice"] for row in rows}) == len({row["sliceValue"] for row in rows}) == len(values) + 1
    assert max(len(row["sliceValue"]) for row in rows) <= 52


@given(st.dictionaries(st.text(), st.text()))
def test_embedded_json_cannot_end_its_script(data):
    text = embedded_json(data)
    assert json.loads(text) == data
    assert text.isascii() and not set("<>&") & set(text)
