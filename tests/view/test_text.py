"""The plain-text tables against the numbers that they show."""

import re

import numpy as np
import pytest

import fairkit
from fairkit.evaluation.checking import check
from fairkit.view.text import check_text, comparison_text, evaluation_text, gap_summary


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(0)
    n = 2000
    orange, labels = rng.random(n) < 0.5, rng.integers(0, 2, n)
    examples = fairkit.Examples(labels=labels, groups={"color": np.where(orange, "orange", "blue"),
                                                       "digit": rng.integers(0, 10, n)})
    base = rng.normal(0.4 + 0.2 * labels, 0.15)
    before, after = (fairkit.evaluate(np.clip(base + shift * orange, 0, 1), examples, ["color", ("digit", "color")],
                                      [0.6]) for shift in (0.2, 0.05))
    return fairkit.compare(before, after, reference={"color": "blue"})


def test_an_evaluation_shows_each_slice_with_its_interval(comparison):
    text = evaluation_text(comparison.before)
    frame = comparison.before.frame
    row = frame[(frame["slice"] == "color:orange") & (frame["metric"] == "false_positive_rate")].iloc[0]
    assert f"{row['value']:.3f} [{row['lower']:.3f}, {row['upper']:.3f}] ({row['denominator']:.0f})" in text
    assert text.index("color:orange") < text.index("color_X_digit") and "and 11 more slices" in text


def test_a_gap_is_told_before_and_after(comparison):
    text = gap_summary(comparison, "color:orange", 0.6)
    for kind in ("unchanged", "matched"):
        row = comparison.rows(kind, 0.6, slice="color:orange").iloc[0]
        closed = 1 - abs(row["gap_after"] / row["gap_before"])
        assert f"{row['gap_before']:+.3f}" in text and f"{row['gap_after']:+.3f}" in text
        assert f"({closed:.0%} smaller)" in text


def test_the_largest_gaps_come_first(comparison):
    lines = comparison_text(comparison, limit=3).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("  slice"))
    shown = [float(re.search(r"([+-]\d\.\d{3}) \[", line)[1]) for line in lines[start + 1:start + 4]]
    assert shown == sorted(shown, key=abs, reverse=True)
    assert lines[start + 4].startswith("  and ")


def test_verdicts_stand_beside_their_numbers(comparison):
    row = comparison.rows("unchanged", 0.6, slice="color:orange").iloc[0]
    line = next(line for line in comparison_text(comparison, limit=30).splitlines()
                if line.startswith("  color:orange") and f"{row['after']:.4f}" in line)
    assert row["verdict"] in line and line.endswith(row["gap_verdict"])


def test_a_check_shows_so_many_gaps(comparison):
    found = check(comparison.before, {"false_positive_rate": 0.01}, reference={"color": "blue"})
    lines = check_text(found, limit=3).splitlines()
    assert lines[0].startswith("fail: ") and lines[-1] == f"  and {len(found.frame) - 3} more, all in frame"
    assert len(lines) == 6


def test_a_missing_value_is_a_dash():
    examples = fairkit.Examples(labels=[1, 1, 0, 0], groups={"g": ["a", "a", "b", "b"]})
    text = evaluation_text(fairkit.evaluate([0.9, 0.8, 0.1, 0.7], examples, ["g"], [0.5]))
    assert "- (0)" in next(line for line in text.splitlines() if "g:a" in line)
