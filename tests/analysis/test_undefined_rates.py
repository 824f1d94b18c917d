"""Rates of a group without positives, or without predicted ones, are missing with the reason.

The reference library (xai 0.3) divides by .001 there, and says precision 0, recall 0, F1 0.
"""

import numpy as np
import pytest

import fairkit


@pytest.mark.parametrize("metric, empty", [("recall", "no_positives"), ("true_negative_rate", "no_negatives"),
                                           ("precision", "nobody_flagged"), ("f1_score", "nothing_at_all")])
def test_a_rate_with_nothing_in_its_denominator_is_missing(metric, empty):
    labels = {"no_positives": [0, 0], "no_negatives": [1, 1], "nobody_flagged": [0, 1], "nothing_at_all": [0, 0]}[empty]
    scores = {"nobody_flagged": [.1, .2], "nothing_at_all": [.1, .1]}.get(empty, [.9, .1])
    examples = fairkit.Examples(labels=[0, 1, *labels], groups={"g": ["other"] * 2 + [empty] * 2})
    frame = fairkit.evaluate([.1, .9, *scores], examples, ["g"], [.5], min_examples=1).frame
    row = frame[(frame["slice"] == f"g:{empty}") & (frame["metric"] == metric)].iloc[0]
    assert np.isnan(row["value"]) and np.isnan(row["lower"]) and row["denominator"] == 0 and row["note"]
    full = frame[(frame["slice"] == "g:other") & (frame["metric"] == metric)].iloc[0]
    assert full["value"] == 1
