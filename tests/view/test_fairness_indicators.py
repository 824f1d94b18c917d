"""The board as an object: what it refuses, writes and prints."""

import html
import math

import numpy as np
import pytest

import fairkit
from fairkit.errors import FairkitError
from fairkit.view import board
from fairkit.view.component import component_source


@pytest.fixture
def evaluation():
    random = np.random.default_rng(0)
    examples = fairkit.Examples(labels=random.integers(0, 2, 200),
                                groups={"color": random.choice(["blue", "<b>orange</b>"], 200)})
    return fairkit.evaluate(random.random(200), examples, ["color"], [0.1, 0.5])


def test_the_component_ends_no_script_and_needs_no_tfma_import():
    assert "fairness-nb-container" in component_source()
    assert "</script" not in component_source().lower()


@pytest.mark.parametrize(("options", "says"), [
    ({"names": ["a", "b"]}, "1 distinct names"),
    ({"metric": "false_positive"}, "'false_positive_rate' \\(the nearest\\)"),
    ({"threshold": 0.3}, r"one of \[0.1, 0.5\]"),
    ({"class_id": 8}, "no class 8"),
])
def test_bad_options_say_what_was_expected(evaluation, options, says):
    with pytest.raises(FairkitError, match=says):
        board(evaluation, **options)


def test_a_board_shows_evaluations(evaluation, tmp_path):
    with pytest.raises(FairkitError, match="at least one evaluation"):
        board()
    with pytest.raises(FairkitError, match=r"a board shows evaluations.*Received: int"):
        board(3)
    with pytest.raises(FairkitError, match="there is no evaluation here"):
        board(tmp_path)
    with pytest.raises(FairkitError, match="a comparison is shown alone"):
        board(fairkit.compare(evaluation, evaluation), evaluation)
    with pytest.raises(FairkitError, match="2 distinct names"):
        board(evaluation, evaluation, names=["same", "same"])


def test_the_whole_page_is_written_or_nothing(evaluation, tmp_path):
    made = board(evaluation)
    path = made.save(tmp_path / "board.html")
    assert path.read_text("utf-8") == made.html
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(FairkitError, match="cannot be written"):
        made.save(tmp_path / "folder.html")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["board.html", "folder.html"]


def test_the_notebook_output_carries_the_page_and_the_numbers(evaluation):
    output = board(evaluation)._repr_html_()
    frame, _, tables = output.partition("</iframe>")
    page = html.unescape(frame.partition('srcdoc="')[2].partition('" sandbox="allow-scripts"')[0])
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
    assert "color:&lt;b&gt;orange&lt;/b&gt;" in tables and "<b>" not in tables


def test_an_output_is_small_and_as_high_as_what_it_opens_with(evaluation):
    output = board(evaluation)._repr_html_()
    assert len(output) < 600_000   # four of them in a notebook: 2 MB instead of 6
    assert 'height="1054"' in output and 'height="700"' in board(evaluation, height=700)._repr_html_()


def test_plain_text_stays_in_its_lines():
    examples = fairkit.Examples(labels=[0, 1] * 10, groups={"color": ["a\nb\x1b[31m", ""] * 10})
    evaluation = fairkit.evaluate(np.linspace(0, 1, 20), examples, ["color"], [0.5])
    lines = repr(board(evaluation)).splitlines()
    assert len(lines) == 5 and any('color:""' in line for line in lines) and "\x1b" not in "".join(lines)


def test_the_tables_hold_every_number_with_what_was_counted(evaluation):
    page = board(evaluation).html
    rows = evaluation.frame[evaluation.frame.metric == "false_positive_rate"]
    assert len(rows) == 6
    for row in rows.itertuples():
        assert (f"{row.value:.3f} [{row.lower:.3f}, {row.upper:.3f}] {row.numerator:.0f}/{row.denominator:.0f}"
                in page.partition("<details")[2])


def test_text_shows_what_the_board_opens_with(evaluation):
    value = evaluation.value("false_positive_rate", threshold=0.1)
    lines = repr(board(evaluation, threshold=0.1)).splitlines()
    assert lines[0] == "false positive rate at threshold 0.1"
    assert lines[2].startswith("Overall") and f" {value:.3f} [" in lines[2]


def test_half_a_surrogate_pair_is_written_as_a_question_mark(tmp_path):
    examples = fairkit.Examples(labels=[0, 1] * 10, groups={"color": ["a\ud800", "b"] * 10})
    made = board(fairkit.evaluate(np.linspace(0, 1, 20), examples, ["color"], [0.5]))
    assert "color:a?" in made.save(tmp_path / "b.html").read_text("utf-8")
    made._repr_html_().encode("utf-8")


def test_undefined_values_say_why():
    examples = fairkit.Examples(labels=[0, 1] * 10, groups={"color": ["a", "b"] * 10})
    evaluation = fairkit.evaluate(np.linspace(0, 1, 20), examples, ["color"], [0.5])
    assert math.isnan(evaluation.value("false_positive_rate", "color:b", threshold=0.5))
    page = board(evaluation).html
    assert "<td>undefined</td><td>undefined: no negatives in this slice</td>" in page


@pytest.mark.parametrize("least", [1, 30])
def test_the_matched_column_asks_for_as_many_examples_as_the_evaluation(least):
    rng = np.random.default_rng(1)
    colors = rng.choice(["red", "blue", "green"], 60)
    examples = fairkit.Examples(labels=rng.integers(0, 2, 60), groups={"color": colors})
    sides = [fairkit.evaluate(rng.random(60).round(3), examples, ["color"], [0.5], min_examples=least)
             for _ in range(2)]
    made = board(fairkit.compare(*sides))
    notes = [cell.note for view in made._views for table in view.cells for cells in table.values()
             for key, cell in cells.items() if key in view.matched]
    assert len(notes) >= 8 and any(note.startswith("too few") for note in notes) == (least == 30)
    assert ("too few" in made.html) == (least == 30)
