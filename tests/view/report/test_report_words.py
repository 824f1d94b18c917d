"""How data are spoken of: digits, comments, files with and without names for their labels."""

import pytest

from fairkit.view.report.figures import points, share
from fairkit.view.report.words import quoted, slice_label, words_of

ORANGE, BLUE = (("color", "orange"),), (("color", "blue"),)


@pytest.mark.parametrize("description, class_id, key, metric, said", [
    ({"data": "digits"}, 8, ORANGE, "false_positive_rate",
     ("orange digits that are not 8s", "are read as an 8")),
    ({"data": "digits"}, 8, (*ORANGE, ("digit", "3")), "false_positive_rate", ("orange 3s", "are read as an 8")),
    ({"data": "digits"}, 3, (*ORANGE, ("digit", "3")), "recall", ("orange 3s", "are read as a 3")),
    ({"data": "digits"}, 8, ORANGE, "precision", ("orange digits that are read as an 8", "are in truth 8s")),
    ({"data": "digits"}, None, ORANGE, "accuracy", ("orange digits", "are read rightly")),
    ({"data": "comments"}, None, (("religion", "muslim"),), "false_positive_rate",
     ("harmless comments that mention muslims", "are flagged as toxic")),
    ({"data": "comments"}, None, (("gender", "female"), ("religion", "muslim")), "false_negative_rate",
     ("toxic comments that mention women and muslims", "are not flagged as toxic")),
    ({"data": "posts.csv", "negative": ["normal"], "mentions": ["religion"]}, None, (("religion", "jewish"),),
     "false_positive_rate", ("texts that are labelled normal and mention jews", "are flagged as not normal")),
    ({"data": "posts.csv", "positive": ["hate", "abuse"]}, None, (("age", "[18, 65)"),), "false_negative_rate",
     ("examples with age [18, 65) that are labelled hate or abuse", "are not flagged as hate or abuse")),
    ({"data": "pets.csv", "class_names": ["cat", "dog"], "images": []}, 1, (), "false_positive_rate",
     ("images that are not of class dog", "are taken for class dog")),
    ({}, None, (("sex", "f"),), "true_negative_rate", ("negative examples with sex f", "are predicted negative")),
    ({}, 2, (), "recall", ("examples that are of class 2", "are taken for class 2")),
])
def test_a_rate_in_words(description, class_id, key, metric, said):
    assert words_of(description, class_id).share(metric, key) == said


def test_what_the_user_says_goes_first():
    words = words_of({"data": "digits"}, noun="loans", positive="refused")
    assert words.share("false_positive_rate", ORANGE) == ("orange loans that are not refused",
                                                           "are flagged as refused")
    assert words.question("positive_rate") == "How often are loans flagged as refused"
    assert words_of({}, negative="well").question("false_negative_rate") == \
        "How often are examples that are not well not flagged as not well"


def test_the_other_side_in_short():
    digits, comments = words_of({"data": "digits"}, 8), words_of({"data": "comments"})
    assert digits.other(ORANGE, BLUE) == "blue ones" and digits.other(ORANGE, ()) == "overall"
    assert digits.other((*ORANGE, ("digit", "3")), (*BLUE, ("digit", "3"))) == "blue ones"
    assert comments.other((("religion", "muslim"),), (("religion", "hindu"),)) == "those that mention hindus"
    assert words_of({}).other((("age", "old"), ("sex", "f")), (("age", "young"), ("sex", "m"))) == \
        "those with age young and sex m"


def test_values_from_data_stay_values():
    assert quoted("x" * 10_000) == "“" + "x" * 59 + "…”"
    assert quoted("a\nb") == "a b" and quoted("<b>") == "“<b>”" and quoted("") == "“”"
    assert quoted("\u202egnorw") == "“\\u202egnorw”"
    arabic = quoted("مرحبا")
    assert arabic[0] == "\N{FIRST STRONG ISOLATE}" and arabic[-1] == "\N{POP DIRECTIONAL ISOLATE}"
    assert slice_label(()) == "Overall" and slice_label((*BLUE, ("digit", "3"))) == "color blue, digit 3"


def test_figures():
    assert share(0.136, 0.12, 0.153) == "13.6 % (12.0 to 15.3)" and share(float("nan")) == "undefined"
    assert points(-0.0311) == "\N{MINUS SIGN}3.1" and points(0.0) == "0.0"
    assert points(0.004, 0.0002, 0.008) == "0.40 (0.02 to 0.80)"   # a bound that is not 0 is not written as 0
