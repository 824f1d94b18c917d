"""Swapping mentions: case, plural, articles, what stays; and the lists of counterparts against those of mentions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit import FairkitError
from fairkit.data import COUNTERPARTS, MENTION_TERMS, annotate_mentions, swap_mentions
from fairkit.texts import Texts

PETS = {"cat": ["cat", "kitten", "feline"], "dog": [["dog", "hound"], "puppy", None]}


def swapped(text, terms="religion", **options):
    return swap_mentions([text], terms, **options)[0]


@pytest.mark.parametrize("text, to, found", [
    ("Muslim", "christian", "Christian"), ("MUSLIM", "christian", "CHRISTIAN"), ("muslims", "christian", "christians"),
    ("mosques, Mosques!", "christian", "churches, Churches!"), ("the Qur’an", "christian", "the Bible"),  # noqa: RUF001
    ("anti-muslim", "jewish", "anti-jewish"), ("#muslim_ban", "hindu", "#hindu_ban"),
    ("a Muslim.", "jewish", "a Jew."), ("a muslim who", "jewish", "a jew who"), ("a Muslim man", "jewish",
                                                                                 "a Jewish man"),
    ("she is muslim", "jewish", "she is jewish"), ("islamic", "jewish", "jewish"),
    ("the Muslims' and a Muslim's", "jewish", "the Jews' and a Jew's"),
    ("a muslim", "atheist", "an atheist"), ("An atheist", "muslim", "A muslim"), ("AN ATHEIST", "muslim", "A MUSLIM"),
    ("Jews and catholics", "muslim", "Muslims and muslims"), ("muslims", "muslim", "muslims"),
    ("Christian Dior", "muslim", "Christian Dior"), ("muslimah premuslim", "jewish", "muslimah premuslim"),
    ("Gurdwara", "atheist", "Gurdwara"), ("a mosque of atheists", "atheist", "a mosque of atheists"),
    ("mus\u00adlim’s ok", "hindu", "hindu’s ok"), ("é muslim ﬂag", "hindu", "é hindu ﬂag"),  # noqa: RUF001
    ("", "hindu", ""), ("latter-day", "hindu", "latter-day"), ("non-believers", "sikh", "sikhs"),
])
def test_one_religion_in_the_place_of_another(text, to, found):
    assert swapped(text, to=to) == found


@pytest.mark.parametrize("text, found", [
    ("My MOTHER's sisters", "My FATHER's brothers"), ("wives and ladies", "husbands and gentlemen"),
    ("women", "men"), ("husbands", "wives"), ("Mother Nature", "Mother Nature"), ("she said", "she said"),
    ("men and women", "women and men"), ("Mums", "Dads"),
])
def test_two_groups_change_places(text, found):
    assert swapped(text, "gender") == found


def test_a_text_of_several_groups_gets_as_many_others():
    for seed in range(20):
        made = swapped("muslim, jewish, hindu", seed=seed).split(", ")
        assert len(set(made)) == 3
        assert all(one != other for one, other in zip(made, ["muslim", "jewish", "hindu"]))


def test_a_mapping_leaves_what_it_does_not_name():
    to = {"muslim": "christian", "christian": "muslim"}
    assert swapped("Muslims, Christians and Jews", to=to) == "Christians, Muslims and Jews"


def test_what_is_drawn_depends_on_the_seed_and_the_text_alone():
    texts = ["a muslim here", "muslims there", "nothing", "a muslim here"]
    made = swap_mentions(texts, "religion", seed=5)
    assert made[0] == made[3] and made.tolist() == [swapped(text, seed=5) for text in texts]
    assert len({swapped(texts[0], seed=seed) for seed in range(40)}) == 6


def test_words_of_the_users_own():
    assert swapped("A Kitten, two hounds, a bird", PETS) == "A Puppy, two cats, a bird"
    # The feline has no counterpart, so the cats beside it stay, too.
    assert swapped("A feline cat", PETS) == "A feline cat"
    assert swapped("a Dog-and-Pony dog", {**PETS, None: ["dog and pony"]}) == "a Dog-and-Pony cat"


@given(st.lists(st.sampled_from(["muslim", "Jews", "A", "church", "é", "’", "x.", "_", "-", "ATHEISTS", "ﬂ"]),  # noqa: RUF001
                max_size=8), st.sampled_from(["", " "]))
def test_twice_back_and_forth_is_the_same_text_and_the_rest_stays(words, space):
    groups = {"muslim": ["muslim", "mosque"], "jewish": ["jew", "church"]}
    text = space.join(words)
    once = swapped(text, groups)
    assert swapped(once, groups) == text
    assert len(once.split(" ")) == len(text.split(" "))


def test_arrow_texts_and_other_inputs():
    import pyarrow as pa

    assert swap_mentions(Texts(pa.array(["muslims", "x"])), "religion", to="sikh").tolist() == ["sikhs", "x"]
    assert swap_mentions(np.array([b"muslims"]), "religion", to="sikh").tolist() == ["sikhs"]
    assert swap_mentions([], "religion").tolist() == []


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_the_lists_agree_with_the_mentions(name):
    groups = {group: places for group, places in COUNTERPARTS[name].items() if group is not None}
    assert len({len(places) for places in groups.values()}) == 1
    words = [(group, word) for group, places in groups.items() for place in places if place is not None
             for word in ([place] if isinstance(place, str) else place)]
    texts = [word for _, word in words]
    examples = fairkit.Examples(inputs=texts, labels=[0] * len(texts), groups={})
    found = annotate_mentions(examples, name).groups[name].to_list()
    new = {word for (group, word), cell in zip(words, found) if cell is None}
    assert all(cell in (group, None) or group in cell for (group, _), cell in zip(words, found))
    assert new <= {"pastor", "pali canon", "christianophobia", "bhagavad gita", "hinduphobia", "guru granth sahib",
                   "biphobe", "heterophobic", "heterophobia", "heterophobe", "lesbophobic", "lesbophobia",
                   "lesbophobe"}
    assert COUNTERPARTS[name][None] == MENTION_TERMS[name][None]
    everywhere = swap_mentions(texts, name)
    assert all(a != b for a, b, (group, _) in zip(texts, everywhere, words))


@pytest.mark.parametrize("terms, options, match", [
    ("religions", {}, r"'religion' \(the nearest\)"), ({"a": ["x"]}, {}, "two groups or more"),
    ({"a": ["x", "y"], "b": ["z"]}, {}, "'a': 2, 'b': 1"), ({"a": ["x"], "b": ["x"]}, {}, "'x' is a word of two"),
    ({"a": [""], "b": ["x"]}, {}, "holds no words"), ({"a": [], "b": ["x"]}, {}, "no list"),
    ("religion", {"to": "muslims"}, r"'muslim' \(the nearest\)"), ("religion", {"to": {"jew": "muslim"}}, "'jew'"),
    ("religion", {"to": {"muslim": "jew"}}, "'jew'"),
])
def test_what_cannot_be_swapped_is_refused(terms, options, match):
    with pytest.raises(FairkitError, match=match):
        swap_mentions(["x"], terms, **options)
    with pytest.raises(FairkitError, match="no texts"):
        swap_mentions(np.zeros((2, 2)), "religion")


def test_colours_are_exchanged_and_others_stay():
    pixels = np.array([[[[255, 165, 0], [0, 0, 255], [0, 0, 0], [1, 2, 3]]]], np.uint8)
    assert fairkit.data.swap_colors(pixels)[0, 0].tolist() == [[0, 0, 255], [255, 165, 0], [0, 0, 0], [1, 2, 3]]
    assert fairkit.data.swap_colors(pixels, ((1, 2, 3), "blue"))[0, 0, [1, 3]].tolist() == [[1, 2, 3], [0, 0, 255]]
    for images, colors, match in ((pixels[0], ("orange", "blue"), "no coloured images"), (pixels, "orange", "two"),
                                  (pixels, ("orange", "red"), "no colour 'red'"), (pixels, ((1, 2), "blue"), "triple")):
        with pytest.raises(FairkitError, match=match):
            fairkit.data.swap_colors(images, colors)
