import numpy as np
import pytest

from fairkit import Examples, FairkitError
from fairkit.remediation.applications import applications, by_name

RELIGION = ["muslim", "jewish", ["muslim", "jewish"], None, "christian", None] * 4
GENDER = ["female", None, None, "female", None, "male"] * 4
LABELS = np.arange(24) // 6 % 2 == 0
EXAMPLES = Examples(labels=LABELS.astype(int), groups={"religion": RELIGION, "gender": GENDER})
MUSLIM, JEWISH, FEMALE = {"religion": "muslim"}, {"religion": "jewish"}, {"gender": "female"}


def positions(name, value, label):
    column = {"religion": RELIGION, "gender": GENDER}[name]
    return {k for k, cell in enumerate(column) if value in (cell if isinstance(cell, list) else [cell])
            and LABELS[k] == label}


def test_several_groups_are_compared_with_what_is_outside_all_of_them():
    found = applications(EXAMPLES, {"muslims": MUSLIM, "women": FEMALE})
    inside = positions("religion", "muslim", False) | positions("gender", "female", False)
    assert [each.name for each in found] == ["muslims", "women"]
    assert [set(each.rows[0]) for each in found] == [positions("religion", "muslim", False),
                                                     positions("gender", "female", False)]
    for each in found:
        assert set(each.rows[1]) == {k for k in range(24) if not LABELS[k]} - inside
        assert each.nonsensitive == "not (religion = muslim or gender = female)"


def test_pooled_groups_are_one():
    (pooled,) = applications(EXAMPLES, [MUSLIM, FEMALE])
    assert set(pooled.rows[0]) == positions("religion", "muslim", False) | positions("gender", "female", False)
    assert pooled.name is None and pooled.sensitive == "religion = muslim or gender = female"
    (named,) = applications(EXAMPLES, {"both": [MUSLIM, FEMALE]})
    assert named.name == "both" and set(named.rows[0]) == set(pooled.rows[0])


def test_each_group_may_have_a_reference_of_its_own_and_both_rates():
    found = applications(EXAMPLES, {"muslims": MUSLIM, "women": FEMALE},
                         {"muslims": {"religion": "christian"}, "women": {"gender": "male"}},
                         ["false_positive_rate", "false_negative_rate"])
    assert by_name(found, lambda each: each.nonsensitive) == {
        "muslims_false_positive_rate": "religion = christian", "muslims_false_negative_rate": "religion = christian",
        "women_false_positive_rate": "gender = male", "women_false_negative_rate": "gender = male"}
    assert set(found[1].rows[0]) == positions("religion", "muslim", True)
    assert set(found[3].rows[1]) == positions("gender", "male", True)


def test_one_group_and_both_rates_are_named_by_the_rates():
    found = applications(EXAMPLES, MUSLIM, None, ("false_negative_rate", "false_positive_rate"))
    assert [each.name for each in found] == ["false_negative_rate", "false_positive_rate"]
    assert by_name(applications(EXAMPLES, MUSLIM), lambda each: each.sensitive) == "religion = muslim"


def test_a_group_called_like_its_column_is_not_taken_for_conditions():
    (found,) = applications(EXAMPLES, {"religion": ["muslim", "jewish"]})
    assert found.name is None and found.sensitive == "religion = muslim or jewish"


@pytest.mark.parametrize("arguments, match", [
    (({"muslims": MUSLIM}, {"moslems": JEWISH}), "no sensitive group 'moslems'.*'muslims' .the nearest"),
    (({"a": MUSLIM, "b": FEMALE}, {"a": {"religion": "christian"}}), "'b' has no group to be compared with"),
    ((MUSLIM, JEWISH), "overlap: religion = muslim and religion = jewish"),
    ((MUSLIM, None, []), "error rates"), ((MUSLIM, None, ["false_positive_rate"] * 2), "error rates"),
    ((MUSLIM, None, ["fpr"]), "error rate 'fpr'"), (([],), "list of such dicts"),
    ((MUSLIM, None, "false_positive_rate", None, False, 7), "negatives with religion = muslim. Expected: at least 7 "),
    ((MUSLIM, None, "false_negative_rate", None, False, 5), "positives with religion = muslim. Expected: at least 5 "),
])
def test_what_makes_no_applications_is_refused(arguments, match):
    with pytest.raises(FairkitError, match=match):
        applications(EXAMPLES, *arguments)
