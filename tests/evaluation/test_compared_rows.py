"""Reading a comparison and an evaluation: one pair of thresholds, and the rows that are asked for."""

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit import Examples, FairkitError


@pytest.fixture(scope="module")
def compared():
    rng = np.random.default_rng(0)
    n = 1200
    labels, orange = rng.integers(0, 3, n), rng.random(n) < 0.5
    examples = Examples(labels=labels, groups={"color": np.where(orange, "orange", "blue"), "digit": labels})
    both = []
    for hard in (1.5, 0.5):
        scores = rng.normal(0, 1, (n, 3))
        scores[np.arange(n), labels] += 2 - hard * orange
        scores = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        both.append(fairkit.evaluate(scores, examples, ["color", "digit", ("digit", "color")], [0.3, 0.5],
                                     classes=[1, 2]))
    return fairkit.compare(*both)


def test_the_matched_pair_of_a_threshold(compared):
    for match in compared.matches:
        assert compared.match(match.before, match.class_id, match.kind) is match
    assert compared.match(0.3, 1) is compared.match(0.3, class_id=1, thresholds="matched")


@pytest.mark.parametrize("asked, says", [
    ((0.34, 1), r"was not compared. Expected: 0.3 \(the nearest\), or another of \[0.3, 0.5\]. Received: 0.34"),
    (("high", 1), r"Expected: one of \[0.3, 0.5\]. Received: 'high'"),
    ((None, 1), r"several thresholds. Expected: one of \[0.3, 0.5\]"),
    ((0.3,), r"several classes. Expected: one of \[1, 2\]"),
    ((0.3, 7), r"no such class. Expected: one of \[1, 2\]. Received: class_id=7"),
    ((0.3, 1, "given"), "no given thresholds"),
])
def test_what_was_not_compared_is_named(compared, asked, says):
    with pytest.raises(FairkitError, match=says):
        compared.match(*asked)


def test_what_was_given_is_what_is_matched(compared):
    given = fairkit.compare(compared.before, compared.after, thresholds={0.4: 0.6})
    assert given.match(class_id=2).after == 0.6
    assert len(given.rows(class_id=2)) == len(given.rows("given", 0.4, 2)) == len(given.before.keys)


def test_a_threshold_that_nothing_could_be_matched_to():
    examples = Examples(labels=[1] * 40, groups={})
    both = [fairkit.evaluate(np.linspace(0, 1, 40), examples, [], [0.5])] * 2
    comparison = fairkit.compare(*both)  # no negatives, so no false positive rate
    assert comparison.match(thresholds="unchanged").after == 0.5
    with pytest.raises(FairkitError, match="no matched thresholds"):
        comparison.match(0.5)


def test_rows_are_those_of_the_frame(compared):
    frame = compared.frame
    wanted = frame[(frame["thresholds"] == "unchanged") & (frame["threshold_before"] == 0.5) & (frame["class"] == 2)]
    rows = compared.rows("unchanged", 0.5, 2)
    pd.testing.assert_frame_equal(rows, wanted.reset_index(drop=True))
    assert compared.rows("unchanged", 0.5, 2, by="digit")["slice"].tolist() == ["digit:0", "digit:1", "digit:2"]
    assert len(compared.rows("unchanged", 0.5, 2, by=[("digit", "color"), "color"])) == 6 + 2
    assert len(compared.rows(None)) == len(frame)


@pytest.mark.parametrize("table", ["got_worse", "levelling_down"])
def test_the_other_tables_are_read_in_the_same_way(compared, table):
    whole = getattr(compared, table)
    assert len(compared.rows(None, of=table)) == len(whole)
    rows = compared.rows("matched", 0.3, by="color", of=table)
    expected = whole[(whole["thresholds"] == "matched") & (whole["threshold_before"] == 0.3)
                     & whole["slice"].isin(["color:blue", "color:orange"])]
    pd.testing.assert_frame_equal(rows, expected.reset_index(drop=True))
    assert len(compared.got_worse)  # blue pays at equal overall rate


@pytest.mark.parametrize("asked, says", [
    ({"slice": "color:ornage"}, "no slice 'color:ornage'. Expected: 'color:orange' .the nearest"),
    ({"threshold": 0.4}, "this threshold was not compared"), ({"class_id": 0}, "no such class"),
    ({"by": "colour"}, "no slices by these features. Expected: 'color' .the nearest"),
    ({"of": "worse"}, "no table 'worse'. Expected: 'got_worse' .the nearest"),
    ({"thresholds": "same"}, "no same thresholds"),
])
def test_rows_that_cannot_be_there_are_named(compared, asked, says):
    with pytest.raises(FairkitError, match=says):
        compared.rows(**asked)


def test_rows_of_an_evaluation(compared):
    evaluation = compared.before
    rows = evaluation.rows("accuracy", by="digit")
    assert list(rows) == ["slice", "value", "lower", "upper", "numerator", "denominator", "examples", "note"]
    labels, right = evaluation.predictions.labels, evaluation.predictions.scores.argmax(1)
    assert rows["slice"].tolist() == ["digit:0", "digit:1", "digit:2"]
    assert rows["value"].tolist() == pytest.approx([np.mean(right[labels == d] == d) for d in range(3)])
    assert rows["examples"].tolist() == [np.sum(labels == d) for d in range(3)]
    assert evaluation.rows("accuracy")["slice"].tolist() == list(evaluation.frame["slice"].drop_duplicates())


def test_rows_of_a_rate_have_their_threshold_and_class(compared):
    evaluation = compared.before
    rows = evaluation.rows("recall", by=("digit", "color"), threshold=0.5, class_id=2)
    assert list(rows)[:3] == ["slice", "class", "threshold"] and len(rows) == 6
    assert len(evaluation.rows("recall")) == 2 * 2 * len(evaluation.keys)
    one = evaluation.rows("recall", threshold=0.5, class_id=2, slice="color:blue")
    assert one["value"].tolist() == [evaluation.value("recall", "color:blue", 0.5, 2)]


@pytest.mark.parametrize("asked, says", [
    ({"metric": "acuracy"}, "no metric 'acuracy'. Expected: 'accuracy' .the nearest"),
    ({"metric": "accuracy", "threshold": 0.5},
     "no threshold 0.5 for 'accuracy'. Expected: no threshold=, since 'accuracy' has none here"),
    ({"metric": "recall", "threshold": 0.4}, "no threshold 0.4 for 'recall'"),
    ({"metric": "recall", "class_id": 0}, "no class 0 for 'recall'"),
    ({"metric": "recall", "slice": "color:red"}, "no slice 'color:red' for 'recall'"),
    ({"metric": "recall", "by": "size"}, "no slices by these features"),
    ({"metric": "recall", "by": ["digit", {"color": "blue"}]}, "Received: {.color.: .blue.}"),
])
def test_rows_that_an_evaluation_does_not_have_are_named(compared, asked, says):
    with pytest.raises(FairkitError, match=says):
        compared.before.rows(**asked)
