"""The plain-text tables against the numbers that they show."""

import numpy as np
import pytest

import fairkit
from fairkit.evaluation.checking import check
from fairkit.view.text import check_text, evaluation_text


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


def test_a_check_shows_so_many_gaps(comparison):
    found = check(comparison.before, {"false_positive_rate": 0.01}, reference={"color": "blue"})
    lines = check_text(found, limit=3).splitlines()
    assert lines[0].startswith("fail: ") and lines[-1] == f"  and {len(found.frame) - 3} more, all in frame"
    assert len(lines) == 6


def test_a_missing_value_is_a_dash():
    examples = fairkit.Examples(labels=[1, 1, 0, 0], groups={"g": ["a", "a", "b", "b"]})
    text = evaluation_text(fairkit.evaluate([0.9, 0.8, 0.1, 0.7], examples, ["g"], [0.5]))
    assert "- (0)" in next(line for line in text.splitlines() if "g:a" in line)
