"""Gaps of AUC against areas of the slices' own rows; their variance is tested with the areas."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

import fairkit
from fairkit.counts.auc import area, covariance


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(4)
    n = 600
    examples = fairkit.Examples(labels=rng.integers(0, 2, n), groups={
        "color": rng.choice(["blue", "orange"], n), "side": np.where(np.arange(n) < 300, "left", "right")})
    return fairkit.evaluate(np.clip(rng.normal(0.4 + 0.2 * examples.labels, 0.2), 0, 1), examples, ["color"], [0.5])


def test_two_disjoint_slices(evaluation):
    row = evaluation.gaps("auc", reference={"color": "blue"}).iloc[0]
    rows = np.array(evaluation.predictions.groups["color"].to_list()) == "orange"
    labels, scores = evaluation.predictions.labels == 1, evaluation.predictions.scores
    orange, blue = (area(labels[part], scores[part]) for part in (rows, ~rows))
    assert row["value"] == pytest.approx(roc_auc_score(labels[rows], scores[rows]), abs=1e-12)
    assert row["gap"] == pytest.approx(orange.value - blue.value, abs=1e-12)
    z = (orange.value - blue.value) / np.sqrt(covariance(orange, orange) + covariance(blue, blue))
    assert row["p_value"] == pytest.approx(2 * norm.sf(abs(z)))
    assert row["lower"] < row["gap"] < row["upper"]
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.96 * (orange.value - blue.value) / z, rel=0.02)


def test_a_slice_against_all(evaluation):
    gaps = evaluation.gaps("auc")
    disjoint = evaluation.gaps("auc", reference={"color": "blue"}).iloc[0]
    assert len(gaps) == 2
    assert (gaps["upper"] - gaps["lower"] < disjoint["upper"] - disjoint["lower"]).all()
    assert gaps["reference"].tolist() == ["Overall", "Overall"]


def test_a_slice_of_one_label_has_no_gap():
    examples = fairkit.Examples(labels=[0, 1, 0, 0], groups={"g": ["a", "a", "b", "b"]})
    gaps = fairkit.evaluate([0.1, 0.8, 0.3, 0.2], examples, ["g"], [0.5]).gaps("auc").set_index("slice")
    assert np.isnan(gaps.loc["g:b", "gap"])
    assert gaps.loc["g:b", "note"] == "undefined: no positives in this slice"
