"""The board in a real Chromium: what stands on the page is what the evaluation says."""

import html

import numpy as np
import pytest

import fairkit
from fairkit.view import board

pytestmark = pytest.mark.browser

HOSTILE = ['"quoted" \'value\'', "</script><script>document.title='broken'</script>", "<img src=x onerror=alert(1)>",
           "\u202eright to left \u05d0\u05d1", "a:b", "a:c", "line\u2028separator & <b>",
           "x" * 10_000, "x" * 9_999 + "y", "Overall", "{{oops}}", "[[slice]]", ""]


def softmax_task(n=600, seed=0):
    """Examples of four classes, and scores in which class 3 is given away too often to orange ones."""
    random = np.random.default_rng(seed)
    color, labels = random.choice(["blue", "orange"], n), random.integers(0, 4, n)
    scores = random.random((n, 4)) + 2 * np.eye(4)[labels]
    scores[:, 3] += 1.5 * (color == "orange") * random.random(n)
    return fairkit.Examples(labels=labels, groups={"color": color}), scores / scores.sum(1, keepdims=True)


def test_one_result_opens_on_its_rate_with_the_values_counted_by_hand(open_page, read_tables, rate, shown, binary_task):
    examples, scores = binary_task()
    evaluation = fairkit.evaluate(scores, examples, ["color", "shape", ("color", "shape")], [0.1, 0.25, 0.5])
    page = open_page(board(evaluation, threshold=0.25).html)
    [(header, rows)] = read_tables(page)
    assert header[:2] == ["feature", "false_positive_rate @0.25"]
    assert set(rows) == {"Overall", "color:blue", "color:orange"}
    for name, texts in rows.items():
        where = True if name == "Overall" else examples.groups["color"].match("color", name.partition(":")[2])
        assert texts[0].split(" (")[0] == shown(rate(examples.labels, scores, 0.25, where))
        assert texts[-1] == str(int(np.sum(np.ones(len(examples)) * where)))
    low, high = evaluation.frame.query("slice == 'color:blue' and metric == 'false_positive_rate' and threshold == .25"
                                       )[["lower", "upper"]].to_numpy()[0]
    assert rows["color:blue"][0].endswith(f"({shown(low)}, {shown(high)})")


def test_bars_and_intervals_lie_inside_the_chart(open_page, read_tables, binary_task):
    examples, scores = binary_task(n=60)
    page = open_page(board(fairkit.evaluate(scores, examples, ["color"], [0.1])).html)
    read_tables(page)
    chart = page.locator("#bar-chart svg, svg#bar-chart").first
    ends = [float(line.get_attribute(y)) for line in chart.locator("#bars line").all() for y in ("y1", "y2")]
    assert len(ends) == 6 and min(ends) >= 10 and max(ends) <= 340
    box = page.locator("#fairkit-board").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1366
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_the_reader_picks_feature_metric_and_threshold(open_page, read_tables, rate, shown, binary_task):
    examples, scores = binary_task()
    evaluation = fairkit.evaluate(scores, examples, ["color", "shape", ("color", "shape")], [0.1, 0.25, 0.5])
    page = open_page(board(evaluation, threshold=0.1).html)
    read_tables(page)
    features = page.get_by_label("Slices by")
    assert features.locator("option").all_inner_texts() == ["color", "shape", "color \u00d7 shape"]
    page.get_by_text("recall", exact=True).click()
    page.locator("fairness-metric-summary").nth(1).wait_for()
    features.select_option(label="shape")
    page.locator(".table-row", has_text="shape:star").nth(1).wait_for()
    (first, rows), (second, _) = read_tables(page)  # what was opened stays open
    assert (first[1], second[1]) == ("false_positive_rate @0.10", "recall @0.10")
    star = examples.groups["shape"].match("shape", "star")
    assert rows["shape:star"][0].split(" (")[0] == shown(rate(examples.labels, scores, 0.1, star))
    page.locator("fairness-metric-summary").first.locator("paper-dropdown-menu").first.click()
    page.locator("fairness-metric-summary").first.get_by_role("option", name="0.50").click()
    page.locator(".table-head-row", has_text="false_positive_rate @0.50").wait_for()
    features.select_option(label="color \u00d7 shape")
    page.locator(".table-row", has_text="color_X_shape:blue_X_star").first.wait_for()
    header, rows = read_tables(page)[0]
    assert header[1:5:2] == ["false_positive_rate @0.10", "false_positive_rate @0.50"]
    blue = examples.groups["color"].match("color", "blue")
    assert rows["color_X_shape:blue_X_star"][2].split(" (")[0] == shown(rate(examples.labels, scores, 0.5, star & blue))


