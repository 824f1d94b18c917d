"""Columns may be named by numbers and tuples, in every function that takes a name."""

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.column_names import column_text
from fairkit.remediation.reweighting import training_weights

FRAME = pd.DataFrame({0: list("aabb") * 5, 1: [0, 1, 1, 0] * 5, 2: [1, 1, 0, 0] * 5, 3: np.arange(20.0)})
TEXTS = FRAME.set_axis(list(map(str, FRAME.columns)), axis=1)
NAMES = [(0, 1, 2, 3), tuple(map(np.int64, range(4))), ("0", "1", "2", "3"), (0.0, 1.0, 2.0, 3.0)]


def results(frame, group, label, other, number):
    """What every function that takes a column's name makes of these."""
    examples = fairkit.data.read(frame, [number], label=label, groups=[group, other], weight=number)
    held = fairkit.Examples(labels=frame.iloc[:, 1], groups=frame.iloc[:, [0, 2]], inputs=frame.iloc[:, [3]])
    evaluation = fairkit.evaluate(np.linspace(0, 1, 20), held, [group, (group, other), {other: 1}], [0.5])
    report = fairkit.bias_report(frame, label=label, facet=[group, (group, other)], predictions=other, weights=number,
                                 group=other)
    return [report.frame, fairkit.bias_report(held, facet=group, group=other).frame,
            examples.groups["0"].to_list(), list(examples.inputs), list(held.inputs), list(held.groups),
            fairkit.analysis.imbalance(frame, group, {number: fairkit.bins(10)}).frame,
            fairkit.analysis.correlations(frame, [group, label, number], categorical=[label]).frame,
            fairkit.analysis.balance(frame, group, to=3).to_numpy().tolist(),
            fairkit.analysis.balanced_split(frame, [group, label], test_min=1).frame,
            fairkit.analysis.describe(held, by=[group, (group, other)]).frame, evaluation.frame,
            evaluation.gaps("false_positive_rate", reference={group: "a"}),
            held.where({group: "a", other: 1}).ids.tolist(), held.split(0.5, stratify=[group, "label"])[0].ids.tolist(),
            [part.ids.tolist() for part in fairkit.remediation.min_diff_splits(held, {group: "a"}, {group: "b"})],
            training_weights(held, group).tolist(), fairkit.data.to_table(held).column_names]


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_numbers_name_columns_as_texts_do(names):
    for found, expected in zip(results(FRAME, *names), results(TEXTS, "0", "1", "2", "3"), strict=True):
        if isinstance(found, pd.DataFrame):
            pd.testing.assert_frame_equal(found, expected)
        else:
            assert found == expected


def test_tuples_name_columns():
    frame = pd.DataFrame({("a", "x"): [0, 1] * 4, ("a", "y"): list("uv") * 4, "z": list("ppqq") * 2})
    frame.columns = pd.Index(list(frame.columns), tupleize_cols=False)
    report = fairkit.bias_report(frame, label=("a", "x"), facet=("a", "y"), facet_values="u")
    assert report.value("DPL") == 1
    assert fairkit.bias_report(frame, label=("a", "x"), facet=(("a", "y"), "z")).frame["facet"].unique().tolist() == \
        ["('a', 'y'),z"]
    examples = fairkit.data.read(frame, label=("a", "x"), groups=[("a", "y")])
    assert len(examples.where({("a", "y"): "u"})) == 4
    assert fairkit.analysis.imbalance(frame, ("a", "y")).frame["n"].tolist() == [4, 4]
    deep = pd.DataFrame({("a", "x"): [0, 1], ("a", "y"): list("uv")})   # a MultiIndex
    assert fairkit.data.read(deep, label=("a", "x"), groups=[("a", "y")]).labels.tolist() == [0, 1]


@pytest.mark.parametrize("call", [
    lambda: fairkit.bias_report(FRAME, label=7, facet=0), lambda: fairkit.bias_report(FRAME, label=1, facet=7),
    lambda: fairkit.data.read(FRAME, label=7), lambda: fairkit.analysis.imbalance(FRAME, 7),
    lambda: fairkit.analysis.correlations(FRAME, [0, 7]), lambda: fairkit.analysis.balance(FRAME, 7),
    lambda: fairkit.Examples(labels=FRAME[1], groups=FRAME).where({7: 1}),
    lambda: fairkit.evaluate(FRAME[3] / 20, fairkit.Examples(labels=FRAME[1], groups=FRAME), [7]),
    lambda: fairkit.Examples(labels=FRAME[1], groups=FRAME).split(0.5, stratify=7)])
def test_a_name_that_is_not_there_is_told_with_those_that_are(call):
    with pytest.raises(fairkit.FairkitError, match="7.*Expected: .*'0', '1', '2', '3'.*Received: '?7"):
        call()


@pytest.mark.parametrize("name", [None, "", float("nan"), [1], pd.NA, ()])
def test_what_is_no_name(name):
    with pytest.raises(fairkit.FairkitError, match="no proper name"):
        column_text(name)


def test_two_columns_of_one_text_are_refused():
    twice = {1: [0, 1], "1": [0, 1]}
    for call in (lambda: fairkit.Examples(labels=[0, 1], groups=twice), lambda: fairkit.bias_report(twice, 1, facet=1),
                 lambda: fairkit.Examples(labels=[0, 1], groups={}, inputs=twice),
                 lambda: fairkit.data.read(pd.DataFrame(twice), label=1),
                 lambda: fairkit.analysis.imbalance(pd.DataFrame(twice), 1)):
        with pytest.raises(fairkit.FairkitError, match="several|one name"):
            call()
