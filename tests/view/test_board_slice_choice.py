"""A feature with more slices than the component can open at once: which are open, and how a reader gets at the rest."""

import numpy as np
import pytest

import fairkit
from fairkit.view import board

pytestmark = pytest.mark.browser

N, MOST = 6000, 15


@pytest.fixture(scope="module")
def cities():
    """(column, evaluation): a city of a higher number has more examples; city 7 and city 180 are served worst."""
    random = np.random.default_rng(1)
    names = np.array([f"city {i}" for i in range(200)])
    column = random.choice(names, N, p=np.arange(1, 201) / 20100)
    scores = random.random(N) * 0.7 + 0.3 * np.isin(column, ["city 7", "city 180"])
    examples = fairkit.Examples(labels=random.integers(0, 2, N), groups={"city": column})
    return column, fairkit.evaluate(scores, examples, ["city"], [0.5])


def cities_in(rows):
    return [name.partition(":")[2] for name in rows if name != "Overall"]


def test_the_largest_are_open_and_the_rest_is_offered(cities, open_page, read_tables):
    column, evaluation = cities
    page = open_page(board(evaluation).html)
    read_tables(page)
    sure = page.locator("#fairkit-order")
    assert sure.evaluate("select => select.selectedOptions[0].textContent") == "largest sure gap"
    sure.select_option(label="most examples")
    names, sizes = np.unique(column, return_counts=True)
    page.locator(".table-row", has_text=names[np.argsort(sizes)[-MOST]]).first.wait_for()
    [(_, rows)] = read_tables(page)
    assert len(rows) == MOST + 1
    assert all((column == city).sum() >= sorted(sizes)[-MOST] for city in cities_in(rows))
    assert f"{len(names)} slices" in page.locator("#fairkit-hint").inner_text()
    page.get_by_role("button", name="Select Slices").click()
    candidates = page.locator("paper-item.slices-drop-down-candidates")
    assert candidates.count() == len(names) + 2  # overall, and the feature itself


def test_the_reader_asks_for_what_is_surely_high_or_low(cities, open_page, read_tables):
    _, evaluation = cities
    page = open_page(board(evaluation).html)
    read_tables(page)
    frame = evaluation.frame.query("metric == 'false_positive_rate' and slice != 'Overall'").set_index("slice")
    order = page.get_by_label("Show first")
    ends = {"surely high": frame["lower"].nlargest(MOST), "surely low": frame["upper"].nsmallest(MOST)}
    for label, wanted in ends.items():
        order.select_option(label=f"{label} false positive rate")
        page.locator(".table-row", has_text=wanted.index[0]).first.wait_for()
        [(_, rows)] = read_tables(page)
        assert {f"city:{city}" for city in cities_in(rows)} == {*wanted.index}
    assert frame["value"].nlargest(MOST).index.tolist() != frame["lower"].nlargest(MOST).index.tolist()


def test_the_reader_finds_a_slice_by_its_name(cities, open_page, read_tables):
    column, evaluation = cities
    page = open_page(board(evaluation, evaluation, names=["a", "b"]).html)
    read_tables(page)
    matching = [city for city in np.unique(column) if "city 1" in city]
    page.get_by_label("Find").fill("CITY 1")
    page.get_by_text(f"{len(matching)} of ").wait_for()
    page.locator(".table-row [title='city:city 1']").wait_for()
    [(_, rows)] = read_tables(page)
    assert "city 1" in cities_in(rows) and len(rows) == MOST + 1  # what is called so comes before what holds it
    assert all("city 1" in city for city in cities_in(rows))
    page.get_by_label("Find").fill("city 42")
    page.get_by_text("1 of ").wait_for()
    page.locator(".table-row [title='city:city 42']").wait_for()
    assert cities_in(read_tables(page)[0][1]) == ["city 42"]
    page.get_by_label("Find").press("Enter")
    page.get_by_label("Find").fill("nowhere")
    page.get_by_text("0 of ").wait_for()
    assert cities_in(read_tables(page)[0][1]) == []


def test_few_slices_need_no_search(open_page, read_tables, binary_task):
    examples, scores = binary_task()
    page = open_page(board(fairkit.evaluate(scores, examples, ["color"], [0.5])).html)
    read_tables(page)
    assert not page.get_by_label("Find").is_visible() and not page.get_by_label("Show first").is_visible()


@pytest.fixture(scope="module")
def many():
    """3,000 groups of 20; two of them are surely served worst, one best."""
    random = np.random.default_rng(2)
    column = np.array([f"g{i}" for i in range(3000)]).repeat(20)
    scores = random.random(60_000) * 0.6
    scores[np.isin(column, ["g2500", "g1700"])] = 0.9
    scores[column == "g900"] = 0.1
    examples = fairkit.Examples(labels=np.tile([0, 0, 0, 1], 15_000), groups={"g": column})
    return fairkit.evaluate(scores, examples, ["g"], [0.3], min_examples=1)


def test_a_board_of_thousands_opens_with_the_largest_sure_gaps(many, open_page, read_tables):
    page = open_page(board(many).html)
    [(_, rows)] = read_tables(page)
    gaps = many.gaps("false_positive_rate")
    sure = gaps.assign(sure=np.maximum(gaps["lower"], -gaps["upper"])).nlargest(3, "sure")["slice"]
    assert {*sure} == {"g:g2500", "g:g1700", "g:g900"} <= {f"g:{name}" for name in cities_in(rows)}
    hint = page.locator("#fairkit-hint").inner_text()
    assert "3000 slices" in hint and "first 300 can be selected" in hint
    page.get_by_label("Find").fill("g2999")
    page.locator(".table-row [title='g:g2999']").wait_for()
    assert cities_in(read_tables(page)[0][1]) == ["g2999"]


def test_tables_of_thousands_begin_with_the_largest_sure_gaps(many):
    made = board(many)
    lines = repr(made).splitlines()
    assert [line.split()[0] for line in lines[2:3]] == ["Overall"]
    assert {line.split()[0] for line in lines[3:6]} == {"g:g2500", "g:g1700", "g:g900"}
    assert lines[-1] == "... and 2961 more slices" and len(made._repr_html_()) < 3_000_000
    assert "1,000 of 3,001 slices are written out here" in made.html
