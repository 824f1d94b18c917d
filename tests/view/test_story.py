"""The page of the demo, in Chromium."""

import numpy as np

import fairkit
from fairkit.view.story import Chapter, save_story


def test_chapters_with_their_boards(tmp_path, chromium):
    rng = np.random.default_rng(0)
    examples = fairkit.Examples(labels=rng.integers(0, 2, 300), groups={"g": rng.choice(["a", "<b>"], 300)})
    before, after = (fairkit.evaluate(rng.random(300), examples, ["g"], [0.5]) for _ in range(2))
    comparison = fairkit.compare(before, after)
    chapter = Chapter("Is <a> flagged more often?", "about & so on", "the summary", comparison,
                      comparison.report(pictures="none", board=False), "a/report.html")
    path = save_story([chapter, chapter], tmp_path / "index.html", "a story")
    page = chromium.new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    assert page.locator("h2").all_inner_texts() == ["Is <a> flagged more often?"] * 2
    assert "with g “<b>” are predicted positive in" in page.locator("section li").nth(0).inner_text() + \
        page.locator("section li").nth(1).inner_text()
    assert page.get_by_text("The whole report").first.get_attribute("href") == "a/report.html"
    frame = page.frame_locator("iframe").first
    frame.locator("fairness-nb-container").wait_for()
    frame.get_by_text("false positive rate").first.wait_for()
    assert not [url for url in requests if not url.startswith(("file:", "about:", "data:", "blob:"))]
    page.close()
