"""Mentions: what counts as a word, a plural, a longer term; against a plain reading of each text letter by letter."""

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.data import MENTION_TERMS, annotate_mentions, as_written
from fairkit.texts import Texts

HATEXPLAIN = Path(__file__).parents[2].parent / "shared" / "data" / "hatexplain.csv"
MADLIBS = HATEXPLAIN.with_name("madlibs.csv")


def examples_of(*texts, inputs=None):
    return fairkit.Examples(inputs=np.array(texts, object) if inputs is None else inputs, labels=[0] * len(texts),
                            groups={})


def mentions(text, terms, column="c"):
    """The groups that one text mentions, as a set."""
    terms = {"c": terms} if column == "c" else terms
    cell = annotate_mentions(examples_of(text), terms).groups[column].to_list()[0]
    return {cell} - {None} if not isinstance(cell, tuple) else set(cell)


@pytest.mark.parametrize(("text", "found"), [
    ("the muslim", True), ("Muslim", True), ("MUSLIMS!", True), ("muslim's", True), ("muslim’s", True),  # noqa: RUF001
    ("muslims' rights", True), ("anti-muslim", True), ("anti‑muslim", True), ("(muslim)", True),  # noqa: RUF001
    ("#muslim_ban", True), ("non\u00admus\u00adlim", False), ("mus\u00adlim", True), ("mus\u200blim", True),
    ("Ｍuslim", True), ("𝐦𝐮𝐬𝐥𝐢𝐦", True), ("❤️muslim❤️", True), ("muslim🕌", True), ("MUSLİM", True),  # noqa: RUF001
    ("muslimah", False), ("premuslim", False), ("muslim2", False), ("ümuslim", False), ("muslimé", False),
    ("muslime\u0301", False), ("muslim\u0336", False), ("mus lim", False), ("", False), ("muzlim", False),
])
def test_a_whole_word_in_any_spelling(text, found):
    assert mentions(text, {"g": ["muslim"]}) == ({"g"} if found else set())


@pytest.mark.parametrize(("term", "text", "found"), [
    ("church", "churches", True), ("church", "churchs", False), ("lady", "ladies", True), ("lady", "ladys", False),
    ("boy", "boys", True), ("boy", "boies", False), ("witness", "witnesses", True), ("fox", "foxes", True),
    ("jew", "jews", True), ("woman", "women", False), ("trans woman", "trans womans", True), ("bbc", "bbcs", True),
    ("trans woman", "transes woman", False), ("c++", "c++s", False), ("naïve", "naïves", True), ("k9", "k9s", False),
])
def test_regular_plurals_of_the_last_word(term, text, found):
    assert mentions(text, {"g": term}) == ({"g"} if found else set())


@pytest.mark.parametrize(("text", "found"), [
    ("trans woman", True), ("Trans  Woman", True), ("trans\n\twoman", True), ("trans\u00a0woman", True),
    ("trans-woman", True), ("trans‑woman", True), ("trans_woman", True), ("trans, woman", False),  # noqa: RUF001
    ("transwoman", False), ("trans - woman", False), ("trans the woman", False),
])
def test_a_space_in_a_term(text, found):
    assert mentions(text, {"g": ["trans woman"]}) == ({"g"} if found else set())


@pytest.mark.parametrize("term", ["c++", "(w)hite", "a.b", "x|y", "[q]", "^top", "end$", "a*", "\\d", "what?", "$$$"])
def test_what_is_a_pattern_elsewhere_is_literal(term):
    assert mentions(f"so {term}, yes", {"g": [term]}) == {"g"}
    assert mentions("so c white axb x y q top end aaa 7 wha $", {"g": [term]}) == set()


def test_the_longest_of_overlapping_terms_counts():
    terms = {"female": ["woman", "women"], "trans": ["trans woman", "trans women"], None: ["wonder woman"]}
    assert mentions("a trans woman", terms) == {"trans"}
    assert mentions("Trans-women and a woman", terms) == {"trans", "female"}
    assert mentions("Wonder Woman", terms) == set()
    assert mentions("wonder woman is a woman", terms) == {"female"}
    # The first counts before the longest.
    assert mentions("a b c", {"one": ["a b"], "two": ["b c"], "three": ["c"]}) == {"one", "three"}


