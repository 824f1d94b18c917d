"""The page in Chromium: on a desk, on a phone, printed; with hostile data; in a notebook's cell."""

import itertools

import numpy as np
import pytest

import fairkit

HOSTILE = ["<script>document.title = 'run'</script>", '"><img src=x onerror=alert(1)>', "</iframe></section>",
           "{{ 1 + 1 }}", "x" * 10_000, "مرحبا بالعالم", "\u202e\u2066turned", "&amp;"]


@pytest.fixture(scope="module")
def hostile():
    examples = fairkit.Examples(labels=[0, 1] * 400, groups={"</style><b>": HOSTILE * 100, "plain": ["a", "b"] * 400})
    evaluation = fairkit.evaluate([0.9, 0.1, 0.6, 0.2, 0.7] * 160, examples, ["</style><b>", "plain"], [0.5])
    return evaluation.report(title="<script>alert(1)</script>", names=["</title><b>model"], noun="<b>posts</b>")


@pytest.fixture
def phone(chromium):
    """Opens a page at the width of a phone."""
    pages = []

    def open_(path):
        pages.append(chromium.new_page(viewport={"width": 390, "height": 844}))
        pages[-1].goto(path.as_uri())
        return pages[-1]

    yield open_
    for page in pages:
        page.close()


def test_the_answer_the_tables_and_the_board(two_models, open_page, read_tables, shown, judged, negatives):
    page = open_page(two_models.html)
    assert page.locator("html").get_attribute("lang") == "en"
    lead = page.locator("#answer p.lead").inner_text()
    assert lead.replace("\N{NO-BREAK SPACE}", " ").startswith("Good tins with color orange are flagged as bad")
    assert page.locator("h1").inner_text() == "Fairness report: plain and MinDiff"
    page.locator("iframe.board").scroll_into_view_if_needed()
    (_, rows), *_ = read_tables(page.frame_locator("iframe.board"))
    color = np.array(judged[0].groups["color"].to_list())
    hits, n = negatives("before", 0.4, color == "orange")
    assert rows["color:orange"][0].startswith(shown(hits / n))


def test_headings_tables_pictures_and_links_are_marked_up(two_models, open_page):
    page = open_page(two_models.html)
    levels = [int(name[1]) for name in page.locator("h1, h2, h3, h4").evaluate_all("e => e.map(x => x.tagName)")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.locator("th:not([scope])").count() == 0 and page.locator("table:not(:has(caption))").count() == 0
    alts = page.locator("img").evaluate_all("e => e.map(x => x.alt)")
    assert len(alts) >= 4 and all(len(alt) > 40 for alt in alts)
    for link in page.locator("nav a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    assert page.locator("iframe:not([title])").count() == 0


@pytest.mark.parametrize("which", ["two_models", "hostile"])
def test_a_phone_shows_it_without_scrolling_sideways(which, request, phone, tmp_path):
    page = phone(request.getfixturevalue(which).save(tmp_path / "report.html"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = page.locator(".box").evaluate_all("e => e.filter(x => x.scrollWidth > x.clientWidth).length")
    assert wide > 0 and page.locator(".box").first.evaluate("x => getComputedStyle(x).overflowX") == "auto"


def test_hostile_values_are_text(hostile, open_page):
    page = open_page(hostile.html)
    page.locator("iframe.board").scroll_into_view_if_needed()
    page.frame_locator("iframe.board").locator("fairness-metrics-table .baseline-row").last.wait_for()
    assert page.title() == "<script>alert(1)</script>" and page.locator("h1").inner_text() == page.title()
    assert page.locator("main b, main script, main img:not(figure img)").count() == 0
    assert page.locator("section").count() == len(hostile.content.sections)
    names = page.locator("#tables tbody th").all_inner_texts()
    assert any("<script>document.title" in name for name in names) and any("مرحبا" in name for name in names)


def test_the_policy_lets_nothing_out(two_models, chromium, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(two_models.html.replace("</main>", "<img src='https://elsewhere.example/x.png'>"
                                            "<script>document.title = 'run'</script></main>"), encoding="utf-8")
    page, failed = chromium.new_page(), []
    page.on("console", lambda message: failed.append(message.text))
    page.goto(path.as_uri())
    assert page.title() == "Fairness report: plain and MinDiff"
    assert len([text for text in failed if "Content Security Policy" in text]) >= 2
    page.close()


def test_it_prints_the_answer_without_the_board(two_models, open_page, tmp_path):
    page = open_page(two_models.html)
    page.emulate_media(media="print")
    assert page.locator("#answer").is_visible() and not page.locator("#board").is_visible()
    assert not page.locator("nav").is_visible()
    page.set_viewport_size({"width": 690, "height": 1000})   # the text width of A4 with the margins of the style
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    printed = page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
    assert printed[:5] == b"%PDF-" and printed.count(b"/Type /Page\n") >= 2


def test_without_a_board_the_page_has_no_script_at_all(evaluations, open_page):
    report = evaluations[0].report(board=False)
    page = open_page(report.html)
    assert "script-src &#39;none&#39;" in report.html and page.locator("script, iframe").count() == 0


def test_a_cell_of_a_notebook_shows_it_in_a_frame_with_markdown_beside_it(two_models, open_page):
    page = open_page(f"<!doctype html><title>cell</title>{two_models._repr_html_()}")
    frame = page.frame_locator("iframe")
    assert "flagged as bad" in frame.locator("#answer ul.lead li").first.inner_text()
    frame.locator("iframe.board").scroll_into_view_if_needed()
    frame.frame_locator("iframe.board").locator("fairness-metrics-table .baseline-row").last.wait_for()
    bundle = two_models._repr_mimebundle_()
    assert bundle["text/markdown"] == two_models.markdown and bundle["text/plain"].startswith("Fairness report")
    assert not page.locator("body > div").is_visible()   # the answer in words, for places that take the frame away
    assert two_models.to_dict()["headline"] in page.locator("body > div").text_content()
