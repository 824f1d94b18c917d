"""The Markdown, read by a Markdown parser: the same tables, and nothing from data that is markup."""

import itertools

import mistune
import pytest

import fairkit
from fairkit.view.report.markdown import markdown_of

HOSTILE = ["<script>alert(1)</script>", "a|b", "*bold* _it_ `code`", "[link](http://elsewhere) ![i](x)",
           "two\nlines\r\n#", "~~x~~ $y$ <!-- -->", "&lt;b&gt; &amp;", "1. one", "مرحبا", "x" * 10_000, "\\", "https://elsewhere"]


def text_of(node):
    if "raw" in node:
        return node["raw"]
    return "".join(map(text_of, node.get("children", ())))


def parsed(text):
    return mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough", "url"])(text)


def types_in(nodes):
    for node in nodes:
        yield node["type"]
        yield from types_in(node.get("children", ()))


@pytest.fixture(scope="module")
def hostile():
    examples = fairkit.Examples(labels=[0, 1] * 300, groups={"g|<i>": HOSTILE * 50})
    evaluation = fairkit.evaluate([0.9, 0.1, 0.6] * 200, examples, ["g|<i>"], [0.5])
    return evaluation.report(title="# <b>|", names=["*m*"], noun="|<u>", pictures="none", board=False)


def tables_of(nodes):
    for node in nodes:
        if node["type"] == "table":
            head, body = node["children"]
            yield [[text_of(c) for c in head["children"]]] + [[text_of(c) for c in r["children"]]
                                                              for r in body["children"]]


@pytest.mark.parametrize("which", ["two_models", "hostile"])
def test_tables_hold_the_texts_of_the_content(which, request):
    import html

    report = request.getfixturevalue(which)
    found = [[[html.unescape(cell).strip() for cell in row] for row in table]
             for table in tables_of(parsed(report.markdown))]
    tables = [part for section in report.content.sections for part in section.parts
              if part.kind == "table" and part.rows]
    assert found == [[list(table.columns), *([cell.strip() for cell in row] for row in table.rows)]
                     for table in tables]


def test_nothing_from_data_is_markup(hostile):
    kinds = set(types_in(parsed(hostile.markdown)))
    assert not kinds & {"link", "image", "emphasis", "codespan", "inline_html", "block_html", "strikethrough"} - {
        "emphasis"}
    assert "<script" not in hostile.markdown and "<b>" not in hostile.markdown
    headings = [text_of(node) for node in parsed(hostile.markdown) if node["type"] == "heading"]
    assert headings[0].replace("&lt;", "<").replace("&gt;", ">") == "# <b>|"


def test_headings_are_in_order_and_the_sentences_stand(two_models):
    nodes = parsed(two_models.markdown)
    levels = [node["attrs"]["level"] for node in nodes if node["type"] == "heading"]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    listed = [text_of(item) for node in nodes if node["type"] == "list" for item in node["children"]]
    sentences = [item for part in two_models.content.section("answer").parts if part.kind == "bullets"
                 for item in part.items]
    assert set(sentences) <= set(listed)
    assert two_models.markdown == markdown_of(two_models.content)