def test_a_term_of_several_groups():
    assert mentions("gay or straight", {"gay": ["gay or straight"], "straight": ["gay or straight"]}) == \
        {"gay", "straight"}


def test_case_where_it_counts():
    terms = {"british": [as_written("Brit"), as_written("Brits"), "british"], "trade": [as_written("IT"), "it worker"]}
    assert mentions("brit IT", terms) == {"trade"}
    assert mentions("Brits like it", terms) == {"british"}
    assert mentions("BRITISH ITs", terms) == {"british"}
    assert mentions("An It Worker", terms) == {"trade"}
    assert mentions("IT workers", {"a": [as_written("IT")], "b": ["it worker"]}) == {"b"}   # the longest
    assert mentions("It and IT’s", {"a": [as_written("IT")], "b": ["it"]}) == {"a", "b"}  # noqa: RUF001
    assert mentions("STRASSE and İstanbul", {"a": ["straße"], "b": ["istanbul"]}) == {"a", "b"}


def test_other_scripts():
    assert mentions("वह हिन्दू है", {"g": ["हिन्दू"]}) == {"g"}
    assert mentions("वह हिन्दूवाद है", {"g": ["हिन्दू"]}) == set()
    assert mentions("une MUSULMANE française", {"g": ["musulmane franc\u0327aise"]}) == {"g"}


# By the letter: the reference implementation for the test below.

def _spelled(text):
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("_", " ")  # noqa: RUF001
    return unicodedata.normalize("NFC", text.casefold())


def _end_of(term, text, at):
    """Where a term that begins at a position of a text ends, or None."""
    for letter in term:
        if letter == " ":
            start = at
            while at < len(text) and text[at].isspace():
                at += 1
            if at == start and text[at:at + 1] == "-":
                at += 1
            if at == start:
                return None
        elif text[at:at + 1] != letter:
            return None
        else:
            at += 1
    return at


def _part_of_a_word(letter):
    return letter.isalnum() or unicodedata.category(letter or " ")[0] == "M"


def by_the_letter(text, terms):
    text, at, found = _spelled(text), 0, set()
    forms = [(group, form) for group, words in terms.items() for word in words for form in (
        _spelled(word), _spelled(word) + "s")]
    while at < len(text):
        ends = [(end, group) for group, form in forms if (end := _end_of(form, text, at)) is not None
                and not _part_of_a_word(text[end:end + 1] or " ")]
        if ends and (at == 0 or not _part_of_a_word(text[at - 1])):
            longest = max(end for end, _ in ends)
            found |= {group for end, group in ends if end == longest and group is not None}
            at = longest
        else:
            at += 1
    return found


WORDS = ["a", "b", "a b", "b c", "a b a", "ab", "é", "a'b", "b-a", "c d"]
PIECES = [*WORDS, "A", "B", "As", " ", "  ", "\n", "-", "_", "'", "’", ".", "É", "e\u0301", "ß", "1", "\u0301",  # noqa: RUF001
          "🙂", "S"]
TERMS = st.dictionaries(st.sampled_from(["x", "y", "z"]), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
                        min_size=1)


@given(texts=st.lists(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), min_size=1, max_size=20), terms=TERMS,
       nobody=st.lists(st.sampled_from(WORDS), max_size=2), cased=st.booleans())
@example(texts=["a b"], terms={"x": ["a"], "y": ["b"]}, nobody=["a b"], cased=False)
@settings(max_examples=150, deadline=None)
def test_it_finds_what_a_reading_by_the_letter_finds(texts, terms, nobody, cased):
    terms = {**terms, None: nobody} if nobody else terms
    expected = [by_the_letter(text, terms) for text in texts]
    if cased:  # a term whose case counts, and that never occurs, takes the other way through the code
        terms = {**terms, "w": [as_written("Nowhere")]}
    cells = annotate_mentions(examples_of(*texts), {"c": terms}).groups["c"].to_list()
    assert [set(c) if isinstance(c, tuple) else {c} - {None} for c in cells] == expected


def test_more_terms_than_an_expression_should_have():
    rng = np.random.default_rng(0)
    words = ["".join(letters) for letters in rng.choice(list("abcdefghij"), (2500, 9))]
    texts = [f"{words[17]} here", f"{words[-1].title()}s and others", "word", ""]
    found = annotate_mentions(examples_of(*texts), {"c": {"g": words, "h": ["other"]}}).groups["c"].to_list()
    assert found == ["g", ("g", "h"), None, None]


