"""A real Chromium for the tests of the board, what they show on it, and how they read numbers off it."""

import math
import os
import shutil

import numpy as np
import pytest

import fairkit

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 60_000  # milliseconds, on a machine with other work to do


@pytest.fixture(scope="session")
def chromium():
    """The browser. Without one the test is skipped, or fails where FAIRKIT_REQUIRE_BROWSER=1."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        message = "no Chromium on this machine; install it with: apt-get install chromium"
        if os.environ.get("FAIRKIT_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, tmp_path):
    """Opens a page (text) as a file and waits for the board; afterwards the page must have stayed quiet."""
    opened, noise, requests = [], [], []

    def open_(html, width=1366):
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(PATIENCE)
        opened.append(page)
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("dialog", lambda dialog: (noise.append("a dialog opened"), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_
    for page in opened:
        page.close()
    assert noise == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "about:"))] == []


@pytest.fixture(scope="session")
def binary_task():
    """Gives examples with colours and shapes, and scores that are too high for the last colour."""
    def task(n=600, seed=0, colors=("blue", "orange"), shift=0.25):
        random = np.random.default_rng(seed)
        color, shape = random.choice(list(colors), n), random.choice(["square", "circle", "star"], n)
        labels = random.integers(0, 2, n)
        examples = fairkit.Examples(labels=labels, groups={"color": color, "shape": shape})
        return examples, np.clip(random.beta(2, 5, n) + 0.3 * labels + shift * (color == colors[-1]), 0, 1)

    return task


@pytest.fixture(scope="session")
def rate():
    """Counts a false positive rate by hand."""
    def false_positive_rate(labels, scores, threshold, where=True):
        negatives = (np.asarray(labels) == 0) & where
        return float((np.asarray(scores)[negatives] > threshold).mean())

    return false_positive_rate


@pytest.fixture(scope="session")
def shown():
    """Writes a rate as the component's table prints it."""
    return lambda value: str(math.floor(value * 1000 + 0.5) / 1000).removesuffix(".0")


@pytest.fixture(scope="session")
def read_tables():
    """Reads the component's tables in a page or frame, one a chart: (header texts, {slice: texts})."""
    def read(page):
        tables = page.locator("fairness-metrics-table")
        tables.last.locator(".baseline-row").wait_for()
        found = []
        for table in tables.all():
            rows = [[cell.strip() for cell in row.locator(".table-feature-column, .table-entry").all_inner_texts()]
                    for row in table.locator(".table-head-row, .baseline-row, .table-row").all()]
            found.append((rows[0], {row[0]: row[1:] for row in rows[1:]}))
        return found

    return read