def test_the_reader_picks_the_class_of_a_softmax_model(open_page, rate, shown):
    examples, scores = softmax_task()
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.3], classes=[1, 3])
    page = open_page(board(evaluation, class_id=3).html)
    orange = examples.groups["color"].match("color", "orange")
    for label, class_id in (("3 against the rest", 3), ("1 against the rest", 1)):
        page.get_by_label("Class").select_option(label=label)
        wanted = shown(rate(examples.labels == class_id, scores[:, class_id], 0.3, orange))
        page.locator(".table-row", has_text=f"color:orange {wanted} (").wait_for()
    assert page.get_by_role("checkbox", name="accuracy (top-1)").is_visible()


def test_two_results_side_by_side_at_the_same_threshold(open_page, read_tables, rate, shown, binary_task):
    examples, scores = binary_task()
    evaluations = [fairkit.evaluate(s, examples, ["color"], [0.5]) for s in (scores, scores * 0.9)]
    page = open_page(board(*evaluations, names=["zeta", "alpha"]).html)
    [(header, rows)] = read_tables(page)
    assert header == ["feature", "zeta @0.5", "alpha @0.5", "alpha relative to zeta @0.5", "example count"]
    orange = examples.groups["color"].match("color", "orange")
    values = [rate(examples.labels, s, 0.5, orange) for s in (scores, scores * 0.9)]
    assert [text.split(" (")[0] for text in rows["color:orange"][:2]] == [shown(v) for v in values]
    percent = 100 * (values[1] / values[0] - 1)
    assert rows["color:orange"][2].replace("\u2212", "-") == f"{round(percent, 1):+g}%"
    bars = page.evaluate("""() => {
        const find = (root, name) => [...root.querySelectorAll('*')].flatMap((e) => [
            ...(e.localName === name ? [e] : []), ...(e.shadowRoot ? find(e.shadowRoot, name) : [])]);
        return find(document, 'rect').filter((r) => r.__data__).map((r) => r.__data__.evalName); }""")
    assert bars == ["zeta", "alpha"] * 3  # not in the order of the alphabet


def test_slices_that_one_result_lacks_are_filled(open_page, read_tables, rate, shown, binary_task):
    few, scores = binary_task(colors=("blue", "orange"))
    many, other = binary_task(colors=("green", "orange"), seed=1)
    page = open_page(board(fairkit.evaluate(scores, few, ["color"], [0.5]),
                           fairkit.evaluate(other, many, ["color"], [0.5])).html)
    [(_, rows)] = read_tables(page)
    assert set(rows) == {"Overall", "color:blue", "color:orange", "color:green"}
    assert rows["color:green"][0] == rows["color:blue"][1] == "NaN"
    assert rows["color:green"][1].split(" (")[0] == shown(
        rate(many.labels, other, 0.5, many.groups["color"].match("color", "green")))


