"""What counts as positive, which class a label names, and that nothing is guessed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit


def labels(cells, **how):
    return fairkit.data.read(pd.DataFrame({"y": cells}), label="y", **how).labels.tolist()


@pytest.mark.parametrize(("cells", "how", "expected"), [
    ([0, 1, 1], {}, [0, 1, 1]), ([True, False], {}, [1, 0]), (["0", "1"], {}, [0, 1]), ([1, 1], {}, [1, 1]),
    ([0.0, 1.0], {"positive": 1}, [0, 1]), ([0.0, 1.0], {"positive": "1"}, [0, 1]),
    ([1, 2, 5], {"positive": [4, "5"]}, None),
    ([1, 2, 5], {"positive": [2, "5"]}, [0, 1, 1]), ([1, 2, 5], {"negative": 1.0}, [0, 1, 1]),
    ([0.2, 0.5], {"positive": ">=.5"}, [0, 1]), ([0.2, 0.5], {"positive": ">0.5"}, [0, 0]),
    ([True, False], {"positive": "false"}, [0, 1]), (["yes", "no"], {"negative": "no"}, [1, 0]),
    (["b", "a", "c"], {"classes": ["a", "b", "c"]}, [1, 0, 2]), ([2, 0], {"classes": 3}, [2, 0]),
    (["2", "0"], {"classes": 3}, [2, 0]), ([5, 7], {"classes": [7, 6, 5]}, [2, 0]),
    (pd.Categorical(["no", "yes"]), {"positive": "yes"}, [0, 1]),
    ([0.0, 1.0], {}, [0, 1]), (["0.0", "1.0"], {}, [0, 1]), (["2.0", "0.0"], {"classes": 3}, [2, 0]),
    (["1.0", "2.0"], {"positive": 2}, [0, 1]), ([True, False], {"positive": 1}, [1, 0]),
])
def test_labels(cells, how, expected):
    if expected is None:
        with pytest.raises(fairkit.FairkitError, match="no label in column 'y' is 4"):
            labels(cells, **how)
    else:
        assert labels(cells, **how) == expected


@pytest.mark.parametrize(("cells", "how", "message"), [
    ([0.0, 1.5], {}, "not 0 and 1.*positive=.*Received: 0.0, 1.5"),
    (["0.0", "1.00"], {}, "not 0 and 1.*'0.0', '1.00'"),
    (["yes", "no"], {}, "not 0 and 1.*'no', 'yes'"),
    ([0, 1, 2], {}, "not 0 and 1.*classes="),
    ([1, -1], {}, "not 0 and 1"),
    ([None, "1"], {}, "empty cells.*row 0"),
    ([1, np.nan], {"positive": 1}, "empty cells.*row 1"),
    ([1, np.nan], {"positive": ">0"}, "missing.*row 1"),
    (["a", "b", "d"], {"classes": ["a", "b", "c"]}, "a label in column 'y' is no class.*'d' in row 2"),
    ([0, 3], {"classes": 3}, "no class.*class ids from 0 to 2.*3 in row 1"),
    ([0, 1], {"classes": 1}, "classes are not named"),
    ([0, 1], {"classes": ["a", "a"]}, "classes are not named"),
    ([0, 1], {"classes": 2, "positive": 1}, "both positive and classes"),
    ([[0, 1], [1, 0]], {}, "several labels in a row"),
    ([{"a": 1}, {"a": 2}], {}, "one label a row"),
])
def test_what_is_no_label(cells, how, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        labels(cells, **how)


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0, 1), st.sampled_from([">", ">="]))
def test_a_threshold_compares_as_python_does(scores, limit, sign):
    expected = [score > limit if sign == ">" else score >= limit for score in scores]
    assert labels(scores, positive=f"{sign}{limit!r}") == expected


@pytest.mark.parametrize(("cell", "groups"), [
    ("['christian', 'muslim']", ("christian", "muslim")), ('["a"]', "a"), ("[]", None), ("[ ]", None),
    ("[a, b ]", ("a", "b")), (r"['it\'s', \"x,y\"]".replace('\\"', '"'), ("it's", "x,y")), ('["\\u00e9", nan]', "é"),
    ("['a', None, '']", "a"),
])
def test_written_lists(cell, groups):
    frame = pd.DataFrame({"y": [1], "g": [cell]})
    assert fairkit.data.read(frame, label="y", groups="g", separator="list").groups["g"].to_list() == [groups]


@pytest.mark.parametrize("cell", ["christian", "['a'", "['a'] b", "['a' 'b']", "[['a']]", "{'a'}", "[" * 9999,
                                  "__import__('os')"])
def test_what_is_no_written_list_runs_nothing(cell):
    frame = pd.DataFrame({"y": [1, 1], "g": ["[]", cell]})
    with pytest.raises(fairkit.FairkitError, match="is no list.*row 1"):
        fairkit.data.read(frame, label="y", groups="g", separator="list")


def test_values_that_mean_no_group():
    frame = pd.DataFrame({"y": [1, 0, 1], "g": ["none", "a", "b|none"]})
    assert fairkit.data.read(frame, label="y", groups="g", no_group="none").groups["g"].to_list() == [
        None, "a", "b|none"]
    assert fairkit.data.read(frame, label="y", groups="g", no_group=["none", "a"], separator="|").groups[
        "g"].to_list() == [None, None, "b"]


@pytest.mark.parametrize("spelling", ["NA", "nan", "null", "None", " ", "", "#N/A"])
def test_how_files_write_a_missing_label(spelling):
    for how in ({"positive": "rude"}, {"negative": "fine"}, {"classes": ["fine", "rude"]}):
        with pytest.raises(fairkit.FairkitError, match="empty cells.*has to be named.*row 2"):
            labels(["rude", "fine", spelling], **how)
    assert labels(["rude", "fine", spelling], negative=["fine", spelling]) == [1, 0, 0]


@pytest.mark.parametrize(("cells", "how", "message"), [
    (["toxic", "Toxic", "fine"], {"positive": "toxic"}, "only in how they are written.*'Toxic' beside 'toxic'"),
    (["toxic", "toxic ", "fine"], {"positive": "toxic"}, "'toxic ' beside 'toxic'"),
    (["1", "1.00", "0"], {"positive": 1}, "'1.00' beside 1"),
    (["fine", "FINE", "rude"], {"negative": "fine"}, "'FINE' beside 'fine'"),
])
def test_labels_that_differ_only_in_how_they_are_written(cells, how, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        labels(cells, **how)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_threshold_is_compared_in_the_precision_of_its_column(kind):
    shares = np.arange(11) / 10
    for limit in range(11):
        for sign, expected in ((">=", range(11) >= np.int64(limit)), (">", range(11) > np.int64(limit))):
            assert labels(shares.astype(kind), positive=f"{sign}{limit / 10}") == list(expected)


def test_true_and_false_in_texts():
    assert labels(["True", "False"]) == [1, 0] and labels(["true", "true"]) == [1, 1]
    with pytest.raises(fairkit.FairkitError, match="not 0 and 1"):
        labels(["True", "0"])


def test_no_text_takes_long_to_read_as_a_list():
    for cell in ("[" + " " * 200_000 + "x'", "['" + "\\" * 200_000, "[" + "a" * 200_000, "[" + "'a'," * 50_000):
        with pytest.raises(fairkit.FairkitError, match="is no list"):
            fairkit.data.read(pd.DataFrame({"y": [1], "g": [cell]}), label="y", groups="g", separator="list")


def test_a_value_for_no_group_that_never_occurs():
    frame = pd.DataFrame({"y": [1, 0], "g": ["Nonreligious", "a"]})
    with pytest.raises(fairkit.FairkitError, match="no cell of a group column is 'nonreligious'.*'Nonreligious'"):
        fairkit.data.read(frame, label="y", groups="g", no_group="nonreligious")


def test_an_empty_text_is_no_group_and_numbers_are_not_split():
    frame = pd.DataFrame({"y": [1, 0], "g": ["", "a"], "n": [1.5, 2.25]})
    groups = fairkit.data.read(frame, label="y", groups=["g", "n"], separator=".").groups
    assert groups["g"].to_list() == [None, "a"] and groups["n"].to_list() == [1.5, 2.25]


def test_inputs_that_are_no_numbers_are_bad_rows():
    frame = pd.DataFrame({"y": [1, 0, 1], "v": [[1.0, 2.0], [np.inf, 0.0], [3.0, 4.0]]})
    with pytest.raises(fairkit.FairkitError, match="input in column 'v' is no number.*inf in row 1"):
        fairkit.data.read(frame, "v", label="y")
    assert fairkit.data.read(frame, "v", label="y", bad_rows="set aside").inputs.tolist() == [[1, 2], [3, 4]]
