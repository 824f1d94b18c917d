"""Plots and board of a comparison of accuracy: what is drawn is what the comparison says."""

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError


def compared(several, thresholds=(0.3, 0.5)):
    rng = np.random.default_rng(0)
    labels, orange = rng.integers(0, 2, 600), rng.random(600) < 0.5
    examples = fairkit.Examples(labels=labels, groups={"color": np.where(orange, "orange", "blue")})
    scores = [np.clip(rng.normal(0.35 + 0.3 * labels - hard * orange * labels, 0.2), 0, 1) for hard in (0.2, 0)]
    both = [fairkit.evaluate(np.stack([1 - s, s], 1) if several else s, examples, ["color"], list(thresholds))
            for s in scores]
    return fairkit.compare(*both, "accuracy", {"color": "blue"})


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("thresholds", ["matched", "unchanged"])
def test_rates_and_gaps_are_those_of_the_comparison(several, thresholds):
    comparison = compared(several)
    threshold = None if several else 0.3
    rows = comparison.rows(thresholds, threshold).set_index("slice")
    drawn = comparison.plot("rates", thresholds=thresholds, threshold=threshold).frame.set_index(["model", "slice"])
    for model in ("before", "after"):
        for name in ("Overall", "color:blue", "color:orange"):
            assert drawn.loc[(model, name), "value"] == pytest.approx(rows.loc[name, model])
    gaps = comparison.plot(thresholds=thresholds, threshold=threshold).frame
    assert gaps["gap_after"].tolist() == [rows.loc["color:orange", "gap_after"]]
    title = comparison.plot("rates", thresholds=thresholds, threshold=threshold).axes[0].get_title(loc="left")
    assert ("equal share of positives" in title) == (not several and thresholds == "matched")


def test_another_rate_is_not_read_off_a_comparison_without_thresholds():
    with pytest.raises(FairkitError, match="about accuracy of several classes, which has no threshold"):
        compared(True).plot("rates", metric="recall")


@pytest.mark.parametrize("several", [False, True])
def test_the_board_has_accuracy_without_matched_thresholds(several):
    comparison = compared(several)
    value = comparison.before.value("accuracy", "color:orange")
    text = repr(fairkit.view.board(comparison))
    assert f"{value:.3f}" in text and "undefined" not in text and text.startswith("accuracy")