def test_matched_thresholds_have_a_metric_of_their_own(open_page, read_tables, rate, shown, binary_task):
    examples, scores = binary_task()
    after = np.round(scores * 0.8, 3)
    before = fairkit.evaluate(scores, examples, ["color"], [0.25, 0.5])
    comparison = fairkit.compare(before, fairkit.evaluate(after, examples, ["color"], [0.25, 0.5]))
    page = open_page(board(comparison, threshold=0.25).html)
    (header, rows), (plain, _) = read_tables(page)
    matched = dict(comparison.threshold_pairs[None])[0.25]
    assert header[1:3] == ["before @0.25", f"after @{matched:.6g}"] and plain[1] == "before @0.25"
    achieved = [rate(examples.labels, s, t) for s, t in ((scores, 0.25), (after, matched))]
    assert (f"0.25 \u2192 {matched:.6g} ({achieved[0]:.4f} \u2192 {achieved[1]:.4f})"
            in page.locator("#fairkit-matched").inner_text())
    orange = examples.groups["color"].match("color", "orange")
    assert [text.split(" (")[0] for text in rows["color:orange"][:2]] == [
        shown(rate(examples.labels, scores, 0.25, orange)), shown(rate(examples.labels, after, matched, orange))]


def test_hostile_slice_values_neither_break_nor_run(open_page, read_tables, rate, shown):
    random = np.random.default_rng(0)
    column, labels, scores = random.choice(HOSTILE, 2000), random.integers(0, 2, 2000), random.random(2000)
    groups = {"color": column, "<b>x</b>": random.choice(["a", "b"], 2000)}
    examples = fairkit.Examples(labels=labels, groups=groups)
    evaluation = fairkit.evaluate(scores, examples, ["color", "<b>x</b>"], [0.5])
    names = ("<i>before</i>", "</script><script>alert(2)</script>")
    page = open_page(board(evaluation, evaluation, names=names).html)
    [(_, rows)] = read_tables(page)
    assert len(rows) == len(HOSTILE) + 1
    for value in (v for v in HOSTILE if len(v) < 40):
        text = rows[f"color:{value or chr(34) * 2}".strip()] if "\u2028" not in value else next(
            texts for name, texts in rows.items() if name.startswith("color:line"))
        assert text[0].split(" (")[0] == shown(rate(labels, scores, 0.5, column == value))
    assert page.title() == f"Fairness Indicators: {names[0]} and {names[1]}"
    for place in ("#fairkit-board", "details", "header", "#fairkit-choices"):
        assert page.locator(f"{place} :is(script, img[src=x], i:has-text('before'))").count() == 0
    page.locator("svg#bar-chart rect").nth(4).hover()
    page.locator("#tooltip td", has_text="false_positive_rate@0.5").wait_for()
    assert page.locator("#tooltip td").nth(1).inner_text().startswith("color:")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


@pytest.mark.parametrize("width", [390, 1040, 1900])
def test_a_narrow_and_a_wide_screen(width, open_page, read_tables):
    """The component cuts labels until they fit, and never ends where there is no room for three dots."""
    random = np.random.default_rng(0)
    cities = random.choice([f"a city with a long name {i}" for i in range(12)], 2000)
    examples = fairkit.Examples(labels=random.integers(0, 2, 2000), groups={"city": cities})
    evaluation = fairkit.evaluate(random.random(2000), examples, ["city"], [0.5])
    page = open_page(board(evaluation, evaluation, names=["a", "b"]).html, width)
    [(_, rows)] = read_tables(page)
    assert len(rows) == 13
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    chart = page.locator("svg#bar-chart").bounding_box()
    room = page.locator("fairness-bounded-value-bar-chart").bounding_box()
    assert chart["width"] <= room["width"] or width == 390   # a phone scrolls
    drawn = page.evaluate("""() => { const find = (root) => [...root.querySelectorAll('*')].flatMap(
        (e) => [...(e.id === 'bar-chart' && e.viewBox ? [e] : []), ...(e.shadowRoot ? find(e.shadowRoot) : [])]);
        return find(document)[0].viewBox.baseVal.width; }""")
    assert 0.9 < chart["width"] / drawn < 1.2   # so that its text keeps its size