def test_texts_of_every_kind():
    texts = ["Jews and Hindus", "nothing", "a Sikh", "ein Bäcker", "Jew"]
    kinds = [texts, np.array(texts, object), np.array(texts), Texts(pa.array(texts)),
             Texts(pa.chunked_array([texts[:2], [], texts[2:]])), np.array([t.encode() for t in texts], object),
             Texts(pa.array(texts, pa.large_string())), np.char.encode(np.array(texts), "utf-8")]
    for inputs in kinds:
        found = annotate_mentions(examples_of(*texts, inputs=inputs), "religion")
        assert found.groups["religion"].to_list() == [("hindu", "jewish"), None, "sikh", None, "jewish"]
        assert type(found.inputs) is type(fairkit.Examples(inputs=inputs, labels=[0] * 5, groups={}).inputs)


def test_everything_else_stays_as_it_is():
    inputs = {"text": np.array(["a man", "a nun", "a boy"], object), "length": np.array([5, 5, 5])}
    before = fairkit.Examples(inputs=inputs, labels=[0, 1, 2], groups={"color": ["red", None, "blue"]},
                              weights=[1, 2, 3], ids=["x", "y", "z"])
    after = annotate_mentions(before, ["gender"], inputs="text")
    assert list(before.groups) == ["color"] and list(after.groups) == ["color", "gender"]
    assert after.groups["gender"].to_list() == ["male", None, "male"]
    assert after.groups["gender"].values == ["male"]
    assert after.labels.tolist() == [0, 1, 2] and after.weights.tolist() == [1, 2, 3]
    assert after.ids.tolist() == ["x", "y", "z"] and after.inputs["text"] is inputs["text"]
    with pytest.raises(fairkit.FairkitError, match="group column 'gender' already.*replace=True"):
        annotate_mentions(after, "gender", inputs="text")
    again = annotate_mentions(after, {"gender": {"clergy": ["nun"]}}, inputs="text", replace=True)
    assert again.groups["gender"].to_list() == [None, "clergy", None]


def test_no_mention_and_no_examples():
    assert annotate_mentions(examples_of("a", "b"), "religion").groups["religion"].values == []
    empty = fairkit.Examples(inputs=np.array([], object), labels=np.array([], int), groups={})
    assert list(annotate_mentions(empty).groups) == list(MENTION_TERMS)


