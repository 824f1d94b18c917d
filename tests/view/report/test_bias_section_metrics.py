"""The bias section of a report takes its metrics from their definitions."""

import numpy as np

import fairkit
from fairkit.bias import definitions, reporting


def test_a_new_metric_is_in_the_bias_section_and_view_does_not_know_it(monkeypatch):
    new = definitions.Metric("XYZ", "Exemplary Gap", "pre_training", "n_a1 / n_a - n_d1 / n_d", "a is ahead", "[-1, 1]")
    monkeypatch.setitem(definitions.METRICS, "XYZ", new)
    monkeypatch.setitem(reporting._COUNTED, "XYZ", reporting._COUNTED["DPL"])
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 300), rng.random(300)
    examples = fairkit.Examples(labels=labels, groups={"color": rng.choice(["red", "blue"], 300)})
    report = fairkit.evaluate(scores, examples, ["color"], [0.5]).report(bias="color")
    shown = report.to_dict() if hasattr(report, "to_dict") else report.markdown
    assert "XYZ" in str(shown)
    without_strata = [short for short, metric in definitions.METRICS.items() if metric.needs == "counts"]
    assert len(without_strata) == 19 and all(short in str(shown) for short in without_strata)
    assert "CDDL" not in str(shown) and "Flip Test" not in str(shown)
