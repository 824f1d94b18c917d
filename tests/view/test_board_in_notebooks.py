"""The board where it is shown: JupyterLab 4, Notebook 7, notebooks that are not trusted, and nbconvert's HTML."""

import base64
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from playwright.sync_api import TimeoutError

import fairkit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds
SETUP = """\
import numpy as np
import fairkit

random = np.random.default_rng(0)
n = 600
groups = {"color": random.choice(["blue", "orange"], n), "shape": random.choice(["square", "circle", "star"], n)}
examples = fairkit.Examples(labels=random.integers(0, 2, n), groups=groups)
scores = np.clip(random.beta(2, 5, n) + 0.3 * examples.labels + 0.25 * (groups["color"] == "orange"), 0, 1)
before, after = (fairkit.evaluate(s, examples, ["color", "shape"], [0.25, 0.5]) for s in (scores, 0.9 * scores))
"""
CELLS = [SETUP, "before", "before.plot()",
         "fairkit.compare(before, after).show(threshold=0.25)\nprint('after the board')"]


@pytest.fixture(scope="module")
def told():
    """What the notebook computes."""
    names = {}
    exec(SETUP, names)
    return names


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """(root folder, environment): folders of Jupyter's own, and a kernel that is this Python."""
    root, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    kernel = home / "kernels" / "fairkit"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "fairkit", "language": "python"}))
    settings = home / "config" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({   # no questions to the reader while the test waits
        "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": True},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}))
    environment = {**os.environ, "JUPYTER_PATH": str(home), "IPYTHONDIR": str(home / "ipython"),
                   "JUPYTER_PREFER_ENV_PATH": "0", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
                   **{f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}}
    return root, environment