@pytest.mark.parametrize(("arguments", "message"), [
    (("religions",), "no list of terms 'religions'.*'religion' \\(the nearest\\)"),
    ((["religion", "race"],), "no list of terms 'race'"),
    (({},), "by column and group"),
    ((7,), "by column and group.*7"),
    (({"c": ["a"]},), "terms\\['c'\\] are not given by group"),
    (({"c": {}},), "not given by group"),
    (({"c": {None: ["a"]}},), "not given by group"),
    (({"": {"g": ["a"]}},), "no proper name"),
    (({"c": {3: ["a"]}},), "group of terms\\['c'\\].*3"),
    (({"c": {"g": []}},), "no words.*\\[\\]"),
    (({"c": {"g": [3]}},), "no text.*3"),
    (({"c": {"g": [" "]}},), "empty.*' '"),
    (({"c": {"g": [as_written(None)]}},), "no text"),
    (("religion", "text"), "these inputs have no names.*'text'"),
])
def test_bad_arguments(arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        annotate_mentions(examples_of("a"), *arguments)


@pytest.mark.parametrize(("inputs", "name", "message"), [
    (None, None, "no inputs"),
    (np.zeros((2, 3)), None, "no texts.*float64 of shape \\(2, 3\\)"),
    (np.array(["a", None], object), None, "an input is missing.*row 1"),
    (np.array(["a", "\ud800"], object), None, "no text.*row 1"),
    ({"a": np.array(["x", "y"]), "b": np.array(["x", "y"])}, None, "several inputs.*\\['a', 'b'\\]"),
    ({"title": np.array(["x", "y"])}, "titel", "no input 'titel'.*'title' \\(the nearest\\)"),
])
def test_inputs_that_are_no_texts(inputs, name, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        annotate_mentions(fairkit.Examples(inputs=inputs, labels=[0, 0], groups={}), "religion", name)


def test_what_is_no_examples():
    with pytest.raises(fairkit.FairkitError, match="in examples.*list"):
        annotate_mentions(["a"])


# The lists.

@pytest.mark.parametrize(("text", "column", "groups"), [
    ("The Jehovah’s Witnesses and the Latter-day Saints", "religion", {"christian"}),  # noqa: RUF001
    ("Islamophobia and anti-Semitism", "religion", {"muslim", "jewish"}),
    ("Christian Bale wore Christian Dior", "religion", set()),
    ("The Shi'a and the Shi’ites", "religion", {"muslim"}),  # noqa: RUF001
    ("oh Jesus, Merry Christmas", "religion", set()),
    ("trans women", "gender", {"transgender", "female"}),
    ("The Trans-Pacific Partnership and the Trans Mountain pipeline", "gender", set()),
    ("Oh man, a man-made son of a bitch", "gender", set()),
    ("she told him, you guys", "gender", set()),
    ("their wives, daughters and step-mothers", "gender", {"female"}),
    ("non-binary", "gender", {"nonbinary"}),
    ("Straight people, go straight home", "sexual_orientation", {"heterosexual"}),
    ("straight", "sexual_orientation", set()),
    ("gay or straight", "sexual_orientation", {"gay", "heterosexual"}),
    ("LGBTQ+ rights, same-sex couples", "sexual_orientation", {"lgbtq", "gay"}),
    ("a bi woman and her lesbian neighbour", "sexual_orientation", {"bisexual", "lesbian"}),
])
def test_the_lists_of_terms(text, column, groups):
    assert mentions(text, column, column) == groups


def test_the_lists_find_the_mentions_of_the_generated_comments():
    train, _ = fairkit.data.comments(3000)
    found = annotate_mentions(fairkit.Examples(inputs=train.inputs, labels=train.labels, groups={}),
                              ["religion", "gender"])
    for column in ("religion", "gender"):
        assert found.groups[column].to_list() == train.groups[column].to_list()


@pytest.mark.skipif(not MADLIBS.exists(), reason="no madlibs.csv beside the project")
def test_the_lists_on_sentences_made_of_identity_terms():
    texts = pd.read_csv(MADLIBS).Text
    found = annotate_mentions(examples_of(*texts))
    for column, group, words in [
        ("religion", "christian", "christian|catholic|protestant"), ("religion", "muslim", "muslim"),
        ("religion", "jewish", "jewish"), ("religion", "buddhist", "buddhist"), ("religion", "sikh", "sikh"),
        ("gender", "female", "female"), ("gender", "male", "male"), ("gender", "transgender", "trans|transgender"),
        ("gender", "nonbinary", "nonbinary"), ("sexual_orientation", "gay", "gay|homosexual"),
        ("sexual_orientation", "lesbian", "lesbian"), ("sexual_orientation", "bisexual", "bisexual"),
        ("sexual_orientation", "heterosexual", "heterosexual"), ("sexual_orientation", "lgbtq", "lgbtq?|queer"),
    ]:
        there = texts.str.contains(rf"\b(?:{words})\b", case=False, regex=True).to_numpy()
        np.testing.assert_array_equal(found.groups[column].match(column, group), there, err_msg=group)


@pytest.mark.skipif(not HATEXPLAIN.exists(), reason="no hatexplain.csv beside the project")
def test_agreement_with_annotation_by_people_is_as_the_docs_say():
    posts = pd.read_csv(HATEXPLAIN)
    found = annotate_mentions(examples_of(*posts.comment))
    for column, groups, target, precision, recall in [
        ("religion", ["muslim"], posts.Religion == "Islam", 0.70, 0.60),
        ("religion", ["jewish"], posts.Religion == "Jewish", 0.68, 0.48),
        ("gender", ["female"], posts.Gender == "Women", 0.33, 0.36),
        ("sexual_orientation", ["gay", "lesbian", "lgbtq"], posts["Sexual Orientation"] == "Homosexual", 0.61, 0.44),
    ]:
        hit = found.groups[column].match(column, groups)
        assert np.mean(target[hit]) == pytest.approx(precision, abs=0.01)
        assert np.mean(hit[target]) == pytest.approx(recall, abs=0.01)
