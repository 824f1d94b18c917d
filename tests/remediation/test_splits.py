import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit import Examples, FairkitError, only
from fairkit.remediation import min_diff_splits
from fairkit.remediation.splits import condition_text

EXAMPLES = Examples(labels=[0, 1, 0, 1, 0, 0], groups={
    "religion": ["christian", "christian", ["christian", "muslim"], "muslim", "muslim", None]})
MUSLIM, CHRISTIAN = {"religion": "muslim"}, {"religion": "christian"}


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["orange", "blue", "green"])), min_size=1),
       st.sampled_from(["false_positive_rate", "false_negative_rate"]), st.sampled_from([[1], [2, 3], 0]))
def test_splits_are_the_rows_of_the_group_and_the_label(rows, error_rate, classes):
    labels, colors = map(np.array, zip(*rows))
    positive = np.isin(labels, classes)
    wanted = positive if error_rate == "false_negative_rate" else ~positive
    expected = [np.flatnonzero((colors == color) & wanted) for color in ("orange", "blue")]
    examples = Examples(labels=labels, groups={"color": colors})
    known = np.isin(classes, labels).all() and {"orange", "blue"} <= set(colors)
    if not known or not all(len(rows) for rows in expected):
        with pytest.raises(FairkitError):
            min_diff_splits(examples, {"color": "orange"}, {"color": "blue"}, error_rate, classes)
        return
    splits = min_diff_splits(examples, {"color": "orange"}, {"color": "blue"}, error_rate, classes)
    assert [split.ids.tolist() for split in splits] == [rows.tolist() for rows in expected]


def test_overlap_is_refused_unless_allowed():
    with pytest.raises(FairkitError, match="1 examples in both"):
        min_diff_splits(EXAMPLES, MUSLIM, CHRISTIAN)
    both = min_diff_splits(EXAMPLES, MUSLIM, CHRISTIAN, allow_overlap=True)
    assert [split.ids.tolist() for split in both] == [[2, 4], [0, 2]]
    alone = min_diff_splits(EXAMPLES, MUSLIM, {"religion": only("christian")})
    assert [split.ids.tolist() for split in alone] == [[2, 4], [0]]
    # The example in both is a negative, so the positives do not overlap.
    positives = min_diff_splits(EXAMPLES, MUSLIM, CHRISTIAN, "false_negative_rate")
    assert [split.ids.tolist() for split in positives] == [[3], [1]]


def test_all_others_are_everything_outside_the_group():
    splits = min_diff_splits(EXAMPLES, MUSLIM, None)
    assert [split.ids.tolist() for split in splits] == [[2, 4], [0, 5]]


@pytest.mark.parametrize("arguments, match", [
    (({"religion": "moslem"}, CHRISTIAN), "no example has religion = 'moslem'.*'muslim' .the nearest."),
    (({"religoin": "muslim"}, CHRISTIAN), "'religion' .the nearest."),
    ((MUSLIM, {"religion": lambda r: False}), "nonsensitive split is empty: no negative example with religion meets"),
    (({"religion": only("muslim", "christian")}, None, "false_negative_rate"), "sensitive split is empty: no positive"),
    ((MUSLIM, CHRISTIAN, "fpr"), "error rate 'fpr'"),
    ((MUSLIM, CHRISTIAN, "false_positive_rate", [8]), "no example is labelled 8"),
    ((MUSLIM, CHRISTIAN, "false_positive_rate", []), "no class is named"),
    (("muslim", CHRISTIAN), "a dict such as"),
])
def test_what_gives_no_splits_is_refused(arguments, match):
    with pytest.raises(FairkitError, match=match):
        min_diff_splits(EXAMPLES, *arguments)


def test_classes_are_needed_for_more_than_two_labels():
    examples = Examples(labels=[0, 1, 2], groups={"color": ["orange", "blue", "blue"]})
    with pytest.raises(FairkitError, match=r"which class is the positive one.*label 2"):
        min_diff_splits(examples, {"color": "orange"}, {"color": "blue"})


def test_conditions_in_words():
    assert condition_text({"a": only("x", "y"), "b": 3}) == "a = only x and y and b = 3"
    assert condition_text(None, {"a": "x"}) == "not (a = x)"