@pytest.fixture(scope="module")
def server(jupyter):
    """A running `jupyter lab`, which serves Notebook 7 as well: address(path) gives a page of it."""
    root, environment = jupyter
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    log = open(root.parent / "server.log", "wb")  # noqa: SIM115
    process = subprocess.Popen([
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={token}", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ], env=environment, cwd=root, stdout=log, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}/"
    try:
        wait_for(f"{base}api/status?token={token}", process)
        yield lambda path="": f"{base}{path}{'?token=' + token if path else ''}"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def wait_for(url, process):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            return opener.open(url, timeout=10).read()
        except OSError:
            assert process.poll() is None and time.monotonic() < ends, "the server did not start"
            time.sleep(0.2)


@pytest.fixture
def visit(chromium, server):
    """Opens a page of the server; afterwards there must have been no error and no request to anywhere else."""
    pages, errors, requests = [], [], []

    def note(text, source):
        if f"{server()}static/" not in source:  # Notebook 7 starts with errors in scripts of its own
            errors.append((text, source))

    def open_(path):
        page = chromium.new_page(viewport={"width": 1500, "height": 1000})
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda m: note(m.text, m.location["url"]) if m.type == "error" else None)
        page.on("pageerror", lambda error: note(str(error), error.stack or ""))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(server(path))
        return page

    yield open_
    for page in pages:
        page.close()
    assert errors == []
    assert [url for url in requests if not url.startswith((server(), "data:", "blob:", "about:"))] == []


def write_notebook(path, outputs=()):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    for cell, made in zip(cells[1:], outputs, strict=False):
        cell.outputs = [nbformat.v4.new_output("execute_result", made, execution_count=1)]
    kernel = {"name": "fairkit", "display_name": "fairkit", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def frames(page):
    return page.locator("iframe[srcdoc]")


def board_in(page, number):
    frame = frames(page).nth(number)
    frame.scroll_into_view_if_needed()
    return frame.content_frame


def expect_values(rows, evaluation, threshold, shown, column=0):
    for name in ("Overall", "color:blue", "color:orange"):
        value = evaluation.value("false_positive_rate", name, threshold=threshold)
        assert rows[name][column].split(" (")[0] == shown(value)


def use_both_boards(page, told, read_tables, shown):
    """Reads what the boards open with, and again after other choices of metric, threshold and feature."""
    alone = board_in(page, 0)
    assert not page.get_by_text("The Fairness Indicators board shows in a notebook").first.is_visible()
    [(header, rows)] = read_tables(alone)
    assert header[1] == "false_positive_rate @0.50"
    expect_values(rows, told["before"], 0.5, shown)
    alone.get_by_text("recall", exact=True).click()
    alone.locator(".table-head-row", has_text="recall @0.50").wait_for()
    summary = alone.locator("fairness-metric-summary").first
    summary.locator("paper-dropdown-menu").first.click()
    summary.get_by_role("option", name="0.25").click()
    alone.locator(".table-head-row", has_text="false_positive_rate @0.25").wait_for()
    alone.get_by_label("Slices by").select_option(label="shape")
    alone.locator(".table-row", has_text="shape:star").nth(1).wait_for()
    (header, rows), (_, recalls) = read_tables(alone)
    at = header.index("false_positive_rate @0.25") - 1
    value = told["before"].value("false_positive_rate", "shape:star", threshold=0.25)
    assert rows["shape:star"][at].split(" (")[0] == shown(value)
    value = told["before"].value("recall", "shape:star", threshold=0.5)
    assert recalls["shape:star"][0].split(" (")[0] == shown(value)

    compared = board_in(page, 1)
    (header, _), (plain, rows) = read_tables(compared)
    assert header[1].startswith("before @0.25") and plain[1:3] == ["before @0.25", "after @0.25"]
    expect_values(rows, told["before"], 0.25, shown)
    expect_values(rows, told["after"], 0.25, shown, column=1)


def see_the_plot(page, told):
    """The picture is there, whole, no wider than its place, and has its words."""
    picture = page.get_by_role("img", name=told["before"].plot().alt)
    picture.scroll_into_view_if_needed()
    assert picture.count() == 1
    natural, width, room = picture.evaluate("e => [e.naturalWidth, e.width, e.parentElement.clientWidth]")
    assert 0 < width <= min(natural, room)


def run_all_cells(page):
    """Runs the notebook, and again where the request was lost while the page was still connecting to the kernel."""
    page.locator(".jp-Notebook .jp-CodeCell").nth(len(CELLS) - 1).wait_for(state="attached")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    done, question = page.get_by_text("after the board", exact=True), page.locator(".jp-Dialog .jp-mod-accept")
    running = page.locator(".jp-InputArea-prompt", has_text="*")
    ends = time.monotonic() + PATIENCE / 1000
    while not done.is_visible():
        assert time.monotonic() < ends, "the notebook did not run"
        if question.is_visible():  # which kernel?
            question.click()
        elif running.count() == 0:
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with contextlib.suppress(TimeoutError):
            done.or_(question).first.wait_for(timeout=10_000)


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_jupyterlab_and_notebook_show_what_the_kernel_computed(place, visit, jupyter, told, read_tables, shown):
    name = f"{place.partition('/')[0]}.ipynb"
    write_notebook(jupyter[0] / name)
    page = visit(f"{place}/{name}")
    run_all_cells(page)
    see_the_plot(page, told)
    use_both_boards(page, told, read_tables, shown)


def as_in_a_file(made):
    """An output as the kernel would have written it."""
    return {kind: base64.b64encode(text).decode("ascii") if isinstance(text, bytes) else text
            for kind, text in made.items()}


def test_a_notebook_that_is_not_trusted_shows_the_numbers(visit, jupyter, told):
    formatter = DisplayFormatter()
    write_notebook(jupyter[0] / "foreign.ipynb", [
        as_in_a_file(formatter.format(what)[0]) for what in (told["before"], told["before"].plot())])
    page = visit("lab/workspaces/other/tree/foreign.ipynb")
    table = page.get_by_role("table", name="False positive rate at threshold 0.5").first
    table.wait_for()
    [row] = told["before"].frame.query(
        "slice == 'color:blue' and metric == 'false_positive_rate' and threshold == .5").itertuples()
    shown = table.get_by_role("row", name=re.compile("color:blue")).inner_text()
    assert f"{row.value:.3f} [{row.lower:.3f}, {row.upper:.3f}]" in shown
    assert frames(page).count() == 0
    see_the_plot(page, told)


def test_nbconvert_runs_a_notebook_into_a_page(jupyter, chromium, told, read_tables, shown):
    root, environment = jupyter
    write_notebook(root / "converted.ipynb")
    links = ["require_js_url", "mathjax_url", "mermaid_js_url"]  # what nbconvert itself would load from elsewhere
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "converted.ipynb",
                    *(f"--HTMLExporter.{link}=" for link in links)], cwd=root, env=environment, check=True,
                   capture_output=True)
    page = chromium.new_page(viewport={"width": 1500, "height": 1000})
    page.set_default_timeout(PATIENCE)
    noise, requests = [], []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((root / "converted.html").as_uri())
    see_the_plot(page, told)
    use_both_boards(page, told, read_tables, shown)
    page.close()
    assert noise == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "about:"))] == []


def test_the_output_has_a_plain_table_beside_the_page(told):
    made = DisplayFormatter().format(told["before"])[0]
    assert sorted(made) == ["text/html", "text/plain"]
    value = told["before"].value("false_positive_rate", "color:orange", threshold=0.5)
    assert f"color:orange  {value:.3f} [" in made["text/plain"]
    assert "fairkit-packed" in made["text/html"]
    assert repr(told["before"]).startswith("Evaluation(")
    assert isinstance(told["before"], fairkit.Evaluation)