def test_the_readers_choices_are_reached_by_keyboard_and_have_names(open_page, read_tables, binary_task):
    examples, scores = binary_task()
    evaluation = fairkit.evaluate(scores, examples, ["color", "shape"], [0.5])
    page = open_page(board(evaluation, evaluation, evaluation, names=["a", "b", "c"]).html)
    read_tables(page)
    for name in ("Compare", "Compare with", "Slices by"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    page.keyboard.press("s")   # shape
    page.locator(".table-row", has_text="shape:star").wait_for()
    assert page.get_by_role("combobox", name="Slices by").evaluate("e => e === document.activeElement")


def test_a_browser_that_cannot_unpack_the_board_says_so(open_page, binary_task):
    examples, scores = binary_task()
    html = board(fairkit.evaluate(scores, examples, ["color"], [0.5])).html
    page = open_page(html.replace('id="fairkit-packed">', 'id="fairkit-packed">AAAA'))
    page.get_by_text("This browser cannot open the board").wait_for()
    page.get_by_text("All numbers as tables").click()
    assert page.get_by_role("table", name="False positive rate at threshold 0.5").is_visible()


def test_the_frame_of_a_notebook_renders_and_is_locked(open_page, read_tables, binary_task):
    examples, scores = binary_task()
    output = board(fairkit.evaluate(scores, examples, ["color"], [0.5]))._repr_html_()
    page = open_page(f"<!DOCTYPE html><html><body><h1>notebook</h1>{output}</body></html>")
    [(header, rows)] = read_tables(page.frame_locator("iframe"))
    assert header[1] == "false_positive_rate @0.5" and set(rows) == {"Overall", "color:blue", "color:orange"}
    frame = page.frames[1]
    assert frame.evaluate("window.origin") == "null"
    peek = "() => { try { return parent.document.title } catch (e) { return e.name } }"
    assert frame.evaluate(peek) == "SecurityError"


@pytest.mark.parametrize("policy", [
    "",
    # What VS Code puts around outputs where notebook.experimental.enableCsp is on; a frame inherits it.
    "default-src 'none'; script-src https://*.vscode-cdn.net 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src https: http: data:; font-src https:; connect-src https:; child-src https: data:",
], ids=["dark", "vs code"])
def test_the_output_renders_in_a_frame_of_a_frame(policy, open_page, read_tables, binary_task):
    """As in Colab and VS Code, which put the outputs of a notebook into a frame of their own."""
    examples, scores = binary_task()
    output = board(fairkit.evaluate(scores, examples, ["color"], [0.5]))._repr_html_()
    inner = (f'<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="{policy}">'
             f'<body style="background: #1e1e1e; color: #ccc">{output}</body>')
    outer = (f'<!DOCTYPE html><body><iframe sandbox="allow-scripts" width="1000" height="900" '
             f'srcdoc="{html.escape(inner)}"></iframe></body>')
    frame = open_page(outer).frame_locator("iframe").frame_locator("iframe")
    [(header, rows)] = read_tables(frame)
    assert header[1] == "false_positive_rate @0.5" and set(rows) == {"Overall", "color:blue", "color:orange"}


def test_the_page_may_not_reach_the_network_or_run_a_foreign_script(chromium, tmp_path, binary_task):
    examples, scores = binary_task()
    path = board(fairkit.evaluate(scores, examples, ["color"], [0.5])).save(tmp_path / "board.html")
    page = chromium.new_page()
    requests = []
    page.route("http://**", lambda route: (requests.append(route.request.url), route.abort()))
    page.goto(path.as_uri())
    tried = """() => fetch('http://example.invalid/').then(() => 'reached', (e) => e.name)"""
    assert page.evaluate(tried) == "TypeError"
    page.evaluate("""() => { const s = document.createElement('script'); s.textContent = 'window.foreign = 1';
                     document.body.append(s); new Image().src = 'http://example.invalid/x.png'; }""")
    assert page.evaluate("window.foreign") is None and requests == []
    page.close()
