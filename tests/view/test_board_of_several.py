"""More than two results: the reader picks the two that stand side by side."""

import pandas as pd
import pytest

import fairkit
from fairkit.errors import FairkitError
from fairkit.view import board

NAMES = ["plain", "MinDiff", "both"]


@pytest.fixture
def several(binary_task):
    """Three evaluations of the same examples, and one of other colours."""
    examples, scores = binary_task()
    others, foreign = binary_task(colors=("green", "orange"), seed=1)
    return [*(fairkit.evaluate(scores * factor, examples, ["color"], [0.25, 0.5]) for factor in (1, 0.9)),
            fairkit.evaluate(foreign, others, ["color"], [0.25, 0.5])]


@pytest.mark.browser
def test_the_reader_picks_two_results(several, open_page, read_tables, shown):
    page = open_page(board(*several, names=NAMES, threshold=0.25).html)
    first, second = (page.get_by_label(label, exact=True) for label in ("Compare", "Compare with"))

    def expect(i, k, slices):
        page.locator(".table-head-row", has_text=f"{NAMES[k]} relative to {NAMES[i]}").wait_for()
        [(header, rows)] = read_tables(page)
        assert header[1:3] == [f"{NAMES[i]} @0.25", f"{NAMES[k]} @0.25"]
        assert [first.input_value(), second.input_value()] == [str(i), str(k)]
        assert set(rows) == {"Overall", *(f"color:{value}" for value in slices)}
        for place in (i, k):
            value = several[place].value("false_positive_rate", "color:orange", threshold=0.25)
            assert rows["color:orange"][(i, k).index(place)].split(" (")[0] == shown(value)
        assert page.locator("#fairkit-hint .legend").all_inner_texts() == [NAMES[i], NAMES[k]]

    expect(0, 1, ["blue", "orange"])  # neither has green ones
    second.select_option(label="both")
    expect(0, 2, ["blue", "green", "orange"])
    first.select_option(label="both")  # the two change places
    expect(2, 0, ["blue", "green", "orange"])


@pytest.mark.browser
def test_two_results_need_no_selector(several, open_page, read_tables):
    page = open_page(board(*several[:2]).html)
    read_tables(page)
    assert not page.get_by_label("Compare", exact=True).is_visible()


@pytest.mark.browser
def test_matched_thresholds_of_several(several, open_page, read_tables, shown):
    several[2] = several[0]
    page = open_page(board(*several, names=NAMES, threshold=0.25, matched={None: [(0.25, 0.225, 0.5)]}).html)
    page.get_by_label("Compare", exact=True).select_option(label="both")
    page.locator(".table-head-row", has_text="both @0.5").wait_for()
    header, rows = read_tables(page)[0]
    assert header[1:3] == ["both @0.5", "MinDiff @0.225"]
    values = [several[0].value("false_positive_rate", "color:blue", threshold=t) for t in (0.5, 0.25)]
    assert [text.split(" (")[0] for text in rows["color:blue"][:2]] == [shown(value) for value in values]
    assert "both \u2192 MinDiff" in page.locator("#fairkit-matched").inner_text()


def test_text_and_tables_have_a_column_for_each(several):
    made = board(*several, names=NAMES)
    assert repr(made).splitlines()[1].split() == ["slice", *NAMES]
    assert repr(board(*several)).splitlines()[1].split() == ["slice", "1", "2", "3"]
    assert "Fairness Indicators: plain, MinDiff and both" in made.html


def test_what_does_not_fit_together_is_refused(several):
    with pytest.raises(FairkitError, match="tuples of 3"):
        board(*several, matched={None: [(0.25, 0.5)]})
    alone = fairkit.evaluate(pd.Series([0.1, 0.9]).to_numpy(), fairkit.Examples(labels=[0, 1], groups={}),
                             thresholds=[0.3], metrics=["recall"])
    with pytest.raises(FairkitError, match="no metric at the same threshold"):
        board(*several, alone)


def test_a_board_opens_on_the_metric_that_was_asked_for_first(binary_task):
    examples, scores = binary_task()
    asked = fairkit.evaluate(scores, examples, ["color"], [0.5], metrics=["false_negative_rate", "recall"])
    every = fairkit.evaluate(scores, examples, ["color"], [0.5])
    assert repr(board(asked)).startswith("false negative rate at threshold 0.5")
    assert repr(board(asked, every)).startswith("false negative rate at threshold 0.5")
    assert repr(board(asked, metric="recall")).startswith("recall at threshold 0.5")
