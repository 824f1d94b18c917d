"""What a comparison says in a terminal, against the numbers that it shows."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.view.comparison_text import comparison_text, gap_summary


def compared(metric="false_positive_rate", reference=None, softmax=False, thresholds=(0.6,), longer="", n=2000):
    rng = np.random.default_rng(0)
    orange, labels = rng.random(n) < 0.5, rng.integers(0, 2, n)
    groups = {"color": np.where(orange, "orange", "blue"),
              f"digit{longer}": [f"{longer}{digit}" for digit in rng.integers(0, 10, n)]}
    examples = fairkit.Examples(labels=labels, groups=groups)
    base = rng.normal(0.4 + 0.2 * labels, 0.15)
    both = []
    for shift in (0.2, 0.05):
        scores = np.clip(base + shift * orange, 0, 1)
        both.append(fairkit.evaluate(np.stack([1 - scores, scores], 1) if softmax else scores, examples,
                                     ["color", (f"digit{longer}", "color")], list(thresholds)))
    return fairkit.compare(*both, metric=metric, reference=reference)


@pytest.fixture(scope="module")
def comparison():
    return compared(reference={"color": "blue"})


def lines_of(text, slice_):
    return [line for line in text.splitlines() if line.split()[:1] == [slice_]]


def test_a_slice_has_its_rates_its_gaps_and_both_verdicts_with_intervals(comparison):
    text = comparison_text(comparison, limit=30)
    row = comparison.rows("unchanged", 0.6, slice="color:orange").iloc[0]
    shown = " ".join(lines_of(text, "color:orange")[:3])
    for name in ("change", "gap_before", "gap_after", "gap_change"):
        assert f"{row[name]:+.3f} [{row[f'{name}_lower']:+.3f}, {row[f'{name}_upper']:+.3f}]" in shown
    rates, *gaps = lines_of(text, "color:orange")[:3]
    assert f"{row['before']:.4f}" in rates and f"{row['after']:.4f}" in rates and rates.endswith(row["verdict"])
    assert gaps[-1].endswith(row["gap_verdict"])


def test_overall_and_the_reference_are_shown_with_their_change(comparison):
    text = comparison_text(comparison)
    for slice_ in ("Overall", "color:blue"):
        row = comparison.rows("unchanged", 0.6, slice=slice_).iloc[0]
        change = f"{row['change']:+.3f} [{row['change_lower']:+.3f}, {row['change_upper']:+.3f}]"
        assert change in lines_of(text, slice_)[0]
    assert "slice - color:blue" in text


def test_the_largest_gaps_come_first(comparison):
    lines = comparison_text(comparison, limit=3).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("  slice - color:blue"))
    shown = [float(re.search(r"([+-]\d\.\d{3}) \[", line)[1]) for line in lines[start + 1:start + 4]]
    assert shown == sorted(shown, key=abs, reverse=True)
    assert "  and 8 more slices, all in frame" in lines


def test_of_many_slices_those_with_sure_gaps_are_shown():
    """Of 500 groups of 4, whose gaps are largest, and one of 400, whose gap is sure, that one is shown."""
    rng = np.random.default_rng(1)
    g = np.repeat([*(f"g{k}" for k in range(500)), "unlike", "later"], [*[4] * 500, 400, 400])
    labels = rng.integers(0, 2, len(g))
    scores = np.clip(rng.normal(.35 + .3 * labels, .2), 0, 1)
    before, after = scores + .3 * (g == "unlike"), scores + .1 + .2 * (g == "later")
    examples = fairkit.Examples(labels=labels, groups={"g": g})
    comparison = fairkit.compare(*(fairkit.evaluate(np.clip(each, 0, 1), examples, ["g"], [.5], min_examples=1)
                                   for each in (before, after)))
    rows = comparison.rows("unchanged", .5)
    gaps = rows.set_index("slice")["gap_before"].abs()
    assert (gaps > gaps["g:unlike"]).sum() > 12  # by value alone it would not be among them
    text = comparison_text(comparison)
    for slice_ in ("g:unlike", "g:later"):
        assert len(lines_of(text, slice_)) >= 2 * len(comparison.matches)
    assert f"  and {rows['gap_before'].notna().sum() - 12} more slices, all in frame" in text.splitlines()
    assert len(text.splitlines()) < 120
    lower = comparison.levelling_down
    assert len(lower) > 4 and f"levelling down: {len(lower) - 4} more, all in levelling_down" in text


def test_few_slices_are_shown_where_many_thresholds_were_compared():
    text = comparison_text(compared(thresholds=(0.3, 0.5, 0.7)))
    assert text.count("and 17 more slices") == 6  # of 2 colours and 20 crosses


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["false_positive_rate", "accuracy", "f1_score", "positive_rate"]), st.booleans(),
       st.sampled_from([None, {"color": "blue"}]), st.sampled_from(["", "_of_a_table", "x" * 200, "ש", "a b\n\tc"]))
def test_no_line_is_wider_than_a_terminal(metric, softmax, reference, longer):
    text = str(compared(metric, reference, softmax, longer=longer, n=300))
    assert max(len(line) for line in text.splitlines()) <= 100
    for line in text.splitlines():  # no interval is torn
        assert line.count("[") == line.count("]")


def test_a_long_name_keeps_its_values():
    text = str(compared(longer="_of_the_table_of_digits"))
    assert {name[-1] for name in re.findall(r"^  color_X_dig…\S+", text, re.M)} >= set("258")


def test_accuracy_of_several_classes_is_told_without_a_threshold():
    comparison = compared("accuracy", softmax=True)
    text, overall = str(comparison), comparison.rows(slice="Overall").iloc[0]
    assert text.startswith("accuracy of the class with the highest score (overall "
                           f"{overall['before']:.4f} and {overall['after']:.4f})\n")
    assert "threshold" not in text and "nan" not in text
    binary = str(compared("accuracy"))
    assert "accuracy at threshold 0.6 (unchanged; overall" in binary and "(matched by share of positives; " in binary


def test_a_gap_is_told_before_and_after(comparison):
    text = gap_summary(comparison, "color:orange", 0.6)
    for kind in ("unchanged", "matched"):
        row = comparison.rows(kind, 0.6, slice="color:orange").iloc[0]
        closed = 1 - abs(row["gap_after"] / row["gap_before"])
        assert f"{row['gap_before']:+.3f}" in text and f"{row['gap_after']:+.3f}" in text
        assert f"({closed:.0%} smaller)" in text
    assert max(map(len, text.splitlines())) <= 100
