"""Any gap: a row for each feature, with the test that fits its slices."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

import fairkit
from fairkit import Examples, FairkitError
from fairkit.evaluation.gap_tests import any_gap


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    n = 900
    color, labels = rng.choice(["blue", "green", "orange"], n), rng.integers(0, 2, n)
    several = [list(rng.permutation(list("xyz"))[:k]) for k in rng.integers(0, 3, n)]
    rare = np.where(np.arange(n) < 12, "few", "most")
    scores = np.clip(rng.normal(0.3 + 0.3 * labels + 0.15 * (color == "orange"), 0.2), 0, 1)
    examples = Examples(labels=labels, groups={"color": color, "letter": several, "rare": rare})
    return fairkit.evaluate(scores, examples, ["color", "letter", "rare", {"color": "blue"}], [0.5, 0.9])


def test_a_row_for_each_feature_and_threshold(evaluation):
    table = any_gap(evaluation, "false_positive_rate")
    assert table[["slices", "threshold"]].values.tolist() == [
        [name, threshold] for threshold in (0.5, 0.9) for name in ("color", "letter", "rare")]
    assert table["compared"].tolist() == [3, 3, 2] * 2 and table["class"].tolist() == [None] * 6
    at = table[table["threshold"] == 0.5].set_index("slices")
    assert at.loc["color", "method"] == "chi-square" and at.loc["color", "degrees_of_freedom"] == 2
    assert at.loc["letter", "method"] == "largest gap, 9999 simulated"
    assert np.isnan(at.loc["letter", "degrees_of_freedom"])
    assert at.loc["rare", "method"] == "chi-square, 9999 simulated"


def test_the_chi_square_of_the_rows_of_the_frame(evaluation):
    frame = evaluation.frame
    rows = frame[(frame["metric"] == "false_positive_rate") & (frame["threshold"] == 0.5)
                 & frame["slice"].str.startswith("color")]
    expected = chi2_contingency([rows["numerator"], rows["denominator"] - rows["numerator"]], correction=False)
    found = any_gap(evaluation, "false_positive_rate", 0.5).set_index("slices").loc["color"]
    assert (found["statistic"], found["p_value"]) == pytest.approx((expected.statistic, expected.pvalue))


def test_classes_and_accuracy():
    rng = np.random.default_rng(1)
    scores = rng.dirichlet([1, 1, 1], 300)
    examples = Examples(labels=rng.integers(0, 3, 300), groups={"g": rng.choice(["a", "b"], 300)})
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.5], classes=[0, 2])
    assert any_gap(evaluation, "recall")["class"].tolist() == [0, 2]
    assert any_gap(evaluation, "recall", class_id=2)["class"].tolist() == [2]
    assert any_gap(evaluation, "accuracy")["p_value"].between(0, 1).all()


def test_slices_without_a_denominator_are_left_out():
    examples = Examples(labels=[0] * 40 + [1] * 5, groups={"g": ["a", "b"] * 20 + ["c"] * 5})
    evaluation = fairkit.evaluate([0.9, 0.1] * 20 + [0.9] * 5, examples, ["g", {"g": "a"}], [0.5])
    row = any_gap(evaluation, "false_positive_rate").iloc[0]
    assert row["compared"] == 2 and row["note"] == "1 without negatives left out" and row["p_value"] < 0.01
    row = any_gap(evaluation, "false_negative_rate").iloc[0]
    assert row["note"] == "no test: fewer than two slices to compare; 2 without positives left out"
    assert np.isnan(row["p_value"])


def test_bad_questions_are_named(evaluation):
    with pytest.raises(FairkitError, match="no rate 'fpr'"):
        any_gap(evaluation, "fpr")
    overall = fairkit.evaluate([0.3, 0.9], Examples(labels=[0, 1], groups={}), [], [0.5])
    with pytest.raises(FairkitError, match="no slices to compare"):
        any_gap(overall, "recall")
